"""The facts that identify a report on its cover and first page, as known on the day of the
document, and the table of the acronyms that it uses.
"""

import re
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext as _, pgettext
from django_countries.fields import Country

from accounts.models import User
from committees.models import Audience
from committees.permissions.amounts import SEES_MONEY
from kernel.formats import day, day_range, join_list, money
from partners.models import Agreement, Institution, InstitutionName
from projects.iati.sources import reporter_of
from projects.models import Amendment, Assignment, Participation, Period, Project
from reports.compose.blocks import cell, field, table_of
from reports.compose.frame import organisation
from reports.compose.reading import DocumentReading, ReportReading, in_language, local_text
from reports.document_types import Block, LocalText

# Only the team and the donor see contributions and agreements
# (`projects.permissions.money.may_see_budget`).


def identification(reading: ReportReading, *, report_type: str = "") -> list[tuple[str, str]]:
    """Return labels with their values, without those that are not known.

    `report_type` is the name that the preset has. Persons appear by their function.
    """
    report, project = reading.report, reading.project
    rows: list[tuple[object, object]] = [
        (_("Report"), report_type),
        (_("Organisation"), organisation(reading)),
        (_("Country"), _countries(reading)),
        (_("Donor"), _donors(reading)),
        (_("Donor's project number"), project.donor_number),
        (_("Agreement"), _agreements(reading)),
        *_codes_of_agreements(reading),
        (_("IATI identifier"), _iati_identifier(reading)),
        (_("Reporting period"), day_range(reading.start, reading.end)),
        (_("Donor's fiscal year"), _fiscal_years(reading)),
        (_("Start of the project"), day(project.starts_on)),
        (_("End as first agreed"), day(project.original_end)),
        (_("End as amended"), amended_end(reading)),
        *_contribution(reading),
        (_("Version"), version_text(reading)),
        (_("Language"), capfirst(get_language_info(reading.language)["name_local"])),
        (_("Prepared by"), _function_of(reading, report.written_by)),
        (pgettext("a report", "Approved by"), _approval(reading)),
        (_("Prepared for"), Audience(reading.audience).label),
    ]
    return [(capfirst(str(label)), str(value)) for label, value in rows if value]


def amended_end(reading: ReportReading) -> str:
    """Return the end of the project as of the day of the document, if it is not the original
    one."""
    end = reading.current_end
    return day(end) if end != reading.project.original_end else ""


def version_text(reading: ReportReading) -> str:
    """Return version and day of a report that was signed off by the day of the document; else a
    draft."""
    report = reading.report
    if not reading.knows(report.signed_off_on):
        return _("%(number)s, draft") % {"number": report.version}
    return _("%(number)s, signed off on %(day)s") % {
        "number": report.version,
        "day": day(report.signed_off_on),
    }


def _countries(reading: ReportReading) -> str:
    countries = reading.once("countries", lambda: list(reading.project.countries.all()))
    return _listed(map(str, countries)) or country_of(reading.project)


def country_of(project: Project) -> str:
    """Return the name of the country in the active language."""
    return str(Country(str(project.country)).name)


def _funding(reading: ReportReading) -> list[Participation]:
    rows = reading.project.participations.filter(role=Participation.Role.FUNDING)
    return reading.once(
        "funding", lambda: list(rows.with_institutions().select_related("agreement"))
    )


def _donors(reading: ReportReading) -> str:
    return _listed(
        str(one.institution.name_on(reading.names_on) or "") for one in _funding(reading)
    )


def _listed(names: Iterable[str]) -> str:
    """Return the names that are known as one text, or nothing."""
    known = [name for name in names if name]
    return join_list(known) if known else ""


def _agreements(reading: ReportReading) -> str:
    """Return the donors' agreements with the days of their signature.

    Only the project's own people and the donors see them
    (`projects.permissions.visible_agreements`).
    """
    if reading.audience not in SEES_MONEY:
        return ""
    shown = []
    for agreement in _known_agreements(reading):
        signed, name = agreement.signed_on, str(agreement)
        shown.append(
            _("%(agreement)s, %(day)s") % {"agreement": name, "day": day(signed)}
            if signed
            else name
        )
    return _listed(shown)


def _known_agreements(reading: ReportReading) -> list[Agreement]:
    """Return the donors' agreements that were signed by the day of the document."""
    agreements = (one.agreement for one in _funding(reading) if one.agreement)
    return [one for one in agreements if not one.signed_on or reading.knows(one.signed_on)]


def _codes_of_agreements(reading: ReportReading) -> list[tuple[str, str]]:
    """Return by what the donors' books find the agreements, for the same readers."""
    if reading.audience not in SEES_MONEY:
        return []
    agreements = _known_agreements(reading)
    return [
        (_("Purchase order"), _listed(one.purchase_order for one in agreements)),
        (_("Vendor number"), _listed(one.vendor_number for one in agreements)),
        (_("Fund or cost centre"), _listed(one.fund_code for one in agreements)),
    ]


def _iati_identifier(reading: ReportReading) -> str:
    reporter = reporter_of(reading.project)
    return f"{reporter}-{reading.project.code}" if reporter else ""


def _fiscal_years(reading: ReportReading) -> str:
    """Return the donor's fiscal years that the report touches, unless one equals its period."""
    years = reading.project.periods.filter(
        kind=Period.Kind.FISCAL_YEAR, start__lte=reading.end, end__gte=reading.start
    ).order_by("start")
    own = reading.report.period_id
    found = reading.once("fiscal years", lambda: list(years))
    return _listed(day_range(year.start, year.end) for year in found if year.pk != own)


def _approval(reading: ReportReading) -> str:
    report = reading.report
    if not (report.signed_off_by and reading.knows(report.signed_off_on)):
        return ""
    return _function_of(reading, report.signed_off_by)


def _function_of(reading: ReportReading, user: User) -> str:
    """Return the function of a person in the project; no document has the name."""
    rows = Assignment.objects.filter(project=reading.project, user=user)
    roles = reading.once(f"assignments of {user.pk}", lambda: list(rows))
    functions = [str(one.get_role_display()) for one in roles]
    if not functions and user.is_staff:
        functions = [_("Administration")]
    return capfirst(_listed(functions))


# Money


def _contribution(reading: ReportReading) -> list[tuple[str, str]]:
    """Return the donors' maximum contribution, as first agreed and as amended by the day of the
    document.

    The participations hold the amount that is agreed now. An amendment of the budget changed that
    if it leads to this amount or starts from it; any other amendment moved money within the budget.
    """
    amounts = [one.amount for one in _funding(reading) if one.amount is not None]
    if reading.audience not in SEES_MONEY or not amounts:
        return []
    original, amended = _amounts(reading, sum(amounts, Decimal(0)))
    currency = reading.project.currency
    rows = [(_("Maximum contribution as first agreed"), money(original, currency))]
    if amended == original:
        return [(_("Maximum contribution"), money(original, currency))]
    return [*rows, (_("Maximum contribution as amended"), money(amended, currency))]


class AmountChange(NamedTuple):
    """An amendment of the budget, in the currency of the project."""

    before: Decimal
    after: Decimal
    is_effective: bool


def _amounts(reading: ReportReading, now: Decimal) -> tuple[Decimal, Decimal]:
    """Return the amount that was agreed first, and the one on the day of the document."""
    changes = [
        AmountChange(one.amount_before, one.amount_after, one.status == Amendment.Status.EFFECTIVE)
        for one in sorted(reading.amendments, key=_when)
        if one.amount_before is not None and one.amount_after is not None
    ]
    chain: list[AmountChange] = []
    for one in reversed(changes):  # backwards from the amount that is agreed now
        if one.after == (chain[0].before if chain else now):
            chain.insert(0, one)
    if not chain:  # forwards, if nobody has entered the new amount in the participation yet
        for one in changes:
            if one.before == (chain[-1].after if chain else now):
                chain.append(one)
    if not chain:
        return now, now
    in_effect = [one.after for one in chain if one.is_effective]
    return chain[0].before, in_effect[-1] if in_effect else chain[0].before


def _when(amendment: Amendment) -> tuple[int, date]:
    return (amendment.number, amendment.donor_decided_on or date.max)


# Acronyms


# Donors' names for their own documents, in each language: a text in one may quote another.
TRADE = {
    "fr": {
        "AMC": "Affaires mondiales Canada",
        "CMR": "cadre de mesure du rendement",
        "GAR": "gestion axée sur les résultats",
        "ML": "modèle logique",
        "PEAS": "prévention de l’exploitation et des abus sexuels",
        "PMO": "plan de mise en œuvre du projet",
        "PTA": "plan de travail annuel",
        "PV": "procès-verbal",
    },
    "es": {
        "GpR": "gestión por resultados",
        "ML": "modelo lógico",
        "MMD": "marco de medición del desempeño",
        "PEAS": "prevención de la explotación y el abuso sexual",
        "PIP": "plan de implementación del proyecto",
        "POA": "plan operativo anual",
    },
    "en": {
        "AWP": "annual work plan",
        "GAC": "Global Affairs Canada",
        "LM": "logic model",
        "PIP": "project implementation plan",
        "PMF": "performance measurement framework",
        "PSEA": "protection from sexual exploitation and abuse",
        "RBM": "results-based management",
    },
}


def acronyms(reading: DocumentReading, composed: object) -> list[Block]:
    """Return a table of the acronyms in the composed data, by alphabet; [] if there are none.

    If two institutions share an acronym, an institution of the project takes precedence.
    """
    meanings = _of_institutions(reading)
    for language in (reading.language, *TRADE):
        for short, meaning in TRADE[language].items():
            meanings.setdefault(short, in_language(meaning, language))
    used = sorted(_used(meanings, _texts(composed)), key=str.casefold)
    if not used:
        return []
    fields = [
        field(_("Acronym"), cell, 18),
        field(_("Meaning"), lambda short: cell(meanings[short])),
    ]
    return [table_of(used, fields)]


def _of_institutions(reading: DocumentReading) -> dict[str, LocalText]:
    meanings: dict[str, LocalText] = {}
    for institution in reading.once("acronyms", lambda: _with_acronym(reading)):
        name = institution.name_on(reading.names_on)
        meaning = local_text(name, "name")
        if name and meaning and name.acronym and name.acronym != name.name:
            meanings.setdefault(name.acronym, meaning)
    return meanings


def _with_acronym(reading: DocumentReading) -> list[Institution]:
    """Return institutions with an acronym, those of the project first."""
    own = set(reading.project.participations.values_list("institution", flat=True))
    called = InstitutionName.objects.exclude(acronym="").values("institution")
    found = Institution.objects.filter(pk__in=called).with_names()
    found = found.filter(Q(is_guarded=False) | Q(pk__in=own))
    return sorted(found, key=lambda one: (one.pk not in own, one.pk))


def _used(acronyms: Collection[str], texts: Collection[str]) -> set[str]:
    """Return those that are words of the texts; an acronym may hold hyphens, dots and ampersands.

    To find the texts that hold one at all is much faster than to take all of them apart.
    """
    everything = "\n".join(texts)
    present = [short for short in acronyms if short in everything]
    is_in = re.compile("|".join(map(re.escape, present))).search
    words: set[str] = set()
    for text in filter(is_in, texts) if present else ():
        words.update(re.findall(r"\w+(?:[-.&/]\w+)*", text), re.findall(r"\w+", text))
    return words.intersection(present)


def _texts(composed: object) -> set[str]:
    """Return every text once, however deep. Not recursive: a document has a hundred thousand parts."""
    found, left = set(), [composed]
    while left:
        value = left.pop()
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list | tuple):
            left += value
    return found

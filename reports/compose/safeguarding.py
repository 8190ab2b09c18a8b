"""The part of a report on safeguarding: days and numbers alone, since the portal holds no allegation.

A notification may concern one person, so that small numbers of them follow
`projects.framework.suppression` like counts of persons.
"""

from datetime import date

from django.db.models import Max
from django.utils.translation import gettext as _

from kernel.formats import day, join_list
from partners.models import Institution
from projects.models import Participation, Period
from reports.block_types import Block
from reports.compose.blocks import pair, paragraph
from reports.compose.reading import ReportReading
from reports.models import SectionKind


def safeguarding(reading: ReportReading) -> list[Block]:
    """Return the days of the team's code of conduct and of the attestations to the donor, the
    policies of the partners, and the number of notifications in the period."""
    return [
        *_code_of_conduct(reading),
        *_attestations(reading),
        *policies_of_partners(reading),
        *_notifications(reading),
    ]


def policies_beside_partners(reading: ReportReading) -> list[Block]:
    """Return the policies of the partners, unless the report has a section on safeguarding."""
    if SectionKind.SAFEGUARDING in reading.report.preset.kinds:
        return []
    return policies_of_partners(reading)


def _code_of_conduct(reading: ReportReading) -> list[Block]:
    signed = reading.project.code_of_conduct_on
    if signed is None or not reading.knows(signed):
        return []
    return [paragraph(pair(_("Code of conduct signed by the team"), day(signed)))]


def _attestations(reading: ReportReading) -> list[Block]:
    """Return the days of all attestations until the end of the report."""
    given = sorted(
        period.attested_on
        for period in _periods(reading)
        if period.attested_on and reading.knows(period.attested_on) and period.end <= reading.end
    )
    if not given:
        return []
    days = join_list([day(one) for one in dict.fromkeys(given)])
    return [paragraph(pair(_("Safeguarding attested to the donor"), days))]


def _notifications(reading: ReportReading) -> list[Block]:
    """Return how many notifications the donor received, in the period or in all of the project."""
    own = reading.report.period
    counted = [own]
    if reading.report.preset.is_final:
        same = (one for one in _periods(reading) if one.kind == own.kind)
        counted = [one for one in same if one.end <= reading.end]
    numbers = [one.notifications for one in counted]
    if not numbers or any(number is None for number in numbers):
        return []
    total = reading.count_of_persons(sum(number or 0 for number in numbers))
    return [paragraph(pair(_("Safeguarding notifications to the donor"), total))]


def _periods(reading: ReportReading) -> list[Period]:
    return reading.once("all periods", lambda: list(reading.project.periods.all()))


def policies_of_partners(reading: ReportReading) -> list[Block]:
    """Return how many of the institutions that sign a safeguarding policy have one in force on the
    day."""
    asked, signed = reading.once("safeguarding", lambda: _asked_and_signed(reading))
    if not asked:
        return []
    in_force = sum(_is_in_force(on, reading.as_of) for on in signed.values())
    over = len(signed) - in_force
    sentence = _(
        "Partner institutions with a safeguarding policy in force on %(day)s: %(signed)s of %(count)s."
    )
    facts = {"signed": in_force, "count": len(asked), "day": day(reading.as_of)}
    sentences = [sentence % facts]
    if over:
        sentences.append(_("To be signed again: %(count)s.") % {"count": over})
    if never := len(asked) - len(signed):
        sentences.append(_("Not signed yet: %(count)s.") % {"count": never})
    return [paragraph(" ".join(sentences))]


def _asked_and_signed(reading: ReportReading) -> tuple[set[int], dict[int, date]]:
    places = Participation.objects.filter(project=reading.project)
    asked = set(
        places.filter(role__in=Participation.SIGNS_POLICY).values_list("institution", flat=True)
    )
    return asked, _signed_on(asked, reading.as_of)


def _signed_on(institutions: set[int], on: date) -> dict[int, date]:
    """Return the last day, by `on`, on which each signed; a later signature does not hide an
    earlier one."""
    kept = Institution.history.filter(id__in=institutions, safeguarding_signed_on__lte=on)
    before = kept.order_by().values_list("id").annotate(Max("safeguarding_signed_on"))
    present = Institution.objects.filter(pk__in=institutions, safeguarding_signed_on__lte=on)
    return dict(before) | dict(present.values_list("pk", "safeguarding_signed_on"))


def _is_in_force(signed: date, on: date) -> bool:
    expires = Institution(safeguarding_signed_on=signed).safeguarding_expires_on
    return expires is not None and expires > on

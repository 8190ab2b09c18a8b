"""Turns an activity that was read from an IATI file into the unsaved rows of a new project.

`draft_project` looks things up and writes nothing: a page shows the draft, and `create_project` saves
it. What the portal has no place for is added to the notes of the reading.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django_countries import countries as all_countries

from kernel.languages import first_language
from kernel.organisation import organisation
from partners.models import Institution, InstitutionName
from projects import codelists
from projects.exchange.services.draft_cells import (
    DraftParticipation,
    InstitutionRegister,
    RegisteredInstitution,
)
from projects.exchange.services.draft_money import DraftMoney, draft_money
from projects.exchange.services.draft_results import (
    DraftResults,
    draft_results,
    fitting_preset,
    write_texts,
)
from projects.iati.document import CodePercentage, IatiAmount, IatiDocument, IatiOrganisation
from projects.iati.publishable import DEFAULTS, PARTNER_COUNTRY_NGO, ROLES
from projects.iati.read import ActivityReading
from projects.iati.reading import ReadingNote
from projects.models import (
    Classification,
    IatiImport,
    Participation,
    Project,
    ProjectCountry,
    ProjectMarker,
    ProjectSector,
    ProjectTag,
)

# The statuses of IATI. Finalisation (3) has no counterpart here and counts as in progress.
STATUSES = {
    "1": Project.Status.PLANNED,
    "2": Project.Status.ACTIVE,
    "3": Project.Status.ACTIVE,
    "4": Project.Status.CLOSED,
    "5": Project.Status.CANCELLED,
    "6": Project.Status.SUSPENDED,
}
# Two roles are exported as 4; the last one counts, so a 4 is imported as a partner.
ROLE_OF_CODE = {code: role for role, code in ROLES.items()}
KIND_OF_TYPE = {
    "10": Institution.Kind.STATE,
    "11": Institution.Kind.STATE,
    "15": Institution.Kind.STATE,
    "21": Institution.Kind.IMPLEMENTER,
    "22": Institution.Kind.CIVIL_SOCIETY,
    "23": Institution.Kind.CIVIL_SOCIETY,
    "24": Institution.Kind.CIVIL_SOCIETY,
    "40": Institution.Kind.MULTILATERAL,
    "80": Institution.Kind.ACADEMIC,
}
GOVERNMENT = {"10", "11", "15"}
MAX_CODE = 30


@dataclass
class ProjectDraft:
    """The rows of a project before they are saved.

    `problem`: a sentence that says why they cannot be saved; empty where they can.
    `not_said`: what the file does not say, of "country" and "currency"; `asked`: those of them that
    nobody has said yet.
    """

    identifier: str
    version: str
    document: IatiDocument
    project: Project
    participations: list[DraftParticipation] = field(default_factory=list)
    countries: list[ProjectCountry] = field(default_factory=list)
    sectors: list[ProjectSector] = field(default_factory=list)
    tags: list[ProjectTag] = field(default_factory=list)
    markers: list[ProjectMarker] = field(default_factory=list)
    classification: Classification | None = None
    results: DraftResults = field(default_factory=DraftResults)
    money: DraftMoney = field(default_factory=DraftMoney)
    notes: list[ReadingNote] = field(default_factory=list)
    problem: str = ""
    known_project: Project | None = None
    not_said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def may_be_created(self) -> bool:
        return not (self.problem or self.asked)

    @property
    def left_out(self) -> list[ReadingNote]:
        return [each for each in self.notes if not each.is_changed]

    @property
    def changed(self) -> list[ReadingNote]:
        return [each for each in self.notes if each.is_changed]


@dataclass(frozen=True)
class Answers:
    """What the person says who imports a file that does not say it; used nowhere else."""

    country: str = ""
    currency: str = ""


def draft_project(reading: ActivityReading, answers: Answers | None = None) -> ProjectDraft:
    """Returns the project that would be created; `reading` must have a document.

    Makes a constant number of queries.
    """
    return _ProjectDrafter(reading, answers or Answers()).draft()


class _ProjectDrafter:
    """Drafts the project of one activity and notes what is left out or changed."""

    def __init__(self, reading: ActivityReading, answers: Answers) -> None:
        assert reading.document is not None  # callers show the notes instead
        self.reading, self.document, self.answers = reading, reading.document, answers
        self.notes = list(reading.left_out)
        self.ours: dict[tuple[str, str], ReadingNote] = {}
        self.not_said: list[str] = []
        self.asked: list[str] = []
        self.project = Project()

    def note(
        self, element: str, why: str, *, is_changed: bool = False, amount: IatiAmount | None = None
    ) -> None:
        """Notes what is left out or changed; what has the same reason is counted. `amount`: the
        one that is left out."""
        known = self.ours.get((element, why))
        if known is None:
            known = self.ours[element, why] = ReadingNote(element, why, is_changed=is_changed)
            self.notes.append(known)
        known.add(amount)

    def draft(self) -> ProjectDraft:
        self._describe()
        self._set_dates()
        known = self._known_project()
        draft = ProjectDraft(
            identifier=self.document.identifier,
            version=self.reading.version,
            document=self.document,
            project=self.project,
            notes=self.notes,
            known_project=known,
            problem=_("This activity is already here.") if known else "",
            not_said=self.not_said,
            asked=self.asked,
        )
        draft.countries = self._countries()
        register = InstitutionRegister()
        draft.participations = self._participations(register)
        draft.sectors = self._sectors()
        draft.tags = [ProjectTag(code=code) for code in dict.fromkeys(self.document.tags)]
        draft.markers = self._markers()
        draft.classification = self._classification()
        if self.project.currency:
            draft.money = draft_money(
                self.document, self.project.currency, draft.participations, register, self.note
            )
        self.project.preset = fitting_preset(self.document).key
        draft.results = draft_results(
            self.document, self.project.donor_preset, draft.money.periods, self.note
        )
        if self.document.contact:
            self.note(
                "contact-info", _("Contacts are entered by the coordination, never imported.")
            )
        return draft

    # The project itself

    def _answer(self, name: str, element: str) -> str:
        """Returns what was answered where the file is silent, and notes it; "" if it is asked."""
        self.not_said.append(name)
        answer = str(getattr(self.answers, name))
        if answer:
            self.note(element, _("The file does not say it: entered by hand."), is_changed=True)
        else:
            self.asked.append(name)
        return answer

    def _known_project(self) -> Project | None:
        """Returns the project that was imported from this activity, or exported as it."""
        imports = IatiImport.objects.filter(identifier=self.document.identifier)
        if known := imports.select_related("project").first():
            return known.project
        ours = f"{organisation().iati_identifier}-"
        code = self.document.identifier.removeprefix(ours)
        if ours == "-" or code == self.document.identifier:
            return None
        return Project.objects.filter(code=code).first()

    def _describe(self) -> None:
        document, project = self.document, self.project
        project.code = self._code()
        write_texts(project, "title", document.title)
        write_texts(
            project,
            "short_title",
            {key: text[:80].rstrip() for key, text in document.title.items()},
        )
        write_texts(project, "description", document.descriptions.get("1", {}), required=False)
        write_texts(project, "source_note", document.descriptions.get("4", {}), required=False)
        project.status = STATUSES[document.status]
        if document.status == "3":
            self.note(
                "activity-status", _("Finalisation is imported as in progress."), is_changed=True
            )
        project.currency = document.currency or self._answer("currency", "default-currency")
        project.donor_number = self._donor_number()

    def _code(self) -> str:
        """Returns a free code, made of the identifier without that of the reporting organisation."""
        own = self.document.identifier.removeprefix(f"{self.document.reporting.ref}-")
        code = re.sub(r"[^A-Za-z0-9.-]+", "-", own).strip(".-")[:MAX_CODE].strip(".-")
        if not code or code == "new":
            code = "IATI"
        stem, number = code, 1
        taken = set(
            Project.objects.filter(code__startswith=stem[: MAX_CODE - 4]).values_list(
                "code", flat=True
            )
        )
        while code in taken:
            number += 1
            code = f"{stem[: MAX_CODE - 4]}-{number}"
        return code

    def _donor_number(self) -> str:
        """Returns the donor's number for the project, or the identifier of the single activity
        that it comes from, or else of this one."""
        numbers = [ref for kind, ref in self.document.other_identifiers if kind == "A9"]
        for kind, ref in self.document.other_identifiers:
            if ref not in numbers[:1]:
                why = _("Another number, of type %(type)s.") % {"type": kind or "–"}
                self.note("other-identifier", why)
        reports_itself = self.document.reporting.ref == organisation().iati_identifier
        if numbers or reports_itself:
            return (numbers or [""])[0]
        donors = (each.activity for each in self.document.participants if each.role == "1")
        named = {activity for activity in donors if activity}
        return (named.pop() if len(named) == 1 else self.document.identifier)[:60]

    def _set_dates(self) -> None:
        dates, project = self.document.dates, self.project
        starts = [dates.get("1"), dates.get("2"), *(each.start for each in self.document.budgets)]
        project.starts_on = next((day for day in starts if day), None) or timezone.localdate()
        if not any(starts):
            self.note(
                "activity-date", _("There is no start: today's date is used."), is_changed=True
            )
        end = dates.get("3") or dates.get("4")
        if not end or end <= project.starts_on:
            end = project.starts_on + timedelta(days=365)
            self.note(
                "activity-date",
                _("There is no end after the start: a year later is used."),
                is_changed=True,
            )
        project.original_end = project.current_end = end
        self._set_actual_dates()

    def _set_actual_dates(self) -> None:
        project, today = self.project, timezone.localdate()
        for kind, name in (("2", "actual_start"), ("4", "actual_end")):
            day = self.document.dates.get(kind)
            if day and day > today:
                self.note("activity-date", _("An actual day that is in the future."))
            else:
                setattr(project, name, day)
        start, end = project.actual_start, project.actual_end
        if start and end and end <= start:
            self.note("activity-date", _("The actual end is before the actual start."))
            project.actual_end = None

    # Countries, sectors and policy markers

    def _countries(self) -> list[ProjectCountry]:
        known = dict(all_countries)
        shares = [each for each in self.document.countries if each.code in known]
        if len(shares) < len(self.document.countries):
            self.note("recipient-country", _("This is not a country code."))
        if not shares:
            self.project.country = self._answer("country", "recipient-country")
            return []
        main = max(shares, key=lambda each: each.percentage or Decimal(0))
        self.project.country = main.code
        if len(shares) == 1:
            return []
        percentages = whole_percentages(shares)
        if not percentages:
            self.note(
                "recipient-country", _("The percentages do not add up to 100: the largest is kept.")
            )
        return [ProjectCountry(country=code, percentage=of) for code, of in percentages.items()]

    def _sectors(self) -> list[ProjectSector]:
        shares = self.document.sectors
        if len(shares) == 1 and shares[0].percentage is None:
            shares = [CodePercentage(shares[0].code, codelists.WHOLE)]
        percentages = whole_percentages(shares)
        if shares and not percentages:
            why = _("The percentages do not add up to 100: enter the sectors by hand.")
            self.note("sector", why)
        return [ProjectSector(code=code, percentage=of) for code, of in percentages.items()]

    def _markers(self) -> list[ProjectMarker]:
        # Of a marker that the file has twice the first one counts.
        markers = {each.code: each.significance for each in reversed(self.document.markers)}
        return [ProjectMarker(code=code, significance=of) for code, of in markers.items()]

    def _classification(self) -> Classification | None:
        named = {DEFAULTS[element]: code for element, code in self.document.defaults.items()}
        if not named and not self.document.scope:
            return None
        return Classification(scope=self.document.scope, **named)

    # Institutions

    def _participations(self, register: InstitutionRegister) -> list[DraftParticipation]:
        participations: dict[tuple[int, str], DraftParticipation] = {}
        for each in self.document.participants:
            role = ROLE_OF_CODE[each.role]
            known = register.institution(each.organisation)
            row = known or self._new_institution(register, each.organisation, role)
            key = (id(row.institution), role)
            if key in participations:
                self.note("participating-org", _("The same institution twice in one role."))
            participations.setdefault(key, DraftParticipation(row.institution, role, row.name))
        return list(participations.values())

    def _new_institution(
        self, register: InstitutionRegister, organisation: IatiOrganisation, role: str
    ) -> RegisteredInstitution:
        """Drafts an institution from what the file says of it; the coordination completes it."""
        kind = KIND_OF_TYPE.get(organisation.kind)
        if role == Participation.Role.FUNDING and organisation.kind in {"", *GOVERNMENT}:
            kind = Institution.Kind.DONOR
        if kind is None:
            kind = Institution.Kind.CIVIL_SOCIETY
            self.note("participating-org", _("Its kind is unknown."), is_changed=True)
        institution = Institution(
            kind=kind, country=self._country_of(organisation), identifier=organisation.ref
        )
        name = InstitutionName(institution=institution)
        write_texts(name, "name", organisation.names or {first_language(): organisation.ref})
        return register.enter(organisation, institution, name)

    def _country_of(self, organisation: IatiOrganisation) -> str:
        """Returns the country in the organisation's identifier, such as CA-CRA_ACR-….

        Without one it is that of the reporting organisation, but for governments and local
        organisations, which belong to the project's country.
        """
        refs = [organisation.ref]
        if organisation.kind not in (PARTNER_COUNTRY_NGO, *GOVERNMENT):
            refs.append(self.document.reporting.ref)
        for ref in refs:
            if ref[2:3] == "-" and ref[:2] in dict(all_countries):
                return ref[:2]
        return str(self.project.country)


def whole_percentages(shares: list[CodePercentage]) -> dict[str, Decimal]:
    """Returns the percentages by code; none unless each code has one, once, and they make 100."""
    percentages = {each.code: each.percentage for each in shares if each.percentage is not None}
    is_whole = len(percentages) == len(shares) and sum(percentages.values()) == codelists.WHOLE
    return percentages if is_whole else {}

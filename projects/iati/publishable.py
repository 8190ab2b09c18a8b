"""Decides what of a project may be published as an IATI file; no other module decides it.

Persons are never published, nor institutions that may not be named to the public, small counts of
persons, values that nobody approved, and comments that were written for colleagues. A text that
names a person or such an institution stops the whole file until it is corrected. The preview says in sentences and numbers what
is held back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kernel.formats import day_range
from kernel.languages import organisation_languages
from kernel.organisation import organisation
from kernel.text import LANGUAGES
from partners.models import Institution
from projects import codelists
from projects.iati import sources
from projects.iati.document import (
    CodePercentage,
    ContactPoint,
    HeldBack,
    HeldBackReason,
    IatiAmount,
    IatiBudget,
    IatiDocument,
    IatiOrganisation,
    IatiTransaction,
    Participant,
    PlannedDisbursement,
    PolicyMarker,
    Texts,
)
from projects.iati.publishable_results import ForbiddenNames, measured_results
from projects.iati.rules import a_year_after
from projects.iati.sources import public_summary, reporter_of
from projects.models import Classification, Participation, Project
from projects.money.ledger import Books, published_budgets
from projects.permissions.naming import public_names

ROLES: dict[str, str] = {
    Participation.Role.FUNDING: "1",
    Participation.Role.ACCOUNTABLE: "2",
    Participation.Role.EXTENDING: "3",
    Participation.Role.IMPLEMENTING: "4",
    Participation.Role.PARTNER: "4",
}
STATUSES: dict[str, str] = {
    Project.Status.PLANNED: "1",
    Project.Status.ACTIVE: "2",
    Project.Status.CLOSED: "4",
    Project.Status.CANCELLED: "5",
    Project.Status.SUSPENDED: "6",
}
ORGANISATION_TYPES: dict[str, str] = {
    Institution.Kind.STATE: "10",
    Institution.Kind.DONOR: "10",
    Institution.Kind.EMBASSY: "10",
    Institution.Kind.CIVIL_SOCIETY: "22",
    Institution.Kind.IMPLEMENTER: "21",
    Institution.Kind.MULTILATERAL: "40",
    Institution.Kind.ACADEMIC: "80",
}
# Types of transactions in which the other party is the one that gives.
INCOMING = frozenset({"1", "11", "12", "13"})
BUDGET_COMMITTED = "2"
PARTNER_COUNTRY_NGO = "24"
DEFAULTS = {
    "collaboration-type": "collaboration_type",
    "default-flow-type": "flow_type",
    "default-finance-type": "finance_type",
    "default-aid-type": "aid_type",
    "default-tied-status": "tied_status",
}


@dataclass
class PublishableFile:
    """The file that may be published, and sentences for the coordination.

    `document`: None as long as `missing` says what must be added or corrected first. `hints`: what
    would make the file say more.
    """

    document: IatiDocument | None
    held_back: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)


def publishable_file(project: Project) -> PublishableFile:
    """Returns what of the project may be published, and what is held back and why.

    Makes a constant number of queries.
    """
    return _DocumentComposer(project).compose()


class _DocumentComposer:
    """Composes the file of one project and counts what it holds back."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.held_back = HeldBack()
        self.missing: list[str] = []
        rows = project.participations.with_institutions().select_related("agreement")
        self.participations = list(rows)
        self.books = Books(project)
        classified = ("countries", "sectors", "markers", "tags", "classification")
        prefetch_related_objects([project], *classified)
        self.countries = list(project.countries.all())
        self.names = public_names(project)
        self.forbidden_names = ForbiddenNames.of(project, self.participations, self.names.hidden)

    def compose(self) -> PublishableFile:
        document = self._document()
        self.missing += self.forbidden_names.findings_in(document)
        self._note_missing(document)
        return PublishableFile(
            document=None if self.missing else document,
            held_back=self.held_back.sentences(),
            missing=self.missing,
            hints=list(self._advice(document)),
        )

    def _advice(self, document: IatiDocument) -> Iterator[str]:
        if self.project.status == Project.Status.CLOSED and not {"2", "4"} <= set(document.dates):
            yield _("The project is closed: enter on its form when it actually began and ended.")
        donors = [each for each in document.participants if each.role == "1"]
        if not all(each.activity for each in donors):
            yield _(
                "The file does not say with which activity a donor funds the project: that takes "
                "the donor’s number on the form of the project, and the donor’s identifier on the "
                "page of the institution."
            )

    def _document(self) -> IatiDocument:
        project = self.project
        ref = reporter_of(project)
        codes = getattr(project, "classification", None) or Classification()
        return IatiDocument(
            identifier=f"{ref}-{project.code}",
            reporting=IatiOrganisation(self._names_of_reporter(), ref, organisation().iati_type),
            language=organisation_languages()[0],
            currency=project.currency,
            title=sources.in_languages(project, "title"),
            descriptions=self._descriptions(),
            summary=public_summary(project.pk),
            participants=self._participants(),
            other_identifiers=[("A9", project.donor_number)] if project.donor_number else [],
            status=STATUSES[project.status],
            dates=self._dates(),
            contact=self._contact(),
            scope=codes.scope,
            countries=self._shares_of_countries(),
            sectors=[CodePercentage(each.code, each.percentage) for each in project.sectors.all()],
            tags=sorted(each.code for each in project.tags.all()),
            markers=self._markers(),
            defaults={
                element: code
                for element, name in DEFAULTS.items()
                if (code := getattr(codes, name))
            },
            budgets=self._budgets(),
            planned_disbursements=self._planned_disbursements(),
            transactions=self._transactions(),
            results=measured_results(project, self.held_back, self.forbidden_names),
        )

    def _note_missing(self, document: IatiDocument) -> None:
        """Notes what IATI requires and the portal does not know, in sentences that say what to do.

        The schema would refuse the file too, but in its own words.
        """
        if not document.reporting.ref:
            self.missing.append(
                _(
                    "The IATI identifier of your organisation is missing: ask an "
                    "administrator to enter it on the page of the organisation, as "
                    "registered with IATI."
                )
            )
        if not document.reporting.names:
            self.missing.append(_("No institution is accountable for the project: add it."))
        if "1" not in document.descriptions:
            self.missing.append(_("The project has no description, which IATI requires: write it."))
        if not document.participants:
            self.missing.append(_("No institution that can be named takes part: add the donor."))
        if not document.sectors:
            self.missing.append(_("The project has no sector: choose at least one."))

    # Organisations

    def _names_of_reporter(self) -> Texts:
        """Returns the names of the institution with the reporter's identifier, or else of the
        accountable one; none where that may not be named."""
        ref = reporter_of(self.project)
        institutions = [
            each.institution
            for each in self.participations
            if each.institution.identifier == ref != ""
            or each.role == Participation.Role.ACCOUNTABLE
        ]
        institutions.sort(key=lambda each: each.identifier != ref)
        nameable = [each for each in institutions if not self.names.is_hidden(each)]
        return institution_names(nameable[0]) if nameable else {}

    def _participants(self) -> list[Participant]:
        rows = [
            Participant(
                self._organisation(each.institution),
                ROLES[each.role],
                self._activity_of(each.institution) if ROLES[each.role] == "1" else "",
            )
            for each in self.participations
            if self._may_be_named(each)
        ]
        return sorted(
            rows,
            key=lambda row: (
                row.role,
                row.organisation.ref,
                sorted(row.organisation.names.items()),
            ),
        )

    def _may_be_named(self, participation: Participation) -> bool:
        if self.names.is_hidden(participation.institution):
            return self.held_back.hold_back(HeldBackReason.AT_RISK)
        if participation.role not in ROLES:
            return self.held_back.hold_back(HeldBackReason.NO_ROLE)
        return True

    def _organisation(self, institution: Institution) -> IatiOrganisation:
        kind = ORGANISATION_TYPES[institution.kind]
        countries = {str(each.country) for each in self.countries} or {str(self.project.country)}
        is_local = str(institution.country) in countries
        if institution.kind == Institution.Kind.CIVIL_SOCIETY and is_local:
            kind = PARTNER_COUNTRY_NGO
        return IatiOrganisation(institution_names(institution), institution.identifier, kind)

    def _activity_of(self, donor: Institution | None) -> str:
        return sources.donors_activity(self.project, donor, self.participations)

    def _contact(self) -> ContactPoint | None:
        email, website = organisation().public_email, organisation().website
        if not (email or website):
            return None
        return ContactPoint(self._names_of_reporter(), email, website)

    # The activity itself

    def _descriptions(self) -> dict[str, Texts]:
        """Returns the descriptions by type: 1 the project itself, 4 the sources of its facts."""
        texts = {
            "1": sources.in_languages(self.project, "description"),
            "4": sources.in_languages(self.project, "source_note"),
        }
        return {kind: text for kind, text in texts.items() if text}

    def _dates(self) -> dict[str, date]:
        days = {
            "1": self.project.starts_on,
            "2": self.project.actual_start,
            "3": self.project.current_end,
            "4": self.project.actual_end,
        }
        return {kind: day for kind, day in days.items() if day}

    def _shares_of_countries(self) -> list[CodePercentage]:
        if not self.countries:
            return [CodePercentage(str(self.project.country), codelists.WHOLE)]
        return [CodePercentage(str(each.country), each.percentage) for each in self.countries]

    def _markers(self) -> list[PolicyMarker]:
        order = list(codelists.ALL_MARKERS)
        rows = sorted(self.project.markers.all(), key=lambda each: order.index(each.code))
        return [
            PolicyMarker(
                code=each.code,
                vocabulary=codelists.marker_vocabulary(each.code),
                significance=each.significance,
                names=codelists.own_marker_names(each.code),
            )
            for each in rows
        ]

    # Money

    def _money(self, amount: Decimal, on: date) -> IatiAmount:
        return IatiAmount(amount, self.project.currency, on)

    def _budgets(self) -> list[IatiBudget]:
        """Returns the approved budgets; one that is still being written is held back."""
        budgets = published_budgets(self.project, self.books)
        if budgets and not self.books.budget.is_approved:
            self.held_back.hold_back(HeldBackReason.BUDGET)
            return []
        rows = [
            IatiBudget(
                start=each.start,
                end=each.end,
                money=self._money(each.amount, each.start),
                kind="2" if each.is_revised else "1",
                status=BUDGET_COMMITTED,
            )
            for each in budgets
            # IATI wants a budget to end after it starts, and within a year.
            if each.start < each.end <= a_year_after(each.start)
            or self.held_back.hold_back(HeldBackReason.LONG_BUDGET)
        ]
        return sorted(rows, key=lambda row: (row.start, row.end, row.kind))

    def _planned_disbursements(self) -> list[PlannedDisbursement]:
        disbursements = []
        for each in sources.planned_payments(self.project, self.books):
            if self.names.is_hidden(each.institution):
                self.held_back.hold_back(HeldBackReason.MONEY_AT_RISK)
                continue
            other = self._organisation(each.institution)
            disbursements.append(
                PlannedDisbursement(
                    start=each.on,
                    end=None,
                    money=IatiAmount(each.amount, each.currency, each.on),
                    provider=None if each.is_outgoing else other,
                    receiver=other if each.is_outgoing else None,
                    provider_activity=""
                    if each.is_outgoing
                    else self._activity_of(each.institution),
                )
            )
        return disbursements

    def _transactions(self) -> list[IatiTransaction]:
        # The rule that no transaction lies in the future goes by the server's day, not the project's.
        today = timezone.localdate()
        movements = sources.money_movements(self.participations, self.books, through=today)
        passed_on = any(each.kind == sources.PASSED_ON for each in movements)
        hides_passed_on = passed_on and sources.may_pass_on_to_hidden(
            self.project, self.participations, self.names.hidden
        )
        return [
            self._transaction(each)
            for each in movements
            if self._may_publish(each, hides_passed_on=hides_passed_on)
        ]

    def _transaction(self, movement: sources.MoneyMovement) -> IatiTransaction:
        other = self._organisation(movement.institution) if movement.institution else None
        is_incoming = movement.kind in INCOMING
        return IatiTransaction(
            kind=movement.kind,
            on=movement.on,
            money=self._money(movement.amount, movement.on),
            ref=movement.reference,
            description=describe_sum(movement.since, movement.on) if movement.since else {},
            provider=other if is_incoming else None,
            receiver=None if is_incoming else other,
            provider_activity=self._activity_of(movement.institution) if is_incoming else "",
        )

    def _may_publish(self, movement: sources.MoneyMovement, *, hides_passed_on: bool) -> bool:
        """Returns whether a payment may be published.

        Amount and day can reveal the receiver. Payments of institutions that may not be named are held back, and
        so is the sum passed on to partners if one of them may be among these.
        """
        if movement.institution:
            is_hidden = self.names.is_hidden(movement.institution)
            return not is_hidden or self.held_back.hold_back(HeldBackReason.MONEY_AT_RISK)
        if movement.kind == sources.PASSED_ON and hides_passed_on:
            return self.held_back.hold_back(HeldBackReason.PASSED_ON)
        return True


def describe_sum(start: date, end: date) -> Texts:
    """Returns the description of an amount that sums up many payments, in each language."""
    texts = {}
    for language in LANGUAGES:
        with translation.override(language):
            texts[language] = _("Sum of %(days)s") % {"days": day_range(start, end)}
    return texts


def institution_names(institution: Institution) -> Texts:
    name = institution.name_on()
    return sources.in_languages(name, "name") if name else {}

"""One project with a row of everything, in each state that decides who reads it."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import models

from accounts.models import FactorReset, Hold
from committees.models import (
    ActionPlan,
    AgendaItem,
    Attendance,
    Audience,
    Ballot,
    Meeting,
    Resolution,
    WrittenConsultation,
)
from partners.models import Agreement, Contact, Institution
from projects.models import (
    Amendment,
    Budget,
    BudgetComment,
    BudgetRevision,
    DataPoint,
    Dimension,
    Direction,
    Evidence,
    Indicator,
    Participation,
    Project,
)
from reports.models import Report, ReportPreset, SectionKind
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    ActivityFactory,
    AgendaItemFactory,
    AmendmentFactory,
    AttendanceFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    ContactFactory,
    ContributionFactory,
    DataPointFactory,
    DeliverableFactory,
    DocumentFactory,
    EvidenceFactory,
    ExchangeRateFactory,
    ExpenditureFactory,
    GrantFactory,
    IndicatorFactory,
    InstitutionFactory,
    MeetingFactory,
    ParticipantGroupFactory,
    ParticipationFactory,
    PeriodFactory,
    PositionFactory,
    RecommendationFactory,
    RemarkFactory,
    ReportFactory,
    ResolutionFactory,
    ResultFactory,
    RiskFactory,
    RiskRatingFactory,
    SeatFactory,
    SeatTermFactory,
    SectionFactory,
    SubjectFactory,
    say,
)
from tests.reports.leaks.given import CITING, GIVEN, MADE_LATER, NUMBERS, PIXEL, SHARED
from tests.reports.leaks.planting import filled, models_of_the_portal
from tests.world import World


class Rich:
    """`world` and all that is told, or not told, of its project. `case_of` names the rows whose
    state makes a difference; the others have none."""

    def __init__(self, world: World, before: dict[type, set[Any]]) -> None:
        self.world, self.project, self.before = world, world.project, before
        self.cases: dict[tuple[str, int], str] = {}
        self.people()
        self.framework()
        self.activities()
        self.money()
        self.risks()
        self.amendments()
        self.meetings()
        self.plans()
        self.reports()
        self.rest()

    def case(self, name: str, row: models.Model) -> Any:
        self.cases[row._meta.label, row.pk] = name
        return row

    def case_of(self, row: models.Model) -> str:
        return self.cases.get((row._meta.label, row.pk), "")

    # Who takes part

    def people(self) -> None:
        person, by = (self.world.people[role] for role in ("reader", "coordinator"))
        FactorReset.objects.create(person=person, asked_by=by, reason="x")
        Hold.objects.create(placed_by=by, reason="x", until=date(2020, 1, 1))
        Direction.objects.create(user=person)
        roles = Participation.Role
        donor = self.project.participations.get(role=roles.FUNDING)
        donor.agreement = filled(
            Agreement, {Institution: donor.institution}, kind="contribution", reference="x"
        )
        donor.amount = NUMBERS["contribution"]
        donor.save()
        ParticipationFactory(project=self.project, role=roles.ACCOUNTABLE)
        self.at_risk = self._hiding("at risk")
        self.not_the_state = self._hiding(
            "not the State", "committee", "partners", "donor", excludes_state=True
        )
        self.seats = [self.world.seat]
        for case, options in {
            "": {"may_be_named": True},
            "minor": {"is_minor": True},
            "pseudonymous": {"is_pseudonymous": True},
        }.items():
            seat = SeatFactory(committee=self.world.committee)
            contact = ContactFactory(institution=seat.institution, **options)
            SeatTermFactory(seat=seat, contact=contact)
            self.case(f"{case}".strip(), contact)
            ParticipationFactory(project=self.project, institution=seat.institution)
            self.seats.append(seat)

    def _hiding(self, case: str, *audiences: str, **facts: Any) -> Institution:
        institution = InstitutionFactory(kind="academic")
        ParticipationFactory(project=self.project, institution=institution)
        say(institution, *audiences, **facts)
        self.case(case, institution.names.get())
        return self.case(case, institution)

    # What was promised and measured

    def framework(self) -> None:
        world = self.world
        self.later = PeriodFactory(
            project=self.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
        )
        output = ResultFactory(
            project=self.project, level="output", parent=world.result, code="1110"
        )
        self.output = output
        world.indicator.responsible = self.at_risk
        world.indicator.save()
        for kind, number in (("target", "target"), ("actual", "actual")):
            DataPointFactory(
                indicator=world.indicator,
                period=world.year,
                kind=kind,
                numerator=NUMBERS[number],
            )
        for case, name in (("submitted", "submitted"), ("draft", "draft")):
            indicator = IndicatorFactory(result=output)
            row = DataPointFactory(
                indicator=indicator, period=world.year, status=case, numerator=NUMBERS[name]
            )
            self.case(case, row)
        words = IndicatorFactory(result=output, measure=Indicator.Measure.QUALITATIVE)
        self.case("in words", DataPointFactory(indicator=words, period=world.year, numerator=None))
        self._small_cells(output)
        # A code is in a list, so each needs one to hold a secret.
        Indicator.objects.update(standard=Indicator.Standard.OWN, standard_code="A")

    def _small_cells(self, output: models.Model) -> None:
        """Of so many persons three are men: the rest would tell it, and so do the sums of it."""
        sex = Dimension.objects.get(code="sex")
        persons = IndicatorFactory(result=output, dimension=sex, counts_persons=True)
        for code, count in (
            ("women", NUMBERS["beside a small cell"]),
            ("men", 3),
            (None, NUMBERS["beside a small cell"] + 3),
        ):
            self._cell(persons, code, count)
        others = IndicatorFactory(result=output, dimension=sex, counts_persons=True)
        for code, number in (("women", 1), ("men", 2), (None, 3)):
            self._cell(others, code, number * NUMBERS["of a cell"])

    def _cell(self, indicator: Indicator, code: str | None, count: int) -> None:
        category = code and indicator.dimension.categories.get(code=code)
        row = DataPointFactory(
            indicator=indicator, period=self.world.year, category=category, numerator=count
        )
        self.case("cell" if code else "", row)

    def activities(self) -> None:
        world = self.world
        done = {"actual_start": date(2019, 6, 18), "actual_end": date(2019, 6, 19)}
        workshop = ActivityFactory(
            project=self.project,
            result=self.output,
            participants=NUMBERS["beside a small group"] + 3,
            **done,
        )
        ParticipantGroupFactory(activity=workshop, women=NUMBERS["beside a small group"], men=3)
        self.workshop = workshop
        deliverable = DeliverableFactory(activity=workshop, delivered_on=date(2019, 7, 1))
        team, none = Evidence.Audience.TEAM, Evidence.Consent.NONE
        for case, options in {
            "": {},
            "of the team": {"audience": team},
            "without consent": {"audience": team, "consent": none},
            "consent ran out": {"consent_until": date(2019, 12, 31)},
            "minors": {"audience": team, "shows_minors": True},
            "not accepted": {"accepted_on": None},
        }.items():
            picture = ContentFile(PIXEL, name="photo.png")
            self.case(case, EvidenceFactory(activity=workshop, file=picture, **options))
        link = {"file": "", "kind": "", "sha256": "", "size": 0, "original_name": ""}
        EvidenceFactory(activity=workshop, deliverable=deliverable, link="https://x.org", **link)
        grant = GrantFactory(project=self.project, institution=world.institutions["partner"])
        self.grant = grant

    def money(self) -> None:
        Budget.objects.create(project=self.project, approved_on=date(2019, 4, 1))
        category = BudgetCategoryFactory(project=self.project)
        line = BudgetLineFactory(
            period=self.world.year, category=category, original=NUMBERS["budget"]
        )
        ExpenditureFactory(category=category, amount=NUMBERS["spent"])
        ExchangeRateFactory(project=self.project)
        funding = self.project.participations.get(role="funding")
        ContributionFactory(
            participation=funding,
            promised=NUMBERS["promised"],
            received=NUMBERS["received"],
            received_on=date(2019, 6, 1),
        )
        filled(
            BudgetRevision,
            {},
            line=line,
            on=date(2019, 10, 1),
            before=line.original,
            after=line.original + 1,
            is_within_tolerance=True,
            reason="x",
        )
        filled(
            BudgetComment,
            {Project: self.project},
            category=category,
            period=self.world.year,
            text="x",
        )

    def risks(self) -> None:
        for case, is_shared in (("", True), ("internal", False)):
            risk = RiskFactory(
                project=self.project, is_shared=is_shared, owner=self.world.institutions["member"]
            )
            rating = RiskRatingFactory(risk=risk, likelihood=4, impact=4)
            self.case(case, risk), self.case(case, rating)
            self.risk = risk

    def amendments(self) -> None:
        states = Amendment.Status
        for number, state in enumerate((states.EFFECTIVE, states.DRAFT, states.SUBMITTED), 1):
            amendment = AmendmentFactory(
                project=self.project,
                number=number,
                status=state,
                amount_before=NUMBERS["contribution"],
                amount_after=NUMBERS["amended"] + number,
                donor_decided_on=date(2019, 9, 1) if state == states.EFFECTIVE else None,
            )
            self.case("" if state == states.EFFECTIVE else str(state), amendment)

    # How it is steered

    def meetings(self) -> None:
        world = self.world
        for audience in Audience.values:
            item = AgendaItemFactory(meeting=world.meeting, audience=audience, status="discussed")
            case = "" if audience == "committee" else audience
            self.case(case, item)
            for factory in (ResolutionFactory, RecommendationFactory):
                row = factory(agenda_item=item, addressee=world.institutions["member"])
                type(row).objects.filter(pk=row.pk).update(answered_on=date(2020, 9, 20))
                self.case(case, row)
                SubjectFactory(resolution=row, result=world.result)
                SubjectFactory(agenda_item=item, earlier=row)
            DocumentFactory(meeting=world.meeting, audience=audience)
            paper = DocumentFactory(meeting=world.meeting, audience=audience)
            self.case(case, paper)
            beside = DocumentFactory(meeting=world.meeting, agenda_item=item)
            self.case(f"beside an item: {case}" if case else "", beside)
        self.resolved()
        self.attendance()
        self.announced()

    def resolved(self) -> None:
        states, item = Resolution.Status, self.world.item
        provisional = {"agreed_by": "x", "urgency": "x", "agreed_on": date(2020, 9, 3)}
        free = {"agenda_item": None, "meeting": None, "committee": self.world.committee}
        for state, options in {
            states.REJECTED: {},
            states.DEFERRED: {},
            states.PROVISIONAL: provisional | free,
            states.LAPSED: provisional | free,
        }.items():
            row = ResolutionFactory(**{"agenda_item": item, "status": state} | options)
            self.case(str(state), row)
        for hidden in (self.at_risk, self.not_the_state):
            ResolutionFactory(agenda_item=item, addressee=hidden)
        consultation = filled(
            WrittenConsultation,
            {},
            committee=self.world.committee,
            title_fr="x",
            text_fr="x",
            status="adopted",
            opened_on=date(2020, 2, 1),
            closed_on=date(2020, 2, 15),
        )
        ResolutionFactory(**free, consultation=consultation, resolved_on=date(2020, 2, 15))
        filled(
            Ballot,
            {},
            consultation=consultation,
            seat=self.world.seat,
            by=self.world.people["member"],
        )

    def attendance(self) -> None:
        meeting, there = self.world.meeting, Attendance.Presence.IN_PERSON
        for seat in self.seats:
            term = seat.terms.get()
            AttendanceFactory(meeting=meeting, seat=seat, contact=term.contact, presence=there)
        AttendanceFactory(
            meeting=meeting,
            seat=None,
            contact=None,
            institution=self.at_risk,
            guest_name="x",
            presence=there,
        )

    def announced(self) -> None:
        """A meeting to come whose pack holds the minutes of the last one; and one that only the
        coordination knows."""
        for number, state in ((2, Meeting.Status.CONVENED), (3, Meeting.Status.PLANNED)):
            meeting = MeetingFactory(
                committee=self.world.committee,
                number=number,
                status=state,
                mode="hybrid",
                starts_at=datetime(2031, number, 3, 15, tzinfo=UTC),
                ends_at=datetime(2031, number, 3, 17, tzinfo=UTC),
            )
            if state == Meeting.Status.PLANNED:
                self.case("planned", meeting)
            else:
                self.coming = meeting
            for audience in (Audience.COMMITTEE, Audience.VOTING, Audience.COORDINATION):
                item = AgendaItemFactory(meeting=meeting, audience=audience)
                self.case(f"{audience}, coming" if audience != "committee" else "coming", item)
                drafted = ResolutionFactory(agenda_item=item, status="drafted", resolved_on=None)
                self.case("drafted", drafted)
                SubjectFactory(agenda_item=item, plan=self.world.plan)
            for case, status in (("proposed", "proposed"), ("declined", "declined")):
                item = AgendaItemFactory(
                    meeting=meeting, status=status, proposed_seat=self.world.seat
                )
                self.case(case, item)

    # What is planned

    def plans(self) -> None:
        world, states = self.world, ActionPlan.Status
        rows = ActionPlan.objects.filter(pk=world.plan.pk)
        rows.update(status=states.IN_EXECUTION, validated_by=world.decision)
        validated = ActionPlanFactory(
            period=self.later, status=states.VALIDATED, validated_by=world.decision
        )
        self._terms(validated, "")
        reviewed = ActionPlanFactory(period=self.later, version=2, status=states.IN_REVIEW)
        self.case("in review", reviewed)
        self._terms(reviewed, "in review")
        draft = ActionPlanFactory(period=self.later, version=3)
        self.case("draft", draft)
        self._terms(draft, "draft")
        self.plan_versions = [world.plan, validated, reviewed, draft]
        for number, audience in enumerate(("committee", "coordination")):
            institution = self.seats[number + 1].institution
            of = {"plan": world.plan, "institution": institution, "audience": audience}
            case = "" if audience == "committee" else audience
            self.case(case, PositionFactory(**of))
            self.case(case, RemarkFactory(**of))

    def _terms(self, plan: ActionPlan, case: str) -> None:
        terms = ActionTermsFactory(
            plan=plan,
            action=ActionFactory(project=self.project),
            result=self.output,
            activity=self.workshop,
            responsible=self.at_risk,
            budget=NUMBERS["of an action"] + plan.version,
        )
        self.case(case, terms)
        # Members and partners read the total of a result, which is not this amount.
        other = ActionTermsFactory(
            plan=plan,
            action=ActionFactory(project=self.project),
            result=self.output,
            responsible=self.at_risk,
            budget=333_333,
        )
        self.case(case, other)

    # What is told

    def reports(self) -> None:
        """A report of each preset. Each of its sections is written in one language or in three."""
        writer = self.world.people["coordinator"]
        self.told: list[Report] = []
        for preset in ReportPreset.objects.order_by("pk"):
            report = ReportFactory(
                project=self.project, period=self.world.year, preset=preset, written_by=writer
            )
            self.told.append(report)
            for number, section in enumerate(preset.sections.all()):
                if section.kind == CITING:
                    continue
                for language in ("es", "fr", "en")[: 1 + number % 3]:
                    SectionFactory(report=report, kind=section.kind, language=language)
            if SectionKind.PROGRESS in preset.kinds:
                SectionFactory(report=report, kind="progress", result=self.world.result)

    # All the rest

    def rest(self) -> None:
        """A row of each model of which there is none yet, so that each text has its secret."""
        known = {
            Project: self.project,
            Institution: self.world.institutions["member"],
            Contact: self.seats[1].terms.get().contact,
            type(self.world.year): self.world.year,
            type(self.world.people["member"]): self.world.people["member"],
            Meeting: self.world.meeting,
            AgendaItem: self.world.item,
            Report: self.told[0],
            DataPoint: DataPoint.objects.filter(indicator=self.world.indicator).first(),
        }
        for model in models_of_the_portal():
            label = model._meta.label
            if label not in MADE_LATER | SHARED and self.has_none(model):
                filled(model, known, **GIVEN.get(label, {}))

    def has_none(self, model: type[models.Model]) -> bool:
        return keys_of(model) == self.before[model]


def keys_of(model: type[models.Model]) -> set[Any]:
    return set(model._base_manager.values_list("pk", flat=True))

"""Plain factories, one per model. People are visibly fictitious roles."""

from datetime import UTC, date, datetime, timedelta

import factory
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import User
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Attendance,
    Committee,
    Document,
    Meeting,
    Position,
    ProposedChange,
    Remark,
    Resolution,
    Seat,
    SeatTerm,
    Subject,
)
from committees.models.seat import number_seats
from partners.models import Agreement, Contact, Institution, InstitutionName
from projects.framework.outline import content_of
from projects.framework.services.workbooks import outline_of
from projects.institutions.services.naming import record_choice
from projects.models import (
    Activity,
    Advance,
    AdvanceVoucher,
    Amendment,
    Assignment,
    BudgetCategory,
    BudgetLine,
    CallForProposals,
    Category,
    Contribution,
    Criterion,
    DataPoint,
    Deliverable,
    Dimension,
    Evidence,
    ExchangeRate,
    Expenditure,
    Grant,
    Indicator,
    Lesson,
    LogicModelVersion,
    NamingChoice,
    PanelMember,
    ParticipantGroup,
    Participation,
    Period,
    Project,
    Proposal,
    ReportingDuty,
    Representation,
    Result,
    Risk,
    RiskRating,
)
from projects.models.places import DIRECT_ROLES
from reports.models import Rendition, Report, ReportPreset, Section, Snapshot
from reports.presets import DEFAULT

PASSWORD = "correct horse battery staple"


# Nothing that tests make was entered lately, so that lateness counts from its own day.
LONG_AGO = date(2019, 4, 1)


class ModelFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    @classmethod
    def _setup_next_sequence(cls):
        """Above all numbers that tests give themselves, since what a process has counted when it
        comes to a test is chance; and of five digits to the last, so that texts sort as they do."""
        return 10_000


# accounts


class UserFactory(ModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    full_name = factory.Sequence(lambda n: f"Personne {n}")
    language = "en"
    password = factory.django.Password(PASSWORD)
    # Long enough ago for everything recent to be news.
    date_joined = factory.LazyFunction(lambda: timezone.now() - timedelta(days=365))


# partners


def say(institution, *audiences, excluded=(), **facts):
    """Record to whom, beside the coordination, the institution may be named."""
    facts = {"said_on": date(2019, 5, 1), "channel": "letter", "by": None} | facts
    by = facts.pop("by")
    named = {f"to_{audience}": True for audience in audiences}
    choice = NamingChoice(institution=institution, **named, **facts)
    record_choice(choice, excluded, by=by)
    return choice


class InstitutionFactory(ModelFactory):
    """`named_to=[]`: to the coordination only; without it, it said nothing and is named freely."""

    class Meta:
        model = Institution
        skip_postgeneration_save = True

    @factory.post_generation
    def named_to(institution, create, extracted, **kwargs):  # noqa: N805
        if create and extracted is not None:
            say(institution, *extracted)

    kind = Institution.Kind.STATE
    name = factory.RelatedFactory(
        "tests.factories.InstitutionNameFactory", factory_related_name="institution"
    )


class InstitutionNameFactory(ModelFactory):
    class Meta:
        model = InstitutionName

    institution = factory.SubFactory(InstitutionFactory, name=None)
    name_fr = factory.Sequence(lambda n: f"Institution {n}")
    acronym = factory.Sequence(lambda n: f"I{n}")


class ContactFactory(ModelFactory):
    """A person of an institution. They represent it in every project in which it takes part by
    then, unless `represents` is False."""

    class Meta:
        model = Contact
        skip_postgeneration_save = True

    @factory.post_generation
    def represents(contact, create, extracted, **kwargs):  # noqa: N805
        if create and extracted is not False:
            for participation in contact.institution.participations.all():
                RepresentationFactory(contact=contact, participation=participation)

    institution = factory.SubFactory(InstitutionFactory)
    full_name = factory.Sequence(lambda n: f"Membre {n}")
    email = factory.Sequence(lambda n: f"contact{n}@example.org")
    language = "es"


class AgreementFactory(ModelFactory):
    class Meta:
        model = Agreement

    institution = factory.SubFactory(InstitutionFactory)
    kind = Agreement.Kind.COOPERATION
    reference = factory.Sequence(lambda n: f"EX-{n}")
    signed_on = date(2019, 3, 1)


# projects


class ProjectFactory(ModelFactory):
    class Meta:
        model = Project

    entered_on = LONG_AGO
    code = factory.Sequence(lambda n: f"P-{n}")
    short_title_fr = factory.Sequence(lambda n: f"Projet {n}")
    title_fr = factory.LazyAttribute(lambda project: f"{project.short_title_fr}, titre complet")
    starts_on = date(2019, 4, 1)
    original_end = date(2022, 3, 31)
    current_end = factory.SelfAttribute("original_end")


class PeriodFactory(ModelFactory):
    class Meta:
        model = Period

    entered_on = LONG_AGO
    project = factory.SubFactory(ProjectFactory)
    number = 1
    start = date(2019, 4, 1)
    end = date(2020, 3, 31)


class ParticipationFactory(ModelFactory):
    class Meta:
        model = Participation

    entered_on = LONG_AGO
    project = factory.SubFactory(ProjectFactory)
    institution = factory.SubFactory(InstitutionFactory)
    role = Participation.Role.PARTNER


class RepresentationFactory(ModelFactory):
    """In force: confirmed by an administrator where that is needed. A donor accepts, everybody else
    reads."""

    class Meta:
        model = Representation

    participation = factory.SubFactory(ParticipationFactory)
    contact = factory.SubFactory(
        ContactFactory,
        institution=factory.SelfAttribute("..participation.institution"),
        represents=False,
    )
    right = factory.LazyAttribute(
        lambda row: "accepts" if row.participation.role == "funding" else "reads"
    )
    since = date(2019, 4, 1)
    granted_at = datetime(2019, 4, 1, tzinfo=UTC)
    reason = "Lettre de l'institution"
    confirmed_at = factory.LazyAttribute(
        lambda row: None if row.participation.role in DIRECT_ROLES else timezone.now()
    )


class ReportingDutyFactory(ModelFactory):
    class Meta:
        model = ReportingDuty

    entered_on = LONG_AGO
    project = factory.SubFactory(ProjectFactory)
    kind = ReportingDuty.Kind.NARRATIVE
    title_fr = factory.Sequence(lambda n: f"Rapport {n}")
    period_kind = Period.Kind.PROJECT_YEAR
    days = 30
    role = Assignment.Role.COORDINATOR


class AssignmentFactory(ModelFactory):
    class Meta:
        model = Assignment

    project = factory.SubFactory(ProjectFactory)
    user = factory.SubFactory(UserFactory)
    role = Assignment.Role.COORDINATOR


class ResultFactory(ModelFactory):
    class Meta:
        model = Result

    project = factory.SubFactory(ProjectFactory)
    level = Result.Level.INTERMEDIATE
    code = factory.Sequence(lambda n: f"{n}")
    statement_fr = factory.LazyAttribute(lambda result: f"Énoncé {result.code}")


class IndicatorFactory(ModelFactory):
    class Meta:
        model = Indicator

    entered_on = LONG_AGO
    result = factory.SubFactory(ResultFactory)
    code = factory.Sequence(lambda n: f"{n}.1")
    name_fr = factory.LazyAttribute(lambda indicator: f"Indicateur {indicator.code}")
    counts_persons = False


class DimensionFactory(ModelFactory):
    class Meta:
        model = Dimension

    code = factory.Sequence(lambda n: f"dimension-{n}")
    name_fr = factory.Sequence(lambda n: f"Dimension {n}")


class CategoryFactory(ModelFactory):
    class Meta:
        model = Category

    dimension = factory.SubFactory(DimensionFactory)
    code = factory.Sequence(lambda n: f"category-{n}")
    name_fr = factory.Sequence(lambda n: f"Groupe {n}")
    position = factory.Sequence(lambda n: n)


class DataPointFactory(ModelFactory):
    class Meta:
        model = DataPoint

    indicator = factory.SubFactory(IndicatorFactory)
    kind = DataPoint.Kind.ACTUAL
    period = factory.SubFactory(
        PeriodFactory, project=factory.SelfAttribute("..indicator.result.project")
    )
    numerator = 10
    status = DataPoint.Status.APPROVED


class ActivityFactory(ModelFactory):
    class Meta:
        model = Activity

    project = factory.SubFactory(ProjectFactory)
    kind = Activity.Kind.WORKSHOP
    title_fr = factory.Sequence(lambda n: f"Atelier {n}")


class ParticipantGroupFactory(ModelFactory):
    class Meta:
        model = ParticipantGroup

    activity = factory.SubFactory(ActivityFactory, participants=100)


class DeliverableFactory(ModelFactory):
    class Meta:
        model = Deliverable

    activity = factory.SubFactory(ActivityFactory)
    title_fr = factory.Sequence(lambda n: f"Livrable {n}")


class EvidenceFactory(ModelFactory):
    """A photograph that everybody may see, unless the test says otherwise."""

    class Meta:
        model = Evidence

    activity = factory.SubFactory(ActivityFactory)
    title = factory.Sequence(lambda n: f"Preuve {n}")
    file = factory.LazyFunction(lambda: ContentFile(b"picture", name="photo.png"))
    original_name = "photo.png"
    kind = "png"
    size = 7
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    consent = Evidence.Consent.WRITTEN
    audience = Evidence.Audience.SHARED
    accepted_on = date(2020, 1, 1)


class AmendmentFactory(ModelFactory):
    class Meta:
        model = Amendment

    project = factory.SubFactory(ProjectFactory)
    number = factory.Sequence(lambda n: n)
    kind = Amendment.Kind.EXTENSION
    title_fr = "Prolongation"
    reason_fr = "La situation sanitaire."
    end_before = date(2022, 3, 31)
    end_after = date(2022, 9, 30)


class LogicModelVersionFactory(ModelFactory):
    """The tree of its project as it is now."""

    class Meta:
        model = LogicModelVersion

    project = factory.SubFactory(ProjectFactory)
    number = 1
    approved_on = date(2019, 7, 15)
    approver = LogicModelVersion.Approver.DONOR
    reason_fr = factory.LazyAttribute(lambda one: "" if one.number == 1 else "Un bilan.")
    content = factory.LazyAttribute(lambda one: content_of(one.project, outline_of(one.project)))


class BudgetCategoryFactory(ModelFactory):
    class Meta:
        model = BudgetCategory

    project = factory.SubFactory(ProjectFactory)
    code = factory.Sequence(lambda n: f"C{n}")
    name_fr = factory.Sequence(lambda n: f"Catégorie {n}")
    position = factory.Sequence(lambda n: n)


class BudgetLineFactory(ModelFactory):
    class Meta:
        model = BudgetLine

    period = factory.SubFactory(PeriodFactory)
    project = factory.SelfAttribute("period.project")
    category = factory.SubFactory(BudgetCategoryFactory, project=factory.SelfAttribute("..project"))
    original = 1000


class ExpenditureFactory(ModelFactory):
    class Meta:
        model = Expenditure

    category = factory.SubFactory(BudgetCategoryFactory)
    project = factory.SelfAttribute("category.project")
    spent_on = date(2019, 6, 1)
    amount = 100
    currency = "CAD"
    voucher = factory.Sequence(lambda n: f"V-{n}")


class AdvanceFactory(ModelFactory):
    class Meta:
        model = Advance

    project = factory.SubFactory(ProjectFactory)
    institution = factory.SubFactory(InstitutionFactory)
    amount = 1000
    currency = "HNL"
    paid_on = date(2020, 1, 15)
    settle_by = date(2020, 6, 30)
    reference = factory.Sequence(lambda n: f"A-{n}")


class AdvanceVoucherFactory(ModelFactory):
    class Meta:
        model = AdvanceVoucher

    advance = factory.SubFactory(AdvanceFactory)
    spent_on = date(2020, 2, 1)
    amount = 400
    number = factory.Sequence(lambda n: f"E-{n}")
    description = "Transport"


class ExchangeRateFactory(ModelFactory):
    class Meta:
        model = ExchangeRate

    project = factory.SubFactory(ProjectFactory)
    currency = "HNL"
    starts_on = date(2019, 4, 1)
    ends_on = date(2020, 3, 31)
    rate = "0.05420000"
    source = "Banque centrale"


class ContributionFactory(ModelFactory):
    class Meta:
        model = Contribution

    participation = factory.SubFactory(ParticipationFactory, role=Participation.Role.FUNDING)
    currency = "CAD"
    promised = 5000
    expected_on = date(2019, 5, 1)


class RiskFactory(ModelFactory):
    class Meta:
        model = Risk

    project = factory.SubFactory(ProjectFactory)
    number = factory.Sequence(lambda n: n)
    kind = Risk.Kind.FIDUCIARY
    definition_fr = factory.LazyAttribute(lambda risk: f"Ce qui peut arriver, {risk.number}")
    identified_on = date(2019, 6, 1)


class LessonFactory(ModelFactory):
    class Meta:
        model = Lesson

    project = factory.SubFactory(ProjectFactory)
    learned_fr = "Il faut réserver les salles trois mois d’avance."
    happened_fr = "Deux ateliers ont été reportés."
    noted_on = date(2019, 9, 1)


class RiskRatingFactory(ModelFactory):
    class Meta:
        model = RiskRating

    risk = factory.SubFactory(RiskFactory)
    rated_on = date(2019, 6, 1)
    likelihood = 2
    impact = 3


class CallFactory(ModelFactory):
    """Open for a week."""

    class Meta:
        model = CallForProposals

    project = factory.SubFactory(ProjectFactory)
    code = factory.Sequence(lambda n: f"APP-{n}")
    title_fr = factory.Sequence(lambda n: f"Appel {n}")
    theme_fr = "Prévenir la traite."
    eligibility_fr = "Les organisations de la société civile."
    budget = 50_000
    largest = 25_000
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=7))
    closes_at = factory.LazyFunction(
        lambda: (timezone.now() + timedelta(days=7)).replace(microsecond=0)
    )
    contact_email = "appel@example.org"
    status = CallForProposals.Status.PUBLISHED


class ClosedCallFactory(CallFactory):
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=30))
    closes_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    status = CallForProposals.Status.CLOSED


class CriterionFactory(ModelFactory):
    class Meta:
        model = Criterion

    call = factory.SubFactory(ClosedCallFactory)
    title_fr = factory.Sequence(lambda n: f"Critère {n}")
    weight = 1
    max_points = 5


class ProposalFactory(ModelFactory):
    """Submitted in time."""

    class Meta:
        model = Proposal

    call = factory.SubFactory(ClosedCallFactory)
    number = factory.Sequence(lambda n: n)
    language = "es"
    organisation = factory.Sequence(lambda n: f"Organisation {n}")
    contact_name = factory.Sequence(lambda n: f"Contact {n}")
    contact_email = factory.Sequence(lambda n: f"organisation{n}@example.org")
    contact_phone = "9999-0000"
    title = factory.Sequence(lambda n: f"Projet proposé {n}")
    submitted_at = factory.LazyAttribute(
        lambda proposal: proposal.call.closes_at - timedelta(days=1)
    )
    status = Proposal.Status.SUBMITTED


class PanelMemberFactory(ModelFactory):
    class Meta:
        model = PanelMember

    call = factory.SubFactory(ClosedCallFactory)
    user = factory.SubFactory(UserFactory)


class GrantFactory(ModelFactory):
    class Meta:
        model = Grant

    project = factory.SubFactory(ProjectFactory)
    institution = factory.SubFactory(InstitutionFactory)
    title = factory.Sequence(lambda n: f"Subvention {n}")
    language = "es"
    amount = 25_000
    currency = "USD"
    starts_on = date(2021, 1, 1)
    ends_on = date(2021, 6, 30)


# committees


class CommitteeFactory(ModelFactory):
    class Meta:
        model = Committee

    entered_on = LONG_AGO
    project = factory.SubFactory(ProjectFactory)
    name_fr = "Comité de pilotage"
    status = Committee.Status.ACTIVE


class SeatFactory(ModelFactory):
    class Meta:
        model = Seat

    committee = factory.SubFactory(CommitteeFactory)
    institution = factory.SubFactory(InstitutionFactory)
    position = factory.Sequence(lambda n: n)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        """Add it as the services do, which number seats that are alike."""
        seat = super()._create(model_class, *args, **kwargs)
        number_seats(seat.committee_id)
        return seat


class SeatTermFactory(ModelFactory):
    class Meta:
        model = SeatTerm

    seat = factory.SubFactory(SeatFactory)
    contact = factory.SubFactory(
        ContactFactory, institution=factory.SelfAttribute("..seat.institution")
    )
    since = date(2019, 6, 1)


class MeetingFactory(ModelFactory):
    class Meta:
        model = Meeting

    committee = factory.SubFactory(CommitteeFactory)
    number = factory.Sequence(lambda n: n)
    starts_at = datetime(2020, 9, 3, 15, 0, tzinfo=UTC)
    ends_at = datetime(2020, 9, 3, 17, 30, tzinfo=UTC)
    status = Meeting.Status.HELD


class AgendaItemFactory(ModelFactory):
    class Meta:
        model = AgendaItem

    meeting = factory.SubFactory(MeetingFactory)
    position = factory.Sequence(lambda n: n)
    title_fr = factory.Sequence(lambda n: f"Point {n}")


class DocumentFactory(ModelFactory):
    class Meta:
        model = Document

    meeting = factory.SubFactory(MeetingFactory)
    committee = factory.SelfAttribute("meeting.committee")
    title = factory.Sequence(lambda n: f"Document {n}")
    file = factory.LazyFunction(lambda: ContentFile(b"%PDF-1.7", name="document.pdf"))
    original_name = "document.pdf"
    kind = "pdf"
    size = 8
    sha256 = factory.Sequence(lambda n: f"{n:064x}")


class AttendanceFactory(ModelFactory):
    class Meta:
        model = Attendance

    meeting = factory.SubFactory(MeetingFactory)
    seat = factory.SubFactory(SeatFactory, committee=factory.SelfAttribute("..meeting.committee"))
    presence = Attendance.Presence.ONLINE


class ResolutionFactory(ModelFactory):
    class Meta:
        model = Resolution

    entered_on = LONG_AGO
    agenda_item = factory.SubFactory(AgendaItemFactory)
    meeting = factory.SelfAttribute("agenda_item.meeting")
    committee = factory.SelfAttribute("meeting.committee")
    kind = Resolution.Kind.DECISION
    number = factory.Sequence(lambda n: f"2020-{n}")
    text_fr = "Le plan d’action est validé."
    status = Resolution.Status.ADOPTED
    seats_present = 9
    seats_required = 6
    seats_total = 11
    resolved_on = date(2020, 9, 3)


class RecommendationFactory(ResolutionFactory):
    kind = Resolution.Kind.RECOMMENDATION
    number = factory.Sequence(lambda n: f"2020-R{n}")
    text_fr = "Adapter les ateliers au format en ligne."
    status = Resolution.Status.ISSUED


class SubjectFactory(ModelFactory):
    class Meta:
        model = Subject


class ActionPlanFactory(ModelFactory):
    class Meta:
        model = ActionPlan

    project = factory.SelfAttribute("period.project")
    period = factory.SubFactory(PeriodFactory)


class ActionFactory(ModelFactory):
    class Meta:
        model = Action

    project = factory.SubFactory(ProjectFactory)
    reference = factory.Sequence(lambda n: f"1.{n}")
    entered_on = LONG_AGO


class ActionTermsFactory(ModelFactory):
    class Meta:
        model = ActionTerms

    plan = factory.SubFactory(ActionPlanFactory)
    action = factory.SubFactory(ActionFactory, project=factory.SelfAttribute("..plan.project"))
    title_fr = factory.Sequence(lambda n: f"Action {n}")
    starts_on = date(2019, 6, 1)
    ends_on = date(2019, 9, 30)
    responsible = factory.SubFactory(InstitutionFactory)


class RemarkFactory(ModelFactory):
    class Meta:
        model = Remark

    plan = factory.SubFactory(ActionPlanFactory)
    institution = factory.SubFactory(InstitutionFactory)
    by = factory.SubFactory(UserFactory)
    text = "Une remarque."


class ProposedChangeFactory(ModelFactory):
    class Meta:
        model = ProposedChange

    plan = factory.SubFactory(ActionPlanFactory)
    action = factory.SubFactory(ActionFactory, project=factory.SelfAttribute("..plan.project"))
    institution = factory.SubFactory(InstitutionFactory)
    by = factory.SubFactory(UserFactory)
    field = "ends_on"
    old_value = "2019-09-30"
    new_value = "2019-10-31"
    reason = "Les ateliers reprennent en octobre."


class PositionFactory(ModelFactory):
    class Meta:
        model = Position

    plan = factory.SubFactory(ActionPlanFactory)
    institution = factory.SubFactory(InstitutionFactory)
    by = factory.SubFactory(UserFactory)
    stance = Position.Stance.ENDORSES


# reports


class ReportFactory(ModelFactory):
    class Meta:
        model = Report

    project = factory.SelfAttribute("period.project")
    period = factory.SubFactory(PeriodFactory)
    preset = factory.LazyFunction(lambda: ReportPreset.objects.get(key=DEFAULT))
    written_by = factory.SubFactory(UserFactory)


class SectionFactory(ModelFactory):
    class Meta:
        model = Section

    report = factory.SubFactory(ReportFactory)
    kind = Section.Kind.SUMMARY
    language = "fr"
    text = "Une première année **utile**."
    version = 1
    updated_by = factory.SelfAttribute("report.written_by")


class SnapshotFactory(ModelFactory):
    class Meta:
        model = Snapshot

    report = factory.SubFactory(ReportFactory)
    project = factory.SelfAttribute("report.project")
    data = factory.LazyFunction(dict)
    sha256 = factory.Sequence(lambda n: f"{n:064x}")


class RenditionFactory(ModelFactory):
    class Meta:
        model = Rendition

    snapshot = factory.SubFactory(SnapshotFactory)
    language = "fr"
    renderer = "test"
    requested_by = factory.SelfAttribute("snapshot.report.written_by")

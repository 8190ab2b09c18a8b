"""Beside the demonstration: a project in which everything is long or many, and one that is empty."""

from datetime import timedelta

from django.utils import timezone

from projects.models import Project
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    ActivityFactory,
    AgendaItemFactory,
    AssignmentFactory,
    BudgetCategoryFactory,
    CommitteeFactory,
    ContactFactory,
    ExpenditureFactory,
    IndicatorFactory,
    InstitutionFactory,
    MeetingFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
    RiskFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)

# No browser finds a place to break it.
WORD = "Desinstitucionalización" * 3
NAME = f"Secretaría nacional de derechos humanos, justicia y {WORD} de la niñez y la adolescencia"
MANY = 60


def three(field: str, text: str) -> dict[str, str]:
    return {f"{field}_{language}": text for language in ("fr", "es", "en")}


class Extremes:
    def __init__(self, people) -> None:
        self.people = people
        today = timezone.localdate()
        days = {
            "starts_on": today - timedelta(days=100),
            "original_end": today + timedelta(days=900),
        }
        self.empty: Project = ProjectFactory(code="VIDE-1", **three("short_title", "Vide"), **days)
        self.long: Project = ProjectFactory(
            code="LARGO-1", **three("short_title", WORD[:60]), **three("title", NAME), **days
        )
        for project in (self.empty, self.long):
            AssignmentFactory(project=project, user=people["coordinator"], role="coordinator")
        self._name_an_institution()
        self._fill_the_framework()
        self._meet(today)
        self._plan(today)

    def _name_an_institution(self) -> None:
        self.institution = InstitutionFactory(name=None)
        self.institution.names.create(**three("name", NAME), acronym=WORD[:20])
        ParticipationFactory(project=self.long, institution=self.institution)
        self.contact = ContactFactory(
            institution=self.institution,
            user=UserFactory(full_name=f"Persona 01 {WORD}"),
            full_name=f"Persona 01 {WORD}",
            title=f"Dirección de {WORD}",
            email=f"{'persona' * 8}@{'dominio' * 7}.example.org",
        )

    def _fill_the_framework(self) -> None:
        project = self.long
        self.period = PeriodFactory(
            project=project, start=project.starts_on, end=project.starts_on + timedelta(days=364)
        )
        self.result = ResultFactory(project=project, code="1100", **three("statement", NAME))
        for number in range(12):
            IndicatorFactory(result=self.result, code=f"1100.{number + 1}", **three("name", NAME))
        for number in range(MANY):
            ActivityFactory(project=project, **three("title", f"{number}. {NAME}"))
            RiskFactory(project=project, **three("definition", f"{number}. {NAME}"))
        category = BudgetCategoryFactory(project=project, **three("name", WORD[:60]))
        for number in range(MANY):
            ExpenditureFactory(category=category, voucher=f"{WORD[:30]}-{number}", description=NAME)

    def _meet(self, today) -> None:
        committee = CommitteeFactory(project=self.long, **three("name", NAME))
        seat = SeatFactory(committee=committee, institution=self.institution)
        SeatTermFactory(seat=seat, contact=self.contact, since=self.long.starts_on)
        self.meeting = MeetingFactory(
            committee=committee,
            number=1,
            status="planned",
            starts_at=timezone.now() + timedelta(days=20),
            ends_at=timezone.now() + timedelta(days=20, hours=3),
            place=WORD,
        )
        for _each in range(MANY):
            AgendaItemFactory(meeting=self.meeting, **three("title", NAME))

    def _plan(self, today) -> None:
        self.plan = ActionPlanFactory(period=self.period)
        for number in range(MANY):
            ActionTermsFactory(
                plan=self.plan,
                action=ActionFactory(project=self.long, reference=f"1.{number + 1}"),
                result=self.result,
                responsible=self.institution,
                **three("title", NAME),
                starts_on=today,
                ends_on=today + timedelta(days=30),
            )

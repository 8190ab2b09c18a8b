"""A small world: one project with one person per role, and a neighbouring project.

    world = World()
    client.force_login(world.people["partner"])

`people` has: administrator, coordinator, monitoring, finance, reader, auditor, member
(holds a voting seat), partner (contact of a partner institution without a seat), donor,
embassy (represents the donor), panel (judges the proposals of a call), outsider (signed in, in the
neighbouring project only).
A visitor is nobody: use the client as it is.
"""

from datetime import date, timedelta

from django.utils import timezone

from committees.models import Committee, Meeting
from partners.models import Institution
from projects.models import Assignment, Participation
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    AgendaItemFactory,
    AssignmentFactory,
    ClosedCallFactory,
    CommitteeFactory,
    ContactFactory,
    IndicatorFactory,
    InstitutionFactory,
    MeetingFactory,
    PanelMemberFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResolutionFactory,
    ResultFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)
from tests.recording import recorded

ROLES = (
    "administrator",
    "coordinator",
    "monitoring",
    "finance",
    "reader",
    "auditor",
    "member",
    "partner",
    "donor",
    "embassy",
    "panel",
    "outsider",
)


class World:
    """Everything of `project` is reachable as an attribute; `other` is the neighbour's."""

    def __init__(self) -> None:
        recorded("World", self._build, self, anywhere=True)

    def _build(self) -> None:
        self.project = ProjectFactory(code="HN-1")
        self.neighbour = ProjectFactory(code="HN-2")
        self.people = {role: UserFactory(full_name=f"Rôle — {role}") for role in ROLES}
        self.people["administrator"].is_staff = True
        self.people["administrator"].is_superuser = True
        self.people["administrator"].save()
        self._assign()
        self._partner_with_institutions()
        self._seat_the_committee()
        self._plan_and_meet()
        self.call = ClosedCallFactory(project=self.project)
        self.panel_seat = PanelMemberFactory(call=self.call, user=self.people["panel"])

    def _assign(self) -> None:
        for role in Assignment.Role.values:
            AssignmentFactory(
                project=self.project,
                user=self.people[role],
                role=role,
                ends_on=timezone.localdate() + timedelta(days=30) if role == "auditor" else None,
            )
        AssignmentFactory(project=self.neighbour, user=self.people["outsider"], role="coordinator")

    def _partner_with_institutions(self) -> None:
        kinds, roles = Institution.Kind, Participation.Role
        self.institutions = {}
        for person, kind, role in (
            ("member", kinds.STATE, roles.PARTNER),
            ("partner", kinds.CIVIL_SOCIETY, roles.PARTNER),
            ("donor", kinds.DONOR, roles.FUNDING),
            ("embassy", kinds.EMBASSY, roles.REPRESENTING),
        ):
            institution = InstitutionFactory(kind=kind)
            ParticipationFactory(project=self.project, institution=institution, role=role)
            ContactFactory(institution=institution, user=self.people[person])
            self.institutions[person] = institution
        self.foreign_institution = InstitutionFactory()
        ParticipationFactory(project=self.neighbour, institution=self.foreign_institution)

    def _seat_the_committee(self) -> None:
        self.committee = CommitteeFactory(project=self.project, status=Committee.Status.ACTIVE)
        self.seat = SeatFactory(committee=self.committee, institution=self.institutions["member"])
        SeatTermFactory(
            seat=self.seat,
            contact=self.people["member"].contacts.get(),
            since=date(2019, 6, 1),
        )

    def _plan_and_meet(self) -> None:
        self.result = ResultFactory(project=self.project, code="1100")
        self.indicator = IndicatorFactory(result=self.result, code="1100.1")
        self.year = PeriodFactory(project=self.project)
        self.plan = ActionPlanFactory(period=self.year)
        self.action = ActionFactory(project=self.project)
        self.terms = ActionTermsFactory(
            plan=self.plan,
            action=self.action,
            result=self.result,
            responsible=self.institutions["member"],
        )
        self.meeting = MeetingFactory(
            committee=self.committee, number=1, status=Meeting.Status.HELD
        )
        self.item = AgendaItemFactory(meeting=self.meeting)
        self.decision = ResolutionFactory(agenda_item=self.item, number="2020-01")

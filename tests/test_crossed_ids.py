"""Ids of one project in the paths and forms of another: for every role of the neighbouring project,
whose people have nothing to do with the first one.

`tests/test_access.py` asks each address as it is. Here a path begins in the neighbour's own project
and goes on with a thing of the other one, and a form of the neighbour names such things.
"""

from datetime import date

import pytest
from django import forms
from django.db import transaction
from django.test import Client

from projects.models import Assignment, Participation
from tests.factories import (
    ActionPlanFactory,
    ActivityFactory,
    AgendaItemFactory,
    AmendmentFactory,
    AssignmentFactory,
    CallFactory,
    CommitteeFactory,
    ContactFactory,
    DataPointFactory,
    GrantFactory,
    IndicatorFactory,
    InstitutionFactory,
    MeetingFactory,
    ParticipationFactory,
    PeriodFactory,
    ReportFactory,
    ResultFactory,
    RiskFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)
from tests.test_access import Scene, address_for, addresses, close, state, table, verdict
from tests.test_forms import table as pages_with_forms
from tests.test_twice import Opened

pytestmark = [pytest.mark.deep(part="hostile"), pytest.mark.django_db]

# Of these the neighbour has one of their own, for the first id of a path.
OWN = {
    "committees:": "committee",
    "committees:meeting": "meeting",
    "committees:attendance": "meeting",
    "committees:guest": "meeting",
    "committees:delegate": "meeting",
    "committees:carry-over": "meeting",
    "committees:carry-over-risks": "meeting",
    "committees:item-create": "meeting",
    "committees:items-order": "meeting",
    "committees:minutes-create": "meeting",
    "committees:item": "item",
    "committees:decision": "item",
    "committees:recommendation": "item",
    "committees:seat": "seat",
    "committees:seat-create": "committee",
    "committees:term": "seat",
    "committees:plan": "plan",
    "committees:action-create": "plan",
    "committees:action-edit": "plan",
    "committees:action-remove": "plan",
    "committees:action-shift": "plan",
    "projects:period": "year",
    "projects:budget-year": "year",
    "projects:result": "result",
    "projects:indicator": "indicator",
    "projects:value-create": "indicator",
    "projects:value": "value",
    "projects:activity": "activity",
    "projects:deliverable-create": "activity",
    "projects:evidence-create": "activity",
    "projects:amendment": "amendment",
    "projects:risk": "risk",
    "projects:call": "call",
    "projects:panel": "call",
    "projects:criterion": "call",
    "projects:proposal": "call",
    "projects:grant": "grant",
    "projects:instalment": "grant",
    "projects:support": "grant",
    "reports:": "report",
}

# Templates belong to the presets, which all projects share.
SHARED = {"reports:template"}


class Crossing(Scene):
    """The scene, with people of each role of the neighbouring project, and its own things."""

    def __init__(self) -> None:
        super().__init__()
        project = self.neighbour
        self.theirs = {role: UserFactory() for role in Assignment.Role.values}
        for role, person in self.theirs.items():
            ends_on = date(2099, 1, 1) if role == "auditor" else None
            AssignmentFactory(project=project, user=person, role=role, ends_on=ends_on)
        for role, part in (("partner", "PARTNER"), ("donor", "FUNDING"), ("member", "PARTNER")):
            self.theirs[role] = UserFactory()
            institution = InstitutionFactory()
            ParticipationFactory(
                project=project, institution=institution, role=Participation.Role[part]
            )
            ContactFactory(institution=institution, user=self.theirs[role])
        self._own_things(project)
        self.clients = {role: Client() for role in self.theirs}
        for role, person in self.theirs.items():
            self.clients[role].force_login(person)

    def _own_things(self, project) -> None:
        committee = CommitteeFactory(project=project)
        contact = self.theirs["member"].contacts.get()
        seat = SeatFactory(committee=committee, institution=contact.institution)
        SeatTermFactory(seat=seat, contact=contact, since=date(2019, 6, 1))
        meeting = MeetingFactory(committee=committee, number=1, status="convened")
        year = PeriodFactory(project=project)
        result = ResultFactory(project=project, code="1100")
        indicator = IndicatorFactory(result=result, code="1100.1")
        self.own = {
            "committee": committee,
            "seat": seat,
            "meeting": meeting,
            "item": AgendaItemFactory(meeting=meeting),
            "plan": ActionPlanFactory(period=year),
            "year": year,
            "result": result,
            "indicator": indicator,
            "value": DataPointFactory(indicator=indicator, period=year),
            "activity": ActivityFactory(project=project),
            "amendment": AmendmentFactory(project=project),
            "risk": RiskFactory(project=project),
            "call": CallFactory(project=project, status="draft"),
            "grant": GrantFactory(project=project),
            "report": ReportFactory(period=year),
        }

    def own_of(self, name: str) -> int | None:
        best = max((start for start in OWN if name.startswith(start)), key=len, default=None)
        return self.own[OWN[best]].pk if best else None

    def crossed(self, name: str, taken: list[str]) -> list[dict]:
        """The arguments of an address in which ids of both projects meet, or only the other's."""
        foreign = self.arguments(name, taken)
        found = [foreign]
        ids = [key for key in foreign if key.endswith("pk")]
        if "code" in foreign and ids and foreign["code"] == self.project.code:
            foreign = foreign | {"code": self.neighbour.code}
            found.append(foreign)
        own = self.own_of(name)
        if "pk" in foreign and len(ids) > 1 and own:
            found.append(foreign | {"pk": own})
        return found

    def own_arguments(self, name: str, taken: list[str]) -> dict | None:
        """What the neighbour calls a page of their own with, if they have such a thing."""
        own = {"code": self.neighbour.code, "pk": self.own_of(name)}
        if not set(taken) <= set(own) or ("pk" in taken and own["pk"] is None):
            return None
        return {key: own[key] for key in taken}


def asked(client, method: str, url: str) -> str:
    with transaction.atomic():
        answer = getattr(client, method)(url)
        said = verdict(answer)
        close(answer)
        transaction.set_rollback(True)
    return said


def test_none_of_500_crossed_ids_is_found_by_its_path():
    """A page that others see, such as an open call, is left out; the table of access has it."""
    scene, known, count, wrong = Crossing(), table(), 0, []
    roles = list(scene.clients)  # by turns, so that each asks for many
    before = state()
    for name, taken in addresses():
        for method in ("get", "post"):
            is_shown = known[name, method.upper()]["outsider"] != "404"
            if is_shown or "token" in taken or name in SHARED:
                continue
            for place, arguments in enumerate(scene.crossed(name, taken) if taken else []):
                role = roles[count % len(roles)]
                url = address_for(name, arguments, role)
                said = asked(scene.clients[role], method, url)
                # In their own project they may also be refused before the thing is looked for.
                if said not in {"404", "405", "403" if place else ""}:
                    wrong.append((role, method, url, said))
                count += 1
    assert wrong == []
    assert state() == before
    assert count >= 500, count


def foreign_to(form: forms.BaseForm, name: str) -> list[str]:
    """Keys of things that the field does not offer, which are the other project's."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField) or field.queryset is None:
        return []
    offered = set(field.queryset.values_list("pk", flat=True))
    others = field.queryset.model._base_manager.exclude(pk__in=offered)
    return [str(key) for key in others.values_list("pk", flat=True)[:2]]


def test_none_of_100_crossed_ids_is_taken_from_a_form():
    scene, count, wrong = Crossing(), 0, []
    taken_by = dict(addresses())
    for name in pages_with_forms():
        arguments = scene.own_arguments(name, taken_by[name])
        if arguments is None:
            continue
        for role, client in scene.clients.items():
            url = address_for(name, arguments, role)
            answer = client.get(url)
            if answer.status_code != 200 or b"<form" not in answer.content:
                continue
            page = Opened(client, url, answer)
            if page.element is None:
                continue
            holds = page.filled()
            for form in page.forms:
                crossed = ((one, key) for one in form.fields for key in foreign_to(form, one))
                for field, key in list(crossed):
                    count += 1
                    sent = holds | {form.add_prefix(field): key}
                    if is_taken(client, url, sent, field):
                        wrong.append((role, url, field, key))
    assert wrong == []
    assert count >= 100, count


def is_taken(client, url: str, sent: dict, field: str) -> bool:
    """Whether the page accepts it: it neither refuses the field nor shows the form again."""
    with transaction.atomic():
        answer = client.post(url, sent)
        transaction.set_rollback(True)
    if answer.status_code >= 400:
        return False
    return answer.status_code == 302 or not any(
        field in form.errors for form in Opened(client, url, answer).forms if form.is_bound
    )

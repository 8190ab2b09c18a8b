"""The access log of one project, as its auditor reads it: nothing of other projects, and no name."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from accounts.identities import record_erasure
from accounts.models import AccessEvent, AccessLink, Pseudonym
from ibcr_portal.audit.changes import events_of, rows_of, way_to_project
from projects.models import Expenditure, Project
from tests.factories import (
    ActionPlanFactory,
    AgreementFactory,
    AssignmentFactory,
    BudgetCategoryFactory,
    ExpenditureFactory,
    PeriodFactory,
    UserFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def auditor(world, client):
    person = world.people["auditor"]
    person.keep_language("en")
    client.force_login(person)
    return person


def url(name="audit-log"):
    return reverse(f"projects:{name}", args=["HN-1"])


def record(kind, user, thing=None, **details):
    return AccessEvent.record(kind, user=user, thing=thing, **details)


def test_it_has_the_events_of_the_project_and_of_no_other(world):
    coordinator = world.people["coordinator"]
    foreign = ActionPlanFactory(period=PeriodFactory(project=world.neighbour))
    own = [
        record("download", coordinator, world.project),
        record("export", coordinator, world.plan),
        record("link_issued", coordinator, world.item),
        record("role", coordinator, world.committee, person=world.people["member"]),
    ]
    record("download", coordinator, world.neighbour)
    record("export", coordinator, foreign)
    record("sign_in", coordinator)
    record("account", coordinator, world.people["partner"])
    record("role", coordinator, world.institutions["partner"])

    assert list(events_of(world.project)) == own[::-1]


def test_the_end_of_a_link_belongs_to_the_project_of_its_thing(world):
    coordinator = world.people["coordinator"]
    foreign = ActionPlanFactory(period=PeriodFactory(project=world.neighbour))
    for plan in (world.plan, foreign):
        AccessLink.issue(world.people["partner"], "review_plan", plan, by=coordinator)
    for link in AccessLink.objects.all():
        link.revoke(by=coordinator)

    kinds = [event.kind for event in events_of(world.project)]

    assert kinds == ["link_revoked", "link_issued"]


def test_a_refused_page_is_among_the_events_of_its_project(client, world, auditor):
    assert client.get("/projects/HN-1/budget/expenditure/new/").status_code == 403
    client.force_login(world.people["outsider"])
    assert client.get("/projects/HN-1/").status_code == 404

    found = [(event.kind, event.details["status"]) for event in events_of(world.project)]

    assert found == [("refused", 404), ("refused", 403)]


def test_people_appear_by_their_roles_and_keys(client, world, auditor):
    finance, member = world.people["finance"], world.people["member"]
    gone, forgotten = UserFactory(full_name="Partie"), UserFactory()
    record("export", finance, world.project, what="books")
    record("role", world.people["administrator"], world.project, person=member, role="reader")
    record("download", gone, world.plan)
    record("download", forgotten, world.plan)
    record_erasure([forgotten.pk], by=None)
    Pseudonym.objects.filter(user=forgotten).delete()

    response = client.get(url())

    who = [row.who.partition(" · ")[0] for row in response.context["page"]]
    assert who == [
        "a person who was forgotten",
        "No role in this project",
        "Administrator",
        "Finance",
    ]
    key = str(Pseudonym.of(finance))[:8]
    assert response.context["page"][3].who == f"Finance · {key}"
    assert response.context["page"][2].concerned.startswith("Member")
    page = response.content.decode()
    names = [person.full_name for person in (finance, member, gone, forgotten)]
    assert [name for name in names if name in page] == []


def test_former_roles_and_several_are_said(world):
    person = UserFactory(is_staff=True)
    yesterday = timezone.localdate() - timedelta(days=1)
    AssignmentFactory(project=world.project, user=person, role="finance", ends_on=yesterday)
    record("download", person, world.plan)

    [row] = rows_of(world.project, events_of(world.project))

    assert row.who == f"Administrator and Finance · {str(Pseudonym.of(person))[:8]}"


def test_the_export_has_every_filtered_event_and_is_the_next_one(client, world, auditor):
    record("export", world.people["finance"], world.project, what="=1+1")
    record("download", world.people["finance"], world.plan)

    answer = client.get(url("audit-log-export") + "?kind=export")

    [head, row] = load_workbook(io.BytesIO(answer.content)).active.iter_rows()
    assert [cell.value for cell in head][:4] == ["No.", "When", "What", "Who"]
    assert (row[2].value, row[6].value) == ("Export", "content: =1+1")
    assert {cell.data_type for cell in row} == {"s", "n"}
    newest = events_of(world.project).first()
    assert newest.details == {"what": "access log", "rows": 1}
    assert Pseudonym.objects.get(key=newest.key).user == auditor


def test_the_filter_has_no_field_for_names(client, auditor):
    assert set(client.get(url()).context["form"].fields) == {"kind", "since", "until"}


def test_the_page_asks_as_much_for_many_events(
    client, world, auditor, django_assert_max_num_queries
):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _ in numbers:
            record("download", world.people["finance"], world.plan)
        client.get(url())

        with django_assert_max_num_queries(30) as statements:
            client.get(url())
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_the_way_to_the_project_is_found_for_what_the_log_is_about(world):
    category = BudgetCategoryFactory(project=world.project)
    voucher = ExpenditureFactory(category=category)
    agreement = AgreementFactory()

    ways = {
        type(thing)._meta.label: way_to_project(type(thing))
        for thing in (world.project, world.item, voucher, world.terms, agreement, auditor_of(world))
    }

    assert ways == {
        "projects.Project": "id",
        "committees.AgendaItem": "meeting__committee__project",
        "projects.Expenditure": "project",
        "committees.ActionTerms": "plan__project",
        "partners.Agreement": "",
        "accounts.User": "",
    }
    assert Expenditure.objects.filter(project=world.project).get() == voucher
    assert Project.objects.count() == 2


def auditor_of(world):
    return world.people["auditor"]

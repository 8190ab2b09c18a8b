"""The tabs of a project's pages, which each page of the project keeps."""

import pytest
from django.urls import reverse

from tests.factories import (
    ActionPlanFactory,
    AmendmentFactory,
    AssignmentFactory,
    BudgetLineFactory,
    CallFactory,
    MeetingFactory,
    ResolutionFactory,
    RiskFactory,
)
from tests.tabs import current_tabs, labels
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


FROM_THE_START = ["Overview", "Due", "Committee", "Action plans", "Reports", "All subjects"]


def test_a_new_project_has_six_tabs_and_a_busy_one_at_most_twelve(client, world):
    new = AssignmentFactory(user=world.people["coordinator"], role="coordinator").project
    BudgetLineFactory(period=world.year)
    RiskFactory(project=world.project)
    AmendmentFactory(project=world.project)
    CallFactory(project=world.project)
    client.force_login(world.people["coordinator"])

    first = labels(client.get(new.get_absolute_url()).context["tabs"])
    busy = labels(client.get(world.project.get_absolute_url()).context["tabs"])

    assert list(first) == FROM_THE_START
    assert list(busy) == [
        *FROM_THE_START[:-1], "Results", "Money", "Risks", "Amendments", "Calls", "All subjects",
    ]  # fmt: skip


def test_tabs_are_those_that_the_person_may_see(client, world):
    BudgetLineFactory(period=world.year)
    RiskFactory(project=world.project, is_shared=True)
    seen = {}
    for role in ("donor", "member", "partner", "auditor"):
        client.force_login(world.people[role])
        seen[role] = labels(client.get(world.project.get_absolute_url()).context["tabs"])

    assert seen["donor"]["Money"] == ["Budget", "Contributions", "Rates"]
    assert "Money" not in seen["member"]
    assert seen["member"]["Committee"] == ["Committee", "Meetings", "Decisions"]
    assert seen["member"]["All subjects"] == [
        "All subjects", "Partners", "Periods", "Reporting duties", "Documents",
    ]  # fmt: skip
    assert "Risks" in seen["member"]
    assert "Risks" not in seen["partner"]
    # Who comes to read a project finds also what it does not use.
    assert {"Amendments", "Calls"} <= set(seen["auditor"])


def test_a_page_of_a_subject_not_used_yet_has_its_tab(client, world):
    client.force_login(world.people["coordinator"])

    shown = client.get(reverse("projects:risks", args=[world.project.code])).context["tabs"]

    assert current_tabs(shown) == ["Risks", "Risks"]
    assert str(shown[-1]["label"]) == "All subjects"


@pytest.mark.parametrize("role", ["coordinator", "auditor", "donor", "member", "partner"])
def test_all_subjects_lead_to_pages_that_keep_the_tabs(client, world, role):
    client.force_login(world.people[role])
    subjects = client.get(reverse("projects:subjects", args=[world.project.code]))

    for subject in subjects.context["subjects"]:
        for each in subject.pages:
            assert f'href="{each["url"]}"' in subjects.text
            page = client.get(each["url"])
            if page.status_code == 302:
                page = client.get(page["Location"])
            label = str(subject.label).replace("Settings", "All subjects")
            assert current_tabs(page.context["tabs"]) == [label, str(each["label"])]


def test_a_list_of_a_project_shows_what_is_of_the_project(
    client, world, django_assert_max_num_queries
):
    other = ActionPlanFactory().project
    MeetingFactory()
    ResolutionFactory()
    client.force_login(world.people["administrator"])

    for name in ("meetings", "plans", "resolutions"):
        url = reverse(f"projects:{name}", args=[world.project.code])
        with django_assert_max_num_queries(25):
            shown = client.get(url, {"project": other.code})
        assert {_project_of(each) for each in shown.context["page"]} == {world.project}, name


def _project_of(thing):
    return thing.project if hasattr(thing, "project") else thing.committee.project


def test_the_tab_of_the_committee_offers_to_set_one_up_where_there_is_none(client, world):
    coordinator = AssignmentFactory(role="coordinator")
    url = reverse("projects:committee", args=[coordinator.project.code])
    create = reverse("committees:create", args=[coordinator.project.code])

    client.force_login(coordinator.user)
    assert create in client.get(url).text
    client.force_login(AssignmentFactory(role="reader", project=coordinator.project).user)
    assert create not in client.get(url).text

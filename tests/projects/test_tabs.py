"""The tabs of a project's pages, which each page of the project keeps."""

import pytest
from django.urls import reverse

from tests.factories import ActionPlanFactory, AssignmentFactory, MeetingFactory, ResolutionFactory
from tests.tabs import current_tabs, labels
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def test_there_are_five_groups_at_most_for_every_role(client, world):
    seen = {}
    for role in ("coordinator", "donor", "member", "partner"):
        client.force_login(world.people[role])
        seen[role] = labels(client.get(world.project.get_absolute_url()).context["tabs"])

    assert list(seen["coordinator"]) == ["Overview", "Governance", "Results", "Money", "Settings"]
    assert all(1 <= len(tabs) <= 7 for groups in seen.values() for tabs in groups.values())
    assert seen["donor"]["Money"] == ["Budget", "Contributions", "Rates"]
    assert seen["member"] == {
        "Overview": ["Project", "Due", "Documents"],
        "Governance": [
            "Committee", "Meetings", "Action plans", "Decisions", "Risks", "Amendments",
        ],
        "Results": ["Logic model", "Framework", "Activities", "Lessons learned", "Reports"],
        "Settings": ["Partners", "Periods", "Reporting duties"],
    }  # fmt: skip
    assert "Risks" not in seen["partner"]["Governance"]


def test_every_tab_leads_to_a_page_that_keeps_the_tabs(client, world):
    client.force_login(world.people["coordinator"])
    groups = client.get(world.project.get_absolute_url()).context["tabs"]

    for group in groups:
        for tab in group["tabs"]:
            page = client.get(tab["url"])
            if page.status_code == 302:
                page = client.get(page["Location"])
            assert current_tabs(page.context["tabs"]) == [group["label"], tab["label"]]


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

"""A code in a document leads to its record, for those who may see it."""

import pytest
from django.urls import reverse

from committees.models import Audience
from reports.evidence import anchor_of
from reports.services.writing import save_section
from tests.factories import ActivityFactory, AmendmentFactory, RiskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def things(world):
    made = (ActivityFactory, AmendmentFactory, RiskFactory)
    more = [make(project=world.project) for make in made]
    known = [world.result, world.indicator, world.action, world.plan, world.decision, world.meeting]
    return [*known, *more]


def address(world, name):
    return reverse("reports:code", args=[world.project.code, name])


def test_every_anchor_leads_to_its_record(client, world, things):
    client.force_login(world.people["coordinator"])

    found = {one: client.get(address(world, anchor_of(one))) for one in things}

    assert {one: answer.url for one, answer in found.items()} == {
        one: one.get_absolute_url() for one in things
    }


@pytest.mark.parametrize("code", ["I 1100.1", "I 1100/1100.1", "i 1100.1"])
def test_a_code_as_it_is_written_leads_there_too(client, world, code):
    client.force_login(world.people["donor"])

    assert client.get(address(world, code)).url == world.indicator.get_absolute_url()


def test_a_code_that_changed_leads_to_what_a_report_cited_by_it(client, world, report):
    by = world.people["coordinator"]
    save_section(report, "lessons", "fr", "Voir [[I 1100.1]].", seen_version=0, by=by)
    type(world.indicator).objects.filter(pk=world.indicator.pk).update(code="1100.9")
    client.force_login(by)

    assert client.get(address(world, "I 1100.1")).url == world.indicator.get_absolute_url()
    client.force_login(world.people["donor"])  # who does not see the draft
    assert client.get(address(world, "I 1100.1")).status_code == 404


def test_what_a_person_may_not_see_is_not_found(client, world):
    type(world.item).objects.filter(pk=world.item.pk).update(audience=Audience.VOTING)
    for role in ("partner", "donor", "outsider"):
        client.force_login(world.people[role])
        assert client.get(address(world, anchor_of(world.decision))).status_code == 404, role
        assert client.get(address(world, "D 2020-01")).status_code == 404, role


@pytest.mark.parametrize("name", ["x", "indicator-", "I", "I 1", "risk-99999999", "../x"])
def test_nonsense_is_not_found(client, world, name):
    client.force_login(world.people["coordinator"])

    assert client.get(f"/code/{world.project.code}/{name}/").status_code == 404


def test_a_visitor_signs_in_and_comes_back(client, world):
    answer = client.get(address(world, "resolution-2020-01"))

    assert answer.status_code == 302
    assert "/accounts/login/?next=/code/HN-1/resolution-2020-01/" in answer.url

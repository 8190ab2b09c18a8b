"""All baselines and targets are approved at once by a second person, or with the recorded exception."""

import pytest
from django.urls import reverse

from kernel.lifecycle import StatusChange
from projects.models import Assignment, DataPoint
from tests.factories import DataPointFactory, IndicatorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def brought(world):
    """Baselines and a target that the coordinator imported, and an actual value."""
    by = world.people["coordinator"]
    indicators = [world.indicator, IndicatorFactory(result=world.result, code="1100.2")]
    points = [
        DataPointFactory(indicator=each, kind="baseline", period=None, status="submitted")
        for each in indicators
    ]
    points.append(
        DataPointFactory(
            indicator=indicators[0], kind="target", period=world.year, status="submitted"
        )
    )
    DataPoint.objects.update(entered_by=by)
    DataPointFactory(indicator=indicators[0], period=world.year, status="submitted")
    return points


@pytest.fixture
def url(world):
    return reverse("projects:values", args=[world.project.code])


def states():
    return set(DataPoint.objects.exclude(kind="actual").values_list("status", flat=True))


def approve(client, url, **data):
    starting = client.get(url).context["starting"]
    return client.post(url, {"verb": "approve", "value": [one.pk for one in starting]} | data)


def test_a_second_person_approves_all_baselines_and_targets_with_one_press(
    client, world, sign_in, brought, url
):
    sign_in("monitoring")
    page = client.get(url)

    assert page.context["starting"] == [brought[0], brought[2], brought[1]]
    assert not page.context["asks_why"]

    approve(client, url)
    assert states() == {"approved"}
    assert DataPoint.objects.get(kind="actual").status == "submitted"
    steps = StatusChange.objects.filter(verb="approve")
    assert {(step.by, step.why) for step in steps} == {(world.people["monitoring"], "")}


def test_nobody_approves_their_own_at_once_while_a_colleague_can(
    client, world, sign_in, brought, url
):
    sign_in("coordinator")
    assert client.get(url).context["starting"] == []

    data = {"verb": "approve", "value": [one.pk for one in brought], "exception": "Nobody"}
    client.post(url, data)
    assert states() == {"submitted"}


def test_who_is_alone_approves_them_with_the_recorded_exception(
    client, world, sign_in, brought, url
):
    Assignment.objects.exclude(user=world.people["coordinator"]).delete()
    sign_in("coordinator")
    assert client.get(url).context["asks_why"]

    refused = approve(client, url)
    assert "exception" in refused.context["form"].errors
    starting, _table = refused.content.decode().split('id="results"')
    assert "Say why nobody else can approve them." in starting
    assert states() == {"submitted"}

    approve(client, url, exception="The team is one person.")
    assert states() == {"approved"}
    [why] = set(StatusChange.objects.filter(verb="approve").values_list("why", flat=True))
    assert "The team is one person." in why
    assert why != "The team is one person."  # it is called an exception


def test_what_a_colleague_entered_is_approved_without_ones_own(
    client, world, sign_in, brought, url
):
    DataPoint.objects.filter(pk=brought[0].pk).update(entered_by=world.people["monitoring"])
    sign_in("coordinator")
    assert client.get(url).context["starting"] == [brought[0]]

    approve(client, url)

    assert states() == {"approved", "submitted"}


def test_the_reason_of_an_exception_is_kept_for_ones_own_values_alone(
    client, world, sign_in, brought, url
):
    former = world.people["monitoring"]
    Assignment.objects.exclude(user=world.people["coordinator"]).delete()
    DataPoint.objects.filter(pk=brought[0].pk).update(entered_by=former)
    sign_in("coordinator")

    approve(client, url, exception="The team is one person.")

    assert states() == {"approved"}
    whys = StatusChange.objects.filter(verb="approve").values_list("object_id", "why")
    assert {pk for pk, why in whys if why} == {brought[1].pk, brought[2].pk}


def test_nothing_is_offered_for_ticked_values_where_none_can_be_ticked(
    client, world, sign_in, brought, url
):
    DataPoint.objects.filter(kind="actual").update(entered_by=world.people["coordinator"])
    sign_in("coordinator")
    assert "Approve the ticked ones" not in client.get(url).content.decode()

    sign_in("monitoring")
    assert "Approve the ticked ones" in client.get(url).content.decode()


def test_what_was_ticked_stays_ticked_where_the_remark_is_missing(
    client, world, sign_in, brought, url
):
    sign_in("monitoring")

    page = client.post(url, {"verb": "return", "value": [brought[0].pk]}).content.decode()

    assert page.count(" checked>") == 1

"""What changed of the risks goes to the next agenda in one step, once, and names only what is
shared with the committee."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.agenda.services.carry_over import offers_for
from reports.compose.governance import _may_disclose
from tests.factories import MeetingFactory, RiskFactory, RiskRatingFactory

pytestmark = pytest.mark.django_db
HELD = datetime(2019, 12, 1, tzinfo=UTC)  # before the meeting of the world


@pytest.fixture
def coming(world):
    starts = timezone.now() + timedelta(days=14)
    return MeetingFactory(
        committee=world.committee,
        number=7,
        status="planned",
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
    )


def risen(world, number, **facts):
    """A risk that the committee knew at level 2 and that is rated 12 now."""
    risk = RiskFactory(project=world.project, number=number, recorded_at=HELD, **facts)
    RiskRatingFactory(risk=risk, rated_on=HELD, likelihood=1, impact=2, recorded_at=HELD)
    RiskRatingFactory(risk=risk, rated_on=date(2020, 10, 1), likelihood=3, impact=4)
    return risk


def press(client, meeting):
    return client.post(reverse("committees:carry-over-risks", args=[meeting.pk]), follow=True)


def test_one_press_makes_one_item_in_three_languages(world, sign_in, coming):
    shared = risen(world, 1, is_shared=True, definition_fr="Une *équipe* part")
    risen(world, 2, definition_fr="Interne")
    client = sign_in("coordinator")

    press(client, coming)
    again = press(client, coming)

    item = coming.items.get()
    assert (item.source, item.audience, item.purpose) == ("risks", "committee", "discuss")
    assert [subject.risk for subject in item.subjects.all()] == [shared]
    assert item.briefing_en == (
        "Since the meeting of September 3, 2020:\n\n"
        "- **Rising** · Risk 1: Une \\*équipe\\* part. Level 12, before 2."
    )
    assert "3 septembre 2020" in item.briefing_fr
    assert "3 de septiembre de 2020" in item.briefing_es
    assert "is already on the agenda" in again.content.decode()


def test_what_changes_afterwards_is_taken_into_the_same_item(world, sign_in, coming):
    first = risen(world, 1, is_shared=True)
    client = sign_in("coordinator")
    press(client, coming)

    second = risen(world, 2, is_shared=True)
    RiskRatingFactory(risk=first, rated_on=date(2020, 11, 1), likelihood=4, impact=4)
    assert "risks" in [offer.source for offer in offers_for(coming)]
    press(client, coming)

    item = coming.items.get()
    assert {subject.risk for subject in item.subjects.all()} == {first, second}
    assert "Level 16, before 2." in item.briefing_en
    assert item.history.count() >= 2


def test_the_link_to_a_risk_follows_who_sees_it(world, sign_in, coming):
    risk = risen(world, 1, is_shared=True)
    press(sign_in("coordinator"), coming)
    type(coming).objects.filter(pk=coming.pk).update(status="convened")
    url = risk.get_absolute_url()
    assert url in sign_in("member").get(coming.get_absolute_url()).content.decode()
    assert coming.get_absolute_url() in sign_in("member").get(url).content.decode()

    type(risk).objects.update(is_shared=False)

    assert url not in sign_in("member").get(coming.get_absolute_url()).content.decode()
    assert sign_in("member").get(url).status_code == 404


@pytest.mark.parametrize(
    ("audience", "told"),
    [("committee", [True, False]), ("donor", [True, True]), ("partners", [False, False])],
)
def test_documents_name_a_risk_to_who_sees_it(world, audience, told):
    class Reading:
        is_internal = False

    Reading.audience = audience
    risks = [RiskFactory(project=world.project, is_shared=shared) for shared in (True, False)]
    links = [world.item.subjects.create(risk=risk) for risk in risks]

    assert [_may_disclose(Reading, link) for link in links] == told


@pytest.mark.parametrize("status", ["frozen", "held", "cancelled"])
def test_an_agenda_that_stands_takes_nothing_in(world, sign_in, coming, status):
    risen(world, 1, is_shared=True)
    type(coming).objects.filter(pk=coming.pk).update(status=status)

    press(sign_in("coordinator"), coming)

    assert not coming.items.exists()


@pytest.mark.parametrize(("role", "status"), [("member", 404), ("donor", 404), ("finance", 403)])
def test_only_the_coordination_presses(world, sign_in, coming, role, status):
    risen(world, 1, is_shared=True)

    assert press(sign_in(role), coming).status_code == status
    assert not coming.items.exists()

"""What is reserved stays with its audience: on the live page, and where minutes are read."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from committees.meetings.services.session import go_to_item, open_meeting
from committees.minutes.services.minutes import circulate, start_minutes
from committees.minutes.services.notices import issue_link
from committees.models import (
    ActionPlan,
    AgendaItem,
    InterestDeclaration,
    Meeting,
    MinutesRemark,
    Subject,
)
from tests.factories import AgendaItemFactory, MeetingFactory, SeatFactory, SeatTermFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

RESERVED = "Point réservé de la coordination"


@pytest.fixture
def by(world):
    return world.people["coordinator"]


@pytest.fixture
def spoken_of(world, by):
    """A meeting in session that speaks of a reserved item."""
    now = timezone.now()
    meeting = MeetingFactory(
        committee=world.committee,
        number=5,
        status=Meeting.Status.FROZEN,
        starts_at=now - timedelta(minutes=5),
        ends_at=now + timedelta(hours=2),
    )
    item = AgendaItemFactory(meeting=meeting, title_fr=RESERVED, audience="coordination")
    open_meeting(meeting, by=by, why="")
    go_to_item(meeting, item, by=by)
    return meeting


@pytest.mark.parametrize("name", ["meeting-session", "meeting-pulse"])
@pytest.mark.parametrize(("role", "is_named"), [("coordinator", True), ("member", False)])
def test_the_live_page_names_the_item_spoken_of_to_its_audience_alone(
    sign_in, spoken_of, name, role, is_named
):
    page = sign_in(role).get(reverse(f"committees:{name}", args=[spoken_of.pk]))

    assert (RESERVED in page.text) is is_named


@pytest.fixture
def minutes(world, by):
    """Circulated minutes with a reserved item in which a seat declared an interest."""
    item = AgendaItemFactory(
        meeting=world.meeting,
        title_fr=RESERVED,
        audience="coordination",
        status=AgendaItem.Status.DISCUSSED,
    )
    for items in ([item], [item, world.item]):
        InterestDeclaration.objects.create(
            meeting=world.meeting, seat=world.seat, text="Bénéficiaire.", recused=False
        ).items.set(items)
    world.decision.delete()
    minutes = start_minutes(world.meeting, language="fr")
    circulate(minutes, by=by, until=timezone.localdate() + timedelta(days=10))
    return minutes


def test_minutes_tell_of_declared_interests_without_reserved_items(sign_in, world, minutes):
    shown = sign_in("member").get(minutes.get_absolute_url())
    all_of_it = sign_in("coordinator").get(minutes.get_absolute_url())

    assert RESERVED not in shown.text
    titles = [
        [title["text"] for title in row["items"]] for row in shown.context["text"]["declarations"]
    ]
    assert titles == [[world.item.title_fr]]
    assert len(all_of_it.context["text"]["declarations"]) == 2


def comments_on(page):
    """Those below the items, and those on the whole."""
    below = [one for item in page.context["text"]["items"] for one in item["remarks"]]
    return [*below, *page.context["remarks"]]


def test_comments_on_a_reserved_item_stay_with_its_audience(sign_in, world, by, minutes):
    reserved = world.meeting.items.get(title_fr=RESERVED)
    for item in (reserved, world.item, None):
        MinutesRemark.objects.create(
            minutes=minutes, seat=world.seat, agenda_item=item, text="À revoir.", by=by
        )

    shown = comments_on(sign_in("member").get(minutes.get_absolute_url()))
    all_of_them = comments_on(sign_in("coordinator").get(minutes.get_absolute_url()))

    assert [remark.agenda_item for remark in shown] == [world.item, None]
    assert len(all_of_them) == 3


def test_who_is_recused_reads_nothing_of_the_reserved_item_in_the_minutes(sign_in, world, by):
    """The seat left its audience; the members of other seats read on."""
    item = AgendaItemFactory(
        meeting=world.meeting,
        title_fr=RESERVED,
        audience="voting",
        status=AgendaItem.Status.DISCUSSED,
    )
    other = SeatTermFactory(
        seat=SeatFactory(committee=world.committee, institution=world.institutions["partner"]),
        contact=world.people["partner"].contacts.get(),
    )
    InterestDeclaration.objects.create(
        meeting=world.meeting, seat=world.seat, text="Bénéficiaire."
    ).items.set([item])
    world.decision.delete()
    minutes = start_minutes(world.meeting, language="fr")
    circulate(minutes, by=by, until=timezone.localdate() + timedelta(days=10))
    MinutesRemark.objects.create(
        minutes=minutes, seat=other.seat, agenda_item=item, text="À revoir.", by=by
    )
    own = {"minutes": minutes, "seat": world.seat, "by": by}
    quoted = "Une phrase réservée."
    MinutesRemark.objects.create(**own, agenda_item=item, sentence=quoted, text="Pourquoi ?")
    MinutesRemark.objects.create(**own, text="Pour tous.")
    link = issue_link(minutes, world.people["member"], by=by)

    pages = {
        role: sign_in(role).get(minutes.get_absolute_url()).text for role in ("member", "partner")
    }

    assert RESERVED not in pages["member"]
    assert "À revoir." not in pages["member"]
    assert RESERVED in pages["partner"]
    assert "À revoir." in pages["partner"]
    by_link = sign_in("outsider").get(link.removeprefix(settings.SITE_URL))
    assert (by_link.status_code, RESERVED in by_link.text) == (200, False)
    assert quoted not in by_link.text
    assert "Pour tous." in by_link.text


def test_the_page_of_an_action_names_no_item_that_the_readers_seat_left(sign_in, world):
    item = AgendaItemFactory(meeting=world.meeting, title_fr=RESERVED, audience="voting")
    declared = {"meeting": world.meeting, "seat": world.seat, "text": "Bénéficiaire."}
    InterestDeclaration.objects.create(**declared).items.set([item])
    ActionPlan.objects.update(status=ActionPlan.Status.IN_REVIEW)
    action = world.action
    Subject.objects.create(agenda_item=item, action=action)

    pages = {
        role: sign_in(role).get(action.get_absolute_url()) for role in ("member", "coordinator")
    }

    assert {page.status_code for page in pages.values()} == {200}
    assert RESERVED in pages["coordinator"].text
    assert RESERVED not in pages["member"].text

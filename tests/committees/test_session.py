"""The live page: who is there, the item that is spoken of, its notes, and what was declared."""

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from committees.meetings.services.attendance import SeatRow
from committees.meetings.services.check_in import check_oneself_in, mark_seat
from committees.meetings.services.meetings import adjourn_meeting
from committees.meetings.services.session import (
    close_meeting,
    go_on_informing,
    go_to_item,
    open_meeting,
)
from committees.meetings.views.session import planned_clocks
from committees.models import (
    AgendaItem,
    Attendance,
    InterestDeclaration,
    Meeting,
    Resolution,
    SeatTerm,
    Sitting,
)
from committees.permissions.meetings import visible_items
from committees.permissions.resolutions import visible_resolutions
from committees.resolutions.services import NoQuorum, Vote, adopt_resolution, record_decision
from kernel.formats import clock
from kernel.refusal import Refusal
from tests.factories import (
    PASSWORD,
    AgendaItemFactory,
    AttendanceFactory,
    ContactFactory,
    MeetingFactory,
    ResolutionFactory,
    SeatFactory,
    SeatTermFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture
def second(world):
    """A second voting seat, held, with an alternate."""
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    SeatTermFactory(seat=seat)
    SeatTermFactory(seat=seat, capacity=SeatTerm.Capacity.ALTERNATE)
    return seat


@pytest.fixture
def meeting(world):
    """In session since now, in a room, with one item to decide and one to discuss."""
    now = timezone.now()
    meeting = MeetingFactory(
        committee=world.committee,
        number=5,
        mode=Meeting.Mode.HYBRID,
        status=Meeting.Status.FROZEN,
        starts_at=now - timedelta(minutes=5),
        ends_at=now + timedelta(hours=2),
    )
    AgendaItemFactory(meeting=meeting, position=1, purpose="decide", minutes_planned=10)
    AgendaItemFactory(meeting=meeting, position=2)
    open_meeting(meeting, by=world.people["coordinator"], why="")
    return meeting


@pytest.fixture
def item(meeting):
    return meeting.items.first()


def page(meeting):
    return reverse("committees:meeting-session", args=[meeting.pk])


def mark(client, meeting, seat, what, **typed):
    url = reverse("committees:meeting-seat-mark", args=[meeting.pk, seat.pk])
    headers = {"HX-Request": "true"} if typed.pop("live", False) else {}
    return client.post(url, {"mark": what, **typed}, headers=headers)


def row_of(meeting, seat):
    return meeting.attendances.get(seat=seat)


def recuse(seat, *items, **facts):
    declaration = InterestDeclaration.objects.create(
        meeting=items[0].meeting, seat=seat, text="Beneficiary of the grant.", **facts
    )
    declaration.items.set(items)
    return declaration


def minute(moment):
    return moment.replace(second=0, microsecond=0)


# Check-in


@pytest.mark.parametrize("how", ["in_person", "online"])
def test_one_button_says_who_came_how_and_when(coordinator, world, meeting, how):
    response = mark(coordinator, meeting, world.seat, how, was="")

    row = row_of(meeting, world.seat)
    assert response.url == f"{page(meeting)}#seat-{world.seat.pk}"
    assert (row.presence, row.contact, row.by_alternate) == (
        how,
        world.seat.terms.get().contact,
        False,
    )
    assert timezone.now() - timedelta(minutes=2) < row.arrived_at <= timezone.now()


def test_pressed_twice_the_first_arrival_stands(coordinator, world, meeting):
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        mark(coordinator, meeting, world.seat, "online")
    first = row_of(meeting, world.seat).arrived_at
    with time_machine.travel(timezone.now() + timedelta(minutes=30), tick=False):
        mark(coordinator, meeting, world.seat, "in_person")

    row = row_of(meeting, world.seat)
    assert (row.presence, row.arrived_at) == ("in_person", first)


def test_the_alternate_takes_the_seat_and_gives_it_back(coordinator, meeting, second):
    mark(coordinator, meeting, second, "alternate")
    row = row_of(meeting, second)
    assert (row.contact, row.by_alternate, row.presence) == (
        second.terms.get(capacity="alternate").contact,
        True,
        "in_person",
    )

    mark(coordinator, meeting, second, "alternate")

    row = row_of(meeting, second)
    assert (row.contact, row.by_alternate) == (second.terms.get(capacity="holder").contact, False)


@pytest.mark.parametrize("by_code", [False, True])
def test_the_alternate_who_takes_over_after_a_departure_counts_from_then_on(
    coordinator, world, meeting, second, by_code
):
    mark(coordinator, meeting, second, "in_person")
    mark(coordinator, meeting, second, "left")
    left = row_of(meeting, second).left_at
    alternate = second.terms.get(capacity="alternate")
    alternate.contact.user = world.people["partner"]
    alternate.contact.save()

    with time_machine.travel(left + timedelta(minutes=30), tick=False):
        if by_code:
            check_oneself_in(meeting, alternate, by=world.people["partner"])
        else:
            mark(coordinator, meeting, second, "alternate")

    row = row_of(meeting, second)
    assert (row.contact, row.by_alternate) == (alternate.contact, True)
    gap, after = left + timedelta(minutes=10), left + timedelta(minutes=31)
    assert [row.is_there(moment) for moment in (gap, after)] == [False, True]


def test_of_several_alternates_one_who_sits_elsewhere_is_passed_over(
    coordinator, world, meeting, second
):
    busy = second.terms.get(capacity="alternate").contact
    free = ContactFactory(institution=second.institution)
    SeatTermFactory(seat=second, contact=free, capacity="alternate", since="2020-01-01")
    AttendanceFactory(meeting=meeting, seat=world.seat, contact=busy)

    mark(coordinator, meeting, second, "alternate")

    assert row_of(meeting, second).contact == free


@pytest.mark.parametrize("how", ["excused", "absent"])
def test_who_is_excused_or_absent_has_no_times(coordinator, world, meeting, how):
    mark(coordinator, meeting, world.seat, "online")
    mark(coordinator, meeting, world.seat, how)

    row = row_of(meeting, world.seat)
    assert (row.presence, row.contact, row.arrived_at) == (how, None, None)


def test_who_leaves_no_longer_counts_and_may_come_back(coordinator, world, meeting):
    mark(coordinator, meeting, world.seat, "online")
    mark(coordinator, meeting, world.seat, "left")
    assert row_of(meeting, world.seat).left_at is not None
    assert meeting.quorum_at(timezone.now()).present == 0

    mark(coordinator, meeting, world.seat, "back")

    assert row_of(meeting, world.seat).left_at is None
    assert meeting.quorum_at(timezone.now()).present == 1


@pytest.mark.parametrize(
    ("before", "what", "sentence"),
    [
        (None, "left", "Only somebody who is present can leave"),
        ("absent", "left", "Only somebody who is present can leave"),
        ("online", "back", "Only somebody who has left can come back"),
        (None, "alternate", "has no alternate"),
    ],
)
def test_what_cannot_be_is_said(coordinator, world, meeting, before, what, sentence):
    if before:
        mark(coordinator, meeting, world.seat, before)
    was = list(meeting.attendances.values())

    response = mark(coordinator, meeting, world.seat, what, live=True)

    assert sentence in response.content.decode()
    assert list(meeting.attendances.values()) == was


def test_a_vacant_seat_is_not_checked_in(coordinator, world, meeting):
    vacant = SeatFactory(committee=world.committee)

    response = mark(coordinator, meeting, vacant, "online", live=True)

    assert "Nobody holds" in response.content.decode()
    assert not meeting.attendances.exists()


def test_one_person_is_not_checked_in_on_two_seats(coordinator, world, meeting, second):
    person = world.seat.terms.get().contact
    second.terms.all().delete()
    SeatTermFactory(seat=second, contact=person)
    mark(coordinator, meeting, world.seat, "online")

    response = mark(coordinator, meeting, second, "online", live=True)

    assert "One person counts for one seat" in response.content.decode()
    assert meeting.attendances.count() == 1


def test_who_says_something_else_of_a_seat_than_somebody_just_did_is_told(
    coordinator, world, meeting
):
    mark(coordinator, meeting, world.seat, "excused", was="")

    response = mark(coordinator, meeting, world.seat, "online", was="", live=True)

    assert f"Somebody else recorded “{world.seat}”" in response.content.decode()
    assert row_of(meeting, world.seat).presence == "excused"


def test_who_says_the_same_of_a_seat_as_somebody_just_did_is_not_told(coordinator, world, meeting):
    mark(coordinator, meeting, world.seat, "excused", was="")

    response = mark(coordinator, meeting, world.seat, "excused", was="", live=True)

    assert "somebody else" not in response.content.decode()


def test_the_answer_to_a_key_is_the_row_and_the_quorum(coordinator, world, meeting):
    response = mark(coordinator, meeting, world.seat, "online", live=True)

    text = response.content.decode()
    assert f'<li class="seat" id="seat-{world.seat.pk}"' in text
    assert '<div id="pulse" hx-swap-oob="true"' in text
    assert "<b>1 of 1 voting seats</b> present" in text
    assert len(response.content) < 4_000


def test_a_mark_is_read_aloud_once_and_its_button_tells_its_state(coordinator, world, meeting):
    """What is read aloud comes into a region that stays; what is polled is none."""
    text = mark(coordinator, meeting, world.seat, "online", live=True).content.decode()
    pulse = coordinator.get(reverse("committees:meeting-pulse", args=[meeting.pk])).content.decode()

    assert '<div id="said" hx-swap-oob="innerHTML">' in text
    assert "Voting seats present: 1 of 1. Quorum required: 1." in text
    assert re.findall(r'value="(\w+)"[^>]*aria-pressed="(\w+)"', text) == [
        ("in_person", "false"),
        ("online", "true"),
        ("alternate", "false"),
        ("excused", "false"),
        ("absent", "false"),
    ]
    assert not re.search("role=.status|aria-live", pulse)


@pytest.mark.parametrize("what", ["", "asleep"])
def test_an_unknown_mark_is_not_found(coordinator, world, meeting, what):
    assert mark(coordinator, meeting, world.seat, what).status_code == 404


def test_a_seat_of_another_committee_is_not_found(coordinator, meeting):
    assert mark(coordinator, meeting, SeatFactory(), "online").status_code == 404


def test_a_meeting_that_is_over_gets_no_times_of_today(coordinator, world, meeting):
    close_meeting(meeting, by=None, why="")

    mark(coordinator, meeting, world.seat, "online")

    assert row_of(meeting, world.seat).arrived_at is None
    meeting.refresh_from_db()
    assert meeting.recorded_quorum().present == 1


def test_nobody_is_checked_in_before_the_meeting(coordinator, world, planned):
    response = mark(coordinator, planned, world.seat, "online", live=True)

    assert "open it, or record it afterwards, first" in response.content.decode()
    assert not planned.attendances.exists()


def test_once_the_minutes_circulate_check_in_is_closed(coordinator, world, meeting):
    Meeting.objects.filter(pk=meeting.pk).update(records_stand=True)

    response = mark(coordinator, meeting, world.seat, "online", live=True)

    assert "The minutes have been circulated" in response.content.decode()
    assert not meeting.attendances.exists()


def test_times_are_mended_by_hand(coordinator, world, meeting):
    mark(coordinator, meeting, world.seat, "online")
    url = reverse("committees:meeting-seat", args=[meeting.pk, world.seat.pk])
    row = row_of(meeting, world.seat)
    form = {
        "presence": "online",
        "person": row.contact_id,
        "was": SeatRow.signature(row),
        "arrived": f"{row.arrived_at.astimezone(meeting.zone) - timedelta(minutes=1):%H:%M}",
    }

    response = coordinator.post(
        url, {f"seat-{world.seat.pk}-{name}": value for name, value in form.items()}
    )

    assert response.status_code == 302
    assert row_of(meeting, world.seat).arrived_at == row.arrived_at - timedelta(minutes=1)


def test_a_time_that_was_not_changed_keeps_its_day(coordinator, world):
    """A meeting that lasts beyond midnight; only how the seat came is mended."""
    meeting = MeetingFactory(committee=world.committee, number=8)
    after_midnight = minute(meeting.starts_at) + timedelta(hours=18)
    row = AttendanceFactory(
        meeting=meeting,
        seat=world.seat,
        contact=world.seat.terms.get().contact,
        arrived_at=after_midnight,
    )
    form = {
        "presence": "in_person",
        "person": row.contact_id,
        "was": SeatRow.signature(row),
        "arrived": f"{after_midnight.astimezone(meeting.zone):%H:%M}",
    }
    url = reverse("committees:meeting-seat", args=[meeting.pk, world.seat.pk])

    coordinator.post(url, {f"seat-{world.seat.pk}-{name}": value for name, value in form.items()})

    row.refresh_from_db()
    assert (row.presence, row.arrived_at) == ("in_person", after_midnight)


@pytest.mark.parametrize(("what", "has_left"), [("left", True), ("online", False)])
def test_guests_arrive_and_leave_by_a_button(coordinator, meeting, what, has_left):
    guest = Attendance.objects.create(meeting=meeting, guest_name="Expert 01", presence="online")

    response = coordinator.post(
        reverse("committees:attendance-mark", args=[guest.pk]), {"mark": what}
    )

    guest.refresh_from_db()
    assert response.url == f"{page(meeting)}#people"
    assert (guest.left_at is not None) is has_left


def test_a_guest_is_neither_absent_nor_replaced(coordinator, meeting):
    guest = Attendance.objects.create(meeting=meeting, guest_name="Expert 01", presence="online")

    coordinator.post(reverse("committees:attendance-mark", args=[guest.pk]), {"mark": "alternate"})

    guest.refresh_from_db()
    assert (guest.presence, guest.guest_name) == ("online", "Expert 01")


def test_from_the_live_page_one_comes_back_to_it(coordinator, world, meeting, item):
    guest = reverse("committees:guest-create", args=[meeting.pk])
    decision = reverse("committees:decision-create", args=[item.pk])
    mark(coordinator, meeting, world.seat, "online")

    answers = [
        coordinator.post(f"{guest}?back=session", {"guest_name": "Expert", "presence": "online"}),
        coordinator.post(f"{decision}?back=session", decided()),
    ]

    assert [answer.url for answer in answers] == [
        page(meeting),
        f"{page(meeting)}?item={item.pk}#item-{item.pk}",
    ]


# Opening and closing


def test_a_sitting_begins_and_ends_with_its_meeting(meeting):
    assert minute(timezone.now()) - Sitting.of(meeting).opened_at <= timedelta(minutes=1)

    close_meeting(meeting, by=None, why="")

    sitting = Sitting.of(meeting)
    assert sitting.closed_at is not None
    assert (meeting.status, meeting.current_item_id) == ("held", None)


def test_closing_with_nobody_there_warns(coordinator, meeting):
    url = reverse("committees:meeting-step", args=[meeting.pk, "close"])

    assert "Nobody is recorded as present" in coordinator.get(url).content.decode()

    AttendanceFactory(meeting=meeting)
    assert "Nobody is recorded as present" not in coordinator.get(url).content.decode()


def test_opening_leads_to_the_live_page(coordinator, meeting):
    Meeting.objects.filter(pk=meeting.pk).update(status=Meeting.Status.FROZEN)
    url = reverse("committees:meeting-step", args=[meeting.pk, "open"])

    response = coordinator.post(url, {"on": timezone.localdate().isoformat()})

    assert response.url == page(meeting)


def test_without_a_quorum_the_meeting_goes_on_to_inform(coordinator, meeting):
    url = reverse("committees:meeting-informative", args=[meeting.pk])

    coordinator.post(url)

    assert Sitting.of(meeting).informative_since is not None
    assert "For information only since" in coordinator.get(page(meeting)).content.decode()


def test_with_a_quorum_it_decides(world, meeting):
    AttendanceFactory(meeting=meeting, seat=world.seat)

    with pytest.raises(Refusal, match="The quorum is reached"):
        go_on_informing(meeting)


def test_adjourned_its_clock_stops(world, meeting, item):
    go_to_item(meeting, item, by=None)

    adjourn_meeting(meeting, by=None, why="")

    meeting.refresh_from_db()
    assert (meeting.status, meeting.current_item) == ("adjourned", None)
    assert Sitting.of(meeting).closed_at is not None


# The item that is spoken of


def test_the_meeting_goes_from_item_to_item_and_counts_the_time(coordinator, meeting, item):
    after = meeting.items.last()
    url = reverse("committees:meeting-item", args=[meeting.pk])
    start = timezone.now() + timedelta(minutes=1)
    with time_machine.travel(start, tick=False):
        coordinator.post(url, {"item": item.pk})
    with time_machine.travel(start + timedelta(minutes=12), tick=False):
        shown = coordinator.get(page(meeting)).context["agenda"][0]
        response = coordinator.post(url, {"item": after.pk})

    item.refresh_from_db()
    meeting.refresh_from_db()
    assert (shown["minutes"], shown["is_late"], shown["is_current"]) == (12, True, True)
    assert response.url == f"{page(meeting)}?item={after.pk}#item-{after.pk}"
    assert (item.status, item.seconds_spent, meeting.current_item) == ("discussed", 720, after)


def test_an_item_is_taken_up_again_on_top_of_its_time(meeting, item):
    start = timezone.now()
    for begin, end in ((1, 4), (10, 12)):
        with time_machine.travel(start + timedelta(minutes=begin), tick=False):
            go_to_item(meeting, item, by=None)
        with time_machine.travel(start + timedelta(minutes=end), tick=False):
            go_to_item(meeting, None, by=None)

    item.refresh_from_db()
    assert item.seconds_spent == 300


@pytest.mark.parametrize("posted", ["0", "x", "²", "99999999999999999999"])
def test_an_item_that_is_none_is_not_found(coordinator, meeting, posted):
    url = reverse("committees:meeting-item", args=[meeting.pk])

    assert coordinator.post(url, {"item": posted}).status_code == 404


def test_an_item_of_another_meeting_is_not_found(coordinator, world, meeting):
    url = reverse("committees:meeting-item", args=[meeting.pk])

    assert coordinator.post(url, {"item": world.item.pk}).status_code == 404


def test_a_withdrawn_item_is_not_spoken_of(meeting, item):
    item.take("withdraw", by=None)

    with pytest.raises(Refusal, match="choose an item of the agenda"):
        go_to_item(meeting, item, by=None)


def test_only_a_meeting_in_session_speaks(world):
    with pytest.raises(Refusal, match="this is for a meeting in session"):
        go_to_item(world.meeting, world.item, by=None)


# Notes


def notes_url(item):
    return reverse("committees:item-notes-typed", args=[item.pk])


def test_notes_are_saved_as_they_are_typed(coordinator, item):
    answers = [
        coordinator.post(notes_url(item), {"notes": text, "language": "es", "version": version})
        for version, text in enumerate(["Se", "Se abre", "Se abre la reunión."])
    ]

    item.refresh_from_db()
    assert [answer.json() for answer in answers] == [{"version": 1}, {"version": 2}, {"version": 3}]
    assert (item.notes, item.notes_language) == ("Se abre la reunión.", "es")


def test_what_one_person_types_in_one_go_is_one_row_of_history(coordinator, item):
    before = item.history.count()

    for version in range(3):
        coordinator.post(
            notes_url(item), {"notes": f"Text {version}", "language": "en", "version": version}
        )

    assert item.history.count() == before + 1
    newest = item.history.first()
    assert (newest.notes, newest.notes_version) == ("Text 2", 3)


def test_of_two_who_write_the_second_gets_both_texts_and_nothing_is_lost(coordinator, item):
    coordinator.post(notes_url(item), {"notes": "First.", "language": "fr", "version": 0})

    response = coordinator.post(
        notes_url(item), {"notes": "Second.", "language": "fr", "version": 0}
    )

    item.refresh_from_db()
    assert response.status_code == 409
    assert response.json() == {"notes": "First.", "language": "fr", "version": 1}
    assert item.notes == "First."


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"notes": "x", "language": "xx", "version": 0},
        {"notes": "x", "language": "fr", "version": -1},
        {"notes": "x" * 20_001, "language": "fr", "version": 0},
        {"notes": "x", "language": "fr", "version": "9" * 30},
    ],
)
def test_odd_notes_are_refused_in_words(coordinator, item, form):
    response = coordinator.post(notes_url(item), form)

    item.refresh_from_db()
    assert response.status_code in {400, 409}
    assert response.json()
    assert (item.notes, item.notes_version) == ("", 0)


def test_final_notes_are_not_typed_over(coordinator, meeting, item):
    Meeting.objects.filter(pk=meeting.pk).update(notes_stand=True)

    response = coordinator.post(notes_url(item), {"notes": "x", "language": "fr", "version": 0})

    assert response.status_code == 400
    assert "the notes can no longer change" in response.json()["message"]


def test_notes_without_javascript_lead_back_to_the_live_page(coordinator, meeting, item):
    url = f"{reverse('committees:item-notes', args=[item.pk])}?back=session"

    response = coordinator.post(url, {"notes": "Texte.", "language": "fr", "version": 0})

    assert response.url == f"{page(meeting)}?item={item.pk}#item-{item.pk}"


# Decisions


def decided(**typed):
    return {
        "text_fr": "Il est décidé.",
        "outcome": "adopted",
        "rule": "consensus",
        "due_on": (timezone.localdate() + timedelta(days=30)).isoformat(),
        "entry_key": str(uuid.uuid4()),
        **typed,
    }


def test_a_decision_is_recorded_in_place(coordinator, world, meeting, item):
    mark(coordinator, meeting, world.seat, "online")
    url = f"{reverse('committees:decision-create', args=[item.pk])}?back=session"
    live = {"HX-Request": "true"}
    form = coordinator.get(url, headers=live)
    refused = coordinator.post(url, decided(text_fr=""), headers=live)

    addressee = world.institutions["partner"].pk
    response = coordinator.post(url, decided(addressee=addressee), headers=live)

    assert f'id="item-{item.pk}-text_fr"' in form.content.decode()
    assert "Fill in at least one language" in refused.content.decode()
    assert f'"path": "{page(meeting)}?item={item.pk}"' in response.headers["HX-Location"]
    decision = meeting.resolutions.get()
    assert (decision.status, decision.seats_present, decision.seats_required) == ("adopted", 1, 1)


@pytest.mark.parametrize(
    ("minutes", "is_held", "refused"),
    [(-61, False, True), (-60, False, False), (2, False, True), (0, True, False), (2, True, True)],
)
def test_the_time_of_a_decision_lies_in_its_session(
    coordinator, world, item, minutes, is_held, refused
):
    """In minutes from now: opened an hour ago, and closed now where it is held."""
    meeting, now = item.meeting, minute(timezone.now())
    AttendanceFactory(meeting=meeting, seat=world.seat)
    Sitting.objects.filter(meeting=meeting).update(opened_at=now - timedelta(hours=1))
    if is_held:
        close_meeting(meeting, by=None, why="")
    moment = (now + timedelta(minutes=minutes)).astimezone(meeting.zone)
    url = reverse("committees:decision-create", args=[item.pk])

    answer = coordinator.post(url, decided(moment=f"{moment:%H:%M}"))

    assert answer.status_code == (200 if refused else 302)
    assert meeting.resolutions.exists() != refused
    if refused:
        assert "Check the time, or leave it empty" in answer.content.decode()


def test_decided_in_session_is_decided_now(world, meeting, item):
    """Who has left does not count, though they were there for a time."""
    AttendanceFactory(
        meeting=meeting, seat=world.seat, left_at=timezone.now() - timedelta(minutes=1)
    )

    with pytest.raises(NoQuorum, match="0 of 1 voting seats present"):
        record_decision(Resolution(agenda_item=item, text_fr="Décidé."), by=None)

    assert not meeting.resolutions.exists()


def test_more_ballots_than_seats_present_are_refused(coordinator, world, meeting, item, second):
    mark(coordinator, meeting, world.seat, "online")
    mark(coordinator, meeting, second, "online")
    url = reverse("committees:decision-create", args=[item.pk])
    vote = {"rule": "majority", "votes_for": 2, "votes_against": 1, "rule_reason": "Divided."}

    response = coordinator.post(url, decided(**vote))

    assert "more votes (3) than voting seats present (2)" in response.content.decode()
    assert not meeting.resolutions.exists()


def test_the_page_says_why_nothing_can_be_decided(coordinator, world, meeting):
    mark(coordinator, meeting, world.seat, "absent")

    text = coordinator.get(page(meeting)).content.decode()

    assert "No quorum: nothing can be decided" in text
    assert reverse("committees:meeting-step", args=[meeting.pk, "adjourn"]) in text


# Interests


def test_interests_are_declared_at_the_opening(coordinator, world, meeting, item):
    url = reverse("committees:meeting-declare", args=[meeting.pk])
    form = {
        "seat": world.seat.pk,
        "items": [item.pk],
        "text": "Beneficiary of the grant.",
        "recused": "on",
        "entry_key": str(uuid.uuid4()),
    }

    for _each in "ab":
        assert coordinator.post(url, form).url == page(meeting)

    declaration = meeting.declarations.get()
    assert (declaration.seat, list(declaration.items.all())) == (world.seat, [item])
    assert Sitting.of(meeting).interests_asked


@pytest.mark.parametrize("missing", ["seat", "items", "text"])
def test_half_a_declaration_is_refused(coordinator, world, meeting, item, missing):
    form = {"seat": world.seat.pk, "items": [item.pk], "text": "x"}
    del form[missing]

    response = coordinator.post(reverse("committees:meeting-declare", args=[meeting.pk]), form)

    assert response.status_code == 200
    assert not meeting.declarations.exists()


def test_items_and_seats_of_others_cannot_be_declared(coordinator, world, meeting, item):
    url = reverse("committees:meeting-declare", args=[meeting.pk])

    coordinator.post(url, {"seat": SeatFactory().pk, "items": [item.pk], "text": "x"})
    coordinator.post(url, {"seat": world.seat.pk, "items": [world.item.pk], "text": "x"})

    assert not meeting.declarations.exists()


def test_that_nobody_declared_anything_is_an_answer(coordinator, meeting):
    coordinator.post(reverse("committees:meeting-declare", args=[meeting.pk]), {"none": "1"})

    assert "nobody declared an interest" in coordinator.get(page(meeting)).content.decode()


def test_a_recused_seat_leaves_the_quorum_and_the_vote_of_that_item(world, meeting, item, second):
    for seat in (world.seat, second):
        AttendanceFactory(meeting=meeting, seat=seat)
    recuse(second, item)

    quorum = meeting.quorum_at(timezone.now(), item=item)

    assert (quorum.present, quorum.total, quorum.required, quorum.recused) == (1, 2, 2, 1)
    assert meeting.quorum_at(timezone.now()).present == 2
    assert meeting.quorum_at(timezone.now(), item=meeting.items.last()).present == 2
    with pytest.raises(NoQuorum, match="1 seat is recused from this item"):
        record_decision(Resolution(agenda_item=item, text_fr="Décidé."), by=None)


def test_a_seat_that_declares_and_stays_is_counted(world, meeting, item, second):
    for seat in (world.seat, second):
        AttendanceFactory(meeting=meeting, seat=seat)
    recuse(second, item, recused=False)

    assert meeting.quorum_at(timezone.now(), item=item).present == 2


def test_votes_are_at_most_those_of_the_seats_that_stay(world, meeting, item, second):
    third = SeatFactory(committee=world.committee)
    for seat in (world.seat, second, third):
        AttendanceFactory(meeting=meeting, seat=seat)
    recuse(second, item)
    draft = record_decision(Resolution(agenda_item=item, text_fr="Décidé."), by=None, adopt=False)

    with pytest.raises(Exception, match=r"more votes \(3\) than voting seats present \(2\)"):
        adopt_resolution(
            draft, by=None, vote=Vote(rule="majority", votes_for=3, votes_against=0, abstentions=0)
        )


@pytest.mark.parametrize("audience", ["committee", "voting"])
def test_a_recused_member_no_longer_sees_the_item(world, meeting, item, audience):
    AgendaItem.objects.filter(pk=item.pk).update(audience=audience)
    draft = ResolutionFactory(
        agenda_item=item,
        status="drafted",
        seats_present=None,
        seats_required=None,
        seats_total=None,
    )
    member = world.people["member"]
    assert item in visible_items(member, meeting)
    assert draft in visible_resolutions(member, world.project)

    recuse(world.seat, item)
    del member.__dict__["_seats_held"]  # as in the next request

    assert list(visible_items(member, meeting)) == [meeting.items.last()]
    assert draft not in visible_resolutions(member, world.project)
    assert item in visible_items(world.people["coordinator"], meeting)


def test_adopted_on_an_open_item_it_is_in_the_register_for_the_recused_too(world, meeting, item):
    decision = ResolutionFactory(agenda_item=item)
    recuse(world.seat, item)

    assert decision in visible_resolutions(world.people["member"], world.project)


def test_who_sits_on_another_seat_stays(world, meeting, item, second):
    member = world.people["member"]
    SeatTermFactory(
        seat=second, contact=member.contacts.get(), capacity="alternate", since="2021-01-01"
    )
    recuse(world.seat, item)
    assert item in visible_items(member, meeting)

    recuse(second, item)
    del member.__dict__["_seats_held"]  # as in the next request

    assert item not in visible_items(member, meeting)


def test_a_declaration_is_removed(coordinator, world, meeting, item):
    declaration = recuse(world.seat, item)

    coordinator.post(reverse("committees:interest-remove", args=[declaration.pk]))

    assert not meeting.declarations.exists()


def test_a_member_reads_only_declarations_on_items_that_they_see(
    sign_in, world, meeting, item, second
):
    AgendaItem.objects.filter(pk=item.pk).update(audience="coordination")
    recuse(second, item)

    text = sign_in("member").get(page(meeting)).content.decode()

    assert "Beneficiary of the grant." not in text


# By a code on the wall


def check_in_url(meeting):
    return reverse("committees:check-in", args=[Sitting.of(meeting).check_in_code])


@pytest.fixture
def with_code(coordinator, meeting):
    coordinator.post(reverse("committees:meeting-check-in", args=[meeting.pk]))
    return meeting


def test_the_code_is_shown_large_and_leads_to_this_portal(coordinator, with_code, settings):
    page = coordinator.get(reverse("committees:meeting-check-in", args=[with_code.pk]))

    text = page.content.decode()
    assert '<svg class="qr"' in text
    assert settings.SITE_URL + check_in_url(with_code) in text


def test_who_opens_the_code_changes_nothing_until_they_press(sign_in, world, with_code):
    client = sign_in("member")
    url = check_in_url(with_code)

    assert "I am here" in client.get(url).content.decode()
    assert not with_code.attendances.exists()

    client.post(url, {"seat": world.seat.pk})

    row = row_of(with_code, world.seat)
    assert (row.presence, row.contact.user) == ("in_person", world.people["member"])
    assert row.arrived_at is not None
    assert "on the attendance list since" in client.get(url).content.decode()


def test_an_alternate_checks_in_as_such(sign_in, world, with_code, second):
    contact = world.people["partner"].contacts.get()
    SeatTermFactory(seat=second, contact=contact, capacity="alternate")

    sign_in("partner").post(check_in_url(with_code), {"seat": second.pk})

    row = row_of(with_code, second)
    assert (row.contact, row.by_alternate) == (contact, True)


def test_nobody_checks_in_on_a_seat_of_others(sign_in, with_code, second):
    response = sign_in("member").post(check_in_url(with_code), {"seat": second.pk})

    assert response.status_code == 403
    assert not with_code.attendances.exists()


def test_a_seat_that_somebody_else_took_is_not_taken_over(sign_in, world, with_code):
    AttendanceFactory(meeting=with_code, seat=world.seat, contact=ContactFactory())

    response = sign_in("member").post(check_in_url(with_code), {"seat": world.seat.pk}, follow=True)

    assert "is already present" in response.content.decode()


def test_who_is_excused_and_comes_is_there(sign_in, world, with_code):
    mark_seat(with_code, world.seat, "excused")

    sign_in("member").post(check_in_url(with_code), {"seat": world.seat.pk})

    assert row_of(with_code, world.seat).presence == "in_person"


def test_a_new_code_ends_the_old_one(sign_in, with_code):
    old = check_in_url(with_code)
    sign_in("coordinator").post(reverse("committees:meeting-check-in", args=[with_code.pk]))

    client = sign_in("member")

    assert client.get(old).status_code == 404
    assert client.get(check_in_url(with_code)).status_code == 200


@pytest.mark.parametrize("end", ["stop", "close"])
def test_the_code_ends_with_the_check_in_and_the_meeting(sign_in, with_code, end):
    url = check_in_url(with_code)
    if end == "close":
        close_meeting(with_code, by=None, why="")
    else:
        page = reverse("committees:meeting-check-in", args=[with_code.pk])
        sign_in("coordinator").post(page, {"end": "1"})

    client = sign_in("member")

    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_sign_in_leads_to_the_code_which_is_in_no_other_address(
    client, world, with_code, method
):
    url, sign_in_page = check_in_url(with_code), reverse("account_login")
    address = {"HTTP_REFERER": f"http://testserver{url}"}
    client.logout()

    assert getattr(client, method)(url, **address)["Location"] == sign_in_page

    person = {"login": world.people["member"].email, "password": PASSWORD}
    assert client.post(sign_in_page, person)["Location"] == url


@pytest.mark.parametrize("code", ["x", "1.1:x", "1.1", "²:²", "a" * 300])
def test_an_altered_code_reveals_nothing(sign_in, with_code, code):
    assert sign_in("member").get(reverse("committees:check-in", args=[code])).status_code == 404


def test_a_visitor_signs_in_first(client, with_code):
    url = check_in_url(with_code)
    client.logout()

    assert "/accounts/login/" in client.get(url).url


def test_a_meeting_online_has_no_code(coordinator, meeting):
    Meeting.objects.filter(pk=meeting.pk).update(mode=Meeting.Mode.ONLINE)

    coordinator.post(reverse("committees:meeting-check-in", args=[meeting.pk]))

    assert not Sitting.of(meeting).check_in_is_open


# The page


def test_the_queries_of_the_live_page_do_not_grow(
    coordinator, world, meeting, django_assert_max_num_queries
):
    counts = []
    for numbers in (range(1), range(1, 100)):
        AgendaItemFactory.create_batch(len(numbers), meeting=meeting, purpose="decide")
        for seat in SeatFactory.create_batch(min(len(numbers), 30), committee=world.committee):
            AttendanceFactory(meeting=meeting, seat=seat)
        recuse(world.seat, *meeting.items.all())
        coordinator.get(page(meeting))

        with django_assert_max_num_queries(25) as statements:
            coordinator.get(page(meeting))
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_the_pulse_is_small_and_quick(coordinator, meeting, django_assert_max_num_queries):
    AgendaItemFactory.create_batch(20, meeting=meeting)
    url = reverse("committees:meeting-pulse", args=[meeting.pk])

    with django_assert_max_num_queries(20):
        response = coordinator.get(url)

    assert len(response.content) < 2_500


def test_who_does_not_write_reads_the_same_page_without_buttons(sign_in, meeting):
    text = sign_in("member").get(page(meeting)).content.decode()

    assert 'class="marks"' not in text
    assert "<textarea" not in text
    assert "Quorum now" in text


def test_a_meeting_is_typed_in_a_week_later_on_the_same_page(coordinator, world, meeting, item):
    week_ago = timezone.now() - timedelta(days=7)
    Meeting.objects.filter(pk=meeting.pk).update(
        status="planned", starts_at=week_ago, ends_at=week_ago + timedelta(hours=2)
    )
    step = reverse("committees:meeting-step", args=[meeting.pk, "record_afterwards"])
    assert coordinator.post(step, {}).url == page(meeting)

    mark(coordinator, meeting, world.seat, "in_person")
    coordinator.post(notes_url(item), {"notes": "Typed later.", "language": "en", "version": 0})
    coordinator.post(reverse("committees:decision-create", args=[item.pk]), decided())

    item.refresh_from_db()
    assert item.notes == "Typed later."
    assert meeting.resolutions.get().status == "adopted"


# What is shown


def test_the_agenda_is_beside_one_item_with_planned_times(coordinator, meeting, item):
    first, second = coordinator.get(page(meeting)).context["agenda"]
    start = meeting.starts_at
    with translation.override("en"):
        clocks = [clock(start, meeting.zone), clock(start + timedelta(minutes=10), meeting.zone)]

    assert [first["clock"], second["clock"]] == clocks
    assert [first["is_shown"], second["is_shown"]] == [True, False]
    chosen = coordinator.get(f"{page(meeting)}?item={second['item'].pk}").context["agenda"]
    assert [entry["is_shown"] for entry in chosen] == [False, True]


def test_an_unanswered_proposal_takes_no_number(coordinator, world, meeting):
    first, last = meeting.items.order_by("position")
    AgendaItem.objects.filter(pk=last.pk).update(position=3)
    AgendaItemFactory(
        meeting=meeting,
        position=2,
        status="proposed",
        source="proposed",
        proposed_seat=world.seat,
        proposal_reason="Il le faut.",
    )

    urls = page(meeting), meeting.get_absolute_url()
    pages = [coordinator.get(url).context["agenda"] for url in urls]

    assert [[entry["item"] for entry in agenda] for agenda in pages] == [[first, last]] * 2


def test_what_is_saved_says_when_in_the_zone_of_the_meeting(coordinator, meeting):
    assert f'data-zone="{meeting.zone}"' in coordinator.get(page(meeting)).content.decode()


def test_after_an_item_without_a_duration_no_time_is_planned(meeting):
    AgendaItemFactory(meeting=meeting, position=3, minutes_planned=5)
    items = list(meeting.items.all())

    assert list(planned_clocks(meeting, items)) == [one.pk for one in items[:2]]


def test_every_button_of_a_seat_keeps_its_place(coordinator, world, meeting):
    def buttons():
        seat = coordinator.get(page(meeting)).context["seats"][0]
        return re.findall(r'value="(\w+)"', seat["buttons"])

    before = buttons()
    mark(coordinator, meeting, world.seat, "in_person")
    there = buttons()
    mark(coordinator, meeting, world.seat, "absent")

    assert before == there == buttons()
    assert before == ["in_person", "online", "alternate", "excused", "absent", "left"]


def test_nothing_is_alarming_before_a_seat_is_marked(coordinator, world, meeting):
    text = coordinator.get(page(meeting)).content.decode()
    assert "No seat is marked yet." in text
    assert "Not reached" not in text
    assert "No quorum" not in text

    mark(coordinator, meeting, world.seat, "online")
    steps = coordinator.get(page(meeting)).context["further"]
    assert "Adjourn without quorum" not in [str(step.label) for step in steps]


def test_a_person_leaves_and_comes_back_several_times(coordinator, world, meeting):
    start = minute(timezone.now()) + timedelta(minutes=2)
    for after, what in ((0, "online"), (20, "left"), (35, "back"), (50, "left"), (60, "online")):
        with time_machine.travel(start + timedelta(minutes=after), tick=False):
            mark(coordinator, meeting, world.seat, what)

    row = row_of(meeting, world.seat)
    at = [start + timedelta(minutes=after) for after in (0, 20, 35, 50, 60)]
    assert row.stays == [(at[0], at[1]), (at[2], at[3]), (at[4], None)]
    present = [
        meeting.quorum_at(start + timedelta(minutes=after)).present
        for after in (10, 25, 40, 55, 65)
    ]
    assert present == [1, 0, 1, 0, 1]


def test_all_stays_are_mended_by_hand(coordinator, world, meeting):
    mark(coordinator, meeting, world.seat, "online")
    row = row_of(meeting, world.seat)
    start = row.arrived_at.astimezone(meeting.zone)
    prefix, url = (
        f"seat-{world.seat.pk}-",
        reverse("committees:meeting-seat", args=[meeting.pk, world.seat.pk]),
    )

    def send(**times):
        row = row_of(meeting, world.seat)
        typed = {name: f"{start + timedelta(minutes=after):%H:%M}" for name, after in times.items()}
        data = {
            "presence": "online",
            "person": row.contact_id,
            "was": SeatRow.signature(row),
            **typed,
        }
        return coordinator.post(url, {f"{prefix}{name}": value for name, value in data.items()})

    refused = send(arrived=0, left=9, arrived_2=5)
    assert "Whoever came back must have left before" in refused.content.decode()
    assert send(arrived=0, left=9, arrived_2=15).status_code == 302
    assert send(arrived=0, left=9, arrived_2=15, left_2=20, arrived_3=30).status_code == 302
    row = row_of(meeting, world.seat)
    moments = [start + timedelta(minutes=after) for after in (0, 9, 15, 20, 30)]
    assert row.stays == [tuple(moments[:2]), tuple(moments[2:4]), (moments[4], None)]
    grid = coordinator.get(reverse("committees:attendance-edit", args=[meeting.pk])).context["grid"]
    assert grid.rows[0].further_times.count("–") == 2

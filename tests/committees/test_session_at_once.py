"""Many hands at once on the live page: no check-in and no note is lost."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from committees.meetings.services.check_in import mark_seat
from committees.meetings.services.session import go_to_item, keep_notes, new_check_in_code
from committees.models import AgendaItem, Meeting, Sitting
from tests.committees.test_meeting_at_once import at_once
from tests.factories import (
    AgendaItemFactory,
    AssignmentFactory,
    AttendanceFactory,
    MeetingFactory,
    ParticipationFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked there"),
]


@pytest.fixture
def meeting():
    return MeetingFactory(status=Meeting.Status.IN_SESSION, mode=Meeting.Mode.HYBRID)


def seats_of(meeting, number):
    seats = SeatFactory.create_batch(number, committee=meeting.committee)
    for seat in seats:
        SeatTermFactory(seat=seat)
        ParticipationFactory(project=meeting.committee.project, institution=seat.institution)
    return seats


def fresh(meeting):
    return Meeting.objects.select_related("committee__project").get(pk=meeting.pk)


def test_of_twenty_check_ins_at_once_none_is_lost(meeting):
    seats = seats_of(meeting, 20)

    at_once(
        *[lambda seat=seat: mark_seat(fresh(meeting), seat, "online", was="") for seat in seats]
    )

    rows = meeting.attendances.all()
    assert {row.seat for row in rows} == set(seats)
    assert {row.presence for row in rows} == {"online"}
    assert fresh(meeting).quorum_at().present == 20


def test_twenty_presses_on_one_seat_are_one_row(meeting):
    (seat,) = seats_of(meeting, 1)

    answers = at_once(
        *[lambda: mark_seat(fresh(meeting), seat, "in_person", was="") for _each in range(20)]
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert meeting.attendances.count() == 1


def test_twenty_people_in_the_room_check_in_at_once(meeting):
    new_check_in_code(meeting)
    url = reverse("committees:check-in", args=[Sitting.of(meeting).check_in_code])
    seats = seats_of(meeting, 20)

    def press(seat):
        client = Client()
        term = seat.terms.get()
        term.contact.user = UserFactory()
        term.contact.save()
        client.force_login(term.contact.user)
        return client.post(url, {"seat": seat.pk}).status_code

    codes = at_once(*[lambda seat=seat: press(seat) for seat in seats])

    assert codes == [302] * 20
    assert {row.seat for row in meeting.attendances.all()} == set(seats)


def test_of_notes_typed_at_once_one_is_kept_and_all_others_are_told(meeting):
    item = AgendaItemFactory(meeting=meeting)
    people = UserFactory.create_batch(8)
    for person in people:
        AssignmentFactory(project=meeting.committee.project, user=person)

    def write(person):
        client = Client()
        client.force_login(person)
        form = {"notes": f"Of {person.pk}", "language": "fr", "version": 0}
        return client.post(reverse("committees:item-notes-typed", args=[item.pk]), form)

    answers = at_once(*[lambda person=person: write(person) for person in people])

    item.refresh_from_db()
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert {answer.json().get("notes", item.notes) for answer in answers} == {item.notes}
    assert item.notes_version == 1


def test_writers_of_different_items_do_not_disturb_each_other(meeting):
    items = AgendaItemFactory.create_batch(6, meeting=meeting)
    by = UserFactory()

    def write(item):
        mine = AgendaItem.objects.select_related("meeting__committee__project").get(pk=item.pk)
        return keep_notes(mine, notes=f"Of {item.pk}", language="fr", version=0, by=by)

    assert at_once(*[lambda item=item: write(item) for item in items]) == [True] * 6
    assert {item.notes for item in meeting.items.all()} == {f"Of {item.pk}" for item in items}


def test_two_who_go_to_different_items_leave_one_that_is_spoken_of(meeting):
    items = AgendaItemFactory.create_batch(2, meeting=meeting)

    at_once(*[lambda item=item: go_to_item(fresh(meeting), item, by=None) for item in items])

    meeting.refresh_from_db()
    assert meeting.current_item in items
    assert meeting.items.filter(status=AgendaItem.Status.DISCUSSED).count() == 1


def test_who_leaves_while_another_arrives_is_counted_right(meeting):
    going, coming = seats_of(meeting, 2)
    AttendanceFactory(meeting=meeting, seat=going, contact=going.terms.get().contact)

    at_once(
        lambda: mark_seat(fresh(meeting), going, "left"),
        lambda: mark_seat(fresh(meeting), coming, "online"),
    )

    assert fresh(meeting).attendances.filter(left_at=None).get().seat == coming

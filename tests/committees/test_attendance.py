"""Attendance: one grid of all seats, guests, delegates, and names by need alone."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from committees.meetings.services.attendance import SeatRow, record_attendance
from committees.models import Attendance, Meeting, SeatTerm
from kernel.refusal import Refusal
from tests.factories import (
    AttendanceFactory,
    ContactFactory,
    MeetingFactory,
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


def url(meeting):
    return reverse("committees:attendance-edit", args=[meeting.pk])


def row_of(seat, **facts):
    return {f"seat-{seat.pk}-{name}": value for name, value in facts.items()}


def holder(seat):
    return seat.terms.get(capacity="holder").contact


def alternate(seat):
    return seat.terms.get(capacity="alternate").contact


# The grid


def test_all_seats_of_that_day_are_in_one_grid(coordinator, world, second):
    SeatFactory(committee=world.committee, until=date(2020, 1, 1))
    observer = SeatFactory(committee=world.committee, is_voting=False)

    grid = coordinator.get(url(world.meeting)).context["grid"]

    assert [row.seat for row in grid.rows] == [world.seat, second, observer]
    assert grid.rows[1]["person"].value() == str(holder(second).pk)


def test_presence_is_recorded_seat_by_seat(coordinator, world, second):
    form = {
        **row_of(world.seat, presence="in_person", person=holder(world.seat).pk, arrived="09:15"),
        **row_of(second, presence="online", person=alternate(second).pk, left="10:00"),
        "headcount": "20",
    }

    response = coordinator.post(url(world.meeting), form)

    assert response.status_code == 302
    rows = {row.seat: row for row in world.meeting.attendances.all()}
    zone = world.meeting.zone
    assert rows[world.seat].presence == "in_person"
    assert f"{rows[world.seat].arrived_at.astimezone(zone):%Y-%m-%d %H:%M}" == "2020-09-03 09:15"
    assert (rows[second].contact, rows[second].by_alternate) == (alternate(second), True)
    assert f"{rows[second].left_at.astimezone(zone):%H:%M}" == "10:00"
    world.meeting.refresh_from_db()
    assert world.meeting.headcount == 20
    assert world.meeting.quorum_at().by_alternate == 1


def test_a_seat_may_be_excused_or_absent(coordinator, world, second):
    coordinator.post(
        url(world.meeting),
        row_of(world.seat, presence="excused") | row_of(second, presence="absent"),
    )

    assert set(world.meeting.attendances.values_list("presence", flat=True)) == {
        "excused",
        "absent",
    }
    assert world.meeting.quorum_at().present == 0


def test_what_is_recorded_may_be_taken_back(coordinator, world):
    row = AttendanceFactory(meeting=world.meeting, seat=world.seat)

    coordinator.post(
        url(world.meeting), row_of(world.seat, presence="", was=SeatRow.signature(row))
    )

    assert not world.meeting.attendances.exists()


def test_seats_of_which_nothing_is_said_get_no_row(coordinator, world, second):
    coordinator.post(
        url(world.meeting),
        row_of(world.seat, presence="online", person=holder(world.seat).pk)
        | row_of(second, presence="", person=holder(second).pk),
    )

    assert [row.seat for row in world.meeting.attendances.all()] == [world.seat]


def test_one_person_counts_for_one_seat(coordinator, world, second):
    person = holder(world.seat)
    SeatTermFactory(seat=second, contact=person, capacity=SeatTerm.Capacity.ALTERNATE)

    response = coordinator.post(
        url(world.meeting),
        row_of(world.seat, presence="online", person=person.pk)
        | row_of(second, presence="online", person=person.pk),
    )

    assert "One person counts for one seat" in response.content.decode()
    assert not world.meeting.attendances.exists()


def test_two_people_may_change_places(coordinator, world, second):
    one, other = holder(world.seat), holder(second)
    SeatTermFactory(seat=second, contact=one, capacity=SeatTerm.Capacity.ALTERNATE)
    SeatTermFactory(seat=world.seat, contact=other, capacity=SeatTerm.Capacity.ALTERNATE)
    first_row = AttendanceFactory(meeting=world.meeting, seat=world.seat, contact=one)
    second_row = AttendanceFactory(meeting=world.meeting, seat=second, contact=other)

    coordinator.post(
        url(world.meeting),
        row_of(world.seat, presence="online", person=other.pk, was=SeatRow.signature(first_row))
        | row_of(second, presence="online", person=one.pk, was=SeatRow.signature(second_row)),
    )

    assert {row.seat: row.contact for row in world.meeting.attendances.all()} == {
        world.seat: other,
        second: one,
    }


def test_somebody_who_holds_no_term_there_is_no_choice(coordinator, world):
    stranger = ContactFactory(institution=world.institutions["member"])

    response = coordinator.post(
        url(world.meeting), row_of(world.seat, presence="online", person=stranger.pk)
    )

    assert response.status_code == 200
    assert not world.meeting.attendances.exists()


def test_a_vacant_seat_is_not_present_by_itself(coordinator, world):
    vacant = SeatFactory(committee=world.committee, institution=world.institutions["partner"])

    response = coordinator.post(url(world.meeting), row_of(vacant, presence="online", person=""))

    assert "Nobody holds this seat" in response.content.decode()
    assert not world.meeting.attendances.exists()


def test_old_records_may_name_nobody(coordinator, world):
    """What is typed in later knows the seats that were present, not always the people."""
    Meeting.objects.filter(pk=world.meeting.pk).update(recorded_afterwards=True)
    vacant = SeatFactory(committee=world.committee, institution=world.institutions["partner"])

    coordinator.post(url(world.meeting), row_of(vacant, presence="online", person="alternate"))

    row = world.meeting.attendances.get()
    assert (row.contact, row.by_alternate) == (None, True)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"arrived": "10:00", "left": "09:00"}, "Nobody can leave before arriving"),
        ({"arrived": "25:00"}, ""),
        ({"presence": "asleep"}, ""),
    ],
)
def test_nonsense_is_refused_and_writes_nothing(coordinator, world, facts, sentence):
    form = row_of(world.seat, **({"presence": "online", "person": holder(world.seat).pk} | facts))

    response = coordinator.post(url(world.meeting), form)

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not world.meeting.attendances.exists()


def test_a_time_that_clocks_skip_is_refused(coordinator, world):
    Meeting.objects.filter(pk=world.meeting.pk).update(
        starts_at="2027-03-14T05:30:00Z",
        ends_at="2027-03-14T09:30:00Z",
        time_zone="America/Toronto",
    )

    response = coordinator.post(
        url(world.meeting),
        row_of(world.seat, presence="online", person=holder(world.seat).pk, arrived="02:30"),
    )

    assert "There is no 02:30 in Toronto" in response.content.decode()


def test_fewer_heads_than_people_on_the_list_are_refused(coordinator, world, second):
    response = coordinator.post(
        url(world.meeting),
        row_of(world.seat, presence="online", person=holder(world.seat).pk)
        | row_of(second, presence="online", person=holder(second).pk)
        | {"headcount": "1"},
    )

    assert "According to the list, 2 are present" in response.content.decode()
    assert not world.meeting.attendances.exists()


def test_a_seat_that_somebody_else_recorded_meanwhile_is_not_overwritten(
    coordinator, world, second
):
    """Both opened the empty grid; the first recorded the seat, the second is told."""
    AttendanceFactory(
        meeting=world.meeting, seat=world.seat, contact=holder(world.seat), presence="in_person"
    )

    response = coordinator.post(
        url(world.meeting),
        row_of(world.seat, presence="absent", was="")
        | row_of(second, presence="online", person=holder(second).pk, was=""),
    )

    assert "in the meantime" in response.content.decode()
    assert [row.presence for row in world.meeting.attendances.all()] == ["in_person"]


def test_two_who_record_different_seats_both_succeed(coordinator, world, second):
    """The grid that was opened empty does not wipe out what another recorded since."""
    AttendanceFactory(meeting=world.meeting, seat=world.seat, contact=holder(world.seat))

    rows = [SeatRow(seat=second, presence="online", contact=holder(second), was="")]
    record_attendance(world.meeting, rows, headcount=None)

    assert world.meeting.attendances.count() == 2


@pytest.mark.parametrize("status", ["planned", "convened", "frozen", "cancelled", "adjourned"])
def test_there_is_no_attendance_before_the_meeting(coordinator, world, status):
    Meeting.objects.filter(pk=world.meeting.pk).update(status=status)
    form = row_of(world.seat, presence="online", person=holder(world.seat).pk)

    response = coordinator.post(url(world.meeting), form, follow=True)

    assert "open it" in response.content.decode()
    assert not Attendance.objects.exists()


def test_a_foreign_seat_in_the_form_is_nobody(coordinator, world):
    foreign = SeatFactory()

    coordinator.post(url(world.meeting), row_of(foreign, presence="online", person=""))

    assert not Attendance.objects.exists()


def test_looking_at_the_grid_changes_nothing(coordinator, world):
    coordinator.get(url(world.meeting))

    assert not Attendance.objects.exists()


# Guests and delegates


def guest_url(meeting):
    return reverse("committees:guest-create", args=[meeting.pk])


def test_a_guest_is_added_once_and_counts_for_no_seat(coordinator, world):
    form = {
        "guest_name": "Personne-ressource 01",
        "institution": world.institutions["donor"].pk,
        "presence": "online",
        "entry_key": str(uuid.uuid4()),
    }

    for _each in range(2):
        coordinator.post(guest_url(world.meeting), form)

    guest = world.meeting.attendances.get()
    assert (guest.seat, guest.guest_name) == (None, "Personne-ressource 01")
    assert world.meeting.quorum_at().present == 0


@pytest.mark.parametrize("facts", [{"guest_name": " "}, {"presence": "absent"}])
def test_a_guest_has_a_function_and_was_there(coordinator, world, facts):
    form = {"guest_name": "Personne-ressource 01", "presence": "online"} | facts

    assert coordinator.post(guest_url(world.meeting), form).status_code == 200
    assert not Attendance.objects.exists()


def test_an_institution_of_another_project_brings_no_guest(coordinator, world):
    form = {
        "guest_name": "Personne-ressource 01",
        "presence": "online",
        "institution": world.foreign_institution.pk,
    }

    response = coordinator.post(guest_url(world.meeting), form)

    assert response.context["form"].has_error("institution")
    assert not Attendance.objects.exists()


def test_a_guest_is_removed(coordinator, world):
    guest = AttendanceFactory(meeting=world.meeting, seat=None, guest_name="Personne-ressource")

    coordinator.post(reverse("committees:attendance-remove", args=[guest.pk]))

    assert not Attendance.objects.exists()


def delegate_form(seat, **facts):
    return {
        "seat": seat.pk,
        "name": "Délégation 01",
        "presence": "in_person",
        "accreditation_due": "2020-09-30",
    } | facts


def delegate_url(meeting):
    return reverse("committees:delegate-admit", args=[meeting.pk])


@pytest.mark.parametrize("counts", [True, False])
def test_a_delegate_counts_at_once_only_where_the_rules_say_so(coordinator, world, counts):
    world.committee.counts_admitted_delegates = counts
    world.committee.save()

    coordinator.post(delegate_url(world.meeting), delegate_form(world.seat))

    row = world.meeting.attendances.get()
    meeting = Meeting.objects.get(pk=world.meeting.pk)
    assert (row.seat, row.accreditation_due) == (world.seat, date(2020, 9, 30))
    assert meeting.quorum_at().present == int(counts)

    coordinator.post(reverse("committees:delegate-accredit", args=[row.pk]))
    assert Meeting.objects.get(pk=world.meeting.pk).quorum_at().present == 1


def test_a_delegate_does_not_push_out_who_is_present(coordinator, world):
    AttendanceFactory(meeting=world.meeting, seat=world.seat, contact=holder(world.seat))

    response = coordinator.post(delegate_url(world.meeting), delegate_form(world.seat))

    assert "is already present" in response.content.decode()
    assert world.meeting.attendances.get().contact == holder(world.seat)


def test_the_form_of_a_delegate_sent_twice_admits_one(coordinator, world):
    for _each in range(2):
        coordinator.post(delegate_url(world.meeting), delegate_form(world.seat))

    assert world.meeting.attendances.count() == 1


def test_an_accreditation_is_due_after_the_meeting(coordinator, world):
    response = coordinator.post(
        delegate_url(world.meeting), delegate_form(world.seat, accreditation_due="2020-09-02")
    )

    assert response.context["form"].has_error("accreditation_due")


def test_a_seat_of_another_committee_gets_no_delegate(coordinator, world):
    response = coordinator.post(delegate_url(world.meeting), delegate_form(SeatFactory()))

    assert response.context["form"].has_error("seat")
    assert not Attendance.objects.exists()


def test_the_grid_keeps_a_delegate_whose_times_are_changed(coordinator, world):
    coordinator.post(delegate_url(world.meeting), delegate_form(world.seat))
    row = world.meeting.attendances.get()

    coordinator.post(
        url(world.meeting),
        row_of(
            world.seat,
            presence="in_person",
            person="delegate",
            left="10:00",
            was=SeatRow.signature(row),
        ),
    )

    row.refresh_from_db()
    assert (row.guest_name, row.accreditation_due) == ("Délégation 01", date(2020, 9, 30))
    assert row.left_at is not None


def test_the_database_knows_one_row_per_seat_and_person(world, second):
    AttendanceFactory(meeting=world.meeting, seat=world.seat, contact=holder(world.seat))

    with pytest.raises(Refusal, match="One person"):
        record_attendance(
            world.meeting,
            [SeatRow(seat=second, presence="online", contact=holder(world.seat))],
            headcount=None,
        )


# Names by need


@pytest.fixture
def attended(world):
    """One member agreed to be named, one did not; a guest came, too."""
    world.open_seat = SeatFactory(
        committee=world.committee, institution=world.institutions["partner"]
    )
    named = ContactFactory(full_name="Membre 51 nommée", may_be_named=True)
    unnamed = ContactFactory(full_name="Membre 52 discret")
    shy_seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    for seat, contact in ((world.open_seat, named), (shy_seat, unnamed)):
        SeatTermFactory(seat=seat, contact=contact)
        AttendanceFactory(meeting=world.meeting, seat=seat, contact=contact)
    AttendanceFactory(meeting=world.meeting, seat=None, guest_name="Personne-ressource 53")
    return world.meeting


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("coordinator", {"Membre 51 nommée", "Membre 52 discret", "Personne-ressource 53"}),
        ("auditor", {"Membre 51 nommée", "Membre 52 discret", "Personne-ressource 53"}),
        ("member", {"Membre 51 nommée"}),
        ("monitoring", set()),
        ("reader", set()),
    ],
)
def test_names_are_shown_by_need(attended, world, sign_in, role, shown):
    names = {"Membre 51 nommée", "Membre 52 discret", "Personne-ressource 53"}
    client = sign_in(role)
    pages = [
        client.get(reverse("committees:meeting-attendance", args=[attended.pk])),
        client.get(attended.get_absolute_url()),
    ]

    text = "".join(page.content.decode() for page in pages)

    assert {name for name in names if name in text} == shown


@pytest.mark.parametrize("role", ["partner", "donor", "embassy", "outsider"])
def test_who_has_no_seat_sees_no_attendance(attended, sign_in, role):
    page = reverse("committees:meeting-attendance", args=[attended.pk])

    assert sign_in(role).get(page).status_code == 404


def test_attendance_is_not_kept_in_history():
    assert not hasattr(Attendance, "history")


def test_times_are_shown_in_the_zone_of_the_meeting(coordinator, world):
    meeting = MeetingFactory(committee=world.committee, number=9)
    AttendanceFactory(
        meeting=meeting, seat=world.seat, arrived_at=meeting.starts_at + timedelta(minutes=20)
    )

    page = coordinator.get(reverse("committees:meeting-attendance", args=[meeting.pk]))

    assert "9:20" in page.content.decode().replace("\u202f", "").replace("\xa0", " ")


def test_the_grid_of_one_meeting_knows_nothing_of_another(coordinator, world, second):
    other = MeetingFactory(
        committee=world.committee, status=Meeting.Status.HELD, recorded_afterwards=True
    )
    AttendanceFactory(meeting=world.meeting, seat=second, presence="online")

    grid = coordinator.get(url(other)).context["grid"]

    assert [row.row for row in grid.rows] == [None, None]

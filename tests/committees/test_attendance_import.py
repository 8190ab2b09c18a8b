"""Attendance from the video call: who is recognised as whom, what is asked, what is written, and
that the file is gone afterwards."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from committees.meetings.forms.attendance_import import CallGrid
from committees.meetings.services.attendance_import import FOLDER, forget_uploads
from committees.models import Attendance, Meeting, ParticipantsUpload, SeatTerm
from tests.factories import (
    AttendanceFactory,
    ContactFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

HEADER = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest"


def row(name, email="", joined="09:00:00", left="11:00:00", day="2020-09-03"):
    return f"{name},{email},{day} {joined},{day} {left},120,No"


def csv(*rows, header=HEADER):
    return "\n".join([header, *rows, ""]).encode()


@pytest.fixture(autouse=True)
def _no_file_of_another_test():
    """Rows are rolled back after a test, files are not."""
    for file in files():
        default_storage.delete(f"{FOLDER}/{file}")


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture
def second(world):
    """A second voting seat of another institution, with a holder and an alternate."""
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    SeatTermFactory(seat=seat, contact__full_name="Élue Société-Civile 61")
    SeatTermFactory(
        seat=seat,
        contact__full_name="Suppléant Deux 62",
        capacity=SeatTerm.Capacity.ALTERNATE,
    )
    return seat


def holder(seat):
    return seat.terms.get(capacity="holder").contact


def alternate(seat):
    return seat.terms.get(capacity="alternate").contact


def url(meeting, name="upload"):
    return reverse(f"committees:attendance-{name}", args=[meeting.pk])


def give(client, meeting, content, name="participants.csv"):
    return client.post(url(meeting), {"file": SimpleUploadedFile(name, content)})


def preview(client, meeting):
    return client.get(url(meeting, "preview")).context["grid"]


def proposed(client, meeting):
    """Each person of the preview with how they are recognised and what is proposed."""
    return {
        form.found.person.name: (form.found.how, form["choice"].value())
        for form in preview(client, meeting).rows
    }


def form_of(grid, **choices):
    """What the page would post: proposals, but for the people named (spaces as underscores)."""
    data = {field.html_name: field.value() or "" for field in grid.head.hidden_fields()}
    for form in grid.rows:
        name = form.found.person.name.replace(" ", "_")
        data[form["choice"].html_name] = choices.get(name, form["choice"].value())
    return data


def confirm(client, meeting, grid=None, **choices):
    grid = grid or preview(client, meeting)
    return client.post(url(meeting, "preview"), form_of(grid, **choices), follow=True)


def place(seat, person):
    return f"{seat.pk}-{person.pk}"


def everything(meeting):
    return sorted(meeting.attendances.values_list(), key=str)


def files():
    return default_storage.listdir(FOLDER)[1] if default_storage.exists(FOLDER) else []


def at(hour, minute=0):
    """A moment of the meeting's day in Tegucigalpa, which is six hours behind UTC."""
    return datetime(2020, 9, 3, hour + 6, minute, tzinfo=UTC)


# Who is who


def test_people_are_recognised_by_address_and_by_name(coordinator, world, second):
    member = holder(world.seat)
    give(
        coordinator,
        world.meeting,
        csv(row("Whoever", member.email.upper()), row("societe-civile 61 ELUE")),
    )

    assert proposed(coordinator, world.meeting) == {
        "Whoever": ("email", place(world.seat, member)),
        "societe-civile 61 ELUE": ("name", place(second, holder(second))),
    }


def test_the_name_before_it_was_changed_is_looked_at(coordinator, world, second):
    give(coordinator, world.meeting, csv(row("iPad (Élue Société-Civile 61)")))

    assert proposed(coordinator, world.meeting)["iPad"] == ("name", place(second, holder(second)))


def test_a_similar_name_is_proposed_as_doubtful(coordinator, world, second):
    give(coordinator, world.meeting, csv(row("Elue Societe Civil 61"), row("Passant")))

    grid = preview(coordinator, world.meeting)

    assert [form.found.how for form in grid.doubtful] == ["similar", "unknown"]
    assert grid.doubtful[0]["choice"].value() == place(second, holder(second))
    assert grid.doubtful[1]["choice"].value() == "guest"


def test_of_two_people_of_one_name_nobody_is_proposed(coordinator, world, second):
    ContactFactory(
        institution=world.institutions["member"],
        full_name="Société-Civile Élue 61",
        email="x@y.org",
    )
    give(coordinator, world.meeting, csv(row("Élue Société-Civile 61")))

    assert proposed(coordinator, world.meeting) == {
        "Élue Société-Civile 61": ("several", "guest"),
    }


def test_doubtful_people_stand_first(coordinator, world):
    give(
        coordinator,
        world.meeting,
        csv(row("Aaa", holder(world.seat).email), row("Zzz passing by")),
    )

    names = [form.found.person.name for form in preview(coordinator, world.meeting).rows]

    assert names == ["Zzz passing by", "Aaa"]


def test_the_holder_goes_before_the_alternate(coordinator, world, second):
    give(
        coordinator,
        world.meeting,
        csv(row("B", alternate(second).email), row("A", holder(second).email)),
    )

    grid = preview(coordinator, world.meeting)

    assert [(form.found.person.name, form.found.seat_is_taken) for form in grid.rows] == [
        ("B", True),
        ("A", False),
    ]
    assert [form["choice"].value() for form in grid.rows] == [
        "guest",
        place(second, holder(second)),
    ]


def test_people_of_other_projects_are_nobody_here(coordinator, world):
    stranger = ContactFactory(
        institution=world.foreign_institution, full_name="Observatrice — Ailleurs"
    )
    give(coordinator, world.meeting, csv(row(stranger.full_name, stranger.email)))

    [form] = preview(coordinator, world.meeting).rows

    assert form.found.candidate is None


# What is written


def test_nothing_is_written_before_the_coordinator_confirms(coordinator, world):
    give(coordinator, world.meeting, csv(row("A", holder(world.seat).email), row("B")))
    preview(coordinator, world.meeting)

    assert not Attendance.objects.exists()


def test_what_is_confirmed_is_recorded_with_times_of_the_meeting(
    coordinator, world, second, django_capture_on_commit_callbacks
):
    contact = world.institutions["donor"].contacts.get()
    give(
        coordinator,
        world.meeting,
        csv(
            row("A", holder(world.seat).email, joined="09:05:00", left="10:00:00"),
            row("A", holder(world.seat).email, joined="10:10:00", left="11:15:00"),
            row("B", alternate(second).email),
            row("C", contact.email),
            row("D"),
            row("E"),
        ),
    )

    with django_capture_on_commit_callbacks(execute=True):
        response = confirm(coordinator, world.meeting, E="drop")

    assert "The attendance of 4 people was recorded" in response.content.decode()
    rows = world.meeting.attendances.order_by("pk")
    with_a_break = [(at(9, 5), at(10)), (at(10, 10), at(11, 15))]
    assert [
        (
            each.seat,
            each.contact,
            each.by_alternate,
            each.guest_name,
            each.institution,
            each.presence,
            each.stays,
        )
        for each in sorted(rows, key=lambda each: (each.seat is None, each.guest_name, each.pk))
    ] == [
        (world.seat, holder(world.seat), False, "", None, "online", with_a_break),
        (second, alternate(second), True, "", None, "online", [(at(9), at(11))]),
        (None, None, False, "C", world.institutions["donor"], "online", [(at(9), at(11))]),
        (None, None, False, "D", None, "online", [(at(9), at(11))]),
    ]
    assert not ParticipantsUpload.objects.exists()
    assert files() == []


def test_the_same_file_twice_changes_nothing(coordinator, world, second):
    content = csv(
        row("A", holder(world.seat).email),
        row("B", holder(second).email),
        row("C", world.institutions["donor"].contacts.get().email),
        row("D"),
    )
    give(coordinator, world.meeting, content)
    confirm(coordinator, world.meeting)
    before = everything(world.meeting)

    give(coordinator, world.meeting, content)
    response = confirm(coordinator, world.meeting)

    assert "nothing changed" in response.content.decode()
    assert everything(world.meeting) == before
    assert len(before) == 4


def test_two_devices_of_one_person_are_put_together(coordinator, world, second):
    give(
        coordinator,
        world.meeting,
        csv(
            row("Laptop", holder(second).email, joined="09:00:00", left="10:00:00"),
            row("Phone", joined="09:50:00", left="10:50:00"),
        ),
    )

    confirm(coordinator, world.meeting, Phone=place(second, holder(second)))

    recorded = world.meeting.attendances.get()
    assert (recorded.arrived_at, recorded.left_at) == (at(9), at(10, 50))


def test_two_people_on_one_seat_are_refused(coordinator, world, second):
    give(
        coordinator,
        world.meeting,
        csv(row("A", holder(second).email), row("B", alternate(second).email)),
    )

    response = confirm(coordinator, world.meeting, B=place(second, alternate(second)))

    assert "Two people are assigned to" in response.content.decode()
    assert not Attendance.objects.exists()
    assert ParticipantsUpload.objects.exists()


def test_one_person_on_two_seats_is_refused(coordinator, world, second):
    member = holder(world.seat)
    SeatTermFactory(seat=second, contact=member, capacity=SeatTerm.Capacity.ALTERNATE)
    give(coordinator, world.meeting, csv(row("A", member.email), row("B")))

    response = confirm(
        coordinator, world.meeting, A=place(world.seat, member), B=place(second, member)
    )

    assert "One person counts for one seat" in response.content.decode()
    assert not Attendance.objects.exists()


def test_a_place_that_is_not_offered_is_no_choice(coordinator, world):
    foreign = SeatTermFactory()
    give(coordinator, world.meeting, csv(row("A")))

    response = confirm(coordinator, world.meeting, A=place(foreign.seat, foreign.contact))

    assert response.status_code == 200
    assert not Attendance.objects.exists()


def test_a_guest_who_gets_a_seat_is_no_guest_any_more(coordinator, world, second):
    content = csv(row("A"))
    give(coordinator, world.meeting, content)
    confirm(coordinator, world.meeting)
    give(coordinator, world.meeting, content)

    confirm(coordinator, world.meeting, A=place(second, holder(second)))

    assert [each.seat for each in world.meeting.attendances.all()] == [second]


def test_who_was_checked_in_online_gets_their_times(coordinator, world):
    AttendanceFactory(meeting=world.meeting, seat=world.seat, contact=holder(world.seat))
    give(coordinator, world.meeting, csv(row("A", holder(world.seat).email)))

    confirm(coordinator, world.meeting)

    recorded = world.meeting.attendances.get()
    assert (recorded.arrived_at, recorded.left_at) == (at(9), at(11))


@pytest.mark.parametrize("facts", [{"presence": "in_person"}, {"arrived_at": at(9, 30)}])
def test_what_is_recorded_otherwise_stays_unless_it_is_chosen(coordinator, world, facts):
    member = holder(world.seat)
    AttendanceFactory(meeting=world.meeting, seat=world.seat, contact=member, **facts)
    before = everything(world.meeting)
    content = csv(row("A", member.email))
    give(coordinator, world.meeting, content)
    [form] = preview(coordinator, world.meeting).doubtful
    assert form.found.recorded is not None

    confirm(coordinator, world.meeting)
    assert everything(world.meeting) == before

    give(coordinator, world.meeting, content)
    confirm(coordinator, world.meeting, A=place(world.seat, member))
    recorded = world.meeting.attendances.get()
    assert (recorded.presence, recorded.arrived_at) == ("online", at(9))


def test_what_somebody_recorded_meanwhile_is_not_overwritten(coordinator, world, second):
    give(
        coordinator,
        world.meeting,
        csv(row("A", holder(world.seat).email), row("B", holder(second).email), row("C")),
    )
    grid = preview(coordinator, world.meeting)
    AttendanceFactory(meeting=world.meeting, seat=second, presence="excused")
    before = everything(world.meeting)

    response = confirm(coordinator, world.meeting, grid)

    assert f"Somebody else recorded “{second}” in the meantime" in response.content.decode()
    assert everything(world.meeting) == before


def test_a_list_without_times_takes_no_times_away(coordinator, world):
    member = holder(world.seat)
    AttendanceFactory(
        meeting=world.meeting, seat=world.seat, contact=member, arrived_at=at(9), left_at=at(10)
    )
    before = everything(world.meeting)
    header = "Name (Original Name),User Email,Total Duration (Minutes),Guest"
    give(coordinator, world.meeting, csv(f"A,{member.email},60,No", header=header))

    confirm(coordinator, world.meeting)

    assert everything(world.meeting) == before


def test_the_count_of_people_is_never_below_the_list(coordinator, world):
    Meeting.objects.filter(pk=world.meeting.pk).update(headcount=1)
    give(coordinator, world.meeting, csv(row("A"), row("B")))

    confirm(coordinator, world.meeting)

    world.meeting.refresh_from_db()
    assert world.meeting.headcount == 2


def test_a_file_confirmed_twice_is_told(coordinator, world):
    give(coordinator, world.meeting, csv(row("A")))
    grid = preview(coordinator, world.meeting)
    confirm(coordinator, world.meeting, grid)

    response = confirm(coordinator, world.meeting, grid)

    assert "No participants file is waiting here" in response.content.decode()
    assert world.meeting.attendances.count() == 1


def test_a_page_of_an_earlier_file_records_nothing_of_the_new_one(coordinator, world):
    give(coordinator, world.meeting, csv(row("A"), row("B")))
    grid = preview(coordinator, world.meeting)
    give(coordinator, world.meeting, csv(row("C"), row("D")))

    response = confirm(coordinator, world.meeting, grid)

    assert "another file in the meantime" in response.content.decode()
    assert not Attendance.objects.exists()


# Dates


def test_a_date_that_can_be_read_in_two_ways_is_asked_about(coordinator, world):
    content = csv(row("A", holder(world.seat).email, day="03/09/2020"))

    give(coordinator, world.meeting, content)
    question = coordinator.get(url(world.meeting, "preview"))

    assert "can be read in two ways" in question.content.decode()
    assert [label for _value, label in question.context["form"].fields["date_order"].choices] == [
        "September 3, 2020",
        "March 9, 2020",
    ]
    assert question.context["form"]["date_order"].value() == "dmy"
    coordinator.post(url(world.meeting, "preview"), {"date_order": "dmy"})
    confirm(coordinator, world.meeting)
    assert world.meeting.attendances.get().arrived_at == at(9)


def test_an_order_must_be_chosen(coordinator, world):
    give(coordinator, world.meeting, csv(row("A", day="03/09/2020")))

    response = coordinator.post(url(world.meeting, "preview"), {"date_order": "ymd"})

    assert response.context["form"].has_error("date_order")


def test_a_file_of_another_day_is_told(coordinator, world):
    give(coordinator, world.meeting, csv(row("A", day="2020-09-17")))

    page = coordinator.get(url(world.meeting, "preview"))

    assert page.context["grid"].other_day == date(2020, 9, 17)
    assert "Is it the right file?" in page.content.decode()


def test_the_clocks_of_the_file_may_be_those_of_the_coordinator(coordinator, world):
    """Zoom writes the clocks of the account that exports: two hours ahead in summer."""
    world.people["coordinator"].time_zone = "America/Toronto"
    world.people["coordinator"].save()
    give(coordinator, world.meeting, csv(row("A", joined="11:05:00", left="13:00:00")))
    page = coordinator.get(url(world.meeting, "preview"))
    assert page.context["grid"].other_hour == at(11, 5)
    assert [zone["name"] for zone in page.context["other_zones"]] == ["America/Toronto", "UTC"]

    address = url(world.meeting, "preview") + "?zone=America/Toronto"
    grid = coordinator.get(address).context["grid"]
    coordinator.post(address, form_of(grid))

    assert grid.other_hour is None
    assert world.meeting.attendances.get().arrived_at == at(9, 5)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "Europe/Paris", "../../etc/passwd"])
def test_a_zone_that_is_not_offered_is_that_of_the_meeting(coordinator, world, zone):
    give(coordinator, world.meeting, csv(row("A")))

    page = coordinator.get(url(world.meeting, "preview"), {"zone": zone})

    assert page.context["grid"].zone == world.meeting.zone


# The file


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("list.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00", "not a list of participants"),
        ("list.csv", b"PK\x03\x04", "save it as CSV"),
        ("list.csv", b"Product;Price\nPen;1\n", "no column for the names"),
        ("list.png", csv(row("A")), "does not end in"),
        ("list.csv", b"Name,Email\n" + b"x" * 2_000_000, "list of participants has at most"),
    ],
)
def test_a_file_that_is_no_list_is_refused_and_not_kept(
    coordinator, world, name, content, sentence
):
    response = give(coordinator, world.meeting, content, name)

    assert sentence in response.content.decode()
    assert not ParticipantsUpload.objects.exists()
    assert files() == []


def test_a_formula_in_a_name_is_shown_and_recorded_as_text(coordinator, world):
    give(coordinator, world.meeting, csv(row("=cmd|calc Guest")))
    assert "looks like a formula" in coordinator.get(url(world.meeting, "preview")).content.decode()

    confirm(coordinator, world.meeting)

    assert world.meeting.attendances.get().guest_name == "=cmd|calc Guest"


def test_markup_in_a_name_is_shown_as_it_is_written(coordinator, world):
    give(coordinator, world.meeting, csv(row("<script>alert(1)</script>")))

    assert "<script>alert(1)" not in coordinator.get(url(world.meeting, "preview")).content.decode()


def test_the_name_of_the_file_is_forgotten(coordinator, world):
    give(coordinator, world.meeting, csv(row("A")), name="Membre 03.csv")

    upload = ParticipantsUpload.objects.get()
    assert upload.original_name == "participants.csv"
    assert "Membre" not in upload.file.name


def test_another_file_takes_the_place_of_the_first(
    coordinator, world, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        give(coordinator, world.meeting, csv(row("A")))
        give(coordinator, world.meeting, csv(row("B")))

    assert list(proposed(coordinator, world.meeting)) == ["B"]
    assert len(files()) == 1


def test_a_file_is_seen_by_who_gave_it_alone(coordinator, world, client):
    give(coordinator, world.meeting, csv(row("A")))
    other = UserFactory()
    world.project.assignments.create(user=other, role="coordinator")

    client.force_login(other)
    response = client.get(url(world.meeting, "preview"), follow=True)

    assert "No participants file is waiting here" in response.content.decode()


def test_a_file_is_discarded(coordinator, world, django_capture_on_commit_callbacks):
    give(coordinator, world.meeting, csv(row("A")))

    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(url(world.meeting, "discard"))

    assert not ParticipantsUpload.objects.exists()
    assert files() == []
    assert not Attendance.objects.exists()


def test_a_file_is_forgotten_after_a_day(coordinator, world, django_capture_on_commit_callbacks):
    give(coordinator, world.meeting, csv(row("A")))
    give_at = timezone.now() - timedelta(days=1, minutes=1)

    forget_uploads()
    assert ParticipantsUpload.objects.exists()
    ParticipantsUpload.objects.update(uploaded_at=give_at)
    with django_capture_on_commit_callbacks(execute=True):
        forget_uploads()

    assert not ParticipantsUpload.objects.exists()
    assert files() == []


def test_a_file_that_is_missing_is_asked_for_again(coordinator, world):
    give(coordinator, world.meeting, csv(row("A")))
    default_storage.delete(ParticipantsUpload.objects.get().file.name)

    response = coordinator.get(url(world.meeting, "preview"), follow=True)

    assert "upload it again" in response.content.decode()


@pytest.mark.parametrize("status", ["planned", "convened", "frozen", "cancelled", "adjourned"])
def test_a_meeting_that_is_not_open_for_records_takes_no_file(coordinator, world, status):
    Meeting.objects.filter(pk=world.meeting.pk).update(status=status)

    give(coordinator, world.meeting, csv(row("A")))

    assert not ParticipantsUpload.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("member", 403), ("reader", 403), ("partner", 404), ("outsider", 404)]
)
def test_only_the_coordination_gives_a_file(world, sign_in, role, status):
    client = sign_in(role)

    assert give(client, world.meeting, csv(row("A"))).status_code == status
    assert not ParticipantsUpload.objects.exists()


def test_the_model_keeps_no_history():
    assert not hasattr(ParticipantsUpload, "history")


def test_the_number_of_queries_does_not_grow(coordinator, world, django_assert_max_num_queries):
    for number in range(0, 60, 3):  # one of three has a seat
        seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
        SeatTermFactory(seat=seat, contact__email=f"person{number}@example.org")
    counts = []
    for count in (3, 60):
        rows = [row(f"Person {number}", f"person{number}@example.org") for number in range(count)]
        give(coordinator, world.meeting, csv(*rows))

        upload = ParticipantsUpload.objects.latest("pk")
        meeting = Meeting.objects.with_related().get(pk=world.meeting.pk)

        # The frame of the meeting's pages has its own count (`test_meeting_pages`).
        with django_assert_max_num_queries(11) as statements:
            grid = CallGrid(meeting, upload, meeting.zone)
            for form in grid.rows:
                render_to_string("committees/call_person.html", {"row": form, "zone": meeting.zone})
        counts.append(len(statements))

        assert len(grid.rows) == count

    few, many = counts
    assert many <= few

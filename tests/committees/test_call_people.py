"""Who somebody in a video call is, however they wrote their name; and what becomes of people whom
nobody knows."""

from datetime import date, timedelta

import pytest

from committees.meetings.services.call_seats import fits_initials, pieces_of
from committees.models import Attendance
from projects.models import Assignment
from tests.committees.test_attendance_import import (
    confirm,
    csv,
    form_of,
    give,
    holder,
    place,
    preview,
    row,
    url,
)
from tests.factories import (
    AttendanceFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

NAME = "Élue Société-Civile 61"


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture
def second(world):
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    SeatTermFactory(
        seat=seat, contact__full_name=NAME, contact__institution=world.institutions["partner"]
    )
    return seat


def found(client, world, *names):
    give(client, world.meeting, csv(*(row(name) for name in names)))
    return {form.found.person.name: form for form in preview(client, world.meeting).rows}


def only(client, world, name):
    (form,) = found(client, world, name).values()
    return form


# Names taken apart


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("SEDIS - Ana Uno", ["SEDIS", "Ana Uno"]),
        ("Ana Uno-Dos", ["Ana Uno-Dos"]),
        ("Ana Uno (SEDIS / Niñez)", ["Ana Uno", "SEDIS", "Niñez"]),
        ("Ana Uno | ", ["Ana Uno"]),
    ],
)
def test_a_name_is_taken_apart_at_signs_and_not_at_hyphens(name, pieces):
    assert pieces_of(name) == pieces


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("elue s", True),
        ("e societe", True),
        ("societe e c", True),
        ("elue x", False),
        ("elue", False),  # a first name alone may be anybody
        ("e s", False),
        ("elue e", False),  # there is no second word with e
    ],
)
def test_initials_stand_for_other_words_of_the_name(name, fits):
    assert fits_initials(name, "elue societe civile 61") is fits


# People of the committee


@pytest.mark.parametrize("shape", ["{name} - {acronym}", "{acronym} – {name}", "{name} | {long}"])
def test_the_institution_beside_the_name_confirms_it(coordinator, world, second, shape):
    institution = world.institutions["partner"]
    written = shape.format(
        name=NAME.lower(), acronym=institution.short_name, long=institution.name.upper()
    )

    form = only(coordinator, world, written)

    assert (form.found.how, form["choice"].value()) == ("name", place(second, holder(second)))
    assert form.found.person.name == written
    assert not form.found.is_doubtful


@pytest.mark.parametrize(
    "written",
    ["{name} - Another body", "Élue S. - {acronym}", "Élue S.", "={name}", "{other} {name}"],
)
def test_what_is_not_certain_is_proposed_and_asked(coordinator, world, second, written):
    written = written.format(
        name=NAME,
        acronym=second.institution.short_name,
        other=world.institutions["member"].short_name,
    )

    form = only(coordinator, world, written)

    assert (form.found.how, form["choice"].value()) == ("similar", place(second, holder(second)))
    assert form.found.is_doubtful
    assert form.found.person.name == written


def test_of_two_people_of_one_name_the_institution_decides(coordinator, world, second):
    other = SeatFactory(committee=world.committee, institution=world.institutions["member"])
    SeatTermFactory(
        seat=other, contact__full_name=NAME, contact__institution=world.institutions["member"]
    )

    forms = found(coordinator, world, f"{NAME} - {second.institution.short_name}", "Élue S.")

    assert [(form.found.how, form["choice"].value()) for form in forms.values()] == [
        ("several", "guest"),
        ("similar", place(second, holder(second))),
    ]
    perhaps = dict(forms["Élue S."].fields["choice"].choices)["Perhaps"]
    assert {value for value, _label in perhaps} == {
        place(second, holder(second)),
        place(other, holder(other)),
    }


def test_an_institution_alone_is_asked_about_and_its_people_are_offered_first(
    coordinator, world, second
):
    written = f"{second.institution.short_name} Dirección de Niñez"

    form = only(coordinator, world, written)

    assert (form.found.how, form.found.named) == ("institution", second.institution)
    assert form["choice"].value() == "guest"
    assert [value for value, _label in dict(form.fields["choice"].choices)["Perhaps"]] == [
        place(second, holder(second))
    ]
    confirm(coordinator, world.meeting)
    guest = world.meeting.attendances.get()
    assert (guest.guest_name, guest.institution) == (written, second.institution)


def test_an_acronym_in_small_letters_is_a_word(coordinator, world, second):
    word = second.institution.short_name.lower()

    assert only(coordinator, world, f"Passing {word} by").found.how == "unknown"


@pytest.mark.parametrize("by", ["email", "full_name"])
def test_who_works_for_the_project_is_known_and_a_guest(coordinator, world, by):
    user = UserFactory(full_name="Asistencia del proyecto")
    Assignment.objects.create(project=world.project, user=user, role="monitoring")
    written = row("Yo", user.email) if by == "email" else row("proyecto del ASISTENCIA")
    give(coordinator, world.meeting, csv(written))

    (form,) = preview(coordinator, world.meeting).rows

    assert (form.found.how, form["choice"].value()) == ("team", "guest")
    assert not form.found.is_doubtful


def test_who_worked_for_the_project_before_is_nobody(coordinator, world):
    user = UserFactory(full_name="Asistencia anterior")
    Assignment.objects.create(
        project=world.project,
        user=user,
        role="monitoring",
        ends_on=world.meeting.day - timedelta(days=1),
    )

    assert only(coordinator, world, user.full_name).found.how == "unknown"


# People whom nobody knows


@pytest.mark.parametrize(("minutes", "choice"), [(1, "drop"), (0, "drop"), (5, "guest")])
def test_a_stranger_who_was_there_for_a_moment_is_left_out_unless_chosen(
    coordinator, world, minutes, choice
):
    header = "Name (Original Name),User Email,Total Duration (Minutes),Guest"
    give(coordinator, world.meeting, csv(f"iPhone,,{minutes},No", header=header))

    (form,) = preview(coordinator, world.meeting).rows

    assert (form["choice"].value(), form.found.is_passing) == (choice, choice == "drop")


def test_text_in_brackets_is_shown(coordinator, world):
    give(coordinator, world.meeting, csv(row("iPad (Comisaría Norte)")))

    page = coordinator.get(url(world.meeting, "preview")).content.decode()

    assert "(Comisaría Norte)" in page


# Delegates on no list


def admit(client, meeting, seat, *, due="2020-09-20", **more):
    grid = preview(client, meeting)
    choices = {"Nueva_Delegada": f"admitted-{seat.pk}"} | more
    data = form_of(grid, **choices) | {"accreditation_due": due}
    return client.post(url(meeting, "preview"), data, follow=True)


def test_a_stranger_is_recorded_as_the_delegate_whom_the_chair_admitted(coordinator, world, second):
    give(coordinator, world.meeting, csv(row("Nueva Delegada")))
    assert not Attendance.objects.exists()

    admit(coordinator, world.meeting, second)

    delegate = world.meeting.attendances.get()
    assert (
        delegate.seat,
        delegate.guest_name,
        delegate.contact,
        delegate.by_alternate,
        delegate.presence,
        delegate.accreditation_due,
    ) == (second, "Nueva Delegada", None, False, "online", date(2020, 9, 20))
    assert delegate.arrived_at is not None


def test_the_same_file_again_knows_the_delegate(coordinator, world, second):
    content = csv(row("Nueva Delegada"))
    give(coordinator, world.meeting, content)
    admit(coordinator, world.meeting, second)
    before = list(world.meeting.attendances.values())

    give(coordinator, world.meeting, content)
    (form,) = preview(coordinator, world.meeting).rows
    page = confirm(coordinator, world.meeting)

    assert (form["choice"].value(), form.found.is_recorded) == (f"admitted-{second.pk}", True)
    assert "nothing changed" in page.content.decode()
    assert list(world.meeting.attendances.values()) == before


@pytest.mark.parametrize(
    ("due", "sentence"),
    [("", "Say by which day"), ("2020-09-02", "Choose the day of the meeting or a later one")],
)
def test_a_delegate_needs_a_day_for_the_accreditation(coordinator, world, second, due, sentence):
    give(coordinator, world.meeting, csv(row("Nueva Delegada"), row("B")))

    page = admit(coordinator, world.meeting, second, due=due, B="drop")

    assert sentence in page.content.decode()
    assert not Attendance.objects.exists()
    choices = {form.found.person.name: form["choice"].value() for form in page.context["grid"].rows}
    assert choices == {"Nueva Delegada": f"admitted-{second.pk}", "B": "drop"}


def test_two_strangers_are_no_delegate_of_one_seat(coordinator, world, second):
    give(coordinator, world.meeting, csv(row("Nueva Delegada"), row("B")))

    page = admit(coordinator, world.meeting, second, B=f"admitted-{second.pk}")

    assert "Two people are assigned to" in page.content.decode()
    assert not Attendance.objects.exists()


def test_no_delegate_takes_a_seat_whose_member_is_there(coordinator, world, second):
    AttendanceFactory(
        meeting=world.meeting, seat=second, contact=holder(second), presence="in_person"
    )
    before = list(world.meeting.attendances.values())
    give(coordinator, world.meeting, csv(row("Nueva Delegada")))

    page = admit(coordinator, world.meeting, second)

    assert "is already present" in page.content.decode()
    assert list(world.meeting.attendances.values()) == before


# What the file does not say


def test_rows_without_a_name_are_counted(coordinator, world):
    give(coordinator, world.meeting, csv(row("A"), row(""), row("---"), ",,,,,"))

    page = coordinator.get(url(world.meeting, "preview")).content.decode()

    assert "2 rows of the file name nobody and are left out." in page


def test_who_leaves_before_arriving_is_asked_about_and_gets_no_times(coordinator, world):
    member = holder(world.seat)
    give(
        coordinator,
        world.meeting,
        csv(row("A", member.email, joined="10:00:00", left="09:00:00"), row("B")),
    )
    page = coordinator.get(url(world.meeting, "preview"))
    assert [form.found.person.name for form in page.context["grid"].doubtful] == ["A", "B"]
    assert "leaves before arriving" in page.content.decode()

    confirm(coordinator, world.meeting)

    recorded = world.meeting.attendances.get(seat=world.seat)
    assert (recorded.presence, recorded.arrived_at, recorded.left_at) == ("online", None, None)


def test_times_below_heads_that_are_not_understood_are_told(coordinator, world):
    header = "Name,E-Mail,Ankunft,Leave Time"
    give(
        coordinator,
        world.meeting,
        csv("A,,2020-09-03 09:00:00,2020-09-03 10:00:00", header=header),
    )

    page = coordinator.get(url(world.meeting, "preview")).content.decode()

    assert "does not understand the times below these heads: Ankunft." in page

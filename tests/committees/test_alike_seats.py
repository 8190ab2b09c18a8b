"""Seats of one institution that nothing tells apart have numbers wherever they are named."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committees.minutes.services.text import in_language, institutions_named
from committees.models import Committee, Minutes, Seat
from committees.permissions.roles import seats_held
from committees.seats.services.removing import remove_seat
from committees.seats.services.seats import change_seat
from committees.seats.services.table import SeatEntry, save_seats
from partners.models import Institution
from tests.factories import AttendanceFactory, SeatFactory, SeatTermFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def names(committee):
    return [str(seat) for seat in Seat.objects.filter(committee=committee).order_by("pk")]


@pytest.fixture
def committee(world):
    Seat.objects.all().delete()
    return Committee.objects.get(pk=world.committee.pk)


@pytest.fixture
def institution(world):
    return world.institutions["partner"]


def test_two_seats_of_one_institution_are_numbered_and_one_alone_is_not(
    world, committee, institution
):
    short = institution.short_name
    first = SeatFactory(committee=committee, institution=institution)
    assert names(committee) == [short]

    second = SeatFactory(committee=committee, institution=institution)
    assert names(committee) == [f"{short} 1", f"{short} 2"]

    remove_seat(Seat.objects.get(pk=second.pk), by=world.people["coordinator"])
    assert names(committee) == [short]
    assert str(Seat.objects.get(pk=first.pk)) == short


def test_a_table_of_seats_is_numbered_once(committee, institution, world):
    by = world.people["coordinator"]
    entries = [
        SeatEntry(row, Seat(committee=committee, institution=institution)) for row in range(4)
    ]

    with CaptureQueriesContext(connection) as asked:
        save_seats(committee, entries, known=[], by=by)

    short = institution.short_name
    assert names(committee) == [f"{short} {number}" for number in (1, 2, 3, 4)]
    readings = [
        each["sql"]
        for each in asked
        if '"committees_seat"."number"' in each["sql"] and "SELECT" in each["sql"]
    ]
    assert len(readings) == 1


def test_whose_seats_are_known_knows_their_numbers(committee, institution, world):
    for _each in range(2):
        seat = SeatFactory(committee=committee, institution=institution)
    SeatTermFactory(seat=seat, contact=world.people["member"].contacts.first())

    (term,) = seats_held(world.people["member"], committee.project)
    with CaptureQueriesContext(connection) as asked:
        assert term.seat.number == 2
    assert len(asked) == 0


def test_a_group_that_is_named_tells_seats_apart(committee, institution):
    SeatFactory(committee=committee, institution=institution)
    SeatFactory(committee=committee, institution=institution, label_en="Youth", label_fr="Jeunes")

    assert names(committee) == [institution.short_name, "Youth"]


def test_seats_that_never_existed_on_one_day_need_no_number(committee, institution):
    SeatFactory(committee=committee, institution=institution, until=date(2020, 5, 1))
    SeatFactory(committee=committee, institution=institution, since=date(2020, 5, 2))

    assert names(committee) == [institution.short_name] * 2


def test_a_seat_that_goes_to_another_institution_frees_the_number(committee, world, institution):
    SeatFactory(committee=committee, institution=institution)
    second = SeatFactory(committee=committee, institution=institution)
    second.institution = world.institutions["member"]
    change_seat(second, [])

    assert names(committee) == [institution.short_name, world.institutions["member"].short_name]


def test_page_and_minutes_tell_them_apart_and_give_full_names(
    committee, world, institution, sign_in
):
    seats = [SeatFactory(committee=committee, institution=institution) for _each in range(2)]
    AttendanceFactory(meeting=world.meeting, seat=seats[0])
    short = institution.short_name
    minutes = Minutes.objects.create(meeting=world.meeting, language="en")

    text = in_language(minutes, "en")
    page = sign_in("coordinator").get(reverse("committees:minutes", args=[minutes.pk]))

    assert [row["seat"] for row in text["present"]] == [f"{short} 1", f"{short} 2"]
    assert text["institutions"] == [{"short": short, "name": institution.name}]
    shown = " ".join(page.content.decode().split())
    assert (f"{short} 1" in shown, f"{short}: {institution.name}" in shown) == (True, True)
    tab = sign_in("coordinator").get(
        reverse("committees:meeting-attendance", args=[world.meeting.pk])
    )
    assert f"{short} 2" in tab.content.decode()


def test_a_name_that_is_its_own_acronym_explains_nothing(institution):
    Institution.objects.get(pk=institution.pk)
    same = type("Same", (), {"short_name": "IED", "name": "IED"})()

    assert institutions_named([same]) == []

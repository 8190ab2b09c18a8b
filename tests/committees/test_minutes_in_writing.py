"""Minutes in a written procedure: what the home page and the pages of the meeting say of it, and what
is shown before the minutes go out."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.consultations.proposing import propose
from committees.consultations.services import (
    cast_ballot,
    keep_consultation,
    open_consultation,
)
from committees.minutes.services.minutes import add_remark, circulate, finalise
from committees.models import Ballot, Minutes, MinutesRemark, WrittenConsultation
from ibcr_portal.reader import Reader
from tests.factories import SeatFactory
from tests.obligations import obligations_of, write_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def by(world):
    return world.people["coordinator"]


@pytest.fixture
def minutes(world):
    return Minutes.objects.create(meeting=world.meeting, language="en")


@pytest.fixture
def asked(world, minutes, by):
    """Of two voting seats, one has agreed, twice."""
    SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    until = timezone.localdate() + timedelta(days=10)
    circulate(minutes, by=by, until=until)
    finalise(minutes, by=by)
    consultation = WrittenConsultation(committee=world.committee, rule="consensus")
    consultation.answers_until = until
    propose(consultation, minutes)
    keep_consultation(consultation)
    open_consultation(consultation, by=by)
    for choice in ("abstain", "agree"):
        cast_ballot(Ballot(consultation=consultation, seat=world.seat, choice=choice, by=by))
    return consultation


SAID = "1 of 2 voting seats have answered."


def test_meeting_and_minutes_say_until_when_and_how_many_have_answered(asked, minutes, sign_in):
    client = sign_in("coordinator")
    for address in (
        minutes.get_absolute_url(),
        minutes.meeting.get_absolute_url(),
    ):
        page = " ".join(client.get(address).content.decode().split())
        assert (SAID in page, asked.get_absolute_url() in page) == (True, True)


def test_who_sees_no_procedure_reads_nothing_of_it(asked, minutes, sign_in):
    page = sign_in("donor").get(minutes.meeting.get_absolute_url())

    assert "voting seats have answered" not in page.content.decode()


@pytest.mark.parametrize("role", ["coordinator", "member"])
def test_the_home_page_counts_down_to_the_last_day_for_answers(asked, world, role):
    write_all()
    due = [
        one
        for one in obligations_of(Reader(world.people[role]))
        if one.url == asked.get_absolute_url()
    ]
    assert [(one.on, str(one.note)) for one in due] == [(asked.answers_until, SAID)]
    assert "In a written procedure" in due[0].title


def test_without_a_procedure_the_final_draft_still_waits_to_be_adopted(minutes, world, by):
    circulate(minutes, by=by, until=timezone.localdate())
    finalise(minutes, by=by)
    write_all()

    titles = [one.title for one in obligations_of(Reader(world.people["coordinator"]))]
    assert [title for title in titles if title.startswith("Have adopted")] != []


# Before they go out


def test_the_final_draft_shows_open_comments_and_that_it_ends_their_time(
    minutes, world, by, sign_in
):
    until = timezone.localdate() + timedelta(days=10)
    circulate(minutes, by=by, until=until)
    add_remark(MinutesRemark(minutes=minutes, seat=world.seat, text="Trop court.", by=by))

    page = sign_in("coordinator").get(
        reverse("committees:minutes-step", args=[minutes.pk, "finalise"])
    )

    said = " ".join(page.content.decode().split())
    assert "1 comment has no answer yet" in said
    assert "If you make the final draft now, you end that early" in said
    assert f'href="{minutes.get_absolute_url()}"' in said


def test_circulating_shows_who_receives_it(minutes, world, sign_in):
    page = sign_in("coordinator").get(
        reverse("committees:minutes-step", args=[minutes.pk, "circulate"])
    )

    [one] = page.context["recipients"]
    assert (one.place, one.address) == (world.seat, world.people["member"].email)
    assert one.address in page.content.decode()


def test_an_answer_that_replaces_another_of_the_seat_says_so(asked, world, sign_in):
    page = sign_in("member").get(reverse("committees:consultation-answer", args=[asked.pk]))

    said = " ".join(page.content.decode().split())
    assert f"{world.seat} has answered already" in said
    assert "what you record now replaces it" in said


@pytest.mark.parametrize("days", [None, 5])
def test_of_silence_is_spoken_only_where_it_adopts(minutes, world, by, sign_in, days):
    type(world.committee).objects.update(minutes_silence_days=days)
    circulate(minutes, by=by, until=timezone.localdate())

    page = sign_in("member").get(reverse("committees:minutes-remark", args=[minutes.pk]))

    assert ("silence does not adopt the minutes" in page.content.decode()) is bool(days)

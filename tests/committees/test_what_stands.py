"""What stands once minutes circulate, and what odd orders and hostile addresses do not break."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail
from committees.consultations.services import (
    cast_ballot,
    close_consultation,
    keep_consultation,
    open_consultation,
    ratify,
    record_provisional,
)
from committees.meetings.services.attendance import accredit_delegate
from committees.meetings.services.check_in import mark_guest
from committees.meetings.services.meetings import reconvene_meeting
from committees.minutes.services.minutes import circulate, start_minutes, write_minutes
from committees.models import (
    AgendaItem,
    Attendance,
    Ballot,
    Committee,
    Meeting,
    Minutes,
    Resolution,
    Seat,
    WrittenConsultation,
)
from committees.resolutions.services import NoQuorum, Vote
from kernel.refusal import Refusal
from tests.factories import AgendaItemFactory, AttendanceFactory, MeetingFactory, SeatFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

KEY = "6f0d9c4e-1111-4222-8333-444455556677"


@pytest.fixture
def by(world):
    return world.people["coordinator"]


def soon(days=10):
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def minutes(world):
    world.decision.delete()
    return start_minutes(world.meeting, language="fr")


# After the circulation


def test_a_meeting_is_not_edited_once_its_minutes_circulate(sign_in, world, by, minutes):
    circulate(minutes, by=by, until=soon())

    page = sign_in("coordinator").post(
        reverse("committees:meeting-edit", args=[world.meeting.pk]),
        {"number": 1, "kind": "ordinary", "mode": "online", "place": "Ailleurs"},
    )

    assert "The minutes have been circulated" in page.text
    assert Meeting.objects.get(pk=world.meeting.pk).place == world.meeting.place


def test_a_second_call_does_not_empty_the_list_that_circulated_minutes_tell(world, by):
    meeting = MeetingFactory(committee=world.committee, number=6, status=Meeting.Status.ADJOURNED)
    AttendanceFactory(meeting=meeting, seat=world.seat)
    circulate(start_minutes(meeting, language="fr"), by=by, until=soon())
    start = timezone.now() + timedelta(days=20)

    with pytest.raises(Refusal, match="The minutes have been circulated"):
        reconvene_meeting(meeting, by=by, starts_at=start, ends_at=start + timedelta(hours=2))
    assert meeting.attendances.count() == 1


def test_a_late_accreditation_leaves_the_quorum_that_the_minutes_tell(world, by, minutes):
    Committee.objects.filter(pk=world.committee.pk).update(counts_admitted_delegates=False)
    delegate = Attendance.objects.create(
        meeting=world.meeting,
        seat=world.seat,
        guest_name="Déléguée 01",
        presence="online",
        accreditation_due=soon(),
    )
    Meeting.objects.get(pk=world.meeting.pk).keep_quorum()
    circulate(minutes, by=by, until=soon())

    accredit_delegate(Attendance.objects.get(pk=delegate.pk))

    delegate.refresh_from_db()
    told = Meeting.objects.get(pk=world.meeting.pk).recorded_quorum()
    assert (delegate.accreditation_due, told.present) == (None, 0)


@pytest.mark.skipif(not connection.features.has_select_for_update, reason="needs row locks")
def test_notes_are_saved_with_the_row_held_by_which_the_final_draft_is_made(sign_in, world):
    """Else they could be written between the freezing of the text and the end of its step."""
    client = sign_in("coordinator")
    page = reverse("committees:item-notes", args=[world.item.pk])

    with CaptureQueriesContext(connection) as asked:
        client.post(page, {"notes": "À temps.", "language": "fr", "version": 0})

    queries = [query["sql"] for query in asked.captured_queries]
    lock = next(
        n for n, sql in enumerate(queries) if "committees_meeting" in sql and "FOR UPDATE" in sql
    )
    write = next(
        n for n, sql in enumerate(queries) if sql.startswith('UPDATE "committees_agendaitem"')
    )
    assert lock < write


def test_what_was_written_meanwhile_circulates(by, minutes):
    mine = Minutes.objects.with_related().get(pk=minutes.pk)
    write_minutes(minutes, language="es", opening="Bienvenidos.", closing="")

    circulate(mine, by=by, until=soon())

    assert mine.content["es"]["opening"] == {"text": "Bienvenidos.", "lang": ""}


def test_who_marks_or_accredits_a_row_that_somebody_removed_is_told(world):
    guest = AttendanceFactory(meeting=world.meeting, seat=None, guest_name="Invitée 01")
    mine = Attendance.objects.select_related("meeting").get(pk=guest.pk)
    guest.delete()

    with pytest.raises(Refusal, match="removed this row from the list"):
        mark_guest(mine, "online")
    with pytest.raises(Refusal, match="removed this row from the list"):
        accredit_delegate(mine)
    assert world.meeting.attendances.count() == 0


# Between meetings


@pytest.fixture
def decided(world, by):
    """A decision that was taken in writing: it has no meeting."""
    consultation = keep_consultation(
        WrittenConsultation(
            committee=world.committee,
            title_fr="Proposition",
            text_fr="Proposition.",
            why_written="Urgence.",
            rule="majority",
            answers_until=soon(),
        )
    )
    open_consultation(consultation, by=by)
    cast_ballot(Ballot(consultation=consultation, seat=world.seat, choice="agree", by=by))
    return close_consultation(consultation, by=by)


def test_what_was_decided_in_writing_speaks_of_things(sign_in, world, decided):
    page = reverse("committees:resolution-subjects", args=[decided.pk])
    client = sign_in("coordinator")
    assert client.get(page).status_code == 200
    assert client.post(page, {"thing": f"result-{world.result.pk}"}).status_code in {200, 302}
    subject = decided.subjects.create(result=world.result)

    client.post(reverse("committees:subject-remove", args=[subject.pk]))

    assert not decided.subjects.filter(pk=subject.pk).exists()


@pytest.mark.parametrize("verb", ["adopt", "reject", "defer"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_step_of_a_meeting_is_taken_with_what_has_none(sign_in, decided, verb, method):
    page = reverse("committees:resolution-step", args=[decided.pk, verb])

    response = getattr(sign_in("coordinator"), method)(page, {"why": "x"})

    assert response.status_code == 404


def test_a_seat_that_ended_meanwhile_does_not_vote_in_writing(world, by):
    """Quorum and votes are of the same seats."""
    leaving = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    consultation = keep_consultation(
        WrittenConsultation(
            committee=world.committee,
            title_fr="Proposition",
            text_fr="Proposition.",
            why_written="Urgence.",
            rule="majority",
            answers_until=soon(),
        )
    )
    open_consultation(consultation, by=by)
    cast_ballot(Ballot(consultation=consultation, seat=world.seat, choice="agree", by=by))
    cast_ballot(
        Ballot(consultation=consultation, seat=leaving, choice="object", reason="Non.", by=by)
    )
    Seat.objects.filter(pk=leaving.pk).update(until=soon(-1))

    resolution = close_consultation(consultation, by=by)

    assert (resolution.votes_for, resolution.votes_against, resolution.seats_present) == (1, 0, 1)
    assert resolution.status == Resolution.Status.ADOPTED


def test_an_answer_that_is_entered_twice_is_confirmed_once(sign_in, world, by):
    consultation = keep_consultation(
        WrittenConsultation(
            committee=world.committee,
            title_fr="Proposition",
            text_fr="Proposition.",
            why_written="Urgence.",
            rule="majority",
            answers_until=soon(),
        )
    )
    open_consultation(consultation, by=by)
    typed = {
        "seat": world.seat.pk,
        "choice": "agree",
        "channel": "telephone",
        "evidence": "Appel du secrétariat",
        "given_on": timezone.localdate(),
        "entry_key": KEY,
    }

    for _time in range(2):
        sign_in("coordinator").post(
            reverse("committees:consultation-enter", args=[consultation.pk]), typed
        )

    assert (Ballot.objects.count(), OutgoingMail.objects.count()) == (1, 1)


def test_who_left_does_not_carry_a_ratification(world, by):
    now = timezone.now()
    provisional = record_provisional(
        Resolution(
            committee=world.committee,
            text_fr="Le report est accepté.",
            agreed_on=timezone.localdate(),
            agreed_channel="telephone",
            agreed_by="Siège 1",
            urgency="Ouragan.",
        ),
        by=by,
    )
    meeting = MeetingFactory(
        committee=world.committee,
        number=8,
        status=Meeting.Status.IN_SESSION,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    item = AgendaItemFactory(meeting=meeting, purpose="decide")
    AttendanceFactory(
        meeting=meeting,
        seat=world.seat,
        presence="online",
        arrived_at=now - timedelta(hours=1),
        left_at=now - timedelta(minutes=10),
    )

    with pytest.raises(NoQuorum):
        ratify(provisional, item, by=by, vote=Vote("consensus"))

    Attendance.objects.filter(meeting=meeting).update(left_at=None)
    Committee.objects.filter(pk=world.committee.pk).update(status="suspended")
    with pytest.raises(Refusal, match="neither meets nor decides"):
        ratify(provisional, item, by=by, vote=Vote("consensus"))


# Odd addresses and figures


def test_a_seat_that_answered_in_writing_is_not_removed(sign_in, world, decided):
    vacant = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    Ballot.objects.create(
        consultation=decided.consultation,
        seat=vacant,
        choice="agree",
        by=world.people["coordinator"],
    )

    response = sign_in("coordinator").post(
        reverse("committees:seat-remove", args=[vacant.pk]), follow=True
    )

    assert "enter its last day" in response.text
    assert Seat.objects.filter(pk=vacant.pk).exists()


@pytest.mark.parametrize("votes", ["40000", "9" * 30])
def test_more_votes_than_anybody_has_are_refused(sign_in, world, votes):
    AgendaItem.objects.filter(pk=world.item.pk).update(purpose="decide")
    AttendanceFactory(meeting=world.meeting, seat=world.seat, presence="online")

    page = sign_in("coordinator").post(
        reverse("committees:decision-create", args=[world.item.pk]),
        {"text_fr": "Oui.", "outcome": "adopted", "rule": "majority", "votes_for": votes},
    )

    assert page.status_code == 200
    assert page.context["form"].errors["votes_for"]


@pytest.mark.parametrize("posted", ["9" * 5000, "²", "\x00", "-1", "٣"])
def test_an_item_that_is_none_is_not_found(sign_in, world, posted):
    response = sign_in("coordinator").post(
        reverse("committees:meeting-item", args=[world.meeting.pk]), {"item": posted}
    )

    assert response.status_code == 404

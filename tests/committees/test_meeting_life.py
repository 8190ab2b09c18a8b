"""A meeting from plan to held: each step, what refuses it, and who is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import OutgoingMail
from committees.meetings.services.meetings import (
    adjourn_meeting,
    cancel_meeting,
    convene_meeting,
    postpone_meeting,
    reconvene_meeting,
    record_afterwards,
)
from committees.models import Attendance, Committee, Meeting
from kernel.formats import moment
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from tests.committees.conftest import in_days
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    ContactFactory,
    MeetingFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

Status = Meeting.Status


@pytest.fixture
def outbox(django_capture_on_commit_callbacks):
    """What was sent once the transaction around it ended."""

    def after(action):
        # A session of mail would send also what waits.
        OutgoingMail.objects.update(next_attempt_at=timezone.now() + timedelta(days=1))
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action()
        return mail.outbox

    return after


def step_url(meeting, verb):
    return reverse("committees:meeting-step", args=[meeting.pk, verb])


@pytest.fixture
def past(world):
    return MeetingFactory(
        committee=world.committee,
        number=8,
        status=Status.PLANNED,
        starts_at=in_days(-9),
        ends_at=in_days(-9) + timedelta(hours=2),
    )


# Convening


def test_convening_without_an_agenda_is_refused_in_words(planned, world):
    planned.items.all().delete()

    with pytest.raises(Refusal, match="add an item"):
        convene_meeting(planned, by=world.people["coordinator"])

    planned.refresh_from_db()
    assert planned.status == Status.PLANNED


def test_proposed_items_are_no_agenda(planned, world):
    planned.items.update(status="proposed", proposed_seat=world.seat)

    with pytest.raises(Refusal, match="add an item"):
        convene_meeting(planned, by=None)


def test_the_day_of_convening_is_kept(planned, world):
    convene_meeting(planned, by=world.people["coordinator"], on=timezone.localdate())

    planned.refresh_from_db()
    assert (planned.status, planned.convened_on) == (Status.CONVENED, timezone.localdate())
    assert planned.notice_given == 30


def test_short_notice_asks_for_a_reason_and_never_blocks(planned, sign_in):
    Meeting.objects.filter(pk=planned.pk).update(starts_at=in_days(3), ends_at=in_days(4))
    client = sign_in("coordinator")
    today = timezone.localdate().isoformat()

    asked = client.post(step_url(planned, "convene"), {"on": today, "why": ""})
    done = client.post(
        step_url(planned, "convene"), {"on": today, "why_notice": "After the hurricane."}
    )

    assert "The notice is 3 days" in asked.content.decode()
    assert done.status_code == 302
    planned.refresh_from_db()
    assert planned.status == Status.CONVENED
    assert planned.status_changes.get().why == "After the hurricane."
    assert "Short notice" in client.get(planned.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("kind", "asked"), [("ordinary", 15), ("extraordinary", 7)])
def test_the_days_of_notice_are_enough_and_one_less_is_short(planned, sign_in, kind, asked):
    Committee.objects.update(notice_days=15, notice_days_extraordinary=7)
    Meeting.objects.filter(pk=planned.pk).update(kind=kind)
    url, today = step_url(planned, "convene"), {"on": timezone.localdate().isoformat(), "why": ""}

    def in_so_many(days):
        dates = {"starts_at": in_days(days), "ends_at": in_days(days) + timedelta(hours=2)}
        Meeting.objects.filter(pk=planned.pk).update(**dates)
        return Meeting.objects.get(pk=planned.pk)

    with pytest.raises(Refusal, match=f"The notice is {asked - 1} days"):
        convene_meeting(in_so_many(asked - 1), by=None)
    client = sign_in("coordinator")
    warned = client.get(url).context["form"].questions
    short = client.post(url, today)
    in_so_many(asked)

    assert [sentence for sentence, _field in warned] == [
        f"The notice is {asked - 1} days, but the committee's rules require {asked}. Say why, and convene."
    ]
    assert client.get(url).context["form"].questions == []
    assert (short.status_code, client.post(url, today).status_code) == (200, 302)
    meeting = Meeting.objects.get(pk=planned.pk)
    assert (meeting.status, meeting.notice_is_short) == (Status.CONVENED, False)


def test_a_meeting_is_convened_on_its_own_day_at_the_latest(planned):
    convene_meeting(planned, by=None, on=planned.day, why="Ouragan")

    assert (planned.status, planned.notice_given) == (Status.CONVENED, 0)


def test_a_meeting_is_not_convened_after_it_takes_place(planned):
    with pytest.raises(Refusal, match="before it takes place"):
        convene_meeting(planned, by=None, on=planned.day + timedelta(days=1))


def test_a_day_to_come_is_no_day_of_a_step(planned, sign_in):
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()

    response = sign_in("coordinator").post(step_url(planned, "convene"), {"on": tomorrow})

    assert "still to come" in response.content.decode()
    planned.refresh_from_db()
    assert planned.status == Status.PLANNED


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Committee.Status.DRAFT, "not constituted"),
        (Committee.Status.SUSPENDED, "cannot be convened"),
        (Committee.Status.DISSOLVED, "cannot be convened"),
    ],
)
def test_only_a_committee_in_office_is_convened(planned, status, sentence):
    planned.committee.status = status

    with pytest.raises(Refusal, match=sentence):
        convene_meeting(planned, by=None)


def test_a_draft_committee_is_convened_to_its_constitutive_meeting(planned):
    planned.committee.status = Committee.Status.DRAFT
    planned.is_constitutive = True
    planned.save()

    convene_meeting(planned, by=None)

    assert planned.status == Status.CONVENED


# Who is told


def test_members_are_told_in_their_language_with_a_neutral_subject(planned, world, outbox):
    member = world.people["member"]
    member.language = "fr"
    member.save()

    sent = outbox(lambda: convene_meeting(planned, by=None))

    assert [message.to for message in sent] == [[member.email]]
    assert world.project.short_title not in sent[0].subject
    # The one link leads to the invitation, which needs no account; none leads to a sign-in.
    assert "/meetings/invitation/" in sent[0].body
    assert planned.get_absolute_url() not in sent[0].body
    assert planned.items.get().title in sent[0].body
    with translation.override("fr"):
        assert moment(planned.starts_at, planned.zone) in sent[0].body


def test_alternates_are_told_and_each_person_once(planned, world, outbox):
    alternate = UserFactory()
    contact = ContactFactory(institution=world.institutions["member"], user=alternate)
    SeatTermFactory(seat=world.seat, contact=contact, capacity="alternate")
    second = SeatFactory(committee=world.committee, institution=world.institutions["member"])
    SeatTermFactory(seat=second, contact=contact, capacity="alternate")

    sent = outbox(lambda: convene_meeting(planned, by=None))

    assert sorted(message.to[0] for message in sent) == sorted(
        [alternate.email, world.people["member"].email]
    )


def test_seats_without_an_address_are_named_so_that_somebody_tells_them(planned, world):
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    SeatTermFactory(seat=seat, contact__email="")

    told = convene_meeting(planned, by=None)

    assert told.people == 1
    assert str(seat) in told.sentence


def test_nobody_whose_term_is_over_is_told(planned, world, outbox):
    world.seat.terms.update(until=date(2020, 1, 1))

    assert outbox(lambda: convene_meeting(planned, by=None, why="Told by letter.")) == []


def test_reserved_items_do_not_travel_by_mail(planned, world, outbox):
    AgendaItemFactory(meeting=planned, title_fr="Affaire réservée", audience="coordination")
    AgendaItemFactory(meeting=planned, title_fr="Pour les votants", audience="voting")
    observer = UserFactory()
    seat = SeatFactory(
        committee=world.committee, institution=world.institutions["donor"], is_voting=False
    )
    contact = ContactFactory(institution=world.institutions["donor"], user=observer)
    SeatTermFactory(seat=seat, contact=contact)

    sent = outbox(lambda: convene_meeting(planned, by=None))

    bodies = {message.to[0]: message.body for message in sent}
    assert all("Affaire réservée" not in body for body in bodies.values())
    assert "Pour les votants" in bodies[world.people["member"].email]
    assert "Pour les votants" not in bodies[observer.email]


def test_nothing_is_sent_of_a_draft(planned, sign_in, outbox):
    client = sign_in("coordinator")
    form = form_of(planned) | {"place": "Tegucigalpa"}

    sent = outbox(
        lambda: [
            client.post(reverse("committees:meeting-edit", args=[planned.pk]), form),
            client.post(
                step_url(planned, "cancel"),
                {"on": timezone.localdate().isoformat(), "why": "No need."},
            ),
        ]
    )

    planned.refresh_from_db()
    assert (planned.place, planned.status) == ("Tegucigalpa", Status.CANCELLED)
    assert sent == []


def test_a_new_place_of_a_convened_meeting_is_told_when_the_update_is_sent(
    planned, sign_in, outbox
):
    client = sign_in("coordinator")
    convene_meeting(planned, by=None)
    form = form_of(planned) | {"place": "Tegucigalpa"}

    edited = outbox(
        lambda: client.post(reverse("committees:meeting-edit", args=[planned.pk]), form)
    )
    assert edited == []
    page = client.get(planned.get_absolute_url()).content.decode()
    update = reverse("committees:meeting-invitations-update", args=[planned.pk])
    sent = outbox(lambda: client.post(update))

    assert "Those invited have not been informed yet" in page
    assert len(sent) == 1
    assert "Tegucigalpa" in sent[0].body


def form_of(meeting):
    starts, ends = (at.astimezone(meeting.zone) for at in (meeting.starts_at, meeting.ends_at))
    return {
        "number": meeting.number,
        "kind": meeting.kind,
        "mode": meeting.mode,
        "day": starts.date().isoformat(),
        "start": f"{starts:%H:%M}",
        "end": f"{ends:%H:%M}",
        "time_zone": meeting.time_zone,
        "quorum_is_stated": "on",
    }


# The way to the end


def test_the_whole_life_is_dated_and_shown(planned, world, sign_in):
    client = sign_in("coordinator")
    today = timezone.localdate().isoformat()

    for verb in ("convene", "freeze", "open", "close"):
        typed = {"on": today, "why": "Moved to today." if verb == "open" else ""}
        assert client.post(step_url(planned, verb), typed).status_code == 302

    planned.refresh_from_db()
    assert planned.status == Status.HELD
    changes = planned.status_changes
    assert [change.verb for change in changes] == ["convene", "freeze", "open", "close"]
    assert {change.happened_on for change in changes} == {timezone.localdate()}
    bar = client.get(planned.get_absolute_url()).context["bar"]
    assert [step["state"] for step in bar] == ["now", *["next"] * 5]  # what is left: the minutes


def test_a_step_that_is_not_possible_is_said_in_words(planned, sign_in):
    response = sign_in("coordinator").post(
        step_url(planned, "close"), {"on": timezone.localdate().isoformat()}
    )

    assert response.status_code == 200
    assert "no longer possible" in response.content.decode()


def test_a_step_that_there_is_not_is_not_found(planned, sign_in):
    assert sign_in("coordinator").get(step_url(planned, "dance")).status_code == 404


def test_looking_at_a_step_takes_none(planned, sign_in):
    sign_in("coordinator").get(step_url(planned, "convene"))

    planned.refresh_from_db()
    assert planned.status == Status.PLANNED


@pytest.mark.parametrize("verb", ["postpone", "cancel"])
def test_members_hear_of_a_meeting_that_does_not_take_place(planned, outbox, verb):
    convene_meeting(planned, by=None)
    service = postpone_meeting if verb == "postpone" else cancel_meeting

    sent = outbox(lambda: service(planned, by=None, why="The chair is ill."))

    assert len(sent) == 1


@pytest.mark.parametrize("verb", ["postpone", "cancel"])
def test_whoever_calls_a_meeting_off_says_why(planned, sign_in, verb):
    convene_meeting(planned, by=None)

    response = sign_in("coordinator").post(
        step_url(planned, verb), {"on": timezone.localdate().isoformat(), "why": ""}
    )

    assert response.status_code == 200
    planned.refresh_from_db()
    assert planned.status == Status.CONVENED


def test_a_postponed_meeting_is_a_draft_again(planned, world, sign_in):
    convene_meeting(planned, by=None)

    postpone_meeting(planned, by=None, why="The chair is ill.")

    planned.refresh_from_db()
    assert (planned.status, planned.convened_on) == (Status.PLANNED, None)
    assert sign_in("member").get(planned.get_absolute_url()).status_code == 404


# Without a quorum


@pytest.fixture
def in_session(planned):
    Meeting.objects.filter(pk=planned.pk).update(
        status=Status.IN_SESSION, starts_at=in_days(0), ends_at=in_days(0) + timedelta(hours=2)
    )
    planned.refresh_from_db()
    return planned


def test_a_meeting_is_adjourned_for_want_of_a_quorum_only(in_session, world):
    AttendanceFactory(meeting=in_session, seat=world.seat)

    with pytest.raises(Refusal, match="quorum is reached"):
        adjourn_meeting(in_session, by=None, why="")


def test_the_second_call_begins_with_an_empty_list_and_its_own_quorum(in_session, world):
    for _each in range(3):
        seat = SeatFactory(committee=world.committee, institution=world.institutions["member"])
    world.committee.second_call_share = "0.25"
    world.committee.save()
    AttendanceFactory(meeting=in_session, seat=seat)
    assert in_session.quorum_at().required == 3

    adjourn_meeting(in_session, by=None, why="Floods.")
    reconvene_meeting(
        in_session, by=None, starts_at=in_days(8), ends_at=in_days(8) + timedelta(hours=1)
    )

    again = Meeting.objects.get(pk=in_session.pk)
    assert (again.status, again.is_second_call) == (Status.CONVENED, True)
    assert not Attendance.objects.filter(meeting=again).exists()
    assert again.quorum_at().required == 1
    assert "1 of 4 voting seats" in again.status_changes.get(verb="adjourn").why


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "sentence"),
    [(in_days(-2), in_days(-1), "later date"), (in_days(3), in_days(2), "ends before")],
)
def test_a_second_call_is_still_to_come(in_session, starts_at, ends_at, sentence):
    adjourn_meeting(in_session, by=None, why="")

    with pytest.raises(Refusal, match=sentence):
        reconvene_meeting(in_session, by=None, starts_at=starts_at, ends_at=ends_at)

    in_session.refresh_from_db()
    assert in_session.status == Status.ADJOURNED


def test_the_second_call_is_typed_in_the_browser(in_session, sign_in):
    adjourn_meeting(in_session, by=None, why="")
    day = (timezone.localdate() + timedelta(days=9)).isoformat()

    response = sign_in("coordinator").post(
        step_url(in_session, "reconvene"),
        {
            "day": day,
            "start": "14:00",
            "end": "15:00",
            "time_zone": "America/Tegucigalpa",
            "on": timezone.localdate().isoformat(),
        },
    )

    assert response.status_code == 302
    in_session.refresh_from_db()
    assert f"{in_session.starts_at.astimezone(in_session.zone):%Y-%m-%d %H:%M}" == f"{day} 14:00"


# Recorded afterwards


def test_a_past_meeting_is_recorded_afterwards_and_says_so(past, sign_in, mailoutbox):
    client = sign_in("coordinator")

    response = client.post(
        step_url(past, "record_afterwards"), {"convened_on": "", "why": "Signed minutes."}
    )

    past.refresh_from_db()
    assert response.status_code == 302
    assert (past.status, past.recorded_afterwards, past.convened_on) == (Status.HELD, True, None)
    assert past.status_changes.get().happened_on == past.day
    assert "Recorded afterwards" in client.get(past.get_absolute_url()).content.decode()
    assert mailoutbox == []


def test_a_meeting_to_come_is_not_recorded_afterwards(planned):
    with pytest.raises(Refusal, match="still to come"):
        record_afterwards(planned, by=None)


def test_two_who_convene_tell_the_members_once(planned, outbox):
    other = Meeting.objects.get(pk=planned.pk)

    def both():
        convene_meeting(planned, by=None)
        with pytest.raises(TransitionError):
            convene_meeting(other, by=None)

    assert len(outbox(both)) == 1


# The two real meetings


def test_the_first_meeting_of_2019_can_be_recorded(world, sign_in):
    """Constitutive, its time of day unknown, its quorum not stated."""
    Committee.objects.update(status=Committee.Status.DRAFT)
    client = sign_in("coordinator")
    form = {
        "number": "2",
        "kind": "ordinary",
        "mode": "in_person",
        "day": "2019-08-23",
        "start": "",
        "end": "",
        "time_zone": "America/Tegucigalpa",
        "is_constitutive": "on",
        "warned": "1",
    }

    client.post(reverse("committees:meeting-create", args=[world.committee.pk]), form)
    meeting = Meeting.objects.get(number=2)
    client.post(step_url(meeting, "record_afterwards"), {})

    page = client.get(meeting.get_absolute_url()).content.decode()
    meeting.refresh_from_db()
    assert (meeting.day, meeting.time_is_known) == (date(2019, 8, 23), False)
    assert meeting.states_no_quorum
    assert "time not known" in page
    assert "Quorum not stated" in page


def test_the_second_meeting_of_2020_can_be_recorded(world, sign_in):
    """Online, twenty people, 9 of 11 voting seats, convened a fortnight before."""
    seats = [world.seat]
    seats += SeatFactory.create_batch(
        10, committee=world.committee, institution=world.institutions["partner"]
    )
    client = sign_in("coordinator")
    form = {
        "number": "2",
        "kind": "ordinary",
        "mode": "online",
        "day": "2020-09-03",
        "start": "09:00",
        "end": "11:30",
        "time_zone": "America/Tegucigalpa",
        "quorum_is_stated": "on",
        "warned": "1",
    }
    client.post(reverse("committees:meeting-create", args=[world.committee.pk]), form)
    meeting = Meeting.objects.get(number=2)
    client.post(step_url(meeting, "record_afterwards"), {"convened_on": "2020-08-20"})
    grid = {"headcount": "20"}
    for seat in seats[:9]:
        grid |= {f"seat-{seat.pk}-presence": "online", f"seat-{seat.pk}-person": ""}
    for seat in seats[9:]:
        grid |= {f"seat-{seat.pk}-presence": "excused"}

    client.post(reverse("committees:attendance-edit", args=[meeting.pk]), grid)

    meeting.refresh_from_db()
    quorum = meeting.quorum_at()
    assert meeting.starts_at == datetime(2020, 9, 3, 15, 0, tzinfo=UTC)
    assert (meeting.headcount, meeting.notice_given) == (20, 14)
    assert (quorum.present, quorum.total, quorum.required) == (9, 11, 6)
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "9 of 11 voting seats" in page
    assert "(20)" in page

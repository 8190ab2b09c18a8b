"""Decisions between meetings: written procedures, and what was agreed by telephone."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLink, OutgoingMail
from committees.consultations.services import (
    cast_ballot,
    close_consultation,
    extend_consultation,
    keep_consultation,
    open_consultation,
    quorum_of_answers,
    ratify,
    record_provisional,
)
from committees.models import (
    ActionPlan,
    AgendaItem,
    Ballot,
    Committee,
    Meeting,
    Resolution,
    WrittenConsultation,
)
from committees.models.quorum import Quorum
from committees.permissions.minutes import visible_consultations
from committees.permissions.resolutions import visible_resolutions
from committees.resolutions.services import NoQuorum, Vote
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from partners.models import Contact
from tests.factories import (
    ActionPlanFactory,
    AgendaItemFactory,
    AttendanceFactory,
    ContactFactory,
    MeetingFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)
from tests.world import ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

KEY = "6f0d9c4e-1111-4222-8333-444455556666"


@pytest.fixture
def by(world):
    return world.people["coordinator"]


@pytest.fixture
def seats(world):
    """Three voting seats, of which the member of the world holds the first, and an observer."""
    more = [
        SeatFactory(committee=world.committee, institution=world.institutions["partner"])
        for _number in range(2)
    ]
    SeatFactory(committee=world.committee, institution=world.institutions["donor"], is_voting=False)
    return [world.seat, *more]


def soon(days=10):
    return timezone.localdate() + timedelta(days=days)


def proposal(world, **changes):
    facts = {
        "committee": world.committee,
        "title_fr": "Plan de l’année 2",
        "text_fr": "Le plan d’action de l’année 2 est validé.",
        "why_written": "La réunion a été reportée après l’ouragan.",
        "rule": "majority",
        "answers_until": soon(),
    }
    return WrittenConsultation(**facts | changes)


@pytest.fixture
def sent(world, seats, by):
    consultation = keep_consultation(proposal(world))
    open_consultation(consultation, by=by)
    return consultation


def answer(consultation, seat, choice, by, **facts):
    reason = "Trop cher." if choice == "object" else ""
    facts = {"reason": reason, "by": by} | facts
    return cast_ballot(Ballot(consultation=consultation, seat=seat, choice=choice, **facts))


def in_days(days):
    return time_machine.travel(timezone.now() + timedelta(days=days))


def after_the_deadline():
    return in_days(11)


# Counting


@pytest.mark.parametrize(
    ("rule", "choices", "outcome"),
    [
        ("majority", ["agree", "agree", "object"], "adopted"),
        ("majority", ["agree", "object"], "rejected"),
        ("majority", ["agree", "abstain"], "adopted"),
        ("majority", ["agree"], "no_quorum"),
        ("consensus", ["agree", "agree", "object"], "rejected"),
        ("consensus", ["agree", "abstain"], "adopted"),
        ("two_thirds", ["agree", "agree", "object"], "adopted"),
        ("two_thirds", ["agree", "object", "object"], "rejected"),
    ],
)
def test_quorum_and_rule_apply_to_the_answers(world, seats, by, rule, choices, outcome):
    consultation = keep_consultation(proposal(world, rule=rule))
    open_consultation(consultation, by=by)
    for seat, choice in zip(seats, choices, strict=False):
        answer(consultation, seat, choice, by)

    with after_the_deadline():
        resolution = close_consultation(consultation, by=by)
    assert consultation.status == outcome
    assert (resolution and resolution.status) == (None if outcome == "no_quorum" else outcome)


def test_the_result_is_a_resolution_like_any_other(world, seats, sent, by):
    for seat in seats:
        answer(sent, seat, "agree", by)
    resolution = close_consultation(sent, by=by)

    year = timezone.localdate().year
    assert str(resolution) == f"Decision {year}-01"
    assert resolution.text_fr == sent.text_fr
    assert (resolution.votes_for, resolution.votes_against, resolution.abstentions) == (3, 0, 0)
    assert (resolution.seats_present, resolution.seats_required, resolution.seats_total) == (
        3,
        2,
        3,
    )
    assert resolution in visible_resolutions(world.people["partner"], world.project)


@pytest.mark.parametrize(
    ("answered", "outcome", "reached"), [(2, "no_quorum", False), (3, "adopted", True)]
)
def test_answers_need_the_minimum_of_each_kind_as_a_meeting_does(
    world, seats, sent, by, answered, outcome, reached
):
    """The first seat is of the State, the two others are of civil society."""
    world.committee.quorum_minima.create(kind="civil_society", seats=2)
    for seat in seats[:answered]:
        answer(sent, seat, "agree", by)

    quorum = quorum_of_answers(sent, sent.ballots.all())
    with after_the_deadline():
        close_consultation(sent, by=by)

    assert quorum == Quorum(
        present=answered,
        by_alternate=0,
        total=3,
        required=2,
        kinds={"state": (1, 1), "civil_society": (answered - 1, 2)},
        minima={"civil_society": 2},
    )
    assert (quorum.is_reached, sent.status) == (reached, outcome)


@pytest.mark.parametrize(
    ("counts_vacant_seats", "total", "required", "outcome"),
    [(True, 3, 2, "no_quorum"), (False, 1, 1, "adopted")],
)
def test_vacant_seats_count_among_those_asked_as_the_terms_say(
    world, seats, sent, by, counts_vacant_seats, total, required, outcome
):
    world.committee.counts_vacant_seats = counts_vacant_seats
    world.committee.save()
    answer(sent, seats[0], "agree", by)  # the only seat that somebody holds

    quorum = quorum_of_answers(sent, sent.ballots.all())
    with after_the_deadline():
        close_consultation(sent, by=by)

    assert (quorum.present, quorum.total, quorum.required) == (1, total, required)
    assert sent.status == outcome


def test_the_newest_answer_of_a_seat_counts(seats, sent, by):
    answer(sent, seats[0], "object", by)
    for seat in seats:
        answer(sent, seat, "agree", by)

    assert close_consultation(sent, by=by).votes_against == 0


def test_an_answer_sent_twice_is_one(seats, sent, by):
    first = answer(sent, seats[0], "agree", by, entry_key=KEY)

    assert answer(sent, seats[0], "agree", by, entry_key=KEY) == first
    assert sent.ballots.count() == 1


def test_it_is_not_closed_early_without_a_reason(seats, sent, by):
    for seat in seats[:2]:
        answer(sent, seat, "agree", by)

    with pytest.raises(Refusal, match="Seats may still answer"):
        close_consultation(sent, by=by)
    assert close_consultation(sent, by=by, why="Le troisième siège l’a demandé.").is_adopted


def test_on_the_last_day_seats_may_still_answer(seats, sent, by):
    answer(sent, seats[0], "agree", by)

    with in_days(10):
        with pytest.raises(Refusal, match="Seats may still answer"):
            close_consultation(sent, by=by)
        answer(sent, seats[1], "agree", by)
    with in_days(11):
        assert close_consultation(sent, by=by).is_adopted


def test_what_is_closed_takes_no_answers_and_is_not_closed_again(seats, sent, by):
    for seat in seats:
        answer(sent, seat, "agree", by)
    close_consultation(sent, by=by)

    with pytest.raises(Refusal, match="closed: it no longer takes answers"):
        answer(sent, seats[0], "object", by)
    with pytest.raises(TransitionError):
        close_consultation(WrittenConsultation.objects.get(pk=sent.pk), by=by)
    assert Resolution.objects.filter(consultation=sent).count() == 1


def test_only_voting_seats_of_the_committee_answer(world, sent, by):
    observer = world.committee.seats.get(is_voting=False)

    for seat in (observer, SeatFactory()):
        with pytest.raises(Refusal, match="Only voting seats"):
            answer(sent, seat, "agree", by)


def test_who_objects_says_why(seats, sent, by):
    with pytest.raises(ValidationError, match="Say why your seat objects"):
        answer(sent, seats[0], "object", by, reason=" ")
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(consultation=sent, seat=seats[0], choice="object", by=by)


def test_what_came_by_telephone_needs_its_evidence(seats, sent, by):
    with pytest.raises(ValidationError, match="Say how you know"):
        answer(sent, seats[0], "agree", by, channel="telephone")


def test_it_validates_the_plan_that_it_names(world, seats, by):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=ActionPlan.Status.PRESENTED)
    world.plan.refresh_from_db()
    consultation = keep_consultation(proposal(world, validates=world.plan))
    open_consultation(consultation, by=by)
    for seat in seats:
        answer(consultation, seat, "agree", by)
    resolution = close_consultation(consultation, by=by)

    world.plan.refresh_from_db()
    assert (world.plan.status, world.plan.validated_by) == ("validated", resolution)


def test_what_it_brings_about_is_chosen_on_one_control_before_it_is_sent(world, seats, sign_in, by):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=ActionPlan.Status.PRESENTED)
    world.project.current_end = world.project.today + timedelta(days=90)
    world.project.save()
    other = ActionPlanFactory(period=world.plan.period, version=7, status="presented")
    client, end = sign_in("coordinator"), world.project.current_end + timedelta(days=30)
    url = reverse("committees:consultation-create", args=[world.committee.pk])
    form = client.get(url).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    shown |= {"title_en": "Plan", "text_en": "It is so decided.", "why_written": "A hurricane."}
    keys = [f"actionplan-{plan.pk}" for plan in (world.plan, other)]
    facts = {"effects": [keys[0], "terms", "closes"], "extends_to": end}

    refused = client.post(url, {k: v for k, v in (shown | {"effects": keys}).items() if v})
    client.post(url, {name: value for name, value in (shown | facts).items() if value})

    assert refused.context["form"].has_error("effects")
    consultation = WrittenConsultation.objects.get()
    edit = reverse("committees:consultation-edit", args=[consultation.pk])
    again = client.get(edit).context["form"]
    assert set(again["effects"].value()) == {keys[0], "terms", "closes"}
    assert again["extends_to"].value() == end
    page = client.get(consultation.get_absolute_url()).content.decode()
    assert f'href="{world.plan.get_absolute_url()}"' in page
    for said in ("the terms of reference", "an extension of", "closing the proj"):
        assert said in page
    open_consultation(consultation, by=by)
    assert client.get(edit).status_code == 302
    for seat in seats:
        answer(consultation, seat, "agree", by)
    resolution = close_consultation(consultation, by=by)
    world.plan.refresh_from_db()
    world.committee.refresh_from_db()
    assert (world.plan.validated_by, world.committee.terms_adopted_by) == (resolution, resolution)
    assert resolution.closes_project
    assert world.project.amendments.get().end_after == end


# Opening


@pytest.mark.parametrize("status", [Committee.Status.SUSPENDED, Committee.Status.DRAFT])
def test_a_committee_that_cannot_decide_is_not_asked(world, seats, by, status):
    consultation = keep_consultation(proposal(world))
    Committee.objects.filter(pk=world.committee.pk).update(status=status)

    with pytest.raises(Refusal, match="cannot decide in writing"):
        open_consultation(consultation, by=by)


def test_deadlines_lie_ahead_and_move_forward_only(world, seats, sent, by):
    late = keep_consultation(proposal(world, answers_until=soon(-1)))
    with pytest.raises(Refusal, match="is in the past"):
        open_consultation(late, by=by)
    with pytest.raises(Refusal, match="choose a later day"):
        extend_consultation(sent, until=soon(5), why="x", by=by)
    extend_consultation(sent, until=soon(20), why="Congés.", by=by)
    assert sent.answers_until == soon(20)


def test_a_procedure_may_end_on_the_day_on_which_it_opens(world, seats, by):
    consultation = keep_consultation(proposal(world, answers_until=soon(0)))

    open_consultation(consultation, by=by)

    assert consultation.status == "open"


def test_a_deadline_is_not_extended_to_the_same_day(sent, by):
    with pytest.raises(Refusal, match="choose a later day"):
        extend_consultation(sent, until=soon(10), why="Congés.", by=by)

    extend_consultation(sent, until=soon(11), why="Congés.", by=by)
    assert sent.answers_until == soon(11)


def test_a_suspended_committee_does_not_decide_what_it_was_asked_before(world, seats, sent, by):
    for seat in seats:
        answer(sent, seat, "agree", by)
    Committee.objects.filter(pk=world.committee.pk).update(status=Committee.Status.SUSPENDED)

    with pytest.raises(Refusal, match="cannot decide in writing"):
        close_consultation(WrittenConsultation.objects.get(pk=sent.pk), by=by)
    assert not Resolution.objects.filter(consultation=sent).exists()


def test_what_was_sent_keeps_its_words(sent):
    sent.text_fr = "Autre chose."

    with pytest.raises(Refusal, match="its wording can no longer change"):
        keep_consultation(sent)


def test_a_form_sent_twice_keeps_one_draft(world):
    first = keep_consultation(proposal(world, entry_key=KEY))

    assert keep_consultation(proposal(world, entry_key=KEY)) == first


# Who sees and answers


def test_who_sees_a_procedure(world, sent):
    seen_by = {role for role in ROLES if visible_consultations(world.people[role], world.project)}

    assert seen_by == {
        "administrator",
        "coordinator",
        "monitoring",
        "finance",
        "reader",
        "auditor",
        "member",
    }


def test_members_see_the_answers_of_others_once_it_is_closed(sign_in, seats, sent, by):
    answer(sent, seats[1], "object", by, reason="Motif du siège 2")
    page = sent.get_absolute_url()
    client = sign_in("member")

    assert "Motif du siège 2" not in client.get(page).content.decode()
    answer(sent, seats[0], "agree", by)
    close_consultation(sent, by=by, why="Fin")
    assert "Motif du siège 2" in client.get(page).content.decode()


def test_a_member_answers_for_its_seat_only(sign_in, seats, sent):
    client = sign_in("member")
    url = reverse("committees:consultation-answer", args=[sent.pk])
    client.post(url, {"seat": seats[1].pk, "choice": "agree"})
    assert not sent.ballots.exists()

    client.post(url, {"seat": seats[0].pk, "choice": "agree"})
    assert [(row.seat, row.channel) for row in sent.ballots.all()] == [(seats[0], "portal")]


CONFIRMED = " A confirmation is on its way to "


@pytest.mark.parametrize(
    ("sends", "own", "others"),
    [
        (True, f"{CONFIRMED}you by e-mail.", f"{CONFIRMED}the person by e-mail."),
        (False, "", " This portal does not send e-mail yet: confirm it yourself."),
    ],
)
def test_a_confirmation_is_promised_only_where_one_goes_out(
    sign_in, seats, sent, settings, sends, own, others
):
    settings.SENDS_MAIL = sends
    cast = {"seat": seats[0].pk, "choice": "agree"}
    person = ContactFactory(institution=seats[1].institution, user=UserFactory())
    SeatTermFactory(seat=seats[1], contact=person, since=timezone.localdate())
    entered = {"seat": seats[1].pk, "choice": "abstain", "channel": "telephone"}
    entered |= {"given_on": timezone.localdate().isoformat(), "evidence": "Call"}

    said = []
    for role, view, data in [
        ("member", "consultation-answer", cast),
        ("coordinator", "consultation-enter", entered),
        ("coordinator", "consultation-enter", entered | {"seat": seats[2].pk}),
    ]:
        page = sign_in(role).post(reverse(f"committees:{view}", args=[sent.pk]), data, follow=True)
        said += [str(message) for message in page.context["messages"]]

    assert said == [
        f"The answer of your seat was recorded.{own}",
        f"The answer was recorded.{others}",
        "The answer was recorded. No e-mail reaches the person: confirm it yourself.",
    ]


def test_a_link_answers_and_opening_it_changes_nothing(client, world, seats, sent, by):
    token = AccessLink.issue(world.people["member"], "answer_consultation", sent, by=by)[1]
    page = reverse("committees:consultation-link", args=[token])
    form = reverse("committees:consultation-link-answer", args=[token])
    assert client.get(page).status_code == client.get(form).status_code == 200
    assert not sent.ballots.exists()

    assert client.post(form, {"seat": seats[0].pk, "choice": "abstain"}).status_code == 302
    assert [(row.choice, row.channel) for row in sent.ballots.all()] == [("abstain", "link")]


@pytest.mark.parametrize("way", ["portal", "link"])
def test_each_answer_has_a_receipt_on_the_page_and_by_mail(
    client, world, seats, sent, by, way, django_capture_on_commit_callbacks, mailoutbox
):
    member = world.people["member"]
    token = AccessLink.issue(member, "answer_consultation", sent, by=by)[1]
    pages = {
        "portal": (sent.get_absolute_url(), "committees:consultation-answer", sent.pk),
        "link": (
            reverse("committees:consultation-link", args=[token]),
            "committees:consultation-link-answer",
            token,
        ),
    }
    page, view, key = pages[way]
    if way == "portal":
        client.force_login(member)

    for choice in ("agree", "abstain"):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse(view, args=[key]), {"seat": seats[0].pk, "choice": choice})

    shown = client.get(page).content.decode()
    assert [mail.to for mail in mailoutbox] == [[member.email]] * 2
    assert {mail.subject for mail in mailoutbox} == {"Your answer was received"}
    assert all(str(world.committee) in mail.body for mail in mailoutbox)
    assert 'id="own-answer"' in shown
    for words in (str(world.committee), world.project.title, "Le plan d’action de l’année 2"):
        assert words in shown
    assert "received on" in shown


def test_the_seats_are_asked_by_mail_and_the_silent_reminded(
    sign_in, seats, world, by, django_capture_on_commit_callbacks, mailoutbox
):
    other = ContactFactory(institution=seats[1].institution, user=UserFactory())
    SeatTermFactory(seat=seats[1], contact=other, since=timezone.localdate())
    consultation = keep_consultation(proposal(world))
    client = sign_in("coordinator")

    def step(verb):
        mailoutbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("committees:consultation-step", args=[consultation.pk, verb]))
        return sorted(mail.to[0] for mail in mailoutbox)

    member = world.people["member"].email
    assert step("open") == sorted([member, other.user.email])
    answer(consultation, seats[1], "agree", by)
    assert step("remind") == [member]
    assert step("remind") == []  # once a day


def test_a_reminder_that_reaches_nobody_asks_how_they_were_informed(sign_in, seats, world, by):
    consultation = keep_consultation(proposal(world))
    client = sign_in("coordinator")
    step = reverse("committees:consultation-step", args=[consultation.pk, "remind"])
    open_consultation(consultation, by=by)
    Contact.objects.update(email="", user=None)

    asked = client.get(step)
    refused = client.post(step, {"delivered": ""})
    client.post(step, {"delivered": "letter"})

    last = consultation.status_changes.order_by("pk").last()
    assert "say below how they get it" in asked.content.decode()
    assert "delivered" in refused.context["form"].errors
    assert (last.verb, last.why) == ("remind", "Delivered in another way: Letter.")
    assert not OutgoingMail.objects.exists()


def test_a_member_without_an_account_is_asked_like_everybody_else(
    client, sign_in, seats, world, django_capture_on_commit_callbacks, mailoutbox
):
    new = ContactFactory(institution=seats[1].institution, email="new@example.org", user=None)
    none = ContactFactory(institution=seats[2].institution, email="", user=None)
    for seat, contact in zip(seats[1:], (new, none), strict=True):
        SeatTermFactory(seat=seat, contact=contact, since=timezone.localdate())
    consultation = keep_consultation(proposal(world))
    coordinator = sign_in("coordinator")
    before = coordinator.get(consultation.get_absolute_url())

    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(reverse("committees:consultation-step", args=[consultation.pk, "open"]))

    assert before.context["unreached"] == [seats[2]]
    assert "ask them yourself and enter their answer" in before.content.decode()
    (mail,) = [mail for mail in mailoutbox if mail.to == ["new@example.org"]]
    link = next(word for word in mail.body.split() if "/link/" in word or "/l/" in word)
    answer_page = client.get(link)
    assert answer_page.status_code == 200
    assert answer_page.context["may_answer"]
    after = coordinator.get(consultation.get_absolute_url()).content.decode()
    assert "No e-mail address" in after


def test_no_request_reaches_an_account_that_is_closed_or_has_no_address(sign_in, seats, world):
    since = timezone.localdate()
    closed = UserFactory(is_active=False, email="closed@example.org")
    without = UserFactory(email=None)
    for seat, user in zip(seats[1:], (closed, without), strict=True):
        contact = ContactFactory(institution=seat.institution, email="old@example.org", user=user)
        SeatTermFactory(seat=seat, contact=contact, since=since)
    consultation = keep_consultation(proposal(world))

    page = sign_in("coordinator").get(consultation.get_absolute_url())

    assert page.context["unreached"] == seats[1:]


# Agreed by telephone


def agreed(world, **changes):
    facts = {
        "committee": world.committee,
        "text_fr": "L’atelier de La Ceiba est déplacé.",
        "agreed_by": "Présidence et deux sièges",
        "agreed_channel": "telephone",
        "urgency": "Ouragan",
        "agreed_on": timezone.localdate(),
    }
    return Resolution(**facts | changes)


@pytest.fixture
def provisional(world, by):
    return record_provisional(agreed(world), by=by)


@pytest.fixture
def session(world, seats):
    meeting = MeetingFactory(committee=world.committee, number=2, status=Meeting.Status.IN_SESSION)
    item = AgendaItemFactory(meeting=meeting, purpose=AgendaItem.Purpose.DECIDE)
    AttendanceFactory(meeting=meeting, seat=seats[0], presence="online")
    return item


def test_what_is_provisional_is_not_adopted(world, provisional):
    assert not provisional.is_adopted
    assert provisional not in visible_resolutions(world.people["donor"], world.project)
    assert provisional in visible_resolutions(world.people["member"], world.project)


def test_a_meeting_with_quorum_ratifies_it(world, seats, provisional, session, by):
    with pytest.raises(NoQuorum):
        ratify(provisional, session, by=by, vote=Vote())
    provisional.refresh_from_db()
    assert provisional.is_provisional
    AttendanceFactory(meeting=session.meeting, seat=seats[1], presence="online")

    ratify(provisional, session, by=by, vote=Vote())
    assert provisional.is_adopted
    assert (provisional.meeting, provisional.seats_present) == (session.meeting, 2)


def test_the_meeting_of_another_committee_does_not_ratify_it(provisional, by):
    other = MeetingFactory(status=Meeting.Status.IN_SESSION)
    item = AgendaItemFactory(meeting=other, purpose=AgendaItem.Purpose.DECIDE)
    AttendanceFactory(meeting=other, presence="online")

    with pytest.raises(Refusal, match="belongs to another committee"):
        ratify(provisional, item, by=by, vote=Vote())
    provisional.refresh_from_db()
    assert provisional.is_provisional


def test_or_it_lapses(provisional, by):
    provisional.take("lapse", by=by, why="Sans objet")

    assert (provisional.status, provisional.is_adopted) == ("lapsed", False)


@pytest.mark.parametrize("missing", ["agreed_by", "urgency"])
def test_it_says_who_agreed_and_why_it_could_not_wait(world, by, missing):
    with pytest.raises(ValidationError, match="Say who agreed"):
        record_provisional(agreed(world, **{missing: ""}), by=by)


def test_the_coordinator_records_and_ratifies_it_on_the_pages(sign_in, world, seats, session, by):
    AttendanceFactory(meeting=session.meeting, seat=seats[1], presence="online")
    client = sign_in("coordinator")
    client.post(
        reverse("committees:provisional-create", args=[world.committee.pk]),
        {
            "text_fr": "L’atelier est déplacé.",
            "agreed_on": timezone.localdate().isoformat(),
            "agreed_channel": "telephone",
            "agreed_by": "Présidence",
            "urgency": "Ouragan",
        },
    )
    provisional = Resolution.objects.provisional().get()
    page = client.get(provisional.get_absolute_url()).content.decode()
    assert [word in page for word in ("Telephone", "Présidence", "Ouragan")] == [True] * 3
    client.post(
        reverse("committees:resolution-ratify", args=[provisional.pk]),
        {"item": session.pk, "rule": "consensus"},
    )

    provisional.refresh_from_db()
    assert provisional.status == "adopted"


def test_without_a_meeting_that_could_ratify_the_page_says_so(sign_in, provisional):
    response = sign_in("coordinator").get(
        reverse("committees:resolution-ratify", args=[provisional.pk]), follow=True
    )

    assert "open that meeting, or record it afterwards" in response.content.decode()

"""Who is invited to a meeting, how the message fares, and what is answered by which way."""

import re
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink, Delivery, OutgoingMail
from committees.meetings.services.attendance import announced_alternates
from committees.meetings.services.convening import links_of, pending, revoke_links, send_update
from committees.meetings.services.invitations import (
    InvitationAnswer,
    answer_invitation,
    invite_guest,
    remind,
    withdraw_guest,
    write_again,
)
from committees.meetings.services.meetings import (
    cancel_meeting,
    convene_meeting,
    postpone_meeting,
    reconvene_meeting,
)
from committees.meetings.services.session import open_meeting
from committees.models import Channel, Committee, Document, Invitation, Meeting, Resolution
from kernel.formats import day
from kernel.refusal import Refusal
from tests.committees.conftest import in_days
from tests.factories import (
    AgendaItemFactory,
    CommitteeFactory,
    ContactFactory,
    DocumentFactory,
    MeetingFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

Answer, Capacity = Invitation.Answer, Invitation.Capacity


@pytest.fixture
def sent(django_capture_on_commit_callbacks):
    """What goes out once the transaction around the action ends."""

    def after(action):
        # A session of mail would send also what waits.
        OutgoingMail.objects.update(next_attempt_at=timezone.now() + timedelta(days=1))
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action()
        return list(mail.outbox)

    return after


@pytest.fixture
def alternate(world):
    contact = ContactFactory(institution=world.institutions["member"], user=UserFactory())
    SeatTermFactory(seat=world.seat, contact=contact, capacity="alternate", since=date(2019, 6, 1))
    return contact


@pytest.fixture
def convened(planned, sent):
    sent(lambda: convene_meeting(planned, by=None))
    return planned


@pytest.fixture
def invitation(convened, world):
    return convened.invitations.get(contact__user=world.people["member"])


def token_of(message):
    """The last part of the address by which the person answers."""
    return message.body.split("/meetings/invitation/")[1].split("/")[0]


def link_url(token):
    return reverse("committees:invitation-link", args=[token])


@pytest.fixture
def link(planned, sent):
    """The page of the link that the member got by mail."""
    (message,) = sent(lambda: convene_meeting(planned, by=None))
    return link_url(token_of(message))


def page(meeting, name="meeting-invitations", *more):
    return reverse(f"committees:{name}", args=[meeting.pk, *more])


# Who is invited


def test_convening_invites_holders_alternates_and_observers(planned, world, alternate):
    observer = ContactFactory(institution=world.institutions["donor"], user=UserFactory())
    seat = SeatFactory(
        committee=world.committee, institution=world.institutions["donor"], is_voting=False
    )
    SeatTermFactory(seat=seat, contact=observer)

    convene_meeting(planned, by=None)

    assert {(one.contact, one.capacity, one.answer) for one in planned.invitations.all()} == {
        (world.people["member"].contacts.get(), Capacity.HOLDER, ""),
        (alternate, Capacity.ALTERNATE, ""),
        (observer, Capacity.OBSERVER, ""),
    }


def test_who_holds_a_seat_and_stands_in_for_another_is_invited_once_as_a_holder(
    planned, world, sent
):
    member = world.people["member"].contacts.get()
    other = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    SeatTermFactory(seat=other, contact=member, capacity="alternate")

    messages = sent(lambda: convene_meeting(planned, by=None))

    invitation = planned.invitations.get()
    assert (invitation.seat, invitation.capacity) == (world.seat, Capacity.HOLDER)
    assert len(messages) == 1


def test_nobody_is_invited_twice(convened, invitation):
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            meeting=convened, contact=invitation.contact, capacity=Capacity.GUEST
        )


def test_delivery_is_shown_with_each_invitation(planned, sign_in, sent, settings):
    settings.MAIL_BY_WORKER = True
    sent(lambda: convene_meeting(planned, by=None))
    client = sign_in("coordinator")
    waiting = client.get(page(planned)).content.decode()
    OutgoingMail.objects.update(state="ready", sent_at=timezone.now())
    arrived = client.get(page(planned)).content.decode()
    row = planned.invitations.get()

    client.post(page(planned, "meeting-invitation-bounced", row.pk))

    row.mail.refresh_from_db()
    assert row.mail.delivery == Delivery.BOUNCED
    assert "Waiting to be sent" in waiting
    assert "Waiting to be sent" not in arrived
    assert "Came back" in client.get(page(planned)).content.decode()


def test_what_was_not_sent_did_not_come_back(convened, invitation, sign_in):
    OutgoingMail.objects.update(sent_at=None, state="queued")

    sign_in("coordinator").post(page(convened, "meeting-invitation-bounced", invitation.pk))

    assert OutgoingMail.objects.get().bounced_at is None


def test_an_invitation_that_came_back_is_sent_again_once(convened, invitation, world, sent):
    by = world.people["coordinator"]
    seen_by_another = Invitation.objects.get(pk=invitation.pk)

    messages = sent(lambda: [write_again(invitation, by=by), write_again(seen_by_another, by=by)])

    assert [message.to for message in messages] == [[world.people["member"].email]]
    assert write_again(Invitation.objects.get(pk=invitation.pk), by=by).people == 1


def seated(world, **facts):
    """Return somebody who holds a further voting seat and has no account."""
    contact = ContactFactory(institution=world.institutions["partner"], **facts)
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    SeatTermFactory(seat=seat, contact=contact)
    return contact


def test_who_has_an_address_and_no_account_is_reached_like_everybody(planned, world, sent, client):
    contact = seated(world, email="new@example.org")
    AgendaItemFactory(meeting=planned, title_fr="Pour les votants", audience="voting")

    messages = sent(lambda: convene_meeting(planned, by=world.people["coordinator"]))

    message = next(one for one in messages if one.to == ["new@example.org"])
    contact.refresh_from_db()
    assert contact.user.email == "new@example.org"
    assert "Pour les votants" in message.body
    client.post(link_url(token_of(message)), {"answer": "accepted"})
    assert planned.invitations.get(contact=contact).answer == "accepted"


def test_whom_no_message_reaches_is_named(planned, world):
    contact = seated(world, email="")
    minor = seated(world, email="minor@example.org", is_minor=True)

    told = convene_meeting(planned, by=None)

    assert (told.people, len(told.without_access)) == (1, 2)
    assert planned.invitations.get(contact=contact).mail is None
    assert planned.invitations.get(contact=minor).person is None


def test_a_meeting_convened_with_nobody_reachable_needs_a_reason_and_is_not_blocked(planned, world):
    world.seat.terms.all().delete()
    contact = ContactFactory(institution=world.institutions["member"], email="")
    SeatTermFactory(seat=world.seat, contact=contact)

    with pytest.raises(Refusal, match="Enter the address, or say why"):
        convene_meeting(planned, by=None)
    told = convene_meeting(planned, by=None, why="She was told by telephone.")

    assert (told.people, planned.status) == (0, "convened")


# Before it is sent


def step_page(meeting):
    return page(meeting, "meeting-step", "convene")


def test_the_page_shows_who_gets_what_and_whom_none_reaches(planned, world, sign_in):
    seated(world, full_name="Déléguée sans adresse", email="")
    seated(world, full_name="Délégué sans compte", email="new@example.org", language="es")

    shown = sign_in("coordinator").get(step_page(planned))

    text = shown.content.decode()
    assert shown.context["reached"] == 2
    assert {one.language for one in shown.context["recipients"] if one.address} == {"en", "es"}
    for words in (
        "new@example.org",
        "No e-mail",
        "Enter the missing addresses",
        "2 of 3 people can be reached",
    ):
        assert words in text
    assert planned.status == "planned"
    assert not Invitation.objects.exists()


def test_a_message_is_shown_as_its_reader_will_get_it_and_nothing_is_sent(
    planned, world, sign_in, sent
):
    contact = seated(world, full_name="Delegado", email="new@example.org", language="es")
    AgendaItemFactory(meeting=planned, title_fr="Réservé", audience="coordination")
    typed = {"read": contact.pk, "line_es": "Les esperamos.", "on": "2026-01-01"}
    answers = []

    messages = sent(lambda: answers.append(sign_in("coordinator").post(step_page(planned), typed)))

    preview, text = answers[0].context["preview"], answers[0].content.decode()
    assert messages == []
    assert preview.text.startswith("Estimada/o Delegado:")
    assert "Les esperamos." in preview.text
    assert "Réservé" not in preview.text
    assert str(world.committee) not in preview.subject
    assert "Les esperamos.</textarea>" in text
    assert not AccessLink.objects.exists()
    assert not Invitation.objects.exists()


def test_a_line_of_ones_own_is_read_by_each_in_their_language(planned, world, sign_in, sent):
    seated(world, email="new@example.org", language="es")
    member = world.people["member"]
    data = {
        "on": timezone.localdate(),
        "line_en": "See you soon!",
        "line_es": "¡Hasta pronto!",
    }

    messages = sent(lambda: sign_in("coordinator").post(step_page(planned), data))

    bodies = {message.to[0]: message.body for message in messages}
    assert "See you soon!" in bodies[member.email]
    assert "¡Hasta pronto!" in bodies["new@example.org"]
    coordinator = world.people["coordinator"]
    assert {message.reply_to[0] for message in messages} == {coordinator.email}
    assert all(coordinator.full_name in message.from_email for message in messages)
    assert {message.subject.split(",")[0] for message in messages} == {
        "Invitation to a meeting",
        "Invitación a una reunión",
    }


@pytest.mark.parametrize("is_ours", [True, False])
def test_an_address_that_bounced_is_said_before_and_blocks_nothing(
    planned, world, sign_in, sent, is_ours
):
    mail = OutgoingMail.objects.create(
        person=world.people["member"], subject="Note", sent_at=timezone.now(), state="ready"
    )
    mail.came_back("No such mailbox")
    # What another committee wrote to the person is not told here.
    committee = world.committee if is_ours else CommitteeFactory()
    MeetingFactory(committee=committee).invitations.create(
        contact=world.people["member"].contacts.get(), mail=mail
    )

    client = sign_in("coordinator")
    text = client.get(step_page(planned)).content.decode()
    messages = sent(lambda: client.post(step_page(planned), {"on": timezone.localdate()}))

    assert ("The last message to this person came back" in text) == is_ours
    assert len(messages) == 1


# Those chosen


def test_the_counts_are_honest_and_only_those_chosen_get_the_reminder(
    convened, world, sign_in, sent
):
    others = [seated(world, email=address) for address in ("a@example.org", "b@example.org", "")]
    sent(lambda: send_update(convened, by=world.people["coordinator"]))
    client = sign_in("coordinator")
    text = client.get(page(convened)).content.decode()
    send, chosen = (
        page(convened, "meeting-invitations-send"),
        convened.invitations.get(contact=others[0]),
    )

    asked = client.get(send, {"kind": "reminder", "who": chosen.pk})
    before = OutgoingMail.objects.count()
    messages = sent(lambda: client.post(f"{send}?kind=reminder&who={chosen.pk}", {}))

    assert "4 people have not answered" in text
    assert "3 can be reached by e-mail" in text
    assert [one.key for one in asked.context["recipients"]] == [others[0].pk]
    assert OutgoingMail.objects.count() == before + 1
    assert [message.to for message in messages] == [["a@example.org"]]
    assert client.get(send, {"kind": "reminder", "who": chosen.pk}).status_code == 302


@pytest.mark.parametrize("kind", ["reminder", "invitation"])
def test_where_no_message_reaches_anybody_the_other_way_is_recorded(convened, world, sign_in, kind):
    contact = seated(world, email="")
    send_update(convened, by=world.people["coordinator"])
    chosen, client = convened.invitations.get(contact=contact), sign_in("coordinator")
    send = f"{page(convened, 'meeting-invitations-send')}?kind={kind}&who={chosen.pk}"
    before, today = OutgoingMail.objects.count(), day(timezone.localdate())

    asked = client.get(send)
    refused = client.post(send, {"delivered": ""})
    text = client.post(send, {"delivered": "messenger"}, follow=True).content.decode()

    chosen.refresh_from_db()
    assert "say below how they get it" in asked.content.decode()
    assert "delivered" in refused.context["form"].errors
    assert (chosen.told_by, chosen.told_on) == ("messenger", timezone.localdate())
    assert chosen.reminded_on == (timezone.localdate() if kind == "reminder" else None)
    assert "Delivered in another way: Messenger." in text
    assert f"Informed on {today}: Messenger" in text
    assert OutgoingMail.objects.count() == before


def test_those_whom_no_message_reaches_can_be_noted_as_informed(planned, world, sign_in):
    world.people["member"].contacts.update(ended_on=timezone.localdate())
    world.committee.seats.all().delete()
    seated(world, email="")
    convene_meeting(planned, by=None, why="By letter")

    text = sign_in("coordinator").get(page(planned)).content.decode()

    assert "Note how they were informed…" in text


@pytest.mark.parametrize("kind", ["reminder", "invitation"])
def test_sending_to_nobody_says_what_to_do(convened, sign_in, kind):
    client = sign_in("coordinator")
    send = page(convened, "meeting-invitations-send")

    answer = client.get(send, {"kind": kind, "chosen": "1"}, follow=True)

    assert answer.redirect_chain == [(page(convened), 302)]
    assert "Nobody is chosen yet. Tick people in the list, then send." in answer.content.decode()


def test_the_expected_quorum_counts_the_answers_and_announced_alternates(convened, world, sign_in):
    for _each in range(2):
        seated(world, email="")
    send_update(convened, by=world.people["coordinator"])
    first, second, third = convened.invitations.order_by("seat__pk")
    by_phone = {
        "channel": Channel.TELEPHONE,
        "evidence": "Call",
        "entered_by": world.people["coordinator"],
    }
    answer_invitation(first, InvitationAnswer(Answer.ACCEPTED, **by_phone))
    answer_invitation(
        second, InvitationAnswer(Answer.ALTERNATE, alternate_function="Deputy", **by_phone)
    )
    answer_invitation(third, InvitationAnswer(Answer.DECLINED, **by_phone))

    expected = sign_in("coordinator").get(page(convened)).context["expected"]

    assert (expected.present, expected.by_alternate, expected.total) == (2, 1, 3)
    assert expected.is_reached
    assert str(announced_alternates(convened)[second.seat_id]) == "Deputy"


def test_revoking_and_withdrawing_ask_first(convened, invitation, sign_in):
    client = sign_in("coordinator")

    for name in ("meeting-invitation-revoke", "meeting-invitation-withdraw"):
        asked = client.get(page(convened, name, invitation.pk))
        assert (asked.status_code, "Yes, confirm" in asked.content.decode()) == (200, True)
    assert links_of([invitation]).valid().exists()


# The message


def test_each_reads_the_agenda_and_documents_of_their_audience(planned, world, sent):
    AgendaItemFactory(meeting=planned, title_fr="Affaire réservée", audience="coordination")
    reserved = AgendaItemFactory(meeting=planned, title_fr="Pour les votants", audience="voting")
    open_paper = DocumentFactory(meeting=planned, committee=world.committee, title="Note ouverte")
    closed_paper = DocumentFactory(
        meeting=planned, committee=world.committee, agenda_item=reserved, title="Note des votants"
    )
    DocumentFactory(
        meeting=planned, committee=world.committee, title="Note interne", audience="coordination"
    )
    observer = ContactFactory(institution=world.institutions["donor"], user=UserFactory())
    seat = SeatFactory(
        committee=world.committee, institution=world.institutions["donor"], is_voting=False
    )
    SeatTermFactory(seat=seat, contact=observer)

    messages = sent(lambda: convene_meeting(planned, by=None, why="Papers came late."))

    bodies = {message.to[0]: message.body for message in messages}
    member, other = bodies[world.people["member"].email], bodies[observer.user.email]
    by_link = reverse("committees:invitation-paper", args=["token", open_paper.pk])
    for body in (member, other):  # it opens by the link of the message
        (token,) = set(re.findall(r"/meetings/invitation/([\w-]+)/", body))
        assert f"{settings.SITE_URL}{by_link.replace('token', token)}\n" in body
    assert "Note des votants: It opens after signing in." in member
    assert closed_paper.get_absolute_url() in member
    assert f"/papers/{closed_paper.pk}/" not in member
    assert "Pour les votants" in member
    assert "votants" not in other
    assert "Affaire réservée" not in member + other
    assert "Note interne" not in member + other


def test_the_subject_is_neutral_unless_the_person_chose_otherwise(planned, world, sent):
    member = world.people["member"]
    (neutral,) = sent(lambda: convene_meeting(planned, by=None))
    member.titles_in_mail = True
    member.save()
    Invitation.objects.get().contact.refresh_from_db()

    (chosen,) = sent(
        lambda: cancel_meeting(Meeting.objects.get(pk=planned.pk), by=None, why="The chair is ill.")
    )

    project = planned.committee.project
    assert neutral.subject.startswith(("Invitation à une réunion, ", "Invitation to a meeting, "))
    assert project.short_title not in neutral.subject + neutral.from_email
    assert chosen.subject.startswith(("Réunion annulée, ", "Meeting cancelled, "))
    assert chosen.subject.endswith(f" · {project.short_title}")


# Papers that come late


def test_late_papers_ask_for_a_reason_and_never_block(planned, world):
    DocumentFactory(meeting=planned, committee=world.committee, title="Budget")
    planned.documents.update(uploaded_at=planned.starts_at - timedelta(days=1))

    with pytest.raises(Refusal, match="Budget"):
        convene_meeting(planned, by=None)
    convene_meeting(planned, by=None, why="The bank answered late.")

    assert planned.announced["why"] == "The bank answered late."


def test_a_paper_of_an_extraordinary_meeting_is_late_by_its_own_notice(planned, world):
    Committee.objects.filter(pk=world.committee.pk).update(
        notice_days=15, notice_days_extraordinary=3
    )
    paper = DocumentFactory(meeting=planned, committee=world.committee)
    Document.objects.update(uploaded_at=planned.starts_at - timedelta(days=5))
    late = Document.objects.with_related().get(pk=paper.pk).is_late
    Meeting.objects.filter(pk=planned.pk).update(kind=Meeting.Kind.EXTRAORDINARY)

    assert late is True
    assert Document.objects.with_related().get(pk=paper.pk).is_late is False


# One update


def test_edits_are_told_once_with_all_that_changed(convened, world, sent):
    Meeting.objects.filter(pk=convened.pk).update(place="Salle B", mode="hybrid")
    AgendaItemFactory(meeting=convened, position=9, title_fr="Point ajouté")
    AgendaItemFactory(meeting=convened, position=10, title_fr="Réservé", audience="coordination")
    meeting = Meeting.objects.get(pk=convened.pk)
    assert len(pending(meeting)) == 4

    (message,) = sent(lambda: send_update(meeting, by=world.people["coordinator"]))

    assert "Salle B" in message.body
    assert "Point ajouté" in message.body
    assert "Réservé" not in message.body
    assert pending(Meeting.objects.get(pk=convened.pk)) == []
    with pytest.raises(Refusal, match="nothing to send"):
        send_update(meeting, by=world.people["coordinator"])


def test_nothing_of_a_draft_is_sent(planned, world, sent):
    def try_it():
        for action in (
            lambda: send_update(planned, by=world.people["coordinator"]),
            lambda: remind(planned, by=world.people["coordinator"]),
        ):
            with pytest.raises(Refusal):
                action()
        cancel_meeting(planned, by=None, why="No need.")

    assert sent(try_it) == []


def test_a_late_paper_in_an_update_needs_a_reason(convened, world, sent):
    DocumentFactory(meeting=convened, committee=world.committee, title="Budget")
    convened.documents.update(uploaded_at=convened.starts_at - timedelta(days=1))
    by = world.people["coordinator"]

    with pytest.raises(Refusal, match="Budget"):
        send_update(convened, by=by)
    (message,) = sent(lambda: send_update(convened, by=by, why="The bank answered late."))

    assert "Budget" in message.body


def test_who_took_office_since_is_invited_and_who_left_is_told(convened, world, sent):
    world.seat.terms.update(until=timezone.localdate())
    successor = ContactFactory(institution=world.institutions["member"], user=UserFactory())
    SeatTermFactory(
        seat=world.seat, contact=successor, since=timezone.localdate() + timedelta(days=1)
    )
    old = convened.invitations.get()

    messages = sent(lambda: send_update(convened, by=world.people["coordinator"]))

    bodies = {message.to[0]: message.body for message in messages}
    assert set(bodies) == {successor.user.email, world.people["member"].email}
    assert (
        "You are invited" in bodies[successor.user.email]
        or "invité" in bodies[successor.user.email]
    )
    assert "/meetings/invitation/" not in bodies[world.people["member"].email]
    assert links_of([old]).valid().count() == 0


def test_a_moved_meeting_takes_its_links_along_and_asks_again(convened, invitation, world):
    answer_invitation(invitation, InvitationAnswer(Answer.ACCEPTED))
    later = convened.starts_at + timedelta(days=7)
    Meeting.objects.filter(pk=convened.pk).update(
        starts_at=later, ends_at=later + timedelta(hours=2)
    )

    send_update(Meeting.objects.get(pk=convened.pk), by=world.people["coordinator"])

    invitation = Invitation.objects.select_related("meeting").get(pk=invitation.pk)
    ends = {link.expires_at for link in links_of([invitation])}
    assert all(end >= later for end in ends)
    assert invitation.answered_another_time
    assert list(convened.invitations.unanswered()) == [invitation]


# Answering by the link


def test_opening_the_link_changes_nothing(client, link):
    before = list(Invitation.objects.values()), AccessEvent.objects.count()

    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200

    assert (list(Invitation.objects.values()), AccessEvent.objects.count()) == before


def test_a_pressed_button_answers_and_is_said_back(client, link, world, sent):
    answers = []
    messages = sent(
        lambda: answers.append(client.post(link, {"answer": "accepted", "note": "At ten."}))
    )

    row = Invitation.objects.get()
    shown = client.get(answers[0].url).content.decode()
    assert answers[0].status_code == 302
    assert (row.answer, row.channel, row.note) == ("accepted", Channel.LINK, "At ten.")
    assert row.answered_at is not None
    assert [message.to for message in messages] == [[world.people["member"].email]]
    assert "alert-success" in shown
    assert AccessEvent.objects.filter(kind="link").count() == 1


def test_an_answer_pressed_twice_is_one_answer(client, link, sent):
    messages = sent(lambda: [client.post(link, {"answer": "declined"}) for _ in range(2)])

    assert len(messages) == 1


def test_an_answer_can_be_changed_until_the_meeting_starts(client, link, sent):
    client.post(link, {"answer": "accepted"})
    client.post(link, {"answer": "declined"})
    assert Invitation.objects.get().answer == "declined"
    Meeting.objects.filter(number=7).update(starts_at=timezone.now() - timedelta(minutes=1))

    refused = client.post(link, {"answer": "accepted"})

    assert refused.status_code == 200
    assert Invitation.objects.get().answer == "declined"


def test_the_alternate_who_is_sent_is_asked(client, planned, alternate, world, sent):
    messages = sent(lambda: convene_meeting(planned, by=None))
    mine = next(one for one in messages if one.to == [world.people["member"].email])

    told = sent(
        lambda: client.post(
            link_url(token_of(mine)), {"answer": "alternate", "alternate": alternate.pk}
        )
    )

    row = planned.invitations.get(contact__user=world.people["member"])
    assert (row.answer, row.alternate) == ("alternate", alternate)
    assert {message.to[0] for message in told} == {
        world.people["member"].email,
        alternate.user.email,
    }


def test_sending_an_alternate_says_whom(client, link):
    response = client.post(link, {"answer": "alternate"})

    assert response.status_code == 200
    assert Invitation.objects.get().answer == ""

    client.post(link, {"answer": "alternate", "alternate_function": "Deputy director"})

    assert Invitation.objects.get().alternate_function == "Deputy director"


@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_an_alternate_who_was_named_is_not_dropped_by_the_enter_key(client, link, answer):
    typed = {"alternate_function": "Deputy director", "note": "At ten."}

    response = client.post(link, {"answer": answer, **typed})

    assert "You named somebody who comes in your place" in response.content.decode()
    assert 'value="Deputy director"' in response.content.decode()
    assert Invitation.objects.get().answer == ""


def test_who_sent_an_alternate_can_come_after_all(client, link):
    alternate = {"alternate_function": "Deputy director"}
    client.post(link, {"answer": "alternate", **alternate})

    client.post(link, {"answer": "accepted", **alternate})  # as the page is filled in

    assert Invitation.objects.get().answer == "accepted"


def test_a_stranger_is_no_alternate(client, link, world):
    stranger = ContactFactory(institution=world.institutions["partner"])

    client.post(link, {"answer": "alternate", "alternate": stranger.pk})

    assert Invitation.objects.get().answer == ""


@pytest.mark.parametrize("answer", ["", "maybe", "accepted\x00", "ACCEPTED", "1" * 500])
def test_an_answer_that_there_is_not_is_refused(client, link, answer):
    response = client.post(link, {"answer": answer})

    assert response.status_code == 200
    assert Invitation.objects.get().answer == ""


def test_alternates_are_informed_and_may_only_come_or_not(planned, alternate, client, sent):
    messages = sent(lambda: convene_meeting(planned, by=None))
    theirs = next(one for one in messages if one.to == [alternate.user.email])

    client.post(
        link_url(token_of(theirs)), {"answer": "alternate", "alternate_function": "Somebody"}
    )

    assert planned.invitations.get(contact=alternate).answer == ""


def spoil(link):
    return link[:-2] + "x/"


def test_links_that_are_altered_expired_or_revoked_are_one_neutral_page(client, link):
    altered = client.get(spoil(link))
    AccessLink.objects.update(expires_at=timezone.now())
    expired = client.get(link)
    AccessLink.objects.update(
        expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now()
    )
    revoked = client.get(link)
    posted = client.post(link, {"answer": "accepted"})

    assert {one.status_code for one in (altered, expired, revoked, posted)} == {404}
    assert Invitation.objects.get().answer == ""
    shown = {words(response) for response in (altered, expired, revoked, posted)}
    assert len(shown) == 1
    assert "7" not in re.findall(r"<h1.*?</h1>", shown.pop(), re.DOTALL)[0]


def words(response):
    """The page without the number of the request, and without what else differs by chance."""
    chance = r'nonce="[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"|<code>\w+</code>'
    text = re.sub(chance, "", response.content.decode())
    return re.sub(r"/meetings/invitation/[\w-]+/?", "", text)


@pytest.mark.parametrize("service", [postpone_meeting, cancel_meeting])
def test_links_of_a_meeting_that_is_called_off_open_nothing(client, link, service):
    service(Meeting.objects.get(number=7), by=None, why="The chair is ill.")

    assert client.get(link).status_code == 404


def test_who_left_the_institution_answers_no_more(client, link, world):
    world.people["member"].contacts.update(ended_on=timezone.localdate())

    assert client.get(link).status_code == 404
    assert client.post(link, {"answer": "accepted"}).status_code == 404


def test_the_links_of_one_person_are_revoked(client, link, sign_in):
    meeting = Meeting.objects.get(number=7)
    row = meeting.invitations.get()

    sign_in("coordinator").post(page(meeting, "meeting-invitation-revoke", row.pk))

    client.logout()
    assert client.get(link).status_code == 404
    assert revoke_links([row], by=None) == 0


def test_a_fresh_link_is_shown_once_and_opens(convened, invitation, sign_in, client):
    shown = sign_in("coordinator").post(page(convened, "meeting-invitation-link", invitation.pk))

    url = shown.context["fresh"]["url"]
    assert url in shown.content.decode()
    assert url in shown.context["fresh"]["text"]
    client.logout()
    assert client.get(url.partition("localhost:8000")[2]).status_code == 200


# Signed in


def test_a_member_answers_on_the_meeting_page(convened, sign_in):
    client = sign_in("member")
    shown = client.get(convened.get_absolute_url()).content.decode()
    assert page(convened, "meeting-answer") in shown

    client.post(page(convened, "meeting-answer"), {"answer": "accepted"})

    row = convened.invitations.get()
    assert (row.answer, row.channel) == ("accepted", Channel.PORTAL)


def test_who_is_not_invited_does_not_answer(convened, sign_in):
    assert sign_in("coordinator").get(page(convened, "meeting-answer")).status_code == 403
    assert sign_in("partner").get(page(convened, "meeting-answer")).status_code == 404


# Entered by the coordination


def entered(**more):
    return {
        "answer": "declined",
        "channel": "telephone",
        "given_on": timezone.localdate().isoformat(),
        "evidence": "Call of the secretariat.",
    } | more


def test_an_answer_by_telephone_is_entered_with_its_evidence_and_confirmed(
    convened, invitation, world, sign_in, sent
):
    client = sign_in("coordinator")

    messages = sent(
        lambda: client.post(page(convened, "meeting-invitation-enter", invitation.pk), entered())
    )

    invitation.refresh_from_db()
    shown = client.get(page(convened)).content.decode()
    assert (invitation.answer, invitation.channel) == ("declined", Channel.TELEPHONE)
    assert invitation.entered_by == world.people["coordinator"]
    assert [message.to for message in messages] == [[world.people["member"].email]]
    assert "Call of the secretariat." in shown


@pytest.mark.parametrize(
    ("sends", "said"),
    [
        (True, "The answer was recorded. A confirmation is on its way to the person by e-mail."),
        (
            False,
            "The answer was recorded. This portal does not send e-mail yet: confirm it yourself.",
        ),
    ],
)
def test_whoever_enters_an_answer_reads_whether_it_is_confirmed(
    convened, invitation, sign_in, settings, sends, said
):
    settings.SENDS_MAIL = sends

    shown = sign_in("coordinator").post(
        page(convened, "meeting-invitation-enter", invitation.pk), entered(), follow=True
    )

    assert [str(message) for message in shown.context["messages"]] == [said]


@pytest.mark.parametrize(
    ("sends", "said"),
    [
        (
            True,
            "Your answer was recorded: Comes. A confirmation is on its way to you by e-mail.",
        ),
        (False, "Your answer was recorded: Comes."),
    ],
)
def test_the_link_says_what_was_recorded_and_whether_it_is_confirmed(
    client, link, settings, sends, said
):
    settings.SENDS_MAIL = sends

    shown = client.post(link, {"answer": "accepted"}, follow=True)

    assert shown.context["done"] == said
    assert said in shown.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"evidence": ""},
        {"channel": "link"},
        {"channel": ""},
        {"given_on": "2030-01-01"},
        {"given_on": "0001-01-01"},
        {"given_on": "yesterday"},
        {"answer": ""},
        {"answer": "alternate"},
        {"note": "x" * 501},
    ],
)
def test_an_entered_answer_that_is_incomplete_is_refused(convened, invitation, sign_in, wrong):
    response = sign_in("coordinator").post(
        page(convened, "meeting-invitation-enter", invitation.pk), entered(**wrong)
    )

    assert response.status_code == 200
    invitation.refresh_from_db()
    assert invitation.answer == ""


def test_the_database_asks_for_evidence_too(invitation):
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(
            answer="accepted",
            answered_at=timezone.now(),
            answered_for=timezone.now(),
            channel="telephone",
        )


def test_an_invitation_is_found_through_its_own_meeting(convened, invitation, world, sign_in):
    url = page(world.meeting, "meeting-invitation-enter", invitation.pk)

    assert sign_in("coordinator").get(url).status_code == 404


# Reminders


def test_those_who_have_not_answered_are_reminded_once_a_day(convened, world, alternate, sent):
    by = world.people["coordinator"]

    first = sent(lambda: remind(convened, by=by))
    with pytest.raises(Refusal, match="reminded today"):
        remind(convened, by=by)
    Invitation.objects.update(reminded_on=timezone.localdate() - timedelta(days=1))
    answer_invitation(convened.invitations.get(), InvitationAnswer(Answer.ACCEPTED))
    with pytest.raises(Refusal, match="Everybody has answered"):
        remind(convened, by=by)

    assert [message.to for message in first] == [[world.people["member"].email]]
    assert convened.starts_at > timezone.now()


# Guests


@pytest.fixture
def guest(world):
    return ContactFactory(institution=world.institutions["partner"], email="guest@example.org")


def test_a_guest_is_invited_and_reads_what_they_may(convened, world, guest, client, sent):
    convened.items.update(audience="committee")
    AgendaItemFactory(meeting=convened, position=5, title_fr="Ouvert", audience="partners")

    (message,) = sent(lambda: invite_guest(convened, guest, by=world.people["coordinator"]))

    shown = client.get(link_url(token_of(message))).content.decode()
    assert message.to == ["guest@example.org"]
    assert "Ouvert" in message.body
    assert "Ouvert" in shown
    assert convened.items.exclude(title_fr="Ouvert").get().title not in message.body + shown


def test_a_guest_of_a_draft_hears_of_it_when_it_is_convened(planned, world, guest, sent):
    early = sent(lambda: invite_guest(planned, guest, by=world.people["coordinator"]))
    messages = sent(lambda: convene_meeting(planned, by=None))

    assert early == []
    assert {message.to[0] for message in messages} == {
        "guest@example.org",
        world.people["member"].email,
    }


def test_a_guest_is_invited_once_and_can_be_withdrawn(convened, world, guest, sent):
    by = world.people["coordinator"]
    invite_guest(convened, guest, by=by)
    with pytest.raises(Refusal, match="already been invited"):
        invite_guest(convened, guest, by=by)
    row = convened.invitations.get(contact=guest)

    (message,) = sent(lambda: withdraw_guest(row, by=by))

    row.refresh_from_db()
    assert row.withdrawn_at is not None
    assert links_of([row]).valid().count() == 0
    assert "/meetings/invitation/" not in message.body


def test_a_seat_is_not_withdrawn_like_a_guest(convened, invitation, world):
    with pytest.raises(Refusal, match="holds a seat"):
        withdraw_guest(invitation, by=world.people["coordinator"])


def test_only_contacts_of_the_project_are_offered_as_guests(convened, world, sign_in):
    stranger = ContactFactory(institution=world.foreign_institution)

    response = sign_in("coordinator").post(
        page(convened, "meeting-invite-guest"), {"contact": stranger.pk}
    )

    assert response.status_code == 200
    assert not convened.invitations.filter(contact=stranger).exists()


# The page


def test_the_number_of_queries_does_not_grow(
    convened, world, sign_in, django_assert_max_num_queries
):
    client = sign_in("coordinator")
    counts = []
    for count in (1, 30):
        for _ in range(count - 1):
            contact = ContactFactory(institution=world.institutions["partner"], user=UserFactory())
            Invitation.objects.create(meeting=convened, contact=contact, capacity=Capacity.GUEST)
        client.get(page(convened))

        with django_assert_max_num_queries(25) as statements:
            response = client.get(page(convened))
        counts.append(len(statements))

        assert len(response.context["invitations"]) == count

    few, many = counts
    assert many <= few


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("coordinator", 200),
        ("administrator", 200),
        ("auditor", 200),
        ("monitoring", 404),
        ("member", 404),
        ("partner", 404),
        ("outsider", 404),
    ],
)
def test_who_comes_is_for_the_coordination(convened, sign_in, role, status):
    assert sign_in(role).get(page(convened)).status_code == status


# A second call, and what was mended


def test_a_second_call_is_a_new_time_to_answer_for(convened, invitation, world, sent):
    answer_invitation(invitation, InvitationAnswer(Answer.ACCEPTED))
    Meeting.objects.filter(pk=convened.pk).update(status=Meeting.Status.ADJOURNED)
    meeting = Meeting.objects.get(pk=convened.pk)

    messages = sent(
        lambda: reconvene_meeting(
            meeting, by=None, starts_at=in_days(40), ends_at=in_days(40) + timedelta(hours=2)
        )
    )

    assert [message.to for message in messages] == [[world.people["member"].email]]
    assert list(meeting.invitations.unanswered()) == [invitation]


def test_a_meeting_opens_before_its_day_only_with_a_reason(convened):
    with pytest.raises(Refusal, match="say why it is opened earlier"):
        open_meeting(convened, by=None, why="")

    open_meeting(convened, by=None, why="All are here.")

    assert convened.status == Meeting.Status.IN_SESSION


@pytest.mark.parametrize("status", [Committee.Status.SUSPENDED, Committee.Status.DISSOLVED])
def test_a_committee_out_of_office_does_not_sit(convened, status):
    Committee.objects.filter(pk=convened.committee_id).update(status=status)

    with pytest.raises(Refusal, match="neither meets nor decides"):
        open_meeting(convened, by=None, why="Urgent.")


def test_a_committee_that_is_suspended_meanwhile_decides_nothing(convened, sign_in):
    open_meeting(convened, by=None, why="All are here.")
    Committee.objects.filter(pk=convened.committee_id).update(status=Committee.Status.SUSPENDED)
    url = reverse("committees:decision-create", args=[convened.items.get().pk])

    response = sign_in("coordinator").post(
        url, {"text_fr": "Décision", "outcome": "adopted", "rule": "consensus"}
    )

    assert response.status_code == 200
    assert not Resolution.objects.filter(meeting=convened, status="adopted").exists()


def test_what_is_shown_before_sending_takes_as_many_queries_for_ten_people(
    planned, world, sign_in, django_assert_max_num_queries
):
    client = sign_in("coordinator")
    counts = []
    for numbers in (range(1), range(1, 10)):
        for number in numbers:
            seated(world, email=f"person{number}@example.org")
        with django_assert_max_num_queries(25) as convening:
            client.get(step_page(planned))
        convene_meeting(planned, by=None)
        with django_assert_max_num_queries(25) as reminding:
            client.get(page(planned, "meeting-invitations-send"), {"kind": "reminder"})
        with django_assert_max_num_queries(25) as updating:
            client.get(page(planned, "meeting-invitations-update"))
        counts.append([len(convening), len(reminding), len(updating)])
        planned.invitations.all().delete()
        Meeting.objects.filter(pk=planned.pk).update(status="planned", convened_on=None)
        planned.refresh_from_db()

    assert [many <= few for few, many in zip(*counts, strict=True)] == [True] * 3, counts

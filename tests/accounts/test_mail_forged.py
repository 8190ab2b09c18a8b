"""Forged messages, which somebody else wrote (`mail_in/fixtures/README.md`): none is taken. And none of
what they imitate is refused."""

import logging
from dataclasses import dataclass
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone, translation

from accounts.letters import Letter
from accounts.mail import send_to_person
from accounts.mail_in.addresses import reply_address, return_address
from accounts.mail_in.intake import receive
from accounts.models import AccessEvent, AccessLink, IncomingMail, OutgoingMail, User
from committees.models import ActionPlan, Invitation, Meeting, Remark
from projects.models import MailNote
from tests.accounts.mail_in.fixture_letters import (
    ADDRESS,
    BAD_ADDRESS,
    MEETING,
    MEMBER,
    OTHER_MEETING,
    OTHERS_ADDRESS,
    filled,
    fixture_letters,
    forged_letters,
)
from tests.factories import MeetingFactory
from tests.world import World

pytestmark = pytest.mark.django_db

FORGED = forged_letters()
Outcome, Reason = IncomingMail.Outcome, IncomingMail.Reason
# These are rows and lines of the server's log alone: no person is known, it is the person, who is written
# to, or an administrator finds them in quarantine.
UNLOGGED = {Reason.UNSIGNED, Reason.NOT_ASKED, Reason.NOT_NOW, Reason.TOO_LARGE}
KEPT = {"forged-47-deep-nesting.eml": Outcome.QUARANTINED}


@dataclass
class Rows:
    """What the messages are about: an invitation and a plan in review, and a message to the member."""

    member: User
    other: User
    invitation: Invitation
    plan: ActionPlan
    sent: OutgoingMail
    other_meeting: Meeting

    def values(self, name: str, why: str, data: bytes) -> dict[str, str]:
        """What goes in place of the placeholders; addresses are made wrong as `why` says."""
        thing = self.plan if b"Plan para revisar" in data or "reply" in name else self.invitation
        is_bounce = "bounce" in name
        address = return_address(self.sent) if is_bounce else reply_address(thing, self.member)
        local, _at, domain = address.partition("@")
        letter = "a" if local[-4] != "a" else "b"
        bad = local[:-4] if "truncated" in why else f"{local[:-4]}{letter}{local[-3:]}"
        others = reply_address(thing, self.other)
        return {
            ADDRESS: address,
            BAD_ADDRESS: f"{bad}@{domain}",
            OTHERS_ADDRESS: return_address(self.sent) if "purpose" in why else others,
            MEETING: self.invitation.meeting.uid,
            OTHER_MEETING: self.other_meeting.uid,
        }

    def revoke(self) -> None:
        AccessLink.objects.filter(user=self.member).revoke(by=None)

    def changed(self) -> list[str]:
        """What the messages have changed so far."""
        self.invitation.refresh_from_db()
        self.sent.refresh_from_db()
        notes = [note.text for note in [*MailNote.objects.exclude(text=""), *Remark.objects.all()]]
        is_marked = self.sent.bounced_at or User.objects.get(pk=self.member.pk).came_back_at
        return [*notes, *filter(None, [self.invitation.answer]), *(["marked"] if is_marked else [])]


@pytest.fixture
def rows(settings, django_capture_on_commit_callbacks):
    settings.INBOUND_ADDRESS = "reply@portal.example.org"
    settings.INBOUND_AUTHSERV_ID = "mx.portal.example.org"
    world = World()
    member, other = world.people["member"], world.people["partner"]
    for person, address in ((member, MEMBER), (other, "other.member@example.org")):
        person.email = address
        person.save()
    world.meeting = MeetingFactory(
        committee=world.committee,
        number=7,
        status=Meeting.Status.CONVENED,
        starts_at=timezone.now() + timezone.timedelta(days=30),
        ends_at=timezone.now() + timezone.timedelta(days=30, hours=2),
    )
    invitation = Invitation.objects.create(
        meeting=world.meeting, contact=member.contacts.get(), seat=world.seat
    )
    for thing, purpose in ((invitation, "invitation"), (world.plan, "plan")):
        AccessLink.issue(member, purpose, thing, by=None)
    letter = partial(Letter, subject="Plan to review", body=["Words."])
    with translation.override("en"), django_capture_on_commit_callbacks(execute=True):
        sent = send_to_person(member, letter, about=world.plan)
    other_meeting = MeetingFactory(committee=world.committee, number=8)
    with translation.override("en"):
        yield Rows(member, other, invitation, world.plan, sent, other_meeting)


@pytest.mark.every_case
@pytest.mark.parametrize("letter", FORGED, ids=[letter.file.stem for letter in FORGED])
def test_a_forged_message_is_refused_and_logged(letter, rows, caplog):
    caplog.set_level(logging.INFO, logger="accounts.mail_in.intake")
    data = letter.file.read_bytes()
    if letter.why == "revoked":
        rows.revoke()

    row = receive(filled(data, rows.values(letter.file.name, letter.why, data)))

    assert row.outcome == KEPT.get(letter.file.name, Outcome.REFUSED), row.reason
    assert rows.changed() == []
    assert f"{row.outcome} {row.reason}" in caplog.text
    logged = [event.details["check"] for event in AccessEvent.objects.filter(kind="refused")]
    assert logged == ([] if row.reason in UNLOGGED else [row.reason])


@pytest.mark.parametrize("letter", [each for each in FORGED if each.why == "revoked"], ids=str)
def test_what_is_refused_once_links_are_revoked_is_taken_before(letter, rows):
    data = letter.file.read_bytes()

    row = receive(filled(data, rows.values(letter.file.name, letter.why, data)))

    assert (row.outcome, row.reason) == (Outcome.TAKEN, "")
    assert len(rows.changed()) == 1


def test_none_of_the_honest_answers_is_refused(rows):
    """One of each program, and each alone: their number would be too many."""
    refused = []
    letters = {(letter.kind, letter.client): letter for letter in fixture_letters()}
    for letter in letters.values():
        data = letter.file.read_bytes()
        values = rows.values(letter.file.name, "", data)
        with transaction.atomic():
            row = receive(filled(data, values))
            transaction.set_rollback(True)
        expected = {"auto": Outcome.DROPPED, "delay": Outcome.DROPPED}
        if row.outcome != expected.get(letter.kind, Outcome.TAKEN):
            refused.append((letter.file.name, row.kind, row.reason))

    assert len(letters) > 60
    assert refused == []

"""Convening with the real worker: its messages wait, are sent, and are not sent once it was undone."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse

from accounts.mailbox import letter_files, letters_in
from accounts.models import OutgoingMail
from accounts.outbox import enqueue_due
from kernel.lifecycle import StatusChange
from tests.accounts.test_outbox import post, wait_until
from tests.committees.test_recipients import given
from tests.factories import UserFactory
from tests.kernel.test_undo import button

pytestmark = pytest.mark.sqlite


@pytest.fixture
def convened(transactional_db, mailer, settings, request):
    """The coordinator, the meeting, and the button on the page that follows its convening."""
    settings.MAIL_WAITS_FOR_UNDO = settings.MAIL_BY_WORKER = True
    meeting = request.getfixturevalue("planned")
    coordinator = request.getfixturevalue("sign_in")("coordinator")
    page = reverse("committees:meeting-step", args=[meeting.pk, "convene"])
    sent = coordinator.post(page, given(coordinator.get(page), why="Urgent"), follow=True)
    return coordinator, meeting, button(sent)


def sent_to():
    return [letter.to for path in letter_files() for letter in letters_in(path)]


def later_one(address):
    """A message that does not wait, and that the worker has sent."""
    row = post(UserFactory(email=address))
    wait_until(lambda: OutgoingMail.objects.filter(pk=row.pk, state="ready").exists())


def pass_forty_seconds():
    pause = timedelta(seconds=41)
    OutgoingMail.objects.filter(state="queued").update(next_attempt_at=F("next_attempt_at") - pause)
    StatusChange.objects.update(recorded_at=F("recorded_at") - pause)


def test_what_was_undone_is_never_sent(convened):
    coordinator, meeting, (url, posts, _left) = convened
    waiting = set(OutgoingMail.objects.values_list("address", "person__email"))
    addresses = {address or email for address, email in waiting}
    assert addresses
    enqueue_due()
    later_one("before@example.org")

    coordinator.post(url, posts)
    pass_forty_seconds()
    enqueue_due()
    later_one("after@example.org")

    meeting.refresh_from_db()
    assert meeting.status == "planned"
    assert {"before@example.org", "after@example.org"} <= set(sent_to())
    assert addresses.isdisjoint(sent_to())


def test_what_was_not_undone_is_sent_after_forty_seconds(convened):
    coordinator, meeting, (url, posts, _left) = convened
    rows = OutgoingMail.objects.values_list("address", "person__email", "pk")
    waiting = {pk: address or email for address, email, pk in rows}
    enqueue_due()
    later_one("before@example.org")
    assert set(waiting.values()).isdisjoint(sent_to())

    pass_forty_seconds()
    enqueue_due()
    wait_until(lambda: not OutgoingMail.objects.in_hand().exists())

    assert set(waiting.values()) <= set(sent_to())
    coordinator.post(url, posts)
    meeting.refresh_from_db()
    assert meeting.status == "convened"

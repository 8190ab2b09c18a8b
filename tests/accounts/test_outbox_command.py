"""`manage.py outbox`: what did not go out, what may not have, and sending it again."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Delivery, OutgoingMail

pytestmark = pytest.mark.django_db


def said(*options):
    out = StringIO()
    call_command("outbox", *options, stdout=out)
    return out.getvalue()


def made(failure, state="failed", **facts):
    now = timezone.now()
    texts = {"address": "marie@example.org", "subject": "Guarded name", "text": "secret"}
    return OutgoingMail.objects.create(
        state=state, failure=failure, finished_at=now, handed_over_at=now, **texts | facts
    )


def test_it_lists_what_did_not_go_out_with_its_reason_and_names_nobody():
    unclear = made("unclear", thread="committees.meeting.4")
    refused = made("refused", bounce_reason="550 5.1.1 <marie@example.org> unknown")
    policy = made("policy", "queued", attempt=2, bounce_reason="550 5.7.1 listed")
    made("", "ready")

    found = said()

    lines = found.splitlines()
    assert [line.split()[0] for line in lines] == [
        str(one.pk) for one in (unclear, refused, policy)
    ]
    assert "committees.meeting.4  unclear: The connection to the mail server broke off" in lines[0]
    assert lines[1].endswith("account  not sent: 550 5.1.1 <m…@example.org> unknown")
    assert lines[2].endswith("waits: 550 5.7.1 listed")
    assert not any(word in found for word in ("marie", "Guarded", "secret"))


def test_it_lists_only_the_unclear_ones_whose_text_is_still_there():
    unclear = made("unclear")
    made("unclear", text="")
    made("refused")

    assert [line.split()[0] for line in said("--unclear").splitlines()] == [str(unclear.pk)]


def test_all_that_is_listed_as_unclear_is_sent_again(django_capture_on_commit_callbacks):
    rows = [made("unclear"), made("unclear")]
    other = made("refused")

    with django_capture_on_commit_callbacks(execute=True):
        assert said("--send-again") == "2 message(s) will be sent again at once.\n"

    for row in rows:
        row.refresh_from_db()
        assert row.delivery == Delivery.SENT
    assert len(mail.outbox) == 2
    other.refresh_from_db()
    assert other.failure == "refused"
    assert said("--unclear") == "There is none.\n"


def test_a_number_that_is_not_in_the_list_sends_nothing(django_capture_on_commit_callbacks):
    unclear, refused = made("unclear"), made("refused")

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(CommandError) as found:
        said("--send-again", str(unclear.pk), str(refused.pk))

    assert f"Nothing is sent: {refused.pk} is not in the list" in str(found.value)
    assert mail.outbox == []

"""`manage.py doctor` writes itself a sign-in code and reads it, and leaves nothing behind."""

import pytest
from django.core import mail

from accounts.account_letters import unknown_address_letter
from accounts.adapter import ANSWERS
from accounts.models import AccessEvent, OutgoingMail
from ibcr_portal.doctor import sign_in
from ibcr_portal.doctor.findings import Level
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def finding():
    (found,) = sign_in.code_by_mail()
    return found


@pytest.mark.parametrize("inbound", ["", "reply@portal.example.org"])
@pytest.mark.parametrize("owner", [False, True])
def test_a_code_is_written_and_read_and_nothing_is_left(settings, inbound, owner):
    settings.INBOUND_ADDRESS = inbound
    settings.DEFAULT_FROM_EMAIL = "Portal <portal@example.org>"
    if owner:
        UserFactory(email="portal@example.org", language="es")

    found = finding()

    assert found.level == Level.GOOD
    assert found.sentence.startswith(
        "A sign-in code to portal@example.org was written in 3 languages"
    )
    assert mail.outbox == []
    assert not OutgoingMail.objects.exists()
    assert not AccessEvent.objects.exists()


def test_a_setting_with_which_no_message_can_be_written_is_noticed(settings):
    settings.SITE_HOST = "portal.example.org\nBcc: somebody@example.org"

    found = finding()

    assert found.level == Level.WRONG
    assert found.sentence.startswith("No sign-in code can be written in 'fr' (BadHeaderError)")


def test_a_message_without_the_code_is_noticed(monkeypatch):
    monkeypatch.setitem(ANSWERS, sign_in.CODE, (unknown_address_letter, "email"))

    assert finding().level == Level.WRONG

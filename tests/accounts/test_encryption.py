"""Secrets of second factors are encrypted, also after SECRET_KEY was changed."""

import logging

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP

from accounts.second_factor import PREFIX, renew_secrets
from tests.accounts.test_second_factor import current_code
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"
NEW_KEY = "the next secret key, of more than fifty characters"


@pytest.fixture
def person():
    return UserFactory()


def kept():
    """The secrets as the database holds them."""
    return [
        text
        for factor in Authenticator.objects.order_by("pk")
        for name, text in factor.data.items()
        if name in {"secret", "seed"}
    ]


def test_no_secret_is_in_the_database(person):
    TOTP.activate(person, SECRET)
    codes = RecoveryCodes.activate(person)

    assert SECRET not in str(kept())
    assert all(text.startswith(PREFIX) for text in kept())
    assert len(codes.generate_codes()) == 10
    assert Authenticator.objects.first().wrap().validate_code(current_code(SECRET))


def test_after_a_change_of_the_key_codes_are_accepted_and_secrets_encrypted_anew(person, settings):
    TOTP.activate(person, SECRET)
    old, settings.SECRET_KEY = settings.SECRET_KEY, NEW_KEY
    settings.SECRET_KEY_FALLBACKS = [old]

    assert renew_secrets() == 1
    assert renew_secrets() == 0  # nothing is left to do
    settings.SECRET_KEY_FALLBACKS = []
    assert Authenticator.objects.get().wrap().validate_code(current_code(SECRET))


def test_a_secret_from_before_is_accepted_and_encrypted_at_night(person):
    factor = Authenticator.objects.create(user=person, type="totp", data={"secret": SECRET})

    assert factor.wrap().validate_code(current_code(SECRET))
    assert renew_secrets() == 1
    assert SECRET not in str(kept())


def test_without_the_key_no_code_opens_and_the_secret_stays(person, settings, caplog):
    TOTP.activate(person, SECRET)
    (before,) = kept()
    settings.SECRET_KEY = NEW_KEY

    factor = Authenticator.objects.get().wrap()
    assert not factor.validate_code(current_code(SECRET))
    assert not factor.validate_code(current_code("A" * 16))
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert renew_secrets() == 0
    assert kept() == [before]

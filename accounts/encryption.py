"""Encrypts the secrets of second factors: whoever has only the database can make no code of them.

The key is derived from SECRET_KEY. Secrets under one of SECRET_KEY_FALLBACKS can be read, and are
encrypted anew under SECRET_KEY every night (`renew_secrets`).
"""

import base64
import hmac
import logging

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

PREFIX = "fernet:"  # what has none was written before secrets were encrypted
SECRETS = ("secret", "seed")  # under which an authenticator app and recovery codes keep theirs


def _fernet(key: str) -> Fernet:
    derived = hmac.digest(key.encode(), b"portal.second-factor", "sha256")
    return Fernet(base64.urlsafe_b64encode(derived))


def encrypt(text: str) -> str:
    return PREFIX + _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Return the secret, or a random one that opens nothing if no key fits any more."""
    secret = _opened(text, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
    if secret is None:
        logger.error("The secret of a second factor was encrypted with a key that is gone.")
        secret = str(generate_totp_secret())
    return secret


def _opened(text: str, keys: list[str]) -> str | None:
    if not text.startswith(PREFIX):
        return text
    for key in keys:
        try:
            return _fernet(key).decrypt(text.removeprefix(PREFIX).encode()).decode()
        except InvalidToken:
            continue
    return None


def renew_secrets() -> int:
    """Encrypt with SECRET_KEY what was encrypted with an older key or not at all; return how many."""
    with_secret = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    keys = Authenticator.objects.filter(type__in=with_secret).values_list("pk", flat=True)
    return sum(_renew(pk) for pk in keys)


@transaction.atomic
def _renew(pk: int) -> bool:
    factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if factor is None:
        return False
    renewed = {}
    for name in SECRETS:
        text = factor.data.get(name, "")
        is_current = text.startswith(PREFIX) and _opened(text, [settings.SECRET_KEY]) is not None
        # What no key opens stays as it is: the right key may come back from a backup.
        secret = _opened(text, settings.SECRET_KEY_FALLBACKS)
        if text and secret is not None and not is_current:
            renewed[name] = encrypt(secret)
    if renewed:
        factor.data |= renewed
        factor.save(update_fields=["data"])
    return bool(renewed)

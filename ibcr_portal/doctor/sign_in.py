"""Whether people get in: the doctor writes a sign-in code to itself, as the page does that somebody
waits at, and reads it."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.utils import parseaddr

from django.conf import settings
from django.utils import translation

from accounts.adapter import AccountAdapter
from accounts.outbox import message_of
from ibcr_portal.doctor.findings import Finding, good, wrong

CODE = "account/email/login_code"


def code_by_mail() -> Iterator[Finding]:
    """Nothing is sent and nothing kept: whether the mail server takes messages is asked under "Mail"."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            try:
                is_there = code_is_in_message(address)
            except Exception as error:  # whatever a setting or a catalogue brings about
                yield wrong(
                    f"No sign-in code can be written in {language!r} ({type(error).__name__}): nobody "
                    "gets in by e-mail, and nobody gets a new password.",
                    "Take the optional settings of mail and sign-in out of .env one by one, restarting "
                    "each time, until this is gone; report the setting that it was.",
                )
                return
        if not is_there:
            yield wrong(
                f"The message with a sign-in code does not show it in {language!r}.",
                "Install the portal anew: its texts are not those of this version.",
            )
            return
    yield good(
        f"A sign-in code to {address} was written in {len(settings.LANGUAGES)} languages, addressed and "
        "encoded as it would be sent, and read out of the message; it was not sent."
    )


def code_is_in_message(address: str) -> bool:
    adapter = AccountAdapter()
    code = adapter.generate_login_code()
    sent = message_of(adapter.written(CODE, address, {"code": code})).message().as_bytes()
    parts = message_from_bytes(sent, policy=policy.default).walk()
    texts = [part.get_content() for part in parts if part.get_content_maintype() == "text"]
    return len(texts) > 1 and all(code in text for text in texts)

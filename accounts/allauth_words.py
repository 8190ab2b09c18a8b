"""Sentences of allauth's pages that this portal translates itself: allauth's own translations are
missing, vague, or address the reader as “tú”. Only `make messages` reads this."""

from django.utils.translation import gettext_noop

WORDS = [
    # The code by e-mail
    gettext_noop("Send me a sign-in code"),
    gettext_noop("You will receive a special code for a password-free sign-in."),
    gettext_noop("Request Code"),
    gettext_noop("Other sign-in options"),
    # Before a change
    gettext_noop("Confirm Access"),
    gettext_noop("Please reauthenticate to safeguard your account."),
    gettext_noop("Sign in with a passkey"),
    gettext_noop("Use a security key"),
    # The second step
    gettext_noop("Security key added."),
    gettext_noop("Security key removed."),
    gettext_noop("Remove Security Key"),
    gettext_noop("Are you sure you want to remove this security key?"),
    gettext_noop(
        "You cannot generate recovery codes without having two-factor authentication enabled."
    ),
    gettext_noop("Authenticator secret"),
    gettext_noop("Deactivate Authenticator App"),
    gettext_noop(
        "You are about to deactivate authenticator app based authentication. Are you sure?"
    ),
    gettext_noop("Deactivate"),
    gettext_noop("A new set of recovery codes has been generated."),
    gettext_noop("Download codes"),
    gettext_noop("Generate new codes"),
    gettext_noop("Enter Password Reset Code"),
    gettext_noop("Password Reset"),
]

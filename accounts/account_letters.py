"""What people are told about their account and their access, and administrators about the log."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.checkpoints import Checkpoint
from accounts.letters import Block, Button, Code, Detail, Details, Letter
from accounts.links import absolute_url
from accounts.models import FactorReset
from kernel.formats import moment
from kernel.text import StrOrPromise


def invitation_letter(address: str, grant: Sequence[Detail] = ()) -> Letter:
    """`grant`: who gives which access to what, and whom to ask."""
    return Letter(
        subject=_("You have access: how to sign in"),
        body=[
            _(
                "You now have access to the governance portal. You need no password: the portal "
                "sends a code to this address whenever you sign in."
            ),
            Details(grant),
            Details([Detail(_("Your e-mail address"), address)]),
        ],
        button=Button(_("Sign in"), sign_in_url()),
        after=[
            _("Type your e-mail address there, then the code that arrives a moment later."),
            _("Once inside you may choose a password and your language under “My account”."),
        ],
    )


def sign_in_url() -> str:
    return absolute_url(reverse("account_request_login_code"))


def address_changed_letter(*, by_themselves: bool) -> Letter:
    what = (
        _(
            "You gave the governance portal another e-mail address. From now on it writes to the new "
            "address, and you sign in with it."
        )
        if by_themselves
        else _(
            "An administrator gave your account in the governance portal another e-mail address. "
            "From now on it writes to the new address, and you sign in with it."
        )
    )
    not_you = _(
        "If you did not ask for this, inform the coordination of your project or an "
        "administrator at once."
    )
    return Letter(subject=_("Your e-mail address was changed"), body=[what, not_you])


def new_device_letter(device: str, at: datetime) -> Letter:
    what = _("Somebody signed in as you on a device that you had not used here before:")
    facts = Details([Detail(_("Device"), device), Detail(_("When"), moment(at))])
    return _was_it_you(_("Sign-in on a new device"), [what, facts])


def account_changed_letter(what: StrOrPromise, at: datetime) -> Letter:
    return _was_it_you(
        _("Your sign-in was changed"), [str(what), Details([Detail(_("When"), moment(at))])]
    )


def _was_it_you(subject: str, what: Sequence[Block]) -> Letter:
    return Letter(
        subject=subject,
        body=[
            *what,
            _("Was it you? Then all is well."),
            _(
                "Was it not you? Sign out everywhere on this page, choose a new "
                "password, and write to the coordination of your project."
            ),
        ],
        button=Button(_("See where you are signed in"), absolute_url(reverse("accounts:sessions"))),
    )


def sign_in_code_letter(code: str) -> Letter:
    return Letter(
        subject=_("Your code to sign in"),
        body=[
            _("This code signs you in. Type it on the page that is open:"),
            Code(code),
            _(
                "It works for ten minutes and only once. Nobody will ask you for it: do not pass it "
                "on."
            ),
        ],
        reason=_("Did you not ask for a code? Then do nothing: nobody can sign in without it."),
    )


def new_password_letter(url: str) -> Letter:
    return Letter(
        subject=_("Choose a new password"),
        body=[_("You asked for a new password.")],
        button=Button(_("Choose a new password"), url),
        after=[
            _("You may also do without one and sign in with a code that is sent to this address.")
        ],
        reason=_("Did you not ask for a new password? Then do nothing: yours stays as it is."),
    )


def unknown_address_letter(address: str) -> Letter:
    return Letter(
        subject=_("No account with this address"),
        body=[
            _(
                "Somebody, perhaps you, wanted to sign in to the governance portal with the address "
                "%(address)s. It has no account there."
            )
            % {"address": address},
            _(
                "Accounts are created by the coordination of each project. If you were "
                "invited, use the address that received the invitation, or ask the "
                "coordination to correct it."
            ),
        ],
        reason=_("Was it not you? Then do nothing: no account was created."),
    )


# A lost second factor


def factor_reset_asked_letter(reset: FactorReset) -> Letter:
    return Letter(
        subject=_("Removal of your second step asked for"),
        body=[
            _(
                "%(name)s reported that you lost the second step of your sign-in. As "
                "soon as somebody else on the team confirms it, at the latest on "
                "%(until)s, it is removed, and you set up a new one."
            )
            % {"name": reset.asked_by, "until": moment(reset.open_until)},
            _(
                "Did you not ask for this? Sign in and stop it, and call the "
                "coordination of your project."
            ),
        ],
        button=Button(_("Look at the request"), factor_resets_url()),
    )


def factor_reset_confirm_letter(reset: FactorReset) -> Letter:
    return Letter(
        subject=_("Please confirm: a lost second step"),
        body=[
            _(
                "%(name)s reported that %(owner)s lost the second step of their sign-in, "
                "and asks a second person to confirm it by %(until)s."
            )
            % {
                "name": reset.asked_by,
                "owner": reset.person,
                "until": moment(reset.open_until),
            },
            _(
                "Confirm it only after you have spoken with them yourself, or know that your "
                "colleague did."
            ),
        ],
        button=Button(_("Look at the request"), factor_resets_url()),
    )


def factor_reset_done_letter(reset: FactorReset) -> Letter:
    return Letter(
        subject=_("Your second step was removed"),
        body=[
            _(
                "The second step of your sign-in was removed by %(name)s and %(other)s, and you were "
                "signed out everywhere. Sign in and set up a new one."
            )
            % {"name": reset.asked_by, "other": reset.confirmed_by},
            _(
                "Did you not ask for this? Choose a new password and call the "
                "coordination of your project at once."
            ),
        ],
        button=Button(_("Sign in"), sign_in_url()),
    )


def factor_reset_withdrawn_letter() -> Letter:
    return Letter(
        subject=_("Your second step stays"),
        body=[
            _(
                "The request to remove the second step of your sign-in was closed. "
                "Nothing was removed."
            )
        ],
    )


def factor_resets_url() -> str:
    return absolute_url(reverse("accounts:lost-factors"))


# The access log


def checkpoint_letter(state: Checkpoint) -> Letter:
    return Letter(
        subject=_("State of the access log"),
        body=[
            _(
                "This is the signed state of the access log of %(moment)s, when its last event had "
                "the number %(number)s."
            )
            % {"moment": moment(state.at), "number": state.sequence},
            Code(state.line),
            _(
                "Keep this message. If somebody doubts the log, an administrator or an auditor checks "
                "it against the line above."
            ),
        ],
        is_greeted=False,
    )


def access_log_altered_letter() -> Letter:
    return Letter(
        subject=_("The access log was altered"),
        body=[
            _(
                "The daily check found that somebody changed the access log in the database, or that "
                "events are missing. Look at what was found."
            ),
            _(
                "If the database was restored from a backup, this is expected: events after the "
                "backup are missing. If not, make copies of the database and of the checkpoints "
                "before anything else."
            ),
        ],
        button=Button(_("See what was found"), absolute_url(reverse("accounts:access-log-check"))),
    )

"""What people are sent who use a page that opens by link."""

from django.utils.translation import gettext as _

from accounts.letters import Button, Code, Detail, Details, Letter
from kernel.text import StrOrPromise


def answer_received_letter(
    url: str,
    *,
    what: StrOrPromise,
    said: StrOrPromise = "",
    institution: object = "",
    project: object = "",
) -> Letter:
    """`url`: the page on which they answered."""
    return Letter(
        subject=_("Your answer was received"),
        body=[
            _("What you sent has arrived."),
            Details([Detail(_("Institution"), institution), Detail(_("Project"), project)]),
            str(what),
            str(said),
        ],
        button=Button(_("See what you sent"), url),
        after=[
            _(
                "This page shows it, and lets you change it as long as that is possible. It opens "
                "without signing in."
            ),
            _("If this was not you, please inform the coordination."),
        ],
    )


def link_code_letter(code: str) -> Letter:
    return Letter(
        subject=_("Your code"),
        body=[
            _("Your code to open the page you asked for:"),
            Code(code),
            _(
                "It is valid for ten minutes. If you did not ask for it, somebody has your link: "
                "inform the coordination."
            ),
        ],
    )


def reply_not_taken_letter(sentence: str, url: str = "") -> Letter:
    """`sentence`: the refusal, which says what to do. `url`: the page where that is possible."""
    return Letter(
        subject=_("Your message was not recorded"),
        body=[_("Your message has arrived, but nothing was recorded:"), sentence],
        button=Button(_("Open the page"), url) if url else None,
    )


def unconfirmed_reply_letter(url: str) -> Letter:
    """Says nothing about what came: somebody else may have written it. `url`: where the person can say
    the same."""
    return Letter(
        subject=_("An e-mail in your name was not recorded"),
        body=[
            _(
                "An e-mail in your name answered a message of the portal. Nothing of it was recorded, "
                "since the portal could not confirm that it comes from you, or because the message "
                "that it answers is older than 90 days."
            ),
            _("If you wrote it, please open the page below and answer there."),
        ],
        button=Button(_("Open the page"), url),
        after=[_("If you did not write it, you need not do anything.")],
    )

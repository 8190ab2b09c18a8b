"""Messages that ask an institution for values, and that say what was entered for it."""

from django.utils.translation import gettext as _

from accounts.letters import Block, Button, Foreign, Letter
from accounts.links import absolute_url
from kernel.formats import day, day_short
from kernel.languages import active_language
from projects.models import ValueRequest
from projects.translations import served


def values_letter(request: ValueRequest, url: str) -> Letter:
    return Letter(
        subject=_("Values to enter until %(day)s") % {"day": day_short(request.due_on)},
        body=[
            _(
                "Please enter what your institution (%(institution)s) measured in the "
                "project “%(project)s” for the period %(period)s, by %(day)s."
            )
            % _words(request),
            _note(request),
            _("The page opens without signing in and shows only what your institution owes."),
        ],
        button=Button(_("Enter the values"), url),
        after=[
            _(
                "What was entered can be changed until that day. If there is nothing to "
                "report, please say so and why."
            ),
            _(
                "Opening the page changes nothing. The link is only for you: please do "
                "not pass it on."
            ),
        ],
    )


def values_entered_letter(request: ValueRequest) -> Letter:
    return Letter(
        subject=_("Values were entered for you"),
        body=[
            _(
                "The coordination entered values for your institution (%(institution)s) in the "
                "project “%(project)s”, period %(period)s."
            )
            % _words(request),
            _(
                "If this is not what your institution said, please inform the "
                "coordination. You can read it after signing in."
            ),
        ],
        button=Button(_("See the values"), absolute_url(request.get_absolute_url())),
    )


def _note(request: ValueRequest) -> Block:
    """Return what the coordination wrote, and say so if it is in another language than the message."""
    note = served(request.note)
    is_foreign = note.language not in ("", active_language())
    return Foreign(note.text, note.language) if is_foreign else note.text


def _words(request: ValueRequest) -> dict[str, object]:
    return {
        "institution": request.institution,
        "project": request.project,
        "period": request.period,
        "day": day(request.due_on),
    }

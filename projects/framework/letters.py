"""Messages that ask an institution for values, say what was entered for it, and what came back."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.letters import Block, Button, Detail, Details, Foreign, Letter, Line, Lines
from accounts.links import absolute_url
from kernel.formats import day, day_short
from kernel.languages import active_language
from projects.models import DataPoint, ValueRequest
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


def values_returned_letter(
    request: ValueRequest, url: str, *, points: Sequence[DataPoint], why: str
) -> Letter:
    """`request`: one that was not made, if the institution entered the values by itself."""
    if not request.pk:
        then = _("Please correct this and submit it again.")
    elif request.is_open:
        then = _("Please correct this and submit it again by %(day)s.") % _words(request)
    else:
        then = _("The day for changes has passed: ask the coordination for more time.")
    return Letter(
        subject=_("Values to correct"),
        body=[
            _(
                "The coordination returned what your institution (%(institution)s) had submitted "
                "in the project “%(project)s” for the period %(period)s."
            )
            % _words(request),
            Lines(
                _("To correct"),
                [Line(f"{one.indicator.code} · {one.indicator.name}") for one in points],
            ),
            Details([Detail(_("Reason"), why)]),
            then,
        ],
        button=Button(_("Correct the values"), url),
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
        "day": day(request.due_on) if request.due_on else "",
    }

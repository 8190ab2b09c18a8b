"""Messages to administrators about what needs a person, and what no longer does."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from accounts.letters import Button, Letter, Line, Lines
from accounts.links import absolute_url
from ibcr_portal.observing.state import HealthLine
from ibcr_portal.observing.words import WORDS, words_of
from kernel.formats import moment


def alert_letter(troubles: Sequence[tuple[HealthLine, datetime]]) -> Letter:
    subject = ngettext(
        "The portal needs you: %(count)d part does not work as it should",
        "The portal needs you: %(count)d parts do not work as they should",
        len(troubles),
    )
    return Letter(
        subject=subject % {"count": len(troubles)},
        body=[
            _("You administer this portal. It noticed what it cannot mend by itself."),
            Lines(_("What to do"), [_line(line, since) for line, since in troubles]),
            _("You get this message once a day while it lasts, and another one when it is over."),
        ],
        button=Button(_("See how the portal is doing"), absolute_url(reverse("system"))),
    )


def _line(line: HealthLine, since: datetime) -> Line:
    words = words_of(line)
    note = _("Since %(moment)s") % {"moment": moment(since)}
    return Line(f"{words.label} – {words.trouble}", "", f"{words.advice} {note}")


def alerts_over_letter(kinds: Sequence[str]) -> Letter:
    return Letter(
        subject=_("The portal no longer needs you: what it reported is over"),
        body=[
            _("These parts work again. There is nothing left to do."),
            Lines("", [Line(str(WORDS[kind].label)) for kind in kinds]),
        ],
        button=Button(_("See how the portal is doing"), absolute_url(reverse("system"))),
    )

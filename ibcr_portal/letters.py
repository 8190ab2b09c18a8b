"""Messages of the whole portal: what is due or new, and what somebody asks about their data."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from accounts.letters import Button, Letter, Line, Lines
from accounts.links import absolute_url
from ibcr_portal.models import PersonRequest
from ibcr_portal.news.reading import NewsLine
from ibcr_portal.obligations.due import Due
from kernel.formats import day, day_short

LISTED = 25


def due_letter(due: Sequence[Due], news: Sequence[NewsLine], *, late: int, url: str) -> Letter:
    """`url` is the page of what is due, if anything is; else the button leads to the news."""
    subject = _("What is new for you")
    if len(due) == 1:
        subject = _("Reminder: due on %(day)s") % {"day": day_short(due[0].on)}
    elif due or late:
        subject = _("Reminder: what is due")
    news_url = absolute_url(reverse("news"))
    return Letter(
        subject=subject,
        body=[
            Lines(_("What is due"), [due_line(one) for one in due], most=LISTED),
            late_sentence(late) if late else "",
            Lines(_("New since the last message"), [news_line(one) for one in news], most=LISTED),
        ],
        button=Button(_("See all that is mine"), url)
        if url
        else Button(_("See all news"), news_url),
        reason=_(
            "You receive these reminders because you have something to do or something is "
            "new for you."
        ),
    )


def due_line(due: Due) -> Line:
    note = _("Due on %(day)s.") % {"day": day(due.on)}
    return Line(f"{due.title} ({due.project})", absolute_url(due.url), f"{note} {due.countdown}")


def news_line(line: NewsLine) -> Line:
    return Line(f"{line.title} ({line.project})" if line.project else line.title)


def late_sentence(late: int) -> str:
    sentence = ngettext(
        "This is the first reminder of this kind: %(late)s thing is already late. It is on your page; "
        "no message comes for each.",
        "This is the first reminder of this kind: %(late)s things are already late. They are on your "
        "page; no message comes for each.",
        late,
    )
    return sentence % {"late": late}


def person_request_letter(request: PersonRequest) -> Letter:
    return Letter(
        subject=_("A question about personal data, to answer by %(day)s")
        % {"day": day_short(request.due_on)},
        body=[
            _("Somebody asked about the data that the portal holds about them. Answer by %(day)s.")
            % {"day": day(request.due_on)}
        ],
        button=Button(_("Open the request"), absolute_url(request.get_absolute_url())),
    )


def person_request_answered_letter(request: PersonRequest) -> Letter:
    return Letter(
        subject=_("The answer to your question about your data"),
        body=[
            _(
                "You asked on %(day)s about the data that the portal holds about you. Here is the "
                "answer; a code may be sent to you first."
            )
            % {"day": day(request.received_on)}
        ],
        button=Button(_("Read the answer"), absolute_url(reverse("persons:own-link"))),
    )

"""The message that minutes wait for comments or for their adoption."""

from django.utils.translation import gettext as _

from accounts.letters import Button, Detail, Details, Letter
from committees.models import Minutes
from kernel.formats import day, day_short


def minutes_letter(minutes: Minutes, url: str) -> Letter:
    committee = minutes.meeting.committee
    return Letter(
        subject=subject_of(minutes),
        body=[
            _what_can_be_read(minutes),
            Details([Detail(_("Project"), committee.project.short_title)]),
            what_is_expected(minutes),
        ],
        button=Button(_("Read and comment"), url),
        after=[
            _(
                "The page opens without signing in. Opening it changes nothing; only what you confirm "
                "there is recorded."
            ),
            _("The link is only for you. Please do not pass it on."),
        ],
    )


def _what_can_be_read(minutes: Minutes) -> str:
    """Only of the usual word it is known which article it takes."""
    committee = minutes.meeting.committee
    words = {"committee": committee, "label": minutes.label, "day": day(minutes.meeting.day)}
    if minutes.label.casefold() == _("Minutes").casefold():
        return _("You can now read the minutes of the meeting of %(day)s (%(committee)s).") % words
    return _("You can now read “%(label)s” of the meeting of %(day)s (%(committee)s).") % words


def subject_of(minutes: Minutes) -> str:
    words = {"label": minutes.label}
    if minutes.status == Minutes.Status.IN_REVIEW:
        words["day"] = day_short(minutes.comments_until)
        return _("%(label)s to comment on until %(day)s") % words
    if minutes.silence_until:
        words["day"] = day_short(minutes.silence_until)
        return _("%(label)s: adopted on %(day)s unless somebody objects") % words
    return _("%(label)s: final draft") % words


def what_is_expected(minutes: Minutes) -> str:
    if minutes.status == Minutes.Status.IN_REVIEW:
        return _("Please comment by %(day)s if something is missing or wrong.") % {
            "day": day(minutes.comments_until)
        }
    if minutes.silence_until:
        return _(
            "This is the final draft. Unless there is an objection by %(day)s, it is "
            "adopted, as the terms of reference provide."
        ) % {"day": day(minutes.silence_until)}
    return _("This is the final draft. The committee adopts it at its next meeting or in writing.")

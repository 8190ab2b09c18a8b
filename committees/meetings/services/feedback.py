"""Asks members to rate a meeting, stores their answers without their names, and sums them up."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.asking import ask_seats_by_link, replace_link, seat_terms_today
from committees.meetings.letters import feedback_letter
from committees.models import Feedback, FeedbackGiven, Meeting, SeatTerm
from kernel.charts import Chart, grouped_bars
from kernel.refusal import Refusal
from projects.sending.recipients import NoticeReceipt

PURPOSE = "give_feedback"


@transaction.atomic
def give_feedback(feedback: Feedback, *, by: User) -> None:
    """Store an answer, and separately that the person answered.

    Raises Refusal for a second answer, or before the meeting was held.
    """
    if feedback.meeting.status != Meeting.Status.HELD:
        raise Refusal(_("The meeting is not over yet: say afterwards how it went."))
    try:
        with transaction.atomic():
            FeedbackGiven.objects.create(meeting=feedback.meeting, by=by)
    except IntegrityError:
        raise Refusal(_("You have already answered, thank you.")) from None
    feedback.full_clean()
    feedback.save()


def terms_to_ask(meeting: Meeting) -> list[SeatTerm]:
    """Return the terms of the holders of seats and their alternates who have not answered."""
    answered = set(meeting.feedback_given.values_list("by", flat=True))
    terms = seat_terms_today(meeting.committee.seats.on(meeting.day))
    return [term for term in terms if term.contact.user_id not in answered]


def occasion_of(meeting: Meeting) -> str:
    """Return by what the outbox knows the messages that ask for feedback."""
    return f"feedback:{meeting.pk}"


def ask_for_feedback(
    meeting: Meeting, *, by: User, lines: Mapping[str, str] | None = None
) -> NoticeReceipt:
    """Send a link to those who have not answered, once a day, with these lines of the sender's own by
    language."""
    return ask_seats_by_link(
        terms_to_ask(meeting),
        partial(feedback_letter, meeting),
        about=meeting,
        by=by,
        link=lambda person: replace_link(
            person, PURPOSE, meeting, "committees:feedback-link", by=by
        ),
        occasion=f"{occasion_of(meeting)}:{timezone.localdate()}",
        lines=lines,
    )


def results(answers: Iterable[Feedback]) -> Chart:
    """Return a chart with the number of answers by question and mark."""
    answers = list(answers)
    labels = {column.name: str(column.verbose_name) for column in Feedback._meta.fields}
    questions = [labels[name] for name in Feedback.QUESTIONS]
    series: dict[Any, list[int]] = {
        mark.label: [
            sum(getattr(answer, name) == mark for answer in answers) for name in Feedback.QUESTIONS
        ]
        for mark in Feedback.Mark
    }
    return grouped_bars(
        _("How members found the meeting"), questions, series, heading=_("Question"), key="feedback"
    )

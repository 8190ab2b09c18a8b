"""Asking members how a meeting was, taking their answers without their names, telling the sums."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.models import AccessLink, User
from committees.models import Feedback, FeedbackGiven, Meeting, SeatTerm
from committees.models.meeting import MeetingError
from committees.services.minutes_notices import can_be_told
from committees.services.notices import Told
from kernel.charts import Chart, grouped_bars

PURPOSE = "give_feedback"
MESSAGE = "committees/email/feedback"


@transaction.atomic
def give_feedback(feedback: Feedback, *, by: User) -> None:
    """Keep an answer, and apart from it that the person answered. Raises MeetingError for a
    second answer, or before the meeting was held."""
    if feedback.meeting.status != Meeting.Status.HELD:
        raise MeetingError(_("The meeting is not over: say afterwards how it was."))
    try:
        with transaction.atomic():
            FeedbackGiven.objects.create(meeting=feedback.meeting, by=by)
    except IntegrityError:
        raise MeetingError(_("You have answered already, thank you.")) from None
    feedback.full_clean()
    feedback.save()


def ask_for_feedback(meeting: Meeting, *, by: User) -> Told:
    """Send those who hold a seat, or stand in for its holder, a link; who answered is left alone."""
    answered = set(meeting.feedback_given.values_list("by", flat=True))
    terms = _terms(meeting)
    people = {
        term.contact.user_id: term.contact.user
        for term in terms
        if can_be_told(term) and term.contact.user_id not in answered
    }
    told = 0
    for person in people.values():
        _link, token = AccessLink.issue(person, PURPOSE, meeting, by=by)
        url = absolute_url(reverse("committees:feedback-link", args=[token]))
        facts = {"meeting": meeting, "url": url}
        subject = gettext_lazy("A page for you")
        told += bool(send_to_person(person, MESSAGE, facts, subject=subject))
    untold = [
        f"{term.seat} ({term.get_capacity_display()})" for term in terms if not can_be_told(term)
    ]
    return Told(people=told, without_access=untold)


def _terms(meeting: Meeting) -> list[SeatTerm]:
    terms = SeatTerm.objects.on(timezone.localdate()).filter(
        seat__in=meeting.committee.seats.on(meeting.day), contact__ended_on=None
    )
    terms = terms.select_related("contact__user", "seat__institution")
    return list(terms.prefetch_related("seat__institution__names"))


def results(answers: Iterable[Feedback]) -> Chart:
    """How many gave which mark, by question."""
    answers = list(answers)
    questions = [Feedback._meta.get_field(name).verbose_name for name in Feedback.QUESTIONS]
    series: dict[Any, list[int]] = {
        mark.label: [
            sum(getattr(answer, name) == mark for answer in answers) for name in Feedback.QUESTIONS
        ]
        for mark in Feedback.Mark
    }
    return grouped_bars(
        _("How members found the meeting"), questions, series, heading=_("Question"), key="feedback"
    )

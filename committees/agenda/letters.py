"""The answer to somebody who proposed an item for the agenda."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.letters import Button, Detail, Details, Letter
from accounts.links import absolute_url
from committees.models import AgendaItem


def proposal_answered_letter(item: AgendaItem) -> Letter:
    subject, sentence = (
        _("Your proposal is not on the agenda"),
        _("The coordination has not put your proposal on the agenda of the next meeting."),
    )
    if item.is_on_agenda:
        subject = _("Your proposal is on the agenda")
        sentence = _("The coordination has put your proposal on the agenda of the next meeting.")
    url = absolute_url(reverse("committees:proposals", args=[item.meeting.committee_id]))
    return Letter(
        subject=subject,
        body=[
            sentence,
            Details(
                [
                    Detail(_("Proposal"), item.title),
                    Detail(_("Meeting"), f"{item.meeting} · {item.meeting.committee.name}"),
                    Detail(_("Project"), item.meeting.committee.project.short_title),
                    Detail(_("Reason"), item.proposal_answer),
                ]
            ),
        ],
        button=Button(_("See my proposals"), url),
    )

"""The message to somebody who took over a seat."""

from django.utils.translation import gettext as _

from accounts.letters import Button, Details, Letter
from accounts.links import absolute_url
from accounts.models import User
from committees.models import SeatTerm
from projects.letters import access_facts


def handover_letter(term: SeatTerm, path: str, *, by: User | None) -> Letter:
    committee = term.seat.committee
    facts = access_facts(committee.project, what=f"{term.seat} · {committee.name}", by=by)
    return Letter(
        subject=_("You now hold a seat"),
        body=[
            _("You now hold a seat in the committee “%(committee)s”.")
            % {"committee": committee.name},
            Details(facts),
            _("What the seat takes over is on the handover sheet."),
        ],
        button=Button(_("Open the handover sheet"), absolute_url(path)),
    )

"""The seats of a committee on one page, with those who hold them, and one button that saves all."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from accounts.models import User
from accounts.services import send_invitation
from committees.models import Committee
from committees.pages import committee_or_404
from committees.permissions.seats import may_edit_committee
from committees.seats.forms.table import SeatsTable
from committees.seats.services.holders import SeatsRefused
from committees.seats.services.seats import lock_committee
from committees.seats.services.table import SeatsSaved, save_seats
from kernel.pages import READ_OR_SAVE, Request, act, ask, posted, trail, way_back
from projects.letters import access_facts


@READ_OR_SAVE
def seats_table(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    data = posted(request)
    if data is not None:
        lock_committee(committee)  # before the rows are compared with what the page showed
    table = SeatsTable(committee, data)
    if (
        data is not None
        and table.is_valid()
        and (saved := act(request, lambda: keep(table, committee, by=request.user)))
    ):
        say_what_was_saved(request, committee, saved.result)
        return redirect(way_back(request) or committee)
    context = {
        "table": table,
        "committee": committee,
        "crumbs": trail(committee.project, committee),
    }
    return render(request, "committees/seats_table.html", context)


def keep(table: SeatsTable, committee: Committee, *, by: User) -> SeatsSaved:
    """Save the rows. A refusal is shown at the rows that it concerns as well."""
    try:
        return save_seats(committee, table.entries(), known=table.known, by=by)
    except SeatsRefused as refusal:
        table.refuse(refusal)
        raise


def say_what_was_saved(request: Request, committee: Committee, saved: SeatsSaved) -> None:
    messages.success(request, _("The seats were saved."))
    by = request.user

    def invite(person: User) -> bool:
        what = _("Seat in %(committee)s") % {"committee": committee}
        grant = partial(access_facts, committee.project, what=what, by=by)
        return send_invitation(person, by=by, grant=grant, about=committee)

    sent = sum(invite(person) for person in saved.invited)
    if sent:
        sentence = ngettext(
            "%(number)s person was invited to the portal by e-mail.",
            "%(number)s people were invited to the portal by e-mail.",
            sent,
        )
        messages.info(request, sentence % {"number": sent})

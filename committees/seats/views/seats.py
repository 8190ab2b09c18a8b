"""Seats and terms of office: one by one, and many holders at once after a change of government;
and the sheet that a new holder takes over.
"""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.services import send_invitation
from committees.models import Committee, Seat, SeatTerm
from committees.pages import committee_or_404
from committees.permissions.plans import visible_plans
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.seats import may_edit_committee, may_see_handover
from committees.seats.forms.seats import EndTermForm, GovernmentChangeForm, SeatForm, SeatTermForm
from committees.seats.forms.table import SeatsTable
from committees.seats.services.removing import remove_seat
from committees.seats.services.seats import (
    SeatsRefused,
    add_seat,
    add_term,
    change_seat,
    change_term,
    handover_of,
    lock_committee,
    notify_new_holders,
    replace_holders,
    seats_to_fill,
)
from committees.seats.services.table import SeatsSaved, save_seats
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    form_page,
    posted,
    saved,
    trail,
    way_back,
)
from kernel.undo import is_over
from partners.models import Institution
from projects.letters import access_facts

# Seats


@READ_OR_SAVE
def seat_create(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    seat = Seat(committee=committee, position=committee.seats.count() + 1)
    form = SeatForm(posted(request), instance=seat, project=committee.project)
    if form.is_valid():
        seat.entry_key = form.key
        form.note_translations()
        shared_with = form.cleaned_data["shared_with"]
        if added := act(form, lambda: add_seat(seat, shared_with)):
            undo = reverse("committees:seat-remove", args=[added.result.pk])
            return saved(request, _("The seat was added."), committee, undo=undo, made_at=committee)
    crumbs = trail(committee.project, committee)
    return form_page(request, form, title=_("Add a seat"), back=committee, crumbs=crumbs)


@READ_OR_SAVE
def seat_edit(request: Request, pk: int) -> HttpResponse:
    seat = seat_or_404(request.user, pk)
    form = SeatForm(posted(request), instance=seat, project=seat.committee.project)
    del form.fields["entry_key"]
    if form.is_valid():
        form.note_translations()
        shared_with = form.cleaned_data["shared_with"]
        if act(form, lambda: change_seat(seat, shared_with)):
            return redirect(seat.committee)
    crumbs = trail(seat.committee.project, seat.committee)
    return form_page(request, form, title=_("Edit the seat"), back=seat.committee, crumbs=crumbs)


def seat_or_404(user: User, pk: int) -> Seat:
    seat = get_object_or_404(Seat.objects.with_people(), pk=pk)
    seat.committee = committee_or_404(user, seat.committee_id)
    ask(may_edit_committee(user, seat.committee))
    return seat


@require_POST
def seat_remove(request: Request, pk: int) -> HttpResponse:
    """Remove a seat on which nothing depends; any other one ends on a day instead."""
    seat = seat_or_404(request.user, pk)
    if not is_over(request) and act(request, lambda: remove_seat(seat, by=request.user)):
        messages.success(request, _("The seat was removed."))
    return redirect(seat.committee)


# Terms of office


@READ_OR_SAVE
def term_create(request: Request, pk: int) -> HttpResponse:
    seat = seat_or_404(request.user, pk)
    form = SeatTermForm(posted(request), seat=seat)
    if form.is_valid() and act(
        form, lambda: add_term(form.instance, person=form.person(), by=request.user)
    ):
        return redirect(seat.committee)
    title = _("Term of office: %(seat)s") % {"seat": seat}
    crumbs = trail(seat.committee.project, seat.committee)
    return form_page(request, form, title=title, back=seat.committee, crumbs=crumbs)


@READ_OR_SAVE
def term_end(request: Request, pk: int) -> HttpResponse:
    term = get_object_or_404(SeatTerm.objects.select_related("contact"), pk=pk)
    seat = seat_or_404(request.user, term.seat_id)
    term.seat = seat
    form = EndTermForm(posted(request), instance=term)
    if form.is_valid() and act(form, lambda: change_term(term, by=request.user)):
        return redirect(seat.committee)
    title = _("End the term of office: %(seat)s") % {"seat": seat}
    return form_page(
        request,
        form,
        title=title,
        back=seat.committee,
        crumbs=trail(seat.committee.project, seat.committee),
        intro=f"{term.contact} · {term.get_capacity_display()}",
    )


# A change of government


@READ_OR_SAVE
def holders_change(request: Request, pk: int) -> HttpResponse:
    """Change the holders of many seats on one page, all in one step or none."""
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    form = GovernmentChangeForm(posted(request), committee, seats_to_fill(committee))
    if form.is_valid() and (
        begun := act(form.head, lambda: change_holders(form, committee, by=request.user))
    ):
        notified = notify_new_holders(committee, begun.result, url_of=handover_url, by=request.user)
        sentence = _("The seats were changed. The handover sheet is next to each of them.")
        messages.success(request, sentence)
        if notified.sentence:
            messages.info(request, notified.sentence)
        return redirect(committee)
    context = {
        "form": form,
        "committee": committee,
        "title": _("Change of holders"),
        "crumbs": trail(committee.project, committee),
        "cancel_url": committee.get_absolute_url(),
    }
    return render(request, "committees/holders_form.html", context)


def change_holders(form: GovernmentChangeForm, committee: Committee, *, by: User) -> list[SeatTerm]:
    """Replace the holders. A refusal that concerns some seats is shown at their rows as well."""
    try:
        return replace_holders(committee, form.changes, on=form.on, by=by)
    except SeatsRefused as refusal:
        form.refuse(refusal.by_seat)
        raise


def handover_url(term: SeatTerm) -> str:
    keys = [term.seat.committee_id, term.contact.institution_id]
    return reverse("committees:handover", args=keys)


@require_safe
def handover(request: Request, pk: int, institution_pk: int) -> HttpResponse:
    """Show the holders of an institution's seat, and the coordination, what the seat takes over."""
    committee = committee_or_404(request.user, pk)
    user, project = request.user, committee.project
    institution = get_object_or_404(Institution.objects.with_names(), pk=institution_pk)
    if not may_see_handover(user, committee, institution):
        raise Http404
    sheet = handover_of(
        project,
        institution,
        resolutions=visible_resolutions(user, project),
        plans=visible_plans(user, project),
    )
    context = {"sheet": sheet, "crumbs": trail(project, committee)}
    return render(request, "committees/handover.html", context)


# The table of all seats


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
        and not table.asks_again
        and (kept := act(request, lambda: keep(table, committee, by=request.user)))
    ):
        say_what_was_saved(request, committee, kept.result)
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


def say_what_was_saved(request: Request, committee: Committee, kept: SeatsSaved) -> None:
    messages.success(request, _("The seats were saved."))
    by = request.user

    def invite(person: User) -> bool:
        what = _("Seat in %(committee)s") % {"committee": committee}
        grant = partial(access_facts, committee.project, what=what, by=by)
        return send_invitation(person, by=by, grant=grant, about=committee)

    sent = sum(invite(person) for person in kept.invited)
    if sent:
        sentence = ngettext(
            "%(number)s person was invited to the portal by e-mail.",
            "%(number)s people were invited to the portal by e-mail.",
            sent,
        )
        messages.info(request, sentence % {"number": sent})

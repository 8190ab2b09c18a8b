"""Seats and terms of office: one by one, and many holders at once after a change of government;
and the sheet that a new holder takes over."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.models import Seat, SeatTerm
from committees.pages import accepted, allow, committee_or_404, done, trail, typed
from committees.permissions.plans import visible_plans
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.seats import may_edit_committee, may_see_handover
from committees.seats.forms.seats import ChangeForm, EndTermForm, SeatForm, SeatTermForm
from committees.seats.services.handover import handover_of
from committees.seats.services.holders import (
    SeatsRefused,
    replace_holders,
    seats_to_fill,
    tell_new_holders,
)
from committees.seats.services.seats import (
    add_seat,
    add_term,
    change_seat,
    change_term,
    remove_seat,
)
from kernel.refusal import Refusal
from partners.models import Institution

# Seats


def seat_create(request: HttpRequest, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    allow(may_edit_committee(request.user, committee))
    seat = Seat(committee=committee, position=committee.seats.count() + 1)
    form = SeatForm(typed(request), instance=seat, project=committee.project)
    if request.method == "POST" and form.is_valid():
        seat.entry_key = form.key
        form.instance.note_translations(form.changed_data)
        shared_with = form.cleaned_data["shared_with"]
        if accepted(form, lambda: add_seat(seat, shared_with)):
            return redirect(committee)
    return _form(request, form, _("Add a seat"), trail(committee.project, committee), committee)


def seat_edit(request: HttpRequest, pk: int) -> HttpResponse:
    seat = seat_or_404(request.user, pk)
    form = SeatForm(typed(request), instance=seat, project=seat.committee.project)
    del form.fields["entry_key"]
    if request.method == "POST" and form.is_valid():
        seat.note_translations(form.changed_data)
        shared_with = form.cleaned_data["shared_with"]
        if accepted(form, lambda: change_seat(seat, shared_with)):
            return redirect(seat.committee)
    crumbs = trail(seat.committee.project, seat.committee)
    return _form(request, form, _("Edit the seat"), crumbs, seat.committee)


def seat_or_404(user: User, pk: int) -> Seat:
    seat = get_object_or_404(Seat.objects.with_people(), pk=pk)
    seat.committee = committee_or_404(user, seat.committee_id)
    allow(may_edit_committee(user, seat.committee))
    return seat


@require_POST
def seat_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Only a seat that nobody ever held or came for; another one ends on a day."""
    seat = seat_or_404(request.user, pk)
    if done(request, lambda: remove_seat(seat)):
        messages.success(request, _("The seat is removed."))
    return redirect(seat.committee)


# Terms of office


def term_create(request: HttpRequest, pk: int) -> HttpResponse:
    seat = seat_or_404(request.user, pk)
    form = SeatTermForm(typed(request), seat=seat)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: add_term(form.instance))
    ):
        return redirect(seat.committee)
    title = _("Term of office: %(seat)s") % {"seat": seat}
    return _form(
        request, form, title, trail(seat.committee.project, seat.committee), seat.committee
    )


def term_end(request: HttpRequest, pk: int) -> HttpResponse:
    term = get_object_or_404(SeatTerm.objects.select_related("contact"), pk=pk)
    seat = seat_or_404(request.user, term.seat_id)
    term.seat = seat
    form = EndTermForm(typed(request), instance=term)
    if request.method == "POST" and form.is_valid() and accepted(form, lambda: change_term(term)):
        return redirect(seat.committee)
    title = _("End the term of office: %(seat)s") % {"seat": seat}
    return _form(
        request,
        form,
        title,
        trail(seat.committee.project, seat.committee),
        seat.committee,
        intro=f"{term.contact} · {term.get_capacity_display()}",
    )


# A change of government


def holders_change(request: HttpRequest, pk: int) -> HttpResponse:
    """All seats on one page; those with a new holder are changed in one step, or none is."""
    committee = committee_or_404(request.user, pk)
    allow(may_edit_committee(request.user, committee))
    form = ChangeForm(typed(request), committee, seats_to_fill(committee))
    if request.method == "POST" and form.is_valid():
        try:
            begun = replace_holders(committee, form.changes, on=form.on, by=request.user)
        except SeatsRefused as refusal:
            form.refuse(refusal.by_seat)
            form.head.add_error(None, str(refusal))
        except Refusal as refusal:
            form.head.add_error(None, str(refusal))
        else:
            told = tell_new_holders(committee, begun, url_of=handover_url)
            messages.success(
                request,
                _("The seats are changed. The handover sheet stands beside each of them."),
            )
            if told.sentence:
                messages.info(request, told.sentence)
            return redirect(committee)
    context = {
        "form": form,
        "committee": committee,
        "title": _("Change of holders"),
        "crumbs": trail(committee.project, committee),
        "cancel_url": committee.get_absolute_url(),
    }
    return render(request, "committees/holders_form.html", context)


def handover_url(term: SeatTerm) -> str:
    keys = [term.seat.committee_id, term.contact.institution_id]
    return reverse("committees:handover", args=keys)


@require_safe
def handover(request: HttpRequest, pk: int, institution_pk: int) -> HttpResponse:
    """What the institution's seat takes over: for whoever holds it, and for the coordination."""
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
    context = {"sheet": sheet, "committee": committee, "crumbs": trail(project, committee)}
    return render(request, "committees/handover.html", context)


def _form(
    request: HttpRequest,
    form: Any,
    title: str,
    crumbs: list[dict[str, str]],
    back: Any,
    **context: Any,
) -> HttpResponse:
    context |= {
        "form": form,
        "title": title,
        "crumbs": crumbs,
        "cancel_url": back.get_absolute_url(),
    }
    return render(request, "committees/form.html", context)

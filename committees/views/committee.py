"""Pages of a committee: its rules, seats, register and meetings, and what is edited of them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.forms.committee import (
    CommitteeForm,
    CommitteeStepForm,
    EndTermForm,
    RegisterFilterForm,
    SeatForm,
    SeatTermForm,
)
from committees.models import Committee, Seat, SeatTerm
from committees.permissions import (
    may_create_committee,
    may_edit_committee,
    may_see_name,
    visible_meetings,
    visible_resolutions,
)
from committees.services.agenda import save_columns
from committees.services.seats import add_seat, add_term, change_term, take_committee_step
from committees.views.asking import accepted, allow, committee_or_404, trail, typed
from projects.models import Project

PER_PAGE = 20


# Reading


@require_safe
def committee_detail(request: HttpRequest, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    may_edit = may_edit_committee(request.user, committee)
    visible = visible_resolutions(request.user, committee.project)
    form = RegisterFilterForm(request.GET, years=visible.years())
    register = form.narrow(visible).with_related()
    context = {
        "committee": committee,
        "crumbs": trail(committee.project),
        "composition": composition(request.user, committee),
        "compliance": committee.compliance(),
        "form": form,
        "page": Paginator(register, per_page=PER_PAGE).get_page(request.GET.get("page")),
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "meetings": visible_meetings(request.user, committee.project),
        "follow_up": visible.follow_up(),
        "may_edit": may_edit,
        "steps": committee_steps(committee) if may_edit else [],
    }
    return render(request, "committees/committee_detail.html", context)


@dataclass(frozen=True)
class SeatShown:
    """A seat as a reader may see it: names by need only."""

    seat: Seat
    holder: SeatTerm | None
    alternates: list[SeatTerm]
    named: frozenset[int]
    former: list[SeatTerm]


def composition(user: User, committee: Committee) -> list[tuple[str, list[SeatShown]]]:
    """The seats of today by kind of institution, state institutions and so on in one table."""
    today = timezone.localdate()
    by_kind: dict[str, list[SeatShown]] = {}
    for seat in committee.seats.on(today).with_people():
        terms = list(seat.terms.all())
        holder = seat.holder_on(today)
        alternates = [term for term in seat.terms_on(today) if term != holder]
        named = {term.pk for term in terms if may_see_name(user, committee.project, term.contact)}
        shown = SeatShown(
            seat=seat,
            holder=holder,
            alternates=alternates,
            named=frozenset(named),
            former=[term for term in terms if not term.covers(today)],
        )
        by_kind.setdefault(seat.institution.get_kind_display(), []).append(shown)
    return list(by_kind.items())


def committee_steps(committee: Committee) -> list[dict[str, Any]]:
    return [
        {
            "verb": verb,
            "label": committee.STEPS[verb].label,
            "url": reverse("committees:committee-step", args=[committee.pk, verb]),
        }
        for verb in committee.open_steps
    ]


# Rules


def committee_create(request: HttpRequest, code: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), code=code)
    allow(may_create_committee(request.user, project))
    if known := Committee.objects.filter(project=project).first():
        messages.info(request, _("The project has its committee already."))
        return redirect(known)
    form = CommitteeForm(typed(request), instance=Committee(project=project))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            Project.objects.select_for_update().get(pk=project.pk)
            known = Committee.objects.filter(project=project).first()
            return redirect(known or form.save())
    return _form(request, form, _("Found a committee"), trail(project), project)


def committee_edit(request: HttpRequest, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    allow(may_edit_committee(request.user, committee))
    form = CommitteeForm(typed(request), instance=committee)
    if request.method == "POST" and form.is_valid():
        form.instance.note_translations(form.changed_data)
        save_columns(committee, *CommitteeForm.NAMES)
        messages.success(request, _("The committee is saved."))
        return redirect(committee)
    crumbs = trail(committee.project, committee)
    return _form(request, form, _("Edit the committee"), crumbs, committee)


def committee_step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    allow(may_edit_committee(request.user, committee))
    if verb not in Committee.STEPS:
        raise Http404
    form = CommitteeStepForm(typed(request), verb=verb)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if accepted(
            form,
            lambda: take_committee_step(
                committee, verb, by=request.user, on=data["on"], why=data["why"]
            ),
        ):
            return redirect(committee)
    title = committee.STEPS[verb].label
    return _form(request, form, title, trail(committee.project, committee), committee, submit=title)


# Seats


def seat_create(request: HttpRequest, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    allow(may_edit_committee(request.user, committee))
    seat = Seat(committee=committee, position=committee.seats.count() + 1)
    form = SeatForm(typed(request), instance=seat, project=committee.project)
    if request.method == "POST" and form.is_valid():
        seat.entry_key = form.key
        form.instance.note_translations(form.changed_data)
        if accepted(form, lambda: add_seat(seat)):
            return redirect(committee)
    return _form(request, form, _("Add a seat"), trail(committee.project, committee), committee)


def seat_edit(request: HttpRequest, pk: int) -> HttpResponse:
    seat = seat_or_404(request.user, pk)
    form = SeatForm(typed(request), instance=seat, project=seat.committee.project)
    del form.fields["entry_key"]
    if request.method == "POST" and form.is_valid():
        form.save()
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
    if seat.terms.exists() or seat.attendances.exists():
        messages.error(request, _("Somebody held this seat: edit it and give its last day."))
    else:
        seat.delete()
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

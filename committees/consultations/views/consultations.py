"""Decisions between meetings: written procedures and what was agreed by telephone."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from committees.consultations.forms import (
    CloseForm,
    ConsultationForm,
    EnteredBallotForm,
    ExtendForm,
    ProvisionalForm,
    RatifyForm,
    ReasonForm,
    items_to_ratify_on,
)
from committees.consultations.services import consultations as services
from committees.consultations.services.notices import ask_seats, confirm_entered
from committees.history import entries_of
from committees.models import Ballot, Channel, Resolution, WrittenConsultation
from committees.pages import accepted, allow, committee_or_404, resolution_or_404, trail, typed
from committees.permissions.minutes import (
    may_answer_consultation,
    may_run_consultation,
    visible_ballots,
    visible_consultations,
)
from committees.permissions.resolutions import may_edit_resolution
from committees.permissions.roles import may_see_history, may_see_names
from committees.permissions.seats import may_edit_committee
from projects.models import Project

Status = WrittenConsultation.Status


def consultation_or_404(user: User, pk: int) -> WrittenConsultation:
    project = get_object_or_404(Project.objects.visible_to(user), committee__consultations=pk)
    return get_object_or_404(visible_consultations(user, project).with_related(), pk=pk)


def own_consultation(request: HttpRequest, pk: int) -> WrittenConsultation:
    consultation = consultation_or_404(request.user, pk)
    allow(may_run_consultation(request.user, consultation))
    return consultation


# Reading


@require_safe
def consultation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    consultation = consultation_or_404(request.user, pk)
    committee, user = consultation.committee, request.user
    may_edit = may_run_consultation(user, consultation)
    context = {
        **reading_context(consultation, visible_ballots(user, consultation)),
        "crumbs": trail(committee.project, committee),
        "may_edit": may_edit,
        "may_answer": may_answer_consultation(user, consultation),
        "steps": step_links(consultation) if may_edit else [],
    }
    if may_see_history(user, committee.project):
        context["entries"] = entries_of(
            consultation.status_changes.order_by("-pk"),
            committee.project,
            things={},
            show_names=may_see_names(user, committee.project),
        )
    return render(request, "committees/consultation_detail.html", context)


def reading_context(consultation: WrittenConsultation, ballots: Any) -> dict[str, Any]:
    """The proposal, and each voting seat with the answer that the reader may know."""
    seen = {ballot.seat_id: ballot for ballot in ballots.latest_each()}
    on = consultation.closed_on
    seats = services.voting_seats(consultation, on)
    answers = list(consultation.ballots.latest_each())
    return {
        "consultation": consultation,
        "project": consultation.committee.project,
        "committee": consultation.committee,
        "resolution": Resolution.objects.filter(consultation=consultation).first(),
        "rows": [{"seat": seat, "ballot": seen.get(seat.pk)} for seat in seats],
        "quorum": services.quorum_of_answers(consultation, answers, on),
    }


def step_links(consultation: WrittenConsultation) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": reverse("committees:consultation-step", args=[consultation.pk, verb]),
        }
        for verb, (label, step, _form) in VERBS.items()
        if consultation.may_take(step)
    ]


# Writing


def consultation_create(request: HttpRequest, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    allow(may_edit_committee(request.user, committee))
    consultation = WrittenConsultation(committee=committee)
    form = ConsultationForm(typed(request), instance=consultation)
    return keep(request, form, _("New written procedure"), committee)


def consultation_edit(request: HttpRequest, pk: int) -> HttpResponse:
    consultation = own_consultation(request, pk)
    if consultation.status != Status.DRAFT:
        return not_now(request, consultation)
    form = ConsultationForm(typed(request), instance=consultation)
    return keep(request, form, _("Edit the proposal"), consultation)


def keep(request: HttpRequest, form: Any, title: str, back: Any) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        form.instance.entry_key = form.instance.entry_key or form.cleaned_data.get("entry_key")
        form.instance.note_translations(form.changed_data)
        kept: list[WrittenConsultation] = []
        if accepted(form, lambda: kept.append(services.keep_consultation(form.instance))):
            return redirect(kept[0])
    committee = form.instance.committee
    context = {
        "form": form,
        "title": title,
        "intro": _(
            "Each voting seat answers by a day: agrees, abstains, or objects with a reason. "
            "Quorum and rule are those of a meeting."
        ),
        "crumbs": trail(committee.project, committee),
        "cancel_url": back.get_absolute_url(),
    }
    return render(request, "committees/form.html", context)


# Steps


# Verb in the address: what its button says, the step that shows whether it is open, its form.
VERBS: dict[str, Any] = {
    "open": (WrittenConsultation.STEPS["open"].label, "open", forms.Form),
    "close": (gettext_lazy("Count the answers and close"), "adopt", CloseForm),
    "remind": (gettext_lazy("Remind the silent seats"), "extend", forms.Form),
    "extend": (WrittenConsultation.STEPS["extend"].label, "extend", ExtendForm),
    "withdraw": (WrittenConsultation.STEPS["withdraw"].label, "withdraw", ReasonForm),
}


def consultation_step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    consultation = own_consultation(request, pk)
    if verb not in VERBS:
        raise Http404
    label, step, form_class = VERBS[verb]
    if not consultation.may_take(step):
        return not_now(request, consultation)
    form = form_class(typed(request))
    said: list[str] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: said.append(take(consultation, verb, form, request.user)))
    ):
        messages.success(request, said[0] or _("“%(step)s” is recorded.") % {"step": label})
        return redirect(consultation)
    context = {
        "form": form,
        "title": label,
        "submit": label,
        "intro": consultation.text,
        "crumbs": trail(consultation.committee.project, consultation.committee, consultation),
        "cancel_url": consultation.get_absolute_url(),
        "danger": verb == "withdraw",
    }
    return render(request, "committees/form.html", context)


@transaction.atomic
def take(consultation: WrittenConsultation, verb: str, form: Any, by: User) -> str:
    """Do what the verb says; gives the sentence for the person."""
    data = form.cleaned_data
    match verb:
        case "open":
            services.open_consultation(consultation, by=by)
            return ask_seats(consultation, by=by).sentence
        case "remind":
            return ask_seats(consultation, by=by, silent_only=True).sentence
        case "extend":
            services.extend_consultation(consultation, by=by, **data)
            return ask_seats(consultation, by=by, silent_only=True).sentence
        case "close":
            resolution = services.close_consultation(consultation, by=by, why=data["why"])
            if resolution is None:
                return _("Too few seats have answered: nothing is decided.")
            return f"{resolution}: {resolution.get_status_display()}"
    consultation.take("withdraw", by=by, why=data["why"])
    return ""


def not_now(request: HttpRequest, consultation: WrittenConsultation) -> HttpResponse:
    messages.error(
        request,
        _("The written procedure is “%(status)s”: this is not possible now.")
        % {"status": consultation.get_status_display()},
    )
    return redirect(consultation)


def ballot_enter(request: HttpRequest, pk: int) -> HttpResponse:
    """An answer that came by telephone, letter or messenger."""
    consultation = own_consultation(request, pk)
    if not consultation.takes_answers:
        return not_now(request, consultation)
    seats = services.voting_seats(consultation)
    form = EnteredBallotForm(typed(request), consultation=consultation, seats=seats)
    cast: list[Ballot] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(
            form,
            lambda: cast.append(
                services.cast_ballot(form.ballot(by=request.user, channel=Channel.TELEPHONE))
            ),
        )
    ):
        confirm_entered(cast[0])
        messages.success(request, _("The answer is recorded, and confirmed to the seat."))
        return redirect(consultation)
    context = {
        "form": form,
        "title": _("Enter an answer"),
        "intro": consultation.text,
        "crumbs": trail(consultation.committee.project, consultation.committee, consultation),
        "cancel_url": consultation.get_absolute_url(),
    }
    return render(request, "committees/form.html", context)


# Agreed by telephone


def provisional_create(request: HttpRequest, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    allow(may_edit_committee(request.user, committee))
    form = ProvisionalForm(typed(request), instance=Resolution(committee=committee))
    kept: list[Resolution] = []
    if request.method == "POST" and form.is_valid():
        form.instance.entry_key = form.key
        form.instance.note_translations(form.changed_data)
        if accepted(
            form,
            lambda: kept.append(services.record_provisional(form.instance, by=request.user)),
        ):
            messages.success(
                request, _("It is provisional: the next agenda takes it up for ratification.")
            )
            return redirect(kept[0])
    context = {
        "form": form,
        "title": _("Record a provisional decision"),
        "intro": _(
            "For what was agreed by telephone because it could not wait. It counts as adopted only "
            "once a meeting has ratified it."
        ),
        "crumbs": trail(committee.project, committee),
        "cancel_url": committee.get_absolute_url(),
    }
    return render(request, "committees/form.html", context)


def resolution_ratify(request: HttpRequest, pk: int) -> HttpResponse:
    resolution = resolution_or_404(request.user, pk)
    allow(may_edit_resolution(request.user, resolution))
    items = items_to_ratify_on(resolution)
    if not resolution.is_provisional or not items.exists():
        messages.error(
            request,
            _(
                "A meeting ratifies it, on an item for decision: open that meeting, or record it "
                "afterwards, first."
            )
            if resolution.is_provisional
            else _("Only a provisional decision is ratified."),
        )
        return redirect(resolution)
    form = RatifyForm(typed(request), resolution=resolution, items=items)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(
            form,
            lambda: services.ratify(
                resolution,
                form.cleaned_data["item"],
                by=request.user,
                vote=form.vote,
                moment=form.cleaned_data["moment"],
            ),
        )
    ):
        return redirect(resolution)
    context = {
        "form": form,
        "title": _("Ratify %(name)s") % {"name": resolution},
        "intro": resolution.text,
        "submit": Resolution.STEPS["ratify"].label,
        "crumbs": trail(resolution.committee.project, resolution.committee, resolution),
        "cancel_url": resolution.get_absolute_url(),
    }
    return render(request, "committees/form.html", context)

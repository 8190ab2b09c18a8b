"""Decisions between meetings: written procedures and what was agreed by telephone."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.mail import confirmed_to_words, mail_stays
from accounts.models import User
from accounts.undo import OVER, due_at, messages_wait, take_back
from committees.asking import seat_recipients
from committees.consultations import services
from committees.consultations.forms import (
    CloseConsultationForm,
    ConsultationForm,
    EnteredBallotForm,
    ExtendForm,
    ProvisionalForm,
    RatifyForm,
    WithdrawalForm,
    items_to_ratify_on,
)
from committees.consultations.letters import consultation_letter
from committees.consultations.proposing import propose_thing
from committees.consultations.services import ask_seats, confirm_entered
from committees.consultations.views.reading import proposed, reading_context
from committees.history import history_shown
from committees.models import (
    Channel,
    Committee,
    Resolution,
    WrittenConsultation,
)
from committees.pages import committee_or_404, resolution_or_404, where_to_enter
from committees.permissions.minutes import (
    may_answer_consultation,
    may_run_consultation,
    seats_to_answer,
    visible_consultations,
)
from committees.permissions.resolutions import may_edit_resolution
from committees.permissions.seats import may_edit_committee
from kernel.cells import Action
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved, trail
from kernel.refusal import Refusal
from kernel.text import StrOrPromise
from kernel.undo import FIELD
from projects.models import Project
from projects.permissions.roles import note_place
from projects.sending.forms import DeliveredForm
from projects.sending.page import link_context, step_form, typed_day, undo_url, undone
from projects.sending.recipients import Recipient

Status = WrittenConsultation.Status


def consultation_or_404(user: User, pk: int) -> WrittenConsultation:
    project = get_object_or_404(Project.objects.visible_to(user), committee__consultations=pk)
    note_place(user, project)
    return get_object_or_404(visible_consultations(user, project).with_related(), pk=pk)


def own_consultation(request: Request, pk: int) -> WrittenConsultation:
    consultation = consultation_or_404(request.user, pk)
    ask(may_run_consultation(request.user, consultation))
    return consultation


# Reading


@require_safe
def consultation_detail(request: Request, pk: int) -> HttpResponse:
    consultation = consultation_or_404(request.user, pk)
    committee, user = consultation.committee, request.user
    may_edit = may_run_consultation(user, consultation)
    context = {
        **reading_context(consultation, user, seats_to_answer(user, consultation)),
        **proposed(request, consultation, user),
        "crumbs": trail(committee.project, committee),
        "may_edit": may_edit,
        "mail_stays": mail_stays(may_edit),
        "may_answer": may_answer_consultation(user, consultation),
        "steps": step_links(consultation) if may_edit else [],
        "entries": history_shown(user, consultation, committee.project),
    }
    return render(request, "committees/consultation_detail.html", context)


def step_links(consultation: WrittenConsultation) -> list[Action]:
    url = "committees:consultation-step"
    return [
        Action(button.label, reverse(url, args=[consultation.pk, verb]))
        for verb, button in BUTTONS.items()
        if consultation.may_take(button.step)
    ]


# Writing


@READ_OR_SAVE
def consultation_create(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    consultation = WrittenConsultation(committee=committee)
    propose_thing(consultation, request.GET)
    form = ConsultationForm(posted(request), instance=consultation)
    return proposal_page(request, form, _("New written procedure"), committee)


@READ_OR_SAVE
def consultation_edit(request: Request, pk: int) -> HttpResponse:
    consultation = own_consultation(request, pk)
    if consultation.status != Status.DRAFT:
        return not_now(request, consultation)
    form = ConsultationForm(posted(request), instance=consultation)
    return proposal_page(request, form, _("Edit the proposal"), consultation)


def proposal_page(
    request: Request, form: ConsultationForm, title: str, back: Committee | WrittenConsultation
) -> HttpResponse:
    """Ask for the proposal, and save it."""
    consultation: WrittenConsultation = form.instance
    if form.is_valid():
        consultation.entry_key = consultation.entry_key or form.cleaned_data.get("entry_key")
        form.note_translations()
        if kept := act(form, lambda: services.keep_consultation(consultation)):
            if "send" in request.POST:
                return redirect("committees:consultation-step", kept.result.pk, "open")
            return redirect(kept.result)
    return form_page(
        request,
        form,
        title=title,
        back=back,
        crumbs=trail(consultation.committee.project, consultation.committee),
        template="committees/consultation_form.html",
        consultation=consultation,
        intro=_(
            "Each voting seat answers by a day: agrees, abstains, or objects with a reason. "
            "Quorum and rule are those of a meeting."
        ),
    )


# Steps


@dataclass(frozen=True)
class ConsultationButton:
    """A step that the coordination may take: the label of its button, the transition that must be
    open, and the form to fill in."""

    label: StrOrPromise
    step: str
    form: type[forms.Form]


# By the verb in the address.
BUTTONS = {
    "open": ConsultationButton(WrittenConsultation.STEPS["open"].label, "open", DeliveredForm),
    "close": ConsultationButton(
        gettext_lazy("Count the answers and close"), "adopt", CloseConsultationForm
    ),
    "remind": ConsultationButton(
        WrittenConsultation.STEPS["remind"].label, "remind", DeliveredForm
    ),
    "extend": ConsultationButton(WrittenConsultation.STEPS["extend"].label, "extend", ExtendForm),
    "withdraw": ConsultationButton(
        WrittenConsultation.STEPS["withdraw"].label, "withdraw", WithdrawalForm
    ),
}


@READ_OR_SAVE
def consultation_step(request: Request, pk: int, verb: str) -> HttpResponse:
    consultation = own_consultation(request, pk)
    if verb not in BUTTONS:
        raise Http404
    button = BUTTONS[verb]
    if verb == "open" and FIELD in request.POST:
        return undone(request, consultation, verb, take_back_opening)
    if not consultation.may_take(button.step):
        return not_now(request, consultation)
    found: list[Recipient] | None = None
    if verb == "open" or (verb in SENT and services.silent_seats(consultation)):
        found = seat_recipients(services.terms_asked(consultation, silent_only=verb != "open"))
    form = step_form(request, button.form, found)
    if form.is_valid() and (
        taken := act(form, lambda: take(consultation, verb, form, request.user))
    ):
        sentence = taken.result or _("Done: “%(step)s”.") % {"step": button.label}
        undo = undo_url(request, consultation, verb) if verb == "open" else ""
        return saved(request, sentence, consultation, undo=undo)
    context = sent_context(request, consultation, found, form) if verb in SENT else {}
    return consultation_form(
        request,
        form,
        consultation,
        button.label,
        submit=button.label,
        danger=verb == "withdraw",
        **context,
    )


# The steps of which the seats get a message.
SENT = ("open", "remind", "extend")


def sent_context(
    request: Request,
    consultation: WrittenConsultation,
    found: list[Recipient] | None,
    form: forms.Form,
) -> dict[str, Any]:
    """Return what the page shows of the message. `found`: None if all have answered."""
    committee = consultation.committee
    consultation.answers_until = typed_day(request, "until") or consultation.answers_until
    context = link_context(
        request,
        found or [],
        partial(consultation_letter, consultation),
        form=form,
        all_answered=found is None,
        about=consultation,
        project=committee.project,
        page="committees:consultation-link",
        capacity=_("Seat"),
        enter_url=where_to_enter(request, committee.pk),
    )
    return {"template": "components/sending_page.html", **context}


def consultation_form(
    request: Request,
    form: forms.BaseForm,
    consultation: WrittenConsultation,
    title: StrOrPromise,
    **context: Any,
) -> HttpResponse:
    committee = consultation.committee
    return form_page(
        request,
        form,
        title=title,
        back=consultation,
        crumbs=trail(committee.project, committee, consultation),
        intro=consultation.text,
        consultation=consultation,
        **context,
    )


@transaction.atomic
def take(consultation: WrittenConsultation, verb: str, form: Any, by: User) -> str:
    """Take the step of the button, and return a sentence on its result."""
    data = form.cleaned_data
    match verb:
        case "open":
            services.open_consultation(consultation, by=by, why=form.with_delivery())
            with messages_wait():
                receipt = ask_seats(consultation, by=by, lines=form.lines)
                return receipt.said(waits=due_at() is not None)
        case "remind":
            if done := str(form.with_delivery()):
                consultation.take("remind", by=by, why=done)
                return done
            return ask_seats(consultation, by=by, silent_only=True, lines=form.lines).sentence
        case "extend":
            why = form.with_delivery(data["why"])
            services.extend_consultation(consultation, until=data["until"], why=why, by=by)
            return ask_seats(consultation, by=by, silent_only=True, lines=form.lines).sentence
        case "close":
            resolution = services.close_consultation(consultation, by=by, why=data["why"])
            if resolution is None:
                return _("Too few seats have answered: nothing is decided.")
            return f"{resolution}: {resolution.get_status_display()}"
    consultation.take("withdraw", by=by, why=data["why"])
    return ""


@transaction.atomic
def take_back_opening(consultation: WrittenConsultation, *, by: User) -> None:
    """Undo an opening of this half minute, unless somebody has answered on the page."""
    take_back(consultation, "open", by=by, opened_on=None)
    if consultation.ballots.exists():
        raise Refusal(OVER)


def not_now(request: Request, consultation: WrittenConsultation) -> HttpResponse:
    messages.error(
        request,
        _("The written procedure is “%(status)s”: this is not possible now.")
        % {"status": consultation.get_status_display()},
    )
    return redirect(consultation)


@READ_OR_SAVE
def ballot_enter(request: Request, pk: int) -> HttpResponse:
    """Record an answer that came by telephone, letter or messenger."""
    consultation = own_consultation(request, pk)
    if not consultation.takes_answers:
        return not_now(request, consultation)
    seats = services.voting_seats(consultation)
    form = EnteredBallotForm(posted(request), consultation=consultation, seats=seats)
    if form.is_valid() and (
        cast := act(
            form,
            lambda: services.cast_ballot(form.ballot(by=request.user, channel=Channel.TELEPHONE)),
        )
    ):
        told = confirmed_to_words(*confirm_entered(cast.result))
        return saved(request, f"{_('The answer was recorded.')} {told}", consultation)
    return consultation_form(request, form, consultation, _("Enter an answer"))


# Agreed by telephone


@READ_OR_SAVE
def provisional_create(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    form = ProvisionalForm(posted(request), instance=Resolution(committee=committee))
    if form.is_valid():
        form.instance.entry_key = form.key
        form.note_translations()
        if kept := act(form, lambda: services.record_provisional(form.instance, by=request.user)):
            sentence = _("It is provisional: the next agenda takes it up for ratification.")
            return saved(request, sentence, kept.result)
    return form_page(
        request,
        form,
        title=_("Record a provisional decision"),
        back=committee,
        crumbs=trail(committee.project, committee),
        intro=_(
            "For what was agreed by telephone because it could not wait. It counts as adopted only "
            "once a meeting has ratified it."
        ),
    )


@READ_OR_SAVE
def resolution_ratify(request: Request, pk: int) -> HttpResponse:
    resolution = resolution_or_404(request.user, pk)
    ask(may_edit_resolution(request.user, resolution))
    items = items_to_ratify_on(resolution)
    if not resolution.is_provisional or not items.exists():
        messages.error(
            request,
            _(
                "A meeting ratifies it, under an item for decision: first open that "
                "meeting, or record it afterwards."
            )
            if resolution.is_provisional
            else _("Only a provisional decision can be ratified."),
        )
        return redirect(resolution)
    form = RatifyForm(posted(request), resolution=resolution, items=items)
    if form.is_valid() and act(
        form,
        lambda: services.ratify(
            resolution,
            form.cleaned_data["item"],
            by=request.user,
            vote=form.vote,
            moment=form.cleaned_data["moment"],
        ),
    ):
        return redirect(resolution)
    return form_page(
        request,
        form,
        title=_("Ratify %(name)s") % {"name": resolution},
        back=resolution,
        crumbs=trail(resolution.committee.project, resolution.committee, resolution),
        intro=resolution.text,
        submit=Resolution.STEPS["ratify"].label,
    )

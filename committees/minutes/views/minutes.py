"""Reading minutes, and taking them from the draft to the seal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.undo import due_at, messages_wait
from committees import pages
from committees.asking import seat_recipients
from committees.history import history_shown
from committees.minutes.forms import (
    AdoptionForm,
    CirculationForm,
    MinutesRevisionForm,
    decisions_since,
)
from committees.minutes.services import minutes as services
from committees.minutes.services.minutes import next_meeting
from committees.minutes.services.notices import notify_seats, terms_of
from committees.minutes.services.text import unfinished
from committees.minutes.services.undoing import take_back_circulation
from committees.minutes.views.reading import (
    for_reader,
    offer_withdrawal,
    parts_for,
    reading_context,
    remarks_in_place,
    sent_context,
)
from committees.models import AgendaItem, Minutes, MinutesRemark, WrittenConsultation
from committees.pages import meeting_or_404, meeting_trail, session_of, steps_to_the_seal
from committees.permissions.meetings import may_edit_meeting, sees_meeting
from committees.permissions.minutes import (
    may_comment_minutes,
    may_write_minutes,
    open_consultation,
    seats_to_comment,
    visible_minutes,
    visible_minutes_remarks,
)
from committees.permissions.roles import may_see_names
from kernel.cells import Action
from kernel.lifecycle import StatusChange
from kernel.pages import READ_OR_SAVE, Crumbs, Request, act, ask, form_page, saved, trail
from kernel.text import LANGUAGES, StrOrPromise
from kernel.undo import FIELD
from projects.models import Project
from projects.permissions.institutions import without_names
from projects.permissions.roles import Role, note_place, roles_of
from projects.sending.forms import DeliveredForm
from projects.sending.page import step_form, undo_url, undone

# A written procedure in one of these states can no longer adopt the minutes.
ENDED = (
    *(WrittenConsultation.Status.REJECTED, WrittenConsultation.Status.NO_QUORUM),
    WrittenConsultation.Status.WITHDRAWN,
)


def ways_to_adopt(minutes: Minutes) -> dict[str, Any]:
    """Return the context of `committees/minutes_adopt.html`."""
    committee, following = minutes.meeting.committee, next_meeting(minutes)
    write = reverse("committees:consultation-create", args=[committee.pk])
    # The item of the next meeting that speaks of the minutes.
    items = AgendaItem.objects.on_agenda().filter(subjects__minutes=minutes)
    return {
        "committee": committee,
        "has_decisions": decisions_since(minutes).exists(),
        "following": following,
        "item": items.filter(meeting=following).first() if following else None,
        "consultation": minutes.consultations.exclude(status__in=ENDED).first(),
        "consult_url": f"{write}?minutes={minutes.pk}",
        "silence_is_over": minutes.silence_is_over,
        "has_objection": minutes.remarks.open().filter(is_objection=True).exists(),
    }


Status = Minutes.Status


def minutes_or_404(user: User, pk: int) -> Minutes:
    project = get_object_or_404(Project.objects.visible_to(user), committee__meetings__minutes=pk)
    note_place(user, project)
    return get_object_or_404(visible_minutes(user, project).with_related(), pk=pk)


def own_minutes(request: Request, pk: int) -> Minutes:
    """Return minutes that the person may write."""
    minutes = minutes_or_404(request.user, pk)
    ask(may_write_minutes(request.user, minutes))
    return minutes


# Reading


@require_safe
def minutes_detail(request: Request, pk: int) -> HttpResponse:
    minutes = minutes_or_404(request.user, pk)
    user, project = request.user, minutes.meeting.committee.project
    may_edit = may_write_minutes(user, minutes)
    shows_meeting = sees_meeting(user, minutes.meeting)
    may_comment = may_comment_minutes(user, minutes)
    changes = list(minutes.status_changes.order_by("-pk"))
    context = reading_context(request, minutes, user)
    parts = parts_for(minutes, user) if may_comment else {}
    remarks = (
        remarks_shown(user, minutes) if may_comment else visible_minutes_remarks(user, minutes)
    )
    context |= {
        **remarks_in_place(minutes, context["text"], remarks, parts),
        "crumbs": crumbs_of(minutes, sees_meeting=shows_meeting),
        "sees_meeting": shows_meeting,
        "unfinished": unfinished(minutes.meeting) if may_edit and not minutes.is_circulated else [],
        "may_edit": may_edit,
        "may_comment": may_comment,
        "consulted": open_consultation(user, minutes),
        "bar": steps_of(minutes, changes),
        "steps": step_links(minutes) if may_edit else [],
        "names": names_shown(user, minutes),
        "may_name": may_see_names(user, project),
        "versions": minutes.versions.defer("content") if may_edit else [],
        "translations": [
            {"language": language, "label": LANGUAGES[language]}
            for language in project.languages
            if language != minutes.language
        ],
        "entries": history_shown(user, minutes, project, changes),
    }
    return render(request, "committees/minutes_detail.html", context)


def remarks_shown(user: User, minutes: Minutes) -> list[MinutesRemark]:
    """Return the comments that the person sees; those of their seats may be withdrawn."""
    return offer_withdrawal(
        visible_minutes_remarks(user, minutes),
        {term.seat_id for term in seats_to_comment(user, minutes)},
        lambda pk: reverse("committees:minutes-remark-withdraw", args=[minutes.pk, pk]),
    )


def crumbs_of(minutes: Minutes, *, sees_meeting: bool) -> Crumbs:
    crumbs = meeting_trail(minutes.meeting)
    return crumbs if sees_meeting else crumbs[:-1]


def crumbs_below(user: User, minutes: Minutes) -> Crumbs:
    crumbs = crumbs_of(minutes, sees_meeting=sees_meeting(user, minutes.meeting))
    return crumbs + trail((minutes.label, minutes.get_absolute_url()))


def names_shown(user: User, minutes: Minutes) -> list[dict[str, Any]] | None:
    """Return the annex: all names for the coordination, for members those of people who agreed."""
    project, names = minutes.meeting.committee.project, minutes.names
    if not minutes.is_sealed or names is None:
        return None
    if may_see_names(user, project):
        return names
    if Role.MEMBER in roles_of(user, project):
        agreed = [row for row in names if row.get("may_be_named")]
        return [
            row if row["institution"] == after["institution"] else after | {"seat": ""}
            for row, after in zip(agreed, without_names(agreed), strict=True)
        ]
    return None


def steps_of(minutes: Minutes, changes: list[StatusChange]) -> list[dict[str, Any]]:
    """`changes`: of the state, the last first."""
    taken = [change for change in reversed(changes) if not change.is_undoing]
    dates = {change.to_status: change.happened_on for change in taken}
    return steps_to_the_seal(minutes.meeting, minutes, dates)


def step_links(minutes: Minutes) -> list[Action]:
    """Return the buttons of the coordination, first the one that brings the minutes further. The
    page of the adoption has all ways to it, silence among them."""
    return [
        Action(button.label, reverse("committees:minutes-step", args=[minutes.pk, verb]))
        for verb, button in BUTTONS.items()
        if minutes.may_take(button.step) and verb != "silence"
    ]


@require_safe
def minutes_version(request: Request, pk: int, number: int) -> HttpResponse:
    """Show the coordination a text that was circulated before."""
    minutes = own_minutes(request, pk)
    version = get_object_or_404(minutes.versions, number=number)
    context = reading_context(request, minutes, request.user)
    text = version.text_in(context["text_language"])
    context |= {
        "version": version,
        "text": for_reader(text, minutes, request.user),
        "crumbs": crumbs_below(request.user, minutes),
    }
    return render(request, "committees/minutes_version.html", context)


@require_safe
def meeting_minutes(request: Request, pk: int) -> HttpResponse:
    """Lead to the minutes of a meeting, or to the page where they are begun."""
    meeting = meeting_or_404(request.user, pk)
    project = meeting.committee.project
    if minutes := visible_minutes(request.user, project).filter(meeting=meeting).first():
        return redirect("committees:minutes", minutes.pk)
    if not may_edit_meeting(request.user, meeting):
        raise Http404
    return redirect("committees:minutes-create", pk)


# Steps


@transaction.atomic
@messages_wait()
def circulate(minutes: Minutes, form: Any, by: User) -> str:
    data = form.cleaned_data
    services.circulate(minutes, by=by, until=data["until"], why=form.with_delivery(data["why"]))
    receipt = notify_seats(minutes, by=by, lines=form.lines)
    return receipt.said(waits=due_at() is not None)


@transaction.atomic
def extend(minutes: Minutes, form: Any, by: User) -> str:
    data = form.cleaned_data
    services.extend_comments(
        minutes, by=by, until=data["until"], why=form.with_delivery(data["why"])
    )
    return notify_seats(minutes, by=by, lines=form.lines).sentence


@transaction.atomic
def finalise(minutes: Minutes, form: Any, by: User) -> str:
    services.finalise(minutes, by=by, why=form.with_delivery())
    return notify_seats(minutes, by=by, lines=form.lines).sentence


def silently(service: Callable[..., object]) -> Callable[[Minutes, forms.Form, User], str]:
    """Take a step of which nobody gets a message."""

    def take(minutes: Minutes, form: forms.Form, by: User) -> str:
        service(minutes, by=by, **form.cleaned_data)
        return ""

    return take


@dataclass(frozen=True)
class MinutesButton:
    """A step that the coordination may take: the label of its button, the transition that must be
    open, the form to fill in, and the action itself."""

    label: StrOrPromise
    step: str
    form: type[forms.Form]
    take: Callable[[Minutes, forms.Form, User], str]
    intro: StrOrPromise = ""


def _label(step: str) -> StrOrPromise:
    return Minutes.STEPS[step].label


# By the verb in the address.
BUTTONS = {
    "circulate": MinutesButton(
        _label("circulate"),
        "circulate",
        CirculationForm,
        circulate,
        gettext_lazy(
            "Members receive a link and may comment until that day. From now on, "
            "attendance and resolutions can no longer change."
        ),
    ),
    "finalise": MinutesButton(
        _label("finalise"),
        "finalise",
        DeliveredForm,
        finalise,
        gettext_lazy(
            "From now on, the wording can no longer change. Members are informed that "
            "this is the text to be adopted."
        ),
    ),
    "extend": MinutesButton(_label("extend"), "extend", CirculationForm, extend),
    "adopt": MinutesButton(
        pgettext_lazy("minutes", "Adopt"), "adopt", AdoptionForm, silently(services.adopt_minutes)
    ),
    "seal": MinutesButton(
        _label("seal"),
        "seal",
        forms.Form,
        silently(services.seal_minutes),
        gettext_lazy(
            "The text is closed for good, with its hash. Names go into an annex that can "
            "be destroyed later. Mistakes are corrected by a numbered erratum."
        ),
    ),
    "revise": MinutesButton(
        _label("revise"),
        "revise",
        MinutesRevisionForm,
        silently(services.revise),
        gettext_lazy(
            "Notes and records are open again; the minutes will have to be circulated again."
        ),
    ),
    "silence": MinutesButton(
        gettext_lazy("Record the adoption by silence"),
        "adopt",
        forms.Form,
        silently(services.adopt_by_silence),
        gettext_lazy("Nobody objected within the period set by the terms of reference."),
    ),
}


@READ_OR_SAVE
def minutes_step(request: Request, pk: int, verb: str) -> HttpResponse:
    minutes = own_minutes(request, pk)
    if verb not in BUTTONS:
        raise Http404
    button = BUTTONS[verb]
    if verb == "circulate" and FIELD in request.POST:
        return undone(request, minutes, verb, take_back_circulation)
    if not minutes.may_take(button.step):
        return not_now(request, minutes)
    found = seat_recipients(terms_of(minutes)) if verb in SENT else []
    facts = {"minutes": minutes} if verb == "adopt" else {}  # offers decisions since their meeting
    form = step_form(request, button.form, found, **facts)
    if form.is_valid() and (taken := act(form, lambda: button.take(minutes, form, request.user))):
        sentences = filter(None, [str(pages.MINUTES[verb]), taken.result])
        undo = undo_url(request, minutes, verb) if verb == "circulate" else ""
        done = session_of(minutes.meeting) if verb == "revise" else minutes  # to the notes
        return saved(request, " ".join(sentences), done, undo=undo)
    context: dict[str, Any] = {"intro": button.intro, "submit": button.label}
    if verb == "adopt":
        context |= {"template": "committees/minutes_adopt.html", **ways_to_adopt(minutes)}
    if verb in SENT:
        context |= {"template": "committees/minutes_check.html", **checked_before(minutes, verb)}
        context |= sent_context(request, minutes, verb, found, form)
    return minutes_form(request, form, minutes, button.label, **context)


# The steps of which members get a message.
SENT = ("circulate", "extend", "finalise")


def checked_before(minutes: Minutes, verb: str) -> dict[str, Any]:
    """Return what somebody looks at before the text goes out: what is unfinished, and the
    comments without an answer."""
    finalises, until = verb == "finalise", minutes.comments_until
    return {
        "unfinished": [] if verb == "extend" else unfinished(minutes.meeting),
        "unanswered": minutes.remarks.open().count() if finalises else 0,
        "ends_early": until if finalises and minutes.comments_are_open else None,
    }


def not_now(request: Request, minutes: Minutes) -> HttpResponse:
    messages.error(
        request,
        _("The minutes are “%(status)s”: this is not possible now.")
        % {"status": minutes.get_status_display()},
    )
    return redirect(minutes)


def minutes_form(
    request: Request,
    form: forms.BaseForm,
    minutes: Minutes,
    title: StrOrPromise,
    **context: Any,
) -> HttpResponse:
    crumbs = crumbs_below(request.user, minutes)
    return form_page(
        request, form, title=title, back=minutes, crumbs=crumbs, minutes=minutes, **context
    )

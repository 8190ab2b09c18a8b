"""Meetings: the list, the pages of one, planning and editing it, and the steps of its life."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from committees import pages
from committees.agenda.services.carry_over import offers_for
from committees.agenda.services.reading import Agenda
from committees.agenda.views.rows import agenda_context, links_to_things
from committees.history import meeting_history_entries
from committees.meetings.forms.meetings import (
    STEP_FORMS,
    MeetingFilterForm,
    MeetingForm,
    MeetingStepForm,
)
from committees.meetings.services.announced import AgendaSent
from committees.meetings.services.convening import pending
from committees.meetings.services.meetings import (
    adjourn_meeting,
    cancel_meeting,
    change_meeting,
    concerns_before,
    convene_meeting,
    create_meeting,
    next_meeting_number,
    postpone_meeting,
    reconvene_meeting,
    record_afterwards,
)
from committees.meetings.services.session import close_meeting, open_meeting
from committees.meetings.services.undoing import (
    remove_meeting,
    reopen_meeting,
    take_back,
    take_back_convening,
    take_back_opening,
    was_convened_before,
)
from committees.meetings.views.notice import (
    NOTICES,
    notice_context,
    recipients_before,
    warnings_before,
)
from committees.meetings.views.page import meeting_context
from committees.models import Committee, Meeting
from committees.models.meeting import MeetingQuerySet
from committees.pages import (
    committee_or_404,
    invitations_page,
    meeting_or_404,
    meeting_trail,
    session_of,
)
from committees.permissions.meetings import (
    every_visible_meeting,
    may_edit_meeting,
    visible_items,
)
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.roles import may_see_history, may_see_names
from committees.permissions.seats import may_edit_committee
from committees.plans.chain import followed_from
from committees.records import ProjectsList
from kernel.addresses import addresses
from kernel.cells import Action, Cell, Chip, Column
from kernel.formats import clock, day_in_table, number
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    posted,
    saved,
    trail,
)
from kernel.sorting import by_label, written
from kernel.text import columns_of
from kernel.undo import FIELD
from projects.choosing import links_shown
from projects.pages import Chain
from projects.sending.forms import with_lines
from projects.sending.page import say_sent, typed, undo_url, undone
from projects.sending.recipients import NoticeReceipt, languages_of

# Reading


class MeetingPages(ProjectsList[Meeting]):
    """The list of the meetings of all projects, or of one."""

    model, name, names, icon = Meeting, "meeting", "meetings", "calendar-event"
    title, new_label = gettext_lazy("Meetings"), gettext_lazy("Plan a meeting")
    filter_class, rows_on_a_page = MeetingFilterForm, 20
    empty_title = gettext_lazy("No meeting yet")
    empty_text = gettext_lazy("A meeting appears here as soon as your committee is convened.")
    empty_text_to_begin = gettext_lazy(
        "Plan one: it stays a draft that members do not see until you convene it."
    )
    no_match_title = gettext_lazy("No meeting matches")
    no_match_text = gettext_lazy("Choose another time or project.")

    def rows(self) -> MeetingQuerySet:
        found = every_visible_meeting(self.request.user)
        return found.to_list().order_by("-starts_at", "pk")

    def columns(self) -> list[Column]:
        statuses = dict(Meeting.Status.choices)
        return [
            Column("committee", _("Meeting"), self.name_cell, lambda: written("committee__name")),
            Column("day", _("Day"), day_cell, "starts_at"),
            Column("place", _("Place"), place_of),
            Column("status", _("Status"), status_cell, lambda: by_label("status", statuses)),
        ]

    def name_cell(self, meeting: Meeting) -> Cell:
        committee = meeting.committee
        notes = [] if self.place else [committee.project]
        return Cell(f"{meeting} · {committee}", self.meeting_url(meeting.pk), notes=notes)

    @cached_property
    def meeting_url(self) -> Callable[[int], str]:
        return addresses("committees:meeting")

    @cached_property
    def beginnings(self) -> list[Cell]:
        committees = Committee.objects.filter(project__in=self.edited).select_related("project")
        committees = committees.exclude(status=Committee.Status.DISSOLVED)
        committees = committees.only(*columns_of("name", "project__short_title"))
        url = addresses("committees:meeting-create")
        shown = committees[: int(links_shown(self.edited))]
        return [Cell(one, url(one.pk), notes=[one.project]) for one in shown]

    def counted(self, total: int) -> str:
        sentence = ngettext("%(number)s meeting", "%(number)s meetings", total)
        return sentence % {"number": number(total)}

    def list_context(self, rows: MeetingQuerySet) -> dict[str, Any]:
        register = _("Register of decisions and recommendations")
        facts = [] if self.place else [Action(register, reverse("committees:resolutions"))]
        return super().list_context(rows) | {"facts": facts}


def day_cell(meeting: Meeting) -> Cell:
    day = day_in_table(meeting.day)
    if meeting.time_is_known:
        day = f"{day}, {clock(meeting.starts_at, meeting.zone)} ({meeting.city})"
    return Cell(day, key=meeting.starts_at.isoformat())


def place_of(meeting: Meeting) -> str:
    return ", ".join(filter(None, (meeting.get_mode_display(), meeting.place)))


def status_cell(meeting: Meeting) -> Cell:
    return Cell(chips=[Chip(meeting.get_status_display(), meeting.status)])


@require_safe
def meeting_detail(request: Request, pk: int, template: str, chain: Chain) -> HttpResponse:
    """`template` and `chain` come with the address, from an app above this one."""
    meeting = meeting_or_404(request.user, pk)
    agenda = Agenda(request.user, meeting)
    context = meeting_context(request, meeting, "agenda", agenda=agenda)
    context |= agenda_context(request, meeting, agenda, context["changes"])
    return render(request, template, context | chain(request.user, meeting))


@require_safe
def meeting_resolutions(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    agenda = Agenda(request.user, meeting)
    context = meeting_context(request, meeting, "resolutions", agenda=agenda)
    links = links_to_things(agenda)
    context["resolutions"] = [
        {"resolution": one, "links": links["resolution", one.pk]}
        for one in sorted(agenda.resolutions, key=lambda one: one.kind)
    ]
    context |= followed_from(request.user, meeting)
    return render(request, "committees/meeting_resolutions.html", context)


@require_safe
def meeting_history(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    project = meeting.committee.project
    if not may_see_history(request.user, project):
        raise Http404
    context = meeting_context(request, meeting, "history")
    resolutions = visible_resolutions(request.user, project).filter(meeting=meeting)
    context["entries"] = meeting_history_entries(
        meeting,
        resolutions,
        items=visible_items(request.user, meeting).values_list("pk", flat=True),
        show_names=may_see_names(request.user, project),
    )
    return render(request, "committees/meeting_history.html", context)


# Planning


@READ_OR_SAVE
def meeting_create(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    meeting = Meeting(
        committee=committee,
        number=next_meeting_number(committee),
        is_constitutive=committee.status == Committee.Status.DRAFT,
    )
    form = MeetingForm(posted(request), instance=meeting)
    question = form.asks_again() if form.is_valid() else ""
    if form.is_valid() and not question and act(form, lambda: create_meeting(meeting)):
        sentence = _("The meeting is planned. Now write its agenda.")
        undo = reverse("committees:meeting-delete", args=[meeting.pk])
        return saved(request, sentence, first_page(meeting), undo=undo, made_at=committee)
    return form_page(
        request,
        form,
        title=_("Plan a meeting"),
        back=committee,
        crumbs=trail(committee.project, committee),
        question=question,
        submit=_("Save as it is") if question else None,
        template="committees/meeting_form.html",
    )


def first_page(meeting: Meeting) -> str:
    """Return the page of what the agenda may begin with; without any such, the empty agenda."""
    if meeting.is_past or not offers_for(meeting):
        return meeting.get_absolute_url()
    return reverse("committees:carry-over", args=[meeting.pk])


@READ_OR_SAVE
def meeting_edit(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    form = MeetingForm(posted(request), instance=meeting)
    question = form.asks_again() if form.is_valid() else ""
    if form.is_valid() and not question and act(form, lambda: change_meeting(meeting)):
        update = reverse("committees:meeting-invitations-update", args=[pk])
        return saved(request, _("The meeting was saved."), update if pending(meeting) else meeting)
    return form_page(
        request,
        form,
        title=_("Edit the meeting"),
        back=meeting,
        crumbs=meeting_trail(meeting),
        question=question,
        submit=_("Save as it is") if question else None,
        template="committees/meeting_form.html",
    )


@READ_OR_SAVE
def meeting_delete(request: Request, pk: int) -> HttpResponse:
    """Ask first; what was convened stays, and a sentence says what to do instead."""
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    return delete_page(
        request,
        meeting,
        done=meeting.committee.get_absolute_url(),
        delete=lambda: remove_meeting(meeting, by=request.user),
        crumbs=meeting_trail(meeting),
        intro=_(
            "Nobody was invited. Its agenda goes with it, and its number is free again. This "
            "cannot be undone."
        ),
    )


# Steps


@READ_OR_SAVE
def meeting_step(request: Request, pk: int, verb: str) -> HttpResponse:
    """Ask for the day and the reason, then take the step."""
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    if verb not in Meeting.STEPS:
        raise Http404
    if verb in UNDONE_AT_ONCE and FIELD in request.POST:
        return undone(request, meeting, verb, UNDONE_AT_ONCE[verb])
    if request.method != "POST" and not meeting.may_take(verb):
        messages.info(request, not_open(meeting, verb))
        return redirect(meeting)
    found, agenda = recipients_before(meeting, verb), AgendaSent(meeting)
    about: dict[str, Any] = {"meeting": meeting, "verb": verb, "languages": languages_of(found)}
    if verb == "convene":
        today = timezone.localdate(timezone=meeting.zone)
        about["concerns"] = concerns_before(meeting, agenda, found, on=today)
    form = STEP_FORMS.get(verb, MeetingStepForm)(**typed(request), **about)
    label = Meeting.STEPS[verb].label
    step = lambda: take_step(meeting, verb, request.user, with_lines(form.cleaned_data))  # noqa: E731
    if form.is_valid() and (taken := act(form, step)):
        known = verb == "convene" and was_convened_before(meeting)
        undo = undo_url(request, meeting, verb) if verb in UNDONE_AT_ONCE and not known else ""
        say_sent(request, pages.MEETING[verb], taken.result, undo)
        return redirect(page_after(meeting, verb))
    return form_page(
        request,
        form,
        title=label,
        back=meeting,
        crumbs=meeting_trail(meeting),
        submit=label,
        danger=verb == "cancel",
        cancel_label=_("Keep the meeting") if verb == "cancel" else "",
        template="committees/meeting_step.html",
        meeting=meeting,
        verb=verb,
        warnings=warnings_before(meeting, verb),
        **(notice_context(request, meeting, found, NOTICES[verb], agenda) if found else {}),
    )


def page_after(meeting: Meeting, verb: str) -> str:
    """Return the page on which the coordination continues: after convening the invitations, which
    show who got the message; after closing the minutes."""
    if verb in INTO_SESSION:
        return session_of(meeting)
    if verb == "close":
        return reverse("committees:meeting-minutes", args=[meeting.pk])
    if verb in {"convene", "reconvene"}:
        return invitations_page(meeting)
    return meeting.get_absolute_url()


def not_open(meeting: Meeting, verb: str) -> str:
    return _("The meeting is “%(status)s”: “%(step)s” is not possible now.") % {
        "status": meeting.get_status_display(),
        "step": Meeting.STEPS[verb].label,
    }


TAKEN_BACK = frozenset({"take_back", "take_back_record"})
UNDONE_AT_ONCE = {"convene": take_back_convening, "open": take_back_opening}
# After these steps the coordination goes on writing on the live page.
INTO_SESSION = frozenset({"open", "reopen", "record_afterwards"})


STEP_SERVICES: dict[str, Callable[..., NoticeReceipt | None]] = {
    "convene": convene_meeting,
    "open": open_meeting,
    "close": close_meeting,
    "record_afterwards": record_afterwards,
    "reopen": reopen_meeting,
    "adjourn": adjourn_meeting,
    "postpone": postpone_meeting,
    "cancel": cancel_meeting,
}


def take_step(meeting: Meeting, verb: str, by: User, data: dict[str, Any]) -> NoticeReceipt | None:
    if verb == "reconvene":
        names = ("starts_at", "ends_at", "on", "why", "lines")
        known = {name: data[name] for name in names if name in data}
        return reconvene_meeting(meeting, by=by, **known)
    if verb in TAKEN_BACK:
        take_back(meeting, verb, by=by, on=data["on"], why=data["why"])
        return None
    service = STEP_SERVICES.get(verb)
    if service is None:
        meeting.take(verb, by=by, on=data["on"], why=data["why"])
        return None
    return service(meeting, by=by, **data)

"""The page of one action: its progress, its terms in each version, and its chain."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.codes import confirm_use
from accounts.kept import offer_by_link, offer_to_person
from accounts.links import draft_of, link_page, record_use, token_of
from accounts.models import AccessEvent, AccessLink, User
from committees.asking import asking_page
from committees.models import Action, ActionPlan, Channel, ProgressNote
from committees.models.action import ActionQuerySet, ActionTermsQuerySet
from committees.permissions.amounts import amounts_read
from committees.permissions.meetings import visible_meetings
from committees.permissions.plans import (
    may_edit_plan,
    may_note_progress,
    notes_for,
    visible_actions,
    visible_note_files,
    visible_plans,
)
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.roles import may_see_names
from committees.plans.chain import mentions_of
from committees.plans.forms.progress import CoordinatorProgressForm, ProgressForm
from committees.plans.services.progress import NOTE_PURPOSE, asking_for_progress, note_progress
from kernel.files import serve
from kernel.formats import percent
from kernel.lifecycle import StatusChange
from kernel.pages import (
    READ_OR_SAVE,
    Done,
    Request,
    act,
    ask,
    form_page,
    posted,
    posted_files,
    saved,
    trail,
)
from kernel.text import columns_of
from partners.models import Institution
from partners.reading import named_institutions
from projects.pages import Chain
from projects.permissions.roles import may_edit


def action_or_404(user: User, pk: int) -> Action:
    action = get_object_or_404(Action.objects.select_related("project", "origin"), pk=pk)
    return get_object_or_404(
        visible_actions(user, action.project).select_related("project", "origin"), pk=pk
    )


@require_safe
def action_detail(request: Request, pk: int, template: str, chain: Chain) -> HttpResponse:
    """`template` and `chain` come with the address, from an app above this one."""
    user = request.user
    action = action_or_404(user, pk)
    plans = visible_plans(user, action.project)
    versions = list(
        action.terms.filter(plan__in=plans)
        .with_related()
        .select_related("plan__period")
        .order_by("-plan__period__start", "-plan__version")
    )
    current = current_of(versions)
    amounts = amounts_read(user, action.project)
    followed = action.is_followed
    show_names = may_see_names(user, action.project)
    context = {
        "action": action,
        "project": action.project,
        "current": current,
        "versions": [(one, one.budget if amounts.reads(one) else None) for one in versions],
        "may_note": followed and may_note_progress(user, action),
        "may_edit": bool(current) and may_edit_plan(user, current.plan),
        "show_budget": amounts.reads_any(versions),
        "is_followed": followed,
        "may_ask": followed and may_edit(user, action.project),
        **came_from(user, action),
        "mentions": mentions_of(user, action.project, action=action),
        "notes": list(action.notes.with_related()),
        "files_seen": set(visible_note_files(user, action).values_list("pk", flat=True)),
        "show_names": show_names,
        "story": action_history(action, show_names=show_names),
    }
    return render(request, template, context | chain(user, action))


@READ_OR_SAVE
def action_progress(request: Request, pk: int) -> HttpResponse:
    action = action_or_404(request.user, pk)
    ask(
        may_note_progress(request.user, action),
        _("Only the coordination and the institution responsible for the action note progress."),
    )
    if not action.is_followed:
        messages.error(
            request, _("Progress is noted while a plan with this action is in execution.")
        )
        return redirect(action)
    form = progress_form(request, action)
    if form.is_valid() and noted(form, by=request.user):
        return saved(request, _("The progress is noted."), action)
    return form_page(
        request,
        form,
        title=_("Note the progress"),
        back=action,
        crumbs=trail(action.project, action),
        template="committees/action_progress.html",
        # Who enters for institutions chooses from all of them.
        offer=None if isinstance(form, CoordinatorProgressForm) else offer_to_person(request),
    )


@READ_OR_SAVE
@never_cache
def action_ask(request: Request, pk: int) -> HttpResponse:
    """Ask the responsible institution for its progress by link, at any time."""
    action = action_or_404(request.user, pk)
    ask(may_edit(request.user, action.project))
    if (asking := asking_for_progress(action)) is None:
        raise Http404
    crumbs = trail(action.project, action)
    return asking_page(request, asking, action, title=_("Ask for progress by link"), crumbs=crumbs)


@require_safe
def note_file(request: Request, pk: int, file_pk: int) -> FileResponse:
    action = action_or_404(request.user, pk)
    file = get_object_or_404(visible_note_files(request.user, action), pk=file_pk)
    AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=file)
    return serve(file, filename=_("action %(reference)s") % {"reference": action.reference})


# The parts of these views


def progress_form(request: Request, action: Action) -> ProgressForm:
    """Return the form that fits the person: the coordination also enters what others report."""
    data, files = posted(request), posted_files(request)
    if may_edit(request.user, action.project):
        return CoordinatorProgressForm(data, files, action=action)
    return ProgressForm(data, files, action=action, institution=notes_for(request.user, action))


def noted(
    form: ProgressForm, *, by: User, channel: str = Channel.PORTAL
) -> Done[ProgressNote] | None:
    """Return the note once it is kept; if it was refused, the form shows why."""
    return act(form, lambda: note_progress(form.action, form.entry(by=by, channel=channel)))


def came_from(user: User, action: Action) -> dict[str, Any]:
    """Return the resolution that the action carries out and its meeting, if the reader sees them."""
    if not action.origin_id:
        return {"origin": None, "origin_meeting": None}
    origin = visible_resolutions(user, action.project).filter(pk=action.origin_id).first()
    meetings = visible_meetings(user, action.project).with_related()
    meeting = (
        meetings.filter(pk=origin.meeting_id).first() if origin and origin.meeting_id else None
    )
    return {"origin": origin, "origin_meeting": meeting}


def current_of(versions: list) -> Any:
    """Return the version in execution, or else the newest that the reader sees."""
    running = [terms for terms in versions if terms.plan.status == "in_execution"]
    return (running or versions or [None])[0]


def action_history(action: Action, *, show_names: bool) -> list[dict[str, Any]]:
    """Return what happened to the action, newest first; names are for the coordination only."""

    def entry(change: StatusChange) -> dict[str, Any]:
        return {
            "when": change.recorded_at,
            "text": change.label,
            "who": str(change.by) if show_names and change.by else "",
            "note": change.why,
        }

    return [entry(change) for change in action.status_changes.reverse()]


# By link


def _running(action: Action) -> ActionTermsQuerySet:
    terms = action.terms.filter(plan__status=ActionPlan.Status.IN_EXECUTION)
    columns = (
        "action",
        "plan__status",
        "responsible",
        "starts_on",
        "ends_on",
        *columns_of("title"),
    )
    return terms.select_related("plan").only(*columns).order_by("-plan__period__start", "-pk")


def _with_project(pk: int) -> ActionQuerySet:
    return Action.objects.filter(pk=pk).select_related("project").order_by()


def action_link_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a page of one action, which somebody of the responsible institution opens."""

    @wraps(view)
    def page(request: HttpRequest, link: AccessLink) -> HttpResponse:
        if not isinstance(action := link.thing, Action):
            raise Http404
        institution = notes_for(link.user, action)
        if institution is None:  # the person left, or the plan was closed
            raise Http404
        return view(request, link, action, institution)

    return link_page(NOTE_PURPOSE, read={Action: _with_project})(page)


@READ_OR_SAVE
@action_link_page
def action_link(
    request: HttpRequest, link: AccessLink, action: Action, institution: Institution
) -> HttpResponse:
    form = ProgressForm(
        posted(request), posted_files(request), action=action, institution=institution
    )
    if form.is_valid() and (note := noted(form, by=link.user, channel=Channel.LINK)):
        record_use(link, answer=note.result._meta.model_name)
        confirm_use(
            request,
            link,
            what=f"{action.reference}: {percent(note.result.share_done / 100)}",
            said=note.result.text,
            institution=institution,
            project=action.project,
            page="committees:action-link",
        )
        here = reverse("committees:action-link", args=[token_of(request)])
        return redirect(f"{here}?done={note.result.pk}")
    draft = draft_of(request)
    draft.fill_in(form)
    terms = _running(action)[0]  # `notes_for` found the plan in execution that has the action
    terms.action = action
    key = terms.responsible_id
    terms.responsible = institution if key == institution.pk else named_institutions([key])[key]
    own = action.notes.with_related().filter(institution=form.institution)
    context = {
        "action": action,
        "terms": terms,
        "project": action.project,
        "form": form,
        "draft": draft,
        "title": terms.title,
        "notes": list(own),
        "done": confirmation_for(request.GET.get("done", ""), own),
        "by_link": True,
        "offer": offer_by_link(request, link, token_of(request)),
        "submit": _("Note the progress"),
    }
    return render(request, "committees/action_link.html", context)


def confirmation_for(name: str, notes: Iterable[ProgressNote]) -> str:
    """Return the confirmation of the note just given, read from the stored one."""
    found = [note for note in notes if str(note.pk) == name]
    if not found:
        return ""
    return _("Noted: %(share)s %% done. Thank you.") % {"share": found[0].share_done}

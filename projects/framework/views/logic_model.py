"""Pages of the logic model: its tree and picture, renumbering, approved versions and
differences."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.frozen import Content
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    form_page,
    locked,
    posted,
    save_page,
    saved,
    trail,
)
from projects.framework.forms.results import (
    ApprovalForm,
    DonorApprovalForm,
    RenumberForm,
    ResultMoveForm,
    ResultShiftForm,
    VersionCompareForm,
)
from projects.framework.logic_checks import findings
from projects.framework.numbering import NewCode, fingerprint
from projects.framework.outline import (
    Branch,
    LocalizedText,
    branches,
    compare,
    content_of,
    diagrams,
    has_illustrative,
)
from projects.framework.services.workbooks import (
    approve_logic_model,
    lock_tree,
    outline_of,
    preview,
    renumber,
    shift,
)
from projects.models import Activity, LogicModelVersion, Project
from projects.pages import editable_project, project_page, reverse_in, visible_project
from projects.permissions.amendments import visible_amendments
from projects.permissions.roles import may_edit, works_for


@dataclass(frozen=True)
class LogicModelRow:
    """A result in the list below the picture. `adds`: the name of the level below it, where results
    may be added; `may_move`: whether it can belong to another result."""

    branch: Branch
    activities: list[Activity]
    adds: str
    may_move: bool
    is_first: bool
    is_last: bool
    children: list["LogicModelRow"]


@require_safe
def logic_model(request: Request, code: str) -> HttpResponse:
    project, user = visible_project(request.user, code), request.user
    tree = outline_of(project)
    content = content_of(project, tree)
    activities = list(project.activities.select_related("result"))
    versions = list(project.logic_versions.defer("content"))
    latest = project.logic_versions.first() if versions else None
    context = {
        "title": _("Logic model"),
        "preset": project.donor_preset,
        "rows": _rows(project, branches(content), activities),
        "pictures": diagrams(content),
        "has_illustrative": has_illustrative(content),
        "versions": versions,
        "is_changed": latest is not None and bool(compare(latest.outline, content)),
        "findings": findings(project, tree, activities) if works_for(user, project) else None,
        "may_edit": may_edit(user, project),
    }
    return project_page(request, "projects/logic_model.html", project, context, tab="logic-model")


def _rows(
    project: Project, found: list[Branch], activities: Iterable[Activity] = ()
) -> list[LogicModelRow]:
    of_result = defaultdict(list)
    for activity in activities:
        activity.project = project
        of_result[activity.result_id].append(activity)
    return [_row(project, branch, found, of_result) for branch in found]


def _row(
    project: Project,
    branch: Branch,
    siblings: list[Branch],
    of_result: Mapping[int | None, list[Activity]],
) -> LogicModelRow:
    level = [each for each in siblings if each.level == branch.level]
    below = project.donor_preset.below(branch.level)
    return LogicModelRow(
        branch=branch,
        activities=of_result.get(branch.pk, []),
        adds=below[0].name if below else "",
        may_move=branch.level != project.donor_preset.top.key,
        is_first=branch is level[0],
        is_last=branch is level[-1],
        children=[_row(project, each, branch.children, of_result) for each in branch.children],
    )


@require_POST
def logic_shift(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    form = ResultShiftForm(request.POST)
    form.is_valid()
    chosen = form.cleaned_data.get("up") or form.cleaned_data.get("down")
    if not chosen:
        messages.error(request, _("Press one of the arrows beside a result."))
        return redirect(reverse_in(project, "logic-model"))
    result = get_object_or_404(project.results, pk=chosen)
    if not shift(result, by_places=-1 if form.cleaned_data.get("up") else 1):
        sentence = _("%(code)s is already at the end.") % {"code": result.code}
        return saved(request, sentence, _at(project, result.pk))
    sentence = _("%(code)s was moved. Its code stays until you renumber.") % {"code": result.code}
    return saved(request, sentence, _at(project, result.pk))


def _at(project: Project, pk: int) -> str:
    return f"{reverse_in(project, 'logic-model')}#r{pk}"


def logic_crumbs(project: Project, *more: tuple[str, str]) -> Crumbs:
    return trail(project, (_("Logic model"), reverse_in(project, "logic-model")), *more)


@READ_OR_SAVE
def result_move(request: Request, code: str, pk: int) -> HttpResponse:
    """Move a result, with everything below it, below another result."""
    project = editable_project(request.user, code)
    if request.method == "POST":
        lock_tree(project)
    result = get_object_or_404(locked(request, project.results.all()), pk=pk)
    form = ResultMoveForm(posted(request), instance=result)
    sentence = _("%(code)s was moved. Its code stays until you renumber.") % {"code": result.code}
    return save_page(
        request,
        form,
        sentence=sentence,
        title=_("Move %(code)s") % {"code": result.code},
        intro=_("Everything below it moves along, and so do its indicators."),
        submit=_("Move"),
        back=_at(project, result.pk),
        crumbs=logic_crumbs(project, (result.code, result.get_absolute_url())),
    )


@READ_OR_SAVE
def logic_renumber(request: Request, code: str) -> HttpResponse:
    """Preview all changes of codes; make them unless the tree has changed since the preview."""
    project = editable_project(request.user, code)
    form = RenumberForm(posted(request))
    try:
        if form.is_valid():
            renumber(project, seen=form.cleaned_data["seen"])
            done = reverse_in(project, "logic-model")
            return saved(request, _("The results were renumbered."), done)
        changes = preview(project)
    except ValidationError as error:
        form = RenumberForm({"seen": "-"})
        form.add_error(None, error)
        changes = _preview_or_nothing(project)
    context = {
        "project": project,
        "form": form,
        "changes": changes,
        "seen": fingerprint(changes),
        "crumbs": logic_crumbs(project),
    }
    return render(request, "projects/logic_renumber.html", context)


def _preview_or_nothing(project: Project) -> list[NewCode]:
    try:
        return preview(project)
    except ValidationError:
        return []


@READ_OR_SAVE
def logic_approve(request: Request, code: str) -> HttpResponse:
    """Record the approval of the present tree as a new version. If the latest version, validated by
    the committee, equals the present tree, record the donor's approval of it instead."""
    project = editable_project(request.user, code)
    if request.method == "POST":
        lock_tree(project)
    latest = project.logic_versions.first()
    if latest and latest.awaits_donor and not compare(latest.outline, _present_content(project)):
        return _donor_approval(request, project, latest)
    number = latest.number + 1 if latest else 1
    version = LogicModelVersion(project=project, number=number)
    form = ApprovalForm(posted(request), instance=version)
    if form.is_valid():
        form.note_translations()
        if act(form, lambda: approve_logic_model(version, by=request.user)):
            sentence = _("%(version)s of the logic model is kept.") % {"version": version}
            return saved(request, sentence, version)
    return form_page(
        request,
        form,
        title=_("Record an approval: version %(number)s") % {"number": number},
        intro=_(
            "The results and their indicators are kept as they read now, in all "
            "languages, and can never be changed afterwards."
        ),
        submit=_("Keep this version"),
        crumbs=logic_crumbs(project),
    )


def _present_content(project: Project) -> Content:
    return content_of(project, outline_of(project))


def _donor_approval(request: Request, project: Project, version: LogicModelVersion) -> HttpResponse:
    form = DonorApprovalForm(posted(request), instance=version)
    return save_page(
        request,
        form,
        sentence=_("%(version)s is approved by the donor, too.") % {"version": version},
        to=version,
        title=_("Record the donor's approval: version %(number)s") % {"number": version.number},
        intro=_("The results still read as they were validated; nothing has changed since."),
        back=reverse_in(project, "logic-model"),
        crumbs=logic_crumbs(project, (str(version), version.get_absolute_url())),
    )


@require_safe
def logic_version(request: Request, code: str, number: int) -> HttpResponse:
    project, user = visible_project(request.user, code), request.user
    version = _version(project, number)
    amendments = visible_amendments(user, project)
    amendment = amendments.filter(pk=version.amendment_id).first() if version.amendment_id else None
    if amendment:
        amendment.project = project
    context = {
        "project": project,
        "version": version,
        "preset_name": LocalizedText.of(version.outline["preset"]["name"]).text,
        "rows": _rows(project, branches(version.outline)),
        "pictures": diagrams(version.outline),
        "has_illustrative": has_illustrative(version.outline),
        "amendment": amendment,
        "before": project.logic_versions.defer("content").filter(number=number - 1).first(),
        "shows_names": works_for(user, project),
        "crumbs": logic_crumbs(project),
    }
    return render(request, "projects/logic_version.html", context)


@require_safe
def logic_version_changes(request: Request, code: str, number: int) -> HttpResponse:
    """Compare a version with an earlier one."""
    project = visible_project(request.user, code)
    version = _version(project, number)
    before = _version(project, _since(request) or number - 1)
    return _changes(request, project, before, version.outline, version)


@require_safe
def logic_changes(request: Request, code: str) -> HttpResponse:
    """Compare the present tree with the latest approved version, or with an earlier one."""
    project = visible_project(request.user, code)
    latest = project.logic_versions.defer("content").first()
    before = _version(project, _since(request) or (latest.number if latest else 0))
    return _changes(request, project, before, _present_content(project), None)


def _since(request: Request) -> int | None:
    form = VersionCompareForm(request.GET)
    return form.cleaned_data["since"] if form.is_valid() else None


def _version(project: Project, number: int) -> LogicModelVersion:
    return get_object_or_404(project.logic_versions.select_related("recorded_by"), number=number)


def _changes(
    request: Request,
    project: Project,
    before: LogicModelVersion,
    content: Content,
    after: LogicModelVersion | None,
) -> HttpResponse:
    earlier = project.logic_versions.defer("content")
    context = {
        "project": project,
        "before": before,
        "after": after,
        "differences": compare(before.outline, content),
        "earlier": list(earlier.filter(number__lt=after.number) if after else earlier),
        "crumbs": logic_crumbs(project),
    }
    return render(request, "projects/logic_changes.html", context)

"""Pages on which the coordination writes a plan: a new plan or version, its actions, and its workbook."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, PlanUpload, Resolution
from committees.permissions.plans import may_create_plan, may_edit_plan, plans_visible_in
from committees.permissions.resolutions import visible_resolutions
from committees.plans.forms.plans import ActionForm, PlanForm
from committees.plans.services.importing import PlanImport
from committees.plans.services.lifecycle import remove_action
from committees.plans.services.removing import remove_plan
from committees.plans.services.workbooks import (
    marked_workbook,
    reading_of,
    receive_workbook,
    workbook_of,
    write_import,
)
from committees.plans.services.writing import begin_plan, left_over
from committees.plans.views.parts import name_of, plan_or_404, plan_trail
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    posted,
    posted_files,
    saved,
    trail,
)
from kernel.workbook_forms import WorkbookConfirmForm, WorkbookForm
from projects.models import Project, Result
from projects.pages import reverse_in
from projects.permissions.roles import roles_everywhere


@READ_OR_SAVE
def plan_create(request: Request, code: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), code=code)
    ask(may_create_plan(request.user, project))

    plans_page = reverse_in(project, "plans")
    initial = {"period": request.GET.get("period", "")}
    plans = plans_visible_in(request.user, roles_everywhere(request.user))
    form = PlanForm(posted(request), initial=initial, project=project, plans=plans)
    if form.is_valid():
        period = form.cleaned_data["period"]
        if not (
            begun := act(request, lambda: begin_plan(period, **form.beginning, by=request.user))
        ):
            return redirect(period.plans.order_by("-version").first() or request.path)
        plan = begun.result
        undo = reverse("committees:plan-delete", args=[plan.pk])
        said = _("%(plan)s was started.") % {"plan": plan}
        page = f"committees:plan-{'carry-over' if left_over(plan) else 'write'}"
        return saved(request, said, page, plan.pk, undo=undo, made_at=plans_page)
    return form_page(
        request,
        form,
        title=_("New action plan"),
        back=plans_page,
        crumbs=trail(project, (_("Action plans"), plans_page)),
        submit=_("Start the plan"),
        template="committees/plan_form.html",
        project=project,
        has_years=form.has_years,
    )


@READ_OR_SAVE
def plan_delete(request: Request, pk: int) -> HttpResponse:
    """Ask first; a plan that others have seen stays, and a sentence says what to do instead."""
    plan = plan_to_write(request.user, pk)
    return delete_page(
        request,
        plan,
        done=reverse_in(plan.project, "plans"),
        delete=lambda: remove_plan(plan, by=request.user),
        crumbs=plan_trail(plan),
        intro=_(
            "No institution has seen it. Its actions go with it, except those that another version "
            "has as well. This cannot be undone."
        ),
    )


@READ_OR_SAVE
def action_create(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    origin = origin_asked(request, plan)
    result = result_asked(request, plan)
    form = ActionForm(
        posted(request),
        instance=ActionTerms(plan=plan),
        initial={"origin": origin.pk if origin else None},
        user=request.user,
        result=result,
    )
    if form.is_valid() and (made := act(form, form.record)):
        sentence = _("Action %(reference)s is in the plan.")
        undo = reverse("committees:action-remove", args=[plan.pk, form.instance.pk])
        return action_saved(request, plan, made.result, sentence, undo)
    return action_page(request, plan, form, title=_("New action"), origin=origin)


@READ_OR_SAVE
def action_edit(request: Request, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    terms = get_object_or_404(plan.terms.with_related(), pk=terms_pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    terms.plan = plan
    form = ActionForm(posted(request), instance=terms, user=request.user)
    if form.is_valid() and (changed := act(form, form.record)):
        sentence = _("Action %(reference)s was changed.")
        return action_saved(request, plan, changed.result, sentence)
    return action_page(request, plan, form, title=str(terms.action))


@READ_OR_SAVE
def action_remove(request: Request, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    terms = get_object_or_404(plan.terms.with_related(), pk=terms_pk)
    sentence = _("Action %(reference)s was removed from this version.")
    kept = _(
        "Earlier versions keep it, and so do the remarks made on it. If nobody has mentioned it yet, "
        "it disappears altogether."
    )
    return delete_page(
        request,
        terms,
        back=plan.get_absolute_url(),
        done=plan.get_absolute_url(),
        delete=lambda: remove_action(terms),
        sentence=sentence % {"reference": terms.action.reference},
        crumbs=plan_trail(plan),
        title=_("Remove the action from this version"),
        intro=f"{terms}. {kept}",
        submit=_("Remove the action"),
    )


@require_safe
def action_from_resolution(request: Request, pk: int) -> HttpResponse:
    """Turn a resolution into an action of the one plan that is open to writing, or of the one that
    the coordination chooses."""
    resolution = get_object_or_404(
        Resolution.objects.filter(
            committee__project__in=Project.objects.visible_to(request.user)
        ).select_related("committee__project"),
        pk=pk,
    )
    project = resolution.committee.project
    if not visible_resolutions(request.user, project).filter(pk=pk).exists():
        raise Http404
    ask(may_create_plan(request.user, project))

    plans = list(project.plans.filter(status__in=ActionPlan.OPEN_TERMS).with_related())
    if len(plans) == 1:
        return redirect(f"{reverse('committees:action-create', args=[plans[0].pk])}?origin={pk}")
    context = {"resolution": resolution, "project": project, "plans": plans}
    return render(request, "committees/action_from.html", context)


# The parts of these views


def plan_to_write(user: User, pk: int) -> ActionPlan:
    plan = plan_or_404(user, pk)
    ask(may_edit_plan(user, plan))
    return plan


def action_page(
    request: Request,
    plan: ActionPlan,
    form: ActionForm,
    *,
    title: str,
    origin: Resolution | None = None,
) -> HttpResponse:
    return form_page(
        request,
        form,
        title=title,
        back=plan,
        crumbs=plan_trail(plan),
        template="committees/action_form.html",
        plan=plan,
        origin=origin,
    )


def action_saved(
    request: Request, plan: ActionPlan, action: Action, sentence: str, undo: str = ""
) -> HttpResponse:
    """`undo`: where an action is removed that is new."""
    said = sentence % {"reference": action.reference}
    return saved(request, said, plan.url_of(action.pk), undo=undo, made_at=plan)


def terms_closed(request: Request, plan: ActionPlan) -> HttpResponse:
    messages.error(request, plan.why_terms_are_closed)
    return redirect(plan)


def origin_asked(request: Request, plan: ActionPlan) -> Resolution | None:
    """Return the resolution of `?origin=`, if the person sees it in this project."""
    if "origin" not in request.GET:
        return None
    seen = visible_resolutions(request.user, plan.project).adopted()
    origin: Resolution = get_object_or_404(seen, pk=number_or_404(request.GET["origin"]))
    return origin


def result_asked(request: Request, plan: ActionPlan) -> Result | None:
    if "result" not in request.GET:
        return None
    return get_object_or_404(plan.project.results, pk=number_or_404(request.GET["result"]))


def number_or_404(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


# As a workbook


GIVE, CHECK = "committees:plan-workbook", "committees:plan-workbook-check"


@READ_OR_SAVE
def plan_workbook(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    form = WorkbookForm(posted(request), posted_files(request))
    if form.is_valid() and act(
        form, lambda: receive_workbook(plan, form.cleaned_data["file"], owner=request.user)
    ):
        return redirect(CHECK, plan.pk)
    return form_page(
        request,
        form,
        title=_("The plan as a workbook"),
        back=plan,
        crumbs=plan_trail(plan),
        submit=_("See the changes"),
        template="committees/plan_workbook.html",
        plan=plan,
        waiting=own_upload(request, plan),
    )


@require_safe
def plan_workbook_download(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    return handed_out(request, workbook_of(plan), name_of(plan, "plan"), thing=plan)


@READ_OR_SAVE
def plan_workbook_check(request: Request, pk: int) -> HttpResponse:
    """Show every change that the workbook would make; pressing the button makes them all."""
    plan = plan_to_write(request.user, pk)
    upload = own_upload(request, plan)
    if upload is None:
        messages.info(request, _("No workbook is waiting here: upload one."))
        return redirect(GIVE, plan.pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    if not (read := act(request, lambda: reading_of(upload, plan))):
        return redirect(GIVE, plan.pk)
    found = read.result
    form = WorkbookConfirmForm(posted(request), initial={"seen": found.fingerprint})
    if form.is_valid():
        chosen = form.cleaned_data
        if written := act(request, lambda: write_import(upload, plan, by=request.user, **chosen)):
            return saved(request, count_of(written.result), plan)
        return redirect(CHECK, plan.pk)
    context = {
        "plan": plan,
        "form": form,
        "found": found,
        "check": {
            name: reverse(f"committees:plan-workbook{ending}", args=[plan.pk])
            for name, ending in (("again", ""), ("problems", "-problems"), ("discard", "-discard"))
        },
        "title": _("Changes of the workbook"),
        "crumbs": plan_trail(plan),
    }
    return render(request, "committees/plan_workbook_check.html", context)


@require_safe
def plan_workbook_problems(request: Request, pk: int) -> HttpResponse:
    """Hand out the same workbook with its problems marked and explained."""
    plan = plan_to_write(request.user, pk)
    upload = own_upload(request, plan)
    if upload is None or not (read := act(request, lambda: reading_of(upload, plan))):
        return redirect(GIVE, plan.pk)
    content = marked_workbook(plan, read.result)
    return handed_out(request, content, name_of(plan, "marked"), thing=plan, what="marked")


@require_POST
def plan_workbook_discard(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if upload := own_upload(request, plan):
        upload.discard()
        messages.success(request, _("The workbook was deleted and nothing was saved."))
    return redirect(plan)


def own_upload(request: Request, plan: ActionPlan) -> PlanUpload | None:
    return PlanUpload.objects.filter(plan=plan, owner=request.user).first()


def count_of(found: PlanImport) -> str:
    number = len(found.added) + len(found.changed) + len(found.removed)
    return ngettext(
        "%(count)d row of the workbook is now in the plan.",
        "%(count)d rows of the workbook are now in the plan.",
        number,
    ) % {"count": number}

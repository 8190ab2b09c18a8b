"""Pages on which the coordination writes a plan: a new plan or version, and its actions."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from committees.models import ActionPlan, ActionTerms, Resolution
from committees.pages import errors_by_field
from committees.permissions.plans import may_create_plan, may_edit_plan
from committees.permissions.resolutions import visible_resolutions
from committees.plans.forms.plans import ActionForm, PlanForm
from committees.plans.services.lifecycle import create_plan, remove_action
from committees.plans.services.writing import left_over
from committees.plans.views.parts import plan_or_404
from kernel.refusal import Refusal
from projects.models import Project, Result

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@form_methods
def plan_create(request: HttpRequest, code: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), code=code)
    if not may_create_plan(request.user, project):
        raise PermissionDenied

    initial = {"period": request.GET.get("period", "")}
    form = PlanForm(request.POST or None, initial=initial, project=project)
    if form.is_valid():
        period = form.cleaned_data["period"]
        try:
            plan = create_plan(period, by=request.user)
        except Refusal as error:
            messages.error(request, str(error))
            plan = period.plans.order_by("-version").first()
        else:
            messages.success(request, _("%(plan)s is begun.") % {"plan": plan})
            if left_over(plan):
                return redirect("committees:plan-carry-over", plan.pk)
        return redirect(plan)

    context = {
        "form": form,
        "title": _("New action plan"),
        "submit": _("Begin the plan"),
        "project": project,
        "has_years": form.fields["period"].queryset.exists(),
        "cancel_url": reverse("committees:plans"),
    }
    return render(request, "committees/plan_form.html", context)


@form_methods
def action_create(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if not plan.terms_are_open:
        return refuse(request, plan)
    origin = origin_asked(request, plan)
    result = result_asked(request, plan)
    form = ActionForm(
        request.POST or None,
        instance=ActionTerms(plan=plan),
        initial={"origin": origin.pk if origin else None},
        user=request.user,
        result=result,
    )
    if form.is_valid() and kept(form):
        messages.success(request, _("Action %(reference)s is in the plan.") % named(form))
        return redirect(f"{plan.get_absolute_url()}#action-{form.instance.action_id}")

    return action_page(request, plan, form, title=_("New action"), origin=origin)


@form_methods
def action_edit(request: HttpRequest, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    terms = get_object_or_404(plan.terms.with_related(), pk=terms_pk)
    if not plan.terms_are_open:
        return refuse(request, plan)
    terms.plan = plan
    form = ActionForm(request.POST or None, instance=terms, user=request.user)
    if form.is_valid() and kept(form):
        messages.success(request, _("Action %(reference)s is changed.") % named(form))
        return redirect(f"{plan.get_absolute_url()}#action-{terms.action_id}")

    return action_page(request, plan, form, title=str(terms.action))


@form_methods
def action_remove(request: HttpRequest, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    terms = get_object_or_404(plan.terms.with_related(), pk=terms_pk)
    if request.method != "POST":
        return render(request, "committees/action_remove.html", {"plan": plan, "terms": terms})

    try:
        remove_action(terms)
    except Refusal as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("Action %(reference)s is out of this version.")
            % {"reference": terms.action.reference},
        )
    return redirect(plan)


@require_http_methods(["GET", "HEAD"])
def action_from_resolution(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn a decision or recommendation into an action: of the one plan that is open to writing,
    or of the one that the coordination chooses."""
    resolution = get_object_or_404(
        Resolution.objects.of_visible_projects(request.user).select_related("committee__project"),
        pk=pk,
    )
    project = resolution.committee.project
    if not visible_resolutions(request.user, project).filter(pk=pk).exists():
        raise Http404
    if not may_create_plan(request.user, project):
        raise PermissionDenied

    plans = list(project.plans.open_to_writing().with_related())
    if len(plans) == 1:
        return redirect(f"{reverse('committees:action-create', args=[plans[0].pk])}?origin={pk}")
    context = {"resolution": resolution, "project": project, "plans": plans}
    return render(request, "committees/action_from.html", context)


# The parts of these views


def plan_to_write(user: User, pk: int) -> ActionPlan:
    plan = plan_or_404(user, pk)
    if not may_edit_plan(user, plan):
        raise PermissionDenied
    return plan


def action_page(
    request: HttpRequest,
    plan: ActionPlan,
    form: ActionForm,
    *,
    title: str,
    origin: Resolution | None = None,
) -> HttpResponse:
    context = {
        "plan": plan,
        "form": form,
        "title": title,
        "origin": origin,
        "cancel_url": plan.get_absolute_url(),
    }
    return render(request, "committees/action_form.html", context)


def refuse(request: HttpRequest, plan: ActionPlan) -> HttpResponse:
    messages.error(request, plan.why_terms_are_closed)
    return redirect(plan)


def origin_asked(request: HttpRequest, plan: ActionPlan) -> Resolution | None:
    """The resolution of `?origin=`: one of this project that the person sees, or a 404."""
    if "origin" not in request.GET:
        return None
    seen = visible_resolutions(request.user, plan.project).adopted()
    return get_object_or_404(seen, pk=number_or_404(request.GET["origin"]))


def result_asked(request: HttpRequest, plan: ActionPlan) -> Result | None:
    if "result" not in request.GET:
        return None
    return get_object_or_404(plan.project.results, pk=number_or_404(request.GET["result"]))


def number_or_404(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def kept(form: ActionForm) -> bool:
    """Save; what came between the check and the writing becomes a sentence on the form."""
    try:
        form.save()
    except Refusal as error:
        form.add_error(None, str(error))
    except ValidationError as error:
        for name, sentences in errors_by_field(error).items():
            form.add_error(name if name in form.fields else None, sentences)
    except IntegrityError:
        form.add_error(
            "reference",
            _("Somebody has just used this reference: take the next one and save again."),
        )
    return not form.errors


def named(form: ActionForm) -> dict[str, Any]:
    return {"reference": form.instance.action.reference}

"""Shifting an action in execution within the committee's tolerance."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from committees.models import ActionPlan, Committee
from committees.pages import accepted, allow, typed
from committees.permissions.plans import may_edit_plan
from committees.plans.forms.shifts import ShiftForm
from committees.plans.services.shifts import validated_values
from committees.plans.views.parts import plan_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def action_shift(request: HttpRequest, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_or_404(request.user, pk)
    allow(may_edit_plan(request.user, plan))
    terms = get_object_or_404(plan.terms.with_related().prefetch_related("shifts"), pk=terms_pk)
    terms.plan = plan
    if plan.status != ActionPlan.Status.IN_EXECUTION:
        messages.error(request, _("Only an action of a plan in execution is shifted."))
        return redirect(plan)
    form = ShiftForm(typed(request), instance=terms)
    if form.is_valid() and accepted(form, lambda: form.save(by=request.user)):
        messages.success(
            request,
            _("Action %(reference)s is shifted. The next meeting is told.")
            % {"reference": terms.action.reference},
        )
        return redirect(f"{plan.get_absolute_url()}#action-{terms.action_id}")
    context = {
        "plan": plan,
        "terms": terms,
        "form": form,
        "title": _("Shift action %(reference)s") % {"reference": terms.action.reference},
        "committee": Committee.objects.filter(project=plan.project_id).first(),
        "validated": validated_values(terms),
        "submit": _("Shift"),
        "cancel_url": plan.get_absolute_url(),
    }
    return render(request, "committees/action_shift.html", context)

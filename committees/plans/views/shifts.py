"""Shifting an action in execution within the committee's tolerance."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from committees.models import ActionPlan, Committee
from committees.permissions.plans import may_edit_plan
from committees.plans.forms.shifts import ActionShiftForm
from committees.plans.services.shifts import validated_values
from committees.plans.views.parts import plan_or_404, plan_trail
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved


@READ_OR_SAVE
def action_shift(request: Request, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_or_404(request.user, pk)
    ask(may_edit_plan(request.user, plan))
    terms = get_object_or_404(plan.terms.with_related().prefetch_related("shifts"), pk=terms_pk)
    terms.plan = plan
    if plan.status != ActionPlan.Status.IN_EXECUTION:
        messages.error(request, _("Only an action of a plan in execution can be shifted."))
        return redirect(plan)
    form = ActionShiftForm(posted(request), instance=terms)
    if form.is_valid() and act(form, lambda: form.record(by=request.user)):
        sentence = _("Action %(reference)s was shifted. The next meeting is informed.")
        here = plan.url_of(terms.action_id)
        return saved(request, sentence % {"reference": terms.action.reference}, here)
    return form_page(
        request,
        form,
        title=_("Shift action %(reference)s") % {"reference": terms.action.reference},
        back=plan,
        crumbs=plan_trail(plan),
        submit=_("Shift"),
        template="committees/action_shift.html",
        plan=plan,
        terms=terms,
        committee=Committee.objects.filter(project=plan.project_id).first(),
        validated=validated_values(terms),
    )

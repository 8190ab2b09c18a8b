"""What the donor approved is put into effect: shown with everything that moves, then confirmed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from committees.amendments.forms import ExtensionForm
from committees.amendments.services import preview_of, put_into_effect
from committees.pages import accepted, allow, trail, typed
from committees.permissions.resolutions import may_put_into_effect
from projects.models import Amendment, Project
from projects.permissions.amendments import visible_amendments


def amendment_or_404(user: User, pk: int) -> Amendment:
    project = get_object_or_404(Project.objects.visible_to(user), amendments=pk)
    amendments = visible_amendments(user, project)
    amendment = get_object_or_404(amendments, pk=pk)
    amendment.project = project
    return amendment


@require_http_methods(["GET", "HEAD", "POST"])
def amendment_take_effect(request: HttpRequest, pk: int) -> HttpResponse:
    amendment = amendment_or_404(request.user, pk)
    allow(may_put_into_effect(request.user, amendment))
    if not amendment.may_take("take_effect"):
        messages.info(request, _not_now(amendment))
        return redirect(amendment)
    form = ExtensionForm(typed(request), preview=preview_of(amendment))
    if form.is_valid() and accepted(form, lambda: _do(request, amendment, form)):
        messages.success(request, _("The amendment is in effect."))
        return redirect(amendment)
    context = {
        "form": form,
        "amendment": amendment,
        "groups": form.groups(),
        "title": _("Put into effect"),
        "crumbs": trail(amendment.project, amendment),
        "cancel_url": amendment.get_absolute_url(),
    }
    return render(request, "committees/amendment_take_effect.html", context)


def _do(request: HttpRequest, amendment: Amendment, form: ExtensionForm) -> None:
    put_into_effect(
        amendment, by=request.user, chosen=form.chosen(), seen=form.cleaned_data["seen"]
    )


def _not_now(amendment: Amendment) -> str:
    status = amendment.get_status_display()
    return _("The amendment is “%(status)s”: it takes effect once, after the donor's approval.") % {
        "status": status
    }

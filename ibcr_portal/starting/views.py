"""The first visit to an empty portal: the key, the organisation, the administrator; and the page of
the organisation afterwards.
"""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessEvent, User
from ibcr_portal.models import DemonstrationJob, FirstVisit
from ibcr_portal.starting.forms import (
    AdministratorForm,
    FirstOrganisationForm,
    KeyForm,
    OrganisationForm,
)
from ibcr_portal.starting.key import goes_on, is_over, use_key
from ibcr_portal.starting.removing import (
    ask_for,
    has_other_administrator,
    is_public,
    latest_job,
    plan_removal,
)
from ibcr_portal.version import VERSION
from kernel.models import Organisation
from kernel.organisation import organisation
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    form_page,
    in_background,
    posted,
    posted_files,
    saved,
    trail,
)
from kernel.refusal import Refusal
from kernel.sent_forms import counted_once
from projects.models import Project

# The steps as the pages show them, after the key.
STEPS = ("organisation", "administrator", "project")


def refuse_unless_empty(request: HttpRequest) -> None:
    """There is no such page any more once somebody has an account."""
    if is_over():
        raise Http404


@sensitive_post_parameters("key")
@login_not_required
@never_cache
@READ_OR_SAVE
def start(request: HttpRequest) -> HttpResponse:
    refuse_unless_empty(request)
    if goes_on(request.session):
        return redirect("start-organisation")
    form = KeyForm(posted(request))
    if form.is_valid() and act(form, lambda: redeem(request, form.cleaned_data["key"])):
        return redirect("start-organisation")
    return render(request, "ibcr_portal/starting/key.html", {"form": form})


@sensitive_variables("typed")
def redeem(request: HttpRequest, typed: str) -> None:
    """Raises Refusal."""
    if not ratelimit.consume(request, action="first_visit"):
        raise Refusal(_("Too many attempts. Wait ten minutes, then type the key again."))
    if not use_key(typed, request.session):
        raise Refusal(
            _(
                "This is not the key. Type it as shown by the terminal or the log; only "
                "the newest one works, and only once."
            )
        )


@login_not_required
@never_cache
@READ_OR_SAVE
def start_organisation(request: HttpRequest) -> HttpResponse:
    refuse_unless_empty(request)
    if not goes_on(request.session):
        return redirect("start")
    row = Organisation.objects.first() or Organisation()
    form = FirstOrganisationForm(posted(request), posted_files(request), instance=row)
    if form.is_valid():
        form.save()
        return redirect("start-administrator")
    return form_page(
        request,
        form,
        title=_("Your organisation"),
        back="",
        submit=_("Continue"),
        template="ibcr_portal/starting/step.html",
        steps=steps("organisation"),
    )


@sensitive_post_parameters("password", "again")
@login_not_required
@never_cache
@READ_OR_SAVE
def start_administrator(request: HttpRequest) -> HttpResponse:
    refuse_unless_empty(request)
    if not goes_on(request.session):
        return redirect("start")
    if not Organisation.objects.exists():
        return redirect("start-organisation")
    form = AdministratorForm(posted(request), initial={"language": request.LANGUAGE_CODE})
    if form.is_valid() and (made := act(form, lambda: take_portal(request, form))):
        return signed_in(request, made.result)
    return form_page(
        request,
        form,
        title=_("The administrator"),
        back="",
        intro=_(
            "This account sees and changes everything, and invites the others. It is "
            "yours and nobody else's."
        ),
        submit=_("Create the account"),
        template="ibcr_portal/starting/step.html",
        steps=steps("administrator"),
    )


@transaction.atomic
def take_portal(request: HttpRequest, form: AdministratorForm) -> User:
    """Create the first account, and end the first visit. Raises Refusal."""
    # Whoever comes second waits here, and finds that somebody has an account.
    list(FirstVisit.objects.select_for_update())
    if User.objects.exists() or not goes_on(request.session):
        raise Refusal(
            _("Somebody else has claimed this portal in the meantime: sign in, or ask them.")
        )
    person = form.create()
    FirstVisit.objects.all().delete()
    AccessEvent.record(AccessEvent.Kind.ROLE, user=person, thing=person, change="portal taken")
    return person


def signed_in(request: HttpRequest, person: User) -> HttpResponse:
    """Go on signed in, as if the person had typed the password that they chose just now."""
    record_authentication(request, person, method="password", email=person.email)
    response: HttpResponse = perform_login(request, person, redirect_url=reverse("begin"))
    return response


def steps(current: str) -> list[dict[str, str]]:
    labels = {
        "organisation": _("Organisation"),
        "administrator": _("Administrator"),
        "project": _("First project"),
    }
    place = STEPS.index(current)
    return [
        {
            "label": labels[step],
            "state": "done" if number < place else "now" if number == place else "next",
        }
        for number, step in enumerate(STEPS)
    ]


@require_safe
def begin(request: Request) -> HttpResponse:
    """The third step, for an administrator who is signed in: a project, or the demonstration."""
    if not request.user.is_staff:
        raise Http404
    context = {
        "steps": steps("project"),
        "has_projects": Project.objects.exists(),
    }
    return render(request, "ibcr_portal/starting/begin.html", context)


# The page of the organisation


@READ_OR_SAVE
def organisation_page(request: Request) -> HttpResponse:
    if not request.user.is_staff:
        raise Http404
    row = Organisation.objects.select_for_update() if request.method == "POST" else None
    found = (row or Organisation.objects.all()).first() or Organisation()
    form = OrganisationForm(posted(request), posted_files(request), instance=found)
    if form.is_valid():
        form.save()
        return saved(request, _("The organisation was saved."), "organisation")
    return form_page(
        request,
        form,
        title=_("Organisation"),
        back=reverse("home"),
        template="ibcr_portal/starting/organisation.html",
        organisation=found,
        version=VERSION,
    )


@login_not_required
@require_safe
def logo(request: HttpRequest, sha256: str) -> HttpResponse:
    """Open to everybody, as every page shows it. Its address changes with the picture."""
    row = organisation()
    if not row.logo or sha256 != row.logo_sha256:
        raise Http404
    response = HttpResponse(bytes(row.logo), content_type="image/png")
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


# --- The page of the demonstration: loads it, shows what would go with it, and removes it ---

Kind = DemonstrationJob.Kind


def administrators_only(request: Request) -> None:
    if not request.user.is_staff:
        raise Http404


@require_safe
def page(request: Request) -> HttpResponse:
    administrators_only(request)
    return show(request, administrator_form(request))


@in_background
@require_safe
def state(request: Request) -> HttpResponse:
    """The part of the page that shows how far the work is, which the page asks for."""
    administrators_only(request)
    context = job_facts(latest_job())
    if not context["job"] or not context["job"].in_hand:
        response = HttpResponse()
        response["HX-Refresh"] = "true"  # the whole page is another one now
        return response
    return render(request, "ibcr_portal/starting/demonstration.html#state", context)


@require_POST
@counted_once
def load(request: Request) -> HttpResponse:
    administrators_only(request)
    act(request, lambda: ask_for(Kind.LOAD, by=request.user))
    return redirect("demonstration")


@sensitive_post_parameters("password", "again")
@require_POST
@counted_once
def remove(request: Request) -> HttpResponse:
    administrators_only(request)
    form = administrator_form(request)
    if not form.is_valid():
        return show(request, form)
    done = act(form, lambda: hand_over(form, by=request.user))
    if not done:
        return show(request, form)
    if person := done.result:
        logout(request)
        signed_in(request, person)
    return redirect("demonstration")


@transaction.atomic
def hand_over(form: forms.Form, *, by: User) -> User | None:
    """Have the demonstration removed, and return the administrator who was entered for it. Raises
    Refusal, or ValidationError."""
    ask_for(Kind.REMOVE, by=by)
    if not isinstance(form, AdministratorForm):
        return None
    person = form.create()
    AccessEvent.record(AccessEvent.Kind.ROLE, user=by, thing=person, change="administrator added")
    return person


def administrator_form(request: Request) -> forms.Form:
    """Ask for an administrator who stays, if there is none."""
    if has_other_administrator():
        return forms.Form(posted(request))
    return AdministratorForm(posted(request), initial={"language": request.user.language})


def show(request: Request, form: forms.Form) -> HttpResponse:
    context: dict[str, Any] = job_facts(latest_job())
    plan = None if context["in_hand"] else plan_removal()
    if plan and plan.counts_something:
        context |= {"plan": plan, "is_own": request.user.pk in plan.people}
    context |= {
        "title": _("Demonstration"),
        "crumbs": trail((_("Organisation"), reverse("organisation"))),
        "form": form,
        "public_password": is_public(),
    }
    return render(request, "ibcr_portal/starting/demonstration.html", context)


def job_facts(job: DemonstrationJob | None) -> dict[str, Any]:
    if job is None:
        return {"job": None, "in_hand": False}
    label = _("In the queue")
    if job.state == job.State.WORKING:
        label = _("Removing") if job.kind == Kind.REMOVE else _("Loading")
        if job.stage:
            label = _("Loading %(project)s") % {"project": job.stage}
    return {
        "job": job,
        "in_hand": job.in_hand,
        "job_label": label,
        "job_percent": 100 * job.progress // job.progress_of if job.progress_of else None,
        "just_ended": job.is_ready,
    }

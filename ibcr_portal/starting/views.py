"""The first visit to an empty portal: the key, the organisation, the administrator; and the page of
the organisation afterwards."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_safe

from accounts.models import AccessEvent, User
from ibcr_portal.models import FirstVisit
from ibcr_portal.starting.forms import (
    AdministratorForm,
    FirstOrganisationForm,
    KeyForm,
    OrganisationForm,
)
from ibcr_portal.starting.key import goes_on, is_over, use_key
from ibcr_portal.version import VERSION
from kernel.models import Organisation
from kernel.organisation import organisation
from kernel.pages import READ_OR_SAVE, Request, act, form_page, posted, posted_files, saved
from kernel.refusal import Refusal
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

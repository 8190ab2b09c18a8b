"""What the portal knows about me, and what I ask for."""

from functools import partial

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from accounts.mail import send_to_person
from accounts.models import User
from ibcr_portal.letters import person_request_letter
from ibcr_portal.models import PersonRequest
from ibcr_portal.persons.forms import OwnRequestForm
from ibcr_portal.persons.own_data import events_of, file_of, known_rows, shown_rows
from ibcr_portal.persons.places import Tie
from ibcr_portal.persons.subject import DataSubject
from kernel.pages import READ_OR_SAVE, Crumb, Request, form_page, posted, saved, trail


@login_not_required
@require_safe
def own_data_link(request: HttpRequest) -> HttpResponse:
    """Lead somebody who uses links only to their data: a code goes to their address first."""
    own = reverse("persons:own")
    if request.user.is_authenticated:
        return redirect(own)
    return redirect(f"{reverse('account_request_login_code')}?{urlencode({'next': own})}")


@require_safe
def own_data(request: Request) -> HttpResponse:
    person = DataSubject.of_own(User.objects.get(pk=request.user.pk))
    shown = [shown_rows(person, known) for known in known_rows(person)]
    title = _("What the portal knows about me")
    context = {
        "title": title,
        "crumbs": [*trail((_("My account"), reverse("accounts:profile"))), Crumb(title)],
        "person": person,
        "about": [each for each in shown if each.known.tie is Tie.ABOUT],
        "written": [each for each in shown if each.known.tie is Tie.WORDS],
        "done": [each for each in shown if each.known.tie is Tie.DONE],
        "events": events_of(person).count(),
        "requests": PersonRequest.objects.filter(user=request.user),
    }
    return render(request, "ibcr_portal/persons/own.html", context)


@require_safe
def own_data_file(request: Request) -> HttpResponse:
    person = User.objects.get(pk=request.user.pk)
    content = file_of(DataSubject.of_own(person))
    return handed_out(request, content, _("my-data"), "json", thing=person, what="own data")


@READ_OR_SAVE
def own_request(request: Request) -> HttpResponse:
    """Ask for a correction, a removal or an answer: administrators see it, with its due day."""
    person = User.objects.get(pk=request.user.pk)
    form = OwnRequestForm(
        posted(request),
        initial={"kind": request.GET.get("kind", PersonRequest.Kind.CORRECT)},
        instance=PersonRequest(user=person, recorded_by=person),
    )
    if form.is_valid():
        kept = form.save()
        notify_administrators(kept)
        return saved(
            request, _("Your request was sent. You will receive an answer within 30 days."), OWN
        )
    return form_page(
        request,
        form,
        title=_("Ask about your data"),
        submit=_("Send"),
        back=reverse(OWN),
        crumbs=trail((_("What the portal knows about me"), reverse(OWN))),
        keep=True,
    )


OWN = "persons:own"


def notify_administrators(kept: PersonRequest) -> None:
    for administrator in User.objects.filter(is_staff=True, is_active=True):
        send_to_person(
            administrator,
            partial(person_request_letter, kept),
            about=None,
        )

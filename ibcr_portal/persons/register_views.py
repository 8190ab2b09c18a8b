"""The forms of the registers: requests, incidents, consents and holds."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from accounts.mail import send_to_person
from accounts.models import AccessEvent, Hold
from ibcr_portal.letters import person_request_answered_letter
from ibcr_portal.models import Consent, PersonRequest, PrivacyIncident
from ibcr_portal.persons.forms import ConsentForm, HoldForm, IncidentForm, PersonRequestForm
from ibcr_portal.persons.views import INDEX, administrators_only, way_here
from kernel.pages import READ_OR_SAVE, Request, form_page, posted, saved
from kernel.stamps import StampedForm
from kernel.text import StrOrPromise

# The register is a proof. What was made with the consent is elsewhere, and is not found from here.
AFTER_WITHDRAWAL: dict[str, StrOrPromise] = {
    Consent.Purpose.NAME: gettext_lazy(
        "The register alone changes nothing. Untick “may be named in documents” in the "
        "person’s entry, at their institution, or protect the person."
    ),
    Consent.Purpose.PICTURE: gettext_lazy(
        "The register alone changes nothing. Open the activity with the photograph and say there "
        "that the consent is missing: documents that show it are replaced."
    ),
    Consent.Purpose.QUOTATION: gettext_lazy(
        "The register alone changes nothing. Withdraw the quotation under “Reports and "
        "data” of the project, “Superseded documents”, and correct the texts that can "
        "still be edited."
    ),
    Consent.Purpose.MESSAGES: gettext_lazy(
        "The register alone changes nothing. Make sure that nobody writes to the person any more."
    ),
    Consent.Purpose.OTHER: gettext_lazy(
        "The register alone changes nothing. Make sure that this use ends."
    ),
}


def register_page(
    request: Request, form: StampedForm, title: StrOrPromise, **context: Any
) -> HttpResponse:
    if form.is_valid():
        form.save()
        return saved(request, _("Saved in the register."), INDEX)
    return form_page(
        request,
        form,
        title=title,
        back=reverse(INDEX),
        crumbs=way_here(),
        template="ibcr_portal/persons/register_form.html",
        **context,
    )


def page_about(row: PersonRequest | Consent) -> str:
    return reverse("persons:person", args=[f"u{row.user_id}"]) if row.user_id else ""


@READ_OR_SAVE
def request_create(request: Request) -> HttpResponse:
    administrators_only(request)
    form = PersonRequestForm(posted(request), instance=PersonRequest(recorded_by=request.user))
    return register_page(request, form, _("Somebody asks about their data"))


@READ_OR_SAVE
def request_edit(request: Request, pk: int) -> HttpResponse:
    administrators_only(request)
    row = get_object_or_404(PersonRequest, pk=pk)
    was_open = row.is_open
    form = PersonRequestForm(posted(request), instance=row)
    answer = register_page(request, form, str(row), person_url=page_about(row))
    if was_open and form.is_valid() and not row.is_open:
        notify_person(row)
    return answer


def notify_person(answered: PersonRequest) -> None:
    """Lead to the answer, by a page that also serves those who only use links. It is not in the
    message itself, which others may read."""
    if answered.user:
        send_to_person(
            answered.user,
            partial(person_request_answered_letter, answered),
            about=None,
        )


@READ_OR_SAVE
def incident_create(request: Request) -> HttpResponse:
    administrators_only(request)
    form = IncidentForm(posted(request), instance=PrivacyIncident(recorded_by=request.user))
    return register_page(request, form, _("Record a privacy incident"))


@READ_OR_SAVE
def incident_edit(request: Request, pk: int) -> HttpResponse:
    administrators_only(request)
    row = get_object_or_404(PrivacyIncident, pk=pk)
    form = IncidentForm(posted(request), instance=row)
    return register_page(request, form, _("Privacy incident"))


@READ_OR_SAVE
def consent_create(request: Request) -> HttpResponse:
    administrators_only(request)
    form = ConsentForm(posted(request), instance=Consent(recorded_by=request.user))
    return register_page(request, form, _("Record a consent"))


@READ_OR_SAVE
def consent_edit(request: Request, pk: int) -> HttpResponse:
    administrators_only(request)
    row = get_object_or_404(Consent, pk=pk)
    form = ConsentForm(posted(request), instance=row)
    answer = register_page(request, form, str(row), person_url=page_about(row))
    if "withdrawn_on" in form.changed_data and form.is_valid() and row.withdrawn_on:
        messages.warning(request, AFTER_WITHDRAWAL[row.purpose])
    return answer


@READ_OR_SAVE
def hold_create(request: Request) -> HttpResponse:
    administrators_only(request)
    form = HoldForm(posted(request), instance=Hold(placed_by=request.user))
    answer = register_page(request, form, _("Place a hold"))
    if form.instance.pk:
        AccessEvent.record(
            AccessEvent.Kind.ACCOUNT,
            user=request.user,
            thing=form.instance,
            change="hold placed",
        )
    return answer

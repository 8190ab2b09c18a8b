"""Pages of the people who speak for an institution; `institutions` explains why they are here."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.services import send_invitation
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    form_page,
    locked,
    posted,
    saved,
)
from kernel.sent_forms import counted_once
from partners.forms import ContactForm, DepartureForm
from partners.models import Contact, Institution
from partners.services import invite_contact, record_departure, withdraw_access
from projects.institutions.views.institutions import institution_crumbs, visible_institution
from projects.permissions.institutions import may_edit_contacts, may_see_contacts


def editable_contacts(user: User, pk: int) -> Institution:
    """Return the institution whose contacts the person may edit; answer 404 if they may not see
    them."""
    institution = visible_institution(user, pk)
    if not may_see_contacts(user, institution):
        raise Http404
    ask(
        may_edit_contacts(user, institution),
        _("The coordination of the project keeps the contacts. Ask your coordinator."),
    )
    return institution


@READ_OR_SAVE
def contact_create(request: Request, pk: int) -> HttpResponse:
    institution = editable_contacts(request.user, pk)
    new = Contact(institution=institution)
    return _contact_form(request, new, _("New contact"), _("The contact was entered."))


@READ_OR_SAVE
def contact_edit(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    institution = editable_contacts(request.user, pk)
    contact = get_object_or_404(locked(request, institution.contacts.all()), pk=contact_pk)
    return _contact_form(request, contact, str(contact), _("The contact was saved."))


def _contact_form(request: Request, contact: Contact, title: str, done: str) -> HttpResponse:
    institution = contact.institution
    form = ContactForm(posted(request), instance=contact)
    if form.is_valid() and form.save_or_explain():
        return saved(request, done, institution)
    back = institution.get_absolute_url()
    return form_page(
        request,
        form,
        title=title,
        back=back,
        crumbs=institution_crumbs((str(institution), back)),
    )


@READ_OR_SAVE
def contact_departure(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    institution = editable_contacts(request.user, pk)
    contact = get_object_or_404(institution.contacts.current(), pk=contact_pk)
    form = DepartureForm(posted(request), initial={"on": timezone.localdate()})
    back = institution.get_absolute_url()
    if form.is_valid():
        record_departure(contact, on=form.cleaned_data["on"], by=request.user)
        return saved(request, _("%(person)s was marked as left.") % {"person": contact}, back)
    return form_page(
        request,
        form,
        title=_("%(person)s has left the institution") % {"person": contact},
        intro=_("Their access to the portal for this institution ends at once."),
        submit=_("Mark as left"),
        back=back,
        crumbs=institution_crumbs((str(institution), back)),
    )


@require_POST
@counted_once
def contact_invite(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    """Give access and send the letter; another press sends the letter again."""
    institution = editable_contacts(request.user, pk)
    contact = get_object_or_404(institution.contacts.all(), pk=contact_pk)
    if not (invited := act(request, lambda: invite_contact(contact, by=request.user))):
        return redirect(institution)
    person = invited.result
    if send_invitation(person):
        sentence = _("The invitation was sent to %(address)s.") % {"address": person.email}
        return saved(request, sentence, institution)
    messages.warning(
        request,
        _(
            "%(person)s has access, but the letter could not be sent. Tell them to sign in with "
            "a code sent to %(address)s."
        )
        % {"person": contact, "address": person.email},
    )
    return redirect(institution)


@require_POST
def contact_withdraw(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    institution = editable_contacts(request.user, pk)
    contact = get_object_or_404(institution.contacts.all(), pk=contact_pk)
    withdraw_access(contact, by=request.user)
    sentence = _("%(person)s no longer has access for this institution.") % {"person": contact}
    return saved(request, sentence, institution)

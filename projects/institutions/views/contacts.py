"""Pages of the people of an institution: their entries in the directory, which give access to
nothing. `institutions` explains why they are here."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.mail import invited_words
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
from partners.models import Contact
from partners.services import change_contact_address, invite_contact
from projects.institutions.services.ending import leave_institution
from projects.institutions.views.institutions import institution_crumbs, visible_institution
from projects.letters import access_facts
from projects.models import Project
from projects.permissions.representations import (
    may_change_address,
    may_edit_contact,
    may_record_departure,
    visible_contacts,
)


def visible_contact(user: User, pk: int, contact_pk: int) -> Contact:
    institution = visible_institution(user, pk)
    contacts = visible_contacts(user, institution).select_related("user")
    contact = get_object_or_404(contacts, pk=contact_pk)
    contact.institution = institution
    return contact


@READ_OR_SAVE
def contact_edit(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    user = request.user
    contact = visible_contact(user, pk, contact_pk)
    ask(
        may_edit_contact(user, contact),
        _(
            "This person has a place in other projects too: only they or an administrator "
            "can change it."
        ),
    )
    institution = contact.institution
    row = get_object_or_404(locked(request, Contact.objects.filter(pk=contact.pk)))
    form = ContactForm(
        posted(request), instance=row, may_change_address=may_change_address(user, contact)
    )
    back = institution.get_absolute_url()
    if form.is_valid():
        new, changes = form.cleaned_data["email"], row.user_id and "email" in form.changed_data
        if (not changes or act(form, lambda: change_contact_address(row, new, by=user))) and (
            form.save_or_explain()
        ):
            return saved(request, _("The contact was saved."), institution)
    return form_page(
        request,
        form,
        title=str(contact),
        back=back,
        crumbs=institution_crumbs((str(institution), back)),
    )


@READ_OR_SAVE
def contact_departure(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    user = request.user
    contact = visible_contact(user, pk, contact_pk)
    ask(
        may_record_departure(user, contact),
        _(
            "This person has a place in other projects too. End what they represent in "
            "your project, and inform an administrator that they have left."
        ),
    )
    form = DepartureForm(posted(request), initial={"on": timezone.localdate()})
    institution = contact.institution
    back = institution.get_absolute_url()
    if form.is_valid():
        projects = Project.objects.coordinated_by(user)
        leave_institution(contact, projects, on=form.cleaned_data["on"], by=user)
        return saved(request, _departed(contact), back)
    return form_page(
        request,
        form,
        title=_("%(person)s has left the institution") % {"person": contact},
        intro=_(
            "They no longer represent this institution anywhere: access, links and seats "
            "end at once. Their account remains; only an administrator can close it."
        ),
        submit=_("Mark as left"),
        back=back,
        crumbs=institution_crumbs((str(institution), back)),
    )


def _departed(contact: Contact) -> str:
    contact.refresh_from_db(fields=["ended_on"])
    if contact.ended_on:
        return _("%(person)s was marked as left.") % {"person": contact}
    return _(
        "Everybody concerned is notified: the access of %(person)s ends in 72 hours. Mark the person as "
        "left after that."
    ) % {"person": contact}


@require_POST
@counted_once
def contact_invite(request: Request, pk: int, contact_pk: int) -> HttpResponse:
    """Give somebody who has a place, such as a seat, an account, and send the letter; another press
    sends it again."""
    contact = visible_contact(request.user, pk, contact_pk)
    ask(request.user.is_staff or contact.user_id != request.user.pk)  # nobody invites themselves
    institution = contact.institution
    if not (invited := act(request, lambda: invite_contact(contact, by=request.user))):
        return redirect(institution)
    person = invited.result
    grant = partial(access_facts, None, what=institution, by=request.user)
    if send_invitation(person, by=request.user, grant=grant):
        sentence = invited_words(person.email)
        return saved(request, sentence, institution)
    messages.warning(
        request,
        _(
            "%(person)s has access, but the e-mail could not be sent. Tell them to sign "
            "in with a code sent to %(address)s."
        )
        % {"person": contact, "address": person.email},
    )
    return redirect(institution)

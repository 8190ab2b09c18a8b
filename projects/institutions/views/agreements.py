"""Pages of agreements with an institution, of their files, and of its contacts."""

from functools import partial

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.mail import invited_words
from accounts.models import User
from accounts.services import send_invitation
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    locked,
    posted,
    posted_files,
    save_page,
    saved,
)
from kernel.sent_forms import counted_once
from partners.forms import AgreementForm, ContactForm, DepartureForm, FileForm
from partners.models import Agreement, AgreementFile, Contact
from partners.services import (
    change_contact_address,
    invite_contact,
    keep_agreement_file,
    name_account,
    remove_files,
)
from projects.institutions.services.ending import leave_institution
from projects.institutions.views.institutions import institution_crumbs, visible_institution
from projects.letters import access_facts
from projects.models import Participation, Project
from projects.pages import handed_file
from projects.permissions.agreements import (
    agreements_with_files,
    may_edit_agreement,
    visible_agreements,
)
from projects.permissions.institutions import may_coordinate_with
from projects.permissions.representations import (
    may_change_address,
    may_edit_contact,
    may_record_departure,
    visible_contacts,
)


def visible_agreement(user: User, pk: int, agreement_pk: int) -> Agreement:
    rows = visible_agreements(user).filter(institution=pk).select_related("institution")
    return get_object_or_404(
        rows.prefetch_related("institution__names", "participations"), pk=agreement_pk
    )


def crumbs_to(agreement: Agreement) -> Crumbs:
    institution = agreement.institution
    return institution_crumbs(
        (str(institution), institution.get_absolute_url()),
        (str(agreement), agreement.get_absolute_url()),
    )


@require_safe
def agreement(request: Request, pk: int, agreement_pk: int) -> HttpResponse:
    user = request.user
    agreement = visible_agreement(user, pk, agreement_pk)
    named_by = Participation.objects.filter(
        agreement=agreement, project__in=Project.objects.visible_to(user)
    ).select_related("project")
    reads_files = agreements_with_files(user).filter(pk=agreement.pk).exists()
    context = {
        "agreement": agreement,
        "participations": list(named_by.order_by("project__code", "role")),
        "files": list(agreement.files.all()) if reads_files else [],
        "reads_files": reads_files,
        "may_edit": may_edit_agreement(user, agreement),
        "crumbs": crumbs_to(agreement)[:-1],
    }
    return render(request, "partners/agreement.html", context)


@READ_OR_SAVE
def agreement_form(request: Request, pk: int, agreement_pk: int | None = None) -> HttpResponse:
    if agreement_pk is not None:
        found = visible_agreement(request.user, pk, agreement_pk)
        ask(may_edit_agreement(request.user, found))
        agreement = locked(request, Agreement.objects.filter(pk=agreement_pk)).get()
        title, back, crumbs = _("Edit the agreement"), found.get_absolute_url(), crumbs_to(found)
    else:
        institution = visible_institution(request.user, pk)
        ask(may_coordinate_with(request.user, institution))
        agreement = Agreement(institution=institution)
        title, back = _("New agreement"), institution.get_absolute_url()
        crumbs = institution_crumbs((str(institution), back))
    form = AgreementForm(posted(request), instance=agreement)
    return save_page(
        request,
        form,
        sentence=_("The agreement was saved."),
        to=agreement,
        title=title,
        crumbs=crumbs,
        remove=lambda: reverse("partners:agreement-delete", args=[pk, agreement.pk]),
    )


@READ_OR_SAVE
def agreement_delete(request: Request, pk: int, agreement_pk: int) -> HttpResponse:
    agreement = visible_agreement(request.user, pk, agreement_pk)
    ask(may_edit_agreement(request.user, agreement))
    return delete_page(
        request,
        agreement,
        done=agreement.institution.get_absolute_url(),
        crumbs=crumbs_to(agreement),
    )


# --- Its files ---


@READ_OR_SAVE
def agreement_file_create(request: Request, pk: int, agreement_pk: int) -> HttpResponse:
    agreement = visible_agreement(request.user, pk, agreement_pk)
    ask(may_edit_agreement(request.user, agreement))
    form = FileForm(posted(request), posted_files(request))
    return save_page(
        request,
        form,
        lambda: keep_agreement_file(agreement, form.cleaned_data["upload"], by=request.user),
        sentence=_("The file was saved with the agreement."),
        title=_("Add a file to the agreement"),
        intro=_("The coordination, finance, auditors and the institution itself can read it."),
        crumbs=crumbs_to(agreement),
    )


def _file_or_404(user: User, pk: int, agreement_pk: int, file_pk: int) -> AgreementFile:
    agreement = visible_agreement(user, pk, agreement_pk)
    return get_object_or_404(
        AgreementFile.objects.select_related("agreement"),
        pk=file_pk,
        agreement__in=agreements_with_files(user).filter(pk=agreement.pk),
    )


@require_safe
def agreement_file(request: Request, pk: int, agreement_pk: int, file_pk: int) -> FileResponse:
    file = _file_or_404(request.user, pk, agreement_pk, file_pk)
    # A neutral name, since bystanders may see the downloads of a telephone.
    return handed_file(request, file, f"{_('Agreement')} {agreement_pk}-{file.pk}")


@require_POST
def agreement_file_remove(
    request: Request, pk: int, agreement_pk: int, file_pk: int
) -> HttpResponse:
    file = _file_or_404(request.user, pk, agreement_pk, file_pk)
    ask(may_edit_agreement(request.user, file.agreement))
    remove_files(file)
    return saved(request, _("The file was removed."), file.agreement)


# --- Contacts ---
#
# Pages of the people of an institution: their entries in the directory, which give access to
# nothing. `institutions` explains why they are here.


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
            name_account(row)
            return saved(request, _("The contact was saved."), institution)
    return form_page(
        request,
        form,
        title=str(contact),
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
    projects = Project.objects.coordinated_by(user)
    return save_page(
        request,
        form,
        lambda: leave_institution(contact, projects, on=form.cleaned_data["on"], by=user),
        sentence=lambda _done: _departed(contact),
        title=_("%(person)s has left the institution") % {"person": contact},
        intro=_(
            "They no longer represent this institution anywhere: access, links and seats "
            "end at once. Their account remains; only an administrator can close it."
        ),
        submit=_("Mark as left"),
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

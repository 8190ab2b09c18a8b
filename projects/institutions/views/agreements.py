"""Pages of agreements with an institution and of their files."""

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessEvent, User
from kernel.files import serve
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    ask,
    delete_page,
    form_page,
    locked,
    posted,
    posted_files,
    saved,
)
from partners.forms import AgreementForm, FileForm
from partners.models import Agreement, AgreementFile
from partners.services import keep_agreement_file, remove_files
from projects.institutions.views.institutions import institution_crumbs, visible_institution
from projects.models import Participation, Project
from projects.permissions.agreements import (
    agreements_with_files,
    may_edit_agreement,
    visible_agreements,
)
from projects.permissions.institutions import may_coordinate_with


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
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The agreement was saved."), agreement)
    key = {"pk": pk, "agreement_pk": agreement_pk}
    return form_page(
        request,
        form,
        title=title,
        back=back,
        crumbs=crumbs,
        delete_url=reverse("partners:agreement-delete", kwargs=key) if agreement_pk else "",
    )


@READ_OR_SAVE
def agreement_delete(request: Request, pk: int, agreement_pk: int) -> HttpResponse:
    agreement = visible_agreement(request.user, pk, agreement_pk)
    ask(may_edit_agreement(request.user, agreement))
    return delete_page(
        request,
        agreement,
        back=agreement.get_absolute_url(),
        done=agreement.institution.get_absolute_url(),
        crumbs=crumbs_to(agreement),
    )


# Its files


@READ_OR_SAVE
def agreement_file_create(request: Request, pk: int, agreement_pk: int) -> HttpResponse:
    agreement = visible_agreement(request.user, pk, agreement_pk)
    ask(may_edit_agreement(request.user, agreement))
    form = FileForm(posted(request), posted_files(request))
    if form.is_valid():
        keep_agreement_file(agreement, form.cleaned_data["upload"], by=request.user)
        return saved(request, _("The file was saved with the agreement."), agreement)
    return form_page(
        request,
        form,
        title=_("Add a file to the agreement"),
        intro=_("The coordination, finance, auditors and the institution itself can read it."),
        back=agreement.get_absolute_url(),
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
    answer = serve(file, filename=f"{_('Agreement')} {agreement_pk}-{file.pk}")
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=file)
    return answer


@require_POST
def agreement_file_remove(
    request: Request, pk: int, agreement_pk: int, file_pk: int
) -> HttpResponse:
    file = _file_or_404(request.user, pk, agreement_pk, file_pk)
    ask(may_edit_agreement(request.user, file.agreement))
    remove_files(file)
    return saved(request, _("The file was removed."), file.agreement)

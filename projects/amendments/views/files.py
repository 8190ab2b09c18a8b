"""Pages of the documents of amendments, and the export of the ledger."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessEvent, User
from kernel.files import serve
from kernel.pages import READ_OR_SAVE, Request, ask, form_page, posted, posted_files, saved, trail
from projects.amendments.forms import AmendmentFileForm
from projects.amendments.services.amendments import keep_file, remove_file
from projects.models import Amendment
from projects.pages import reverse_in, visible_project
from projects.permissions.amendments import (
    may_keep_amendment_files,
    may_see_amounts,
    visible_amendments,
)


def amendment_or_404(user: User, code: str, pk: int) -> Amendment:
    project = visible_project(user, code)
    amendments = visible_amendments(user, project)
    amendment = get_object_or_404(amendments, pk=pk)
    amendment.project = project
    return amendment


@READ_OR_SAVE
def amendment_file_create(request: Request, code: str, pk: int) -> HttpResponse:
    amendment = amendment_or_404(request.user, code, pk)
    ask(may_keep_amendment_files(request.user, amendment))
    form = AmendmentFileForm(posted(request), posted_files(request))
    if form.is_valid():
        typed = form.cleaned_data
        keep_file(amendment, typed["upload"], typed["category"], by=request.user)
        return saved(request, _("The document was saved."), amendment)
    return form_page(
        request,
        form,
        title=_("Add a document"),
        intro=f"{amendment}: {amendment.title}",
        back=amendment,
        crumbs=trail(
            amendment.project,
            (_("Amendments"), reverse_in(amendment.project, "amendments")),
            amendment,
        ),
    )


@require_safe
def amendment_file(request: Request, code: str, pk: int, file_pk: int) -> FileResponse:
    amendment = amendment_or_404(request.user, code, pk)
    project = amendment.project
    if not may_see_amounts(request.user, project):
        raise Http404
    kept = get_object_or_404(amendment.files, pk=file_pk)
    # The name of the file is neutral, since others may see it on a telephone.
    answer = serve(kept, filename=f"{kept.get_category_display()} {kept.pk}")
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=kept)
    return answer


@require_POST
def amendment_file_remove(request: Request, code: str, pk: int, file_pk: int) -> HttpResponse:
    amendment = amendment_or_404(request.user, code, pk)
    ask(may_keep_amendment_files(request.user, amendment))
    remove_file(get_object_or_404(amendment.files, pk=file_pk))
    return saved(request, _("The document was removed."), amendment)

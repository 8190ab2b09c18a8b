"""Who took which document of a thing: the whole list, for the coordination and auditors."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from accounts.models import AccessEventQuerySet, User
from kernel.sheets import sheet
from reports.downloads import downloads_of, lines_of
from reports.forms import DownloadFilterForm
from reports.models import KINDS_OF, About, Kind
from reports.permissions import may_see_downloads
from reports.views.documents import shelf_of, thing_for


@require_safe
def download_list(request: HttpRequest, thing: str, pk: int) -> HttpResponse:
    about = about_for(request.user, thing, pk)
    form, events = filtered(request, thing, about)
    page = Paginator(events, per_page=50).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "about": about,
        "shelf": shelf_of(about),
        "thing": thing,
        "form": form,
        "page": page,
        "lines": lines_of(page.object_list),
        "is_filtered": any(form.cleaned_data.values()),
        "query": query.urlencode(),
        "years": settings.RECORDS_YEARS,
    }
    return render(request, "reports/downloads.html", context)


@require_safe
def download_export(request: HttpRequest, thing: str, pk: int) -> HttpResponse:
    """The list as it is filtered; who took it is logged."""
    about = about_for(request.user, thing, pk)
    _form, events = filtered(request, thing, about)
    head = [_("Date"), _("Time"), _("Person"), _("Document"), _("Language"), _("Way")]
    rows = [
        (
            timezone.localdate(line.at),
            f"{timezone.localtime(line.at):%H:%M}",
            line.person,
            line.document,
            line.language,
            line.way,
        )
        for line in lines_of(events)
    ]
    content = sheet("xlsx", _("Downloads"), head, rows, [12, 8, 30, 28, 12, 40])
    name = f"{about.project.code}-downloads"
    return handed_out(request, content, name, thing=about.page, what="downloads")


def about_for(user: User, thing: str, pk: int) -> About:
    about = About(thing_for(user, thing, pk), KINDS_OF[thing][0])
    if not may_see_downloads(user, about.project):
        raise PermissionDenied(_("Only the coordination and auditors read who downloaded what."))
    return about


def filtered(
    request: HttpRequest, thing: str, about: About
) -> tuple[DownloadFilterForm, AccessEventQuerySet]:
    kinds = list(KINDS_OF[thing])
    if thing == "meeting":
        kinds.append(Kind.CERTIFICATE)  # certificates lie with their meeting
    form = DownloadFilterForm(request.GET, kinds=kinds)
    return form, form.narrow(downloads_of(about.page))

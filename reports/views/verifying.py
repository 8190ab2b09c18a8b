"""The public pages that check whether a document is genuine, and that show the seal of the portal.

People type the code of the document, or choose the file itself, of which the
browser sends nothing but the hash.
"""

import ssl
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from kernel.formats import file_size
from kernel.hashing_upload import PassingUploadHandler
from kernel.jobs import Job
from kernel.pages import trail
from reports.forms.documents import VerifyCodeForm, VerifyFileForm
from reports.models import SealCertificate
from reports.sealing.documents import waiting
from reports.sealing.keys import is_on
from reports.verifying import found_as, found_under

# Beyond it `ibcr_portal.body_limit` refuses the body. A file that is a little too large is read to
# its end, since a browser shows no answer before.
READ_AT_MOST = 4 * VerifyFileForm.MAX_BYTES


@login_not_required
# Nothing changes here, and looking for a token would read the file before the upload handler is
# set.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return verify_upload(request)
    form = VerifyCodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("reports:verify-code", code=form.cleaned_data["code"])
    return verify_page(request, form=form)


def verify_upload(request: HttpRequest) -> HttpResponse:
    """Hash a file as it arrives, for browsers that cannot; nothing of it is stored."""
    if not ratelimit.consume(request, action="verify_file"):
        text = _(
            "Many files were checked from here in a short time. Wait an hour, or type the code of "
            "the document."
        )
        return verify_page(request, refusal=text, status=429)
    request.upload_handlers = [PassingUploadHandler(request, limit=VerifyFileForm.MAX_BYTES)]
    form = VerifyFileForm(request.POST, request.FILES)
    if form.is_valid():
        return redirect("reports:verify-file", sha256=form.cleaned_data["file"].sha256)
    return verify_page(request, file_form=form, status=400)


@login_not_required
@require_safe
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Show which final document a code belongs to; any other code is unknown."""
    form = VerifyCodeForm({"code": code})
    found = found_under(form.cleaned_data["code"]) if form.is_valid() else None
    return verify_page(request, form=form, found=found, asked="code", status=200 if found else 404)


@login_not_required
@require_safe
def verify_file(request: HttpRequest, sha256: str) -> HttpResponse:
    """Show which final document a file is, by its SHA-256."""
    found = found_as(sha256.lower())
    return verify_page(request, found=found, asked="file", status=200 if found else 404)


def verify_page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    defaults = {
        "title": _("Check a document"),
        "form": VerifyCodeForm(),
        "file_form": VerifyFileForm(),
        "limit": VerifyFileForm.MAX_BYTES,
        "seals": bool(settings.SEAL_KEY) and not settings.SEAL_OFF,
        "limit_told": file_size(VerifyFileForm.MAX_BYTES),
    }
    return render(request, "reports/verify.html", defaults | context, status=status)


# /seal/ (public)


DER, PEM = "application/pkix-cert", "application/x-pem-file"


@login_not_required
@require_safe
def seal(request: HttpRequest) -> HttpResponse:
    """Explain what a seal says. Administrators read as well which documents wait for it."""
    certificates = list(SealCertificate.objects.newest_use_first())
    current = next((each for each in certificates if not each.revoked_at), None)
    is_administrator = getattr(request.user, "is_staff", False)
    context = {
        "title": _("The seal of documents"),
        "crumbs": trail((_("Check a document"), reverse("reports:verify"))),
        "certificates": certificates,
        "current": current,
        "is_on": is_on(),
        "waiting": _waiting() if is_administrator else [],
        "is_without_key": is_administrator and is_on() and not settings.SEAL_KEY,
        "ends_soon": is_administrator and is_on() and current and current.ends_soon,
    }
    return render(request, "reports/seal.html", context)


def _waiting() -> list[tuple[str, int, str]]:
    """Return the reasons for which documents wait, each with their number."""
    counts = waiting().order_by().values_list("failure").annotate(Count("pk"))
    return [(str(Job.Failure(reason).label), count, reason) for reason, count in counts]


@login_not_required
@require_safe
def certificate(request: HttpRequest, form: str) -> HttpResponse:
    """Answer with the certificate in use, at an address that stays."""
    row = SealCertificate.objects.current()
    if row is None:
        raise Http404
    return _file(row, form)


@login_not_required
@require_safe
def earlier_certificate(request: HttpRequest, sha256: str) -> HttpResponse:
    """Answer with a certificate by its hash, such as one that was in use before."""
    return _file(get_object_or_404(SealCertificate, sha256=sha256.lower()), "cer")


def _file(row: SealCertificate, form: str) -> HttpResponse:
    content = bytes(row.content)
    if form == "pem":
        answer = HttpResponse(ssl.DER_cert_to_PEM_cert(content), content_type=PEM)
    else:
        answer = HttpResponse(content, content_type=DER)
    answer["Content-Disposition"] = f'attachment; filename="seal.{form}"'
    return answer

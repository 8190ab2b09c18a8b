"""The public page that checks whether a document is genuine.

People type the code of the document, or choose the file itself, of which the
browser sends nothing but the hash.
"""

from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from kernel.formats import file_size
from kernel.hashing_upload import PassingUploadHandler
from reports.forms.verifying import VerifyCodeForm, VerifyFileForm
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
        "form": VerifyCodeForm(),
        "file_form": VerifyFileForm(),
        "limit": VerifyFileForm.MAX_BYTES,
        "seals": bool(settings.SEAL_KEY) and not settings.SEAL_OFF,
        "limit_told": file_size(VerifyFileForm.MAX_BYTES),
    }
    return render(request, "reports/verify.html", defaults | context, status=status)

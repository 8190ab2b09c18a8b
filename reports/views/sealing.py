"""The public page of the portal's seal, with the certificates that it has used."""

import ssl

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kernel.jobs import Job
from reports.models import SealCertificate
from reports.sealing.documents import waiting
from reports.sealing.keys import is_on

DER, PEM = "application/pkix-cert", "application/x-pem-file"


@login_not_required
@require_safe
def seal(request: HttpRequest) -> HttpResponse:
    """Explain what a seal says. Administrators read as well which documents wait for it."""
    certificates = list(SealCertificate.objects.newest_use_first())
    current = next((each for each in certificates if not each.revoked_at), None)
    is_administrator = getattr(request.user, "is_staff", False)
    context = {
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

"""The guide of a call for projects, for anybody."""

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kernel.files import serve
from projects.calls.views.public import public_call
from projects.models import CallForProposals
from reports.compose.guide import call_guide
from reports.models import CallGuide
from reports.views.documents import as_file


def readable_call(code: str, language: str) -> CallForProposals:
    call = public_call(code)
    if language not in call.written_in:
        raise Http404
    return call


@login_not_required
@require_safe
def guide_pdf(request: HttpRequest, code: str, language: str) -> FileResponse:
    """Answer with the PDF that was made last."""
    call = readable_call(code, language)
    guide = get_object_or_404(CallGuide, call=call, language=language)
    return serve(guide, filename=f"{file_name(call, language)}.pdf")


@login_not_required
@require_safe
def guide_word(request: HttpRequest, code: str, language: str) -> HttpResponse:
    """Answer with a Word file, made of what the call says now."""
    from reports.word import docx_of  # noqa: PLC0415  (it imports docx)

    call = readable_call(code, language)
    content = docx_of(call_guide(call, language), is_draft=False)
    return as_file(content, file_name(call, language), "docx")


def file_name(call: CallForProposals, language: str) -> str:
    return f"{slugify(_('Guide'))}-{call.code}-{language}"

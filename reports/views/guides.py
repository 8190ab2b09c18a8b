"""The guide of a call for projects, for anybody."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kernel.files import serve
from projects.calls.views.public import public_call
from projects.models import CallForProposals
from reports.compose.guide import call_guide
from reports.document_types import FramedDocument
from reports.models import CallGuide
from reports.services.guides import facts_of
from reports.views.documents import as_file

WORD_LASTS = 3600  # seconds


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
    """Answer with a Word file of what the call says now. It is kept for a while, so that visitors do
    not have one made with each click."""
    call = readable_call(code, language)
    document = call_guide(call, language)
    key = f"guide-word:{facts_of(document)}"
    content = cache.get(key)
    if content is None:
        content = _word_of(document)
        cache.set(key, content, WORD_LASTS)
    return as_file(content, file_name(call, language), "docx")


def _word_of(document: FramedDocument) -> bytes:
    from reports.word import docx_of  # noqa: PLC0415  (it imports docx)

    return docx_of(document, is_draft=False)


def file_name(call: CallForProposals, language: str) -> str:
    return f"{slugify(_('Guide'))}-{call.code}-{language}"

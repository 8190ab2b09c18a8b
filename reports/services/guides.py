"""Makes the guides of public calls in the background, so that no visitor waits for a PDF, or lets
the portal make one with each click."""

import logging
import secrets
from contextlib import suppress

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.unnamed_files import set_aside_unnamed
from kernel.unwanted_files import delete_files
from projects.models import CallForProposals
from reports.compose.guide import call_guide
from reports.document_types import FramedDocument
from reports.models import CallGuide, hash_of
from reports.pdf import html_of, rendered, renderer
from reports.render_process import RenderFailed

logger = logging.getLogger(__name__)


def prepare_guides() -> None:
    """Make the guides of all open calls that are missing or say something else than the call, in the
    languages in which it is written."""
    calls = CallForProposals.objects.open().select_related("project").prefetch_related("guides")
    for call in calls.prefetch_related("criteria", "questions"):
        facts = {guide.language: guide.facts for guide in call.guides.all()}
        for language in call.written_in:
            document = call_guide(call, language)
            if (now := facts_of(document)) != facts.get(language):
                with suppress(RenderFailed):  # tried again by the next round
                    make(call, document, now)
    set_aside_unnamed(CallGuide.FOLDER, CallGuide.objects.all())


def facts_of(document: FramedDocument) -> str:
    """Return the hash of what the guide says, whatever the day."""
    return hash_of({"renderer": renderer(), **document, "as_of": ""})


def make(call: CallForProposals, document: FramedDocument, facts: str) -> None:
    html = html_of(document, code="", is_draft=False)
    with rendered(html, lambda _stage, _page: None) as pdf:
        file: File[bytes] = File(pdf.content)
        size = file.size
        name = default_storage.save(f"{CallGuide.FOLDER}/{secrets.token_urlsafe(24)}.pdf", file)
        with transaction.atomic():
            earlier = CallGuide.objects.filter(call=call, language=document["language"])
            delete_files(earlier.select_for_update().values_list("file", flat=True))
            CallGuide.objects.update_or_create(
                call=call,
                language=document["language"],
                defaults={"facts": facts, "file": name, "pages": pdf.pages, "size": size},
            )

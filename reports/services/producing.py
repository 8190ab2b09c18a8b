"""Renders a document that a worker has claimed, and seals it if it is final."""

from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial

from django.conf import settings

from reports.annexes import rendered_document
from reports.certificates import note_issued
from reports.kinds import kind_of
from reports.models import Rendition, new_file_name
from reports.pdf import RenderedPdf
from reports.render_process import OnProgress
from reports.sealing.documents import key_for, sealed
from reports.services.at_once import text_of_rendition, verification_code
from reports.services.composing import compose_data
from reports.services.finishing import failures_recorded, publish


def produce(rendition: Rendition) -> None:
    """Render a document that this worker has claimed, and publish it under the claim's token."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    with failures_recorded(rendition):
        rendition.report_progress("data", lease=lease)
        if not compose_data(rendition):
            return
        key = key_for(rendition.snapshot, is_draft=rendition.is_draft)
        with _rendered(
            rendition,
            lambda stage, page: rendition.report_progress(stage, lease=lease, progress=page),
        ) as pdf:
            if key:
                rendition.report_progress("sealing", lease=lease, progress=pdf.pages)
            with sealed(pdf.content, key, language=rendition.language) as (content, certificate):
                rendition.report_progress("storing", lease=lease, progress=pdf.pages)
                publish(
                    rendition,
                    content,
                    name=new_file_name(),
                    also=partial(note_issued, rendition.snapshot),
                    pages=pdf.pages,
                    text_size=_text_size(rendition),
                    seal=certificate,
                )


def _rendered(rendition: Rendition, on_progress: OnProgress) -> AbstractContextManager[RenderedPdf]:
    document = rendition.snapshot.document(rendition.audience, rendition.language)
    code = verification_code(rendition.snapshot, document)
    return rendered_document(document, on_progress, code=code, is_draft=rendition.is_draft)


def _text_size(rendition: Rendition) -> int | None:
    """Return the size of the plain text in bytes, which lists show beside its link."""
    if not kind_of(rendition.snapshot.about).has_text:
        return None
    return len(text_of_rendition(rendition).encode())

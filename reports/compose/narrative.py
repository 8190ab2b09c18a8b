"""What people wrote in a report, as its readers read it: by section, and by result."""

from collections.abc import Iterable

from django.db.models import Prefetch

from kernel.languages import reading_order
from reports.block_types import LocalText
from reports.compose.citing import cited
from reports.compose.reading import ReportReading, in_language
from reports.models import Citation, Section


def texts_of_sections(reading: ReportReading) -> dict[str, LocalText]:
    """Return the text of each section, by its kind."""
    rows = (one for one in _written(reading) if one.result is None)
    return _read(reading, ((one.kind, one) for one in rows))


def texts_on_results(reading: ReportReading, codes: Iterable[str]) -> dict[str, LocalText]:
    """Return the texts on those results that have one, by the codes of the results."""
    asked = set(codes)
    rows = ((one.result.code, one) for one in _written(reading) if one.result)
    return _read(reading, ((code, one) for code, one in rows if code in asked))


def text_in(reading: ReportReading, kind: str, language: str) -> LocalText | None:
    """Return the text of a section in a certain language, if it is written in that."""
    for one in _written(reading):
        if one.result is None and (one.kind, one.language) == (kind, language):
            text = in_language(cited(reading, one), language)
            return text if text["text"].strip() else None
    return None


def _written(reading: ReportReading) -> list[Section]:
    things = Prefetch("citations", Citation.objects.with_things())
    rows = reading.report.sections.select_related("result").prefetch_related(things)
    found = reading.once("sections", lambda: list(rows))
    return [one for one in found if one.text.strip()]


def _read(reading: ReportReading, sections: Iterable[tuple[str, Section]]) -> dict[str, LocalText]:
    """Return each text in the reader's language, or else in the first in which it is written."""
    written: dict[str, dict[str, Section]] = {}
    for key, section in sections:
        written.setdefault(key, {})[section.language] = section
    order = [reading.language, *reading_order()]
    read = {
        key: next(in_language(cited(reading, texts[one]), one) for one in order if one in texts)
        for key, texts in written.items()
    }
    # A text that consists of citations which these readers may not see is empty for them.
    return {key: text for key, text in read.items() if text["text"].strip()}

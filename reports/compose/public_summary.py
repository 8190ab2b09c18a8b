"""The public summary of results, which a report shows in every language in which it was written.

The same text is the description of results that IATI publishes (`reports.services.public_summary`).
"""

from django.utils.text import capfirst
from django.utils.translation import get_language_info

from kernel.languages import LANGUAGES
from reports.block_types import Block
from reports.compose.blocks import heading, prose
from reports.compose.narrative import text_in, texts_of_sections
from reports.compose.reading import ReportReading, in_language
from reports.models import SectionKind


def in_other_languages(reading: ReportReading) -> list[Block]:
    """Return the summary in the languages other than the one in which the chapter has it, each under
    the name of its language."""
    kind = SectionKind.ANNEX_SUMMARY.value
    shown = texts_of_sections(reading).get(kind)
    if shown is None:
        return []
    blocks: list[Block] = []
    for language in LANGUAGES:
        if language == (shown["lang"] or reading.language):
            continue
        if text := text_in(reading, kind, language):
            name = capfirst(get_language_info(language)["name_local"])
            blocks += [heading(in_language(name, language)), prose(text)]
    return blocks

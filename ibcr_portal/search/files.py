"""The text of files, page by page: PDF, Word, Excel and plain text, read by a worker."""

import re
from collections.abc import Iterator

from django.db.models.fields.files import FieldFile

from ibcr_portal.persons.file_texts import UnsearchableFile, words_of_file
from kernel.contents import Content, Texts
from kernel.text import clean_text

LARGEST = 20_000_000  # bytes of a file
MOST_PAGES = 400
LONGEST = 4_000  # characters of a page that is kept; a long one is several parts


def file_pages(file: FieldFile, language: str, titles: Texts | None = None) -> Iterator[Content]:
    """Yield the pages of a file as parts, counted from 1; nothing of one that cannot be read, that is
    gone, or that is too large."""
    try:
        if not file or file.size > LARGEST:
            return
        with file.storage.open(str(file.name)) as opened:
            pages = "\f".join(words_of_file(opened.read())).split("\f")
    except (OSError, UnsearchableFile):
        return
    number = 0
    for page in pages[:MOST_PAGES]:
        text = re.sub(r"[ \t]+", " ", clean_text(page)).strip()
        for start in range(0, len(text), LONGEST):
            number += 1
            part = text[start : start + LONGEST]
            yield Content(titles or {}, {language: part}, part=number, file_text=part)

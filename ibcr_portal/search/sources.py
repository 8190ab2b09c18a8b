"""What the search looks through: the kinds of records that have a name in its index.

The index and a result read a record by the same functions: the index keeps words only.
"""

from collections.abc import Iterator
from typing import Any

from ibcr_portal.kinds import KINDS
from ibcr_portal.search.files import file_pages
from kernel.contents import Content, Texts
from kernel.kinds import Kind

SOURCES = {kind.search: kind for kind in KINDS if kind.search}
# What is read from files, by a worker and never by a page.
OF_FILES = frozenset(name for name, kind in SOURCES.items() if kind.file)
OF_ROWS = frozenset(SOURCES) - OF_FILES


def contents_of(kind: Kind, row: Any) -> Iterator[Content]:
    """Yield what is said of a record, and the pages of its file, which have its title."""
    titles: Texts = {}
    for content in kind.contents(row):
        titles = content.titles
        yield content
    if kind.file and (file := kind.file(row)):
        yield from file_pages(file, row.language, titles)

"""Converts documents of the fourth format to the fifth: a report has a page at a glance, the logos of its
donors, and the pages in the portal of what its chapters cite."""

from kernel.frozen import Content

EMPTY: Content = {
    "figures": [],
    "money": [],
    "maps": [],
    "decisions": [],
    "risks": [],
    "photos": [],
    "quotation": None,
}


def with_glance(document: Content) -> Content:
    """Return the document with these, which no report of the fourth format has."""
    if "chapters" not in document:
        return document
    chapters = [{"cites": [], **chapter} for chapter in document["chapters"]]
    return {"logos": [], "glance": dict(EMPTY), **document, "chapters": chapters}

"""What a person finds, once all that changed is in the index."""

from ibcr_portal.kinds import SOURCES
from ibcr_portal.search.showing import search
from ibcr_portal.search.writing import write_changed


def found(person, text):
    write_changed(SOURCES, 1_000)
    hits = search(person, text).hits
    return [(hit.entry.kind, hit.entry.thing) for hit in hits]

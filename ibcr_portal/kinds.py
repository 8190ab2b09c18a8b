"""All kinds of records of the portal, as the apps declare them."""

from committees.kinds import KINDS as OF_COMMITTEES
from partners.kinds import KINDS as OF_PARTNERS
from projects.kinds import KINDS as OF_PROJECTS
from reports.record_kinds import KINDS as OF_REPORTS

KINDS = (*OF_PARTNERS, *OF_PROJECTS, *OF_COMMITTEES, *OF_REPORTS)

# What the search looks through, by the names in its index.
SOURCES = {kind.search: kind for kind in KINDS if kind.search}


def label_in_search(name: str) -> str:
    return SOURCES[name].search_label if name in SOURCES else ""

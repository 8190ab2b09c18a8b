"""Triggers that keep the news of reports that the donor accepted, as `_news_operations` does of others."""

from ibcr_portal.migrations._news_operations import _step, select_again
from kernel.migration_operations import after_changes

ACCEPTED = _step(
    22,
    "reports",
    "report",
    "'accept'",
    "",
    project_id="thing.project_id",
    place="thing.id",
    report_id="thing.id",
)
OPERATIONS = [
    after_changes(table, "changes_news_of_acceptances", select_again(ACCEPTED, which))
    for table, which in ACCEPTED.changed_by.items()
]

"""What a new kind of record needs beside its table: triggers that note for the search what changed, and
that delete what the translation queue knows of a text with its record."""

from django.db.migrations.operations.base import Operation

from ibcr_portal.migrations._initial_operations import NOTED_THINGS, _forget_pairs, _thing
from kernel.migration_operations import after_changes


def followed(table: str, search: str) -> list[Operation]:
    """`search`: the name of the kind in the index (`Kind.search`). What confirmed translations add to
    the texts that are typed in one language (`Kind.typed`), the trigger of projects_translation has to
    note as well (`FOUND_TRANSLATED`)."""
    note = f"INSERT INTO {NOTED_THINGS} (kind, thing) {_thing(search)};"
    return [after_changes(table, "changes_search", note), _forget_pairs(table)]

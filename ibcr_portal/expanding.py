"""Which steps of a migration the version before it could not live with: it runs on the new database
while hosts are updated one after the other (docs/operations/scale.md)."""

from collections.abc import Iterator, Sequence

from django.db.migrations import operations
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED, GeneratedField, ManyToManyField

from ibcr_portal.installation import CONTRACT

DROPS = (
    operations.RemoveField,
    operations.RenameField,
    operations.DeleteModel,
    operations.RenameModel,
    operations.AlterModelTable,
)


def problems(migration: Migration) -> list[str]:
    """Return a sentence for each step that belongs into a migration `NNNN_contract_MMMM_…` of a later
    release. Statements in SQL are not read: their author says what they do."""
    if CONTRACT.match(migration.name):
        return []
    return [
        f"{migration.app_label}.{migration.name}: {problem}"
        for operation in _flat(migration.operations)
        for problem in _of(operation)
    ]


def _flat(found: Sequence[Operation]) -> Iterator[Operation]:
    for operation in found:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _of(operation: Operation) -> Iterator[str]:
    if isinstance(operation, DROPS):
        yield f"“{operation.describe()}” takes something away that the version before still uses."
    if isinstance(operation, operations.AddField):
        field = operation.field
        can_be_left_out = field.null or field.db_default is not NOT_PROVIDED
        if not (can_be_left_out or isinstance(field, ManyToManyField | GeneratedField)):
            yield f"“{operation.describe()}” needs null or db_default: the version before writes rows without it."

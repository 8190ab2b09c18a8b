"""Which tables a backup has, with their columns by kinds that no engine is behind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

AnyModel: TypeAlias = type[models.Model]

# What is made anew after a restore, or must not come back: whoever was signed out since stays so.
LEFT_OUT = {
    "ibcr_portal.SearchEntry": "made anew",
    "ibcr_portal.SearchChange": "made anew",
    "ibcr_portal.FileCheck": "begins anew",
    "sessions.Session": "everybody signs in again",
    "usersessions.UserSession": "everybody signs in again",
}

# By the name of Django's type of column.
KINDS = {
    **dict.fromkeys(
        (
            *("AutoField", "BigAutoField", "SmallAutoField"),
            *("IntegerField", "BigIntegerField", "SmallIntegerField"),
            *("PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField"),
        ),
        "integer",
    ),
    **dict.fromkeys(("CharField", "TextField", "SlugField", "FileField"), "text"),
    "BooleanField": "boolean",
    "DateField": "date",
    "DateTimeField": "datetime",
    "DecimalField": "decimal",
    "FloatField": "float",
    "JSONField": "json",
    "BinaryField": "binary",
    "UUIDField": "uuid",
    "GenericIPAddressField": "address",
}


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    places: int = 0
    """Behind the point, of a decimal number."""


@dataclass(frozen=True)
class Table:
    name: str
    key: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class FileColumn:
    """A column that names files, and those beside it with their hash and size, if there are any."""

    table: str
    name: str
    sha256: str
    size: str


def kept_models() -> list[AnyModel]:
    found = (each for each in apps.get_models(include_auto_created=True) if each._meta.managed)
    return [each for each in found if str(each._meta.label) not in LEFT_OUT]


def left_out_tables() -> list[str]:
    return [apps.get_model(label)._meta.db_table for label in LEFT_OUT]


@cache
def tables() -> tuple[Table, ...]:
    """Return the tables of a backup, by their names."""
    return tuple(sorted((_table(each) for each in kept_models()), key=lambda table: table.name))


def _table(model: AnyModel) -> Table:
    columns = tuple(_column(field) for field in model._meta.local_concrete_fields)
    return Table(model._meta.db_table, str(model._meta.pk.column), columns)


def _column(field: "models.Field[Any, Any]") -> Column:
    target: Any = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    places = target.decimal_places if isinstance(target, models.DecimalField) else 0
    return Column(str(field.column), KINDS[target.get_internal_type()], places)


@cache
def file_columns() -> tuple[FileColumn, ...]:
    return tuple(_file_columns())


def _file_columns() -> Iterator[FileColumn]:
    for model in kept_models():
        names = {field.name for field in model._meta.local_concrete_fields}
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.FileField):
                sha256, size = (
                    column if field.name == "file" and column in names else ""
                    for column in ("sha256", "size")
                )
                yield FileColumn(model._meta.db_table, str(field.column), sha256, size)


def files_statement(columns: tuple[FileColumn, ...], quoted: Callable[[str], str]) -> str:
    """Return the statement for each file that a row names, with the hash and the size that the row
    knows, if any. What is asked further goes behind it."""
    parts = []
    for each in columns:
        name, sha256 = quoted(each.name), quoted(each.sha256) if each.sha256 else "''"
        size = f"COALESCE({quoted(each.size)}, 0)" if each.size else "0"
        parts.append(
            f"SELECT {name} AS name, {sha256} AS sha256, {size} AS size FROM {quoted(each.table)}"
            f" WHERE {name} <> ''"
        )
    together = " UNION ALL ".join(parts)
    return f"SELECT name, MAX(sha256), MAX(size) FROM ({together}) AS named GROUP BY name"


def migrations_of(connection: BaseDatabaseWrapper) -> list[list[str]]:
    """Return which migrations this database knows: pairs of app and name."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())

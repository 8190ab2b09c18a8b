"""Which tables a backup has, with their columns by kinds that no engine is behind."""

import base64
import decimal
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeAlias

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models
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


# --- Values ---
#
# Turns the values of a database into JSON and back, so that both engines hold the same afterwards:
# moments to the microsecond, decimal numbers with their places, bytes, and the difference between
# no value and the JSON value null.

# SQLite keeps decimal numbers as binary ones, of which so many digits are certain (as Django reads them).
SURE_DIGITS = decimal.Context(prec=15)
EXACT = decimal.Context(prec=80)


class WrongValue(ValueError):
    """A value of a backup is not of the kind of its column."""


# --- Out of a database --------------------------------------------------------------------


def selected(column: Column, quoted: str, vendor: str) -> str:
    """Return how a column is selected so that the driver changes nothing in it."""
    if vendor == "postgresql" and column.kind == "json":
        return f"{quoted}::text"
    if vendor == "postgresql" and column.kind == "address":
        return f"host({quoted})"
    return quoted


def plain(value: Any, column: Column) -> Any:
    """Return the value as JSON can hold it."""
    return None if value is None else OUT[column.kind](value, column)


def _moment_out(value: Any, column: Column) -> str:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    # SQLite keeps moments in UTC, without saying so.
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


def _decimal_out(value: Any, column: Column) -> str:
    number = (
        SURE_DIGITS.create_decimal_from_float(value)
        if isinstance(value, float)
        else decimal.Decimal(value)
    )
    return str(number.quantize(decimal.Decimal(1).scaleb(-column.places), context=EXACT))


OUT: dict[str, Callable[[Any, Column], Any]] = {
    "integer": lambda value, column: int(value),
    "boolean": lambda value, column: bool(value),
    "text": lambda value, column: str(value),
    "address": lambda value, column: str(value),
    "json": lambda value, column: str(value),
    "float": lambda value, column: float(value),
    "date": lambda value, column: str(value),
    "datetime": _moment_out,
    "decimal": _decimal_out,
    "binary": lambda value, column: base64.b64encode(bytes(value)).decode("ascii"),
    "uuid": lambda value, column: str(
        value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    ),
}


# --- Into a database ----------------------------------------------------------------------


def stored(value: Any, column: Column, vendor: str) -> Any:
    """Return what the driver of an engine stores for a value of a backup. Raises WrongValue."""
    if value is None:
        return None
    try:
        return IN[column.kind](value, column, vendor)
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        raise WrongValue(f"{column.name} ({column.kind})") from error


def _text_in(value: Any, column: Column, vendor: str) -> str:
    _expect(type(value) is str and "\0" not in value)
    value.encode()  # no halves of characters, which no engine takes
    return str(value)


def _integer_in(value: Any, column: Column, vendor: str) -> int:
    _expect(type(value) is int and -(2**63) <= value < 2**63)
    return int(value)


def _boolean_in(value: Any, column: Column, vendor: str) -> Any:
    _expect(type(value) is bool)
    return value if vendor == "postgresql" else int(value)


def _moment_in(value: Any, column: Column, vendor: str) -> Any:
    _expect(type(value) is str)
    moment = datetime.fromisoformat(value)
    _expect(moment.tzinfo is None)
    return moment.replace(tzinfo=UTC) if vendor == "postgresql" else str(moment)


def _date_in(value: Any, column: Column, vendor: str) -> str:
    _expect(type(value) is str)
    return date.fromisoformat(value).isoformat()


def _decimal_in(value: Any, column: Column, vendor: str) -> str:
    _expect(type(value) is str and len(value) < 80)
    number = decimal.Decimal(value)
    _expect(number.is_finite())
    return f"{number:f}"


def _float_in(value: Any, column: Column, vendor: str) -> float:
    _expect(type(value) in {float, int})
    return float(value)


def _json_in(value: Any, column: Column, vendor: str) -> str:
    text = _text_in(value, column, vendor)
    json.loads(text)
    return text


def _binary_in(value: Any, column: Column, vendor: str) -> memoryview:
    _expect(type(value) is str)
    return memoryview(base64.b64decode(value, validate=True))


def _uuid_in(value: Any, column: Column, vendor: str) -> str:
    _expect(type(value) is str)
    key = uuid.UUID(value)
    return str(key) if vendor == "postgresql" else key.hex


def _expect(holds: bool) -> None:
    if not holds:
        raise ValueError


IN: dict[str, Callable[[Any, Column, str], Any]] = {
    "integer": _integer_in,
    "boolean": _boolean_in,
    "text": _text_in,
    "address": _text_in,
    "json": _json_in,
    "float": _float_in,
    "date": _date_in,
    "datetime": _moment_in,
    "decimal": _decimal_in,
    "binary": _binary_in,
    "uuid": _uuid_in,
}

# --- One consistent moment of the database, while the portal goes on writing ---

AT_ONCE = 500


@contextmanager
def moment() -> Iterator["FrozenDatabase"]:
    """Open a connection that sees the database as it is now, and nothing that comes later. It holds
    nobody up."""
    connection: Any = connections[DEFAULT_DB_ALIAS].copy()
    is_postgresql = connection.vendor == "postgresql"
    if not is_postgresql:
        # IMMEDIATE would keep all writers waiting.
        options = connection.settings_dict["OPTIONS"]
        connection.settings_dict["OPTIONS"] = options | {"transaction_mode": "DEFERRED"}
    try:
        connection.set_autocommit(not is_postgresql)
        with connection.cursor() as cursor:
            if is_postgresql:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            else:
                cursor.execute("BEGIN")
            cursor.execute("SELECT COUNT(*) FROM django_migrations")  # the first statement fixes it
        yield FrozenDatabase(connection)
    finally:
        connection.close()


class FrozenDatabase:
    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.vendor = str(connection.vendor)

    def rows(self, table: Table) -> Iterator[list[Any]]:
        quoted = self.connection.ops.quote_name
        columns = table.columns
        wanted = ", ".join(selected(each, quoted(each.name), self.vendor) for each in columns)
        sql = f"SELECT {wanted} FROM {quoted(table.name)} ORDER BY {quoted(table.key)}"
        for row in self._fetched(sql):
            yield [plain(value, column) for value, column in zip(row, columns, strict=True)]

    def last_key(self, table: Table) -> int:
        """Return the last key that was given out, whose row may be gone: it is never given again."""
        with self.connection.cursor() as cursor:
            if self.vendor == "postgresql":
                cursor.execute(
                    "SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', table.key]
                )
                (sequence,) = cursor.fetchone()
                if sequence is None:
                    return 0
                cursor.execute(
                    f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"
                )
            else:
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            found = cursor.fetchone()
        return int(found[0]) if found else 0

    def files(self, columns: tuple[FileColumn, ...]) -> Iterator[tuple[str, str]]:
        """Yield each file that a row names, with the hash that the row knows, if any."""
        statement = files_statement(columns, self.connection.ops.quote_name)
        for name, sha256, _size in self._fetched(f"{statement} ORDER BY name"):
            yield name, sha256

    def _fetched(self, sql: str) -> Iterator[Any]:
        """Rows of a statement, of which the server keeps those that were not asked for yet."""
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(AT_ONCE):
                yield from rows

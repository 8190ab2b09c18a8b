"""Turns the values of a database into JSON and back, so that both engines hold the same afterwards:
moments to the microsecond, decimal numbers with their places, bytes, and the difference between no
value and the JSON value null."""

import base64
import decimal
import json
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from ibcr_portal.backups.tables import Column

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

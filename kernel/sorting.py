"""Lists of several pages, sorted by one of their columns: `?sort=day`, or `?sort=-day` from the end.

The head of such a column is `{% sort_head "day" label %}`. A table that is shown whole is sorted in
the browser (`static/js/portal.js`); only a list of several pages needs the server for it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import connection, models
from django.db.models import Case, F, Value, When
from django.db.models.expressions import Expression, OrderBy
from django.db.models.functions import Coalesce, Collate, NullIf
from django.http import HttpRequest

from kernel.languages import LANGUAGES, active_language, reading_order
from kernel.names import plain
from kernel.text import StrOrPromise

# What a list may be sorted by: a field, or what a function returns.
RowOrders: TypeAlias = Mapping[str, str | Callable[[], Expression]]
Rows = TypeVar("Rows", bound=models.QuerySet[Any, Any])
Line = TypeVar("Line")
Order = TypeVar("Order")


class Sorting(Generic[Order]):
    """What the reader asked for. `columns` has the order of each column that may be asked for;
    another word sorts nothing, and the list keeps the order that it has by itself."""

    def __init__(self, request: HttpRequest, columns: Mapping[str, Order]) -> None:
        self.asked = request.GET.get("sort", "")
        self.descends = self.asked.startswith("-")
        self.name = self.asked.removeprefix("-")
        self.columns = columns
        if self.name not in columns:
            self.asked = self.name = ""


class SortedRows(Sorting[str | Callable[[], Expression]]):
    """Sorts in the database, by a field or by what a function returns. What has no value in the
    column comes last either way."""

    def of(self, rows: Rows) -> Rows:
        return in_order(rows, self.columns, self.asked) if self.name else rows


def in_order(rows: Rows, columns: RowOrders, asked: str) -> Rows:
    """Sort by a column, or with a minus before it from its end."""
    order = columns[asked.removeprefix("-")]
    column = F(order) if isinstance(order, str) else order()
    descends = asked.startswith("-")
    return rows.order_by(OrderBy(column, descending=descends, nulls_last=True), "pk")


class SortedLines(Sorting[Callable[[Line], Any]], Generic[Line]):
    """Sorts lines that were computed, by what each has in the column, which may be nothing."""

    def of(self, lines: list[Line]) -> list[Line]:
        if not self.name:
            return lines
        found = [(self.columns[self.name](line), line) for line in lines]
        known = [(value, line) for value, line in found if value not in (None, "")]
        known.sort(key=lambda each: _comparable(each[0]), reverse=self.descends)
        return [line for _, line in known] + [line for value, line in found if value in (None, "")]


def _comparable(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value


def written(name: str) -> Expression:
    """Return a text in several languages (`translated`) as its reader sees it, to sort by."""
    order = dict.fromkeys([active_language(), *reading_order(), *LANGUAGES])
    texts = [NullIf(f"{name}_{language}", Value("")) for language in order]
    return in_letters(Coalesce(*texts))


def in_letters(text: Expression | F | str) -> Expression:
    """Sort as people do, “Ávila” before “Benítez”: by itself the database takes bytes."""
    return Collate(text, "und-x-icu" if connection.vendor == "postgresql" else "NOCASE")


def by_label(name: str, labels: Mapping[str, StrOrPromise]) -> Expression:
    """Sort by the words that are shown for the values of a choice."""
    order = sorted(labels, key=lambda value: plain(str(labels[value])))
    places = (When(**{name: value}, then=place) for place, value in enumerate(order))
    return Case(*places, default=None, output_field=models.IntegerField())

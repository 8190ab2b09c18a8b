"""Converts documents of the second format to the third: parts that a donor's template uses get a
key.

Labels are in the language of the document and in the words of its day, so tables are recognised by
the chapter, the anchors and the widths of their columns. Keys that exist are kept: on the last day
of the second format some documents had them already.
"""

from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from kernel.frozen import Content

Row = dict[str, Any]
Keys = tuple[
    str, tuple[str, ...]
]  # the keys of a table and of its columns; "" if no template uses them

# Tables recognised by the beginning of an anchor in one of their rows, and the number of columns.
ANCHORED: dict[tuple[str, int], Keys] = {
    ("indicator-", 6): (
        "indicators",
        ("name", "baseline", "target", "actual", "variance", "rating"),
    ),
    ("indicator-", 3): ("indicators", ("name", "target", "actual")),
    ("activity-", 5): ("activities", ("title", "when", "result", "participants", "state")),
    ("action-", 6): ("actions", ("number", "title", "responsible", "when", "state", "share")),
}
# Tables recognised by the widths of their columns, in the chapter that has them.
PLACED: dict[tuple[str, tuple[int, ...]], Keys] = {
    ("risks", (7, 0, 14, 14, 17)): ("risk_levels", ("number", "risk", "", "level", "trend")),
    ("risks", (7, 0, 14, 14, 14, 17)): (
        "risk_levels",
        ("number", "risk", "", "", "level", "trend"),
    ),
    ("risks", (7, 0, 14, 22)): ("risk_responses", ("number", "response", "strategy", "owner")),
    ("governance", (0, 24, 24)): ("institutions", ("name", "kind", "role")),
}
OF_PERIOD = ("name", "budget", "spent", "variance", "variance_share")
OF_ALL = ("name", "approved", "spent", "remaining", "forecast")
# The tables of money of these widths, in their order.
MONEY = (0, 16, 16, 16, 16)
MONEY_KEYS: tuple[Keys, ...] = (
    ("period_by_category", OF_PERIOD),
    ("whole_by_category", OF_ALL),
    ("period_by_result", OF_PERIOD),
    ("whole_by_result", OF_ALL),
)
UNMEANT: Keys = ("", ())


# The facts before the chapters were added during the first day of the second format.
BEFORE: Content = {"identification": [], "acronyms": [], "since": None}


def with_keys(document: Content) -> Content:
    """Return the document with keys. Documents of meetings, seats and plans are equal in both
    formats."""
    if document["kind"] != "annual_report":
        return document
    with translation.override(document["language"]):
        facts = [_fact(row) for row in document["facts"]]
    chapters = [_chapter(chapter) for chapter in document["chapters"]]
    return BEFORE | document | {"facts": facts, "chapters": chapters}


def _fact(row: Row) -> Row:
    keys = {
        _("Country"): "country",
        _("Donor"): "donor",
        _("Donor's project number"): "donor_number",
        _("Reporting period"): "period",
        _("Start of the project"): "start",
        _("End as first agreed"): "original_end",
        _("End as amended"): "amended_end",
        _("Version"): "version",
        _("Prepared for"): "audience",
    }
    return {"key": keys.get(row["label"], "")} | row


def _chapter(chapter: Row) -> Row:
    if chapter["is_annex"]:
        return chapter  # no template uses any part of it
    money = iter(MONEY_KEYS) if chapter["kind"] == "finances" else iter(())
    blocks = [
        _table(block, _keys(block, chapter["kind"], money))
        if block["type"] == "table" and "key" not in block
        else block
        for block in chapter["blocks"]
    ]
    return chapter | {"blocks": blocks}


def _keys(table: Row, chapter: str, money: Iterator[Keys]) -> Keys:
    widths = tuple(column["width"] for column in table["columns"])
    if widths == MONEY and not table["style"]:
        return next(money, UNMEANT)
    if placed := PLACED.get((chapter, widths)):
        return placed
    anchors = [cell["anchor"] for row in table["rows"] for cell in row["cells"]]
    found = (
        keys
        for (start, columns), keys in ANCHORED.items()
        if columns == len(widths) and any(anchor.startswith(start) for anchor in anchors)
    )
    return next(found, UNMEANT)


def _table(table: Row, keys: Keys) -> Row:
    name, of_columns = keys
    if not name:
        return table
    columns = [
        column | {"key": key} if key else column
        for column, key in zip(table["columns"], of_columns, strict=True)
    ]
    rows = table["rows"]
    if name == "indicators":
        rows = [row | {"cells": [_with_why(cell) for cell in row["cells"]]} for row in rows]
    return table | {"key": name, "columns": columns, "rows": rows}


def _with_why(cell: Row) -> Row:
    """The text below the name of an indicator explained its variance."""
    return cell | {"why": "\n".join(cell["small"])} if cell["is_head"] else cell

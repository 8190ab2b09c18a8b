"""Parses the rows that an accounting system exports: days, amounts and texts.

Columns are found by their headers in three languages, or as somebody assigned them before. Days may
be written in three ways, and amounts with a decimal comma or point. The file as a whole decides which
way applies; where it leaves that open, the person is asked. This module does not use the database.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from babel.numbers import is_currency
from django.utils.translation import gettext as _

from kernel.days import WrittenDay, order_of, written_day
from kernel.refusal import Refusal
from kernel.tables import TableLine, plain
from kernel.workbooks import CellValue

LONGEST_AMOUNT = 20  # digits before the mark
MAX_ROWS = 20_000
FIELDS = (
    "date",
    "amount",
    "debit",
    "credit",
    "currency",
    "rate",
    "category",
    "result",
    "voucher",
    "description",
)
_HEADERS = {
    "date": r"(posting |transaction |document |invoice )?date( .*)?|date (d |de )?.*|fecha( .*)?|jour|dia",
    "amount": (
        r"(net |total )?amount( .*)?|montant( .*)?|monto( .*)?|importe( .*)?|valor|value|total"
        r"|valeur"
    ),
    "debit": r"debits?( .*)?|debe|cargos?|debito",
    "credit": r"credits?( .*)?|haber|abonos?|credito",
    "currency": r"currency( .*)?|devise( .*)?|moneda( .*)?|divisa|monnaie|cur|dev",
    "rate": (
        r"(exchange |fx )?rate|taux( (de|du) (change|jour))?|tipo de cambio|tasa( de cambio)?|t c"
    ),
    "category": (
        r"(budget )?(category|line|code|heading)|categorie( budgetaire)?|categoria( .*)?"
        r"|(poste|ligne|rubrique)( budgetaire)?|(rubro|partida|linea|renglon)( .*)?"
        r"|(account|compte|cuenta)( .*)?"
    ),
    "result": r"results?( .*)?|outcome|output|resultats?( .*)?|extrant|resultados?( .*)?|producto",
    "voucher": (
        r"(voucher|journal|document|reference|ref|cheque|check|invoice)( (no|number|n|num))?"
        r"|n? ?(piece|facture|bordereau|ecriture)( .*)?|(no|num|numero|n) (de )?(piece|facture|cheque|recu)"
        r"|(no |num |numero )?(de )?(comprobante|poliza|partida contable|documento|recibo|factura)"
        r"|(no|numero) (de )?(cheque|doc)"
    ),
    "description": (
        r"description( .*)?|memo|details?|narration|text|libelle( .*)?|descripcion( .*)?|concepto"
        r"|detalle|glosa|designation|objet|payee"
    ),
}
_KNOWN = {name: re.compile(pattern) for name, pattern in _HEADERS.items()}
_TOTAL = re.compile(r"\b(sub ?)?total(es|aux)?\b|\bsuma\b|\bsomme\b|\bsaldo\b|\bsolde\b")


@dataclass(frozen=True)
class AccountingColumn:
    """A column of the file: its header, the field that it may hold, and samples of its cells."""

    place: int
    header: str
    field: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class AccountingLayout:
    """How a file is read.

    `fields`: the name of the field by column. `date_order`, `decimal_mark`: used only where the file
    does not show them itself.
    """

    fields: Mapping[int, str]
    currency: str
    date_order: str = ""
    decimal_mark: str = ""


@dataclass
class AccountingEntry:
    """A parsed row; `problems` says in sentences what could not be parsed.

    Without problems it has a day and an amount.
    """

    number: int
    cells: list[CellValue]
    on: date | None = None
    amount: Decimal | None = None
    currency: str = ""
    rate: Decimal | None = None
    words: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass
class ParsedAccountingFile:
    """The rows of a file, and what has to be asked about it."""

    entries: list[AccountingEntry]
    # A day and an amount that can be read in two ways, if the file as a whole does not decide it.
    open_day: str = ""
    open_amount: str = ""


# --- Columns ---


def find_columns(
    lines: list[TableLine], known: Mapping[str, str]
) -> tuple[int, list[AccountingColumn]]:
    """Returns the index of the header among the lines, and its columns.

    `known`: the field by header (as `plain` writes it), as somebody assigned it for an earlier file.
    Raises Refusal where nothing looks like a header.
    """
    best, most = None, 0
    for place, line in enumerate(lines[:30]):
        fields = {_field_of(cell, known) for cell in line.cells} - {""}
        if len(fields) > most:
            best, most = place, len(fields)
    if best is None:  # unknown words: the person assigns the columns
        best = next((n for n, line in enumerate(lines[:30]) if _is_header_like(line)), None)
    if best is None:
        raise Refusal(
            _(
                "No row of this file looks like a header with a date and an amount: export it with "
                "the names of its columns."
            )
        )
    return best, _columns(lines, best, known)


def _is_header_like(line: TableLine) -> bool:
    filled = [cell for cell in line.cells if cell is not None]
    return len(filled) >= 3 and all(isinstance(cell, str) and plain(cell) for cell in filled)


def _columns(lines: list[TableLine], head: int, known: Mapping[str, str]) -> list[AccountingColumn]:
    columns: list[AccountingColumn] = []
    taken: set[str] = set()
    for place, cell in enumerate(lines[head].cells):
        if cell is None:
            continue
        found = _field_of(cell, known)
        name = "" if found in taken else found
        taken.add(found)
        samples = [
            str(_cell_at(line, place))
            for line in lines[head + 1 : head + 40]
            if _cell_at(line, place)
        ]
        columns.append(
            AccountingColumn(place, str(cell)[:80], name, tuple(dict.fromkeys(samples))[:3])
        )
    return columns


def _field_of(cell: CellValue, known: Mapping[str, str]) -> str:
    if not isinstance(cell, str) or len(cell) > 80:
        return ""
    words = plain(cell)
    if words in known:
        return known[words]
    return next((name for name, pattern in _KNOWN.items() if pattern.fullmatch(words)), "")


def _cell_at(line: TableLine, place: int) -> CellValue:
    return line.cells[place] if place < len(line.cells) else None


# --- Rows ---


def parse_entries(lines: Iterable[TableLine], layout: AccountingLayout) -> ParsedAccountingFile:
    """Parses the lines below the header, without the totals at the foot of a table."""
    rows = [(line, _cells_by_field(line, layout.fields)) for line in lines]
    rows = [(line, cells) for line, cells in rows if not _is_total_row(cells, line)]
    days = {line.number: _day_in(cells.get("date")) for line, cells in rows}
    # What the file itself shows has priority over what was answered for an earlier one.
    order = order_of(day for day in days.values() if day) or layout.date_order
    texts = [
        str(cells[name])
        for _line, cells in rows
        for name in ("amount", "debit", "credit")
        if isinstance(cells.get(name), str)
    ]
    mark = _decimal_mark_of(texts) or layout.decimal_mark
    reading = ParsedAccountingFile(
        [_entry(line, cells, layout, order, mark) for line, cells in rows]
    )
    if not order:
        unclear = (cells["date"] for line, cells in rows if (d := days[line.number]) and d.is_open)
        reading.open_day = str(next(unclear, ""))
    if not mark:
        reading.open_amount = next((text for text in texts if _is_ambiguous(text)), "")
    return reading


def _cells_by_field(line: TableLine, fields: Mapping[int, str]) -> dict[str, CellValue]:
    return {
        name: cell for place, name in fields.items() if (cell := _cell_at(line, place)) is not None
    }


def _is_total_row(cells: dict[str, CellValue], line: TableLine) -> bool:
    if "date" in cells and _day_in(cells["date"]):
        return False
    words = (plain(cell) for cell in line.cells if isinstance(cell, str))
    return not cells or any(_TOTAL.search(each) for each in words)


def _entry(
    line: TableLine, cells: dict[str, CellValue], layout: AccountingLayout, order: str, mark: str
) -> AccountingEntry:
    entry = AccountingEntry(line.number, line.cells)
    entry.words = {
        name: " ".join(str(cells.get(name, "")).split())
        for name in ("category", "result", "voucher", "description")
    }
    entry.on = _day_of(cells.get("date"), order, entry.problems)
    entry.amount = _amount_in(cells, mark, entry.problems)
    entry.currency = _currency_of(cells.get("currency"), layout.currency, entry.problems)
    if (rate := cells.get("rate")) is not None:
        entry.rate = _rate_of(rate, mark, entry.problems)
    return entry


# --- Days ---


def _day_in(cell: CellValue) -> WrittenDay | None:
    if isinstance(cell, date):
        return WrittenDay(cell)
    return written_day(cell) if isinstance(cell, str) else None


def _day_of(cell: CellValue, order: str, problems: list[str]) -> date | None:
    if cell is None:
        problems.append(_("The date is missing."))
        return None
    day, written = None, _day_in(cell)
    if written and written.is_open:
        day = written.on(order or "dmy")
    elif written:  # only one of both orders gives a day
        day = written.on("dmy") or written.on("mdy")
    if day is None:
        problems.append(
            _("“%(text)s” is not a date: write it as 2027-03-31.") % {"text": str(cell)[:40]}
        )
    return day


# Amounts

_GROUPS = " \u00a0\u2009\u202f'\u2019"
_BEFORE = re.compile(
    r"^(?:[A-Z]{2,3}\b\.?\s*\$?|L(?:ps?)?\.?(?=[\s\d(-])|\$|€|£)\s*", re.IGNORECASE
)
_AFTER = re.compile(r"\s*(?:\b[A-Z]{2,3}|\$|€|£)$", re.IGNORECASE)


class AmountError(Exception):
    """Raised for a text that is no amount; its message is a sentence for the person."""


def parse_amount(text: str, mark: str) -> Decimal:
    """Parses an amount as accounting systems write it: (1,234.50), 1.234,50-, L 1,234.50, 12,00 $.

    `mark`: the decimal mark, "." or ",". Returns cents exactly. Raises AmountError for anything
    else, and for more than two decimals.
    """
    bare, is_negative = _strip_signs(text)
    other = "," if mark == "." else "."
    whole, _point, decimals = bare.partition(mark)
    digits = whole.replace(other, "")
    grouped = re.fullmatch(rf"\d{{1,3}}(?:{re.escape(other)}\d{{3}})*|\d+|", whole)
    is_number = grouped and re.fullmatch(r"\d*", decimals) and (digits or decimals)
    if not is_number or len(digits) > LONGEST_AMOUNT:
        raise AmountError(_("“%(text)s” is not an amount.") % {"text": text[:40]})
    if len(decimals.rstrip("0")) > 2:
        raise AmountError(
            _("“%(text)s” has more than two decimals: round it to cents.") % {"text": text[:40]}
        )
    value = Decimal(f"{digits or 0}.{decimals or 0}").quantize(Decimal("0.01"))
    return -value if is_negative else value


def _strip_signs(text: str) -> tuple[str, bool]:
    """Returns the digits and marks alone, and whether the amount is negative."""
    text = text.strip().replace("\u2212", "-").replace("\u2013", "-")
    is_negative = False
    for _round in range(3):  # sign, brackets and currency may be nested in any order
        text = _AFTER.sub("", _BEFORE.sub("", text)).strip()
        if len(text) > 1 and text[0] == "(" and text[-1] == ")":
            text, is_negative = text[1:-1].strip(), not is_negative
        elif text.startswith("-") or text.endswith("-"):
            text, is_negative = text.strip("-").strip(), not is_negative
    grouped = re.sub(rf"(?<=\d)[{_GROUPS}](?=\d{{3}}(?!\d))", "", text.removeprefix("+"))
    return grouped, is_negative


def _decimal_mark_of(texts: Iterable[str]) -> str:
    """Returns the decimal mark that the amounts of a file show; "" where the person has to say it.

    It is "." if all amounts are whole, which need none.
    """
    texts = list(texts)
    shown = {mark for text in texts if (mark := _decimal_mark_in(text))}
    if len(shown) == 1:
        return shown.pop()
    return "" if any(_is_ambiguous(text) for text in texts) or shown else "."


def _decimal_mark_in(text: str) -> str:
    """Returns the decimal mark that one amount shows; "" where it shows none."""
    bare, _negative = _strip_signs(text)
    signs = [sign for sign in bare if sign in ".,"]
    if not signs or _is_ambiguous(text):
        return ""
    if len(set(signs)) == 2:
        return signs[-1]
    return signs[0] if len(signs) == 1 else ("," if signs[0] == "." else ".")


def _is_ambiguous(text: str) -> bool:
    """Returns whether the amount can be read in two ways: 1,234 is a thousand, or one and decimals."""
    bare, _negative = _strip_signs(text)
    return bool(re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", bare))


def _amount_in(cells: dict[str, CellValue], mark: str, problems: list[str]) -> Decimal | None:
    """Returns the amount, or debit less credit; None, with a problem noted, where it is unclear."""
    names = [name for name in ("amount", "debit", "credit") if name in cells]
    if not names:
        problems.append(_("The amount is missing."))
        return None
    try:
        parts = {name: _amount(cells[name], mark) for name in names}
    except AmountError as error:
        problems.append(str(error))
        return None
    amount = parts.get("amount", parts.get("debit", Decimal(0)) - parts.get("credit", Decimal(0)))
    if amount == 0:
        problems.append(_("An amount of zero is not an expenditure."))
        return None
    if abs(amount) >= 10**12:
        problems.append(_("This amount is too large."))
        return None
    return amount


def _amount(cell: CellValue, mark: str) -> Decimal:
    if isinstance(cell, Decimal):
        # A spreadsheet stores 0.1 + 0.2 as 0.30000000000000004, which is not a third decimal.
        rounded = cell.quantize(Decimal("0.01")) if abs(cell) < 10**14 else cell
        if abs(rounded - cell) > Decimal("0.000001"):
            raise AmountError(
                _("“%(text)s” has more than two decimals: round it to cents.") % {"text": cell}
            )
        return rounded
    if not isinstance(cell, str) or len(cell) > 40:
        raise AmountError(_("“%(text)s” is not an amount.") % {"text": str(cell)[:40]})
    return parse_amount(cell, mark or _decimal_mark_in(cell) or ".")


def _rate_of(cell: CellValue, mark: str, problems: list[str]) -> Decimal | None:
    text = str(cell).strip().replace(",", ".") if isinstance(cell, str) else str(cell)
    if re.fullmatch(r"\d{1,9}(\.\d{1,20})?", text) and Decimal(text) > 0:
        rate = Decimal(text).quantize(Decimal("1e-8"))
        if rate > 0:
            return rate
    problems.append(
        _("“%(text)s” is not a rate: enter a number above zero.") % {"text": str(cell)[:40]}
    )
    return None


def _currency_of(cell: CellValue, default: str, problems: list[str]) -> str:
    if cell is None:
        return default
    text = str(cell).strip().upper()
    if is_currency(text):
        return text
    problems.append(_("Use the three letters of the currency, such as CAD or HNL."))
    return ""

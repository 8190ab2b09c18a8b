"""Imports the accounting system's file: keeps it, compares it with the books, and writes its rows.

Rows that were entered or imported before are left out. Rows of a locked period are left out too, or
entered as corrections on an open day. The person is asked once about a word that is no category.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from accounts.models import User
from kernel.files import CheckedFile
from kernel.formats import day
from kernel.refusal import Refusal
from kernel.tables import TableLine, plain, read_table
from projects.models import (
    AccountingLock,
    Budget,
    ExchangeRate,
    Expenditure,
    ExpenditureUpload,
    ImportBatch,
    ImportMapping,
    Project,
)
from projects.money.accounting_file import (
    MAX_ROWS,
    AccountingColumn,
    AccountingEntry,
    AccountingLayout,
    find_columns,
    parse_entries,
)
from projects.money.services.approval import (
    begin_status,
    lock_covering,
    locked_message,
    locks_in_force,
)
from projects.money.services.budget import lock_project


@dataclass
class ImportableRow:
    """A row of the file that can be written, with the ids of its category and result.

    `lock`: the lock of its day, if there is one. `key`: recognises the row in a later file.
    `sent_back`: the same voucher was entered by hand and sent back, so that both would count once
    somebody asks for its approval again.
    """

    entry: AccountingEntry
    on: date
    amount: Decimal
    category: int
    result: int | None
    rate: Decimal
    key: str
    lock: AccountingLock | None = None
    sent_back: bool = False


@dataclass
class ImportPreview:
    """The rows of a file, sorted by what would become of them, and what has to be asked first."""

    new: list[ImportableRow] = field(default_factory=list)
    locked: list[ImportableRow] = field(default_factory=list)
    known: list[AccountingEntry] = field(default_factory=list)
    wrong: list[AccountingEntry] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)  # words that name none of the project
    results: list[str] = field(default_factory=list)
    open_day: str = ""
    open_amount: str = ""
    headers: list[str] = field(default_factory=list)

    @property
    def has_questions(self) -> bool:
        return bool(self.categories or self.results or self.open_day or self.open_amount)

    @property
    def sent_back(self) -> int:
        """How many rows would come beside a voucher that was sent back."""
        return sum(row.sent_back for row in (*self.new, *self.locked))

    @property
    def is_clear(self) -> bool:
        """Whether the rows can be written with nothing left to answer or to correct."""
        return not (self.has_questions or self.wrong)

    @property
    def fingerprint(self) -> str:
        """The hash of what was shown, which proves that nothing changed before the confirmation."""
        parts = [row.key for row in (*self.new, *self.locked)]
        parts += [f"{row.category}/{row.result}/{row.rate}" for row in self.new]
        parts += [str(row.lock and row.lock.pk) for row in self.locked]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


# --- The uploaded file ---


@transaction.atomic
def keep_upload(project: Project, checked: CheckedFile, *, owner: User) -> ExpenditureUpload:
    """Keeps the file until it is confirmed, in place of an earlier one of the same person."""
    lock_project(project)
    name = checked.original_name
    return ExpenditureUpload.keep_instead(checked, name, project=project, owner=owner)


def read_lines(upload: ExpenditureUpload) -> list[TableLine]:
    """Raises Refusal where the file is gone or cannot be read."""
    try:
        with upload.file.storage.open(str(upload.file.name)) as file:
            return read_table(BytesIO(file.read()), upload.kind, max_rows=MAX_ROWS)
    except FileNotFoundError:
        raise Refusal(_("This file can no longer be read: upload it again.")) from None


def proposed_columns(upload: ExpenditureUpload, mapping: ImportMapping) -> list[AccountingColumn]:
    """Raises Refusal."""
    return find_columns(read_lines(upload), mapping.columns)[1]


# --- Comparing it with the books ---


def preview_import(upload: ExpenditureUpload) -> ImportPreview:
    """Sorts the rows of the file by what would become of them, in a fixed number of queries.

    Raises Refusal where the file cannot be read.
    """
    project = upload.project
    mapping = ImportMapping.of(project)
    lines = read_lines(upload)
    head, columns = find_columns(lines, mapping.columns)
    layout = AccountingLayout(
        fields={column.place: column.field for column in columns if column.field},
        currency=mapping.currency or project.currency,
        date_order=mapping.date_order,
        decimal_mark=mapping.decimal_mark,
    )
    reading = parse_entries(lines[head + 1 :], layout)
    preview = ImportPreview(open_day=reading.open_day, open_amount=reading.open_amount)
    preview.headers = [str(cell or "") for cell in lines[head].cells]
    _classify_entries(preview, reading.entries, ProjectBooks(project, mapping))
    return preview


class ProjectBooks:
    """Categories, results, rates, locks and rows of a project, read once, to compare a file with."""

    def __init__(self, project: Project, mapping: ImportMapping) -> None:
        self.currency = project.currency
        self.locks = locks_in_force(project)
        self.rates: list[ExchangeRate] = list(project.exchange_rates.all())
        categories, results = list(project.budget_categories.all()), list(project.results.all())
        self.categories = _known_words(mapping.categories, categories)
        self.categories |= {plain(name): one.pk for one in categories for name in one.all_names()}
        self.results = _known_words(mapping.results, results) | {"": None}
        self.results |= {plain(one.code): one.pk for one in results}
        rows = project.expenditures
        self.keys = set(rows.exclude(row_key="").values_list("row_key", flat=True))
        # What was sent back is in no figure, so the row of the file is not there yet.
        self.entered: Counter[tuple[Any, ...]] = Counter()
        self.sent_back: Counter[tuple[Any, ...]] = Counter()
        by_hand = rows.filter(batch=None, adjusts=None).exclude(voucher="")
        facts = ("status", "voucher", "spent_on", "amount", "currency")
        for status, voucher, *rest in by_hand.values_list(*facts):
            returned = status == Expenditure.Status.RETURNED
            (self.sent_back if returned else self.entered)[(plain(voucher), *rest)] += 1

    def result(self, words: str) -> int | None:
        """Returns the id of the result “1110” or “1110 – its statement”. Raises KeyError."""
        name = plain(words)
        code = name.partition(" ")[0]
        return self.results[name] if name in self.results else self.results[code]

    def rate(self, currency: str, on: date) -> Decimal | None:
        if currency == self.currency:
            return Decimal(1)
        days = (one for one in self.rates if one.currency == currency)
        return next((one.rate for one in days if one.starts_on <= on <= one.ends_on), None)


def _known_words(learnt: dict[str, Any], things: list[Any]) -> dict[str, int | None]:
    """Returns the words that were assigned to a thing which still exists, or to none."""
    existing = {thing.pk for thing in things}
    return {word: pk for word, pk in learnt.items() if pk is None or pk in existing}


def _classify_entries(
    preview: ImportPreview, entries: list[AccountingEntry], books: ProjectBooks
) -> None:
    seen: Counter[str] = Counter()
    categories: dict[str, str] = {}
    results: dict[str, str] = {}
    for entry in entries:
        category = books.categories.get(plain(entry.words["category"]))
        if not entry.words["category"]:
            entry.problems.append(_("The category is missing."))
        elif category is None:
            categories[plain(entry.words["category"])] = entry.words["category"]
        try:
            result = books.result(entry.words["result"])
        except KeyError:
            result = None
            results[plain(entry.words["result"])] = entry.words["result"]
        rate = _rate_for(entry, books)
        if entry.problems:
            preview.wrong.append(entry)
            continue
        key = _key_of(entry, seen)
        if key in books.keys or _is_among(books.entered, entry):
            preview.known.append(entry)
            continue
        assert entry.on is not None  # otherwise the entry has a problem
        assert entry.amount is not None
        lock = lock_covering(books.locks, entry.on)
        # Without a category the import is refused: its word is asked about first.
        row = ImportableRow(entry, entry.on, entry.amount, category or 0, result, rate, key, lock)
        row.sent_back = _is_among(books.sent_back, entry)
        (preview.locked if lock else preview.new).append(row)
    preview.categories, preview.results = list(categories.values()), list(results.values())


def _rate_for(entry: AccountingEntry, books: ProjectBooks) -> Decimal:
    """Returns the rate of the row, or that of the project's table; notes a problem without either."""
    if entry.currency == books.currency:
        return Decimal(1)
    rate = entry.rate or (entry.on and books.rate(entry.currency, entry.on))
    if rate is None and entry.on and entry.currency:
        entry.problems.append(
            _("No rate of %(currency)s for %(day)s: enter it under Rates.")
            % {"currency": entry.currency, "day": day(entry.on)}
        )
    return rate or Decimal(1)


def _key_of(entry: AccountingEntry, seen: Counter[str]) -> str:
    """Returns the hash that recognises a row: its voucher, day and amount, or without a voucher all
    that it says.

    It includes how often the same was in the file before: two equal rows of one file are two
    payments, and the same file uploaded again brings no new ones.
    """
    parts = [entry.words["voucher"], str(entry.on), str(entry.amount), entry.currency]
    if not entry.words["voucher"]:
        parts += [entry.words["category"], entry.words["result"], entry.words["description"]]
    # The sign and decimal point of the amount count, which `plain` would drop.
    base = "\n".join(plain(part) if n != 2 else part for n, part in enumerate(parts))
    seen[base] += 1
    return hashlib.sha256(f"{base}\n{seen[base]}".encode()).hexdigest()


def _is_among(entered: Counter[tuple[Any, ...]], entry: AccountingEntry) -> bool:
    """Returns whether the row was entered by hand; each entered row matches one of the file."""
    row = (plain(entry.words["voucher"]), entry.on, entry.amount, entry.currency)
    if not entered[row]:
        return False
    entered[row] -= 1
    return True


# --- Writing the rows ---


@transaction.atomic
def write_import(
    upload: ExpenditureUpload, *, seen: str, locked_on: date | None, by: User
) -> ImportBatch:
    """Writes the confirmed rows as a whole or not at all, and deletes the file.

    `seen`: the fingerprint of what was shown. `locked_on`: the open day on which rows of locked
    periods are entered as corrections; None leaves them out. Raises Refusal.
    """
    project = upload.project
    lock_project(project)
    if not ExpenditureUpload.objects.select_for_update().filter(pk=upload.pk).exists():
        raise Refusal(_("This file has already been confirmed or discarded."))
    preview = preview_import(upload)
    if not preview.is_clear:
        raise Refusal(
            _("Some rows cannot be imported: answer the questions and correct the rows first.")
        )
    if preview.fingerprint != seen:
        raise Refusal(_("The books have changed in the meantime: look at the rows again."))
    if locked_on and (lock := lock_covering(locks_in_force(project), locked_on)):
        raise Refusal(locked_message(locked_on, lock))
    taken = [*preview.new, *(preview.locked if locked_on else [])]
    if not taken:
        raise Refusal(_("This file contains nothing new: discard it."))
    batch = ImportBatch.objects.create(
        project=project,
        original_name=upload.original_name,
        sha256=upload.sha256,
        rows=len(taken),
        left_out=len(preview.known) + (0 if locked_on else len(preview.locked)),
        by=by,
    )
    budget = Budget.of(project)
    rows = [_expenditure(row, batch, locked_on) for row in taken]
    for row in rows:
        begin_status(row, by=by, waits=budget.needs_approval(row.value))
    bulk_create_with_history(rows, Expenditure, batch_size=1000, default_user=by)
    upload.discard()
    return batch


def _expenditure(row: ImportableRow, batch: ImportBatch, locked_on: date | None) -> Expenditure:
    is_correction = row.lock is not None
    return Expenditure(
        project_id=batch.project_id,
        category_id=row.category,
        result_id=row.result,
        # Rows of locked periods are written only where `locked_on` says on which day.
        spent_on=locked_on if is_correction and locked_on else row.on,
        concerns_on=row.on if is_correction else None,
        amount=row.amount,
        currency=row.entry.currency,
        rate=row.rate,
        description=row.entry.words["description"][:300],
        voucher=row.entry.words["voucher"][:60],
        batch=batch,
        row_key=row.key,
    )

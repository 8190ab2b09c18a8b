"""What changed after a lock: each value with what it was before and after, from the history of the
rows, which nobody edits."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Field, ForeignKey, Model, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kernel.formats import day, moment, number


@dataclass(frozen=True)
class Change:
    """One value that changed: after which lock, of what, from what, to what, by whom and why."""

    at: datetime
    lock: str
    thing: str
    url: str
    field: str
    before: str
    after: str
    by: int | None = None
    why: str = ""


@dataclass(frozen=True)
class Compared:
    """Two records of the history of a row that follow each other; `before` is None for the first."""

    key: int
    before: Any
    after: Any

    @property
    def at(self) -> datetime:
        moment: datetime = self.after.history_date
        return moment

    @property
    def by(self) -> int | None:
        person: int | None = self.after.history_user_id
        return person

    @property
    def is_new(self) -> bool:
        return bool(self.after.history_type == "+")

    @property
    def is_deletion(self) -> bool:
        return bool(self.after.history_type == "-")


def beginning_of(on: date) -> datetime:
    """Return the first moment of a day, where only the day is on record."""
    return timezone.make_aware(datetime.combine(on, time.min))


def compared(model: type[Model], rows: Q, since: datetime) -> Iterator[Compared]:
    """Return the steps in the history of those rows that changed after `since`, each beside the one
    before it; earlier steps of the same rows, too, since a lock may have come between."""
    history: Any = model.history  # type: ignore[attr-defined]  # the models here keep one
    found = history.filter(rows)
    touched = found.filter(history_date__gt=since).order_by().values("id")
    before: Any = None
    for record in found.filter(id__in=touched).order_by("id", "history_date", "history_id"):
        if before is not None and before.id != record.id:
            before = None
        yield Compared(record.id, before, record)
        before = record


class Written:
    """Writes values of fields for readers. Related rows are read once for all changes."""

    def __init__(self, model: type[Model], names: Collection[str]) -> None:
        self._fields: dict[str, Any] = {}
        for name in names:
            field = model._meta.get_field(name)
            assert isinstance(field, Field)  # names of columns
            self._fields[name] = field
        self._related: dict[str, dict[int, str]] = {}

    def learn(self, pairs: Iterable[Compared]) -> None:
        """Read the rows to which the records refer."""
        keys: dict[str, set[int]] = defaultdict(set)
        for pair in pairs:
            for record in filter(None, (pair.before, pair.after)):
                for name, field in self._fields.items():
                    if isinstance(field, ForeignKey) and (key := getattr(record, field.attname)):
                        keys[name].add(key)
        for name, wanted in keys.items():
            related: Any = self._fields[name].related_model
            found = related._base_manager.in_bulk(wanted)
            self._related[name] = {key: str(row) for key, row in found.items()}

    def differences(self, pair: Compared) -> Iterator[tuple[str, str, str]]:
        """Return label, value before and value after of each field that changed."""
        for name, field in self._fields.items():
            old, new = getattr(pair.before, field.attname), getattr(pair.after, field.attname)
            if old != new:
                yield capfirst(str(field.verbose_name)), self.say(name, old), self.say(name, new)

    def say(self, name: str, value: Any) -> str:
        field = self._fields[name]
        if value is None or value == "":
            return "–"
        if isinstance(field, ForeignKey):
            return self._related.get(name, {}).get(value, f"{field.verbose_name} {value}")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return said(value)


def said(value: Any) -> str:
    """Write a plain value for a reader."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal | int):
        return number(value)
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else str(value)


Name = tuple[str, str]


def plainly_entered(record: Any) -> tuple[str, str, str]:
    return _("Entered"), "–", ""


def changes_of(
    model: type[Model],
    rows: Q,
    since: datetime | None,
    *,
    fields: Collection[str],
    lock_of: Callable[[Compared], str],
    name_of: Callable[[Any], Name],
    entered: Callable[[Any], tuple[str, str, str]] = plainly_entered,
) -> list[Change]:
    """Return the changed fields of those rows, where `lock_of` names a lock that came before.

    `name_of` gives the name of a record and the address of its page; `entered` says of a new row
    what it is, what was there before, and why.
    """
    if since is None:
        return []
    pairs = [(pair, lock) for pair in compared(model, rows, since) if (lock := lock_of(pair))]
    written = Written(model, fields)
    written.learn(pair for pair, _lock in pairs)
    found = []
    for pair, lock in pairs:
        name, url = name_of(pair.after)
        why = pair.after.history_change_reason or ""
        steps = written.differences(pair) if pair.before else iter(())
        if pair.is_deletion:
            steps = iter([(_("Deleted"), name, "–")])
        elif pair.is_new:
            label, before, why = entered(pair.after)
            steps = iter([(label, before, name)])
        found += [Change(pair.at, lock, name, url, *step, by=pair.by, why=why) for step in steps]
    return found

"""Which backups are kept: the newest of each of the last days, weeks and months in which there are
any. The newest of all is never deleted, and nothing whose name is not that of a backup."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

FORM = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"portal-(\d{8}T\d{6}Z)\.backup(\.age)?")


def name_for(moment: datetime, *, is_encrypted: bool) -> str:
    return f"portal-{moment.astimezone(UTC):{FORM}}.backup{'.age' if is_encrypted else ''}"


def moment_in(name: str) -> datetime | None:
    """Return the moment in the name of a backup; None if it is another file."""
    found = NAME.fullmatch(name)
    try:
        return datetime.strptime(found[1], FORM).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


PERIODS: tuple[Callable[[datetime], Any], ...] = (
    lambda moment: moment.date(),
    lambda moment: moment.isocalendar()[:2],
    lambda moment: (moment.year, moment.month),
)


def superfluous(names: Iterable[str], keep: tuple[int, int, int]) -> list[str]:
    """Return which of these are not kept, if so many days, weeks and months are."""
    found = {name: moment for name in names if (moment := moment_in(name))}
    newest_first = sorted(found, key=lambda name: found[name], reverse=True)
    kept = set(newest_first[:1])
    for period, count in zip(PERIODS, keep, strict=True):
        newest: dict[Any, str] = {}
        for name in newest_first:
            newest.setdefault(period(found[name]), name)
        kept |= set(list(newest.values())[:count])
    return [name for name in newest_first if name not in kept]

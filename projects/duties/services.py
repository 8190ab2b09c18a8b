"""Enters reporting duties from a preset, opens periods, and records what was handed in."""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.files import CheckedFile
from kernel.languages import LANGUAGES, active_language
from kernel.text import columns_of
from partners.services import remove_files
from projects.amendments.periods import HALF_A_MONTH, MONTHS_OF, months_later
from projects.models import DutyDone, DutyFile, Period, Project, ReportingDuty

FILE = Path(__file__).parent.parent / "duties.toml"
MAX_PERIODS = 80  # twenty years of quarters


@cache
def presets() -> dict[str, dict[str, Any]]:
    with FILE.open("rb") as file:
        return tomllib.load(file)


def preset_choices() -> list[tuple[str, str]]:
    return [(key, preset[active_language()]) for key, preset in presets().items()]


@transaction.atomic
def add_preset_duties(project: Project, name: str, *, once: bool = True) -> int:
    """Add the duties of a preset that the project does not have yet; return how many. `once`: also
    what is asked for once, and not for each period."""
    Project.objects.select_for_update().get(pk=project.pk)
    known = {
        (duty.kind, getattr(duty, column), duty.period_kind)
        for duty in project.reporting_duties.all()
        for column in columns_of("title")
    }
    added = 0
    for row in presets()[name]["duty"]:
        period = row.get("period", ReportingDuty.ONCE)
        if period == ReportingDuty.ONCE and not once:
            continue
        if any((row["kind"], row[each], period) in known for each in LANGUAGES):
            continue
        duty = ReportingDuty(
            project=project,
            kind=row["kind"],
            period_kind=period,
            days=row["days"],
            edge=row["edge"],
            role=row["role"],
            **{f"title_{language}": row[language] for language in LANGUAGES},
        )
        duty.note_translations([f"title_{language}" for language in LANGUAGES])
        duty.save()
        added += 1
    return added


def next_start(project: Project, kind: str) -> date:
    """Return the first day of the next period of that kind.

    It follows the last period; without one, project years begin with the project, and the donor's
    years and their parts on the first of April before it.
    """
    last: date | None = project.periods.filter(kind=kind).aggregate(last=Max("end"))["last"]
    if last:
        return last + timedelta(days=1)
    if kind == Period.Kind.PROJECT_YEAR:
        return project.starts_on
    month = next(iter(presets().values()))["year_starts"]
    year = project.starts_on.year - (project.starts_on.month < month)
    start = date(year, month, 1)
    while months_later(start, MONTHS_OF[Period.Kind(kind)]) <= project.starts_on:
        start = months_later(start, MONTHS_OF[Period.Kind(kind)])
    return start


def periods_from(start: date, kind: str, until: date) -> Iterator[tuple[date, date]]:
    """Iterate over consecutive periods from that day, until one includes `until`. Days are counted
    from the first start, so that the 31st returns after a short month."""
    length = MONTHS_OF[Period.Kind(kind)]
    number = 0
    while (begins := months_later(start, number * length)) <= until:
        number += 1
        yield begins, months_later(start, number * length) - timedelta(days=1)


@transaction.atomic
def open_periods(project: Project, kind: str, *, start: date) -> list[Period]:
    """Add the periods of a kind from a day to the end of the project, with which its last year ends.
    Raises ValidationError."""
    Project.objects.select_for_update().get(pk=project.pk)
    if start > project.current_end:
        raise ValidationError({"start": _("The project is over by then: choose an earlier day.")})
    added = periods_to_open(project, kind, start=start)
    if len(added) > MAX_PERIODS:
        raise ValidationError({"start": _("These would be too many periods: choose a later day.")})
    for period in added:
        period.full_clean()
        period.save()
    return added


def periods_to_open(project: Project, kind: str, *, start: date) -> list[Period]:
    """Return the periods of a kind from a day to the end of the project, which nobody has saved."""
    rows = list(islice(periods_from(start, kind, project.current_end), MAX_PERIODS + 1))
    if kind == Period.Kind.PROJECT_YEAR:
        if len(rows) > 1 and project.current_end - rows[-1][0] < HALF_A_MONTH:
            rows.pop()
        rows[-1] = rows[-1][0], project.current_end
    last = project.periods.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0
    return [
        Period(project=project, kind=kind, number=number, start=begins, end=ends)
        for number, (begins, ends) in enumerate(rows, start=last + 1)
    ]


@transaction.atomic
def record_done(done: DutyDone, *, by: User, content: CheckedFile | None = None) -> DutyDone:
    """Record that a duty was fulfilled for a period or does not apply.

    There is one record per period: a later one replaces it. Raises ValidationError.
    """
    ReportingDuty.objects.select_for_update().get(pk=done.duty_id)
    known = DutyDone.objects.filter(duty=done.duty_id, period=done.period_id).first()
    if known:
        known.outcome, known.on, known.note = done.outcome, done.on, done.note
        done = known
    done.by = by
    done.full_clean()
    done.save()
    if content:
        if old := DutyFile.objects.filter(done=done).first():
            remove_files(old)
        file = DutyFile(done=done)
        file.keep(content)
        file.save()
    return done


@transaction.atomic
def remove_record(done: DutyDone) -> None:
    """Delete the record and its file: the duty was not fulfilled after all."""
    if file := DutyFile.objects.filter(done=done).first():
        remove_files(file)
    done.delete()

"""A framework out to a workbook, and an edited workbook between its upload and its confirmation.

Values come back as whole values: the total and all cells of an indicator, kind and period are kept
together, and submitted. Nobody approves by a workbook.
"""

from collections import defaultdict
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.channel import Channel
from kernel.edited_workbooks import Column, Row, Sheet, write_workbook
from kernel.files import CheckedFile
from kernel.refusal import Refusal
from projects.framework.services.cells import (
    MARKER,
    Frame,
    Slot,
    Words,
    columns_of,
    rows_of,
    sheet_key,
)
from projects.framework.services.importing import FrameworkReading, column_of, import_of
from projects.framework.services.logic_model import hold
from projects.framework.services.values import Entry, Numbers, keep_values, take_step
from projects.models import DataPoint, FrameworkUpload, Indicator, Project, Result
from projects.models.value import TOTAL

FILE_NAME = "framework.xlsx"
Status = DataPoint.Status

# Out


def workbook_of(project: Project, user: User) -> bytes:
    frame = Frame(project, user)
    return write_workbook(_sheet(frame, columns_of(frame.rights), rows_of(frame), sheet_key(frame)))


def marked_workbook(project: Project, user: User, found: FrameworkReading) -> bytes:
    """The workbook as it came, with what is wrong marked and explained in its cells."""
    return write_workbook(_sheet(Frame(project, user), found.columns, found.rows, found.key))


def _sheet(frame: Frame, columns: list[Column], rows: list[Row], key: str) -> Sheet:
    instructions = [
        _(
            "Change the cells, then give this workbook back to the portal: nothing is written before "
            "you have seen every change and confirmed it."
        ),
        _(
            "The grey columns say what a row is about: what is written there does not come back. "
            "A row that is deleted changes nothing."
        ),
        _(
            "An empty total is the sum of its groups. Values are submitted and wait for somebody "
            "else to approve them."
        ),
        _("Leave the hidden first row and column as they are. Never write data on victims."),
    ]
    name = _("Framework")
    return Sheet(
        MARKER, key, str(frame.project), instructions, columns, rows, name=name, spare_rows=0
    )


# Between upload and confirmation


def reading_of(upload: FrameworkUpload, project: Project, user: User) -> FrameworkReading:
    """What the kept file would change. Raises Refusal where it is gone or unreadable."""
    try:
        with upload.file.storage.open(str(upload.file.name)) as file:
            return import_of(project, user, file)
    except FileNotFoundError:
        raise Refusal(_("The workbook cannot be read any more: give it again.")) from None


@transaction.atomic
def keep_workbook(project: Project, checked: CheckedFile, *, owner: User) -> FrameworkUpload:
    """Keep the file until it is confirmed, in place of an earlier one of the same person."""
    hold(project)
    for earlier in FrameworkUpload.objects.filter(project=project, owner=owner):
        earlier.discard()
    checked.content.seek(0)
    content = ContentFile(checked.content.read(), FILE_NAME)
    upload = FrameworkUpload(project=project, owner=owner)
    upload.keep(CheckedFile(content, FILE_NAME, "xlsx", checked.size, checked.sha256))
    upload.save()
    return upload


@transaction.atomic
def write_import(
    upload: FrameworkUpload, project: Project, *, seen: str, take_conflicts: bool, by: User
) -> FrameworkReading:
    """Write what was confirmed, all of it or nothing, and delete the file.

    `seen`: the fingerprint of what was shown. `take_conflicts`: where both sides changed a cell,
    the workbook's value is taken, else that of the portal stays. Raises Refusal or
    ValidationError.
    """
    held = hold(project)
    if not FrameworkUpload.objects.select_for_update().filter(pk=upload.pk).exists():
        raise Refusal(_("This workbook was confirmed or discarded already."))
    # Their rows are the locks of values; in one order, so that two imports do not wait for each
    # other.
    list(Indicator.objects.filter(result__project=held).order_by("pk").select_for_update())
    found = reading_of(upload, held, by)
    if found.problems:
        raise Refusal(_("Some cells cannot be taken: mend them first."))
    if found.fingerprint != seen:
        raise Refusal(_("Something changed meanwhile: look at the changes again."))
    by_value: dict[tuple, list[tuple[Slot, Words]]] = defaultdict(list)
    for row in found.changed:
        wanted = row.wanted(take_conflicts=take_conflicts)
        values = {name: value for name, value in row.values.items() if name in wanted}
        if not values:
            continue
        if isinstance(row.thing, Slot):
            by_value[row.thing.of_total].append((row.thing, values))
        else:
            _write_texts(row.thing, values)
    frame = Frame(held, by)
    for changes in by_value.values():
        _write_value(frame, changes, by)
    upload.discard()
    return found


def _write_texts(thing: Result | Indicator, values: Words) -> None:
    fields = {column_of(thing, name): value for name, value in values.items()}
    for name, value in fields.items():
        setattr(thing, name, value)
    thing.note_translations(fields)
    thing.save()


def _write_value(frame: Frame, changes: list[tuple[Slot, Words]], by: User) -> None:
    """The whole value as it is now, with what the workbook says otherwise; then submitted."""
    slot = changes[0][0]
    said = {
        each.cell: frame.said(each)
        for each in frame.things.values()
        if isinstance(each, Slot) and each.of_total == slot.of_total
    }
    for each, values in changes:
        said[each.cell] |= values
    total = frame.total_of(slot)
    if total and total.status == Status.APPROVED:
        take_step(total, "reopen", by=by, why=_("By a workbook of the framework."))
    point = keep_values(
        slot.indicator, slot.kind, slot.period, _entry(frame, slot, said, total, by)
    )
    if point.status == Status.DRAFT and _says_anything(said):
        take_step(point, "submit", by=by)


def _entry(
    frame: Frame, slot: Slot, said: dict[Any, Words], total: DataPoint | None, by: User
) -> Entry:
    words = said[TOTAL]
    came: dict[str, Any] = {}
    if frame.rights.is_team and total:
        names = ("given_by", "channel", "received_on", "evidence")
        came = {name: getattr(total, name) for name in names}
    elif not frame.rights.is_team:
        came = {"given_by": slot.indicator.responsible, "channel": Channel.PORTAL}
    return Entry(
        by=by,
        total=_numbers(words),
        cells={cell: _numbers(each) for cell, each in said.items() if cell != TOTAL},
        nothing_to_report=bool(
            total
            and total.nothing_to_report
            and not any(_numbers(each).is_told for each in said.values())
        ),
        comment=words["words"],
        source=words["source"],
        **came,
    )


def _numbers(said: Words) -> Numbers:
    return Numbers(said.get("value"), said.get("out_of"))


def _says_anything(said: dict[Any, Words]) -> bool:
    return bool(said[TOTAL]["words"]) or any(_numbers(each).is_told for each in said.values())

"""Moves and renumbers results and keeps approved versions of the logic model; exports the framework as
a workbook, and keeps and writes an edited one that was uploaded.

The total and all cells of an indicator, kind and period are written together and submitted. A
workbook approves nothing.
"""

from collections import defaultdict
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, F, Max, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.channel import Channel
from kernel.files import CheckedFile
from kernel.refusal import Refusal
from kernel.workbooks import WorkbookColumn, WorkbookRow, WorkbookSheet
from projects.framework.numbering import NewCode, NoCodeLeft, fingerprint, renumbering
from projects.framework.outline import compare, content_of
from projects.framework.services.cells import (
    MARKER,
    CellValues,
    FrameworkContent,
    ValueSlot,
    columns_of,
    languages_of,
    rows_of,
    sheet_key,
)
from projects.framework.services.importing import FrameworkReading, column_of, import_of
from projects.framework.services.values import Numbers, ValueEntry, keep_values, take_step
from projects.framework.tree import Node, logic_model, result_order
from projects.models import (
    Activity,
    Cell,
    DataPoint,
    FrameworkUpload,
    Indicator,
    LogicModelVersion,
    Project,
    Result,
)
from projects.models.value import TOTAL

# --- The logic model ---
#
# Every change of the tree locks the row of the project, so that the second of two changes sees the
# first.


def lock_tree(project: Project) -> Project:
    """Lock the tree of results until the transaction ends."""
    return Project.objects.select_for_update().get(pk=project.pk)


def outline_of(project: Project) -> list[Node]:
    """Return the tree of results with their indicators, without any values."""
    return logic_model(project, [])


def last_place(result: Result) -> int:
    """Return the position after its siblings; 0 if nobody has moved them, so that codes order
    them."""
    last = _siblings(result).exclude(pk=result.pk).aggregate(last=Max("position"))["last"]
    return last + 1 if last else 0


def _siblings(result: Result) -> QuerySet[Result]:
    same = Result.objects.filter(project=result.project_id, level=result.level)
    return same.filter(parent=result.parent_id)


@transaction.atomic
def shift(result: Result, *, by_places: int) -> bool:
    """Move a result up (-1) or down (1) among its siblings; return False if it is at the end."""
    lock_tree(result.project)
    siblings = sorted(_siblings(result), key=result_order)
    place = [each.pk for each in siblings].index(result.pk)
    goal = place + by_places
    if not 0 <= goal < len(siblings):
        return False
    siblings.insert(goal, siblings.pop(place))
    for position, each in enumerate(siblings, 1):
        if each.position != position:
            each.position = position
            each.save(update_fields=["position"])
    return True


@transaction.atomic
def renumber(project: Project, *, seen: str) -> list[NewCode]:
    """Give every result its customary code, as previewed; codes of indicators and activities
    follow.

    `seen`: the fingerprint of the preview. Raises ValidationError if the tree has changed since, or
    if the donor's numbering has too few codes.
    """
    project = lock_tree(project)
    changes = preview(project)
    if fingerprint(changes) != seen:
        raise ValidationError(
            _("Somebody has changed the tree in the meantime. This is what would be done now.")
        )
    for model in (Result, Indicator, Activity):
        _write([each for each in changes if isinstance(each.thing, model)], model)
    return changes


def preview(project: Project) -> list[NewCode]:
    """Return the changes that a renumbering would make. Raises ValidationError."""
    try:
        activities = project.activities.exclude(code="").order_by("code")
        return renumbering(project.donor_preset, outline_of(project), activities)
    except NoCodeLeft as error:
        raise ValidationError(
            _(
                "The numbering of %(preset)s has no more codes for “%(levels)s” below "
                "%(code)s. Assign these codes by hand."
            )
            % {
                "preset": project.donor_preset.name,
                "levels": error.level.names,
                "code": error.parent_code or _("the top"),
            }
        ) from error


def _write(changes: list[NewCode], model: type[Result | Indicator | Activity]) -> None:
    """Write the new codes. Codes are unique and two rows may swap theirs, so all rows get a
    temporary code first."""
    rows = model.objects.filter(pk__in=[each.thing.pk for each in changes])
    rows.update(code=Concat(Value("~"), Cast(F("pk"), CharField())))
    for each in changes:
        each.thing.code = each.new
        each.thing.save(update_fields=["code"])


@transaction.atomic
def approve_logic_model(version: LogicModelVersion, *, by: User | None) -> LogicModelVersion:
    """Keep the present tree as the next version. Raises ValidationError if there is no result yet,
    or if nothing differs from the version before."""
    project = lock_tree(version.project)
    tree = outline_of(project)
    if not tree:
        raise ValidationError(_("There is no result to approve yet."))
    latest = project.logic_versions.first()
    version.number = latest.number + 1 if latest else 1
    version.content = content_of(project, tree)
    if latest and not compare(latest.outline, version.content):
        message = _("Nothing has changed since: %(version)s.")
        raise ValidationError(message % {"version": latest})
    version.recorded_by = by
    version.full_clean(exclude=["content"])
    version.save()
    return version


# --- Workbooks ---

FILE_NAME = "framework.xlsx"
Status = DataPoint.Status

# --- Out ---


def workbook_of(project: Project, user: User) -> bytes:
    """Return an XLSX file with the rows and columns that the person may change."""
    from kernel.workbook_writing import write_workbook  # noqa: PLC0415  (it imports openpyxl)

    content = FrameworkContent(project, user)
    columns = columns_of(content.rights, languages_of(content))
    return write_workbook(_sheet(content, columns, rows_of(content), sheet_key(content)))


def marked_workbook(project: Project, user: User, found: FrameworkReading) -> bytes:
    """Return the uploaded workbook with its problems marked and explained in the cells."""
    from kernel.workbook_writing import write_workbook  # noqa: PLC0415  (likewise)

    return write_workbook(
        _sheet(FrameworkContent(project, user), found.columns, found.rows, found.key)
    )


def _sheet(
    content: FrameworkContent, columns: list[WorkbookColumn], rows: list[WorkbookRow], key: str
) -> WorkbookSheet:
    instructions = [
        _(
            "Change the cells, then upload this workbook to the portal: nothing is saved "
            "before you have seen and confirmed every change."
        ),
        _(
            "The grey columns say what a row is about: anything written there is "
            "ignored. Deleting a row changes nothing."
        ),
        _(
            "An empty total is the sum of its groups. Values are submitted and then wait "
            "for somebody else to approve them."
        ),
        _("Leave the hidden first row and column as they are. Never write data on victims."),
    ]
    name = _("Framework")
    return WorkbookSheet(
        MARKER, key, str(content.project), instructions, columns, rows, name=name, spare_rows=0
    )


# --- Between upload and confirmation ---


def reading_of(upload: FrameworkUpload, project: Project, user: User) -> FrameworkReading:
    """List what the uploaded file would change. Raises Refusal if it is gone or unreadable."""
    try:
        with upload.file.storage.open(str(upload.file.name)) as file:
            return import_of(project, user, file)
    except FileNotFoundError:
        raise Refusal(_("The workbook can no longer be read: upload it again.")) from None


@transaction.atomic
def keep_workbook(project: Project, checked: CheckedFile, *, owner: User) -> FrameworkUpload:
    """Keep the file until it is confirmed, and discard an earlier one of the same person."""
    lock_tree(project)
    return FrameworkUpload.keep_instead(checked, FILE_NAME, project=project, owner=owner)


@transaction.atomic
def write_import(
    upload: FrameworkUpload, project: Project, *, seen: str, take_conflicts: bool, by: User
) -> FrameworkReading:
    """Write all confirmed changes or none, and delete the file.

    `seen`: the fingerprint of the changes that were shown. `take_conflicts`: where both sides
    changed a cell, the workbook's value replaces that of the portal. Raises Refusal or
    ValidationError.
    """
    held = lock_tree(project)
    if not FrameworkUpload.objects.select_for_update().filter(pk=upload.pk).exists():
        raise Refusal(_("This workbook has already been confirmed or discarded."))
    # The rows of indicators are the locks of their values. Always locking them in the same order
    # keeps two imports from waiting for each other.
    list(Indicator.objects.filter(result__project=held).order_by("pk").select_for_update())
    found = reading_of(upload, held, by)
    if found.problems:
        raise Refusal(_("Some cells cannot be accepted: correct them first."))
    if found.fingerprint != seen:
        raise Refusal(_("Something has changed in the meantime: look at the changes again."))
    by_value: dict[tuple, list[tuple[ValueSlot, CellValues]]] = defaultdict(list)
    for row in found.changed:
        wanted = row.wanted(take_conflicts=take_conflicts)
        values = {name: value for name, value in row.values.items() if name in wanted}
        if not values:
            continue
        if isinstance(row.item, ValueSlot):
            by_value[row.item.of_total].append((row.item, values))
        else:
            _write_texts(row.item, values)
    content = FrameworkContent(held, by)
    for changes in by_value.values():
        _write_value(content, changes, by)
    upload.discard()
    return found


def _write_texts(item: Result | Indicator, values: CellValues) -> None:
    fields = {column_of(item, name): value for name, value in values.items()}
    for name, value in fields.items():
        setattr(item, name, value)
    item.note_translations(fields)
    item.save()


def _write_value(
    content: FrameworkContent, changes: list[tuple[ValueSlot, CellValues]], by: User
) -> None:
    """Write a value, its total and cells, with the changes of the workbook, and submit it."""
    slot = changes[0][0]
    merged = {
        each.cell: content.values_of(each)
        for each in content.items.values()
        if isinstance(each, ValueSlot) and each.of_total == slot.of_total
    }
    for each, values in changes:
        merged[each.cell] |= values
    total = content.total_of(slot)
    if total and total.status == Status.APPROVED:
        take_step(total, "reopen", by=by, why=_("From a workbook of the framework."))
    point = keep_values(
        slot.indicator, slot.kind, slot.period, _entry(content, slot, merged, total, by)
    )
    if point.status == Status.DRAFT and _has_content(merged):
        take_step(point, "submit", by=by)


def _entry(
    content: FrameworkContent,
    slot: ValueSlot,
    merged: dict[Cell, CellValues],
    total: DataPoint | None,
    by: User,
) -> ValueEntry:
    of_total = merged[TOTAL]
    origin: dict[str, Any] = {}
    if content.rights.is_team and total:
        names = ("given_by", "channel", "received_on", "evidence")
        origin = {name: getattr(total, name) for name in names}
    elif not content.rights.is_team:
        origin = {"given_by": slot.indicator.responsible, "channel": Channel.PORTAL}
    return ValueEntry(
        by=by,
        total=_numbers(of_total),
        cells={cell: _numbers(each) for cell, each in merged.items() if cell != TOTAL},
        nothing_to_report=bool(
            total
            and total.nothing_to_report
            and not any(_numbers(each).has_value for each in merged.values())
        ),
        comment=of_total["words"],
        source=of_total["source"],
        **origin,
    )


def _numbers(values: CellValues) -> Numbers:
    return Numbers(values.get("value"), values.get("out_of"))


def _has_content(merged: dict[Cell, CellValues]) -> bool:
    return bool(merged[TOTAL]["words"]) or any(_numbers(each).has_value for each in merged.values())

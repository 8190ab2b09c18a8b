"""The workbook in which a project brings its data: its template, what comes back or was pasted instead,
and how that is kept until somebody confirms it.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_countries.fields import Country

from accounts.models import User
from ibcr_portal.intake.attendance import AttendanceReader
from ibcr_portal.intake.cells import mark_addresses
from ibcr_portal.intake.committee import DecisionReader, MeetingReader, SeatReader, committee_of
from ibcr_portal.intake.draft import Draft
from ibcr_portal.intake.partners import InstitutionBook, read_contacts
from ibcr_portal.intake.results import BudgetReader, IndicatorReader, LogicReader
from ibcr_portal.intake.sheets import (
    HELP,
    MARKER,
    NEEDED,
    NEEDED_TEXTS,
    SHEETS,
    columns_by_sheet,
    columns_to_fill,
    periods_of,
)
from ibcr_portal.models import Intake, IntakeUpload
from kernel.files import CheckedFile, sha256_of
from kernel.formats import day
from kernel.languages import LANGUAGES, working_languages, writing_order
from kernel.refusal import Refusal
from kernel.tables import plain
from kernel.workbooks import (
    MAX_ROWS,
    CellValue,
    WorkbookColumn,
    WorkbookRow,
    WorkbookSheet,
    read_sheets,
)
from kernel.xml_text import xml_text
from projects.models import Project

MAX_PASTED = 200_000  # characters in one field
MAX_YEARS = 20  # that an import opens: more are a slip in the dates of the project

Rows = dict[str, list[WorkbookRow]]
Columns = Mapping[str, list[WorkbookColumn]]

# --- Out ---


def template_of(project: Project) -> bytes:
    """Return the workbook to be filled in, with its instructions in the reader's language. It has
    the institutions of the project, so that other sheets offer them."""
    columns = {key: with_stars(key, each) for key, each in columns_to_fill(project).items()}
    return workbook_with(project, columns, {"institutions": _taking_part(project)})


def with_stars(sheet: str, columns: list[WorkbookColumn]) -> list[WorkbookColumn]:
    """Return the columns with a star at the labels of those that each row has to fill in."""
    needed = [f"{name}_{writing_order()[0]}" for name in NEEDED_TEXTS.get(sheet, ())]
    return [
        replace(one, label=f"{one.label} *")
        if one.name in (*needed, *NEEDED.get(sheet, ()))
        else one
        for one in columns
    ]


def _taking_part(project: Project) -> list[WorkbookRow]:
    places = project.participations.select_related("institution").order_by("pk")
    institutions = list(dict.fromkeys(place.institution for place in places))
    rows = []
    for institution in institutions:
        name = institution.name_on()
        if name is None or not institution.is_named:
            continue
        cells: dict[str, CellValue] = {
            "acronym": name.acronym,
            "country": cast(Country, institution.country).name,
            "kind": institution.get_kind_display(),
        }
        cells |= {f"name_{code}": getattr(name, f"name_{code}") for code in LANGUAGES}
        rows.append(WorkbookRow("", cells))
    return rows


def workbook_with(project: Project, columns: Columns, rows: Rows) -> bytes:
    """Return the workbook with these rows; marked cells are coloured and explained."""
    from kernel.workbook_writing import write_workbook  # noqa: PLC0415  (it imports openpyxl)

    key = project.code
    told = WorkbookSheet(
        MARKER, HELP, _("Bring your data: %(project)s") % {"project": project}, _told(), [], []
    )
    told.name, told.spare_rows = _("Instructions"), 0
    sheets = [
        WorkbookSheet(
            MARKER,
            sheet.key,
            f"{sheet.name} · {key}",
            [],
            columns[sheet.key],
            [WorkbookRow("", row.cells, marks=row.marks) for row in rows.get(sheet.key, [])],
            name=str(sheet.name),
        )
        for sheet in SHEETS
    ]
    return write_workbook(told, *sheets)


def _told() -> list[str]:
    return [
        _(
            "Fill in the sheets that you need, one row for each thing, and upload this "
            "workbook on the same page. Nothing is saved before you have seen and "
            "confirmed everything."
        ),
        _(
            "Each row has to fill in the columns with a star (*); what you leave empty in the "
            "others can be added later."
        ),
        *_of_languages(),
        _(
            "Institutions: those the portal already knows are found by their name, "
            "acronym or identifier and added to your project as they are. Other sheets "
            "refer to an institution by any of these."
        ),
        _(
            "Contacts: somebody who represents an institution sees the project once you "
            "invite them. The import itself does not invite anybody."
        ),
        _("Seats: write the holder's name as in the sheet of contacts."),
        _(
            "Past meetings are recorded afterwards: no minutes are asked for, and nothing of them "
            "counts as late. Who attended is a list of institutions, separated by semicolons. Decisions"
            " name their meeting by its number or its date."
        ),
        _("Results and indicators: a result names the code of the result it belongs to."),
        _(
            "Targets: one column for each year; a final target goes into the last one. Where the "
            "project has no periods yet, the import opens its years."
        ),
        _("Budget: each row is one amount."),
        _("Dates are written as 2027-03-31. Rows that the portal already has stay as they are."),
        _("Leave the hidden first row and column as they are. Never write data on victims."),
    ]


def _of_languages() -> list[str]:
    if len(working_languages()) < 2:
        return []
    return [
        _(
            "A name in one language is enough. The columns for the other languages are "
            "at the end of each sheet and may stay empty."
        )
    ]


# --- In ---


def rows_of_workbook(file: Any, columns: Columns) -> Rows:
    """Return the rows of each sheet. Raises Refusal if there is nothing, or a column is missing."""
    found = {key: sheet.rows for key, sheet in read_sheets(file, MARKER, columns).items()}
    return _refuse_nothing(found)


def rows_of_pasted(
    content: bytes, project: Project, columns: Columns, hints: list[str] | None = None
) -> Rows:
    """Return the rows of texts that were pasted, by sheet. `hints` gets a sentence for each sheet
    whose rows have neither a head nor all columns. Raises Refusal."""
    pasted: dict[str, str] = json.loads(content)
    names = _names_in_any_language(project)
    found: Rows = {}
    for sheet in SHEETS:
        try:
            found[sheet.key] = _pasted(
                pasted.get(sheet.key, ""), columns[sheet.key], names[sheet.key]
            )
        except Refusal as refusal:
            sentence = _("Sheet “%(sheet)s”: %(sentence)s")
            raise Refusal(sentence % {"sheet": sheet.name, "sentence": refusal}) from None
        if hints is not None and (hint := _hint(found[sheet.key], columns[sheet.key])):
            hints.append(f"{sheet.name}: {hint}")
    return _refuse_nothing(found)


def _hint(rows: list[WorkbookRow], columns: list[WorkbookColumn]) -> str:
    """Say in which columns the cells were put if there were fewer of them, and no head."""
    number = max((row.pasted_cells for row in rows), default=0)
    if not 0 < number < len(columns):
        return ""
    return _(
        "the rows have no column names and fewer columns than the template (%(number)s of "
        "%(all)s). They were read as: %(names)s. If this is wrong, paste the row of column names too."
    ) % {
        "number": number,
        "all": len(columns),
        "names": ", ".join(one.label for one in columns[:number]),
    }


def _names_in_any_language(project: Project) -> dict[str, dict[str, str]]:
    """Return the names of the columns of each sheet by their labels, as a head may say them."""
    names: dict[str, dict[str, str]] = {sheet.key: {} for sheet in SHEETS}
    for language in LANGUAGES:
        with translation.override(language):
            for key, columns in columns_by_sheet(project).items():
                names[key] |= {plain(one.label): one.name for one in columns}
    return names


def _refuse_nothing(rows: Rows) -> Rows:
    if not any(rows.values()):
        raise Refusal(_("There are no rows yet: fill in a sheet, or paste rows below."))
    return rows


def _pasted(text: str, columns: list[WorkbookColumn], names: dict[str, str]) -> list[WorkbookRow]:
    """Return the rows as Excel puts them into the clipboard. Their first line may be the head: then
    the columns may be in any order, and otherwise they are in that of the template."""
    reader = csv.reader(io.StringIO(xml_text(text), newline=""), delimiter="\t")
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error:
        raise Refusal(
            _("These rows cannot be read: copy them from the spreadsheet again.")
        ) from None
    if len(lines) > MAX_ROWS:
        raise Refusal(
            _("More than %(limit)s rows: paste them in several parts.") % {"limit": MAX_ROWS}
        )
    order, has_head = [column.name for column in columns], False
    if lines and (head := _head(lines[0][1], columns, names)):
        order, has_head, lines = head, True, lines[1:]
    rows = []
    for number, cells in lines:
        if any(cell.strip() for cell in cells[len(order) :]):
            raise Refusal(
                _("Row %(row)s has more than %(number)s cells: check for an extra column.")
                % {"row": number, "number": len(order)}
            )
        said = dict(zip(order, (cell.strip() or None for cell in cells), strict=False))
        said.pop("", None)
        row = WorkbookRow("", {one.name: said.get(one.name) for one in columns}, number)
        row.pasted_cells = 0 if has_head else len(cells)
        rows.append(row)
    return rows


def _head(cells: list[str], columns: list[WorkbookColumn], names: dict[str, str]) -> list[str]:
    """Return the names of the columns if the line is the head, which most of its cells say, else
    nothing.

    Raises Refusal if it is a head that lacks a column, or has one that nobody knows.
    """
    found = [names.get(plain(cell.rstrip(" *")), "") for cell in cells]
    known = [name for name in found if name]
    if 2 * len(known) <= len([cell for cell in cells if cell.strip()]):
        return []
    unknown = [cell for cell, name in zip(cells, found, strict=True) if cell.strip() and not name]
    if unknown:
        raise Refusal(
            _("There is no column “%(name)s”: remove it, or name it as the template does.")
            % {"name": unknown[0][:60]}
        )
    lacking = [one.label for one in columns if not one.is_optional and one.name not in known]
    if lacking:
        raise Refusal(_("The column “%(name)s” is missing: add it.") % {"name": lacking[0]})
    return found


# --- Kept until it is confirmed ---

KEPT_FOR = timedelta(days=7)
FILE_NAME, PASTED_NAME = "data.xlsx", "data.txt"


@transaction.atomic
def keep_upload(project: Project, checked: CheckedFile, *, owner: User) -> IntakeUpload:
    """Keep the file until it is confirmed, and discard an earlier one of the same person."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    name = FILE_NAME if checked.kind == "xlsx" else PASTED_NAME
    return IntakeUpload.keep_instead(checked, name, project=project, owner=owner)


def forget_uploads() -> None:
    """Delete what nobody confirmed or discarded for a week: it holds names and addresses."""
    for upload in IntakeUpload.objects.filter(uploaded_at__lt=timezone.now() - KEPT_FOR):
        upload.discard()


def pasted_file(pasted: Mapping[str, str]) -> CheckedFile:
    """Return the rows that were pasted, by sheet, as a file to be kept."""
    content = ContentFile(json.dumps(dict(pasted), ensure_ascii=False).encode(), PASTED_NAME)
    return CheckedFile(content, PASTED_NAME, "txt", content.size, sha256_of(content))


def pasted_texts(upload: IntakeUpload) -> dict[str, str]:
    """Return what was pasted, to be mended; nothing of a workbook."""
    if upload.kind != "txt":
        return {}
    try:
        with upload.file.storage.open(str(upload.file.name)) as file:
            return dict(json.loads(file.read()))
    except FileNotFoundError:
        return {}


def draft_of(
    upload: IntakeUpload, project: Project, user: User, answers: Mapping[str, str] | None = None
) -> Draft:
    """Say what the upload would bring, with these answers to what it asks. Raises Refusal if it is
    gone, cannot be read, or needs the years of a project whose dates cannot be right."""
    columns = columns_by_sheet(project)
    hints: list[str] = []
    try:
        with upload.file.storage.open(str(upload.file.name)) as file:
            rows = (
                rows_of_workbook(file, columns)
                if upload.kind == "xlsx"
                else rows_of_pasted(file.read(), project, columns, hints)
            )
    except FileNotFoundError:
        raise Refusal(_("What you uploaded can no longer be read: upload it again.")) from None
    draft = read_draft(project, user, columns, rows, file=upload.sha256)
    if answers and draft.questions:
        asked = draft.fingerprint
        for row in (row for sheet in rows.values() for row in sheet):
            row.marks.clear()
        draft = read_draft(project, user, columns, rows, file=upload.sha256, answers=answers)
        draft.asked = asked
    if len(draft.years_to_open) > MAX_YEARS:
        raise Refusal(
            _(
                "The project lasts more than %(count)s years, until %(day)s: correct its dates, or open "
                "its periods yourself, then import again."
            )
            % {"day": day(project.current_end), "count": MAX_YEARS}
        )
    draft.hints = hints
    return draft


def read_draft(
    project: Project,
    user: User,
    columns: dict[str, list[WorkbookColumn]],
    rows: Rows,
    *,
    file: str = "",
    answers: Mapping[str, str] | None = None,
) -> Draft:
    """Read all sheets, in the order in which they refer to each other; nothing is written."""
    draft = Draft(project, user, columns, rows, file=file, answers=answers or {})
    mark_addresses(draft)
    draft.last = Intake.objects.filter(project=project).values_list("pk", flat=True).first() or 0
    draft.committee, draft.periods = committee_of(draft), periods_of(project)
    book = InstitutionBook(draft)
    read_contacts(draft, book)
    seats = SeatReader(draft, book).there
    attendance = AttendanceReader(draft, book, seats)
    DecisionReader(draft, book, MeetingReader(draft, attendance))
    results = LogicReader(draft)
    IndicatorReader(draft, book, results)
    BudgetReader(draft, results)
    return draft


def marked_workbook(draft: Draft) -> bytes:
    """Return what was given as a workbook, with its problems marked and explained in the cells."""
    return workbook_with(draft.project, draft.columns, draft.rows)

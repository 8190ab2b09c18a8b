"""Keeps what a person gave until they confirm it, and says what it would bring."""

import json
from collections.abc import Mapping
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ibcr_portal.intake.attendance import AttendanceReader
from ibcr_portal.intake.cells import mark_addresses
from ibcr_portal.intake.committee import DecisionReader, MeetingReader, SeatReader, committee_of
from ibcr_portal.intake.draft import Draft
from ibcr_portal.intake.file import Rows, rows_of_pasted, rows_of_workbook, workbook_with
from ibcr_portal.intake.partners import InstitutionBook, read_contacts
from ibcr_portal.intake.results import BudgetReader, IndicatorReader, LogicReader
from ibcr_portal.intake.sheets import columns_by_sheet
from ibcr_portal.models import Intake, IntakeUpload
from kernel.edited_workbooks import WorkbookColumn
from kernel.files import CheckedFile, sha256_of
from kernel.refusal import Refusal
from projects.models import Project

KEPT_FOR = timedelta(days=7)
FILE_NAME, PASTED_NAME = "data.xlsx", "data.txt"


@transaction.atomic
def keep_upload(project: Project, checked: CheckedFile, *, owner: User) -> IntakeUpload:
    """Keep the file until it is confirmed, and discard an earlier one of the same person."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    for earlier in IntakeUpload.objects.filter(project=project, owner=owner):
        earlier.discard()
    checked.content.seek(0)
    name = FILE_NAME if checked.kind == "xlsx" else PASTED_NAME
    content = ContentFile(checked.content.read(), name)
    upload = IntakeUpload(project=project, owner=owner)
    upload.keep(CheckedFile(content, name, checked.kind, checked.size, checked.sha256))
    upload.save()
    return upload


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
    gone or cannot be read."""
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
    draft.committee = committee_of(draft)
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

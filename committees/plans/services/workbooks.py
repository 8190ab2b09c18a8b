"""A plan out to a workbook, and an edited workbook between its upload and its confirmation."""

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, PlanUpload
from committees.plans.services.cells import (
    MARKER,
    STATE,
    CellNames,
    cells_of,
    columns_of,
    languages_of,
    row_key,
    sheet_key,
)
from committees.plans.services.comparison import Contents, contents
from committees.plans.services.importing import (
    PlanImport,
    PlanRowChange,
    in_order,
    put,
    read_import,
)
from committees.plans.services.lifecycle import (
    keep_action,
    propose_reference,
    remove_action,
    terms_open_to_change,
)
from committees.plans.services.progress import COMPLETES, ProgressEntry, note_progress
from kernel.files import CheckedFile
from kernel.refusal import Refusal
from kernel.workbooks import WorkbookColumn, WorkbookRow, WorkbookSheet

# Out


def workbook_of(plan: ActionPlan) -> bytes:
    """Write the plan as a workbook, in the reader's language."""
    from kernel.workbook_writing import write_workbook  # noqa: PLC0415  (it imports openpyxl)

    terms = in_order(plan)
    names = CellNames(plan)
    rows = [WorkbookRow(row_key(plan, one), cells_of(one, names)) for one in terms]
    return write_workbook(
        sheet_of(plan, columns_of(names, languages_of(terms)), rows, sheet_key(plan, terms))
    )


def sheet_of(
    plan: ActionPlan, columns: list[WorkbookColumn], rows: list[WorkbookRow], key: str
) -> WorkbookSheet:
    return WorkbookSheet(MARKER, key, f"{plan.project} · {plan}", instructions(), columns, rows)


def instructions() -> list[str]:
    return [
        _(
            "Change the cells, then upload this workbook to the portal: nothing is saved "
            "before you have seen and confirmed every change."
        ),
        _(
            "A new action: an empty row below the table, without a reference if the "
            "portal should assign it. To remove an action: delete its row."
        ),
        _("Several institutions or indicators in one cell: write “;” between them."),
        _("Leave the hidden first row and column as they are. Never write data on victims."),
    ]


def marked_workbook(plan: ActionPlan, found: PlanImport) -> bytes:
    """Return the workbook as it came, with its problems marked and explained in the cells."""
    from kernel.workbook_writing import write_workbook  # noqa: PLC0415  (likewise)

    return write_workbook(sheet_of(plan, found.columns, found.rows, found.key))


# Between upload and confirmation


FILE_NAME = "plan.xlsx"


@transaction.atomic
def keep_workbook(plan: ActionPlan, checked: CheckedFile, *, owner: User) -> PlanUpload:
    """Keep the file until it is confirmed, in place of an earlier one of the same person."""
    held = ActionPlan.objects.select_for_update().get(pk=plan.pk)
    if not held.terms_are_open:
        raise Refusal(held.why_terms_are_closed)
    for earlier in PlanUpload.objects.filter(plan=plan, owner=owner):
        earlier.discard()
    checked.content.seek(0)
    content = ContentFile(checked.content.read(), FILE_NAME)
    upload = PlanUpload(plan=plan, owner=owner)
    upload.keep(CheckedFile(content, FILE_NAME, "xlsx", checked.size, checked.sha256))
    upload.save()
    return upload


def receive_workbook(plan: ActionPlan, checked: CheckedFile, *, owner: User) -> PlanUpload:
    """Keep the workbook if it can be read at all; raise Refusal with the reason if not."""
    upload = keep_workbook(plan, checked, owner=owner)
    try:
        reading_of(upload, plan)
    except Exception:
        upload.discard()
        raise
    return upload


def reading_of(upload: PlanUpload, plan: ActionPlan) -> PlanImport:
    """Return what the kept file would change. Raises Refusal where it is gone or cannot be read."""
    try:
        with upload.file.storage.open(str(upload.file.name)) as file:
            return read_import(plan, file)
    except FileNotFoundError:
        raise Refusal(_("The workbook can no longer be read: upload it again.")) from None


@transaction.atomic
def write_import(
    upload: PlanUpload, plan: ActionPlan, *, seen: str, take_conflicts: bool, by: User
) -> PlanImport:
    """Write what was confirmed, all of it or nothing, and delete the file.

    `seen`: the fingerprint of what was shown. `take_conflicts`: where both sides changed a cell,
    the workbook's value is taken, else the plan's stays. Raises Refusal or ValidationError.
    """
    with terms_open_to_change(plan) as held:
        if not PlanUpload.objects.select_for_update().filter(pk=upload.pk).exists():
            raise Refusal(_("This workbook has already been confirmed or discarded."))
        found = reading_of(upload, held)
        if found.problems:
            raise Refusal(_("Some cells cannot be accepted: correct them first."))
        if found.fingerprint != seen:
            raise Refusal(_("The plan changed in the meantime: look at the changes again."))
        names = CellNames(held)
        for row in found.removed:
            if row.terms and (take_conflicts or not row.conflicts):
                remove_action(row.terms)
        for row in found.changed:
            _write_changed(row, names, held, take_conflicts=take_conflicts, by=by)
        for row in found.added:
            _write_added(row, names, held)
        upload.discard()
    return found


def _write_changed(
    row: PlanRowChange, names: CellNames, plan: ActionPlan, *, take_conflicts: bool, by: User
) -> None:
    wanted = row.wanted(take_conflicts=take_conflicts)
    values = {name: row.values[name] for name in wanted if name in row.values}
    terms = row.terms
    assert terms is not None  # only an added row is of no action yet
    if values:
        terms.plan = plan
        put(terms, values, names)
        terms.note_translations(values)
        terms.full_clean(validate_unique=False)
        keep_action(
            terms,
            supporting=_keys_in(contents(terms) | values, "supporting"),
            indicators=_keys_in(contents(terms) | values, "indicators"),
        )
    if row.state and STATE in wanted:
        action = Action.objects.get(pk=terms.action_id)
        share = 100 if row.state in COMPLETES else action.share_done
        note_progress(
            action, ProgressEntry(share, by=by, step=row.state, text=_("From the workbook."))
        )


def _write_added(row: PlanRowChange, names: CellNames, plan: ActionPlan) -> None:
    terms = ActionTerms(plan=plan)
    put(terms, row.values, names)
    terms.note_translations(name for name in row.values if row.values[name])
    terms.full_clean(exclude={"action"}, validate_unique=False)
    reference = row.reference or propose_reference(plan, terms.result)
    keep_action(
        terms,
        reference=reference,
        supporting=_keys_in(row.values, "supporting"),
        indicators=_keys_in(row.values, "indicators"),
    )


def _keys_in(values: Contents, name: str) -> frozenset[int]:
    keys = values[name]
    assert isinstance(keys, frozenset)  # as `Value` says of what is linked several times
    return keys

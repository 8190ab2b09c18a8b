"""The workbook of the data behind the reports of a project, as far as its reader may see them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _, pgettext

from accounts.models import User
from committees.models import ActionTerms
from committees.permissions.plans import visible_plans
from committees.permissions.resolutions import visible_resolutions
from kernel.formats import day_range
from kernel.languages import working_in
from kernel.sheets import SheetOfRows, excel_book
from kernel.workbooks import CellValue
from partners.naming import read_by
from projects.activities import services as activity_sheet
from projects.activities.participants import headcount
from projects.framework import sheet as framework_sheet
from projects.framework.services.values import WIDTHS, values_head, values_rows
from projects.models import Budget, Period, Project
from projects.money.budget_figures import BudgetFigures, cents
from projects.money.budget_tables import BudgetTableRow, BudgetTables, budget_tables
from projects.money.ledger import budget_periods
from projects.permissions.institutions import hidden_names, without
from projects.permissions.money import may_see_budget
from projects.permissions.naming import NamesForPerson
from projects.permissions.risks import may_see_risks, visible_risks
from projects.permissions.values import may_see_small_counts
from projects.risks import services as risk_sheet
from projects.risks.register import last_rating_dates
from reports.models import FiledDocument
from reports.permissions.reports import visible_filed

WIDE = 60


def data_book(user: User, project: Project, *, at: datetime, period: Period | None = None) -> bytes:
    """Return the workbook with identification, framework and activities; finances and risks only
    for those who may see them, and the values in the order of the donor's own system if it has one.

    With the period of a report, the framework goes to its end, activities are those that touch it,
    and money is that of the period if the budget has it; without one, all of the project. Values
    are those known now (`at`, which the first page shows); texts are in the active language.
    """
    return book_of(data_pages(user, project, at=at, period=period), at=at)


def book_of(pages: list[SheetOfRows], *, at: datetime) -> bytes:
    return excel_book(pages, made_at=at)


def data_pages(
    user: User, project: Project, *, at: datetime, period: Period | None = None
) -> list[SheetOfRows]:
    """Return the sheets of the workbook."""
    names = NamesForPerson(user, project)
    hidden = hidden_names(names)
    with read_by(names), working_in(project):
        pages = _pages(user, project, at, period)
    return [replace(page, rows=list(without(list(page.rows), hidden))) for page in pages]


def _pages(user: User, project: Project, at: datetime, period: Period | None) -> list[SheetOfRows]:
    framework = framework_sheet.visible_rows(user, project, until=period.end if period else None)
    pages = [
        SheetOfRows(
            _("Identification"),
            [_("What it is"), _("Value")],
            _identity(user, project, at, period),
            (34, WIDE),
        ),
        SheetOfRows(
            _("Framework"), framework_sheet.sheet_head(), framework, framework_sheet.WIDTHS
        ),
    ]
    if system := project.donor_preset.values_system:
        pages.append(
            SheetOfRows(
                _("Values for %(system)s") % {"system": system},
                values_head(),
                values_rows(user, project, through=period),
                WIDTHS,
            )
        )
    if may_see_budget(user, project):
        pages.append(_finances(project, period))
    pages.append(_activities(user, project, period))
    if may_see_risks(user, project):
        pages.append(_risks(user, project))
    # Each is written while its reader is known: rows may be generators.
    return [replace(page, rows=list(page.rows)) for page in pages]


def _identity(
    user: User, project: Project, at: datetime, period: Period | None
) -> Iterator[list[CellValue]]:
    yield [_("Project"), project.title]
    yield [_("Code"), project.code]
    yield [_("Donor's project number"), project.donor_number]
    yield [_("Status"), project.get_status_display()]
    yield [_("Start"), project.starts_on]
    yield [_("Original end"), project.original_end]
    yield [_("Current end"), project.current_end]
    yield [_("Currency"), project.currency]
    if period:
        yield [_("Period"), f"{period} · {day_range(period.start, period.end)}"]
    yield [_("Known on"), timezone.localdate(at)]
    yield [
        _("Good to know"),
        _(
            "A signed report says what was known on its day; this workbook says what is "
            "known today."
        ),
    ]
    if not may_see_small_counts(user, project):
        yield [_("Good to know"), _("Counts of fewer than five persons are not shown.")]
    if project.illustrative:
        yield [_("Illustrative"), _("Yes")]


# Finances


def _finances(project: Project, period: Period | None) -> SheetOfRows:
    """Return the page by category, result and year; amounts are in the project's currency."""
    shown = next((one for one in budget_periods(project) if period and one.pk == period.pk), None)
    tables = budget_tables(project, Budget.of(project), shown=shown)
    rows = [] if tables.is_empty else list(_money_rows(tables))
    return SheetOfRows(_("Finances"), _money_head(), rows, (18, 44))


def _money_head() -> list[str]:
    return [
        pgettext("in a financial table", "By"),
        pgettext("in a financial table", "Line"),
        _("Original budget"),
        _("Approved budget"),
        _("Budget of the period"),
        _("Spent in the period"),
        _("Variance"),
        _("Variance (%)"),
        _("Spent since the beginning"),
        _("Remaining"),
        _("Forecast"),
        _("Comment"),
    ]


def _money_rows(tables: BudgetTables) -> Iterator[list[CellValue]]:
    for by, lines in (
        (_("Category"), tables.categories),
        (_("Result"), tables.results),
        (_("Period"), tables.years),
    ):
        for line in lines:
            yield _money_row(by, line)
    yield _money_row(_("Total"), BudgetTableRow("", tables.total))


def _money_row(by: str, line: BudgetTableRow) -> list[CellValue]:
    row: BudgetFigures = line.figures
    share = row.variance_share
    return [
        by,
        line.label,
        _amount(row.original),
        _amount(row.revised),
        _amount(row.budget),
        _amount(row.actual),
        _amount(row.variance),
        None if share is None else round(share * 100, 2),
        _amount(row.cumulative),
        _amount(row.remaining),
        _amount(row.forecast),
        line.comment.text if line.comment else "",
    ]


def _amount(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else cents(amount)


# Activities and risks


def _activities(user: User, project: Project, period: Period | None) -> SheetOfRows:
    found = project.activities.with_related().prefetch_related("partners__names")
    if period:
        found = found.between(period.start, period.end)
    small_counts = may_see_small_counts(user, project)
    told = []
    for activity in found:
        activity.project = project
        told.append((activity, headcount(activity, small_counts=small_counts)))
    return SheetOfRows(
        _("Activities"), activity_sheet.sheet_head(), activity_sheet.sheet_rows(told)
    )


def _risks(user: User, project: Project) -> SheetOfRows:
    risks = list(visible_risks(user, project).with_ratings())
    days = last_rating_dates(risks)
    return SheetOfRows(_("Risks"), risk_sheet.sheet_head(days), risk_sheet.sheet_rows(risks, days))


# Records of a project as lists for an archive: decisions, actions, the register of documents


def record_pages(user: User, project: Project) -> list[SheetOfRows]:
    """Return the lists as far as the reader may see them. To be called while the reader is known."""
    hidden = hidden_names(NamesForPerson(user, project))
    pages = (
        (_("Decisions and recommendations"), _decision_head(), list(_decisions(user, project))),
        (_("Actions"), _action_head(), list(_actions(user, project))),
        (_("Register of documents"), _filed_head(), list(_filed(user, project))),
    )
    return [SheetOfRows(title, head, without(rows, hidden)) for title, head, rows in pages]


def _decision_head() -> list[str]:
    return [_("Number"), _("Kind"), _("Day"), _("Text"), _("Status"), _("Answer")]


def _decisions(user: User, project: Project) -> Iterator[list[CellValue]]:
    for row in visible_resolutions(user, project).order_by("resolved_on", "pk"):
        status, kind = row.get_status_display(), row.get_kind_display()
        yield [row.number, str(kind), row.resolved_on, row.text, str(status), row.answer]


def _action_head() -> list[str]:
    return [_("Code"), _("Title"), _("Responsible"), _("Start"), _("End"), _("Status")]


def _actions(user: User, project: Project) -> Iterator[list[CellValue]]:
    """Each action as the newest plan that the reader sees has it."""
    terms = ActionTerms.objects.filter(plan__in=visible_plans(user, project)).with_related()
    newest = {one.action_id: one for one in terms.order_by("plan__period__start", "plan__version")}
    for one in sorted(newest.values(), key=lambda each: each.action.reference):
        who = one.responsible.name if one.responsible else ""
        status = str(one.action.get_status_display())
        yield [one.action.reference, one.title, who, one.starts_on, one.ends_on, status]


def _filed_head() -> list[str]:
    return [
        *(_("Reference"), _("Kind"), _("Date"), _("Title"), _("From"), _("To")),
        *(_("Their reference"), _("Versions"), _("Removed on")),
    ]


def _filed(user: User, project: Project) -> Iterator[list[CellValue]]:
    rows: list[FiledDocument] = list(visible_filed(user, project).with_related())
    for row in sorted(rows, key=lambda one: (one.on, one.pk)):
        row.project = project
        yield [
            row.reference,
            str(row.get_kind_display()),
            row.on,
            row.title,
            row.sender.name if row.sender else row.email_from,
            row.recipient.name if row.recipient else row.email_to,
            row.their_reference,
            len(row.all_versions),
            row.withdrawn_on,
        ]

"""Reads the logic model, the indicators and the budget that a project brings."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ibcr_portal.intake.cells import Cells
from ibcr_portal.intake.draft import (
    BroughtIndicator,
    BroughtLine,
    BroughtResult,
    Draft,
    Fate,
)
from ibcr_portal.intake.partners import InstitutionBook
from ibcr_portal.intake.sheets import Choices, years_with_targets
from kernel.languages import LANGUAGES
from kernel.tables import plain
from kernel.workbooks import WorkbookRow
from projects.models import (
    Budget,
    BudgetCategory,
    BudgetLine,
    DataPoint,
    Indicator,
    Period,
    Result,
)

STATEMENTS = tuple(f"statement_{language}" for language in LANGUAGES)
NAMES = tuple(f"name_{language}" for language in LANGUAGES)


class LogicReader:
    """Reads results in any order: which one another belongs to, and its level, are found last."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.project = draft, draft.project
        self.preset = draft.project.donor_preset
        self.by_code: dict[str, BroughtResult] = {}
        for result in draft.project.results.all():
            result.project = draft.project
            entry = BroughtResult(WorkbookRow("", {}), result, fate=Fate.THERE)
            self.by_code[result.code.casefold()] = entry
        rows = [Cells(row) for row in draft.rows.get("results", [])]
        new = [(cells, read) for cells in rows if (read := self._read(cells))]
        for cells, each in new:
            self._find_parent(cells, each)
        for cells, each in new:
            self._find_level(each, len(new))
            self._check(cells, each)

    def _levels(self) -> Choices:
        return [(level.key, level.name) for level in self.preset.results]

    def _read(self, cells: Cells) -> BroughtResult | None:
        """Return a result that is new."""
        cells.need("code", _("Write the code of the result, such as 1100."))
        code = cells.text("code")
        result = Result(
            project=self.project,
            code=code,
            level=cells.choice("level", self._levels) or "",
            **cells.texts("statement"),
        )
        if code:
            cells.check(result, ("code", *STATEMENTS))
        entry = BroughtResult(cells.row, result, shown=str(result))
        known = self.by_code.get(code.casefold())
        if known and not known.row.number:
            entry.result, entry.fate, entry.shown = known.result, Fate.THERE, str(known.result)
        elif known:
            cells.mark("code", _twice(known.row))
        else:
            cells.need_text("statement", _("Write the statement, in at least one language."))
            self.by_code[code.casefold()] = entry
        self.draft.results.append(entry)
        return entry if entry.is_new else None

    def _find_parent(self, cells: Cells, entry: BroughtResult) -> None:
        if text := cells.text("parent"):
            entry.parent = self.of(cells, "parent", text)
            entry.result.parent = entry.parent.result if entry.parent else None

    def of(self, cells: Cells, column: str, text: str) -> BroughtResult | None:
        if not (found := self.by_code.get(text.casefold())):
            cells.mark(
                column,
                _("There is no result %(code)s: add it to the sheet “Results”.")
                % {"code": text[:40]},
            )
        return found

    def _find_level(self, entry: BroughtResult, depth: int) -> str:
        """Where the level is not written, it follows from the result above, if there is one way."""
        result, parent = entry.result, entry.parent
        if not result.level and parent is None:
            result.level = self.preset.top.key
        elif not result.level and parent is not None and depth:
            below = self.preset.below(self._find_level(parent, depth - 1))
            result.level = below[0].key if len(below) == 1 else ""
        return result.level

    def _check(self, cells: Cells, entry: BroughtResult) -> None:
        if cells.is_marked:
            return
        if not entry.result.level:
            cells.mark("level", _("Choose the level of this result."))
            return
        try:
            entry.result.clean()
        except ValidationError as error:
            cells.refuse(error)


def _twice(row: WorkbookRow) -> str:
    return _("Row %(row)s has the same code: give each one its own.") % {"row": row.number}


class IndicatorReader:
    def __init__(self, draft: Draft, book: InstitutionBook, results: LogicReader) -> None:
        self.draft, self.book, self.results = draft, book, results
        self.years = years_with_targets(draft.periods)
        there = Indicator.objects.filter(result__project=draft.project).select_related("result")
        told = DataPoint.objects.filter(indicator__in=there).order_by()
        self.told: set[tuple[int, str, int | None]] = set(
            told.values_list("indicator", "kind", "period")
        )
        self.there = {(each.result_id, each.code.casefold()): each for each in there}
        self.seen: dict[tuple[int, str], WorkbookRow] = {}
        for row in draft.rows.get("indicators", []):
            self._read(Cells(row))

    def _read(self, cells: Cells) -> None:
        cells.need("result", _("Say which result the indicator measures: write its code."))
        cells.need("code", _("Write the code of the indicator, such as 1100.1."))
        text = cells.text("result")
        of = self.results.of(cells, "result", text) if text else None
        indicator = Indicator(
            code=cells.text("code"),
            measure=cells.choice("measure", lambda: Indicator.Measure.choices)
            or Indicator.Measure.UNIT,
            cumulative=cells.choice("cumulative", lambda: Indicator.Cumulative.choices)
            or Indicator.Cumulative.SUM,
            ascending=cells.yes("ascending", default=True),
            counts_persons=cells.yes("counts_persons", default=True),
            **{name: cells.text(name) for name in ("source", "method", "frequency")},
            **cells.texts("name"),
        )
        responsible = self.book.of(cells, "responsible")
        if indicator.code:
            cells.check(indicator, ("code", "source", "method", "frequency", *NAMES))
        cells.need_text("name", _("Write the indicator, in at least one language."))
        points = self._points(cells, indicator)
        if of is None or not indicator.code:
            return
        indicator.result = of.result
        entry = BroughtIndicator(cells.row, of, indicator, responsible, points)
        entry.shown = str(indicator)
        self._find(cells, entry)
        self.draft.indicators.append(entry)

    def _points(self, cells: Cells, indicator: Indicator) -> list[DataPoint]:
        places: list[tuple[str, str, Period | None]] = [
            ("baseline", DataPoint.Kind.BASELINE, None),
            *((f"target_{year.number}", DataPoint.Kind.TARGET, year) for year in self.years),
        ]
        points = []
        for column, kind, period in places:
            number = cells.number(column)
            if number is None:
                continue
            point = DataPoint(indicator=indicator, kind=kind, period=period, numerator=number)
            try:
                point.check_numbers()
            except ValidationError as error:
                cells.refuse(error, {"numerator": column, "denominator": column})
            points.append(point)
        return points

    def _find(self, cells: Cells, entry: BroughtIndicator) -> None:
        code = entry.indicator.code.casefold()
        if known := self.there.get((entry.of.result.pk or 0, code)):
            entry.indicator, entry.shown = known, str(known)
            entry.points = [
                each for each in entry.points if _place_of(each, known) not in self.told
            ]
            self.told |= {_place_of(each, known) for each in entry.points}
            entry.fate = Fate.ADDED if entry.points else Fate.THERE
            self._check_added(cells, entry)
            return
        key = (id(entry.of), code)
        if earlier := self.seen.get(key):
            cells.mark("code", _twice(earlier))
        self.seen[key] = cells.row

    def _check_added(self, cells: Cells, entry: BroughtIndicator) -> None:
        for point in entry.points:
            point.indicator = entry.indicator
            column = f"target_{point.period.number}" if point.period else "baseline"
            try:
                point.clean()
            except ValidationError as error:
                cells.refuse(error, dict.fromkeys(("numerator", "denominator", "period"), column))


def _place_of(point: DataPoint, indicator: Indicator) -> tuple[int, str, int | None]:
    """Return what no two values have in common. A year that the import opens has no key yet."""
    period = point.period
    key = (period.pk or -period.number) if period else None
    return indicator.pk, point.kind, key


class BudgetReader:
    def __init__(self, draft: Draft, results: LogicReader) -> None:
        self.draft, self.results, project = draft, results, draft.project
        self.periods = draft.periods
        self.is_approved = Budget.of(project).is_approved
        self.categories: dict[str, BudgetCategory] = {}
        for category in project.budget_categories.all():
            self.categories |= {plain(name): category for name in category.all_names()}
        self.there = {
            (line.category_id, line.result_id, line.period_id): line
            for line in project.budget_lines.all()
        }
        self.seen: dict[tuple[str, int, str], WorkbookRow] = {}
        for row in draft.rows.get("budget", []):
            self._read(Cells(row))

    def _read(self, cells: Cells) -> None:
        cells.need("category", _("Write the code of the category, as the accounts call it."))
        cells.need("amount", _("Write the amount."))
        amount, note = cells.number("amount"), cells.text("note")
        if amount is not None and amount < 0:
            cells.mark("amount", _("An amount cannot be negative."))
        category = self._category(cells)
        period = self._period(cells)
        code = cells.text("result")
        result = self.results.of(cells, "result", code) if code else None
        if category is None or period is None or amount is None:
            return
        line = BudgetLine(project=self.draft.project, period=period, original=amount, note=note)
        cells.check(line, ("original", "note"), {"original": "amount"})
        entry = BroughtLine(cells.row, category, line, result)
        words = [str(category), result.result.code if result else "", str(period)]
        entry.shown = " · ".join(word for word in words if word)
        self._find(cells, entry)
        self.draft.budget.append(entry)

    def _category(self, cells: Cells) -> BudgetCategory | None:
        if not (code := cells.text("category")):
            return None
        if known := self.categories.get(plain(code)):
            return known
        cells.need_text(
            "name",
            _("The project has no category with this code yet: write its name, in one language."),
        )
        category = BudgetCategory(
            project=self.draft.project,
            code=code,
            position=len({id(each) for each in self.categories.values()}) + 1,
            **cells.texts("name"),
        )
        cells.check(category, ("code", *NAMES), {"code": "category"})
        self.categories[plain(code)] = category
        return category

    def _period(self, cells: Cells) -> Period | None:
        if cells.is_empty("period"):
            cells.mark("period", _("Choose the period of this amount."))
            return None
        if (text := cells.text("period")).isdecimal():
            for period in self.periods:
                if period.kind == Period.Kind.PROJECT_YEAR and str(period.number) == text:
                    return period
        value = cells.choice("period", self._labels)
        return next((each for each in self.periods if _key_of(each) == value), None)

    def _labels(self) -> Choices:
        return [(_key_of(each), str(each)) for each in self.periods]

    def _find(self, cells: Cells, entry: BroughtLine) -> None:
        category, line = entry.category, entry.line
        result = entry.result.result.pk if entry.result else None
        known = self.there.get((category.pk, result, line.period_id)) if category.pk else None
        if known and (entry.result is None or result):
            entry.fate = Fate.THERE
            if known.amount != line.original:
                cells.mark(
                    "amount",
                    _("The budget has another amount here: change it on the page of the budget."),
                )
            return
        if self.is_approved:
            cells.mark(
                "amount",
                _("The budget is approved: change it on its page, with the reason."),
            )
        key = (plain(category.code), id(entry.result), _key_of(line.period))
        if earlier := self.seen.get(key):
            cells.mark(
                "amount",
                _("Row %(row)s has the same category, result and period: add up the two.")
                % {"row": earlier.number},
            )
        self.seen[key] = cells.row


def _key_of(period: Period) -> str:
    return f"{period.kind}-{period.number}"

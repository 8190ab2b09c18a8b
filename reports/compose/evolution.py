"""What changed in the period of what had been agreed: versions of the logic model, and the budget.

Another chapter has the amendments; this one shows their effects, and changes within the tolerance.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from committees.permissions.amounts import SEES_MONEY
from kernel.formats import MISSING, day, day_short, number, percent
from kernel.frozen import Content
from kernel.languages import reading_order
from projects.framework.figures import Figure
from projects.framework.outline import (
    Aspect,
    ResultChange,
    ResultDifference,
    ResultDifferenceKind,
    compare,
)
from projects.models import BudgetRevision, DataPoint, Indicator, LogicModelVersion, Period
from projects.presets import Texts
from reports.compose.blocks import (
    Cell,
    cell,
    column,
    field,
    heading,
    joined,
    pair_line,
    paragraph,
    prose,
    table,
    table_of,
)
from reports.compose.measured import AmountStyle, in_currency
from reports.compose.reading import ReportReading, as_written, in_language, local_text
from reports.document_types import Block, TextLine

Tongues = dict[str, str]  # the language of a text
Key = tuple[str, int]


def evolution(reading: ReportReading) -> list[Block]:
    """Return changes of the logic model, its indicators and targets, and of the budget for readers
    who see money."""
    return [
        *logic_model_changes(reading),
        *target_changes(reading),
        *reallocations(reading),
    ]


# The logic model and its indicators


def logic_model_changes(reading: ReportReading) -> list[Block]:
    """Return each version approved in the period with its differences from the one before, first of
    results, then of indicators.

    The committee's validation and the donor's approval are separate facts.
    """
    last = min(reading.end, reading.as_of)
    rows = reading.project.logic_versions.all()
    versions = {one.number: one for one in reading.once("logic versions", lambda: list(rows))}
    shown = [one for one in versions.values() if reading.start <= one.approved_on <= last]
    blocks: list[Block] = []
    for version in sorted(shown, key=lambda one: one.number):
        before = versions.get(version.number - 1)
        blocks += _version(version, before, reading)
    return [heading(_("Logic model and indicators"), 2), *blocks] if blocks else []


def _version(
    version: LogicModelVersion, before: LogicModelVersion | None, reading: ReportReading
) -> list[Block]:
    reason = local_text(version, "reason")
    frame: list[Block] = [
        heading(_title(version), 3),
        paragraph(_approvals(version, reading)),
        *([prose(reason)] if reason else []),
    ]
    if before is None:
        return [*frame, paragraph(_first(version))]
    old, new, tongues = _as_read(before.outline, version.outline, reading.language)
    changes = compare(old, new)
    tables = [
        _table(_("Results changed"), _rows(changes, tongues, of_framework=False)),
        _table(_("Indicators changed"), _rows(changes, tongues, of_framework=True)),
    ]
    return [*frame, *(each for each in tables if each)]


def _title(version: LogicModelVersion) -> str:
    title = _("Logic model, version %(number)s") % {"number": version.number}
    return f"{title} · {_('Illustrative')}" if version.illustrative else title


def _approvals(version: LogicModelVersion, reading: ReportReading) -> TextLine:
    sentences: list[TextLine] = [
        _("Approved on %(day)s by: %(whom)s.")
        % {"day": day(version.approved_on), "whom": version.get_approver_display()}
    ]
    if version.reference:
        reference = as_written(f"{version.reference}.")
        sentences.append(pair_line(_("Decision or letter"), reference))
    if reading.knows(version.donor_approved_on):
        words = _("Approved by the donor on %(day)s.")
        sentences.append(words % {"day": day(version.donor_approved_on)})
        if version.donor_reference:
            reference = as_written(f"{version.donor_reference}.")
            sentences.append(pair_line(capfirst(_("donor's reference")), reference))
    elif version.approver != LogicModelVersion.Approver.DONOR:
        sentences.append(_("The donor has not approved it yet."))
    if version.amendment:
        sentences.append(f"{version.amendment}.")
    return joined(" ", sentences)


def _first(version: LogicModelVersion) -> str:
    results = version.outline["results"]
    indicators = sum(len(row["indicators"]) for row in results)
    sentence = _("The first approved version: %(results)s, %(indicators)s.")
    counted = ngettext("%(count)s result", "%(count)s results", len(results))
    measured = ngettext("%(count)s indicator", "%(count)s indicators", indicators)
    return sentence % {
        "results": counted % {"count": len(results)},
        "indicators": measured % {"count": indicators},
    }


def _table(caption: str, rows: list[list[Cell]]) -> Block | None:
    columns = [
        column(_("Result"), 20),
        column(_("Change"), 14),
        column(_("Before")),
        column(_("After")),
    ]
    return table(caption, columns, rows) if rows else None


def _rows(
    changes: Iterable[ResultDifference], tongues: Tongues, *, of_framework: bool
) -> list[list[Cell]]:
    """Return the differences; a result or indicator that was added or removed has one row with its
    text."""
    rows = []
    for each in changes:
        name = cell(each.code, small=each.level_name)
        if each.kind != ResultDifferenceKind.CHANGED and not of_framework:
            statement = _text(each.statement.text, tongues)
            gone = each.kind == ResultDifferenceKind.REMOVED
            texts = [statement, MISSING] if gone else [MISSING, statement]
            rows.append([name, each.label, *texts])
        for change in each.changes:
            if (change.aspect == Aspect.INDICATOR) == of_framework:
                texts = [_text(change.old, tongues), _text(change.new, tongues)]
                rows.append([name, _label(change), *texts])
    return rows


def _label(change: ResultChange) -> str:
    if change.aspect != Aspect.INDICATOR:
        return change.label
    if not change.old:
        return _("Indicator added")
    return _("Indicator changed") if change.new else _("Indicator removed")


def _text(words: str, tongues: Tongues) -> Cell:
    return cell(in_language(words, tongues.get(words, ""))) if words else cell(MISSING)


# Texts in the reader's language


def _as_read(before: Content, after: Content, language: str) -> tuple[Content, Content, Tongues]:
    """Return both versions with each text in the reader's language only, or else in the first of the
    project in which it exists; and the language of each text.

    So a text that changed in three languages appears once, and a text that was only translated
    since does not appear as changed.
    """
    texts = {True: dict(_texts_of(before)), False: dict(_texts_of(after))}
    tongues: Tongues = {}
    for known in texts.values():
        for one in known.values():
            origin = _origin(one)
            tongues.setdefault(one[origin], origin)
    for known in texts.values():
        for one in known.values():
            tongues[one[language]] = language

    def read(content: Content, other: dict[Key, Texts]) -> Content:
        content = deepcopy(content)
        for key, one in _texts_of(content):
            words = _words(one, other.get(key), language)
            one.update(dict.fromkeys(one, "") | {language: words})
        return content

    return read(before, texts[False]), read(after, texts[True]), tongues


def _words(texts: Texts, other: Texts | None, language: str) -> str:
    origin = _origin(texts)
    if not texts[language] and other and other[origin] == texts[origin]:
        return other[language] or texts[origin]
    return texts[language] or texts[origin]


def _origin(texts: Texts) -> str:
    order = reading_order()
    return next((language for language in order if texts[language]), order[0])


def _texts_of(content: Content) -> Iterator[tuple[Key, Texts]]:
    """Return statements of results and names of indicators, by the keys of these."""
    for row in content["results"]:
        yield ("result", row["id"]), row["statement"]
        for each in row["indicators"]:
            yield ("indicator", each["id"]), each["name"]


# Targets


def target_changes(reading: ReportReading) -> list[Block]:
    """Return approved targets that had another value before the period began, by the history of the
    rows.

    All readers see them, since a target is a plan and not a count of persons. New targets are left
    out.
    """
    before, after = reading.once(
        "targets before and after",
        lambda: [
            _targets_on(reading, on)
            for on in (reading.start - timedelta(days=1), min(reading.end, reading.as_of))
        ],
    )
    changed = [key for key in after if key in before and before[key] != after[key]]
    if not changed:
        return []
    indicators = Indicator.objects.select_related("result").in_bulk({key[0] for key in changed})
    periods = Period.objects.in_bulk({key[1] for key in changed})
    changed.sort(key=lambda key: (indicators[key[0]].code, periods[key[1]].start))

    def name(key: tuple[int, int]) -> Cell:
        indicator = indicators[key[0]]
        return cell(local_text(indicator, "name"), small=indicator.code)

    fields = [
        field(_("Indicator"), name),
        field(_("Period"), lambda key: str(periods[key[1]]), 20),
        field(_("Before"), lambda key: _written(indicators[key[0]], before[key]), 14, num=True),
        field(_("After"), lambda key: _written(indicators[key[0]], after[key]), 14, num=True),
    ]
    return [table_of(changed, fields, _("Targets changed"))]


def _targets_on(reading: ReportReading, on: date) -> dict[tuple[int, int], Decimal]:
    """Return the value of each target that was approved last by the end of that day, by indicator
    and period."""
    project = reading.project
    end = datetime.combine(on + timedelta(days=1), time.min, tzinfo=project.zone)
    records = DataPoint.history.filter(
        indicator__result__project=project,
        kind=DataPoint.Kind.TARGET,
        status=DataPoint.Status.APPROVED,
        category=None,
        numerator__isnull=False,
        history_date__lt=end,
    )
    ordered = records.order_by("history_date", "history_id")
    values = {
        (one.indicator_id, one.period_id): Figure(date.min, one.numerator, one.denominator).value
        for one in ordered
    }
    return {key: value for key, value in values.items() if value is not None}


def _written(indicator: Indicator, value: Decimal) -> str:
    if indicator.measure == Indicator.Measure.PERCENTAGE:
        return percent(value / 100, 0 if value == round(value) else 1)
    return number(value)


# The budget


def reallocations(reading: ReportReading) -> list[Block]:
    """Return each revision of an approved budget line in the period, with its reason and its basis.

    Only team and donor see them. Amounts are in the project's currency.
    """
    if reading.audience not in SEES_MONEY:
        return []
    last = min(reading.end, reading.as_of)
    found = BudgetRevision.objects.filter(
        line__project=reading.project, on__gte=reading.start, on__lte=last
    ).select_related("line__category", "line__result", "line__period", "amendment__project")
    revisions = reading.once("budget revisions", lambda: list(found))
    if not revisions:
        return []
    currency = reading.project.currency
    amounts = [each for one in revisions for each in (one.before, one.after)]
    style = AmountStyle(currency, 2 if any(each % 1 for each in amounts) else 0)
    fields = [
        field(_("budget line"), _budget_line, 22),
        field(_("Before"), lambda one: style.amount(one.before), 14, num=True),
        field(_("After"), lambda one: style.amount(one.after), 14, num=True),
        field(_("Difference"), lambda one: style.signed(one.after - one.before), 14, num=True),
        field(_("Reason"), _reason),
    ]
    difference = sum((one.after - one.before for one in revisions), Decimal(0))
    total = [_("Total"), "", "", style.signed(difference), ""]
    caption = in_currency(_("Revisions of the approved budget"), currency)
    return [
        heading(_("Budget reallocations"), 2),
        table_of(revisions, fields, caption, total=total),
    ]


def _budget_line(one: BudgetRevision) -> Cell:
    line = one.line
    code = line.result.code if line.result else ""
    return cell(
        local_text(line.category, "name"), small=[code, str(line.period), day_short(one.on)]
    )


def _reason(one: BudgetRevision) -> Cell:
    allowed = str(one.amendment) if one.amendment else _("within the tolerance")
    return cell(as_written(one.reason), small=allowed)

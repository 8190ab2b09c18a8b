"""The chapter on risks that changed since the beginning of the period, and the annex of the
register.

Levels are shown at three dates: at the first rating, at the beginning of the period unless nothing
was rated then, and on the day of the document. Team and donor read the register, the committee what
is shared with it, others nothing (`projects.permissions.risks`). An owner is an institution or a role;
notes are left out.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Min, Prefetch
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext, pgettext_lazy

from committees.models import Audience
from kernel.formats import MINUS, MISSING, day, day_short
from kernel.lifecycle import StatusChange
from projects.models import Risk, RiskRating
from projects.risk_levels import Band
from projects.risks.register import risk_grid, risk_map_title
from reports.compose.blocks import (
    Cell,
    cell,
    column,
    figure,
    pair,
    pair_line,
    paragraph,
    pieces_of,
    reference,
    table,
)
from reports.compose.reading import ReportReading, local_text
from reports.document_types import Block, CellText, TableColumn, TextLine
from reports.models import SectionKind

SEES_ALL = frozenset({Audience.COORDINATION, Audience.DONOR})
SEES_SHARED = frozenset({Audience.COMMITTEE, Audience.VOTING})
TONES = {Band.VERY_HIGH: "bad", Band.HIGH: "warn"}


class RiskTrend(models.TextChoices):
    """How a risk changed since the beginning of the period."""

    NEW = "new", pgettext_lazy("of a risk", "New")
    UP = "up", pgettext_lazy("of a risk", "Rising")
    DOWN = "down", pgettext_lazy("of a risk", "Falling")
    SAME = "same", pgettext_lazy("of a risk", "Unchanged")
    UNRATED = "unrated", gettext_lazy("Not rated yet")
    CLOSED = "closed", pgettext_lazy("of a risk", "Closed")


# Signs beside the words, since neither colour nor sign alone is readable by everybody.
SIGNS = {RiskTrend.SAME: "=", RiskTrend.CLOSED: "×"}
TREND_TONES = {RiskTrend.NEW: "info", RiskTrend.UP: "bad", RiskTrend.DOWN: "ok"}


@dataclass(frozen=True)
class RiskInPeriod:
    """A risk as known on the day of the document; `start` is the rating that held when the period
    began, `closed_on` is None unless it is closed."""

    risk: Risk
    start: RiskRating | None
    change: RiskTrend
    closed_on: date | None

    @property
    def first(self) -> RiskRating | None:
        return self.risk.rated[0] if self.risk.rated else None

    @property
    def difference(self) -> int:
        before = self.start or self.first
        return self.risk.level - before.level if before else 0

    @property
    def trend(self) -> str:
        """“+4 Rising”: the change of the level in points, and the word."""
        if self.change in (RiskTrend.UP, RiskTrend.DOWN):
            sign = f"+{self.difference}" if self.difference > 0 else f"{MINUS}{-self.difference}"
        else:
            sign = SIGNS.get(self.change, "")
        return f"{sign} {self.change.label}".strip()

    @property
    def is_in_chapter(self) -> bool:
        """Whether it is in the chapter: it changed, happened, or is grave."""
        risk = self.risk
        if self.change != RiskTrend.SAME or risk.status == Risk.Status.MATERIALISED:
            return True
        return risk.rating is not None and risk.rating.band in TONES


def risks(reading: ReportReading) -> list[Block]:
    """Return how many risks changed and how, the map, the levels, and the responses.

    Risks closed before the period are left out; risks that stayed low are counted here and listed
    in the annex. If the report has the annex of risks, all of them are there alone. Returns nothing
    if the readers do not see the register, or if it is empty.
    """
    start = reading.start
    lines = [
        line for line in known_risks(reading) if line.closed_on is None or line.closed_on >= start
    ]
    if not lines:
        return []
    head = [paragraph(_counts(lines, start), "lead"), *_map(lines)]
    if annex := reading.section_name(SectionKind.ANNEX_RISKS):
        sentence = _("Each risk, with its levels and what is done about it, is in:")
        return [*head, reference(sentence, annex, SectionKind.ANNEX_RISKS.value)]
    shown = [line for line in lines if line.is_in_chapter]
    left = len(lines) - len(shown)
    return [
        *head,
        *_tables(shown, reading),
        *([paragraph(_left_out(left))] if left else []),
        paragraph(_explained(), "small"),
    ]


def risk_annex(reading: ReportReading) -> list[Block]:
    """Return the whole register by category, closed risks included, with levels at three dates."""
    lines = known_risks(reading)
    blocks: list[Block] = []
    for category in Risk.Category:
        of_it = [line for line in lines if line.risk.category == category]
        if of_it:
            blocks.append(_register(str(category.label), of_it, reading))
    words = f"{_('In each category the gravest risks come first.')} {_explained()}"
    return [*blocks, paragraph(words, "small")] if blocks else []


# Rows


def known_risks(reading: ReportReading) -> list[RiskInPeriod]:
    return reading.once(f"risks, {reading.audience}", lambda: _lines(reading))


def _lines(reading: ReportReading) -> list[RiskInPeriod]:
    """Return the risks that the readers may see, as known on the day, the gravest first."""
    if reading.audience in SEES_ALL:
        seen = reading.project.risks.all()
    elif reading.audience in SEES_SHARED:
        seen = reading.project.risks.filter(is_shared=True)
    else:
        return []
    ratings = RiskRating.objects.filter(rated_on__lte=reading.as_of)
    found = list(
        seen.filter(identified_on__lte=reading.as_of)
        .select_related("owner")
        .prefetch_related(Prefetch("ratings", ratings), "results", "owner__names")
    )
    reading.undo_later_steps(found)
    closed = _closed_on(reading, found)
    new_since = _new_since(reading)
    lines = [_line(risk, reading.start, new_since, closed.get(risk.pk)) for risk in found]
    return sorted(
        lines,
        key=lambda line: (line.change == RiskTrend.CLOSED, -line.risk.level, line.risk.number),
    )


def _new_since(reading: ReportReading) -> date:
    """Return the day from which a risk counts as new: the beginning of the period, but in the first
    one the day after the register was begun, or else every risk would be new."""
    began = reading.project.risks.aggregate(began=Min("identified_on"))["began"]
    return max(reading.start, began + timedelta(days=1)) if began else reading.start


def _closed_on(reading: ReportReading, risks: Iterable[Risk]) -> dict[int, date]:
    """Return the last day on which each risk was closed, or for one entered as closed its first
    day."""
    closed = {risk.pk: risk for risk in risks if risk.status == Risk.Status.CLOSED}
    steps = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(Risk),
        object_id__in=closed,
        verb="close",
        happened_on__lte=reading.as_of,
    ).order_by("pk")
    known = {pk: risk.identified_on for pk, risk in closed.items()}
    return known | dict(steps.values_list("object_id", "happened_on"))


def _line(risk: Risk, start: date, new_since: date, closed_on: date | None) -> RiskInPeriod:
    before = risk.rating_on(start)
    return RiskInPeriod(risk, before, _change(risk, before, new_since, closed_on), closed_on)


def _change(
    risk: Risk, before: RiskRating | None, new_since: date, closed_on: date | None
) -> RiskTrend:
    if closed_on:
        return RiskTrend.CLOSED
    if risk.identified_on >= new_since:
        return RiskTrend.NEW
    if not risk.rating:
        return RiskTrend.UNRATED
    difference = risk.level - (before or risk.rated[0]).level
    return RiskTrend.UP if difference > 0 else RiskTrend.DOWN if difference < 0 else RiskTrend.SAME


# Texts


def _counts(lines: list[RiskInPeriod], start: date) -> str:
    counts = Counter(line.change for line in lines)
    shown = " · ".join(pair(each.label, counts[each]) for each in RiskTrend if counts[each])
    return pair(_("Risks since %(day)s") % {"day": day(start)}, shown)


def _left_out(count: int) -> str:
    sentence = ngettext(
        "%(count)s other risk is low and unchanged; it is listed in the register.",
        "%(count)s other risks are low and unchanged; they are listed in the register.",
        count,
    )
    return sentence % {"count": count}


def _explained() -> str:
    return _(
        "Level: likelihood × impact, each from 1 to 4. A day without a new rating shows "
        "the one in force. The trend compares the day of this document with the "
        "beginning of the period, or with the first rating if there was none then."
    )


# Figures and tables


def _map(lines: list[RiskInPeriod]) -> list[Block]:
    """Return the map with each risk in its field."""
    living = [line.risk for line in lines if line.change != RiskTrend.CLOSED and line.risk.rating]
    if not living:
        return []
    scales, fields = risk_grid(living)
    data = {
        "down": str(scales.down),
        "rows": [str(name) for name in scales.rows],
        "across": str(scales.across),
        "columns": [str(name) for name in scales.columns],
        "fields": [
            {
                "row": row,
                "column": place,
                "names": list(each.names),
                "number": each.number,
                "tone": each.tone,
                "said": str(each.meaning),
            }
            for (row, place), each in fields.items()
        ],
    }
    return [figure("risk_map", risk_map_title(), data)]


def _dates(lines: list[RiskInPeriod], reading: ReportReading, width: int) -> list[TableColumn]:
    """Return the columns of the levels; in the first period nothing was rated when it began."""
    start = [column(day_short(reading.start), width)] if _has_start(lines) else []
    return [
        column(_("First rating"), width),
        *start,
        column(day_short(reading.as_of), width, key="level"),
    ]


def _levels(line: RiskInPeriod, lines: list[RiskInPeriod]) -> list[CellText]:
    first, start = _level(line.first), _level(line.start)
    if line.first:
        first["small"].append(pieces_of(day_short(line.first.rated_on)))
    return [first, *([start] if _has_start(lines) else []), _level(line.risk.rating)]


def _has_start(lines: list[RiskInPeriod]) -> bool:
    return any(line.start for line in lines)


def _level(rating: RiskRating | None) -> CellText:
    if rating is None:
        return cell(MISSING)
    return cell(str(rating), small=[str(rating.band.label)], tone=TONES.get(rating.band, ""))


def _tables(lines: list[RiskInPeriod], reading: ReportReading) -> list[Block]:
    if not lines:
        return []
    levels = table(
        _("Levels at three dates") if _has_start(lines) else _("Levels at two dates"),
        [
            column(_("No."), 7, key="number"),
            column(_("Risk"), key="risk"),
            *_dates(lines, reading, 14),
            column(_("Trend"), 17, key="trend"),
        ],
        [
            [str(line.risk.number), _named(line.risk), *_levels(line, lines), _trend(line)]
            for line in lines
        ],
        head=1,
        key="risk_levels",
    )
    responses = table(
        _("What is done about them"),
        [
            column(_("No."), 7, key="number"),
            column(_("Response"), key="response"),
            column(_("Strategy"), 14, key="strategy"),
            column(pgettext("of a risk", "Owner"), 22, key="owner"),
        ],
        [
            [
                str(line.risk.number),
                cell(local_text(line.risk, "response") or MISSING),
                line.risk.get_strategy_display(),
                _owner(line.risk, reading),
            ]
            for line in lines
        ],
        head=0,
        key="risk_responses",
    )
    return [levels, responses]


def _register(caption: str, lines: list[RiskInPeriod], reading: ReportReading) -> Block:
    columns = [
        column(_("No."), 7, key="number"),
        column(_("Risk"), key="risk"),
        *_dates(lines, reading, 13),
        column(_("Response"), 27, key="response"),
    ]
    rows = []
    for line in lines:
        risk, number = line.risk, cell(str(line.risk.number), anchor=f"risk-{line.risk.number}")
        levels = _levels(line, lines)
        levels[-1]["small"].append(pieces_of(line.trend))
        small = [str(risk.get_strategy_display()), _owner(risk, reading)]
        answered = cell(local_text(risk, "response") or MISSING, small=small)
        rows.append([number, _named(risk, with_cause=True), *levels, answered])
    return table(caption, columns, rows, head=1, key="risk_register")


def _named(risk: Risk, *, with_cause: bool = False) -> Cell:
    """Return the risk and its impact; in the register also its warning signs."""
    cause = local_text(risk, "cause") if with_cause else None
    codes = ", ".join(result.code for result in risk.results.all())
    small: list[TextLine] = [
        pair_line(_("Cause or trigger"), cause) if cause else "",
        pair(_("Results"), codes) if codes else "",
        str(risk.get_status_display()) if risk.status == Risk.Status.MATERIALISED else "",
        _("Illustrative") if risk.illustrative else "",
    ]
    return cell(local_text(risk, "definition"), small=small)


def _trend(line: RiskInPeriod) -> Cell:
    small = day_short(line.closed_on) if line.closed_on else ""
    return cell(line.trend, small=small, tone=TREND_TONES.get(line.change, ""))


def _owner(risk: Risk, reading: ReportReading) -> str:
    if risk.owner:
        return reading.short_name(risk.owner)
    return capfirst(risk.get_owner_role_display()) or MISSING

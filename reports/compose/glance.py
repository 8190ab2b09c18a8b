"""The page of a report that says the most important at a glance. Each part of it leads to the place
where the report says more. What the author did not choose is chosen here."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import chain, zip_longest

from django.utils.translation import gettext as _, ngettext, pgettext

from committees.models import Resolution
from committees.permissions.amounts import SEES_MONEY
from kernel.formats import money
from kernel.svg import shortened
from projects.framework.figures import Rating, Standing, share_of_way
from projects.framework.tree import IndicatorStanding, Node
from projects.models import Activity
from reports.compose.activities import activities_in_period
from reports.compose.blocks import CrossReference, figure, link, pieces_of
from reports.compose.finances import tables_of
from reports.compose.governance import governance_of, subjects_of
from reports.compose.measured import is_qualitative, written
from reports.compose.products import photos_of, picture_of
from reports.compose.reading import ReportReading, local_text
from reports.compose.results import downwards
from reports.compose.risks import TONES as RISK_TONES, known_risks
from reports.document_types import (
    Block,
    FigureBlock,
    Glance,
    GlanceFigure,
    GlanceMoney,
    GlanceQuotation,
    LinePiece,
    LocalText,
)
from reports.models import GlanceChoice

MOST_FIGURES, FEWEST_FIGURES = 6, 4
MOST_LINES = 3
LINE_WIDTH = 900.0  # a decision of more is shortened: its whole text is where the line leads
TONES = {Rating.MET: "ok", Rating.CLOSE: "warn", Rating.BEHIND: "bad"}


def glance(reading: ReportReading) -> Glance:
    """Return the page, as far as there is anything for it."""
    chosen = reading.once("glance", lambda: _choice_of(reading))
    return {
        "figures": _figures(reading, chosen),
        "money": _money(reading),
        "maps": [each for each in [_places(reading)] if each],
        "decisions": _decisions(reading),
        "risks": _risks(reading),
        "photos": _photos(reading),
        "quotation": _quotation(chosen),
    }


def _choice_of(reading: ReportReading) -> GlanceChoice | None:
    return GlanceChoice.objects.filter(report=reading.report).select_related("photo").first()


# Figures


def _figures(reading: ReportReading, chosen: GlanceChoice | None) -> list[GlanceFigure]:
    nodes = list(downwards(reading.tree))
    every = [each for node in nodes for each in node.indicators]
    asked = reading.once(
        "figures at a glance",
        lambda: set(chosen.indicators.values_list("pk", flat=True)) if chosen else set(),
    )
    wanted = [each for each in every if each.indicator.pk in asked]
    shown = [each for each in wanted if _has_figure(each)] or _chosen_among(nodes)
    return [_figure(each) for each in shown[:MOST_FIGURES]]


def _has_figure(each: IndicatorStanding) -> bool:
    standing = each.standing
    return not (is_qualitative(each.indicator) or standing.is_withheld or standing.actual is None)


def _chosen_among(nodes: Iterable[Node]) -> list[IndicatorStanding]:
    """Return figures from as many results as possible, the highest results first: those with a
    target, and others if they are few."""
    of_results = [[each for each in node.indicators if _has_figure(each)] for node in nodes]
    in_turn = [each for each in chain(*zip_longest(*of_results)) if each]
    aimed = [each for each in in_turn if each.standing.target is not None]
    others = [each for each in in_turn if each.standing.target is None]
    picked = (aimed + others[: max(FEWEST_FIGURES - len(aimed), 0)])[:MOST_FIGURES]
    place = {each.indicator.pk: number for number, each in enumerate(chain(*of_results))}
    return sorted(picked, key=lambda each: place[each.indicator.pk])


def _figure(each: IndicatorStanding) -> GlanceFigure:
    indicator, standing = each.indicator, each.standing
    rating = standing.rating
    target = written(indicator, standing.target) if standing.target is not None else ""
    return {
        "code": indicator.code,
        "name": local_text(indicator, "name") or {"text": "", "lang": ""},
        "actual": written(indicator, standing.actual),
        "target": target,
        "share": _share(standing, ascending=indicator.ascending),
        "rating": str(rating.label) if rating in TONES else "",
        "tone": TONES.get(rating, "") if rating else "",
        "to": f"indicator-{indicator.result.code}-{indicator.code}",
    }


def _share(standing: Standing, *, ascending: bool) -> int | None:
    """Return how much of the way to the target was covered, for the bar."""
    if standing.actual is None or standing.target is None:
        return None
    share = share_of_way(standing.actual, standing.target, ascending=ascending)
    return None if share is None else _percent(share)


def _percent(share: Decimal) -> int:
    return max(round(share * 100), 0)


# Money


def _money(reading: ReportReading) -> list[GlanceMoney]:
    """Return what was spent in the period and since the beginning, beside the budget for each."""
    if reading.audience not in SEES_MONEY:
        return []
    tables = tables_of(reading)
    sums, currency = tables.total, reading.project.currency
    period = str(tables.shown) if tables.shown else ""
    rows = [
        (period, sums.actual, sums.budget),
        (_("Whole project"), sums.cumulative, sums.revised),
    ]
    return [
        {
            "name": name,
            "spent": money(round(spent), currency),
            "budget": money(round(budget), currency),
            "share": _percent(spent / budget),
        }
        for name, spent, budget in rows
        if name and spent is not None and budget
    ]


# Places


def _places(reading: ReportReading) -> FigureBlock | None:
    """Return how many activities of the period were in each department, as known on the day."""
    activities = activities_in_period(reading)
    counts = Counter(name for each in activities if (name := _department(each)))
    if not counts:
        return None
    left = len(activities) - counts.total()
    sentence = ngettext(
        "%(count)s other activity has no department.",
        "%(count)s other activities have no department.",
        left,
    )
    names = sorted(counts, key=lambda name: (-counts[name], name))
    data = {
        "country": str(reading.project.country),
        "names": names,
        "values": [counts[name] for name in names],
        "heading": _("Department"),
        "left_out": sentence % {"count": left} if left else "",
    }
    return figure("places", _("Activities by department"), data)


def _department(activity: Activity) -> str:
    return activity.department.strip()


# Decisions and risks


def _decisions(reading: ReportReading) -> list[list[LinePiece]]:
    """Return the latest decisions, those about a plan, an amendment or a result before others."""
    found = governance_of(reading)
    rows = found.decisions if found else []
    weighty = [row for row in rows if subjects_of(reading, row)]
    picked = [*(row for row in rows if row not in weighty), *weighty][-MOST_LINES:]
    return [
        [
            link(CrossReference(str(row), f"resolution-{row.number}")),
            *pieces_of([_when(row, reading), " – ", _short(local_text(row, "text"))]),
        ]
        for row in rows
        if row in picked
    ]


def _when(row: Resolution, reading: ReportReading) -> str:
    is_later = row.resolved_on is not None and row.resolved_on > reading.end
    return f" ({_('after the period')})" if is_later else ""


def _short(text: LocalText | None) -> LocalText:
    """Return the beginning of a long text, up to the end of a word."""
    text = text or {"text": "", "lang": ""}
    line = " ".join(text["text"].split())
    return {"text": shortened(line, LINE_WIDTH), "lang": text["lang"]}


def _risks(reading: ReportReading) -> list[list[LinePiece]]:
    """Return the gravest risks that are not closed, with level and trend."""
    living = [line for line in known_risks(reading) if not line.closed_on and line.risk.rating]
    shown = [line for line in living if line.risk.rating and line.risk.rating.band in RISK_TONES]
    lines = []
    for each in shown[:MOST_LINES]:
        rating = each.risk.rating
        assert rating is not None  # by the condition above
        definition = _short(local_text(each.risk, "definition"))
        name = pgettext("a risk", "Risk %(number)s") % {"number": each.risk.number}
        state = f" ({rating.level} · {rating.band.label}, {each.trend})"
        reference = CrossReference(name, f"risk-{each.risk.number}")
        lines.append([link(reference), *pieces_of([" – ", definition, state])])
    return lines


# Photograph and quotation


def _photos(reading: ReportReading) -> list[Block]:
    photo = photos_of(reading).at_a_glance
    return [picture_of(reading, photo)] if photo else []


def _quotation(chosen: GlanceChoice | None) -> GlanceQuotation | None:
    text = local_text(chosen, "quotation") if chosen and chosen.consent else None
    if text is None:
        return None
    return {**text, "source": local_text(chosen, "source") or {"text": "", "lang": ""}}

"""The register of risks for its page, its workbook and the report: levels at three dates, the map of
likelihood and impact, and the categories in which it should have more risks."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _, pgettext

from kernel.charts import Chart
from kernel.heat_map import HeatMapField, HeatMapScales, heat_map
from projects.models import Project, Risk, RiskRating
from projects.risk_levels import Band, Impact, Likelihood, band_of, level_of

DATES_SHOWN = 3
TONE_OF_BAND = {
    Band.VERY_LOW: "neutral",
    Band.LOW: "sky",
    Band.HIGH: "sun",
    Band.VERY_HIGH: "bad",
}
# The Canadian International Development Agency expects at least two risks in each of the first three
# categories, and one of reputation.
FEWEST_RISKS = {
    Risk.Category.OPERATIONAL: 2,
    Risk.Category.FINANCIAL: 2,
    Risk.Category.DEVELOPMENT: 2,
    Risk.Category.REPUTATION: 1,
}


@dataclass(frozen=True)
class RiskRegister:
    """The risks of a project that the reader sees, with their ratings."""

    project: Project
    risks: list[Risk]


@dataclass(frozen=True)
class RiskRegisterRow:
    """A risk and its rating at each of the dates; None before the first one."""

    risk: Risk
    ratings: list[RiskRating | None]


def last_rating_dates(risks: Iterable[Risk]) -> list[date]:
    """Returns the last three days on which any of these risks was rated, the oldest first."""
    days = {rating.rated_on for risk in risks for rating in risk.ratings.all()}
    return sorted(days)[-DATES_SHOWN:]


def register_rows(risks: Iterable[Risk], days: list[date]) -> list[RiskRegisterRow]:
    """Returns the risks with their ratings on these days, the gravest risk first."""
    ordered = sorted(risks, key=lambda risk: (-risk.level, risk.number))
    return [RiskRegisterRow(risk, [risk.rating_on(day) for day in days]) for risk in ordered]


def risk_map(risks: Iterable[Risk]) -> Chart:
    """Draws likelihood against impact, with the numbers of the risks in each field."""
    return heat_map(risk_map_title(), *risk_grid(risks), key="risk-map")


def risk_map_title() -> str:
    return _("Risks by likelihood and impact")


def risk_grid(risks: Iterable[Risk]) -> tuple[HeatMapScales, dict[tuple[int, int], HeatMapField]]:
    """Returns the scales and fields of the map, which a report keeps in its document.

    Closed risks and those that nobody rated are not on it.
    """
    numbers: dict[tuple[int, int], list[str]] = defaultdict(list)
    for risk in sorted(risks, key=lambda risk: risk.number):
        if risk.status != Risk.Status.CLOSED and risk.rating:
            place = (Likelihood.VERY_HIGH - risk.rating.likelihood, risk.rating.impact - 1)
            numbers[place].append(str(risk.number))
    down = list(reversed(Likelihood))
    scales = HeatMapScales(
        down=_("Likelihood"),
        rows=[str(point.label) for point in down],
        across=pgettext("of a risk", "Impact"),
        columns=[str(point.label) for point in Impact],
    )
    fields = {
        (row, column): _field(level_of(likelihood, impact), numbers[row, column])
        for row, likelihood in enumerate(down)
        for column, impact in enumerate(Impact)
    }
    return scales, fields


def _field(level: int, names: list[str]) -> HeatMapField:
    band = band_of(level)
    return HeatMapField(names, str(level), TONE_OF_BAND[band], str(band.label))


def missing_categories(risks: Iterable[Risk]) -> list[str]:
    """Returns a sentence for each category with fewer risks than a register should have.

    Closed risks count, since somebody has considered them. The sentences are advice and block nothing.
    """
    counts = Counter(risk.category for risk in risks)
    return [
        _("%(category)s: %(held)s of at least %(asked)s.")
        % {"category": category.label, "held": counts[category], "asked": fewest}
        for category, fewest in FEWEST_RISKS.items()
        if counts[category] < fewest
    ]

"""The four-point scale of risk registers: likelihood, impact, levels, bands and trends.

Pure arithmetic of two numbers from 1 to 4, after the Investment Risk Register of CIDA (see
docs/demonstration.md): the level is their product, from 1 to 16, in four bands.
"""

from collections.abc import Sequence

from django.db import models
from django.utils.translation import pgettext_lazy


class Likelihood(models.IntegerChoices):
    VERY_LOW = 1, pgettext_lazy("likelihood", "Very low")
    LOW = 2, pgettext_lazy("likelihood", "Low")
    HIGH = 3, pgettext_lazy("likelihood", "High")
    VERY_HIGH = 4, pgettext_lazy("likelihood", "Very high")


class Impact(models.IntegerChoices):
    VERY_LOW = 1, pgettext_lazy("impact", "Very low")
    LOW = 2, pgettext_lazy("impact", "Low")
    HIGH = 3, pgettext_lazy("impact", "High")
    VERY_HIGH = 4, pgettext_lazy("impact", "Very high")


class Band(models.TextChoices):
    VERY_LOW = "very_low", pgettext_lazy("level of risk", "Very low")
    LOW = "low", pgettext_lazy("level of risk", "Low")
    HIGH = "high", pgettext_lazy("level of risk", "High")
    VERY_HIGH = "very_high", pgettext_lazy("level of risk", "Very high")


# The lowest level of each band.
BEGINS = {Band.VERY_HIGH: 12, Band.HIGH: 6, Band.LOW: 3, Band.VERY_LOW: 1}


class Trend(models.TextChoices):
    NEW = "new", pgettext_lazy("of a risk", "New")
    UP = "up", pgettext_lazy("of a risk", "Rising")
    SAME = "same", pgettext_lazy("of a risk", "Unchanged")
    DOWN = "down", pgettext_lazy("of a risk", "Falling")


def level_of(likelihood: int, impact: int) -> int:
    """Return the product of both, from 1 to 16."""
    return likelihood * impact


def band_of(level: int) -> Band:
    """Return the band: very low up to 2, low up to 4, high up to 9, very high from 12."""
    return next(band for band, begin in BEGINS.items() if level >= begin)


def trend_of(levels: Sequence[int]) -> Trend:
    """Compare the last two levels, given in order of time; a risk with one rating is new."""
    if len(levels) < 2:
        return Trend.NEW
    before, now = levels[-2:]
    return Trend.UP if now > before else Trend.DOWN if now < before else Trend.SAME

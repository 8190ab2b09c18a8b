"""The base of the builders of synthetic projects: the things that their parts share."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from accounts.models import User
from bench.sizes import REPORTED, Size
from bench.words import LANGUAGES
from committees.models import Committee, Resolution, Seat
from partners.models import Institution
from projects.models import Activity, Indicator, Period, Project, Result


@dataclass
class ProjectParts:
    """Chance is asked in the order in which things are made: an equal seed makes equal projects."""

    size: Size
    code: str
    partners: list[Institution]
    by: User
    chance: random.Random
    project: Project = field(init=False)
    periods: list[Period] = field(init=False)
    results: list[Result] = field(init=False)
    indicators: list[Indicator] = field(init=False)
    activities: list[Activity] = field(init=False)
    committee: Committee = field(init=False)
    seats: list[Seat] = field(init=False)
    decisions: list[Resolution] = field(init=False)

    @property
    def year(self) -> Period:
        return self.periods[REPORTED - 1]

    def texts(self, name: str, make: Callable[..., str], *args: Any) -> dict[str, str]:
        """The columns of a text in three languages, of the same length in each."""
        seed = self.chance.random()
        return {
            f"{name}_{language}": make(random.Random(seed), language, *args)
            for language in LANGUAGES
        }

    def day(self, period: Period) -> date:
        return period.start + timedelta(self.chance.randrange((period.end - period.start).days))

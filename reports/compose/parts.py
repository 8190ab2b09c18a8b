"""What the portal knows how to tell in each kind of section."""

from collections.abc import Callable

from reports.compose.activities import activities
from reports.compose.amendments import amendments
from reports.compose.blocks import Block
from reports.compose.plans import plan_of_next_year, plan_of_period
from reports.compose.progress import progress
from reports.compose.reading import ReportReading
from reports.compose.steering import governance
from reports.models import SectionKind

Part = Callable[[ReportReading], list[Block]]

# A kind that is not here is narrative alone.
PARTS: dict[SectionKind, tuple[Part, ...]] = {
    SectionKind.PROGRESS: (progress,),
    SectionKind.ACTIVITIES: (activities,),
    SectionKind.CHANGES: (amendments,),
    SectionKind.GOVERNANCE: (governance,),
    SectionKind.PLAN: (plan_of_period,),
    SectionKind.NEXT_YEAR: (plan_of_next_year,),
}


def part_of(kind: SectionKind, reading: ReportReading) -> list[Block]:
    return [block for part in PARTS.get(kind, ()) for block in part(reading)]

"""The parts that the portal composes for each kind of section."""

from collections.abc import Callable

from reports.block_types import Block
from reports.compose import annexes, governance_extras
from reports.compose.activities import activities
from reports.compose.amendments import amendments
from reports.compose.cross_cutting import cross_cutting, disaggregated, people_reached
from reports.compose.evolution import evolution
from reports.compose.finances import finances
from reports.compose.governance import governance
from reports.compose.plans import plan_of_next_year, plan_of_period
from reports.compose.progress import progress
from reports.compose.public_summary import in_other_languages
from reports.compose.reading import ReportReading
from reports.compose.risks import risk_annex, risks
from reports.compose.safeguarding import policies_beside_partners, safeguarding
from reports.models import SectionKind

Part = Callable[[ReportReading], list[Block]]

# A kind without functions has only the narrative that people write.
PARTS: dict[SectionKind, tuple[Part, ...]] = {
    SectionKind.PROGRESS: (progress,),
    SectionKind.ACTIVITIES: (activities,),
    SectionKind.CROSS_CUTTING: (cross_cutting,),
    SectionKind.GENDER: (disaggregated,),
    SectionKind.REACHED: (people_reached,),
    SectionKind.CHANGES: (amendments, evolution),
    SectionKind.RISKS: (risks,),
    SectionKind.GOVERNANCE: (
        governance,
        governance_extras.partners,
        policies_beside_partners,
    ),
    SectionKind.SAFEGUARDING: (safeguarding,),
    SectionKind.PLAN: (plan_of_period,),
    SectionKind.FINANCES: (finances,),
    SectionKind.NEXT_YEAR: (plan_of_next_year,),
    SectionKind.ANNEX_SUMMARY: (in_other_languages,),
    SectionKind.ANNEX_LOGIC: (annexes.logic_model_annex,),
    SectionKind.ANNEX_FRAMEWORK: (annexes.framework_annex,),
    SectionKind.ANNEX_SCHEDULE: (annexes.schedule_annex,),
    SectionKind.ANNEX_RISKS: (risk_annex,),
    SectionKind.ANNEX_DECISIONS: (annexes.decisions_annex,),
    SectionKind.ANNEX_PRODUCTS: (annexes.products_annex,),
}


def part_of(kind: SectionKind, reading: ReportReading) -> list[Block]:
    """Return the blocks that belong to a section of this kind, after what people wrote in it."""
    return [block for part in PARTS.get(kind, ()) for block in part(reading)]

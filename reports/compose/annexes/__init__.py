"""The annexes of a report that are computed: one function each, which returns blocks for an
audience.

Other annexes of a report, such as success stories, are narrative alone.
"""

from reports.compose.annexes.decisions import decisions_annex
from reports.compose.annexes.framework import framework_annex
from reports.compose.annexes.logic_model import logic_model_annex
from reports.compose.annexes.products import products_annex
from reports.compose.annexes.schedule import schedule_annex

__all__ = [
    "decisions_annex",
    "framework_annex",
    "logic_model_annex",
    "products_annex",
    "schedule_annex",
]

"""The annexes of a report that are computed: each a function that gives its blocks for one audience.

What a report annexes beside these, such as success stories, is narrative alone.
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

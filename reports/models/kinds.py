"""The kinds of sections that a report can have."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SectionKind(models.TextChoices):
    """In the order of a combined annual report; a preset chooses among them.

    In a section the computed part follows the narrative. Annexes come last.
    """

    SUMMARY = "summary", _("Executive summary")
    CONTEXT = "context", _("Context")
    PROGRESS = "progress", _("Progress by outcome")
    ACTIVITIES = "activities", _("Outputs and activities")
    CROSS_CUTTING = "cross_cutting", _("Cross-cutting themes")
    CHANGES = "changes", _("Changes made or to be made")
    RISKS = "risks", _("Risks")
    GOVERNANCE = "governance", _("Management and governance")
    PLAN = "plan", _("Action plan")
    FINANCES = "finances", _("Financial report")
    LESSONS = "lessons", _("Lessons learned")
    NEXT_YEAR = "next_year", _("Next year")
    ANNEX_LOGIC = "annex_logic", _("Logic model")
    ANNEX_FRAMEWORK = "annex_framework", _("Performance measurement framework with values")
    ANNEX_SCHEDULE = "annex_schedule", _("Schedule of activities")
    ANNEX_RISKS = "annex_risks", _("Risk register")
    ANNEX_DECISIONS = "annex_decisions", _("Decisions of the committee")
    ANNEX_STORIES = "annex_stories", _("Success stories")
    ANNEX_PRODUCTS = "annex_products", _("Products of the project")

    @property
    def is_annex(self) -> bool:
        return self.value.startswith("annex_")

"""The kinds of sections that a report can have."""

from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy


class SectionKind(models.TextChoices):
    """In the order of a combined annual report; a preset chooses among them.

    In a section the computed part follows the narrative. Annexes come last.
    """

    SUMMARY = "summary", _("Executive summary")
    CONTEXT = "context", _("Context")
    PROGRESS = "progress", _("Progress by outcome")
    UNEXPECTED = "unexpected", _("Unexpected results")
    ACTIVITIES = "activities", _("Outputs and activities")
    CROSS_CUTTING = "cross_cutting", _("Cross-cutting themes")
    GENDER = "gender", _("Gender equality")
    ENVIRONMENT = "environment", _("Environment and climate")
    RIGHTS = "rights", _("Governance and human rights")
    PARTICIPATION = "participation", _("Participation of children")
    REACHED = "reached", _("People reached")
    CHANGES = "changes", _("Changes made or to be made")
    RISKS = "risks", _("Risks")
    GOVERNANCE = "governance", _("Management and governance")
    STAFF = "staff", _("Staff and procurement")
    ASSETS = "assets", _("Assets")
    EVALUATIONS = "evaluations", _("Evaluations and audits")
    SAFEGUARDING = "safeguarding", pgettext_lazy("section of a report", "Safeguarding")
    VISIBILITY = "visibility", _("Visibility of the donor")
    PLAN = "plan", _("Action plan")
    FINANCES = "finances", _("Financial report")
    LESSONS = "lessons", _("Lessons learned")
    SUSTAINABILITY = "sustainability", _("Sustainability and exit")
    NEXT_YEAR = "next_year", _("Next year")
    ANNEX_SUMMARY = "annex_summary", _("Public summary of results")
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

    @property
    def home(self) -> "SectionKind":
        """The kind in whose chapter a section of this kind is printed if it directly follows it in the
        preset (`in_chapters`); of most kinds the kind itself."""
        return HOMES.get(self, self)


HOMES = {
    SectionKind.UNEXPECTED: SectionKind.PROGRESS,
    SectionKind.GENDER: SectionKind.CROSS_CUTTING,
    SectionKind.ENVIRONMENT: SectionKind.CROSS_CUTTING,
    SectionKind.RIGHTS: SectionKind.CROSS_CUTTING,
    SectionKind.PARTICIPATION: SectionKind.CROSS_CUTTING,
    SectionKind.REACHED: SectionKind.CROSS_CUTTING,
    SectionKind.STAFF: SectionKind.GOVERNANCE,
    SectionKind.ASSETS: SectionKind.GOVERNANCE,
    SectionKind.EVALUATIONS: SectionKind.GOVERNANCE,
    SectionKind.SAFEGUARDING: SectionKind.GOVERNANCE,
    SectionKind.VISIBILITY: SectionKind.GOVERNANCE,
    SectionKind.SUSTAINABILITY: SectionKind.LESSONS,
}

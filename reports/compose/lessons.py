"""What the project noted as lessons learned in the period, below what is written on them."""

from django.utils.translation import gettext as _

from committees.models import Audience
from kernel.formats import MISSING
from reports.compose.blocks import Cell, cell, column, table
from reports.compose.reading import ReportReading, local_text
from reports.document_types import Block

TEXTS = ("learned", "happened", "change")


def lessons(reading: ReportReading) -> list[Block]:
    """Whoever sees the project reads its lessons; the public does not."""
    if reading.audience == Audience.PUBLIC:
        return []
    noted = reading.project.lessons.filter(
        noted_on__range=(reading.start, min(reading.end, reading.as_of))
    )
    rows: list[list[Cell]] = [
        [
            *(cell(local_text(lesson, name) or MISSING) for name in TEXTS),
            lesson.result.code if lesson.result else _("The whole project"),
        ]
        for lesson in noted.select_related("result").order_by("noted_on", "pk")
    ]
    columns = [
        column(_("What was learned")),
        column(_("What happened")),
        column(_("What changes")),
        column(_("Result"), 14),
    ]
    return [table(_("Lessons noted in the period"), columns, rows)] if rows else []

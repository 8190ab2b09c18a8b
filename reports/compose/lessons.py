"""What the project noted as lessons learned in the period, below what is written on them."""

from django.utils.translation import gettext as _

from committees.models import Audience
from kernel.formats import MISSING
from reports.compose.blocks import Cell, cell, column, starred, table, with_note_on_stars
from reports.compose.reading import ReportReading, local_text
from reports.document_types import Block


def lessons(reading: ReportReading) -> list[Block]:
    """Whoever sees the project reads its lessons; the public does not."""
    if reading.audience == Audience.PUBLIC:
        return []
    period = reading.start, min(reading.end, reading.as_of)
    lessons = reading.project.lessons.filter(noted_on__range=period).order_by("noted_on", "pk")
    noted = list(lessons.select_related("result"))
    rows: list[list[Cell]] = [
        [
            cell(starred(local_text(lesson, "learned"), lesson.illustrative)),
            *(cell(local_text(lesson, name) or MISSING) for name in ("happened", "change")),
            lesson.result.code if lesson.result else _("The whole project"),
        ]
        for lesson in noted
    ]
    columns = [
        column(_("What was learned")),
        column(_("What happened")),
        column(_("What changes")),
        column(_("Result"), 14),
    ]
    listed: list[Block] = [table(_("Lessons noted in the period"), columns, rows)] if rows else []
    return with_note_on_stars(listed, noted)

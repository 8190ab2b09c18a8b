"""The annex of products that activities delivered, and of photographs that may be shown."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _, pgettext

from kernel.files import PICTURES
from kernel.formats import MISSING, NO_BREAK, day, day_range, number
from projects.models import Activity, Deliverable, Evidence
from reports.compose.blocks import Cell, cell, column, heading, pair, paragraph, picture, table
from reports.compose.frame import organisation
from reports.compose.reading import ReportReading, in_language, local_text
from reports.document_types import Block
from reports.models import GlanceChoice

# More photographs would only make the file of the report large.
MOST_PICTURES = 12
# The consents to a photograph, the firmest first. One without consent is not shown at all.
FIRMNESS: dict[str, int] = {
    Evidence.Consent.WRITTEN: 0,
    Evidence.Consent.SPOKEN: 1,
    Evidence.Consent.NOBODY: 2,
}

State = Deliverable.State
TONES = {State.DELIVERED: "ok", State.LATE: "bad", State.PARTLY: "warn"}


@dataclass(frozen=True)
class ReportPhotos:
    """The photographs of a report: each is shown once."""

    at_a_glance: Evidence | None
    in_annex: list[Evidence]


def products_annex(reading: ReportReading) -> list[Block]:
    """Return the deliverables of the period as a table, then the photographs that may be shown."""
    found = reading.once("deliverables", lambda: _deliverables(reading))
    products = [one for one in found if _is_of_period(reading, one)]
    photos = photos_of(reading).in_annex
    blocks: list[Block | None] = []
    if products:
        blocks += [
            _table(reading, products),
            paragraph(_("* Illustrative."), "small note")
            if any(one.illustrative for one in products)
            else None,
        ]
    if photos:
        blocks.append(heading(_("Photographs"), 2))
        blocks += [picture_of(reading, one) for one in photos]
    return [block for block in blocks if block]


# Products


def _deliverables(reading: ReportReading) -> list[Deliverable]:
    """Return the products as known on the day of the document: one that was delivered later is
    still due."""
    found = list(
        Deliverable.objects.filter(activity__project=reading.project)
        .select_related("activity__result")
        .order_by("activity__code", "planned_on", "pk")
    )
    for one in found:
        if one.delivered_on and not reading.knows(one.delivered_on):
            one.delivered_on = one.quantity_actual = None
    return found


def _is_of_period(reading: ReportReading, one: Deliverable) -> bool:
    """Whether it was delivered since the period began, or was due by its end and not delivered
    before."""
    if one.delivered_on:
        return one.delivered_on >= reading.start
    return one.planned_on is None or one.planned_on <= reading.end


def _table(reading: ReportReading, products: list[Deliverable]) -> Block:
    columns = [
        column(pgettext("of an activity", "Product")),
        column(_("Activity and place"), 28),
        column(_("planned for"), 15),
        column(_("delivered on"), 15),
    ]
    rows = [_row(reading, one) for one in products]
    if any(quantities := [_quantity(one) for one in products]):
        columns.append(column(_("Quantity"), 12, num=True))
        rows = [[*row, quantity] for row, quantity in zip(rows, quantities, strict=True)]
    return table(_("Products of the period"), columns, rows, head=0)


def _row(reading: ReportReading, one: Deliverable) -> list[Cell]:
    title = local_text(one, "title") or {"text": "", "lang": ""}
    mark = f"{NO_BREAK}*" if one.illustrative else ""
    state = one.state_on(reading.as_of)
    return [
        cell(
            {"text": f"{title['text']}{mark}", "lang": title["lang"]},
            small=str(one.get_kind_display()),
        ),
        cell("", small=[_title(one.activity), one.activity.where]),
        day(one.planned_on),
        cell(
            day(one.delivered_on) if one.delivered_on else str(state.label),
            small=str(state.label) if one.delivered_on and state != State.DELIVERED else "",
            tone="" if one.delivered_on else TONES.get(state, ""),
        ),
    ]


def _title(activity: Activity) -> str:
    title = local_text(activity, "title")
    return title["text"] if title else ""


def _quantity(one: Deliverable) -> str:
    if one.quantity_planned is None and one.quantity_actual is None:
        return ""
    if one.quantity_planned is None:
        return number(one.quantity_actual)
    actual = number(one.quantity_actual) if one.quantity_actual is not None else MISSING
    return _("%(actual)s of %(planned)s") % {
        "actual": actual,
        "planned": number(one.quantity_planned),
    }


# Photographs


def photos_of(reading: ReportReading) -> ReportPhotos:
    """Return photographs that everybody who sees the activity may see, since a report is passed on.

    Consent counts as of today, because the picture would be published today. At a glance there is
    the one that the author chose, or else the one with the firmest consent.
    """
    return reading.once("photos", lambda: _sorted(reading, _photos(reading)))


def _sorted(reading: ReportReading, found: list[Evidence]) -> ReportPhotos:
    chosen = GlanceChoice.objects.filter(report=reading.report).first()
    first: Evidence | None = None
    if not (chosen and chosen.without_photo):
        asked = [one for one in found if chosen and one.pk == chosen.photo_id]
        first = next(iter(asked or sorted(found, key=lambda one: FIRMNESS[one.consent])), None)
    return ReportPhotos(first, [one for one in found if one != first][:MOST_PICTURES])


def _photos(reading: ReportReading) -> list[Evidence]:
    found = (
        Evidence.objects.shared()
        .filter(
            activity__project=reading.project,
            kind__in=PICTURES,
            accepted_on__lte=reading.as_of,
        )
        .select_related("activity", "given_by")
        .prefetch_related("given_by__names")
        .order_by("activity__actual_start", "activity", "pk")
    )
    return [one for one in found if _overlaps(one.activity, reading.start, reading.end)]


def _overlaps(activity: Activity, start: date, end: date) -> bool:
    span = activity.span
    return span is not None and span[0] <= end and span[1] >= start


def picture_of(reading: ReportReading, one: Evidence) -> Block:
    own = organisation(reading)
    scene = ", ".join(
        part for part in (_title(one.activity), one.activity.where, _when(one.activity)) if part
    )
    names = {"title": one.title, "scene": scene}
    credit = reading.short_name(one.given_by) if one.given_by else own
    mark = f"{NO_BREAK}*" if one.illustrative else ""
    return picture(
        one.pk,
        one.sha256,
        alternative=_("Photograph: %(title)s (%(scene)s)") % names,
        caption=in_language(f"{one.title}{mark}", one.language),
        place=scene,
        credit=pair(_("Photograph"), credit) if credit else "",
    )


def _when(activity: Activity) -> str:
    span = activity.span
    return day_range(*span) if span and activity.took_place else ""

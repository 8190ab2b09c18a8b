"""The annex of products that activities delivered, and of photographs that may be shown."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _, pgettext

from kernel.files import PICTURES
from kernel.formats import MISSING, day, day_range, number
from projects.models import Activity, Deliverable, Evidence
from reports.compose.blocks import (
    Cell,
    cell,
    field,
    heading,
    pair,
    picture,
    starred,
    table_of,
    with_note_on_stars,
)
from reports.compose.frame import organisation
from reports.compose.reading import ReportReading, in_language, text_of
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
    blocks: list[Block] = []
    if products:
        blocks += with_note_on_stars([_table(reading, products)], products)
    if photos:
        blocks.append(heading(_("Photographs"), 2))
        blocks += [picture_of(reading, one) for one in photos]
    return blocks


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
    fields = [
        field(pgettext("of an activity", "Product"), _product),
        field(_("Activity and place"), _activity, 28),
        field(_("planned for"), lambda one: day(one.planned_on), 15),
        field(_("delivered on"), lambda one: _delivered(reading, one), 15),
    ]
    if any(_quantity(one) for one in products):
        fields.append(field(_("Quantity"), _quantity, 12, num=True))
    return table_of(products, fields, _("Products of the period"))


def _product(one: Deliverable) -> Cell:
    title = starred(text_of(one, "title"), one.illustrative)
    return cell(title, small=str(one.get_kind_display()))


def _activity(one: Deliverable) -> Cell:
    return cell("", small=[_title(one.activity), one.activity.where])


def _delivered(reading: ReportReading, one: Deliverable) -> Cell:
    state = one.state_on(reading.as_of)
    if one.delivered_on is None:
        return cell(str(state.label), tone=TONES.get(state, ""))
    return cell(day(one.delivered_on), small="" if state == State.DELIVERED else str(state.label))


def _title(activity: Activity) -> str:
    return text_of(activity, "title")["text"]


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
    return picture(
        one.pk,
        one.sha256,
        alternative=_("Photograph: %(title)s (%(scene)s)") % names,
        caption=starred(in_language(one.title, one.language), one.illustrative),
        place=scene,
        credit=pair(_("Photograph"), credit) if credit else "",
    )


def _when(activity: Activity) -> str:
    span = activity.span
    return day_range(*span) if span and activity.took_place else ""

"""The page at a glance as it is printed: drawn for the PDF, and as blocks for Word file and plain
text."""

from operator import itemgetter
from typing import TypedDict

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, pgettext

from kernel.formats import percent
from kernel.svg import BAD, BRAND, OK, SUN
from reports.compose.blocks import (
    cell,
    coded,
    column,
    field,
    heading,
    paragraph,
    table,
    table_of,
)
from reports.document_types import Block, FigureBlock, Glance, GlanceMoney
from reports.figures import NumberedChart, charts_of, described
from reports.pictures import PrintedPicture, with_pictures


class PrintedAmount(TypedDict):
    """What was spent, in words, and its percentage of the budget for the bar."""

    name: str
    text: str
    share: int


class PrintedGlance(TypedDict):
    """The page with its map and its photograph, if it has them; `note` is a sentence below the map
    or in place of the photograph."""

    money: list[PrintedAmount]
    map: NumberedChart | None
    map_note: str
    photo: PrintedPicture | None
    photo_note: str


def printed_glance(glance: Glance) -> PrintedGlance:
    figure = _map_of(glance)
    photos = with_pictures(glance["photos"])
    photo = next((each for each in photos if each["type"] == "picture"), None)
    note = next((each["text"] for each in photos if each["type"] == "paragraph"), "")
    drawn = next(iter(charts_of(figure)), None) if figure else None
    return {
        "money": [amount_in_words(row) for row in glance["money"]],
        "map": NumberedChart(drawn.title, described(drawn)) if drawn else None,
        "map_note": figure["data"]["left_out"] if figure else "",
        "photo": photo,
        "photo_note": note,
    }


def amount_in_words(row: GlanceMoney) -> PrintedAmount:
    words = _("%(spent)s of %(budget)s (%(share)s)") % {
        "spent": row["spent"],
        "budget": row["budget"],
        "share": percent(row["share"] / 100),
    }
    return {"name": row["name"], "text": words, "share": row["share"]}


def bar_of_share(share: int, tone: str) -> SafeString:
    """Return a bar as wide as its place, filled to this percentage, for sighted readers alone: the
    words beside it say the same."""
    fill = {"ok": OK, "warn": SUN, "bad": BAD}.get(tone, BRAND)
    return format_html(
        '<svg class="track" aria-hidden="true"><rect width="{}%" height="100%" fill="{}"/></svg>',
        min(share, 100),
        fill,
    )


def glance_blocks(glance: Glance) -> list[Block]:
    """Return the page as blocks that every printer knows."""
    blocks: list[Block] = [*_figures(glance), *_money(glance)]
    if figure := _map_of(glance):
        data = figure["data"]
        rows = zip(data["names"], map(str, data["values"]), strict=True)
        columns = [column(data["heading"]), column(pgettext("how many", "Number"), 20, num=True)]
        blocks.append(table(figure["title"], columns, rows))
    for title, lines in ((_("Decisions"), glance["decisions"]), (_("Top risks"), glance["risks"])):
        if lines:
            blocks += [heading(title), *(paragraph([*pieces]) for pieces in lines)]
    blocks += glance["photos"]
    if quotation := glance["quotation"]:
        blocks.append(paragraph([quotation, " – ", quotation["source"]]))
    return blocks


def _figures(glance: Glance) -> list[Block]:
    if not glance["figures"]:
        return []
    fields = [
        field(_("Indicator"), lambda each: cell(coded(each["code"], each["name"]))),
        field(_("Actual value"), itemgetter("actual"), 16, num=True),
        field(_("Target"), itemgetter("target"), 16, num=True),
        field(_("Rating"), lambda each: cell(each["rating"], tone=each["tone"]), 20),
    ]
    return [table_of(glance["figures"], fields, _("Figures against their targets"))]


def _money(glance: Glance) -> list[Block]:
    if not glance["money"]:
        return []
    fields = [
        field(_("Period"), itemgetter("name")),
        field(_("Spent"), itemgetter("spent"), 22, num=True),
        field(_("Budget"), itemgetter("budget"), 22, num=True),
        field(_("Share"), lambda each: percent(each["share"] / 100), 12, num=True),
    ]
    return [table_of(glance["money"], fields, _("Spending against budget"))]


def _map_of(glance: Glance) -> FigureBlock | None:
    for block in glance["maps"]:
        if block["type"] == "figure" and block["chart"] == "places":
            return block
    return None

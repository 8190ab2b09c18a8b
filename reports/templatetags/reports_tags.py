"""Filters for the page on which a report is read, and the bars of its page at a glance."""

from collections.abc import Container

from django import template
from django.utils.safestring import SafeString

from reports.glance import bar_of_share
from reports.on_page import Places

register = template.Library()


@register.filter
def href(anchor: str, places: Places) -> str:
    """`{{ piece.to|href:places }}`: where an anchor of the document is, or nothing."""
    return places.href(anchor) if anchor else ""


@register.filter
def record(anchor: str, places: Places) -> str:
    """`{{ cell.anchor|record:places }}`: the page of the thing at an anchor, or nothing."""
    return places.record(anchor) if anchor else ""


@register.filter
def among(one: object, others: Container[object]) -> bool:
    """`{% if chapter.kind|among:changed %}`."""
    return one in others


@register.simple_tag
def share_bar(share: int, tone: str = "") -> SafeString:
    """`{% share_bar figure.share figure.tone %}`: a bar as wide as its place, filled to this percentage."""
    return bar_of_share(share, tone)

"""Filters for the page on which a report is read."""

from collections.abc import Container

from django import template

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

"""The register of decisions and recommendations, a page of it as plain rows."""

from typing import Any

from django.core.paginator import Page
from django.utils.text import Truncator

from committees.models import Resolution
from committees.models.resolution import ResolutionQuerySet
from kernel.addresses import addresses
from kernel.formats import day_in_table
from kernel.pages import Request, page_of, page_of_keys
from kernel.sorting import RowOrders, SortedRows, by_label
from kernel.templatetags.kernel_tags import lang_of
from partners.reading import named_institutions

PER_PAGE = 20
WORDS = 30  # of each text


ORDERS: RowOrders = {
    "number": "number",
    "due": "due_on",
    "state": lambda: by_label("status", dict(Resolution.Status.choices)),
}


def register_context(
    request: Request, resolutions: ResolutionQuerySet, *, shows_project: bool = False
) -> dict[str, Any]:
    """Return the context of `committees/register.html`."""
    page: Page[Resolution]
    sorting = SortedRows(request, ORDERS)
    resolutions = sorting.of(resolutions)
    if shows_project:
        page = page_of_keys(
            request,
            resolutions,
            lambda keys: Resolution.objects.filter(pk__in=keys).for_register(with_project=True),
            PER_PAGE,
        )
    else:
        page = page_of(request, resolutions.for_register(with_project=False), PER_PAGE)
    found = list(page.object_list)
    institutions = named_institutions(one.addressee_id for one in found)
    for one in found:
        one.addressee = institutions[one.addressee_id] if one.addressee_id else None
    rows = register_rows(found, shows_project=shows_project)
    return {"page": page, "rows": rows, "sorting": sorting}


def register_rows(found: list[Resolution], *, shows_project: bool) -> list[dict[str, Any]]:
    url = addresses("committees:resolution")
    statuses = {each.value: str(each.label) for each in Resolution.Status}
    kinds = {each.value: str(each.label) for each in Resolution.Kind}
    return [
        {
            "number": one.number,
            "url": url(one.pk),
            "kind": kinds[one.kind],
            "text": Truncator(one.text).words(WORDS, truncate=" …"),
            "lang": lang_of(one, "text"),
            "where": where(one, shows_project=shows_project),
            "illustrative": one.illustrative,
            "responsible": str(one.addressee or ""),
            "due": day_in_table(one.due_on) if one.due_on else "",
            "due_on": one.due_on,
            "status": one.status,
            "label": statuses[one.status],
            "is_overdue": one.is_overdue,
        }
        for one in found
    ]


def where(resolution: Resolution, *, shows_project: bool) -> str:
    """Say in which project, where and when it was resolved."""
    on = resolution.meeting.day if resolution.meeting else resolution.resolved_on
    place = f"{resolution.where}, {day_in_table(on)}" if on else resolution.where
    return f"{resolution.committee.project} · {place}" if shows_project else place

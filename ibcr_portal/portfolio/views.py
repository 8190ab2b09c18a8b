"""Pages of the portfolio: the projects, the indicators that they share, the workbook, and the filters
that people keep."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from ibcr_portal.models import SavedFilter
from ibcr_portal.obligations.writing import Obligations
from ibcr_portal.portfolio.forms import PortfolioFilterForm, SavedFilterForm, keep_filter
from ibcr_portal.portfolio.lines import ORDERS, late_first, portfolio_book, totals_of
from ibcr_portal.portfolio.reading import common_indicators, project_figures, with_names
from ibcr_portal.reader import Reader
from kernel.pages import READ_OR_SAVE, Request, act, form_page, page_of, posted, saved, trail
from kernel.sorting import SortedLines


class _Page:
    """What all pages of the portfolio begin with: the chosen projects of the reader."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.reader = Reader(request.user)
        self.obligations = Obligations(self.reader)
        self.figures = project_figures(self.obligations)
        self.form = PortfolioFilterForm(request.GET, figures=self.figures)
        self.chosen = late_first(self.form.chosen)
        self.sorting = SortedLines(request, ORDERS)

    def context(self, here: str) -> dict[str, Any]:
        query = self.form.query
        pages = [("portfolio", _("Projects")), ("portfolio-indicators", _("Common indicators"))]
        return {
            "title": _("Portfolio"),
            "crumbs": trail((_("Projects"), reverse("projects:list"))),
            "form": self.form,
            "here": reverse(here),
            "is_filtered": bool(query),
            "has_projects": bool(self.figures),
            "saved": SavedFilter.objects.filter(user=self.reader.user),
            "save_url": f"{reverse('portfolio-filter')}?{query}" if query else "",
            "export_url": _with(reverse("portfolio-export"), query),
            "tabs": [
                {"label": label, "url": _with(reverse(name), query), "current": name == here}
                for name, label in pages
            ],
        }


def _with(url: str, query: str) -> str:
    return f"{url}?{query}" if query else url


@require_safe
def portfolio(request: Request) -> HttpResponse:
    page = _Page(request)
    context = page.context("portfolio") | {
        "page": page_of(request, page.sorting.of(page.chosen)),
        "sorting": page.sorting,
        "totals": totals_of(page.chosen),
    }
    return render(request, "ibcr_portal/portfolio/projects.html", context)


@require_safe
def indicators(request: Request) -> HttpResponse:
    page = _Page(request)
    shown = page_of(request, common_indicators(page.chosen))
    shown.object_list = with_names(shown.object_list)
    context = page.context("portfolio-indicators") | {"page": shown, "number": len(page.chosen)}
    return render(request, "ibcr_portal/portfolio/indicators.html", context)


@require_safe
def export(request: Request) -> HttpResponse:
    """Export the chosen projects as a workbook, and log the export."""
    page = _Page(request)
    chosen = page.sorting.of(page.chosen)
    common = with_names(common_indicators(chosen))
    today = page.reader.today
    content = portfolio_book(chosen, totals_of(chosen), common, page.form, today)
    return handed_out(request, content, "portfolio", what="portfolio", rows=len(chosen))


@READ_OR_SAVE
def filter_save(request: Request) -> HttpResponse:
    """Keep the filters of the address under a name."""
    form = SavedFilterForm(posted(request), initial={"query": request.GET.urlencode()})
    if form.is_valid():
        name, query = form.cleaned_data["name"], form.cleaned_data["query"]
        if act(form, lambda: keep_filter(request.user, name, query)):
            return saved(request, _("The filter was saved."), _with(reverse("portfolio"), query))
    back = _with(reverse("portfolio"), _only_text(request.GET))
    crumbs = trail((_("Portfolio"), reverse("portfolio")))
    return form_page(request, form, title=_("Save these filters"), back=back, crumbs=crumbs)


def _only_text(query: QueryDict) -> str:
    return urlencode(
        [(name, query[name]) for name in PortfolioFilterForm.base_fields if name in query]
    )


@require_POST
def filter_delete(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(SavedFilter, pk=pk, user=request.user)
    row.delete()
    return saved(request, _("The filter was removed."), reverse("portfolio"))

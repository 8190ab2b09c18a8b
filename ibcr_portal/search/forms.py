"""The field of the search, and its filters: among what was found."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ibcr_portal.models import SearchKind
from ibcr_portal.search.scoring import Hit
from projects.choosing import OfProjects


class SearchForm(OfProjects):
    q = forms.CharField(
        label=_("Search for"),
        required=False,
        max_length=20_000,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    year = forms.ChoiceField(label=_("Year"), required=False)
    field_order = ("q", "kind", "project", "year")

    def __init__(self, *args: Any, hits: Iterable[Hit] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hits = list(hits)
        kinds = {hit.entry.kind for hit in hits}
        years = sorted({hit.entry.day.year for hit in hits if hit.entry.day}, reverse=True)
        self._offer("kind", [choice for choice in SearchKind.choices if choice[0] in kinds])
        self._offer("year", [(str(year), str(year)) for year in years])
        self.offer(sorted({hit.entry.project for hit in hits if hit.entry.project}))

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", _("All")), *choices]

    @property
    def text(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("q", ""))

    def chosen(self, hits: Iterable[Hit]) -> list[Hit]:
        """Keep the hits that pass the filters; one that is nonsense filters nothing."""
        self.is_valid()
        kind, year = self.cleaned_data.get("kind"), self.cleaned_data.get("year")
        projects = self.chosen_projects
        keys = None if projects is None else set(projects.values_list("pk", flat=True))
        return [
            hit
            for hit in hits
            if (not kind or hit.entry.kind == kind)
            and (not year or (hit.entry.day and str(hit.entry.day.year) == year))
            and (keys is None or hit.entry.project in keys)
        ]

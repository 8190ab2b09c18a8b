"""The field of the search, and its filters: among what was found."""

import re
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from accounts.models import User
from committees.models import Action
from ibcr_portal.kinds import SOURCES
from ibcr_portal.models import SavedSearch
from ibcr_portal.search.question import Hit
from ibcr_portal.search.rights import Narrowing
from kernel.keys import Keys
from kernel.refusal import Refusal
from projects.choosing import OfProjects
from projects.models import Project
from projects.permissions.roles import roles_everywhere

LONGEST_QUERY = 500
FIRST_YEAR = 1990  # of the list, however early a project is said to have begun
YEAR = re.compile(r"(19|20)[0-9]{2}")


class TypedField(forms.CharField):
    """Whatever somebody typed: what is too long is refused where the question is read."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\x00", " ").strip()


class SearchForm(OfProjects):
    q = TypedField(
        label=_("Search for"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ChoiceField(label=pgettext_lazy("of a thing", "State"), required=False)
    year = forms.ChoiceField(label=_("Year"), required=False)
    field_order = ("q", "kind", "state", "project", "year")

    def __init__(
        self,
        *args: Any,
        user: User,
        hits: Iterable[Hit] = (),
        cut: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        """Offer all projects of the reader, and the kinds, states and years of what was found. Where
        the search left something out (`cut`), offer also those that it may have."""
        super().__init__(*args, **kwargs)
        hits = list(hits)
        projects = roles_everywhere(user).keys()
        self._offer_kinds(hits, cut)
        self._offer_states(hits, cut)
        self._offer_years(hits, projects if cut else ())
        self.offer(sorted({*projects, *(hit.entry.project for hit in hits if hit.entry.project)}))

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", _("Any")), *choices]

    def _offer_kinds(self, hits: list[Hit], cut: Collection[str]) -> None:
        found = {self.data.get("kind"), *(hit.entry.kind for hit in hits)}
        offered = [kind for name, kind in SOURCES.items() if "" in cut or name in found]
        self._offer("kind", [(kind.search, kind.search_label) for kind in offered])

    def _offer_states(self, hits: list[Hit], cut: Collection[str]) -> None:
        """Offer the states of a kind once it is chosen: each kind has its own."""
        kind = self.data.get("kind", "")
        found = {hit.entry.state for hit in hits if hit.entry.kind == kind}
        found.add(self.data.get("state", ""))
        choices = [choice for choice in states_of(kind) if cut or choice[0] in found]
        if choices:
            self._offer("state", choices)
        else:
            del self.fields["state"]

    def _offer_years(self, hits: list[Hit], projects: Collection[int]) -> None:
        """Offer the years of what was found, and all since the first of these projects began. A day
        with a mistyped year adds that year alone."""
        found = {str(hit.entry.day.year) for hit in hits if hit.entry.day}
        if projects:
            every = Project.objects.filter(pk__in=Keys(projects))
            first = every.aggregate(year=Min("starts_on__year"))["year"]
            last = timezone.localdate().year
            found |= {str(year) for year in range(max(first or last, FIRST_YEAR), last + 1)}
        if YEAR.fullmatch(self.data.get("year", "")):
            found.add(self.data["year"])
        self._offer("year", [(year, year) for year in sorted(found, reverse=True)])

    @property
    def chosen(self) -> Narrowing:
        """To what the reader narrows the search down; a filter that is nonsense filters nothing."""
        self.is_valid()
        kind, projects = self.cleaned_data.get("kind"), self.chosen_projects
        return Narrowing(
            kinds=(kind,) if kind else (),
            projects=None if projects is None else tuple(projects.values_list("pk", flat=True)),
            year=self.cleaned_data.get("year") or "",
            state=self.cleaned_data.get("state") or "",
        )


def question_of(asked: QueryDict) -> str:
    """Return the question of an address."""
    return str(SearchForm.base_fields["q"].clean(asked.get("q", "")))


def among(hits: Iterable[Hit], chosen: Narrowing) -> list[Hit]:
    """Return the hits that pass the filters."""
    projects = None if chosen.projects is None else set(chosen.projects)
    return [
        hit
        for hit in hits
        if (not chosen.kinds or hit.entry.kind in chosen.kinds)
        and (not chosen.state or hit.entry.state == chosen.state)
        and (not chosen.year or (hit.entry.day and str(hit.entry.day.year) == chosen.year))
        and (projects is None or hit.entry.project in projects)
    ]


class SavedSearchForm(forms.Form):
    """What a button keeps: the question and filters of the address."""

    query = forms.CharField(max_length=2_000, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        """Keep what the search knows, and nothing else that an address may hold."""
        return kept_query(self.cleaned_data["query"])


def kept_query(text: str) -> str:
    """Return the part of an address with a question and its filters."""
    asked = dict(parse_qsl(text, errors="replace"))
    query = urlencode([(name, asked[name]) for name in SearchForm.base_fields if asked.get(name)])
    if not asked.get("q", "").strip() or len(query) > LONGEST_QUERY:
        raise ValidationError(gettext("Search for something first, in a few words; then save it."))
    return query


@transaction.atomic
def keep_search(user: User, query: str) -> None:
    """Keep a search, once. Raises Refusal where the person has too many."""
    own = SavedSearch.objects.filter(user=user)
    if not own.filter(query=query).exists() and own.count() >= SavedSearch.MOST:
        raise Refusal(
            gettext("You keep %(most)s searches already: first remove one.")
            % {"most": SavedSearch.MOST}
        )
    own.get_or_create(user=user, query=query)


def states_of(kind: str) -> list[tuple[str, Any]]:
    """Return the states that things of a kind may have, with their labels."""
    if kind not in SOURCES:
        return []
    model = Action if kind == "action" else SOURCES[kind].model
    fields = {field.name: field for field in model._meta.get_fields()}
    return list(getattr(fields.get("status"), "choices", None) or ())

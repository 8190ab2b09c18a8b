"""Forms of the portfolio: its filters, and the name under which somebody keeps them."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.models import User
from ibcr_portal.models import SavedFilter
from ibcr_portal.portfolio.reading import ProjectFigures
from kernel.names import plain
from kernel.refusal import Refusal
from partners.forms import any_of, search_box
from projects.models import Project

LONGEST_QUERY = 500
LATE = [
    ("", _("Late or not")),
    ("any", _("Something is late")),
    ("report", _("A report to the donor is late")),
    ("none", _("Nothing is late")),
]


class PortfolioFilterForm(forms.Form):
    """The filters of the portfolio. They offer what the reader's projects have; what is no choice
    filters nothing."""

    q = search_box(_("Title or code"))
    status = any_of(_("Status"), Project.Status.choices)
    country = forms.ChoiceField(label=_("Country"), required=False)
    donor = forms.ChoiceField(label=_("Donor"), required=False)
    year = forms.ChoiceField(label=_("Under way in"), required=False)
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    late = forms.ChoiceField(
        label=pgettext_lazy("of what is due", "Late"), required=False, choices=LATE
    )

    def __init__(self, *args: Any, figures: Iterable[ProjectFigures], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.figures = list(figures)
        projects = [one.project for one in self.figures]
        donors = {donor.pk: donor.short_name for one in self.figures for donor in one.donors}
        years = {year for project in projects for year in _years(project)}
        countries = {one.country.code: one.country for one in self.figures}
        self._offer("country", {code: one.name for code, one in countries.items()})
        self._offer("donor", {str(pk): name for pk, name in donors.items()})
        self._offer("currency", {one.currency: one.currency for one in projects})
        self._offer("year", {str(year): str(year) for year in years})

    def _offer(self, name: str, choices: dict[str, str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        by_label = sorted(choices.items(), key=lambda each: plain(each[1]))
        field.choices = [("", _("Any")), *by_label]

    @property
    def kept(self) -> dict[str, str]:
        """The filters that filter something, by the names of their fields."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> str:
        """The filters as a part of an address."""
        return urlencode(self.kept)

    @property
    def words(self) -> list[tuple[str, str]]:
        """The filters in words, for a file that leaves the page."""
        found = []
        for name, value in self.kept.items():
            field = self.fields[name]
            choices: Any = field.choices if isinstance(field, forms.ChoiceField) else ()
            found.append((str(field.label), str(dict(choices).get(value, value))))
        return found

    @property
    def chosen(self) -> list[ProjectFigures]:
        return [one for one in self.figures if _matches(one, self.kept)]


def _years(project: Project) -> range:
    return range(project.starts_on.year, project.current_end.year + 1)


def _matches(figures: ProjectFigures, kept: dict[str, str]) -> bool:
    project = figures.project
    late = kept.get("late", "")
    if late and (figures.late > 0) != (late != "none"):
        return False
    if late == "report" and figures.report_late_since is None:
        return False
    if text := plain(kept.get("q", "")):
        texts = (project.code, project.donor_number, str(project))
        if not any(text in plain(each) for each in texts):
            return False
    return (
        kept.get("status", project.status) == project.status
        and kept.get("country", figures.country.code) == figures.country.code
        and kept.get("currency", project.currency) == project.currency
        and ("year" not in kept or int(kept["year"]) in _years(project))
        and ("donor" not in kept or kept["donor"] in {str(one.pk) for one in figures.donors})
    )


class SavedFilterForm(forms.Form):
    """The name for filters; these come with it, hidden."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("If you have a filter of this name, it is replaced. Only you see it."),
    )
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        """Keep the filters of the portfolio, and nothing else that an address may hold."""
        names = PortfolioFilterForm.base_fields
        pairs = parse_qsl(self.cleaned_data["query"], errors="replace")
        query = urlencode([(name, value) for name, value in pairs if name in names])
        if not query or len(query) > LONGEST_QUERY:
            raise ValidationError(_("First choose filters on the page of the portfolio."))
        return query


@transaction.atomic
def keep_filter(user: User, name: str, query: str) -> None:
    """Keep filters under a name. Raises Refusal where the person has too many."""
    own = SavedFilter.objects.filter(user=user)
    if not own.filter(name=name).exists() and own.count() >= SavedFilter.MOST:
        raise Refusal(
            _("You keep %(most)s filters already: first remove one.") % {"most": SavedFilter.MOST}
        )
    own.update_or_create(user=user, name=name, defaults={"query": query})

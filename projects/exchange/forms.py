"""The forms for a project's countries, sectors, policy markers, targets and types of funding, which are
on one page, valid and saved as a whole; and those to import an IATI file.
"""

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _, gettext_lazy
from django_countries import countries as all_countries

from kernel.files import UploadField
from kernel.form_fields import CurrencyField, field_of
from kernel.formats import LocalisedDecimalField, number
from kernel.personal import TextForm
from projects import codelists
from projects.iati.export import decimal_text
from projects.iati.safe_xml import MAX_BYTES
from projects.models import (
    Classification,
    Project,
    ProjectCountry,
    ProjectMarker,
    ProjectSector,
    ProjectTag,
)

EMPTY_ROWS = 2
MOST_ROWS = 30


class PercentageForm(forms.Form):
    """A code and its percentage; empty rows are ignored."""

    code = forms.ChoiceField(required=False)
    percentage = LocalisedDecimalField(
        label=gettext_lazy("Percentage"), max_digits=5, decimal_places=2, required=False
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        code, share = cleaned.get("code"), cleaned.get("percentage")
        if "percentage" in self.errors:
            return cleaned
        if code and share is None:
            self.add_error("percentage", _("Enter which part of the project it is, in per cent."))
        elif share is not None and not code:
            self.add_error("code", _("Choose what this percentage is of, or leave both empty."))
        elif share is not None and not 0 < share <= 100:
            self.add_error("percentage", _("A percentage is above 0 and at most 100."))
        return cleaned


class PercentageFormSet(forms.BaseFormSet):
    """Rows whose percentages make 100, or none at all."""

    def __init__(
        self, *args: Any, label: str, choices: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        self.label, self.choices = label, choices
        super().__init__(*args, **kwargs)

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["code"].label = self.label
        field_of(form, "code", forms.ChoiceField).choices = [("", "—"), *self.choices]

    @property
    def shares(self) -> list[tuple[str, Decimal]]:
        rows = ((f.cleaned_data.get("code"), f.cleaned_data.get("percentage")) for f in self.forms)
        return [(code, share) for code, share in rows if code and share is not None]

    def clean(self) -> None:
        if any(self.errors):
            return
        filled = [form for form in self.forms if form.cleaned_data.get("code")]
        chosen = [form.cleaned_data["code"] for form in filled]
        total = sum((share for _code, share in self.shares), Decimal(0))
        twice = [f for at, f in enumerate(filled) if chosen[at] in chosen[:at]]
        for form in twice:
            form.add_error("code", _("This one appears twice: combine the two."))
        if filled and not twice and total != codelists.WHOLE:
            filled[-1].add_error(
                "percentage",
                _("Together these are %(sum)s %%; change them so that they add up to 100 %%.")
                % {"sum": number(total)},
            )


# The factory returns a subclass of its `formset`, which its type does not say.
PercentageRows = cast(
    "type[PercentageFormSet]",
    forms.formset_factory(
        PercentageForm,
        formset=PercentageFormSet,
        extra=EMPTY_ROWS,
        max_num=MOST_ROWS,
        absolute_max=MOST_ROWS,
    ),
)


class PolicyMarkersForm(forms.Form):
    """One choice per policy marker: not assessed, or how far the project pursues it."""

    def __init__(self, *args: Any, markers: Iterable[ProjectMarker], **kwargs: Any) -> None:
        kept = {each.code: each.gender_level or each.significance for each in markers}
        kwargs["initial"] = {self.name_of(code): level for code, level in kept.items()}
        super().__init__(*args, **kwargs)
        for code, label in codelists.ALL_MARKERS.items():
            choices = [
                (each, codelists.SIGNIFICANCES[each]) for each in codelists.significances_of(code)
            ]
            if code == codelists.GENDER:
                # An imported file may have a significance of gender without a level.
                imported = [each for each in choices if each[0] == kept.get(code)]
                choices = [*codelists.GENDER_LEVELS.items(), *imported]
            self.fields[self.name_of(code)] = forms.ChoiceField(
                label=label, required=False, choices=[("", _("Not assessed")), *choices]
            )

    @staticmethod
    def name_of(code: str) -> str:
        return f"marker_{code}"

    @property
    def chosen(self) -> dict[str, str]:
        names = {code: self.name_of(code) for code in codelists.ALL_MARKERS}
        return {
            code: self.cleaned_data[name]
            for code, name in names.items()
            if self.cleaned_data.get(name)
        }


class SdgTargetsForm(TextForm):
    targets = forms.CharField(
        label=gettext_lazy("Targets of the Sustainable Development Goals"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "Separated by commas. Trafficking and exploitation are named in 16.2, 5.2 and 8.7."
        ),
    )

    def clean_targets(self) -> list[str]:
        text = self.cleaned_data["targets"].replace(";", ",").replace(" ", ",").lower()
        codes = list(dict.fromkeys(part.strip(".") for part in text.split(",") if part.strip(".")))
        for code in codes:
            if not codelists.TARGET.fullmatch(code):
                raise ValidationError(
                    _("“%(code)s” is not a target; write it as 16.2 or 16.a."),
                    params={"code": code[:20]},
                )
        return codes


class FundingTypesForm(forms.ModelForm):
    class Meta:
        model = Classification
        fields = [
            "scope",
            "collaboration_type",
            "flow_type",
            "finance_type",
            "aid_type",
            "tied_status",
        ]


class ClassificationPage:
    """All forms of the page, which are valid and saved as a whole.

    The field `seen` has the fingerprint of what was shown: nothing is saved over the changes that
    somebody else made since.
    """

    def __init__(self, project: Project, data: Any = None) -> None:
        self.project, self.data = project, data
        kept = Classification.objects.filter(project=project).first()
        instance = kept or Classification(project=project)
        initial = {} if kept else Classification.USUAL
        self.kept_shares = {
            "countries": [(str(each.country), each.percentage) for each in project.countries.all()],
            "sectors": [(each.code, each.percentage) for each in project.sectors.all()],
        }
        self.kept_markers = list(project.markers.all())
        self.kept_tags = [each.code for each in project.tags.all()]
        self.countries = self._rows("countries", _("Country"), list(all_countries))
        self.sectors = self._rows("sectors", _("Sector"), self._sectors())
        self.markers = PolicyMarkersForm(data, prefix="markers", markers=self.kept_markers)
        self.targets = SdgTargetsForm(
            data, prefix="targets", initial={"targets": ", ".join(self.kept_tags)}
        )
        self.funds = FundingTypesForm(data, prefix="funds", instance=instance, initial=initial)
        self.fingerprint = self._fingerprint(kept)
        self.is_outdated = False

    def _rows(self, name: str, label: str, choices: list[tuple[str, str]]) -> PercentageFormSet:
        initial = [
            {"code": code, "percentage": Decimal(decimal_text(share))}
            for code, share in self.kept_shares[name]
        ]
        return PercentageRows(self.data, prefix=name, initial=initial, label=label, choices=choices)

    def _sectors(self) -> list[tuple[str, str]]:
        """Returns the sectors of the list, and those that were imported with a file."""
        named = {code: f"{code} · {name}" for code, name in codelists.SECTORS.items()}
        others = {code: code for code, _share in self.kept_shares["sectors"] if code not in named}
        return [*named.items(), *others.items()]

    @property
    def parts(self) -> list[forms.BaseForm | forms.BaseFormSet]:
        return [self.countries, self.sectors, self.markers, self.targets, self.funds]

    def is_valid(self) -> bool:
        valid = [part.is_valid() for part in self.parts]
        self.is_outdated = self.data.get("seen") != self.fingerprint
        return all(valid) and not self.is_outdated

    @transaction.atomic
    def save(self) -> None:
        """Writes only what differs, so that the history has real changes alone."""
        self._replace(ProjectCountry, "country", self.countries.shares)
        self._replace(ProjectSector, "code", self.sectors.shares)
        ProjectTag.objects.filter(project=self.project).exclude(
            code__in=self.targets.cleaned_data["targets"]
        ).delete()
        for code in self.targets.cleaned_data["targets"]:
            ProjectTag.objects.get_or_create(project=self.project, code=code)
        self._save_markers()
        self.funds.save()
        if shares := self.countries.shares:
            # Other pages show only the main country, which has the largest share.
            main = max(shares, key=lambda each: each[1])[0]
            if str(self.project.country) != main:
                self.project.country = main
                self.project.save(update_fields=["country"])

    def _replace(
        self,
        model: type[ProjectCountry] | type[ProjectSector],
        name: str,
        shares: list[tuple[str, Decimal]],
    ) -> None:
        wanted = dict(shares)
        kept = {str(getattr(row, name)): row for row in model.objects.filter(project=self.project)}
        for code, row in kept.items():
            if code not in wanted:
                row.delete()
            elif row.percentage != wanted[code]:
                row.percentage = wanted[code]
                row.save()
        for code in wanted.keys() - kept.keys():
            row = model(project=self.project, percentage=wanted[code])
            setattr(row, name, code)
            row.save()

    def _save_markers(self) -> None:
        chosen = self.markers.chosen
        ProjectMarker.objects.filter(project=self.project).exclude(code__in=chosen).delete()
        kept = {each.code: each for each in self.kept_markers}
        for code, choice in chosen.items():
            row = kept.get(code) or ProjectMarker(project=self.project, code=code)
            level = choice if choice in codelists.GENDER_LEVELS else ""
            significance = codelists.SIGNIFICANCE_OF_LEVEL.get(choice, choice)
            if (row.significance, row.gender_level) != (significance, level):
                row.significance, row.gender_level = significance, level
                row.save()

    def _fingerprint(self, kept: Classification | None) -> str:
        """Returns the hash of what the database holds, which shows a change by somebody else."""
        funds = {name: getattr(kept, name) for name in FundingTypesForm.Meta.fields} if kept else {}
        markers = [(each.code, each.significance, each.gender_level) for each in self.kept_markers]
        content = [self.kept_shares, markers, self.kept_tags, funds]
        return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()[:16]


# --- The import ---


class IatiFileForm(forms.Form):
    file = UploadField(
        label=gettext_lazy("IATI activity file"), allowed=("xml",), max_bytes=MAX_BYTES
    )


class MissingFactsForm(forms.Form):
    """What a project needs and the file does not say: it is asked, never guessed."""

    activity = forms.CharField(widget=forms.HiddenInput, required=False, max_length=5)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    currency = CurrencyField(
        required=False,
        help_text=gettext_lazy(
            "Three letters, such as HNL. Amounts in another one are left out, since the file has "
            "no exchange rates."
        ),
    )

    def __init__(self, data: QueryDict, currencies: list[str]) -> None:
        """`currencies`: those among which the file leaves the choice."""
        super().__init__(data)
        choices = self.fields["country"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", "–"), *all_countries]
        if currencies:
            said = str(gettext_lazy("In the file: %(currencies)s.")) % {
                "currencies": ", ".join(currencies)
            }
            currency = self.fields["currency"]
            currency.help_text = f"{said} {currency.help_text}"

    def given(self) -> dict[str, str]:
        """Returns what was said and is valid."""
        self.full_clean()
        return {name: self.cleaned_data.get(name) or "" for name in ("country", "currency")}

    def keep_only(self, names: list[str]) -> None:
        """Asks nothing that the file says."""
        for name in ("country", "currency"):
            if name not in names:
                del self.fields[name]


class SeenVersionForm(forms.Form):
    """Confirms what was shown. `seen`: its fingerprint."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

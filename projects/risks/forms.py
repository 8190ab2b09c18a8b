"""Forms for risks: their description, their ratings and their steps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import IntegerChoices, Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.editing import EditingForm
from kernel.form_fields import choose_from
from kernel.personal import TextForm
from kernel.stamps import Stamped
from kernel.text import StrOrPromise
from partners.forms import DAY, PastDay, any_of, long_text
from partners.models import Institution
from projects.forms import InstitutionChoice, by_name, in_languages
from projects.models import Risk, RiskRating
from projects.risk_levels import Band, Impact, Likelihood, Trend

KINDS = [
    (category.label, [(kind.value, kind.label) for kind in kinds])
    for category, kinds in Risk.KINDS_OF.items()
]
UNRATED = ("", "–")
SCALED = ("likelihood", "impact")
POINTS: dict[str, type[IntegerChoices]] = {"likelihood": Likelihood, "impact": Impact}


class RiskFilterForm(forms.Form):
    category = any_of(_("Category"), Risk.Category.choices)
    band = any_of(_("Level"), Band.choices)
    trend = any_of(_("Trend"), Trend.choices)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Not closed")),
            *Risk.Status.choices,
            ("all", _("All, with the closed ones")),
        ],
    )

    def narrow(self, risks: Iterable[Risk]) -> list[Risk]:
        """Returns the matching risks. Level and trend are computed, so no query can filter by them."""
        chosen = self.cleaned_data
        matching = [risk for risk in risks if self._has_status(risk, chosen.get("status", ""))]
        if category := chosen.get("category"):
            matching = [risk for risk in matching if risk.category == category]
        if band := chosen.get("band"):
            matching = [risk for risk in matching if risk.rating and risk.rating.band == band]
        if trend := chosen.get("trend"):
            matching = [risk for risk in matching if risk.trend == trend]
        return matching

    @staticmethod
    def _has_status(risk: Risk, status: str) -> bool:
        if status in Risk.Status.values:
            return risk.status == status
        return status == "all" or risk.status != Risk.Status.CLOSED


class RiskForm(EditingForm):
    readers = _("The team and the donor read it, and the committee if the risk is shared with it.")

    given = ("project",)
    hints: ClassVar[dict[str, StrOrPromise]] = {
        "definition": _("What may happen, in a sentence. Never write data on victims.")
    }
    kind = forms.ChoiceField(label=_("Category"), choices=KINDS)
    owner = InstitutionChoice(
        label=_("Owner: an institution"), queryset=Institution.objects.none(), required=False
    )

    class Meta:
        model = Risk
        fields = [
            "number",
            "kind",
            *in_languages("definition", "cause"),
            "results",
            "strategy",
            *in_languages("response"),
            "owner",
            "owner_role",
            "identified_on",
            "is_shared",
            "illustrative",
        ]
        widgets = {"identified_on": DAY, "results": forms.CheckboxSelectMultiple}
        widgets |= {
            name: forms.Textarea(attrs={"rows": 3})
            for name in in_languages("definition", "cause", "response")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project = self.instance.project
        choose_from(self, results=project.results.all())
        taking_part = Institution.objects.filter(participations__project=project).distinct()
        choose_from(self, owner=by_name(taking_part))
        if not self.instance.pk:
            latest = project.risks.aggregate(Max("number"))["number__max"] or 0
            self.initial["number"] = latest + 1


class RiskStepForm(TextForm):
    """The day and the reason of a step. `since`: the day when the risk was identified."""

    on = PastDay(label=_("On"))
    why = long_text(_("Reason"), 1000)

    def __init__(self, *args: Any, since: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = since
        self.fields["on"].initial = timezone.localdate()

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on < self.since:
            raise forms.ValidationError(_("This day is before the risk was identified."))
        return on


@dataclass
class RiskReviewRow:
    """A risk of the register with its fields of the form."""

    risk: Risk
    fields: dict[str, forms.BoundField]


class RiskReviewForm(Stamped, forms.Form):
    """Rates all risks that are not closed. It starts with their present ratings and writes only
    what was changed or confirmed."""

    rated_on = PastDay(label=_("Rated on"))
    looked_at = forms.BooleanField(
        label=_("Record the others as reviewed on this day, too"),
        required=False,
        help_text=_("Risks that did not change are then shown as unchanged on that day."),
    )

    def __init__(self, *args: Any, risks: QuerySet[Risk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rated_on"].initial = timezone.localdate()
        self.risks = list(risks)
        for risk in self.risks:
            self._add_fields(risk)

    def _add_fields(self, risk: Risk) -> None:
        rating = risk.rating
        labels = {"likelihood": _("Likelihood"), "impact": pgettext_lazy("of a risk", "Impact")}
        for name, label in labels.items():
            self.fields[f"{name}-{risk.pk}"] = forms.TypedChoiceField(
                label=label,
                choices=[*([] if rating else [UNRATED]), *_points(name)],
                coerce=int,
                empty_value=None,
                required=rating is not None,
                initial=getattr(rating, name, ""),
            )
        self.fields[f"note-{risk.pk}"] = forms.CharField(
            label=_("Why"), max_length=500, required=False
        )

    def rows(self) -> list[RiskReviewRow]:
        names = (*SCALED, "note")
        return [
            RiskReviewRow(risk, {name: self[f"{name}-{risk.pk}"] for name in names})
            for risk in self.risks
        ]

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        for risk in self.risks:
            self._check(risk, cleaned)
        return cleaned

    def _check(self, risk: Risk, cleaned: dict[str, Any]) -> None:
        typed = {name: cleaned.get(f"{name}-{risk.pk}") for name in SCALED}
        for name, value in typed.items():
            if value is None and any(typed.values()) and f"{name}-{risk.pk}" not in self.errors:
                self.add_error(f"{name}-{risk.pk}", _("Choose likelihood and impact, or neither."))
        on = cleaned.get("rated_on")
        if on and any(typed.values()) and on < risk.identified_on and self._is_written(risk, typed):
            self.add_error(
                "rated_on", _("%(risk)s was identified only after this day.") % {"risk": risk}
            )

    def _is_written(self, risk: Risk, typed: dict[str, Any]) -> bool:
        rating = risk.rating
        return (
            rating is None
            or (rating.likelihood, rating.impact) != tuple(typed.values())
            or bool(self.cleaned_data.get("looked_at"))
            or bool(self.cleaned_data.get(f"note-{risk.pk}"))
        )

    def ratings(self) -> list[RiskRating]:
        """Returns the ratings to write: those with a new level or a note, and the others too where
        the person looked at them."""
        ratings = []
        for risk in self.risks:
            typed = {name: self.cleaned_data[f"{name}-{risk.pk}"] for name in SCALED}
            if None not in typed.values() and self._is_written(risk, typed):
                note = self.cleaned_data[f"note-{risk.pk}"]
                on = self.cleaned_data["rated_on"]
                ratings.append(RiskRating(risk=risk, rated_on=on, note=note, **typed))
        return ratings


def _points(name: str) -> list[tuple[int, str]]:
    return [(point.value, f"{point.value} · {point.label}") for point in POINTS[name]]

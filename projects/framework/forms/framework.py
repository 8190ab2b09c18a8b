"""Forms to filter the framework, to set its thresholds, and to ask institutions for values."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.form_fields import field_of
from kernel.formats import LocalisedDecimalField, day_range
from partners.forms import DAY, long_text
from partners.models import Institution
from projects.framework.figures import Rating
from projects.models import Period, Project, Result, ValueRequest
from projects.sending.forms import ChoosingForm, DeliveryForm

ANY = ("", _("Any"))
LONGEST_DEADLINE = timedelta(days=2 * 366)
LATE_ANSWER = timedelta(days=14)  # for what is asked for after its usual day


class FrameworkFilterForm(forms.Form):
    """Filters by period, result, institution and rating, with choices from the project."""

    period = forms.ChoiceField(label=_("Up to the end of"), required=False)
    result = forms.ChoiceField(label=_("Result"), required=False)
    responsible = forms.ChoiceField(label=_("Responsible"), required=False)
    rating = forms.ChoiceField(label=_("Rating"), required=False, choices=[ANY, *Rating.choices])

    def __init__(
        self,
        *args: Any,
        periods: list[Period],
        results: list[Result],
        institutions: list[Institution],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.periods = {str(period.pk): period for period in periods}
        kinds: dict[str, list[tuple[str, str]]] = {}
        for period in periods:
            kinds.setdefault(period.get_kind_display(), []).append(
                (str(period.pk), f"{period} ({day_range(period.start, period.end)})")
            )
        field_of(self, "period", forms.ChoiceField).choices = [
            ("", _("the latest values")),
            *kinds.items(),
        ]
        levels = {f"level:{one.level}": one.get_level_display() for one in results}
        field_of(self, "result", forms.ChoiceField).choices = [
            ANY,
            (_("Level"), list(levels.items())),
            (_("Result"), [(str(one.pk), f"{one.code} {one.statement}"[:80]) for one in results]),
        ]
        field_of(self, "responsible", forms.ChoiceField).choices = [
            ANY,
            *((str(one.pk), one.short_name) for one in institutions),
        ]

    @property
    def until(self) -> Period | None:
        return self.periods.get(self.cleaned_data.get("period", ""))

    @property
    def lookups(self) -> dict[str, str]:
        """The filters that a query can apply, as its lookups; the rating is computed afterwards."""
        lookups = {}
        result = self.cleaned_data.get("result", "")
        if result.startswith("level:"):
            lookups["result__level"] = result.removeprefix("level:")
        elif result:
            lookups["result"] = result
        if responsible := self.cleaned_data.get("responsible"):
            lookups["responsible"] = responsible
        return lookups


class FrameworkSettingsForm(EditingForm):
    met_from = LocalisedDecimalField(
        label=_("Target met from (%)"), min_value=1, max_value=100, max_digits=3, decimal_places=0
    )
    close_from = LocalisedDecimalField(
        label=_("Close to the target from (%)"),
        min_value=1,
        max_value=100,
        max_digits=3,
        decimal_places=0,
        help_text=_("Percentage of the way to the target. An indicator below it is behind."),
    )

    class Meta:
        model = Project
        fields = ["values_due_days"]

    field_order = ["met_from", "close_from", "values_due_days"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("met_from", "close_from"):
            self.initial[name] = getattr(self.instance, name) * 100

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        met, close = cleaned.get("met_from"), cleaned.get("close_from")
        if met is not None and close is not None:
            if close > met:
                self.add_error(
                    "close_from", _("Choose a share that is not above the one for “met”.")
                )
            self.instance.met_from, self.instance.close_from = met / 100, close / 100
        return cleaned


def check_last_day(day: date, project: Project) -> date:
    """Return the day unless it has passed or lies in a mistyped year. Raises ValidationError."""
    if day < project.today:
        raise ValidationError(_("This day has passed: choose today or a later day."))
    if day > project.today + LONGEST_DEADLINE:
        raise ValidationError(_("This day is more than two years away: check the year."))
    return day


class ValueRequestForm(ChoosingForm):
    """Asks institutions for the values of a period, until a day."""

    period = forms.ChoiceField(label=_("Period"))
    due_on = forms.DateField(
        label=_("Until"),
        widget=DAY,
        required=False,
        help_text=_(
            "Empty: as many days after the period as the project allows; if these are over, two weeks "
            "from today."
        ),
    )
    institutions = forms.MultipleChoiceField(
        label=_("Institutions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick none to ask every institution that owes values for the period."),
    )
    note = long_text(_("A message to the institution"), 1000, required=False)

    def __init__(
        self,
        *args: Any,
        project: Project,
        periods: list[Period],
        institutions: list[Institution],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        self.periods = {str(one.pk): one for one in periods}
        self.choices_by_key = {str(one.pk): one for one in institutions}
        field_of(self, "period", forms.ChoiceField).choices = [
            (key, f"{one} ({day_range(one.start, one.end)})") for key, one in self.periods.items()
        ]
        field_of(self, "institutions", forms.ChoiceField).choices = [
            (key, one.name) for key, one in self.choices_by_key.items()
        ]

    def usual_day(self, period: Period) -> date:
        """As many days after the period as the project allows, or two weeks if these are over."""
        usual = period.end + timedelta(days=self.project.values_due_days)
        return usual if usual >= self.project.today else self.project.today + LATE_ANSWER

    def clean_period(self) -> Period:
        return self.periods[self.cleaned_data["period"]]

    def clean_institutions(self) -> list[Institution]:
        return [self.choices_by_key[key] for key in self.cleaned_data["institutions"]]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        period, due_on = cleaned.get("period"), cleaned.get("due_on")
        if period and not due_on and "due_on" not in self.errors:
            due_on = cleaned["due_on"] = self.usual_day(period)
        if due_on:
            try:
                check_last_day(due_on, self.project)
            except ValidationError as error:
                self.add_error("due_on", error)
        return super().clean()


class MoreTimeForm(DeliveryForm, EditingForm):
    given = ("project", "institution", "period")

    tell = forms.BooleanField(
        label=_("Write to the institution again, with a fresh link"), required=False, initial=True
    )

    class Meta:
        model = ValueRequest
        fields = ["due_on", "note"]
        widgets = {"due_on": DAY}

    def clean_due_on(self) -> Any:
        return check_last_day(self.cleaned_data["due_on"], self.instance.project)

    def clean(self) -> dict[str, Any]:
        """Keep in the note how they got it, where no message reaches them."""
        cleaned = super().clean() or self.cleaned_data
        if "note" in cleaned:
            cleaned["note"] = self.with_delivery(cleaned["note"])
        return cleaned

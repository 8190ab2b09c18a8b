"""What may be typed about a committee: its rules, its seats, and who holds them when."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from committees.forms.entry import OnceForm, day_input
from committees.models import Committee, Resolution, Seat, SeatTerm
from kernel.formats import LocalisedDecimalField
from kernel.text import MultilingualForm
from partners.models import Institution
from projects.models import Project


class CommitteeForm(MultilingualForm):
    quorum_share = LocalisedDecimalField(
        label=_("Quorum share"),
        max_digits=4,
        decimal_places=3,
        help_text=_("Between 0 and 1; used where the quorum is a share of the voting seats."),
    )
    second_call_share = LocalisedDecimalField(
        label=_("Quorum share at second call"),
        max_digits=4,
        decimal_places=3,
        required=False,
        help_text=_("Empty: the same quorum at the second call."),
    )
    tolerance_days = forms.IntegerField(
        label=_("Tolerance in days"),
        min_value=0,
        max_value=366,
        required=False,
        help_text=_(
            "How far the coordination may shift the dates of an action in execution, with a "
            "reason, without a new version of the plan. 0: not at all."
        ),
    )
    tolerance_share = LocalisedDecimalField(
        label=_("Tolerance as a share of the budget"),
        max_digits=4,
        decimal_places=3,
        min_value=0,
        max_value=1,
        required=False,
        help_text=_("Between 0 and 1: 0.1 is one tenth of what the action may cost."),
    )

    NAMES = (
        "name",
        "mandate",
        "meetings_per_year",
        "notice_days",
        "quorum_rule",
        "quorum_share",
        "second_call_share",
        "counts_vacant_seats",
        "counts_admitted_delegates",
        "decision_rule",
        "tolerance_days",
        "tolerance_share",
    )

    class Meta:
        model = Committee
        fields = [
            "name_fr",
            "name_es",
            "name_en",
            "mandate_fr",
            "mandate_es",
            "mandate_en",
            "meetings_per_year",
            "notice_days",
            "quorum_rule",
            "quorum_share",
            "second_call_share",
            "counts_vacant_seats",
            "counts_admitted_delegates",
            "decision_rule",
            "tolerance_days",
            "tolerance_share",
        ]
        widgets = {
            f"mandate_{language}": forms.Textarea(attrs={"rows": 4, "lang": language})
            for language in ("fr", "es", "en")
        }

    def clean_tolerance_days(self) -> int:
        return self.cleaned_data["tolerance_days"] or 0

    def clean_tolerance_share(self) -> Decimal:
        return self.cleaned_data["tolerance_share"] or Decimal(0)


class CommitteeStepForm(forms.Form):
    """On which day the committee was constituted, suspended…, and on what ground."""

    on = forms.DateField(label=_("Day"), initial=timezone.localdate, widget=day_input())
    why = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, verb: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if verb == "constitute":
            self.fields["why"].label = _("How the terms of reference were adopted")
            self.fields["why"].help_text = _("Such as: by decision 2019-01 of the first meeting.")

    def clean_on(self) -> Any:
        if self.cleaned_data["on"] > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come: choose today or earlier."))
        return self.cleaned_data["on"]


class SeatForm(MultilingualForm, OnceForm):
    class Meta:
        model = Seat
        fields = [
            "institution",
            "label_fr",
            "label_es",
            "label_en",
            "is_voting",
            "office",
            "position",
            "since",
            "until",
        ]
        widgets = {"since": day_input(), "until": day_input()}

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institution"].queryset = (
            Institution.objects.filter(participations__project=project).with_names().distinct()
        )
        self.fields["institution"].help_text = _(
            "One of the project's partners; others are added to the project first."
        )
        self.fields["position"].help_text = _("Seats are listed in this order.")


class SeatTermForm(forms.ModelForm):
    class Meta:
        model = SeatTerm
        fields = ["contact", "capacity", "since", "until"]
        widgets = {"since": day_input(), "until": day_input()}

    def __init__(self, *args: Any, seat: Seat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.seat = seat
        self.fields["contact"].queryset = seat.institution.contacts.current()
        self.fields["contact"].help_text = _(
            "The contacts of the institution; somebody new is added there first."
        )
        self.fields["until"].help_text = _("Empty: until further notice.")

    def _get_validation_exclusions(self) -> set[str]:
        # The seat is not typed, but who else holds it is checked with the rest.
        return super()._get_validation_exclusions() - {"seat"}


class EndTermForm(forms.ModelForm):
    until = forms.DateField(label=_("Last day"), initial=timezone.localdate, widget=day_input())

    class Meta:
        model = SeatTerm
        fields = ["until"]

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until < self.instance.since:
            raise forms.ValidationError(_("A term of office ends after it starts."))
        return until


class RegisterFilterForm(forms.Form):
    """Which decisions and recommendations to show. What is no choice is no filter."""

    STATES = [
        ("", _("All states")),
        ("open", _("To follow up")),
        ("overdue", _("Overdue")),
        ("done", pgettext_lazy("of a decision", "Done")),
        ("refused", _("Declined or not adopted")),
    ]

    project = forms.ModelChoiceField(
        label=_("Project"),
        queryset=Project.objects.none(),
        required=False,
        empty_label=_("All projects"),
        to_field_name="code",
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("Decisions and recommendations")), *Resolution.Kind.choices],
        required=False,
    )
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    year = forms.TypedChoiceField(label=_("Year"), coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, years: list[int], projects: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if projects is None:
            del self.fields["project"]
        else:
            self.fields["project"].queryset = projects
        self.fields["year"].choices = [("", _("All years")), *((year, year) for year in years)]

    def narrow(self, resolutions: Any) -> Any:
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        if "project" in chosen:
            resolutions = resolutions.filter(committee__project=chosen["project"])
        if "kind" in chosen:
            resolutions = resolutions.filter(kind=chosen["kind"])
        if "year" in chosen:
            resolutions = resolutions.filter(number__startswith=f"{chosen['year']}-")
        if "state" in chosen:
            resolutions = resolutions.in_state(chosen["state"])
        return resolutions

"""Forms of a committee: its terms of reference, its steps, and the register of its resolutions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from committees.forms import CopyFromForm, DecisionField, day_input
from committees.models import Committee, Resolution
from committees.models.resolution import ResolutionQuerySet
from kernel.editing import EditingForm
from kernel.form_fields import field_of
from kernel.personal import TextForm
from kernel.text import LANGUAGES
from projects.choosing import OfProjects
from projects.models import Project


class TermsOfReferenceForm(EditingForm):
    """The text of the terms of reference, in one language or several, and what adopted it."""

    decision = DecisionField(
        label=_("Adopted by"),
        queryset=Resolution.objects.none(),
        required=False,
        empty_label=_("Not adopted yet"),
        help_text=_("A decision of this committee. The first meeting decides under the draft."),
    )
    is_correction = forms.BooleanField(
        label=_(
            "Only a slip or a translation is corrected: the decision remains valid for this "
            "wording."
        ),
        required=False,
    )

    class Meta:
        model = Committee
        fields = [f"terms_text_{language}" for language in LANGUAGES]
        widgets = {
            f"terms_text_{language}": forms.Textarea(attrs={"rows": 14}) for language in LANGUAGES
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        committee = self.instance
        decision = field_of(self, "decision", DecisionField)
        decision.queryset = adopted_decisions(committee)
        decision.initial = committee.terms_adopted_by_id
        if committee.terms_adopted_by_id is None:
            del self.fields["is_correction"]


def adopted_decisions(committee: Committee) -> ResolutionQuerySet:
    """Return the decisions that may adopt its terms of reference, the newest first."""
    adopted = Resolution.objects.filter(committee=committee).decisions().adopted()
    return adopted.exclude(status=Resolution.Status.SUPERSEDED).order_by("-resolved_on", "-pk")


class CommitteeStepForm(TextForm):
    """On which day the committee was constituted, suspended…, and on what ground."""

    on = forms.DateField(label=_("Day"), initial=timezone.localdate, widget=day_input())
    why = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, verb: str, committee: Committee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if verb != "constitute":
            return
        self.fields["why"].label = _("How the terms of reference were adopted")
        self.fields["why"].help_text = _("Required if no decision is chosen: by which letter.")
        self.fields["why"].required = False
        self.fields["decision"] = DecisionField(
            label=_("Terms of reference adopted by"),
            queryset=adopted_decisions(committee),
            required=False,
            empty_label=_("No decision recorded here"),
            initial=committee.terms_adopted_by_id,
        )
        self.order_fields(["on", "decision", "why"])

    def clean_on(self) -> Any:
        if self.cleaned_data["on"] > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come: choose today or earlier."))
        return self.cleaned_data["on"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if "decision" in self.fields and not (data.get("decision") or data.get("why")):
            self.add_error("why", _("Choose the decision, or say how the terms were adopted."))
        return data


class RegisterFilterForm(OfProjects):
    """Which decisions and recommendations to show. What is no choice is no filter."""

    STATES = [
        ("", _("All states")),
        ("open", _("To follow up")),
        ("overdue", _("Overdue")),
        ("done", pgettext_lazy("of a decision", "Done")),
        ("refused", _("Declined or not adopted")),
    ]

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("Any")), *Resolution.Kind.choices],
        required=False,
    )
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    year = forms.TypedChoiceField(label=_("Year"), coerce=int, required=False, empty_value=None)

    def __init__(
        self,
        *args: Any,
        years: list[int],
        projects: Iterable[Project | int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if projects is None:
            del self.fields["project"]
        else:
            self.offer(projects, _("All projects"))
        field_of(self, "year", forms.ChoiceField).choices = [
            ("", _("All years")),
            *((year, year) for year in years),
        ]

    def narrow(self, resolutions: Any) -> Any:
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        if (projects := self.chosen_projects) is not None:
            resolutions = resolutions.filter(committee__project__in=projects)
        if "kind" in chosen:
            resolutions = resolutions.filter(kind=chosen["kind"])
        if "year" in chosen:
            resolutions = resolutions.filter(number__startswith=f"{chosen['year']}-")
        if "state" in chosen:
            resolutions = resolutions.in_state(chosen["state"])
        return resolutions


class CopyRulesForm(CopyFromForm):
    with_terms = forms.BooleanField(
        label=_("Copy the text of the terms of reference as well"),
        required=False,
        help_text=_("If this committee has none yet. Your committee still has to adopt it."),
    )

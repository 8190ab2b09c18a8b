"""Forms of a committee: its rules and terms of reference, its steps, and the filters of the register."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _, override, pgettext_lazy

from committees.forms import (
    CopyFromForm,
    DecisionField,
    PastDay,
    day_input,
    reason_field,
    text_area,
)
from committees.models import Committee, Resolution
from kernel.editing import EditingForm
from kernel.form_fields import field_of
from kernel.formats import PercentField
from kernel.personal import TextForm
from kernel.text import LANGUAGES, StrOrPromise, columns_of
from partners.models import Institution
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
        widgets = {f"terms_text_{language}": text_area(14) for language in LANGUAGES}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        committee = self.instance
        decision = field_of(self, "decision", DecisionField)
        decision.queryset = committee.resolutions.in_force()
        decision.initial = committee.terms_adopted_by_id
        if committee.terms_adopted_by_id is None:
            del self.fields["is_correction"]


class CommitteeStepForm(PastDay, TextForm):
    """On which day the committee was constituted, suspended…, and on what ground."""

    on = forms.DateField(label=_("Day"), initial=timezone.localdate, widget=day_input())
    why = reason_field()

    def __init__(self, *args: Any, verb: str, committee: Committee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if verb != "constitute":
            return
        self.fields["why"].label = _("How the terms of reference were adopted")
        self.fields["why"].help_text = _("Required if no decision is chosen: by which letter.")
        self.fields["why"].required = False
        founding = committee.resolutions.in_force().filter(meeting__is_constitutive=True)
        self.fields["decision"] = DecisionField(
            label=_("Terms of reference adopted by"),
            queryset=committee.resolutions.in_force(),
            required=False,
            empty_label=_("No decision recorded here"),
            initial=committee.terms_adopted_by_id or founding.first(),
        )
        self.order_fields(["on", "decision", "why"])

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


# Rules


# What is often agreed, from terms of reference of such committees.
HINTS = {
    "notice_days": _("Often 15 days, with the agenda, the documents and the last minutes."),
    "notice_days_extraordinary": _("Often 7 days; 2 working days if it is urgent."),
    "papers_due_days": _("Empty: no rule. Often as long as the notice."),
    "minutes_silence_days": _("Empty: silence adopts nothing. Often 10 days from the final draft."),
}


@dataclass(frozen=True)
class RulesStep:
    """One step of the rules, with what it means."""

    title: StrOrPromise
    text: StrOrPromise
    fields: list[forms.BoundField]
    is_open: bool


STEPS: list[tuple[StrOrPromise, StrOrPromise, tuple[str, ...]]] = [
    (
        _("Meetings and notice"),
        _(
            "How often the committee meets, and how long before a meeting its members "
            "are invited and receive the documents. Shorter notice is possible: the "
            "portal then asks for a reason, which appears in the minutes."
        ),
        (
            *("meetings_per_year", "notice_days", "notice_days_extraordinary"),
            "papers_due_days",
        ),
    ),
    (
        _("Quorum"),
        _(
            "How many voting seats must be present so that the committee can decide. "
            "Each seat counts once, whether its principal member or an alternate comes. "
            "If the terms require each side to be present, enter a minimum for each kind "
            "of institution; it applies to the second call as well."
        ),
        (
            *("quorum_rule", "quorum_share", "second_call_share"),
            *("counts_vacant_seats", "counts_admitted_delegates"),
        ),
    ),
    (
        _("Decisions and minutes"),
        _(
            "How a decision is adopted, and whether minutes count as adopted if nobody "
            "objects within some days."
        ),
        ("decision_rule", "minutes_silence_days", "minutes_name"),
    ),
    (
        _("Certificates of attendance"),
        _(
            "Who signs the certificates that people receive for a meeting, for example the chair or "
            "the direction of the project. The name is printed below the line for the signature."
        ),
        ("signatory", "signatory_role"),
    ),
    (
        _("Tolerance of the plan"),
        _(
            "How far the coordination may shift the dates of an action, or exceed its budget, "
            "without asking the committee again."
        ),
        ("tolerance_days", "tolerance_share"),
    ),
]


class NewCommitteeForm(EditingForm):
    """Asks for five things that are usual as they are proposed; the rest is under “Rules”."""

    class Meta:
        model = Committee
        fields = [
            *(f"name_{language}" for language in LANGUAGES),
            "meetings_per_year",
            "notice_days",
            "quorum_rule",
            "decision_rule",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box = self.boxes["name"][0]
        with override(box[-2:]):
            self.initial[box] = self.initial.get(box) or gettext("Steering committee")
        self.fields["notice_days"].help_text = HINTS["notice_days"]
        self.fields["quorum_rule"].help_text = _(
            "How many voting seats must be present to decide. If it is a share, half is suggested."
        )


RULES = (
    *("name", "mandate", "meetings_per_year", "notice_days", "notice_days_extraordinary"),
    *("papers_due_days", "quorum_rule", "quorum_share", "second_call_share"),
    *("counts_vacant_seats", "counts_admitted_delegates", "decision_rule"),
    *("minutes_silence_days", "minutes_name", "signatory", "signatory_role"),
    *("tolerance_days", "tolerance_share"),
)
TRANSLATED = ("name", "mandate", "minutes_name", "signatory_role")
COLUMNS = [
    column for name in RULES for column in (columns_of(name) if name in TRANSLATED else [name])
]


class CommitteeForm(EditingForm):
    meant_for_persons = ("signatory",)

    quorum_share = PercentField(
        label=_("Quorum share, in per cent"),
        least=Decimal("0.01"),
        help_text=_("Used if the quorum is a share of the voting seats: 50 is half of them."),
    )
    second_call_share = PercentField(
        label=_("Quorum share at second call, in per cent"),
        least=Decimal("0.01"),
        required=False,
        help_text=_("Empty: the same quorum at the second call."),
    )
    tolerance_days = forms.IntegerField(
        label=_("Tolerance in days"),
        min_value=0,
        max_value=366,
        required=False,
        help_text=_(
            "How many days the coordination may shift the dates of an action in "
            "execution, with a reason, without a new version of the plan. 0: none."
        ),
    )
    tolerance_share = PercentField(
        label=_("Tolerance of the budget, in per cent"),
        required=False,
        help_text=_("10 is one tenth of what the action may cost. 0: none."),
    )

    class Meta:
        model = Committee
        fields = COLUMNS
        widgets = {f"mandate_{language}": text_area(4) for language in LANGUAGES}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, hint in HINTS.items():
            self.fields[name].help_text = hint
        for box in self.boxes["minutes_name"]:
            with override(box[-2:]):
                self.fields[box].widget.attrs["placeholder"] = str(_("Minutes"))
        self.minima_names = {}
        seats = self._seats_by_kind()
        for kind, minimum in self._minima().items():
            name = self.minima_names[kind] = f"minimum_{kind}"
            self.fields[name] = forms.IntegerField(
                label=Institution.Kind(kind).label,
                required=False,
                min_value=0,
                max_value=200,
                initial=minimum,
                help_text=_("Voting seats today: %(number)s.") % {"number": seats.get(kind, 0)},
            )

    @property
    def steps(self) -> list[RulesStep]:
        """The rules in the order in which a committee agrees on them; one with an error is open."""
        return [
            RulesStep(
                title,
                text,
                [self[name] for name in self._names_of(names)],
                is_open=self.is_bound
                and any(name in self.errors for name in self._names_of(names)),
            )
            for title, text, names in STEPS
        ]

    def _names_of(self, names: Iterable[str]) -> list[str]:
        found: list[str] = []
        for name in names:
            found += self.boxes.get(name, [name] if name in self.fields else [])
        if "quorum_rule" in found:
            found += self.minima_names.values()
        return found

    def _minima(self) -> dict[str, int | None]:
        """The minima by kind: of the kinds that take part, and of those with a minimum already."""
        committee = self.instance
        kept = {}
        if committee.pk:
            kept = dict(committee.quorum_minima.values_list("kind", "seats"))
        partners = Institution.objects.filter(participations__project=committee.project)
        kinds = kept.keys() | set(partners.values_list("kind", flat=True))
        return {kind: kept.get(kind) for kind in Institution.Kind.values if kind in kinds}

    def _seats_by_kind(self) -> "Counter[str]":
        if not self.instance.pk:
            return Counter()
        seats = self.instance.seats.on(timezone.localdate()).filter(is_voting=True)
        return Counter(seats.values_list("institution__kind", flat=True))

    @property
    def minima(self) -> dict[str, int]:
        """Return how many voting seats of each kind a quorum needs; 0 means no minimum."""
        return {kind: self.cleaned_data.get(name) or 0 for kind, name in self.minima_names.items()}

    def clean(self) -> dict[str, Any]:
        """A minimum above the seats there are would never be reached. Before there are any
        seats, the terms come first."""
        super().clean()
        data = self.cleaned_data
        seats = self._seats_by_kind()
        for kind, name in self.minima_names.items():
            if seats and (data.get(name) or 0) > seats[kind]:
                self.add_error(
                    name,
                    _(
                        "There are fewer voting seats of this kind: add them first, or "
                        "require fewer."
                    ),
                )
        return data

    def clean_tolerance_days(self) -> int:
        days: int | None = self.cleaned_data["tolerance_days"]
        return days or 0

    def clean_tolerance_share(self) -> Decimal:
        share: Decimal | None = self.cleaned_data["tolerance_share"]
        return share or Decimal(0)

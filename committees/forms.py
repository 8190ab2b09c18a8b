"""What several forms of committees share: fields, the choice of a decision or committee, the key by
which a form sent twice is recognised, and how an answer arrived."""

import uuid
import zoneinfo
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from committees.models import Channel, Committee, Resolution
from kernel.form_fields import field_of
from kernel.formats import city_of
from kernel.personal import TextForm
from kernel.text import StrOrPromise
from kernel.zones import zones_by_region


def day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def time_input() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M", attrs={"type": "time"})


def text_area(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def reason_field(
    rows: int = 3, *, required: bool = True, max_length: int = 1000, help_text: StrOrPromise = ""
) -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        required=required,
        max_length=max_length,
        widget=text_area(rows),
        help_text=help_text,
    )


def zone_choices(first: Iterable[str] = ()) -> list[tuple[Any, list[tuple[str, str]]]]:
    """Return the time zones by region, without obsolete and technical names. Those used here come
    first, and only there."""
    used = list(dict.fromkeys(first))
    here = [(_("Used here"), [(zone, city_of(zone)) for zone in used])] if used else []
    return here + zones_by_region(zoneinfo.available_timezones() - set(used))


class PastDay:
    """Of forms that ask on which day something happened (`on`): not on one that is still to come."""

    cleaned_data: dict[str, Any]

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come: choose today or earlier."))
        return on


class DecisionField(forms.ModelChoiceField):
    """A choice of decisions, each with its number and the beginning of its text."""

    def label_from_instance(self, decision: Resolution) -> str:
        return f"{decision} · {Truncator(decision.text).chars(120)}"


class WhichDecisionForm(forms.Form):
    """Asks which of these decisions it was. If only one of them is likely, it is proposed."""

    decision = DecisionField(Resolution.objects.none(), label=_("Decision"))

    def __init__(
        self,
        *args: Any,
        decisions: QuerySet[Resolution],
        likely: QuerySet[Resolution],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "decision", DecisionField).queryset = decisions
        if len(likely) == 1:
            self.initial["decision"] = likely[0].pk
        self.has_decisions = decisions.exists()


class CommitteeChoice(forms.ModelChoiceField):
    """A choice of committees, each with its project."""

    def label_from_instance(self, committee: Committee) -> str:
        return f"{committee.project} · {committee}"


class CopyFromForm(forms.Form):
    """Chooses the committee of another project from which something is copied."""

    source = CommitteeChoice(label=_("From the committee of"), queryset=Committee.objects.none())

    def __init__(self, *args: Any, committees: QuerySet[Committee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = field_of(self, "source", forms.ModelChoiceField)
        field.queryset = committees.select_related("project").order_by("-project__starts_on", "pk")


class OnceForm(TextForm):
    """A form that adds a row. Its key is sent along, so that the service adds the row once."""

    entry_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    @property
    def key(self) -> uuid.UUID:
        return self.cleaned_data.get("entry_key") or uuid.uuid4()


class ArrivedForm(TextForm):
    """How and when an answer arrived that the coordination enters for somebody, and how it knows."""

    channel = forms.ChoiceField(label=_("How it arrived"), choices=Channel.entered())
    given_on = forms.DateField(label=_("Given on"), widget=day_input())
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=300,
        help_text=_("Who called and when, or which letter or message: a function, not a name."),
    )


class EnteredForm(TextForm):
    """The channel and evidence of an answer that the coordination enters for somebody."""

    channel = forms.ChoiceField(label=_("Received by"), choices=Channel.entered())
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=300,
        help_text=_("For an answer that did not arrive online: who called, or which letter."),
    )

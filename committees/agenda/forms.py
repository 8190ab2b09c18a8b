"""Forms of the agenda: items, those of the template and those proposed, notes, and what an item or a
resolution is about."""

from typing import Any

from django import forms
from django.conf import settings
from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from committees.forms import OnceForm, reason_field, text_area
from committees.models import (
    Action,
    ActionPlan,
    AgendaItem,
    Minutes,
    Resolution,
    SeatTerm,
    TemplateItem,
)
from kernel.editing import EditingForm
from kernel.form_fields import field_of
from kernel.personal import TextForm
from projects.models import (
    Activity,
    Amendment,
    CallForProposals,
    Indicator,
    Project,
    Result,
    Risk,
)


class AgendaItemForm(EditingForm, OnceForm):
    readers = _("The committee reads it, and the donor and the partners once it is adopted.")

    lock_first = "meeting"

    class Meta:
        model = AgendaItem
        fields = [
            "title_fr",
            "title_es",
            "title_en",
            "purpose",
            "minutes_planned",
            "presenter",
            "audience",
            "late_consent",
        ]
        widgets = {"late_consent": text_area(2)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.meeting.agenda_is_frozen:
            del self.fields["late_consent"]
        if self.instance.pk:
            del self.fields["entry_key"]


class TemplateItemForm(EditingForm, OnceForm):
    lock_first = "committee"

    class Meta:
        model = TemplateItem
        fields = [
            "title_fr",
            "title_es",
            "title_en",
            "purpose",
            "minutes_planned",
            "audience",
            "is_recurring",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["entry_key"]


class ItemProposalForm(OnceForm):
    """A member's proposal for the next agenda, in one language and for one seat."""

    readers = _("The coordination reads it, and the whole committee once it is on the agenda.")

    title = forms.CharField(label=_("Title"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        choices=AgendaItem.Purpose.choices,
        initial=AgendaItem.Purpose.DISCUSS,
    )
    minutes_planned = forms.IntegerField(
        label=_("Minutes it may take"), required=False, min_value=1, max_value=600
    )
    reason = forms.CharField(
        label=_("Why the committee should discuss it"),
        max_length=1000,
        widget=text_area(4),
        help_text=_("Never write data on victims."),
    )
    seat = forms.ChoiceField(label=_("For the seat"))

    def __init__(self, *args: Any, seats: list[SeatTerm], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats = {str(term.seat_id): term.seat for term in seats}
        field_of(self, "seat", forms.ChoiceField).choices = [
            (key, str(seat)) for key, seat in self.seats.items()
        ]
        if len(self.seats) == 1:
            self.fields["seat"].required = False
            self.fields["seat"].widget = forms.HiddenInput()
            self.fields["seat"].initial = next(iter(self.seats))

    def fill(self, item: AgendaItem) -> AgendaItem:
        """Write what was typed into a new item."""
        data = self.cleaned_data
        title = f"title_{data['language']}"
        setattr(item, title, data["title"])
        item.note_translations([title])
        item.purpose, item.minutes_planned = data["purpose"], data["minutes_planned"]
        item.proposal_reason = data["reason"]
        item.proposed_seat = self.seats.get(data["seat"]) or next(iter(self.seats.values()))
        item.entry_key = self.key
        return item


class ProposalAnswerForm(TextForm):
    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=[
            ("accept", _("Put it on the agenda")),
            ("decline", pgettext_lazy("an agenda item", "Decline it")),
        ],
        widget=forms.RadioSelect,
    )
    reason = reason_field(
        required=False,
        help_text=_(
            "The person who proposed the item reads this. Required if the item is declined."
        ),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("answer") == "decline" and not data.get("reason"):
            self.add_error(
                "reason",
                _("Say why the proposal is declined: the person who made it will read this."),
            )
        return data


class NotesForm(TextForm):
    """Notes on an item, with the version on which they were written."""

    readers = _("The committee reads it, and the donor and the partners once it is adopted.")

    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=20_000,
        strip=True,
        widget=text_area(12),
    )
    language = forms.ChoiceField(label=_("Language of the notes"), choices=settings.LANGUAGES)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    @classmethod
    def of(cls, item: AgendaItem, language: str) -> "NotesForm":
        kept = item.notes_language if item.notes else language
        return cls(initial={"notes": item.notes, "language": kept, "version": item.notes_version})


def things_of(project: Project) -> list[tuple[str, models.QuerySet]]:
    """Return all things that an item or a resolution of this project may be about, by kind."""
    return [
        ("result", Result.objects.filter(project=project)),
        ("indicator", Indicator.objects.filter(result__project=project).select_related("result")),
        ("activity", Activity.objects.filter(project=project)),
        ("plan", ActionPlan.objects.filter(project=project).select_related("period")),
        ("action", Action.objects.filter(project=project)),
        ("amendment", Amendment.objects.filter(project=project)),
        ("risk", Risk.objects.filter(project=project)),
        ("minutes", Minutes.objects.filter(meeting__committee__project=project).with_related()),
        ("earlier", Resolution.objects.filter(committee__project=project)),
        ("call", CallForProposals.objects.filter(project=project)),
    ]


def label_of(kind: str, thing: models.Model) -> str:
    more = {"amendment": "title", "risk": "definition"}.get(kind)
    text = f"{thing} · {getattr(thing, more)}" if more else str(thing)
    return Truncator(text).chars(90)


class ThingField(forms.ChoiceField):
    """One thing of one project, chosen from a list by kind; its value is the thing itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.things: dict[str, models.Model] = {}

    def offer(self, project: Project) -> None:
        groups: list[tuple[Any, Any]] = [("", _("Choose…"))]
        for kind, queryset in things_of(project):
            options = []
            for thing in queryset:
                value = f"{kind}:{thing.pk}"
                self.things[value] = thing
                options.append((value, label_of(kind, thing)))
            if options:
                groups.append((queryset.model._meta.verbose_name_plural.capitalize(), options))
        self.choices = groups

    def clean(self, value: Any) -> models.Model:
        return self.things[super().clean(value)]


class SubjectForm(forms.Form):
    thing = ThingField(label=_("Relates to"))

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "thing", ThingField).offer(project)

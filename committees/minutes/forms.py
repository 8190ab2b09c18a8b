"""Forms of minutes: their words, comments, translations, adoption and errata."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.forms import EnteredForm, OnceForm, day_input, reason_field, text_area
from committees.minutes.services.minutes import texts_to_translate
from committees.minutes.services.sentences import MinutesPart, Sentence
from committees.models import Erratum, Minutes, MinutesRemark, Resolution, Seat, SeatTerm
from committees.models.resolution import ResolutionQuerySet
from committees.plans.forms.proposals import SettleProposalForm
from kernel.form_fields import field_of
from kernel.personal import TextForm
from kernel.stamps import StampedForm
from projects.sending.forms import DeliveredForm

COMMENT_DAYS = 10


class StartMinutesForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Authoritative language"),
        choices=settings.LANGUAGES,
        help_text=_(
            "The other languages are provided as a courtesy and never reopen the adoption."
        ),
    )


class MinutesForm(StampedForm):
    readers = _("The committee reads it, and the donor and the partners once it is adopted.")

    class Meta:
        model = Minutes
        fields = ["opening", "closing", "language"]
        widgets = {"opening": text_area(5), "closing": text_area(5)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.is_circulated:
            self.fields["language"].disabled = True


class MinutesRevisionForm(TextForm):
    why = reason_field()


class CommentPeriodForm(TextForm):
    until = forms.DateField(label=_("Comments until"), widget=day_input())
    why = forms.CharField(label=_("Note"), required=False, max_length=1000, widget=text_area(2))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = timezone.localdate() + timedelta(days=COMMENT_DAYS)


class CirculationForm(DeliveredForm, CommentPeriodForm):
    pass


class AdoptionForm(forms.Form):
    """Asks for the decision that adopts the minutes, of a later meeting or a written procedure."""

    decision = forms.ModelChoiceField(
        label=_("Adopted by"),
        queryset=Resolution.objects.none(),
        help_text=_("Decisions of the committee since the meeting."),
    )

    def __init__(self, *args: Any, minutes: Minutes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "decision", forms.ModelChoiceField).queryset = decisions_since(minutes)


def decisions_since(minutes: Minutes) -> ResolutionQuerySet:
    """Return the decisions of later meetings and written procedures, which may adopt the minutes."""
    meeting = minutes.meeting
    since = Resolution.objects.in_force().filter(
        committee=meeting.committee, resolved_on__gte=meeting.day
    )
    return since.exclude(meeting=meeting).order_by("-resolved_on", "-number")


class MinutesRemarkForm(OnceForm):
    """Takes a comment on an item or on the whole, for a seat that the person holds."""

    readers = _(
        "The coordination reads it; whatever is meant for the committee is read by all its seats."
    )

    seat = forms.ModelChoiceField(label=_("For the seat"), queryset=Seat.objects.none())
    item = forms.ChoiceField(label=_("On"), required=False)
    suggestion = forms.CharField(
        label=_("How it should read"),
        max_length=4000,
        required=False,
        widget=text_area(3),
        help_text=_("Leave it as it is if you only comment."),
    )
    text = forms.CharField(label=_("Comment"), max_length=4000, widget=text_area())
    is_objection = forms.BooleanField(
        label=_("This is an objection"),
        required=False,
        help_text=_("While an objection is open, silence does not adopt the minutes."),
    )

    def __init__(
        self,
        *args: Any,
        minutes: Minutes,
        seats: list[Seat],
        audiences: Collection[str],
        about: tuple[MinutesPart, Sentence] | None = None,
        **kwargs: Any,
    ) -> None:
        """`about`: the sentence that the comment is on. What is left of it as it was suggests
        nothing."""
        super().__init__(*args, **kwargs)
        self.minutes, self.about = minutes, about
        field = field_of(self, "seat", forms.ModelChoiceField)
        field.queryset = Seat.objects.filter(pk__in=[seat.pk for seat in seats]).with_people()
        if len(seats) == 1:
            field.initial, field.widget = seats[0], forms.HiddenInput()
        items = minutes.meeting.items.on_agenda().filter(audience__in=audiences)
        self.items = {str(item.pk): item for item in items}
        field_of(self, "item", forms.ChoiceField).choices = [
            ("", _("The minutes as a whole")),
            *((key, item.title) for key, item in self.items.items()),
        ]
        if minutes.status == Minutes.Status.FINAL_DRAFT:
            self.fields["is_objection"].initial = True
        if not (minutes.silence_until or minutes.meeting.committee.minutes_silence_days):
            self.fields["is_objection"].help_text = _(
                "You do not agree that the minutes are adopted as they are."
            )
        if about:
            self._offer_sentence(*about)
        else:
            del self.fields["suggestion"]

    def _offer_sentence(self, part: MinutesPart, sentence: Sentence) -> None:
        self.fields["item"].widget = forms.HiddenInput()
        self.initial["item"] = str(part.item or "")
        self.initial["suggestion"] = sentence.text
        self.fields["suggestion"].widget.attrs["lang"] = part.language
        self.fields["text"].required = False
        self.order_fields(["seat", "suggestion", "text", "is_objection"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if self.about and "suggestion" in data:
            _part, sentence = self.about
            if data["suggestion"].strip() == sentence.text:
                data["suggestion"] = ""
            if not (data["suggestion"] or data.get("text", "").strip()):
                self.add_error("text", _("Write a comment, or change the sentence above."))
        return data

    def remark(self, *, by: User, channel: str) -> MinutesRemark:
        data = self.cleaned_data
        part, sentence = self.about or (None, None)
        return MinutesRemark(
            minutes=self.minutes,
            seat=data["seat"],
            agenda_item=self.items.get(str(part.item) if part else data["item"]),
            part=part.name if part and not part.item else "",
            sentence=sentence.text if sentence else "",
            suggestion=data.get("suggestion", ""),
            text=data["text"],
            is_objection=data["is_objection"],
            by=by,
            channel=data.get("channel") or channel,
            evidence=data.get("evidence", ""),
            entry_key=self.key,
        )


class EnteredMinutesRemarkForm(EnteredForm, MinutesRemarkForm):
    """A comment that came by telephone or letter, entered by the coordination."""


class MinutesReplyForm(TextForm):
    reply = forms.CharField(
        label=_("Answer"),
        max_length=4000,
        widget=text_area(),
        help_text=_("Say what was changed in the minutes, or why nothing was."),
    )


class MinutesSuggestionForm(SettleProposalForm):
    """Accepts or declines other words for a sentence, as changes that are proposed to a plan."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["seen"]
        field_of(self, "decision", forms.ChoiceField).choices = [
            (self.ACCEPT, _("Accept: the sentence is replaced in the notes")),
            (self.DECLINE, _("Decline")),
        ]
        self.fields["answer"].label = _("Answer to the seat")
        self.fields["answer"].help_text = _("Needed where the suggestion is declined.")


class ErratumForm(StampedForm, OnceForm):
    readers = _("The committee reads it, and the donor and the partners once it is adopted.")

    class Meta:
        model = Erratum
        fields = ["text", "decided_by"]
        widgets = {"text": text_area(4)}

    def __init__(self, *args: Any, minutes: Minutes, **kwargs: Any) -> None:
        kwargs["instance"] = Erratum(minutes=minutes)
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = _("What is wrong, and how it should read instead.")
        field_of(
            self, "decided_by", forms.ModelChoiceField
        ).queryset = Resolution.objects.in_force().filter(
            committee=minutes.meeting.committee, resolved_on__gte=minutes.meeting.day
        )


class TranslationForm(TextForm):
    """The words of the minutes in another language; each may stay empty."""

    readers = _("The committee reads it, and the donor and the partners once it is adopted.")

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, minutes: Minutes, language: str, **kwargs: Any) -> None:
        row = minutes.translations.filter(language=language).first()
        kept = row.texts if row else {}
        kwargs["initial"] = kept | {"version": row.version if row else 0}
        super().__init__(*args, **kwargs)
        self.sources: dict[str, str] = {}
        for key, label, text in texts_to_translate(minutes):
            if text.strip():
                self.sources[key] = text
                self.fields[key] = forms.CharField(
                    label=label,
                    required=False,
                    max_length=20_000,
                    widget=forms.Textarea(attrs={"rows": 5, "lang": language}),
                )

    @property
    def pairs(self) -> list[tuple[forms.BoundField, str]]:
        """Return each field with the text that it translates."""
        return [(self[key], text) for key, text in self.sources.items()]

    @property
    def texts(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in self.sources if self.cleaned_data[key]}


def seats_of(terms: list[SeatTerm]) -> list[Seat]:
    return list({term.seat_id: term.seat for term in terms}.values())

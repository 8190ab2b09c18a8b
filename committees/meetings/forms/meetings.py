"""Forms of meetings: the filters of the list, when and where one takes place, and the day and reason
of each step."""

import zoneinfo
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.forms import PastDay, day_input, reason_field, text_area, time_input, zone_choices
from committees.meetings.forms.call import PastedLinkField, call_of
from committees.meetings.services.meetings import Concern
from committees.models import Committee, Meeting
from committees.models.clocks import wall_clock
from committees.models.meeting import MeetingQuerySet
from kernel.form_fields import field_of, show_instead
from kernel.formats import day as written_day
from kernel.organisation import home_time_zone
from kernel.stamps import StampedForm
from kernel.text import StrOrPromise
from projects.choosing import OfProjects
from projects.models import Project
from projects.sending.forms import OwnLinesForm

# The times in the database if only the day is known; no page shows them.
UNKNOWN_TIME = (time(12), time(13))
# Old meetings are typed in, too; what lies beyond is a slip of the pen.
FIRST_YEAR = 1990
YEARS_AHEAD = 10


def zones_used(committee: Committee) -> list[str]:
    """Return the time zones in which the committee has met and in which the project's people live."""
    met = committee.meetings.order_by("-starts_at").values_list("time_zone", flat=True)[:50]
    people = committee.project.assignments.values_list("user__time_zone", flat=True)
    return [*met, home_time_zone(), *people.order_by("pk")[:50]]


class MeetingTimesForm(forms.Form):
    """Day, start and end, as clocks at the place of the meeting show them."""

    day = forms.DateField(label=_("Day"), widget=day_input())
    start = forms.TimeField(label=_("Start"), required=False, widget=time_input())
    end = forms.TimeField(label=_("End"), required=False, widget=time_input())
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        help_text=_("The times are local to this place."),
    )

    @staticmethod
    def times_of(meeting: Meeting) -> dict[str, Any]:
        known = meeting.time_is_known
        return {
            "day": meeting.day,
            "start": meeting.starts_at.astimezone(meeting.zone).time() if known else None,
            "end": meeting.ends_at.astimezone(meeting.zone).time() if known else None,
            "time_zone": meeting.time_zone,
        }

    def clean_day(self) -> date:
        """The ends of the calendar have no such hour in every time zone, and are a slip."""
        day: date = self.cleaned_data["day"]
        if not FIRST_YEAR <= day.year <= timezone.localdate().year + YEARS_AHEAD:
            raise forms.ValidationError(_("There is no meeting on this day: check the year."))
        return day

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("day") and data.get("time_zone") and not self.errors:
            self._find_times(data)
        return data

    def _find_times(self, data: dict[str, Any]) -> None:
        """Add `starts_at`, `ends_at` and `time_is_known` to the data, or the errors."""
        zone = zoneinfo.ZoneInfo(data["time_zone"])
        start, end = data["start"], data["end"]
        data["time_is_known"] = bool(start and end)
        if not data["time_is_known"]:
            if start or end or data["day"] >= timezone.localdate(timezone=zone):
                missing = "start" if not start else "end"
                self.add_error(missing, _("Say when the meeting starts and when it ends."))
                return
            start, end = UNKNOWN_TIME
        data["starts_at"] = self._moment("start", data["day"], start, zone)
        data["ends_at"] = self._moment("end", data["day"], end, zone)
        if data["starts_at"] and data["ends_at"] and data["ends_at"] <= data["starts_at"]:
            self.add_error("end", _("The meeting ends before it starts: check the times."))

    def _moment(
        self, name: str, day: date, clock: time, zone: zoneinfo.ZoneInfo
    ) -> datetime | None:
        try:
            return wall_clock(day, clock, zone)
        except forms.ValidationError as missing_hour:
            self.add_error(name, missing_hour)
            return None


class MeetingForm(MeetingTimesForm, StampedForm):
    meant_for_persons = ("place", "call_number", "call_passcode")

    lock_first = "committee"

    call_link = PastedLinkField(
        label=_("Link of the call"),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=text_area(2),
        help_text=_(
            "You can paste the whole invitation of Zoom, Teams or Meet: the link, the meeting ID and"
            " the passcode are taken from it."
        ),
    )
    # Shown again because of its day or its hours: saved again, it is meant so.
    warned = forms.CharField(required=False, widget=forms.HiddenInput, max_length=1)
    field_order = ["number", "kind", "mode", "day", "start", "end", "time_zone"]

    class Meta:
        model = Meeting
        fields = [
            "number",
            "kind",
            "mode",
            "time_zone",
            "place",
            "call_link",
            "call_number",
            "call_passcode",
            "is_constitutive",
            "quorum_is_stated",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs["instance"]
        super().__init__(*args, **kwargs)
        times = self.times_of(instance) if instance.pk else {"time_zone": instance.time_zone}
        self.initial = {**self.initial, **times, **(kwargs.get("initial") or {})}
        field_of(self, "time_zone", forms.ChoiceField).choices = zone_choices(
            zones_used(instance.committee)
        )
        if instance.pk and not instance.may_change_dates:
            for name in ("day", "start", "end", "time_zone"):
                self.fields[name].disabled = True
        if (
            instance.pk
            and instance.status != Meeting.Status.PLANNED
            and (not instance.recorded_afterwards)
        ):
            del self.fields["quorum_is_stated"]

    def asks_again(self) -> StrOrPromise:
        """Return what to ask once before a valid form is saved: whether a new meeting is meant to lie
        in the past, or in the hours of another. Empty where there is nothing to ask."""
        question = self._past() or self._overlap()
        if not question or self.cleaned_data["warned"]:
            return ""
        show_instead(self, "warned", "1")
        return question

    def _past(self) -> StrOrPromise:
        meeting = self.instance
        if meeting.pk or meeting.day >= timezone.localdate(timezone=meeting.zone):
            return ""
        return _(
            "This day is past. Is it an old meeting, which you record afterwards? Then save it as "
            "it is: nobody is invited. Otherwise correct the day."
        )

    def _overlap(self) -> StrOrPromise:
        meeting = self.instance
        others = meeting.committee.meetings.exclude(pk=meeting.pk).overlapping(meeting)
        is_moved = not {"day", "start", "end", "time_zone"}.isdisjoint(self.changed_data)
        other = others.first() if meeting.time_is_known and is_moved else None
        if other is None:
            return ""
        sentence = _(
            "At these hours the committee has another meeting: %(meeting)s. Are there two? Then save it "
            "as it is. Otherwise correct the day or the hours."
        )
        return sentence % {"meeting": other}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "starts_at" in data:
            for name in ("starts_at", "ends_at", "time_is_known"):
                setattr(self.instance, name, data[name])
        self._take_call()
        if data.get("quorum_is_stated") is False and data.get("day", date.min) >= (
            timezone.localdate()
        ):
            self.add_error(
                "quorum_is_stated",
                _("Only the records of a past meeting may lack the quorum."),
            )
        return data

    def _take_call(self) -> None:
        """What a pasted invitation says of its call holds, since the boxes still show the call
        before it. Under another link they hold only what was typed with it."""
        is_another = "call_link" in self.changed_data and self.cleaned_data.get("call_link")
        pasted = call_of(self.data.get(self.add_prefix("call_link"), ""))
        for name, found in (("call_number", pasted.number), ("call_passcode", pasted.passcode)):
            if found or (is_another and name not in self.changed_data):
                self.cleaned_data[name] = found
                setattr(self.instance, name, found)


class MeetingFilterForm(OfProjects):
    """The filter bar above the list; a filter that makes no sense filters nothing."""

    when = forms.ChoiceField(
        label=_("When"),
        choices=[("", _("Upcoming and past")), ("upcoming", _("Upcoming")), ("past", _("Past"))],
        required=False,
    )
    field_order = ("when", "project")

    def __init__(self, *args: Any, projects: Iterable[Project | int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(projects, _("All projects"))

    def narrow(self, meetings: MeetingQuerySet) -> MeetingQuerySet:
        if (projects := self.chosen_projects) is not None:
            meetings = meetings.filter(committee__project__in=projects)
        when = self.cleaned_data.get("when")
        if when == "upcoming":
            return meetings.upcoming().order_by("starts_at", "pk")
        return meetings.past() if when == "past" else meetings


# Steps


class MeetingStepForm(PastDay, OwnLinesForm):
    """The day on which it happened, and why where somebody will ask."""

    on = forms.DateField(label=_("Day"), initial=timezone.localdate, widget=day_input())
    why = reason_field(required=False)

    UNDOES = frozenset({"reopen", "take_back", "take_back_record"})
    ASKS_WHY = UNDOES | {"postpone", "cancel"}
    NEEDS_NO_WHY = frozenset({"freeze", "open", "close"})

    def __init__(self, *args: Any, meeting: Meeting, verb: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        if verb in self.UNDOES:
            del self.fields["on"]
        is_early = verb == "open" and meeting.day > timezone.localdate(timezone=meeting.zone)
        if verb in self.NEEDS_NO_WHY and not is_early:
            del self.fields["why"]
            return
        self.fields["why"].required = is_early or verb in self.ASKS_WHY
        self.fields["why"].help_text = (
            _("The meeting is planned for %(day)s: why is it being opened earlier?")
            % {"day": written_day(meeting.day)}
            if is_early
            else _("The history of the meeting shows it.")
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        return {"on": None, "why": "", **self.cleaned_data}


class ConveneForm(MeetingStepForm):
    """Asks for an answer to each thing that is unusual about convening the meeting now. One that was
    convened earlier, in another way, sends nothing unless that is asked for."""

    sends = forms.BooleanField(
        label=_("Send the invitations from the portal as well"),
        required=False,
        help_text=_("Otherwise nobody is sent a message now: they were invited on that day."),
    )

    def __init__(self, *args: Any, concerns: Sequence[Concern], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["why"]
        self.fields["on"].label = _("Convened on")
        self.concerns = {f"why_{each.key}": each for each in concerns}
        for name, concern in self.concerns.items():
            self.fields[name] = forms.CharField(
                label=concern.asks,
                max_length=300,
                widget=text_area(2),
            )

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        on = data.get("on")
        if on and (self.meeting.day - on).days >= self.meeting.notice_asked:
            self.errors.pop("why_notice", None)  # it was convened in time
        is_today = on == timezone.localdate(timezone=self.meeting.zone)
        data["sends"] = data["sends"] or is_today
        if not data["sends"]:
            self.errors.pop("why_nobody", None)
        given = {name: data.pop(name, "") for name in self.concerns}
        answers = [(self.concerns[name], text) for name, text in given.items() if text]
        # Only where there are several answers is it said what each is about.
        data["why"] = (
            "\n".join(f"{concern.asks}: {text}" for concern, text in answers)
            if len(answers) > 1
            else "".join(text for _concern, text in answers)
        )
        return data

    @property
    def questions(self) -> list[tuple[str, forms.BoundField]]:
        """What to say before each answer, and the field that takes it."""
        return [(concern.sentence, self[name]) for name, concern in self.concerns.items()]

    @property
    def first_fields(self) -> list[forms.BoundField]:
        apart = {"on", "sends", *self.concerns}
        return [field for field in super().first_fields if field.name not in apart]


class AfterwardsMeetingForm(OwnLinesForm):
    convened_on = forms.DateField(
        label=_("Convened on"),
        required=False,
        widget=day_input(),
        help_text=_("If known."),
    )
    why = forms.CharField(
        label=_("Source of this record"),
        required=False,
        max_length=1000,
        widget=text_area(3),
        help_text=_("For example: signed minutes on paper, an article."),
    )

    def __init__(self, *args: Any, meeting: Meeting, verb: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class ReconveneForm(MeetingTimesForm, MeetingStepForm):
    field_order = ["day", "start", "end", "time_zone", "on", "why"]

    def __init__(self, *args: Any, meeting: Meeting, verb: str, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"time_zone": meeting.time_zone})
        super().__init__(*args, meeting=meeting, verb=verb, **kwargs)
        field_of(self, "time_zone", forms.ChoiceField).choices = zone_choices(
            zones_used(meeting.committee)
        )
        self.fields["on"].label = _("Convened on")


STEP_FORMS = {
    "convene": ConveneForm,
    "record_afterwards": AfterwardsMeetingForm,
    "reconvene": ReconveneForm,
}

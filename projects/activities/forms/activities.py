"""Forms for activities, their steps, deliverables and evidence."""

import re
from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.utils import update_change_reason

from kernel.editing import EditingForm
from kernel.files import UploadField
from kernel.form_fields import choose_from, field_of
from kernel.formats import day_range
from kernel.personal import TextForm
from kernel.stamps import STAMP
from kernel.text import active_language
from partners.forms import DAY, any_of, long_text
from partners.models import Institution
from projects.forms import InstitutionChoice, ResultChoice, by_name, in_languages
from projects.models import Activity, Deliverable, Evidence, Project, Result
from projects.models.activity import ActivityQuerySet
from projects.models.evidence import ACCEPTED, MAX_BYTES

NO_DAYS = "none"

# The parts of the long form of an activity.
PARTS = (
    (
        _("What it is"),
        ("kind", "code", *in_languages("title", "description"), "result"),
    ),
    (_("With whom and where"), ("responsible", "partners", "department", "place")),
    (
        pgettext_lazy("part of a form", "As planned"),
        ("planned_start", "planned_end", "planned_participants"),
    ),
    (
        pgettext_lazy("part of a form", "As it was"),
        (
            "actual_start",
            "actual_end",
            "why_moved",
            *in_languages("date_note"),
            "share_done",
            "participants",
            "evidence",
            "illustrative",
        ),
    ),
)


def institutions_in(project: Project) -> QuerySet[Institution]:
    return by_name(Institution.objects.filter(participations__project=project).distinct())


class InstitutionChoices(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, institution: Institution) -> str:
        return institution.name


class ActivityFilterForm(forms.Form):
    kind = any_of(_("Kind"), Activity.Kind.choices)
    result = ResultChoice(
        label=_("Result"), queryset=Result.objects.none(), required=False, empty_label=_("Any")
    )
    state = any_of(_("State"), Activity.State.choices)
    period = forms.ChoiceField(label=_("Period"), required=False)
    institution = InstitutionChoice(
        label=_("Institution"),
        queryset=Institution.objects.none(),
        required=False,
        empty_label=_("Any"),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, result=project.results.all(), institution=institutions_in(project))
        self.periods = {str(period.pk): period for period in project.periods.all()}
        field_of(self, "period", forms.ChoiceField).choices = [
            ("", _("Any")),
            *((key, self._in_words(period)) for key, period in self.periods.items()),
            (NO_DAYS, _("Without exact days")),
        ]

    @staticmethod
    def _in_words(period: Any) -> str:
        return f"{period} ({day_range(period.start, period.end)})"

    def narrow(self, rows: ActivityQuerySet) -> list[Activity]:
        """Return those that fit. States are computed, so they are filtered here and not by the
        query."""
        chosen = self.cleaned_data
        for name in ("kind", "result"):
            if chosen.get(name):
                rows = rows.filter(**{name: chosen[name]})
        if chosen.get("institution"):
            rows = rows.of_institution(chosen["institution"])
        if chosen.get("period") == NO_DAYS:
            rows = rows.without_days()
        elif period := self.periods.get(chosen.get("period") or ""):
            rows = rows.between(period.start, period.end)
        state = chosen.get("state")
        return [activity for activity in rows if not state or activity.state == state]


class ActivityForm(EditingForm):
    """Edits an activity. `why_moved` is the reason of changed dates, which goes to the history."""

    readers = _("The team, the committee, the partners and the donor read it.")

    meant_for_persons = ("place",)

    given = ("project",)

    responsible = InstitutionChoice(
        label=_("Responsible"),
        queryset=Institution.objects.none(),
        required=False,
        help_text=_("Its contacts may add evidence to this activity."),
    )
    partners = InstitutionChoices(
        label=_("Together with"), queryset=Institution.objects.none(), required=False
    )
    why_moved = forms.CharField(
        label=_("Why the dates change"),
        required=False,
        max_length=100,
        help_text=_("Kept in the history, for the team."),
    )

    class Meta:
        model = Activity
        fields = [name for _title, names in PARTS for name in names if name != "why_moved"]
        widgets = dict.fromkeys(("planned_start", "planned_end", "actual_start", "actual_end"), DAY)
        help_texts = {
            "participants": _(
                "In total. The breakdown by sex and institution has a page of its own."
            ),
        }

    # The fields that “again at another place” copies.
    REPEATED = (
        "kind",
        *in_languages("title", "description"),
        "result",
        "responsible",
        "partners",
        "planned_participants",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project = self.instance.project
        choose_from(self, result=project.results.all())
        for name in ("responsible", "partners"):
            field_of(self, name, forms.ModelChoiceField).queryset = institutions_in(project)
        if not self.instance.pk:
            del self.fields["why_moved"]

    def clean_participants(self) -> int | None:
        """Refuse a total below the sum of the table by sex and institution (see
        ParticipantsForm)."""
        total: int | None = self.cleaned_data["participants"]
        groups = self.instance.groups.all() if self.instance.pk else []
        if (counted := sum(group.total for group in groups)) > (total or 0):
            message = _(
                "The breakdown by sex and institution already adds up to %(told)s: enter at "
                "least as many."
            )
            raise ValidationError(message, params={"told": counted})
        return total

    def _layout(self) -> Iterable[Any]:
        """Return the fields in their sections, with the boxes of a text in several languages together."""
        shown = {self._name_of(each): each for each in super()._layout()}
        yield from (shown[name] for name in [STAMP] if name in shown)
        for title, names in PARTS:
            yield Fieldset(title, *(shown[name] for name in names if name in shown))

    @staticmethod
    def _name_of(each: Any) -> str:
        """Return the name of a field, or of the first box of a text in several languages."""
        return each if isinstance(each, str) else each.fields[0]

    def save(self, commit: bool = True) -> Activity:
        saved: Activity = super().save(commit)
        if commit and (why := self.cleaned_data.get("why_moved")):
            update_change_reason(saved, why)
        return saved


class ActivityStepForm(TextForm):
    """The reason why an activity is postponed, cancelled or resumed, and its new days if known."""

    why = long_text(
        _("Reason"),
        500,
        help_text=_("Shown to everybody who sees the activity. No names, no data on victims."),
    )
    planned_start = forms.DateField(label=_("New planned start"), widget=DAY, required=False)
    planned_end = forms.DateField(label=_("New planned end"), widget=DAY, required=False)

    def __init__(self, *args: Any, verb: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if verb != "resume":
            del self.fields["planned_start"], self.fields["planned_end"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        start, end = cleaned.get("planned_start"), cleaned.get("planned_end")
        if start and end and end < start:
            self.add_error("planned_end", _("The planned end is before the planned start."))
        return cleaned

    @property
    def new_days(self) -> dict[str, Any]:
        if not (self.cleaned_data.get("planned_start") or self.cleaned_data.get("planned_end")):
            return {}
        return {name: self.cleaned_data[name] for name in ("planned_start", "planned_end")}


class CalendarMonthForm(forms.Form):
    """A month as browsers write it: 2019-10."""

    month = forms.RegexField(
        r"^(19|20)\d\d-(0[1-9]|1[0-2])$",
        label=_("Month"),
        required=False,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2019-10"}),
        error_messages={"invalid": _("Write a month as year and number, such as 2019-10.")},
    )


class DeliverableForm(EditingForm):
    given = ("activity",)

    class Meta:
        model = Deliverable
        fields = [
            "kind",
            *in_languages("title"),
            "planned_on",
            "delivered_on",
            "quantity_planned",
            "quantity_actual",
            "illustrative",
        ]
        widgets = {"planned_on": DAY, "delivered_on": DAY}


class EvidenceForm(EditingForm):
    """Describes evidence. Whoever adds it says what it shows; the team decides who sees it."""

    readers = _("The team, the committee, the partners and the donor read it.")

    given = ("activity", "kind")

    class Meta:
        model = Evidence
        fields = [
            "title",
            "language",
            "deliverable",
            "consent",
            "consent_until",
            "shows_minors",
            "audience",
        ]
        widgets = {"consent_until": DAY}
        help_texts = {
            "title": _("What it shows, such as “Second day of the workshop”. No names of people."),
            "consent": _("For photographs. Without consent they stay with the team."),
            "consent_until": _("Empty: without an end."),
            "shows_minors": _("Anything that shows minors is never published."),
        }

    def __init__(self, *args: Any, for_team: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, deliverable=self.instance.activity.deliverables.all())
        if not self.instance.pk:
            self.initial["language"] = active_language()
        elif not self.instance.is_photo:
            del self.fields["consent"], self.fields["consent_until"]
        if not for_team:
            del self.fields["audience"]


class NewEvidenceForm(EvidenceForm):
    """Adds a file or a link, with a declaration that it holds nothing about victims."""

    upload = UploadField(
        label=_("Photo or file"), allowed=ACCEPTED, max_bytes=MAX_BYTES, required=False
    )
    link = forms.URLField(
        label=_("Link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("Instead of a file: an address beginning with https://."),
    )
    no_victim_data = forms.BooleanField(
        label=_("It contains no data on victims, cases or allegations."),
        error_messages={
            "required": _("Confirm that it contains no data on victims, or leave it out.")
        },
    )

    class Meta(EvidenceForm.Meta):
        fields = ["link", *EvidenceForm.Meta.fields]

    field_order = ["upload", "link", *EvidenceForm.Meta.fields, "no_victim_data"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        upload, link = cleaned.get("upload"), cleaned.get("link")
        if upload and link:
            self.add_error(
                "link", _("Provide either a file or a link: add the other one afterwards.")
            )
        if not (upload or link or {"upload", "link"} & set(self.errors)):
            self.add_error("upload", _("Choose a photo or file, or enter a link."))
        # What comes of a file decides what may be done with it.
        self.instance.kind = upload.kind if upload else ""
        return cleaned


def rows_typed(data: Any, prefix: str) -> int:
    """Return how many numbered rows the posted form has."""
    numbers = [re.fullmatch(rf"{prefix}_(\d{{1,2}})", name) for name in data]
    return max((int(found[1]) + 1 for found in numbers if found), default=0)

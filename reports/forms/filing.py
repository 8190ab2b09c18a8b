"""Forms of a project's documents: filing several at once, describing one, a new version, removing."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import BLANK_CHOICE_DASH, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.models import AgendaItem
from kernel.files import UploadField, UploadsField
from kernel.form_fields import field_of
from kernel.names import plain
from kernel.personal import TextForm
from kernel.stamps import StampedForm
from partners.forms import DAY, any_of
from partners.models import Institution
from projects.forms import InstitutionChoice, by_name
from projects.models import Period, Project, ReportingDuty
from reports.models import FiledDocument, FiledVersion
from reports.models.filed import FiledDocumentQuerySet
from reports.permissions.reports import places_offered

FIELDS = (
    *("kind", "on", "language", "sender", "recipient", "their_reference"),
    *("for_committee", "for_donor", "for_partners", "is_confidential"),
    *("resolution", "agenda_item", "amendment", "report"),
)


class FiledDocumentForm(StampedForm):
    """Describes a document: what it is, from whom to whom, who reads it, and where it belongs."""

    lock_first = "project"
    # A title is what somebody reads in the list; addresses of persons are asked about.
    sender = InstitutionChoice(label=_("From"), queryset=Institution.objects.none(), required=False)
    recipient = InstitutionChoice(
        label=_("To"), queryset=Institution.objects.none(), required=False
    )
    fulfils = forms.ChoiceField(
        label=_("What the agreement asks for"),
        required=False,
        help_text=_(
            "Choose it if this document is what is asked for; "
            "it then counts as handed in on its date."
        ),
    )

    class Meta:
        model = FiledDocument
        fields = ("title", *FIELDS)
        widgets = {"on": DAY}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        project: Project = self.instance.project
        taking_part = Institution.objects.filter(participations__project=project).distinct()
        for name in ("sender", "recipient"):
            field = field_of(self, name, forms.ModelChoiceField)
            field.queryset = by_name(taking_part)
            field.empty_label = str(_("Ourselves, or not in the list"))
        self._offer_places(project)
        for name, label in (
            ("for_committee", _("The steering committee reads it, too")),
            ("for_donor", _("The donor reads it, too")),
            ("for_partners", _("Partners read it, too")),
            ("is_confidential", _("Confidential: coordination, auditors and direction only")),
        ):
            self.fields[name].label = label
        choices = duty_choices(project)
        field_of(self, "fulfils", forms.ChoiceField).choices = [*BLANK_CHOICE_DASH, *choices]
        if not choices:
            del self.fields["fulfils"]
        elif self.instance.fulfils_id:
            done = self.instance.fulfils
            self.initial["fulfils"] = f"{done.duty_id}-{done.period_id or 0}"

    def _offer_places(self, project: Project) -> None:
        """Offer only things that the writer may see."""
        for name, rows in places_offered(self.user, project).items():
            field = field_of(self, name, forms.ModelChoiceField)
            field.queryset = rows
            if name == "agenda_item":
                field.label_from_instance = item_label  # type: ignore[assignment, method-assign]
            if not self.instance.pk and not rows.exists():
                del self.fields[name]

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.instance.project.today:
            raise forms.ValidationError(_("This day is in the future."))
        return on

    @property
    def duty(self) -> tuple[ReportingDuty | None, Period | None]:
        """What the document fulfils."""
        duty, _dash, period = self.cleaned_data.get("fulfils", "").partition("-")
        if not duty:
            return None, None
        project: Project = self.instance.project
        return (
            project.reporting_duties.get(pk=duty),
            project.periods.get(pk=period) if period != "0" else None,
        )


def item_label(item: AgendaItem) -> str:
    return f"{item.meeting} · {item.title}"


def duty_choices(project: Project) -> list[tuple[str, str]]:
    """Return what the agreement asks for, once and for each period, as choices."""
    periods = list(project.periods.order_by("start"))
    found = []
    for duty in project.reporting_duties.order_by("kind", "pk"):
        if duty.is_once:
            found.append((f"{duty.pk}-0", str(duty)))
        asked = [period for period in periods if duty.asks_for(period)]
        found += [(f"{duty.pk}-{period.pk}", f"{duty} · {period}") for period in asked]
    return found


class FileDocumentsForm(FiledDocumentForm):
    """Several files at once, each of which becomes a document. Messages (.eml) are taken apart."""

    uploads = UploadsField(
        label=_("Files"),
        allowed=(*FiledVersion.ACCEPTED, "eml"),
        max_bytes=FiledVersion.MAX_BYTES,
        most=FiledVersion.MOST_AT_ONCE,
    )
    no_victim_data = forms.BooleanField(
        label=_("These files hold no data on victims, on cases or on allegations."),
        error_messages={
            "required": _("Confirm that the files hold no data on victims, or leave them out.")
        },
    )
    field_order = ("uploads", "title", *FIELDS, "fulfils", "no_victim_data")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False
        self.fields["title"].help_text = _(
            "For a single file. If it is empty, or for several files, each takes the name of its file, "
            "and an e-mail its subject."
        )
        self.fields["uploads"].help_text = _(
            "Up to ten: PDF, Word, Excel, OpenDocument, text, pictures, and messages saved as .eml, "
            "whose attachments are filed with them. At most 20 MB each. No data about victims, please."
        )
        if "fulfils" in self.fields:
            self.fields["fulfils"].help_text = _(
                "For a single file, which then counts as handed in on its date."
            )

    def _get_validation_exclusions(self) -> set[str]:
        # The title comes from the file.
        return {*super()._get_validation_exclusions(), "title"}  # type: ignore[misc]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("fulfils") and len(cleaned.get("uploads") or []) > 1:
            self.add_error(
                "fulfils", _("Choose one file for this, or say it later on the document's page.")
            )
        return cleaned


class FiledVersionForm(TextForm):
    upload = UploadField(
        label=_("File"), allowed=FiledVersion.ACCEPTED, max_bytes=FiledVersion.MAX_BYTES
    )
    note = forms.CharField(
        label=_("What is different in this version"), max_length=300, required=False
    )


class WithdrawFiledForm(TextForm):
    why = forms.CharField(
        label=_("Why is it removed?"),
        max_length=300,
        help_text=_("The line and its number stay, with this reason."),
    )
    title = forms.CharField(
        label=_("Title that stays"),
        max_length=200,
        help_text=_(
            "Others go on reading it: leave out of it what must not be kept, such as a name."
        ),
    )


class FiledFilterForm(forms.Form):
    """Filters the list. A word is looked for in titles, references and e-mail addresses."""

    q = forms.CharField(
        label=_("Word or reference"), required=False, widget=forms.TextInput({"type": "search"})
    )
    kind = any_of(_("Kind"), FiledDocument.Kind.choices)
    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, rows: FiledDocumentQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = [day.year for day in rows.order_by().dates("on", "year", order="DESC")]
        field_of(self, "year", forms.ChoiceField).choices = [
            ("", _("All years")),
            *((year, year) for year in years),
        ]

    def narrow(self, rows: FiledDocumentQuerySet) -> FiledDocumentQuerySet:
        """A value that is not among the choices filters nothing."""
        self.is_valid()
        cleaned = self.cleaned_data
        if kind := cleaned.get("kind"):
            rows = rows.filter(kind=kind)
        if year := cleaned.get("year"):
            rows = rows.filter(on__year=year)
        for word in (cleaned.get("q") or "").split()[:8]:
            rows = rows.filter(_with_word(word))
        return rows


def _with_word(word: str) -> Q:
    found = Q()
    for name in ("title", "their_reference", "email_from", "email_to"):
        found |= Q(**{f"{name}__icontains": word})
    last = plain(word).rpartition("-")[2]
    if "-" in word and last.isdecimal() and len(last) < 9:  # HN-TRATA-2026-014
        year = word.split("-")[-2]
        numbered = Q(number=int(last))
        found |= numbered & Q(year=int(year)) if year.isdecimal() and len(year) == 4 else Q()
    return found

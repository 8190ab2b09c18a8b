"""Forms for proposals: the first message, the proposal itself, its eligibility and scores."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.editing import EditingForm
from kernel.files import CheckedFile, UploadField
from kernel.form_fields import field_of, show_instead
from kernel.formats import LocalisedDecimalField, money
from kernel.personal import TextForm
from kernel.stamps import STAMP, Stamped
from kernel.text import StrOrPromise, clean_text
from partners.forms import PastDay, long_text
from projects.models import Criterion, EligibilityCheck, Proposal, ProposalFile
from projects.models.proposal import FILE_BYTES

LINES = 6


def one_line(text: str) -> str:
    """Returns the text without line breaks, which would start another header of a message."""
    return " ".join(clean_text(text).split())


class StartProposalForm(TextForm):
    """The first step: the organisation, and the address that the link is sent to.

    `website` is hidden from people; a robot that fills in all fields is recognised by it.
    """

    organisation = forms.CharField(label=_("Name of the organisation"), max_length=200)
    contact_name = forms.CharField(label=_("Contact person"), max_length=200)
    contact_email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The link to your proposal is sent there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    consent = forms.BooleanField(
        label=_("The contact person agrees that these data are kept for this call."),
        error_messages={"required": _("Without this consent we cannot write to you.")},
    )
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    entry_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def clean_organisation(self) -> str:
        return one_line(self.cleaned_data["organisation"])

    def clean_contact_name(self) -> str:
        return one_line(self.cleaned_data["contact_name"])

    def clean_contact_email(self) -> str:
        value: str = self.cleaned_data["contact_email"].lower()
        return value

    @property
    def is_machine(self) -> bool:
        return bool(self.data.get("website"))

    @property
    def facts(self) -> dict[str, Any]:
        names = ("organisation", "contact_name", "contact_email")
        facts = {name: self.cleaned_data[name] for name in names}
        return facts | {"entry_key": self.cleaned_data.get("entry_key") or uuid.uuid4()}


class ProposalForm(EditingForm):
    """The whole proposal. A draft may be incomplete; with `whole` it asks for all that is required."""

    readers = _("The coordination and the panel of the call read it.")

    meant_for_persons = ("contact_phone",)

    given = ("call", "contact_email")
    NEEDED = (
        "kind",
        "title",
        "summary",
        "problem",
        "activities",
        "expected",
        "beneficiaries",
        "months",
    )

    class Meta:
        model = Proposal
        fields = [
            "organisation",
            "kind",
            "country",
            "department",
            "groups",
            "legal_number",
            "contact_name",
            "contact_phone",
            "title",
            "summary",
            "problem",
            "activities",
            "expected",
            "beneficiaries",
            "months",
        ]
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 4}),
            "problem": forms.Textarea(attrs={"rows": 6}),
            "activities": forms.Textarea(attrs={"rows": 8}),
            "expected": forms.Textarea(attrs={"rows": 6}),
        }

    def __init__(self, *args: Any, whole: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whole = whole
        lines = list(self.instance.lines.all())
        for number in range(1, LINES + 1):
            line = lines[number - 1] if number <= len(lines) else None
            self._add_line(number, line)
        self._add_files()
        self.fields["no_victim_data"] = forms.BooleanField(
            label=_(
                "Neither the texts nor the files contain data on victims, cases or allegations."
            ),
            required=False,
        )

    def _add_line(self, number: int, line: Any) -> None:
        self.fields[f"label_{number}"] = forms.CharField(
            label=_("Purpose (%(number)s)") % {"number": number},
            max_length=120,
            required=False,
            initial=line and line.label,
        )
        self.fields[f"amount_{number}"] = LocalisedDecimalField(
            label=_("Amount in %(currency)s (%(number)s)")
            % {"currency": self.instance.call.currency, "number": number},
            max_digits=14,
            decimal_places=2,
            min_value=Decimal("0.01"),
            required=False,
            initial=line and line.amount,
        )

    def _add_files(self) -> None:
        self.fields["upload"] = UploadField(
            label=_("Add a file"),
            allowed=ProposalFile.ACCEPTED,
            max_bytes=FILE_BYTES,
            required=False,
        )
        self.fields["remove"] = forms.MultipleChoiceField(
            label=_("Remove files"), widget=forms.CheckboxSelectMultiple, required=False
        )
        self.show_files()

    def show_files(self) -> None:
        self.kept = list(self.instance.files.all())
        field_of(self, "remove", forms.ChoiceField).choices = [
            (str(file.pk), file.original_name) for file in self.kept
        ]

    def show_again(self) -> None:
        """Shows the form as it was saved: with its files, and with its new stamp."""
        self.show_files()
        saved = ProposalForm(instance=self.instance, whole=self.whole)
        show_instead(self, STAMP, saved[STAMP].value())

    def clean_contact_name(self) -> str:
        return one_line(self.cleaned_data["contact_name"])

    def clean_organisation(self) -> str:
        return one_line(self.cleaned_data["organisation"])

    def clean_title(self) -> str:
        return one_line(self.cleaned_data["title"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._pair_lines(cleaned)
        if cleaned.get("upload") and not cleaned.get("no_victim_data"):
            self.add_error("no_victim_data", _("Confirm this before you upload a file."))
        if self.whole:
            files = len(self.kept) - len(self.removed) + (1 if cleaned.get("upload") else 0)
            self.ask_for_all(files)
        return cleaned

    def _pair_lines(self, cleaned: dict[str, Any]) -> None:
        for number in range(1, LINES + 1):
            label, amount = cleaned.get(f"label_{number}"), cleaned.get(f"amount_{number}")
            if label and amount is None and f"amount_{number}" not in self.errors:
                self.add_error(f"amount_{number}", _("Enter the amount of this line."))
            if amount is not None and not label:
                self.add_error(f"label_{number}", _("Say what this amount is for."))

    def ask_for_all(self, files: int) -> None:
        """Adds errors for what is missing in a submission with that number of files."""
        cleaned = self.cleaned_data
        for name in self.NEEDED:
            if cleaned.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, _("Fill this in before you submit."))
        if not cleaned.get("no_victim_data") and "no_victim_data" not in self.errors:
            self.add_error("no_victim_data", _("Confirm this before you submit."))
        call = self.instance.call
        if (months := cleaned.get("months")) and months > call.months:
            message = _("A project under this call lasts at most %(months)s months.")
            self.add_error("months", message % {"months": call.months})
        self._keep_to_the_limits()
        if files < call.files_required:
            message = _("Minimum number of files required by this call: %(number)s.")
            self.add_error("upload", message % {"number": call.files_required})

    def _keep_to_the_limits(self) -> None:
        call = self.instance.call
        total = sum((amount for _label, amount in self.lines), Decimal(0))
        limits = {
            "smallest": money(call.smallest or 0, call.currency),
            "largest": money(call.largest, call.currency),
            "total": money(total, call.currency),
        }
        if not total:
            self.add_error("amount_1", _("Say what the grant would pay for, line by line."))
        elif total > call.largest:
            self.add_error(
                "amount_1", _("The lines add up to %(total)s; at most %(largest)s.") % limits
            )
        elif call.smallest and total < call.smallest:
            self.add_error(
                "amount_1", _("The lines add up to %(total)s; at least %(smallest)s.") % limits
            )

    @property
    def sections(self) -> list[tuple[StrOrPromise, list[forms.BoundField]]]:
        lines = [name for n in range(1, LINES + 1) for name in (f"label_{n}", f"amount_{n}")]
        files = ["upload", *(["remove"] if self.kept else []), "no_victim_data"]
        organisation, project = self.Meta.fields[:8], self.Meta.fields[8:]
        parts = [
            (_("Your organisation"), organisation),
            (_("Your project"), project),
            (_("Budget requested"), lines),
            (_("Files"), files),
        ]
        return [(title, [self[name] for name in names]) for title, names in parts]

    @property
    def lines(self) -> list[tuple[str, Decimal]]:
        pairs = [
            (self.cleaned_data.get(f"label_{number}"), self.cleaned_data.get(f"amount_{number}"))
            for number in range(1, LINES + 1)
        ]
        return [(label, amount) for label, amount in pairs if label and amount is not None]

    @property
    def removed(self) -> list[int]:
        return [int(key) for key in self.cleaned_data.get("remove") or []]

    @property
    def upload(self) -> CheckedFile | None:
        """The checked file, which is kept even where a text is refused: it came over a slow line."""
        cleaned = getattr(self, "cleaned_data", {})
        return cleaned.get("upload") if cleaned.get("no_victim_data") else None


class EligibilityForm(Stamped, forms.Form):
    """The eligibility check list: whether each point is met, and the reason if not."""

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {check.point: check for check in proposal.checks.all()}
        for point, label in EligibilityCheck.Point.choices:
            check = known.get(point)
            self.fields[f"met_{point}"] = forms.TypedChoiceField(
                label=label,
                choices=[("", _("Not checked")), ("1", _("Met")), ("0", _("Not met"))],
                coerce=lambda value: value == "1",
                empty_value=None,
                required=False,
                initial="" if check is None else "1" if check.is_met else "0",
            )
            self.fields[f"reason_{point}"] = forms.CharField(
                label=_("Reason"), max_length=500, required=False, initial=check and check.reason
            )

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        for point in EligibilityCheck.Point.values:
            if cleaned.get(f"met_{point}") is False and not cleaned.get(f"reason_{point}"):
                self.add_error(f"reason_{point}", _("Say why this point is not met."))
        return cleaned

    @property
    def answers(self) -> dict[str, tuple[bool | None, str]]:
        return {
            point: (self.cleaned_data[f"met_{point}"], self.cleaned_data[f"reason_{point}"])
            for point in EligibilityCheck.Point.values
        }


class ScoreForm(Stamped, forms.Form):
    """A field for each criterion; they may be empty until the scores are submitted."""

    def __init__(
        self,
        *args: Any,
        criteria: list[Criterion],
        known: dict[int, tuple[Decimal, str]],
        entered: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for criterion in criteria:
            points, comment = known.get(criterion.pk, (None, ""))
            self.fields[f"points_{criterion.pk}"] = LocalisedDecimalField(
                label=_("%(criterion)s: points from 0 to %(most)s")
                % {"criterion": criterion.title, "most": criterion.max_points},
                min_value=0,
                max_value=criterion.max_points,
                decimal_places=2,
                max_digits=5,
                required=False,
                initial=points,
            )
            self.fields[f"comment_{criterion.pk}"] = forms.CharField(
                label=_("Comment"), max_length=500, required=False, initial=comment
            )
        self.fields["comment"] = long_text(_("On the whole"), 2000, required=False)
        if entered:
            self.fields["channel"] = forms.ChoiceField(
                label=_("Received by"), choices=Channel.entered()
            )
            self.fields["received_on"] = PastDay(label=_("Received on"))

    @property
    def points(self) -> dict[int, Decimal]:
        names = {each.pk: f"points_{each.pk}" for each in self.criteria}
        return {
            key: self.cleaned_data[name]
            for key, name in names.items()
            if self.cleaned_data[name] is not None
        }

    @property
    def comments(self) -> dict[int, str]:
        return {each.pk: self.cleaned_data[f"comment_{each.pk}"] for each in self.criteria}

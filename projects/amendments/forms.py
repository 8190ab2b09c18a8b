"""Forms for amendments, their steps and their documents."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Max
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.files import UploadField
from kernel.formats import LocalisedDecimalField, day
from kernel.personal import TextForm
from kernel.text import StrOrPromise
from partners.forms import DAY, PastDay, any_of, long_text
from projects.amendments.letters import draft_of_answer
from projects.forms import in_languages
from projects.models import Amendment, AmendmentFile
from projects.models.amendment import AmendmentQuerySet
from projects.sending.forms import DeliveredForm
from projects.sending.recipients import languages_of

# An extension adds a period for each quarter, so that a mistyped year would add thousands.
MOST_YEARS = 20


class AmendmentFilterForm(forms.Form):
    kind = any_of(_("Kind"), Amendment.Kind.choices)
    status = any_of(_("Status"), Amendment.Status.choices)

    def narrow(self, amendments: AmendmentQuerySet) -> AmendmentQuerySet:
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return amendments.filter(**chosen)


class AmendmentForm(EditingForm):
    given = ("project", "end_before")
    hints: ClassVar[dict[str, StrOrPromise]] = {
        "before": _("What had been agreed, in a sentence; not needed for an extension.")
    }
    amount_before = LocalisedDecimalField(
        label=_("Amount before"), required=False, max_digits=14, decimal_places=2, min_value=0
    )
    amount_after = LocalisedDecimalField(
        label=_("Amount after"), required=False, max_digits=14, decimal_places=2, min_value=0
    )

    class Meta:
        model = Amendment
        fields = [
            "number",
            "kind",
            *in_languages("title", "reason"),
            "end_after",
            "amount_before",
            "amount_after",
            *in_languages("before", "after"),
            "illustrative",
        ]
        widgets = {"end_after": DAY}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["end_after"].help_text = _(
            "Of an extension. The project now ends on %(day)s."
        ) % {"day": day(self.instance.project.current_end)}
        currency = self.instance.project.currency
        for name in ("amount_before", "amount_after"):
            self.fields[name].help_text = _("Of a change of the budget, in %(currency)s.") % {
                "currency": currency
            }
        if not self.instance.pk:
            amendments = self.instance.project.amendments
            latest = amendments.aggregate(Max("number"))["number__max"] or 0
            self.initial["number"] = latest + 1

    def clean(self) -> dict[str, Any]:
        """Makes sure that only an extension changes the project's end, from the present one."""
        cleaned = super().clean()
        is_extension = cleaned.get("kind") == Amendment.Kind.EXTENSION
        if cleaned.get("end_after") and not is_extension:
            self.add_error("end_after", _("Only an extension changes the end; leave this empty."))
        present = self.instance.project.current_end
        if cleaned.get("end_after") and cleaned["end_after"].year - present.year > MOST_YEARS:
            self.add_error(
                "end_after",
                _("Check the year: an extension is at most %(years)s years.")
                % {"years": MOST_YEARS},
            )
        self.instance.end_before = present if is_extension else None
        self._check_before_and_after(cleaned)
        return cleaned

    def _check_before_and_after(self, cleaned: dict[str, Any]) -> None:
        """Asks for what was and what is to be agreed.

        A change of the budget has both amounts or both texts, a change of the results has texts,
        and no other kind has amounts.
        """
        kind, amounts = cleaned.get("kind"), ("amount_before", "amount_after")
        given = [name for name in amounts if cleaned.get(name) is not None]
        if kind != Amendment.Kind.BUDGET:
            for name in given:
                self.add_error(
                    name, _("Only a change of the budget has amounts; leave this empty.")
                )
        elif len(given) == 1:
            missing = next(name for name in amounts if name not in given)
            self.add_error(missing, _("Enter both amounts, before and after."))
        by_words = kind == Amendment.Kind.RESULTS or (kind == Amendment.Kind.BUDGET and not given)
        for name in ("before", "after") if by_words else ():
            if not any(cleaned.get(column) for column in in_languages(name)):
                self.add_error(
                    self.boxes[name][0],
                    _("Say what was agreed before, and what is to be agreed instead."),
                )


def document_field(label: Any) -> UploadField:
    return UploadField(
        label=label,
        required=False,
        allowed=AmendmentFile.ACCEPTED,
        max_bytes=AmendmentFile.MAX_BYTES,
    )


class AmendmentFileForm(forms.Form):
    category = forms.ChoiceField(
        label=_("Kind of document"), choices=AmendmentFile.Category.choices
    )
    upload = document_field(_("File"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upload"].required = True


class SubmitAmendmentForm(DeliveredForm):
    """The day on which the donor was asked, and the reason if the committee was not."""

    field_order = ["on", "why", "upload"]

    on = PastDay(label=_("Submitted on"))
    why = long_text(
        _("Why without the committee's recommendation"),
        1000,
        help_text=_(
            "The committee has not recommended this amendment. The reason is kept with it."
        ),
    )
    upload = document_field(_("Request to the donor"))

    def __init__(self, *args: Any, amendment: Amendment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()
        if languages_of(kwargs["found"]):
            self.fields["upload"].help_text = format_lazy(
                "{} {}",
                self.fields["upload"].help_text,
                _("Choose it last: a look at a message does not keep it."),
            )
        if not amendment.needs_recommendation:
            del self.fields["why"]


class DonorAnswerForm(TextForm):
    """The day of the donor's answer, where it can be found, and what it says."""

    on = PastDay(label=_("Date of the answer"))
    reference = forms.CharField(
        label=_("Reference"),
        max_length=100,
        required=False,
        help_text=_("Of the letter or message: its number or date, for example."),
    )
    why = long_text(
        _("What the donor says"),
        1000,
        required=False,
        help_text=_("Conditions of an approval, or the reasons of a refusal."),
    )
    upload = document_field(_("Donor's letter"))

    def __init__(
        self, *args: Any, verb: str, submitted_on: date | None = None, **kwargs: Any
    ) -> None:
        """`submitted_on`: when the donor was asked, where that is known."""
        super().__init__(*args, **kwargs)
        self.submitted_on = submitted_on
        self.fields["on"].initial = timezone.localdate()
        self.fields["why"].required = verb != "approve"

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if self.submitted_on and on < self.submitted_on:
            raise forms.ValidationError(
                _("The amendment was submitted on %(day)s: the answer cannot be earlier.")
                % {"day": day(self.submitted_on)}
            )
        return on


class OwnAnswerForm(TextForm):
    """The donor answers on the portal, today, and may file a letter, which is drafted."""

    why = long_text(_("Comment"), 1000, required=False)
    upload = document_field(_("Signed amendment, or letter"))
    letter = long_text(
        _("Letter, drafted from your answer"),
        4000,
        required=False,
        rows=10,
        help_text=_("Your comment follows it, and then your name."),
    )
    files_letter = forms.BooleanField(
        label=_("File this letter with the amendment, as a Word document"), required=False
    )

    def __init__(self, *args: Any, amendment: Amendment, verb: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].required = verb != "approve"
        self.fields["letter"].initial = draft_of_answer(amendment, verb)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("files_letter"):
            cleaned["letter"] = ""
        return cleaned

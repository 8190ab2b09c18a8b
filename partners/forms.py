"""Forms for institutions, their contacts and their agreements, and fields that many forms have."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.files import CheckedFile, UploadField
from kernel.logos import LogoForm, printable_logo
from kernel.text import StrOrPromise
from partners.models import (
    Agreement,
    AgreementFile,
    Contact,
    Institution,
    InstitutionLogo,
    InstitutionName,
)

Day = TypeVar("Day", date, date | None)

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def not_to_come(day: Day) -> Day:
    if day and day > timezone.localdate():
        raise ValidationError(_("This day is in the future."))
    return day


class PastDay(forms.DateField):
    """A day that is not to come."""

    widget = DAY
    default_validators = [not_to_come]


def long_text(label: StrOrPromise, most: int, *, rows: int = 3, **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, widget=widget, **options)


def search_box(label: StrOrPromise) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=100, widget=forms.SearchInput)


def any_of(label: StrOrPromise, choices: Iterable[Any]) -> forms.ChoiceField:
    """Return a field of a filter, which lets everything through until something is chosen."""
    return forms.ChoiceField(label=label, required=False, choices=[("", _("Any")), *choices])


class InstitutionForm(LogoForm):
    class Meta:
        model = Institution
        fields = [
            "kind",
            "country",
            "identifier",
            "safeguarding_signed_on",
            "illustrative",
        ]
        field_classes = {"safeguarding_signed_on": PastDay}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logo = InstitutionLogo.objects.filter(institution=self.instance.pk).first()
        upload = self.fields["new_logo"]
        upload.help_text = format_lazy(
            "{} {}", upload.help_text, _("The cover of a report shows the logos of its donors.")
        )
        if self.logo is None:
            self.fields.pop("no_logo", None)

    def fitted(self, checked: CheckedFile) -> tuple[bytes, str]:
        return printable_logo(checked)

    def save(self, commit: bool = True) -> Institution:
        saved: Institution = super().save(commit)
        if self.cleaned_data.get("no_logo") and self.logo:
            self.logo.delete()
        if drawn := self.cleaned_data.get("new_logo"):
            content, sha256 = drawn
            InstitutionLogo.objects.update_or_create(
                institution=saved, defaults={"content": content, "sha256": sha256}
            )
        return saved


class OwnInstitutionForm(InstitutionForm):
    """The part of an institution that its own people change; its names have pages of their own."""

    class Meta(InstitutionForm.Meta):
        fields = ["kind", "country", "safeguarding_signed_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("new_logo", "no_logo"):
            self.fields.pop(name, None)


class InstitutionNameForm(EditingForm):
    given: ClassVar[tuple[str, ...]] = ("institution",)

    class Meta:
        model = InstitutionName
        fields = ["name_fr", "name_es", "name_en", "acronym", "since"]
        widgets = {"since": DAY}
        help_texts = {
            "since": _(
                "Empty: from the beginning. A document prints the name that is valid on its day."
            )
        }


class FirstNameForm(InstitutionNameForm):
    """The present name of an institution, entered together with it."""

    given = ()

    is_another = forms.BooleanField(
        label=_("It is another institution"), required=False, widget=forms.HiddenInput
    )

    def ask_whether_another(self) -> None:
        """Show the question where the register has a similar one (`add_institution`)."""
        if "is_another" in self.errors:
            self.fields["is_another"].widget = forms.CheckboxInput()


class ContactForm(EditingForm):
    meant_for_persons = ("phone",)

    given: ClassVar[tuple[str, ...]] = ("institution", "ended_on")

    class Meta:
        model = Contact
        fields = [
            "full_name",
            "title",
            "email",
            "phone",
            "language",
            "sex",
            "is_minor",
            "is_pseudonymous",
            "may_be_named",
        ]

    def __init__(self, *args: Any, may_change_address: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_change_address:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _(
                "This person signs in with this address: only they or an administrator "
                "can change it."
            )
        elif self.instance.user_id:
            self.fields["email"].required = True
            self.fields["email"].help_text = _(
                "The person signs in with this address. A notice goes to the old one."
            )


class DepartureForm(forms.Form):
    on = PastDay(label=_("Left on"))


class AgreementForm(EditingForm):
    given = ("institution",)

    class Meta:
        model = Agreement
        fields = [
            "kind",
            "reference",
            "purchase_order",
            "vendor_number",
            "fund_code",
            "signed_on",
            "starts_on",
            "ends_on",
            "tells_small_counts",
            "illustrative",
        ]
        widgets = {"starts_on": DAY, "ends_on": DAY}
        field_classes = {"signed_on": PastDay}


class FileForm(forms.Form):
    """A file of an agreement or of a duty. People declare that it holds no data about victims."""

    upload = UploadField(
        label=_("File"), allowed=AgreementFile.ACCEPTED, max_bytes=AgreementFile.MAX_BYTES
    )
    no_victim_data = forms.BooleanField(
        label=_("This file holds no data on victims, on cases or on allegations."),
        error_messages={
            "required": _("Confirm that the file holds no data on victims, or leave it out.")
        },
    )

"""Forms to request, share and verify documents, and to filter the list of downloads."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, ngettext

from accounts.models import AccessEventQuerySet
from committees.models import ActionPlan, Audience
from kernel.form_fields import field_of
from kernel.formats import file_size
from kernel.hashing_upload import PassedFile
from kernel.personal import TextForm
from partners.forms import any_of, long_text
from partners.models import Institution
from projects.models import Project
from reports.compose.blocks import pair
from reports.downloads import DownloadWay
from reports.models import About, DocumentKind, Rendition, SharedLink
from reports.services.naming import renditions_that_name


class RenditionForm(forms.Form):
    """The languages and the audience of a document, of those that the person may choose."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one language.")},
    )
    audience = forms.ChoiceField(
        label=_("For whom"), help_text=_("The audience decides what the document contains.")
    )

    def __init__(self, *args: Any, audiences: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(value, Audience(value).label) for value in audiences]
        audience = field_of(self, "audience", forms.ChoiceField)
        audience.choices = choices
        if len(choices) == 1:  # there is nothing to choose, and the heading names the audience
            audience.widget = forms.HiddenInput()
            audience.initial = choices[0][0]

    def about(self, about: About) -> About:
        """Return what the requested document is about; forms with further choices add these."""
        return about


class DocumentForm(RenditionForm):
    """Requests a document of any kind.

    Letters are addressed to an institution, and some documents compare a plan with an earlier
    version.
    """

    addressee = forms.ModelChoiceField(
        label=_("Institution"), queryset=Institution.objects.none(), empty_label=None
    )
    base = forms.ModelChoiceField(
        label=_("Compared with"), queryset=ActionPlan.objects.none(), empty_label=None
    )

    def __init__(
        self,
        *args: Any,
        addressees: QuerySet[Institution] | None = None,
        bases: QuerySet[ActionPlan] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("addressee", addressees), ("base", bases)):
            if choices is None:
                del self.fields[name]
            else:
                field_of(self, name, forms.ModelChoiceField).queryset = choices

    def about(self, about: About) -> About:
        """Return what the document is about, with the institution or version that was chosen."""
        cleaned = self.cleaned_data
        return replace(about, addressee=cleaned.get("addressee"), base=cleaned.get("base"))


class AtOnceForm(DocumentForm):
    """Requests a Word file or a plain text, which are made in the request, in one language."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ("audience", "base", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["languages"]


def complaints(form: RenditionForm) -> str:
    """Return all errors of a form, each with the name of its field, as one text for a message on
    the page that the form was on."""
    return " ".join(
        pair(form.fields[name].label, error) if name in form.fields else str(error)
        for name, errors in form.errors.items()
        for error in errors
    )


# Sharing and downloads


class SharedLinkForm(TextForm):
    """The recipient of a link, and the last day on which it opens.

    `unlisted`: why the public page cannot list the document.
    """

    label = forms.CharField(
        label=_("For whom"),
        max_length=SharedLink._meta.get_field("label").max_length,
        help_text=_("An institution or a function is enough; it need not be a person."),
    )
    until = forms.DateField(
        label=_("Last day on which it can be opened"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    is_listed = forms.BooleanField(
        label=_("List it on the public page of the portal"),
        required=False,
        help_text=_("Then anybody finds and downloads it there, until that day."),
    )

    def __init__(self, *args: Any, unlisted: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if unlisted:
            self.fields["is_listed"].disabled = True
            self.fields["is_listed"].help_text = unlisted
        today = timezone.localdate()
        self.last = today + timedelta(days=SharedLink.MAX_DAYS)
        self.initial.setdefault("until", today + timedelta(days=SharedLink.DAYS))
        self.fields["until"].widget.attrs |= {"min": str(today), "max": str(self.last)}

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until < timezone.localdate():
            raise forms.ValidationError(_("This day has passed: choose a later day."))
        if until > self.last:
            raise forms.ValidationError(
                _(
                    "A link can be open for a year at most: choose an earlier day, and "
                    "create another link then."
                )
            )
        return until

    @property
    def expires_at(self) -> datetime:
        """Return the end of the last day, in the time zone of the person who makes the link."""
        day_after = self.cleaned_data["until"] + timedelta(days=1)
        return timezone.make_aware(datetime.combine(day_after, time.min))


class WithdrawnWordsForm(TextForm):
    """Words that documents of a project may no longer hold, such as a quotation."""

    meant_for_persons = ("words",)

    words = long_text(
        _("Words that must no longer be read"),
        2000,
        rows=4,
        min_length=10,
        error_messages={
            "min_length": _("At least ten characters: many documents contain any shorter text.")
        },
        help_text=_(
            "Such as a quotation whose consent was withdrawn, as it is written in the documents. "
            "Case and accents do not matter. Texts that can still be edited are not changed: "
            "correct them as well."
        ),
    )
    confirmed = forms.BooleanField(
        label=_("Supersede the documents containing these words"), required=False
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        self.found = Rendition.objects.none()

    def clean(self) -> dict[str, Any]:
        super().clean()
        if words := self.cleaned_data.get("words"):
            self.found = renditions_that_name([words], project=self.project).current()
            found = self.found.count()
            if not found:
                self.add_error("words", _("No document of this project contains these words."))
            elif not self.cleaned_data["confirmed"]:
                self.add_error(
                    "confirmed",
                    ngettext(
                        "%(count)s document contains these words. Tick here to supersede it.",
                        "%(count)s documents contain these words. Tick here to supersede them.",
                        found,
                    )
                    % {"count": found},
                )
        return self.cleaned_data


class DownloadFilterForm(forms.Form):
    """Filters the downloads of a thing by document, language and way."""

    document = forms.ChoiceField(label=_("Document"), required=False)
    language = any_of(_("Language"), settings.LANGUAGES)
    way = any_of(_("Medium"), DownloadWay.choices)

    def __init__(self, *args: Any, kinds: Iterable[DocumentKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind.value, kind.label) for kind in kinds]
        field_of(self, "document", forms.ChoiceField).choices = [("", _("Any")), *choices]
        if len(choices) == 1:
            del self.fields["document"]

    def narrow(self, events: AccessEventQuerySet) -> AccessEventQuerySet:
        """Return the downloads that match; a value that is not among the choices filters
        nothing."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        if way := asked.pop("way", ""):
            events = events.filter(DownloadWay(way).condition)
        return events.filter(**{f"details__{name}": value for name, value in asked.items()})


# Verification


class VerifyCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Verification code"),
        max_length=40,
        help_text=_(
            "On the cover of a report, on the last page of other documents, such as 7F3A-91C2-D04E."
        ),
    )

    def clean_code(self) -> str:
        """Return the code as it is printed, however people type it: in small letters, with
        blanks."""
        letters = "".join(sign for sign in self.cleaned_data["code"] if sign.isalnum()).upper()
        if len(letters) != 12:
            raise forms.ValidationError(
                _("A code has twelve letters and digits in three groups. Check what you typed.")
            )
        return "-".join(letters[start : start + 4] for start in (0, 4, 8))


class VerifyFileForm(forms.Form):
    """A file to be checked. It may be of any kind, since somebody may have altered it."""

    MAX_BYTES = 50_000_000

    file = forms.FileField(
        label=_("The file"),
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        error_messages={
            "required": _("Choose the file that you want to check."),
            "empty": _("This file is empty; choose another one."),
        },
    )

    def clean_file(self) -> PassedFile:
        file: PassedFile = self.cleaned_data["file"]
        size = file.size or 0  # the upload handler has counted the bytes
        if size > self.MAX_BYTES:
            raise forms.ValidationError(self.too_large(size))
        return file

    @classmethod
    def too_large(cls, size: int) -> str:
        sentence = _(
            "This file has %(size)s, more than any document of this portal; the limit is "
            "%(limit)s. Check its code instead."
        )
        return sentence % {"size": file_size(size), "limit": file_size(cls.MAX_BYTES)}

"""Forms to share a document by link, and to filter the list of downloads."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, ngettext

from accounts.models import AccessEventQuerySet
from kernel.form_fields import field_of
from kernel.personal import TextForm
from projects.models import Project
from reports.downloads import DownloadWay
from reports.models import DocumentKind, Rendition, SharedLink
from reports.services.naming import renditions_that_name


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

    words = forms.CharField(
        label=_("Words that must no longer be read"),
        min_length=10,
        max_length=2000,
        error_messages={
            "min_length": _("At least ten characters: many documents contain any shorter text.")
        },
        widget=forms.Textarea(attrs={"rows": 4}),
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
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("Any")), *settings.LANGUAGES], required=False
    )
    way = forms.ChoiceField(
        label=_("Medium"), choices=[("", _("Any")), *DownloadWay.choices], required=False
    )

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

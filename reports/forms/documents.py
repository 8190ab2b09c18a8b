"""Forms to request a document."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from committees.models import ActionPlan, Audience
from kernel.form_fields import field_of
from partners.models import Institution
from reports.compose.blocks import pair
from reports.models import About


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

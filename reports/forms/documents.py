"""What is typed to ask for a document."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from committees.models import ActionPlan, Audience
from partners.models import Institution
from reports.models import About


class RenditionForm(forms.Form):
    """In which languages a document is asked for, and for whom: of the audiences offered."""

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
        self.fields["audience"].choices = choices
        if len(choices) == 1:  # nothing to choose: it is said in the form's head
            self.fields["audience"].widget = forms.HiddenInput()
            self.fields["audience"].initial = choices[0][0]


class DocumentForm(RenditionForm):
    """A document of any kind; some are addressed to an institution, some compare with an earlier
    version."""

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
                self.fields[name].queryset = choices

    def about(self, about: About) -> About:
        """What is asked for, with the choices made."""
        chosen = {name: self.cleaned_data.get(name) for name in ("addressee", "base")}
        return replace(about, **chosen)


class AtOnceForm(DocumentForm):
    """A Word file and a plain text are made at once, in one language."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ("audience", "base", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["languages"]

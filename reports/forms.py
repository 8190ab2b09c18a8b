from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.models import ActionPlan, Audience
from kernel.text import looks_personal
from partners.models import Institution
from projects.models import Period, Project
from reports.models import About, Report, ReportQuerySet, Section


class ReportFilterForm(forms.Form):
    """The filter bar above the list, read from the query string."""

    project = forms.ModelChoiceField(
        label=_("Project"),
        queryset=Project.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("All"),
    )
    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("All")), *Report.Status.choices], required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = Project.objects.visible_to(user)

    def narrow(self, reports: ReportQuerySet) -> ReportQuerySet:
        """Keep the reports asked for; a filter that makes no sense filters nothing."""
        self.is_valid()
        asked = {
            name: value for name in ("project", "status") if (value := self.cleaned_data.get(name))
        }
        return reports.filter(**asked)


class ReportForm(forms.Form):
    """For which project year a report is begun: those of the project that have none yet."""

    period = forms.ModelChoiceField(label=_("Period"), queryset=Period.objects.none())

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = project.periods.filter(kind=Period.Kind.PROJECT_YEAR, reports=None)
        self.fields["period"].queryset = free
        self.initial.setdefault("period", free.first())


class PeriodForm(forms.Form):
    """Of which period of the project; of all of them where none is named."""

    period = forms.ModelChoiceField(queryset=Period.objects.none(), required=False)

    def __init__(self, *args: Any, periods: QuerySet[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].queryset = periods


class SectionForm(forms.ModelForm):
    """The text of one section in one language, and the version its writer saw."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = Section
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 18})}

    @property
    def warnings(self) -> list[str]:
        """What looks like data on persons: warned about, never blocked."""
        return looks_personal(self.cleaned_data.get("text", ""))


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


class WordForm(DocumentForm):
    """A Word file is made at once, in one language."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ("audience", "base", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["languages"]


class StepForm(forms.Form):
    """Why a step is taken, and the day it happened on where that was not today."""

    on = forms.DateField(
        label=_("Happened on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave empty for today."),
    )
    why = forms.CharField(
        label=_("Reason or reference"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].required = needs_reason

    def clean_on(self) -> date | None:
        on = self.cleaned_data["on"]
        if on and on > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return on


class VerifyForm(forms.Form):
    code = forms.CharField(
        label=_("Verification code"),
        max_length=40,
        help_text=_("On the last page of the document, such as 7F3A-91C2-D04E."),
    )

    def clean_code(self) -> str:
        """The code as people type it: in small letters, with blanks, without hyphens."""
        letters = "".join(sign for sign in self.cleaned_data["code"] if sign.isalnum()).upper()
        if len(letters) != 12:
            raise forms.ValidationError(
                _("A code has twelve letters and digits in three groups. Check what you typed.")
            )
        return "-".join(letters[start : start + 4] for start in (0, 4, 8))

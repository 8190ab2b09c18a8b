"""Forms for a project's facts, periods and participating institutions."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any, cast

from django import forms
from django.db.models import F, Max, QuerySet
from django.forms.models import ModelChoiceIterator
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_countries.fields import Country

from kernel.editing import EditingForm, Folded
from kernel.form_fields import CurrencyField, choose_from, field_of
from kernel.formats import LocalisedDecimalField, day
from kernel.languages import LANGUAGES
from kernel.names import plain
from partners.forms import DAY, any_of, search_box
from partners.models import Agreement, Institution, InstitutionQuerySet
from partners.naming import by_shown_name
from projects.models import Participation, Period, Project, Result
from projects.training import refuse_training


def in_languages(*names: str) -> list[str]:
    return [f"{name}_{language}" for name in names for language in LANGUAGES]


class ResultChoice(forms.ModelChoiceField):
    def label_from_instance(self, result: Result) -> str:
        """Shorten the statement, which may be a paragraph, so that the list fits the page."""
        return str(result)[:80]


class LanguagesField(forms.TypedChoiceField):
    """Working languages, in one of their orders."""

    def __init__(self, **kwargs: Any) -> None:
        orders = [
            order
            for number in range(1, len(LANGUAGES) + 1)
            for order in permutations(LANGUAGES, number)
        ]
        choices = [
            (
                ",".join(order),
                format_lazy(", ".join(["{}"] * len(order)), *map(LANGUAGES.get, order)),
            )
            for order in orders
        ]
        super().__init__(choices=choices, coerce=self.list_of, **kwargs)

    @staticmethod
    def list_of(value: str | list[str]) -> list[str]:
        return value.split(",") if isinstance(value, str) else value

    def prepare_value(self, value: Any) -> Any:
        return ",".join(value) if isinstance(value, list) else value


class ProjectFilterForm(forms.Form):
    q = search_box(_("Title or code"))
    status = any_of(_("Status"), Project.Status.choices)


class ProjectForm(EditingForm):
    readers = _("The team, the committee, the partners and the donor read it.")

    languages = LanguagesField(
        label=_("Working languages"),
        help_text=_(
            "Forms ask for the first one; any one is enough. Readers without a text in "
            "their own language see it in the first of these in which it exists."
        ),
    )

    currency = CurrencyField(
        help_text=_("Three letters, such as CAD: the currency of the agreement with the donor.")
    )
    report_languages = forms.MultipleChoiceField(
        label=_("Languages of reports"),
        required=False,
        choices=LANGUAGES.items(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Languages in which the agreement requires reports. Anybody who submits one "
            "without them has to say why."
        ),
    )

    class Meta:
        model = Project
        fields = [
            *in_languages("short_title", "title", "description"),
            "languages",
            "report_languages",
            "country",
            "donor_number",
            "status",
            "starts_on",
            "actual_start",
            "actual_end",
            "code_of_conduct_on",
            "currency",
            "plan_amounts_open",
            "preset",
            "training",
            *in_languages("source_note"),
            "illustrative",
        ]
        widgets = dict.fromkeys(
            ("starts_on", "actual_start", "actual_end", "code_of_conduct_on"), DAY
        ) | {name: forms.Textarea(attrs={"rows": 6}) for name in in_languages("description")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A list of orders would begin with its first, whatever the organisation works in.
        if self.instance.status != Project.Status.CLOSED:
            # Closing has a page of its own, which says what it does.
            status = field_of(self, "status", forms.ChoiceField)
            status.choices = [
                each for each in Project.Status.choices if each[0] != Project.Status.CLOSED
            ]
        self.initial.setdefault("languages", self.instance.languages)
        for name in ("preset", "languages"):  # what does not say it leaves it as it is
            self.fields[name].required = False

    def clean_languages(self) -> list[str]:
        languages: list[str] = self.cleaned_data["languages"] or self.instance.languages
        return languages

    def clean_training(self) -> bool:
        training: bool = self.cleaned_data["training"]
        if training and self.instance.pk and not self.instance.training:
            refuse_training(self.instance)
        return training

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        start = cleaned.get("starts_on")
        end = cleaned.get("original_end") or self.instance.original_end
        if start and end and end <= start:
            self.add_error(
                "original_end" if "original_end" in self.fields else "starts_on",
                _("A project has to end after it starts; this one ends on %(day)s.")
                % {"day": day(end)},
            )
        return cleaned


class NewProjectForm(ProjectForm):
    """Adds a project. Code and original end are entered once; only an amendment moves the current
    end. What can wait is folded, and so is the long title, for which the short one does."""

    FIRST = (
        *("short_title", "code", "languages", "country", "donor_number"),
        *("starts_on", "original_end", "currency", "coordinates"),
    )

    coordinates = forms.BooleanField(
        label=_("I coordinate this project"),
        required=False,
        help_text=_("What waits for the coordination is on your home page then."),
    )

    class Meta(ProjectForm.Meta):
        fields = ["code", *ProjectForm.Meta.fields]
        fields.insert(fields.index("starts_on") + 1, "original_end")
        widgets = ProjectForm.Meta.widgets | {"original_end": DAY}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("Letters, digits, points and hyphens, such as HN-TRATA.")
        self.order_fields([box for name in self.FIRST for box in self.boxes.get(name, [name])])
        # No currency is the usual one of every office: the newest project tells which is here.
        newest = Project.objects.order_by("pk").values_list("currency", flat=True).last()
        self.initial["currency"] = newest or ""
        title = self.first_box("title")
        title.required, title.help_text = False, _("Empty: the short title.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not any(cleaned.get(box) for box in self.boxes["title"]):
            short = {box: cleaned.get(f"short_{box}", "") for box in self.boxes["title"]}
            cleaned |= short
            self.changed_data += [box for box, text in short.items() if text]
        return cleaned

    def _layout(self) -> Iterator[Any]:
        parts = {getattr(part, "name", part): part for part in super()._layout()}
        yield from (parts.pop(name) for name in self.FIRST)
        boxes = [box for name in parts for box in self.boxes.get(name, [name])]
        yield Folded(*parts.values(), is_open=any(box in self.errors for box in boxes))

    def save(self, commit: bool = True) -> Project:
        self.instance.current_end = self.instance.original_end
        saved: Project = super().save(commit)
        return saved


class ProjectPeriodForm(EditingForm):
    given = ("project",)

    class Meta:
        model = Period
        fields = ["kind", "number", "start", "end", "attested_on", "notifications"]
        widgets = {"start": DAY, "end": DAY, "attested_on": DAY}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            years = self.instance.project.periods.filter(kind=self.instance.kind)
            self.initial["number"] = (years.aggregate(Max("number"))["number__max"] or 0) + 1


class ByShownName(ModelChoiceIterator):
    """Institutions that are sorted `by_name`, in the order of what the reader sees."""

    put_in_order = staticmethod(by_shown_name)

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        if self.field.empty_label is not None:
            yield "", str(self.field.empty_label)
        for institution in self.put_in_order(self.queryset):
            yield self.choice(institution)


class ByLabel(ModelChoiceIterator):
    """Choices in the order of their labels, which are what the reader sees."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        yield from sorted(super().__iter__(), key=lambda row: (bool(row[0]), plain(str(row[1]))))


def sort_by_label(form: forms.BaseForm, name: str) -> None:
    field_of(form, name, forms.ModelChoiceField).iterator = ByLabel


class InstitutionChoice(forms.ModelChoiceField):
    iterator = ByShownName

    def label_from_instance(self, institution: Institution) -> str:
        return institution.name


class AttachableInstitutionChoice(forms.ModelChoiceField):
    """Shows the name and the country alone: who works there is for its own projects."""

    def label_from_instance(self, institution: Institution) -> str:
        country = cast(Country, institution.country)  # the stubs take it for its code
        return f"{institution.name} ({country.name})"


def by_name(institutions: InstitutionQuerySet) -> InstitutionQuerySet:
    return in_order_of_names(institutions).with_names()


def in_order_of_names(institutions: InstitutionQuerySet) -> InstitutionQuerySet:
    return institutions.with_present_name().order_by(F("present_name"), "pk")


class ParticipationForm(EditingForm):
    given = ("project",)
    institution = AttachableInstitutionChoice(
        label=_("Institution"), queryset=Institution.objects.none()
    )

    class Meta:
        model = Participation
        fields = ["institution", "role"]

    def __init__(self, *args: Any, institutions: InstitutionQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, institution=by_name(institutions))


class ParticipationAgreementForm(EditingForm):
    """Edits the role, agreement and contribution of an institution."""

    given = ("project", "institution")
    amount = LocalisedDecimalField(
        label=_("Amount"),
        max_digits=14,
        decimal_places=2,
        required=False,
    )

    class Meta:
        model = Participation
        fields = ["role", "agreement", "amount"]

    def __init__(self, *args: Any, agreements: QuerySet[Agreement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = agreements.filter(institution=self.instance.institution)
        # What is named already stays to be chosen, whoever may see it elsewhere.
        own |= Agreement.objects.filter(pk=self.instance.agreement_id)
        choose_from(self, agreement=own)
        self.fields["agreement"].help_text = format_html(
            '{} <a href="{}">{}</a>',
            _("Agreements are entered on the page of the institution."),
            self._new_agreement(),
            _("Enter an agreement"),
        )
        self.fields["amount"].help_text = _(
            "What the institution contributes to the project, in %(currency)s."
        ) % {"currency": self.instance.project.currency}

    def _new_agreement(self) -> str:
        """Return where one is entered; from there the way leads back here."""
        place = self.instance
        back = reverse("projects:participation-edit", args=[place.project.code, place.pk])
        url = reverse("partners:agreement-create", args=[place.institution_id])
        return f"{url}?{urlencode({'back': back})}"

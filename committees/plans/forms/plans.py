"""Forms of plans and their actions, and the filters of their list."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.forms import day_input
from committees.models import Action, ActionPlan, ActionTerms, Resolution
from committees.models.plan import ActionPlanQuerySet
from committees.permissions.resolutions import visible_resolutions
from committees.plans.services.cells import full_name
from committees.plans.services.lifecycle import change_origin, keep_action, propose_reference
from committees.plans.services.reading import in_order
from committees.plans.services.writing import reference_taken
from kernel.editing import EditingForm
from kernel.form_fields import field_of
from kernel.formats import LocalisedDecimalField, day_range
from partners.models import Institution
from projects.choosing import OfProjects
from projects.forms import ByShownName
from projects.models import Indicator, Participation, Period, Project, Result


class ByKind(ByShownName):
    put_in_order = staticmethod(in_order)


class InstitutionField(forms.ModelChoiceField):
    iterator = ByKind

    def label_from_instance(self, institution: Institution) -> str:
        return full_name(institution)


class InstitutionsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, institution: Institution) -> str:
        return full_name(institution)


class PlanFilterForm(OfProjects):
    """The filter bar above the list; a filter that makes no sense filters nothing."""

    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("Any")), *ActionPlan.Status.choices], required=False
    )

    def __init__(self, *args: Any, projects: Iterable[Project | int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(projects)

    def narrow(self, plans: ActionPlanQuerySet) -> ActionPlanQuerySet:
        if (projects := self.chosen_projects) is not None:
            plans = plans.filter(project__in=projects)
        chosen = self.cleaned_data
        if status := chosen.get("status"):
            plans = plans.filter(status=status)
        return plans


TIME_TO_ACT = timedelta(days=90)


class YearChoice(forms.ModelChoiceField):
    def label_from_instance(self, year: Period) -> str:
        return f"{year} ({day_range(year.start, year.end)})"


class PlanForm(forms.Form):
    """Asks for the project year; the number of the version follows from it."""

    period = YearChoice(
        Period.objects.none(),
        label=_("Project year"),
        help_text=_("If the year has a validated plan, this starts its next version."),
    )

    begin_with = forms.ChoiceField(
        label=_("Start with"),
        required=False,
        help_text=_(
            "Actions of another plan are copied with their wording, and their dates are "
            "moved into the year. A new version takes over the actions of the version "
            "before."
        ),
    )

    USUAL = "usual"

    def __init__(
        self, *args: Any, project: Project, plans: ActionPlanQuerySet, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        years = project.periods.filter(kind=Period.Kind.PROJECT_YEAR)
        field_of(self, "period", forms.ModelChoiceField).queryset = years.order_by("start")
        self.has_years = years.exists()
        if not self.initial.get("period"):
            # The first project year without a plan in which there is time left to carry one out.
            coming = years.filter(plans=None, end__gte=project.today + TIME_TO_ACT)
            self.initial["period"] = coming.order_by("start").first()
        self.plans = plans_to_copy(plans)
        own: list[tuple[str, str]] = []
        others: list[tuple[str, str]] = []
        for plan in self.plans:
            is_own = plan.project_id == project.pk
            name = str(plan) if is_own else f"{plan.project} · {plan}"
            (own if is_own else others).append((str(plan.pk), name))
        field_of(self, "begin_with", forms.ChoiceField).choices = [
            ("", _("An empty plan")),
            (self.USUAL, _("The usual actions of a year")),
            *([(_("A plan of this project"), own)] if own else []),
            *([(_("A plan of another project"), others)] if others else []),
        ]

    @property
    def beginning(self) -> dict[str, Any]:
        """What the plan begins with, for `begin_plan`."""
        chosen = self.cleaned_data["begin_with"]
        source = next((plan for plan in self.plans if str(plan.pk) == chosen), None)
        return {"source": source, "usual": chosen == self.USUAL}


def plans_to_copy(plans: ActionPlanQuerySet) -> ActionPlanQuerySet:
    """Return those that have actions, each project's latest first."""
    filled = plans.exclude(terms=None).distinct().select_related("project", "period")
    return filled.order_by("project__code", "-period__start", "-version")


class PlanChoice(forms.ModelChoiceField):
    def label_from_instance(self, plan: ActionPlan) -> str:
        return f"{plan.project} · {plan}"


class CopyPlanForm(forms.Form):
    """Chooses the plan that is copied, and who is responsible here for what somebody else did."""

    source = PlanChoice(label=_("Copy the actions of"), queryset=ActionPlan.objects.none())
    otherwise = InstitutionField(
        label=_("Responsible if the institution is not one of your partners"),
        queryset=Institution.objects.none(),
    )

    def __init__(
        self, *args: Any, plan: ActionPlan, plans: ActionPlanQuerySet, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        others = plans_to_copy(plans.exclude(pk=plan.pk))
        field_of(self, "source", forms.ModelChoiceField).queryset = others
        places = plan.project.participations
        partners = Institution.objects.filter(pk__in=places.values("institution")).with_names()
        own = places.filter(role=Participation.Role.ACCOUNTABLE).first() or places.first()
        field = field_of(self, "otherwise", forms.ModelChoiceField)
        field.queryset, field.initial = partners, own and own.institution_id


class TermsForm(EditingForm):
    """What every form of an action asks. The model checks whether its dates fit."""

    lock_first = "plan"

    reference = Action._meta.get_field("reference").formfield(
        validators=Action._meta.get_field("reference").validators
    )
    responsible = InstitutionField(Institution.objects.none(), label=_("Responsible"))
    budget = LocalisedDecimalField(
        label=_("Budget"), required=False, max_digits=14, decimal_places=2
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project = self.instance.plan.project
        institutions = Institution.objects.filter(participations__project=project).distinct()
        field_of(self, "responsible", forms.ModelChoiceField).queryset = institutions.with_names()
        field_of(self, "result", forms.ModelChoiceField).queryset = project.results.all()

    def clean_reference(self) -> str:
        reference: str = self.cleaned_data["reference"]
        plan = self.instance.plan
        if Action.objects.filter(project=plan.project_id, reference=reference).exists():
            raise forms.ValidationError(
                _("The project already has an action %(reference)s. The next free one is %(next)s.")
                % {"reference": reference, "next": propose_reference(plan)}
            )
        return reference


class ActionForm(TermsForm):
    """An action as a version of the plan has it."""

    supporting = InstitutionsField(
        Institution.objects.none(), label=_("With support of"), required=False
    )
    origin = forms.ModelChoiceField(
        Resolution.objects.none(),
        label=_("Comes from"),
        required=False,
        help_text=_("The decision or recommendation that this action carries out."),
    )

    class Meta:
        model = ActionTerms
        fields = [
            "title_fr",
            "title_es",
            "title_en",
            "starts_on",
            "ends_on",
            "responsible",
            "supporting",
            "result",
            "activity",
            "indicators",
            "deliverable_fr",
            "deliverable_es",
            "deliverable_en",
            "budget",
        ]
        widgets = {
            "starts_on": day_input(),
            "ends_on": day_input(),
            "indicators": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, user: User, result: Result | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan, project = self.instance.plan, self.instance.plan.project
        institutions = field_of(self, "responsible", forms.ModelChoiceField).queryset
        field_of(self, "supporting", forms.ModelChoiceField).queryset = institutions
        field_of(self, "activity", forms.ModelChoiceField).queryset = project.activities.all()
        field_of(self, "indicators", forms.ModelChoiceField).queryset = Indicator.objects.filter(
            result__project=project
        ).select_related("result")
        self.fields["budget"].help_text = project.currency
        self._offer_origins(user, project)
        if self.instance.action_id:
            del self.fields["reference"]
            self.initial["origin"] = self.instance.action.origin_id
        else:
            self.fields["reference"].help_text = _(
                "Proposed by the portal. It stays with the action in all versions."
            )
            self.initial.setdefault("reference", propose_reference(plan, result))
            self.initial["result"] = result

    def _offer_origins(self, user: User, project: Project) -> None:
        """Offer what was adopted or issued and still holds, and the action's present origin, whatever
        became of it."""
        offered = visible_resolutions(user, project).adopted()
        offered = offered.exclude(status=Resolution.Status.SUPERSEDED)
        if self.instance.action_id and self.instance.action.origin_id:
            offered = offered | Resolution.objects.filter(pk=self.instance.action.origin_id)
        field_of(self, "origin", forms.ModelChoiceField).queryset = offered

    def clean_supporting(self) -> list[Institution]:
        """Leave out the responsible institution, which does not support itself."""
        responsible = self.cleaned_data.get("responsible")
        return [one for one in self.cleaned_data["supporting"] if one != responsible]

    def record(self) -> Action:
        """Raise Refusal if the terms were closed meanwhile, ValidationError if somebody has used
        the reference since the form was checked."""
        self.note_translations()
        try:
            return self._record()
        except IntegrityError:
            raise forms.ValidationError({"reference": reference_taken()}) from None

    @transaction.atomic
    def _record(self) -> Action:
        fields = self.cleaned_data
        if self.instance.action_id and "origin" in self.changed_data:
            change_origin(self.instance.action, fields["origin"])
        return keep_action(
            self.instance,
            reference=fields.get("reference", ""),
            origin=fields["origin"],
            supporting=fields["supporting"],
            indicators=fields["indicators"],
        )

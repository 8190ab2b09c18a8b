"""Forms to filter the register of institutions, to add one to a project, and to let people represent
it there."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.form_fields import choose_from, field_of
from kernel.stamps import StampedForm
from partners.forms import DAY, ContactForm, PastDay, any_of, search_box
from partners.models import Contact, Institution, InstitutionQuerySet
from projects.choosing import OfProjects
from projects.models import (
    InstitutionChange,
    NamedTo,
    NamingChoice,
    NamingPrecaution,
    Participation,
    PrecautionLift,
    Project,
    Representation,
)
from projects.models.places import DIRECT_ROLES


class InstitutionFilterForm(OfProjects):
    q = search_box(_("Name"))
    kind = any_of(_("Kind"), Institution.Kind.choices)
    field_order = ("q", "kind", "project")

    def __init__(self, *args: Any, projects: Iterable[Project | int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(projects)


class InstitutionPlaceForm(forms.Form):
    """Chooses the project in which a new institution takes part. Without one, the coordinator who
    created it could not see it again."""

    project = forms.ModelChoiceField(
        label=_("Project"), queryset=Project.objects.none(), to_field_name="code"
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[("", _("According to its kind")), *Participation.Role.choices],
        required=False,
    )

    def __init__(
        self, *args: Any, projects: QuerySet[Project], required: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, project=projects)
        self.fields["project"].required = required


class RepresentationForm(ContactForm):
    """A person, typed once: their entry in the directory, and what they may do in the project."""

    meant_for_persons = ("phone",)

    # Not compared with the directory: a refusal would say who works at the institution.
    given: ClassVar[tuple[str, ...]] = ()

    class Meta(ContactForm.Meta):
        fields = ["full_name", "title", "email", "phone", "language"]

    right = forms.ChoiceField(
        label=_("What they may do for the donor"),
        choices=Representation.Right,
        initial=Representation.Right.READS,
        help_text=_(
            "A person who accepts answers for the donor: on reports, plans and amendments."
        ),
    )
    reason = forms.CharField(
        label=_("How you know that they represent it"),
        max_length=300,
        help_text=_(
            "For example: letter of the institution of March 3. It is kept in the access log."
        ),
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=DAY, help_text=_("Empty: without an end.")
    )

    def __init__(self, *args: Any, participation: Participation, **kwargs: Any) -> None:
        contact = Contact(institution=participation.institution)
        super().__init__(*args, instance=contact, **kwargs)
        self.participation = participation
        if participation.role not in DIRECT_ROLES:
            self.fields["email"].required = True
        if participation.role != Participation.Role.FUNDING:
            # An embassy reads, unless the donor or an administrator says otherwise later.
            del self.fields["right"]

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise ValidationError(
                _("The access begins today: choose a later day, or leave it open-ended.")
            )
        return until

    def facts(self) -> dict[str, Any]:
        """Return what is granted, apart from the person."""
        names = ("right", "reason", "until")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class RepresentationChangeForm(StampedForm):
    class Meta:
        model = Representation
        fields = ["right", "until"]
        widgets = {"until": DAY}

    def __init__(self, *args: Any, may_change_right: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_change_right:
            del self.fields["right"]


class InstitutionChangeForm(StampedForm):
    class Meta:
        model = InstitutionChange
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}


class NamingChoiceForm(StampedForm):
    """What an institution said about where it may be named: each time a new entry."""

    project = forms.ModelChoiceField(
        label=_("Where it applies"),
        queryset=Project.objects.none(),
        required=False,
        empty_label=_("All its projects"),
    )

    class Meta:
        model = NamingChoice
        fields = [
            "project",
            "to_committee",
            "to_partners",
            "to_donor",
            "to_public",
            "excludes_state",
            "excluded",
            "said_on",
            "channel",
            "reason",
        ]
        widgets = {
            "excluded": forms.CheckboxSelectMultiple,
            "reason": forms.Textarea(attrs={"rows": 3}),
        }
        field_classes = {"said_on": PastDay}
        labels = {
            "excludes_state": _("Institutions of the State"),
            "excluded": _("To none of these"),
        }
        help_texts = {
            "to_committee": _(
                "Also people of the donor and of the State who hold a seat. Leave them "
                "out below if they must not read the name."
            ),
        }

    def __init__(
        self,
        *args: Any,
        projects: list[Project],
        everywhere: bool,
        visible: InstitutionQuerySet,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        place = field_of(self, "project", forms.ModelChoiceField)
        keys = [project.pk for project in projects]
        place.queryset = Project.objects.filter(pk__in=keys)
        if not everywhere:
            place.required = True
            # Of several projects none is chosen beforehand: it would be another one than meant.
            place.empty_label = None if len(projects) == 1 else "---------"
            place.help_text = _(
                "It applies in this project alone. For all projects only the institution chooses, "
                "or an administrator."
            )
        others = field_of(self, "excluded", forms.ModelMultipleChoiceField)
        others.queryset = visible.exclude(pk=self.instance.institution_id).with_names()

    @property
    def audience_fields(self) -> list[forms.BoundField]:
        return [self[f"to_{audience}"] for audience in NamedTo.values]


BY_ITSELF = (NamingChoice.Channel.PORTAL, NamingChoice.Channel.PRECAUTION)
CHANNELS = [choice for choice in NamingChoice.Channel.choices if choice[0] not in BY_ITSELF]


class PrecautionForm(StampedForm):
    class Meta:
        model = NamingPrecaution
        fields = ["reason"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 3})}


class AgreedLiftForm(StampedForm):
    """How and when the institution agreed; `projects`: in which of them the coordination lifts it,
    or None for all."""

    class Meta:
        model = PrecautionLift
        fields = ["project", "agreed_on", "channel", "reason"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 3})}
        field_classes = {"agreed_on": PastDay}
        labels = {"project": _("Where it applies")}

    def __init__(self, *args: Any, projects: list[Project] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True
        field_of(self, "channel", forms.ChoiceField).choices = [("", "---------"), *CHANNELS]
        if projects is None:
            del self.fields["project"]
            return
        place = field_of(self, "project", forms.ModelChoiceField)
        place.queryset = Project.objects.filter(pk__in=[project.pk for project in projects])
        place.required, place.empty_label = True, None

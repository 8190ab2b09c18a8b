"""The form of what a report shows at a glance."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.files import PICTURES
from kernel.form_fields import field_of
from kernel.text import columns_of
from projects.models import Evidence, Indicator
from reports.models import GlanceChoice
from reports.models.glance import MOST_FIGURES


class GlanceForm(EditingForm):
    readers = _(
        "The committee, the donor and the partners read the report, and anybody once it is published."
    )
    given: ClassVar[tuple[str, ...]] = ("report",)
    hints = {
        "quotation": _("One or two sentences. They are printed as they are written here."),
        "source": _(
            "Never a name: what the person does, such as “trainer at a partner institution”. Minors "
            "are not quoted."
        ),
    }

    class Meta:
        model = GlanceChoice
        fields = [
            "indicators",
            "photo",
            "without_photo",
            *columns_of("quotation", "source"),
            "consent",
            "consent_on",
        ]
        widgets = {
            "indicators": forms.CheckboxSelectMultiple,
            "consent_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            **{name: forms.Textarea(attrs={"rows": 3}) for name in columns_of("quotation")},
        }
        help_texts = {
            "indicators": _(
                "Four to six. If you choose none, the portal takes them from the results."
            ),
            "photo": _("Only photographs that may be published, with the consent of those shown."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        report = self.instance.report
        indicators = Indicator.objects.filter(result__project=report.project).exclude(
            measure=Indicator.Measure.QUALITATIVE
        )
        figures = field_of(self, "indicators", forms.ModelMultipleChoiceField)
        figures.queryset = indicators.select_related("result").order_by("code", "pk")
        photo = field_of(self, "photo", forms.ModelChoiceField)
        photo.queryset = Evidence.objects.shared().filter(
            activity__project=report.project, kind__in=PICTURES
        )
        photo.empty_label = str(_("The portal chooses"))

    def clean_indicators(self) -> Any:
        chosen = self.cleaned_data["indicators"]
        if len(chosen) > MOST_FIGURES:
            raise ValidationError(
                _("Choose at most %(most)s figures: the page has no room for more.")
                % {"most": MOST_FIGURES}
            )
        return chosen

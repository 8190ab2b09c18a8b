"""What may be typed about changes of what had been agreed."""

from typing import Any

from django import forms
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.formats import day
from partners.forms import DAY, not_to_come
from projects.forms.project import in_languages
from projects.models import Amendment


class AmendmentForm(EditingForm):
    given = ("project", "end_before")

    class Meta:
        model = Amendment
        fields = [
            "number",
            "kind",
            *in_languages("title", "reason"),
            "end_after",
            *in_languages("before", "after"),
            "illustrative",
        ]
        widgets = {"end_after": DAY}
        help_texts = {
            "before_fr": _("What had been agreed, in a sentence; not needed for an extension."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["end_after"].help_text = _(
            "Of an extension. The project now ends on %(day)s."
        ) % {"day": day(self.instance.project.current_end)}
        if not self.instance.pk:
            amendments = self.instance.project.amendments
            latest = amendments.aggregate(Max("number"))["number__max"] or 0
            self.initial["number"] = latest + 1

    def clean(self) -> dict[str, Any]:
        """An extension starts from the present end; nothing else moves it."""
        cleaned = super().clean()
        is_extension = cleaned.get("kind") == Amendment.Kind.EXTENSION
        if cleaned.get("end_after") and not is_extension:
            self.add_error("end_after", _("Only an extension changes the end; leave this empty."))
        self.instance.end_before = self.instance.project.current_end if is_extension else None
        return cleaned


class DonorAnswerForm(forms.Form):
    """The day of the donor's answer, and where it can be found."""

    on = forms.DateField(label=_("Date of the answer"), widget=DAY)
    reference = forms.CharField(
        label=_("Reference"),
        max_length=100,
        required=False,
        help_text=_("Of the letter or message, such as its number or date."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()

    def clean_on(self) -> Any:
        return not_to_come(self.cleaned_data["on"])

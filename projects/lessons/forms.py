"""Forms for lessons learned."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.form_fields import choose_from
from kernel.text import StrOrPromise
from partners.forms import DAY
from projects.forms import ResultChoice, in_languages
from projects.models import Lesson, Project, Result


class LessonFilterForm(forms.Form):
    result = ResultChoice(
        label=_("Result"), queryset=Result.objects.none(), required=False, empty_label=_("Any")
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, result=project.results.all())

    def narrow(self, rows: QuerySet[Lesson]) -> QuerySet[Lesson]:
        result = self.cleaned_data.get("result")
        return rows.filter(result=result) if result else rows


class LessonForm(EditingForm):
    readers = _("Everybody who sees the project reads it.")
    given = ("project",)
    hints: ClassVar[dict[str, StrOrPromise]] = {
        "happened": _("What led to it. Name no persons, and never write data on victims.")
    }
    result = ResultChoice(
        label=_("Result"),
        queryset=Result.objects.none(),
        required=False,
        empty_label=_("The whole project"),
    )

    class Meta:
        model = Lesson
        fields = [
            *in_languages("learned", "happened", "change"),
            "result",
            "noted_on",
            "illustrative",
        ]
        widgets = {"noted_on": DAY} | {
            name: forms.Textarea(attrs={"rows": 3})
            for name in in_languages("learned", "happened", "change")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, result=self.instance.project.results.all())

"""Lessons learned: what happened, what the project learned from it, and what it changes."""

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from kernel.keys import by_whom
from kernel.text import Multilingual, translated
from projects.models.project import Project
from projects.models.result import Result


class Lesson(Multilingual):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="lessons")
    learned = translated(models.TextField(_("what was learned"), max_length=500))
    happened = translated(models.TextField(_("what happened"), max_length=2000))
    change = translated(models.TextField(_("what changes"), max_length=1000, blank=True))
    result = models.ForeignKey(
        Result,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="lessons",
        verbose_name=_("result"),
    )
    noted_on = models.DateField(
        _("day"),
        default=timezone.localdate,
        help_text=_("When it was learned: a report shows the lessons of its period."),
    )
    recorded_by = by_whom()
    illustrative = models.BooleanField(_("illustrative"), default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["project", "-noted_on", "-pk"]
        verbose_name = _("lesson learned")
        verbose_name_plural = _("lessons learned")

    def __str__(self) -> str:
        return Truncator(self.learned).chars(80)

    def get_absolute_url(self) -> str:
        return reverse("projects:lesson", args=[self.project.code, self.pk])

    def clean(self) -> None:
        if self.noted_on and self.noted_on > timezone.localdate():
            raise ValidationError({"noted_on": _("This day is in the future.")})

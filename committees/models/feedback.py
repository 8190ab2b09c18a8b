"""Anonymous feedback on a meeting, at most once for each person.

Two rows are stored separately. An answer has no person, no time and no order (its key is random);
the row that somebody answered has no answer.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from committees.models.meeting import Meeting


class Feedback(models.Model):
    class Mark(models.IntegerChoices):
        NO = 1, _("No")
        RATHER_NO = 2, _("Rather no")
        RATHER_YES = 3, _("Rather yes")
        YES = 4, _("Yes")

    # With fewer answers than these no sums are shown: one could guess who gave them.
    FEWEST_FOR_COORDINATION = 3
    FEWEST_FOR_MEMBERS = 5

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="feedback")
    prepared = models.PositiveSmallIntegerField(
        _("The agenda and documents arrived in time and were clear."), choices=Mark
    )
    heard = models.PositiveSmallIntegerField(
        _("My institution could say what it had to say."), choices=Mark
    )
    useful = models.PositiveSmallIntegerField(
        _("What was decided is clear to me, and useful."), choices=Mark
    )
    text = models.TextField(_("What should be different next time?"), blank=True, max_length=2000)

    QUESTIONS = ("prepared", "heard", "useful")

    class Meta:
        ordering = ["id"]
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.CheckConstraint(
                name="feedback_marks_from_1_to_4",
                condition=Q(prepared__range=(1, 4), heard__range=(1, 4), useful__range=(1, 4)),
            )
        ]

    def __str__(self) -> str:
        return str(self.meeting)


class FeedbackGiven(models.Model):
    """That a person has answered, so that nobody answers twice."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="feedback_given")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("feedback given")
        verbose_name_plural = _("feedback given")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "by"], name="feedback_given_once")
        ]

    def __str__(self) -> str:
        return str(self.meeting)

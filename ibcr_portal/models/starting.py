"""How a portal begins: the key to its first visit, and the demonstration with what it made."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.jobs import Job, JobQuerySet


class FirstVisit(models.Model):
    """The key with which somebody takes an empty portal, as a hash. Once it was used, its hash gives
    way to that of the web session that goes on with it. One row, and none once somebody has an
    account."""

    ONLY_KEY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_KEY, editable=False)
    key_hash = models.CharField(max_length=64, blank=True)
    session_hash = models.CharField(max_length=64, blank=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="firstvisit_is_one", condition=Q(pk=1)),
            models.CheckConstraint(
                name="firstvisit_key_is_good_once",
                condition=Q(key_hash="") | Q(session_hash="", used_at=None),
            ),
        ]

    def __str__(self) -> str:
        return "-"


class DemonstrationJob(Job):
    """The demonstration is being loaded or removed."""

    class Kind(models.TextChoices):
        LOAD = "load", pgettext_lazy("of the demonstration", "Load")
        REMOVE = "remove", pgettext_lazy("of the demonstration", "Remove")

    MAX_ATTEMPTS: ClassVar[int] = 3
    # Between two reports of progress lies a whole project.
    LEASE: ClassVar[timedelta] = timedelta(minutes=20)

    kind = models.CharField(max_length=10, choices=Kind)
    # The refusal that stopped it, in the language of whoever asked for it.
    why = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=2)

    objects = JobQuerySet["DemonstrationJob"].as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                Value(1),  # of whatever kind
                condition=Q(state__in=["queued", "working"]),
                name="demonstrationjob_one_at_a_time",
                violation_error_message=_("This is already being done."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class DemonstrationThing(models.Model):
    """Something that the demonstration made and that real projects may use as well, such as an
    institution or a person."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    thing = GenericForeignKey()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id"], name="demonstrationthing_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.content_type_id} {self.object_id}"

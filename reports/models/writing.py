"""Who is writing in a section at this moment."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.models.report import Report


class SectionWritingQuerySet(models.QuerySet["SectionWriting"]):
    def now(self) -> Self:
        return self.filter(seen_at__gte=SectionWriting.horizon())

    def over(self) -> Self:
        return self.filter(seen_at__lt=SectionWriting.horizon())


class SectionWriting(models.Model):
    """A person who has a section open: the page reports it while it is, and it expires soon after.

    It is only a notice and locks nothing: saving refuses to overwrite another text in any case.
    """

    LASTS = timedelta(minutes=2)

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="writing")
    # Of a section, or of the text on a result (`SectionPlace`).
    slug = models.SlugField(max_length=40)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = SectionWritingQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("writing of a section")
        verbose_name_plural = _("writings of sections")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "slug", "language", "person"], name="sectionwriting_once_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.slug}/{self.language}: {self.person_id}"

    @classmethod
    def horizon(cls) -> datetime:
        return timezone.now() - cls.LASTS

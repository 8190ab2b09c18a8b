"""A donor's own Excel form, which the portal fills with the figures of a period."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.models import User
from kernel.files import MEGABYTE, CheckedFile, StoredFile
from kernel.keys import by_whom
from projects.models.project import Project


class DonorForm(StoredFile):
    """The file is as the donor made it, with places such as `{{ spent.total }}`; each use treats it
    as hostile input (`kernel.filled_workbooks`)."""

    ACCEPTED = ("xlsx",)
    MAX_BYTES = 5 * MEGABYTE

    class Purpose(models.TextChoices):
        REPORT = "report", pgettext_lazy("of a form", "Financial report")
        REQUEST = "request", pgettext_lazy("of a form", "Request for funds")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="donor_forms")
    name = models.CharField(_("name"), max_length=80)
    purpose = models.CharField(
        _("what it is for"), max_length=10, choices=Purpose, default=Purpose.REPORT
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    added_by = by_whom()
    illustrative = models.BooleanField(_("illustrative"), default=False, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("donor's form")
        verbose_name_plural = _("donor's forms")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="donorform_name_once",
                violation_error_message=_("There is already a form with this name."),
            ),
            models.CheckConstraint(
                name="donorform_is_for_something", condition=Q(purpose__in=["report", "request"])
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("projects:donor-form", args=[self.project.code, self.pk])

    def take_file(self, checked: CheckedFile, *, by: User) -> None:
        """Store a file in place of the one before. The caller saves the row."""
        if self.file:
            self.delete_content_on_commit()
        self.keep(checked)
        self.added_by, self.uploaded_at = by, timezone.now()

    def remove(self) -> None:
        self.delete_content_on_commit()
        self.delete()

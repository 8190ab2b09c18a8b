"""IATI files that were published, uploaded or imported."""

from functools import partial
from typing import Self

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.files import MAX_NAME, private_path
from kernel.keys import by_whom
from projects.models.project import Project


class IatiPublicationQuerySet(models.QuerySet["IatiPublication"]):
    def current(self) -> Self:
        return self.filter(ended_at=None)


class IatiPublication(models.Model):
    """A file as it was made public, kept unchanged. At most one of a project is public; the next
    one or a withdrawal ends it."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="iati_publications")
    file = models.FileField(_("file"), upload_to=private_path, max_length=200)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    published_at = models.DateTimeField(_("published on"), default=timezone.now)
    published_by = by_whom(editable=True)
    ended_at = models.DateTimeField(_("public until"), null=True, blank=True)
    withdrawn_by = by_whom(blank=True, editable=True)

    objects = IatiPublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        verbose_name = _("IATI publication")
        verbose_name_plural = _("IATI publications")
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(ended_at=None), name="iatipublication_one_is_public"
            ),
            models.CheckConstraint(
                name="iatipublication_withdrawn_has_ended",
                condition=Q(withdrawn_by=None) | Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project.code}.xml"

    @property
    def is_public(self) -> bool:
        return self.ended_at is None


class IatiUpload(models.Model):
    """An uploaded file that waits to be confirmed; one per person."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    file = models.FileField(_("file"), upload_to=private_path, max_length=200)
    original_name = models.CharField(_("name of the file"), max_length=MAX_NAME)
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)

    class Meta:
        verbose_name = _("IATI file to be read")
        verbose_name_plural = _("IATI files to be read")

    def __str__(self) -> str:
        return self.original_name

    @classmethod
    @transaction.atomic
    def keep(cls, content: bytes, *, name: str, sha256: str, owner: User) -> "IatiUpload":
        """Keep the file and discard an earlier one of the same person."""
        for earlier in cls.objects.select_for_update().filter(owner=owner):
            earlier.discard()
        upload = cls(owner=owner, original_name=name, sha256=sha256)
        upload.file.save("activity.xml", ContentFile(content), save=False)
        upload.save()
        return upload

    def discard(self) -> None:
        """Delete the row now, and the file once the transaction is certain."""
        name = str(self.file.name)
        self.delete()
        transaction.on_commit(partial(default_storage.delete, name))


class IatiImport(models.Model):
    """The origin of a project that was imported from a file. It is a draft, which cannot be
    published, until somebody has checked it."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="iati_import")
    identifier = models.CharField(_("IATI identifier"), max_length=200, unique=True)
    version = models.CharField(_("version of IATI"), max_length=10)
    file_name = models.CharField(_("name of the file"), max_length=MAX_NAME)
    sha256 = models.CharField("SHA-256", max_length=64)
    left_out = models.JSONField(_("left out"), default=list)
    imported_at = models.DateTimeField(_("imported on"), default=timezone.now)
    imported_by = by_whom(editable=True)
    checked_at = models.DateTimeField(_("checked on"), null=True, blank=True)
    checked_by = by_whom(blank=True, editable=True)

    class Meta:
        verbose_name = _("IATI import")
        verbose_name_plural = _("IATI imports")

    def __str__(self) -> str:
        return self.identifier

    @property
    def is_draft(self) -> bool:
        return self.checked_at is None

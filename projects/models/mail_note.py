"""What people answer to messages of the portal by mail, about a thing of a project."""

from typing import Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from projects.models.project import Project


class MailNoteQuerySet(models.QuerySet["MailNote"]):
    def standing(self) -> Self:
        return self.exclude(audience=MailNote.Audience.NOBODY)


class MailNote(models.Model):
    """Only the coordination reads it until its author lets others read it, or withdraws it."""

    class Audience(models.TextChoices):
        COORDINATION = "coordination", _("Coordination only")
        COMMITTEE = "committee", _("Coordination and committee")
        NOBODY = "nobody", _("Nobody: I withdraw it")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="mail_notes")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    thing = GenericForeignKey()
    text = models.TextField(_("message"))
    audience = models.CharField(
        _("who reads it"), max_length=20, choices=Audience, default=Audience.COORDINATION
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)

    objects = MailNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("message by mail")
        verbose_name_plural = _("messages by mail")

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def place(self) -> str:
        """The address of the page of the thing, if it has one."""
        find = getattr(self.thing, "get_absolute_url", None)
        return str(find()) if find else ""

    @property
    def about(self) -> str:
        """The kind of thing that it is about."""
        model = self.content_type.model_class()
        return capfirst(str(model._meta.verbose_name)) if model else ""

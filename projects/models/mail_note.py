"""What people answer to messages of the portal by mail, about a thing of a project."""

from typing import Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from kernel.files import MEGABYTE, StoredFile
from kernel.keys import by_whom
from projects.models.project import Project


class MailNoteQuerySet(models.QuerySet["MailNote"]):
    def standing(self) -> Self:
        return self.exclude(audience=MailNote.Audience.NOBODY)

    def shown_as(self, name: str) -> Self:
        """Return those of one choice of the filter, or all of them."""
        chosen = {
            "unanswered": Q(answered_at=None),
            "answered": Q(answered_at__isnull=False),
            "released": Q(audience=MailNote.Audience.COMMITTEE),
            "unconfirmed": Q(is_confirmed=False),
        }
        return self.filter(chosen.get(name, Q()))


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
    # False: something came in the person's name, and nothing proves that it is theirs. Its words were
    # not kept.
    is_confirmed = models.BooleanField(default=True, db_default=True, editable=False)
    # When its author let the committee read it.
    released_at = models.DateTimeField(_("released"), null=True, editable=False)
    # In a message to the coordination, which is about several.
    announced_at = models.DateTimeField(null=True, editable=False)
    # What the coordination answered; empty if they did so in another way.
    answer = models.TextField(_("answer"), blank=True, default="", db_default="")
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    answered_by = by_whom()

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


class MailPhoto(StoredFile):
    """A photograph that came with a message. Only the coordination sees it: nobody has said yet who is
    shown, and whether they consent."""

    MAX_BYTES = 10 * MEGABYTE
    MOST = 5

    note = models.ForeignKey(MailNote, on_delete=models.CASCADE, related_name="photos")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("photograph by mail")
        verbose_name_plural = _("photographs by mail")

    def __str__(self) -> str:
        return self.original_name

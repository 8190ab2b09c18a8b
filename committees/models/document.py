"""Documents of a committee: papers of its meetings, terms of reference, signed scans, evidence."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.agenda import AgendaItem
from committees.models.audience import Audience
from committees.models.committee import Committee
from committees.models.meeting import Meeting
from kernel.files import DOCUMENTS, PICTURES, StoredFile
from kernel.languages import first_language

ACCEPTED = (*DOCUMENTS, *PICTURES)
MAX_BYTES = 20_000_000


class DocumentQuerySet(models.QuerySet["Document"]):
    def with_related(self) -> Self:
        return self.select_related("committee__project", "meeting", "agenda_item")


class Document(StoredFile):
    """A file of a committee, of one of its meetings, or of an item on the agenda of that meeting.

    It is read by its audience, where the meeting and the item are seen too
    (`committees.permissions.meetings.visible_documents`).
    """

    class Category(models.TextChoices):
        PAPER = "paper", _("Paper for the meeting")
        TERMS = "terms", _("Terms of reference")
        ATTENDANCE = "attendance", _("Signed attendance sheet")
        MINUTES = "minutes", _("Signed minutes")
        EVIDENCE = "evidence", _("Evidence")
        OTHER = "other", _("Other document")

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="documents")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    # Protected: a paper of a reserved item would otherwise become one of the whole meeting.
    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("agenda item"),
    )
    category = models.CharField(
        _("kind of document"), max_length=20, choices=Category, default=Category.PAPER
    )
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default=first_language
    )
    audience = models.CharField(
        _("audience"), max_length=20, choices=Audience, default=Audience.COMMITTEE
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    # Of the form that gave it: the same form sent twice keeps one file.
    entry_key = models.UUIDField(null=True, unique=True, editable=False)

    # Whether it came since the reader marked the news as read; the page of the meeting sets it.
    is_new = False

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.CheckConstraint(
                name="document_of_an_item_is_of_its_meeting",
                condition=Q(agenda_item=None) | Q(meeting__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("committees:document-download", args=[self.pk])

    @property
    def is_late(self) -> bool:
        """A paper that came later than the committee's days of notice before the meeting.

        What is added to a meeting recorded afterwards is never late. The rule is that of the
        terms of reference: papers go out with the invitation (`Committee.notice_asked`).
        """
        if self.category != self.Category.PAPER or self.meeting is None:
            return False
        if self.meeting.recorded_afterwards:
            return False
        is_extraordinary = self.meeting.kind == Meeting.Kind.EXTRAORDINARY
        notice = self.committee.notice_asked(extraordinary=is_extraordinary)
        latest = self.meeting.day - timedelta(days=notice)
        return timezone.localdate(self.uploaded_at, self.meeting.zone) > latest

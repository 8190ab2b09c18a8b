"""The documents of a project that the portal does not write itself: the agreement, letters in and out
with their numbers, e-mails, inventories. Each keeps all its versions.

A line of the register never goes, so no number is used twice: what has to be removed loses its files
and its words (`withdrawn_on`), and the line says why.
"""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Max, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from committees.models import AgendaItem, Resolution
from kernel.files import DOCUMENTS, PICTURES, StoredFile
from kernel.keys import by_whom
from kernel.languages import first_language
from partners.models import Institution
from projects.models import Amendment, DutyDone, Project
from reports.models.report import Report


class FiledDocumentQuerySet(models.QuerySet["FiledDocument"]):
    def present(self) -> Self:
        return self.filter(withdrawn_on=None)

    def with_related(self) -> Self:
        """With the institutions, and the versions as `all_versions`, the newest first."""
        versions = FiledVersion.objects.order_by("-number")
        rows = self.select_related("project", "sender", "recipient")
        return rows.prefetch_related(
            "sender__names",
            "recipient__names",
            Prefetch("versions", versions, to_attr="all_versions"),
        )


class FiledDocument(models.Model):
    class Kind(models.TextChoices):
        AGREEMENT = "agreement", pgettext_lazy("document", "Agreement")
        AMENDMENT = "amendment", _("Amendment to the agreement")
        LETTER_IN = "letter_in", _("Letter received")
        LETTER_OUT = "letter_out", _("Letter sent")
        EMAIL = "email", pgettext_lazy("document", "E-mail")
        REPORT = "report", _("Report or receipt")
        INVENTORY = "inventory", _("Inventory of assets")
        AUDIT = "audit", _("Audit report")
        OTHER = "other", _("Other document")

    # These get a number of the register: one series for each project and year.
    NUMBERED = frozenset({Kind.LETTER_IN, Kind.LETTER_OUT, Kind.EMAIL})

    # Filled by `with_related`.
    all_versions: "list[FiledVersion]"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="filed_documents")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default=first_language
    )
    on = models.DateField(_("date"))
    year = models.PositiveSmallIntegerField(null=True, editable=False)
    number = models.PositiveIntegerField(_("number"), null=True, editable=False)
    their_reference = models.CharField(_("the other side's reference"), max_length=100, blank=True)
    # Empty: the organisation itself.
    sender = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("from"),
    )
    recipient = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("to"),
    )
    # Who reads it beside the team. A confidential document is for the coordination, auditors and the
    # direction alone.
    for_committee = models.BooleanField(_("steering committee"), default=False)
    for_donor = models.BooleanField(_("donor"), default=False)
    for_partners = models.BooleanField(_("partners"), default=False)
    is_confidential = models.BooleanField(_("confidential"), default=False)

    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="filed_documents",
        verbose_name=_("agenda item"),
    )
    resolution = models.ForeignKey(
        Resolution,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="filed_documents",
        verbose_name=_("decision or recommendation"),
    )
    amendment = models.ForeignKey(
        Amendment,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="filed_documents",
        verbose_name=_("amendment"),
    )
    report = models.ForeignKey(
        Report,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="filed_documents",
        verbose_name=_("report"),
    )
    # What the agreement asks for, and this document fulfils.
    fulfils = models.ForeignKey(
        DutyDone, on_delete=models.SET_NULL, null=True, editable=False, related_name="documents"
    )

    # Of an e-mail. Its own text is its file; that of HTML was taken out of it.
    email_from = models.CharField(_("sender"), max_length=300, blank=True, editable=False)
    email_to = models.TextField(_("recipients"), max_length=2000, blank=True, editable=False)
    email_sha256 = models.CharField(
        _("SHA-256 of the message as it came"), max_length=64, blank=True, editable=False
    )
    # What was left out of it, and why: sentences in the language of whoever filed it.
    left_out = models.JSONField(default=list, editable=False)
    came_with = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="attachments"
    )

    filed_by = by_whom()
    filed_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_on = models.DateField(_("removed on"), null=True, editable=False)
    withdrawn_why = models.CharField(_("why it was removed"), max_length=300, blank=True)
    illustrative = models.BooleanField(_("illustrative"), default=False, editable=False)

    objects = FiledDocumentQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["email_from", "email_to", "left_out"])

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("document of a project")
        verbose_name_plural = _("documents of a project")
        indexes = [models.Index(fields=["project", "on"], name="fileddocument_of_a_project")]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "year", "number"], name="fileddocument_number_is_used_once"
            ),
            models.CheckConstraint(
                name="fileddocument_correspondence_is_numbered",
                condition=Q(
                    kind__in=["letter_in", "letter_out", "email"],
                    number__isnull=False,
                    year__isnull=False,
                )
                | (~Q(kind__in=["letter_in", "letter_out", "email"]) & Q(number=None, year=None)),
            ),
            models.CheckConstraint(
                name="fileddocument_confidential_is_for_few",
                condition=Q(is_confidential=False)
                | Q(for_committee=False, for_donor=False, for_partners=False),
                violation_error_message=_(
                    "A confidential document has no other readers: take away one or the other."
                ),
            ),
            models.CheckConstraint(
                name="fileddocument_removal_says_why",
                condition=Q(withdrawn_on=None) | ~Q(withdrawn_why=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.title}" if self.number else self.title

    def get_absolute_url(self) -> str:
        return reverse("reports:filed", args=[self.project.code, self.pk])

    @property
    def reference(self) -> str:
        """Its own reference, such as HN-TRATA-2026-014."""
        return f"{self.project.code}-{self.year}-{self.number:03}" if self.number else ""

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_on is not None

    @property
    def readers(self) -> list[str]:
        """Return who reads it, in words."""
        if self.is_confidential:
            return [str(_("Confidential"))]
        named = [
            (self.for_committee, _("Steering committee")),
            (self.for_donor, _("Donor")),
            (self.for_partners, _("Partners")),
        ]
        return [str(_("Team")), *(str(label) for holds, label in named if holds)]

    @property
    def current(self) -> "FiledVersion | None":
        """The newest version; needs rows fetched `with_related`, or one query."""
        if hasattr(self, "all_versions"):
            return self.all_versions[0] if self.all_versions else None
        return self.versions.order_by("-number").first()

    def take_number(self) -> None:
        """Give it the next number of its year. The caller holds the lock of the project."""
        same = FiledDocument.objects.filter(project=self.project_id, year=self.on.year)
        self.year = self.on.year
        self.number = (same.aggregate(last=Max("number"))["last"] or 0) + 1


class FiledVersion(StoredFile):
    """A version of a document; a new one keeps those before."""

    ACCEPTED = (*DOCUMENTS, "txt", "csv", *PICTURES)
    MAX_BYTES = 20_000_000
    MOST_AT_ONCE = 10

    document = models.ForeignKey(FiledDocument, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    note = models.CharField(_("what is different in this version"), max_length=300, blank=True)
    added_by = by_whom()

    class Meta:
        ordering = ["document", "number"]
        verbose_name = _("version of a document")
        verbose_name_plural = _("versions of documents")
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="filedversion_number_is_used_once"
            ),
            models.UniqueConstraint(
                fields=["document", "sha256"],
                name="filedversion_is_kept_once",
                violation_error_message=_("This file is already here."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} · {self.number}"

    @property
    def owner(self) -> FiledDocument:
        return self.document

"""Deliverables of activities, and the evidence that activities took place."""

from datetime import date
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from kernel.file_contents import MIME_TYPES
from kernel.files import DOCUMENTS, MAX_NAME, PICTURES, StoredFile, private_path
from kernel.keys import by_whom
from kernel.languages import first_language
from kernel.text import Multilingual, columns_of, translated
from partners.models import Institution
from projects.models.activity import Activity

ACCEPTED = (*DOCUMENTS, *PICTURES)
MAX_BYTES = 10_000_000


class Deliverable(Multilingual):
    """Something that an activity is to deliver: a report, a kit, a film."""

    class Kind(models.TextChoices):
        DOCUMENT = "document", _("Document or report")
        KIT = "kit", _("Training kit or module")
        RECORDING = "recording", _("Video or audio")
        PUBLICATION = "publication", _("Publication or poster")
        AGREEMENT = "agreement", _("Signed agreement")
        OTHER = "other", pgettext_lazy("deliverable", "Other")

    class State(models.TextChoices):
        """Computed; not stored."""

        DELIVERED = "delivered", _("Delivered")
        PARTLY = "partly", _("Partly delivered")
        LATE = "late", _("Late")
        EXPECTED = "expected", _("Expected")

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="deliverables")
    title = translated(models.CharField(_("title"), max_length=200))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.DOCUMENT)
    planned_on = models.DateField(_("planned for"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    quantity_planned = models.PositiveIntegerField(_("quantity planned"), null=True, blank=True)
    quantity_actual = models.PositiveIntegerField(_("quantity delivered"), null=True, blank=True)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["planned_on", "pk"]
        verbose_name = _("deliverable")
        verbose_name_plural = _("deliverables")
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "kind", *columns_of("title")],
                name="deliverable_is_told_once",
                violation_error_message=_(
                    "The activity already has a deliverable with this title."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.delivered_on and self.delivered_on > timezone.localdate():
            raise ValidationError(
                {"delivered_on": _("This day is in the future: enter it as a planned date.")}
            )

    @property
    def owner(self) -> Activity:
        """The object on whose page a reader finds it."""
        return self.activity

    @property
    def state(self) -> State:
        return self.state_on(timezone.localdate())

    def state_on(self, day: date) -> State:
        wanted, given = self.quantity_planned, self.quantity_actual
        lacks = bool(wanted and given is not None and given < wanted)
        if self.delivered_on and not lacks:
            return self.State.DELIVERED
        if self.planned_on and self.planned_on < day:
            return self.State.LATE
        return self.State.PARTLY if given or self.delivered_on else self.State.EXPECTED


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def consented(self, day: date | None = None) -> Self:
        """Keep evidence that may leave the team: all but photographs without consent, with a
        consent that has run out by `day` (today), or that show minors."""
        day = day or timezone.localdate()
        valid = Q(consent__in=Evidence.CONSENTS) & (
            Q(consent_until=None) | Q(consent_until__gte=day)
        )
        return self.filter(shows_minors=False).filter(~Q(kind__in=PICTURES) | valid)

    def shared(self) -> Self:
        """Keep evidence for everybody who sees the activity: accepted, meant to be shared, and with
        consent."""
        shared = self.filter(audience=Evidence.Audience.SHARED, accepted_on__isnull=False)
        return shared.consented()

    def with_related(self) -> Self:
        return self.select_related("deliverable", "given_by", "by").prefetch_related(
            "given_by__names"
        )


class Evidence(StoredFile):
    """A photograph, a file or a link that shows that something was done.

    Photographs may show people. They are for the team alone unless those people consented, and
    pictures of minors never leave the team.
    """

    class Consent(models.TextChoices):
        NONE = "none", _("No, or not known")
        WRITTEN = "written", _("Yes, in writing")
        SPOKEN = "spoken", _("Yes, by word of mouth")
        NOBODY = "nobody", _("Nobody can be recognised")

    class Audience(models.TextChoices):
        TEAM = "team", _("Team only")
        SHARED = "shared", _("Everybody who sees the project; may be published")

    CONSENTS = frozenset({Consent.WRITTEN, Consent.SPOKEN, Consent.NOBODY})

    # Set by the page of the activity: what its reader may do with this evidence.
    is_openable: bool
    is_removable: bool

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="proofs")
    deliverable = models.ForeignKey(
        Deliverable,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="proofs",
        verbose_name=_("deliverable"),
    )
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default=first_language
    )
    link = models.URLField(
        _("link"),
        max_length=500,
        blank=True,
        validators=[
            URLValidator(
                ["https"], message=_("Enter a complete address that begins with https://.")
            )
        ],
    )
    # A link has no file, so the fields of StoredFile may be empty.
    file = models.FileField(_("file"), upload_to=private_path, max_length=200, blank=True)
    original_name = models.CharField(_("name of the file"), max_length=MAX_NAME, blank=True)
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=[(kind, kind.upper()) for kind in MIME_TYPES],
        blank=True,
    )
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    consent = models.CharField(
        _("did those shown consent to publication?"),
        max_length=10,
        choices=Consent,
        default=Consent.NONE,
    )
    consent_until = models.DateField(_("consent until"), null=True, blank=True)
    shows_minors = models.BooleanField(_("shows minors"), default=False)
    audience = models.CharField(
        _("who sees it"), max_length=10, choices=Audience, default=Audience.TEAM
    )
    # None: the team itself.
    given_by = models.ForeignKey(
        Institution, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    by = by_whom()
    # None: an institution gave it, and the team has not looked at it yet.
    accepted_on = models.DateField(_("accepted on"), null=True, editable=False)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("evidence")
        verbose_name_plural = pgettext_lazy("several", "evidence")
        constraints = [
            models.CheckConstraint(
                name="evidence_is_a_file_or_a_link",
                condition=(Q(file="") & ~Q(link="")) | (~Q(file="") & Q(link="")),
            ),
            models.CheckConstraint(
                name="evidence_of_minors_stays_in_the_team",
                condition=Q(shows_minors=False) | Q(audience="team"),
            ),
            models.CheckConstraint(
                name="evidence_photo_is_shared_with_consent",
                condition=Q(audience="team")
                | ~Q(kind__in=PICTURES)
                | Q(consent__in=["written", "spoken", "nobody"]),
            ),
            models.UniqueConstraint(
                fields=["activity", "sha256", "link"], name="evidence_is_given_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.link or reverse(
            "projects:evidence-file", args=[self.activity.project.code, self.pk]
        )

    def clean(self) -> None:
        if self.deliverable and self.deliverable.activity_id != self.activity_id:
            raise ValidationError(
                {"deliverable": _("That deliverable belongs to another activity.")}
            )
        if self.audience == self.Audience.TEAM:
            return
        if self.shows_minors:
            raise ValidationError(
                {
                    "audience": _(
                        "Evidence that shows minors is never published: choose “Team only”."
                    )
                }
            )
        if self.is_photo and self.consent not in self.CONSENTS:
            message = _("Without consent a photograph stays with the team: choose “Team only”.")
            raise ValidationError({"audience": message})
        if self.is_photo and self.consent_until and self.consent_until < timezone.localdate():
            message = _("This consent has expired: ask again, or choose “Team only”.")
            raise ValidationError({"consent_until": message})

    @property
    def owner(self) -> Activity:
        """The object on whose page a reader finds it."""
        return self.activity

    @property
    def is_photo(self) -> bool:
        return self.kind in PICTURES

    @property
    def is_accepted(self) -> bool:
        return self.accepted_on is not None

    @property
    def consent_has_run_out(self) -> bool:
        until = self.consent_until
        return bool(self.is_photo and until and until < timezone.localdate())

    @property
    def what(self) -> str:
        """Return “photo”, “file” or “link” for display."""
        if self.link:
            return str(_("Link"))
        return str(_("Photo")) if self.is_photo else self.kind.upper()

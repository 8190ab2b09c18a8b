"""Proposals of organisations to a call, written by a link and without an account until the
deadline.

The contact person is personal data: it is shown to few, and forgotten some months after the award
if no grant came of the proposal (`forget_person`).
"""

import uuid
import zoneinfo
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import DecimalField, Q, Sum
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from django_countries.fields import CountryField

from accounts.drafts import key_of
from accounts.models import FormDraft
from accounts.models.links import hash_token
from kernel.files import DOCUMENTS, PICTURES, StoredFile
from kernel.keys import by_whom
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.organisation import home_country
from projects.models.call import LAST_SECOND, CallForProposals, money_field

MAX_FILES = 6
FILE_BYTES = 5_000_000
ALL_FILES_BYTES = 15_000_000


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def received(self) -> Self:
        """Keep proposals that were submitted and not withdrawn, whatever became of them."""
        return self.exclude(status__in=[Proposal.Status.DRAFT, Proposal.Status.WITHDRAWN])

    def with_amounts(self) -> Self:
        """Add `requested`, the sum of the budget lines."""
        zero = Decimal(0)
        amount = DecimalField(max_digits=14, decimal_places=2)
        return self.annotate(requested=Coalesce(Sum("lines__amount"), zero, output_field=amount))

    def opened_by(self, token: str) -> "Proposal | None":
        links = ProposalLink.objects.filter(token_hash=hash_token(token))
        found = self.filter(pk__in=links.values("proposal"), forgotten_at=None)
        return found.select_related("call__project").first()


class Proposal(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("of a proposal", "Draft")
        SUBMITTED = "submitted", pgettext_lazy("of a proposal", "Submitted")
        SHORTLISTED = "shortlisted", _("Short-listed")
        REJECTED = "rejected", pgettext_lazy("of a proposal", "Not retained")
        AWARDED = "awarded", pgettext_lazy("of a proposal", "Awarded")
        NOT_AWARDED = "not_awarded", pgettext_lazy("of a proposal", "Not awarded")
        WITHDRAWN = "withdrawn", pgettext_lazy("of a proposal", "Withdrawn")

    # Set by `with_amounts`.
    requested: Decimal

    class Kind(models.TextChoices):
        COLLECTIVE = "collective", _("Collective")
        NGO = "ngo", _("Non-governmental organisation")
        NETWORK = "network", _("Network of organisations")
        COMMUNITY = "community", _("Community organisation")
        OTHER = "other", _("Other")

    STEPS = {
        "submit": Step.of(Status.DRAFT, Status.SUBMITTED, pgettext_lazy("a proposal", "Submit")),
        "withdraw": Step.of(
            [Status.DRAFT, Status.SUBMITTED], Status.WITHDRAWN, _("Withdraw the proposal")
        ),
        "shortlist": Step.of(Status.SUBMITTED, Status.SHORTLISTED, _("Short-list")),
        "reject": Step.of(
            [Status.SUBMITTED, Status.SHORTLISTED], Status.REJECTED, _("Do not retain")
        ),
        "award": Step.of(Status.SHORTLISTED, Status.AWARDED, _("Award a grant")),
        "decline": Step.of(Status.SHORTLISTED, Status.NOT_AWARDED, _("Award no grant")),
    }
    DECIDED = frozenset({Status.REJECTED, Status.AWARDED, Status.NOT_AWARDED})

    call = models.ForeignKey(CallForProposals, on_delete=models.PROTECT, related_name="proposals")
    number = models.PositiveSmallIntegerField(_("number"), null=True, editable=False)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)

    organisation = models.CharField(_("name of the organisation"), max_length=200)
    kind = models.CharField(_("kind of organisation"), max_length=20, choices=Kind, blank=True)
    country = CountryField(_("country"), default=home_country)
    department = models.CharField(_("department or region"), max_length=100, blank=True)
    groups = models.CharField(
        _("groups it works with"),
        max_length=300,
        blank=True,
        help_text=_("In general words, such as “young women in rural areas”. Never names."),
    )
    legal_number = models.CharField(
        _("registration number"), max_length=60, blank=True, help_text=_("If there is one.")
    )

    contact_name = models.CharField(_("contact person"), max_length=200, blank=True)
    contact_email = models.EmailField(_("e-mail address"), blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    consented_at = models.DateTimeField(_("consent given"), default=timezone.now, editable=False)
    forgotten_at = models.DateTimeField(null=True, editable=False)

    title = models.CharField(_("title of the project"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), max_length=1500, blank=True)
    problem = models.TextField(_("problem addressed"), max_length=3000, blank=True)
    activities = models.TextField(
        pgettext_lazy("planned", "activities"), max_length=5000, blank=True
    )
    expected = models.TextField(_("expected results"), max_length=3000, blank=True)
    beneficiaries = models.PositiveIntegerField(
        _("number of people reached"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(10_000_000)],
        help_text=_("A number only, no names."),
    )
    months = models.PositiveSmallIntegerField(
        _("duration in months"), null=True, blank=True, validators=[MinValueValidator(1)]
    )

    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)
    # The coordination may admit a proposal after the deadline, until a moment and for a reason.
    late_until = models.DateTimeField(_("may be submitted until"), null=True, editable=False)
    late_reason = models.CharField(_("why it is admitted"), max_length=500, blank=True)

    amount_awarded = money_field(_("amount awarded"), null=True, blank=True, editable=False)
    decided_on = models.DateField(_("decided on"), null=True, editable=False)
    decision_reason = models.TextField(_("reasons"), max_length=2000, blank=True, editable=False)
    told_at = models.DateTimeField(_("informed at"), null=True, editable=False)

    status = status_field(Status, Status.DRAFT)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["number", "pk"]
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="proposal_number_is_used_once"),
            # So that asking for a link again leads back to the same proposal.
            models.UniqueConstraint(
                "call",
                Lower("contact_email"),
                Lower("organisation"),
                condition=Q(forgotten_at=None) & ~Q(status="withdrawn") & ~Q(contact_email=""),
                name="proposal_is_written_once",
                violation_error_message=_("You already have another proposal with this name."),
            ),
            models.CheckConstraint(
                name="proposal_submitted_has_number_and_time",
                condition=Q(status__in=["draft", "withdrawn"])
                | Q(number__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_decided_has_day_and_reason",
                condition=~Q(status__in=["rejected", "awarded", "not_awarded"])
                | (Q(decided_on__isnull=False) & ~Q(decision_reason="")),
            ),
            models.CheckConstraint(
                name="proposal_amount_is_of_an_award",
                condition=Q(status="awarded", amount_awarded__isnull=False)
                | (~Q(status="awarded") & Q(amount_awarded=None)),
            ),
            models.CheckConstraint(
                name="proposal_admitted_late_says_why",
                condition=Q(late_until=None) | ~Q(late_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.organisation}" if self.number else self.organisation

    def get_absolute_url(self) -> str:
        call = self.call
        return reverse("projects:proposal", args=[call.project.code, call.pk, self.pk])

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return self.call.project.zone

    @property
    def reference(self) -> str:
        return f"{self.call.code}-{self.number:03}" if self.number else ""

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_late(self) -> bool:
        """Whether it was submitted after the deadline, with the permission of the coordination."""
        return bool(self.submitted_at) and self.call.is_over_at(self.submitted_at)

    @property
    def is_decided(self) -> bool:
        return self.status in self.DECIDED

    @property
    def may_be_written(self) -> bool:
        """Whether the organisation may still change it now. Nobody can answer it once the project is
        closed, also where it was admitted late."""
        if self.call.project.closed_on or self.status not in (
            self.Status.DRAFT,
            self.Status.SUBMITTED,
        ):
            return False
        if self.call.is_open:
            return True
        over = (CallForProposals.Status.PUBLISHED, CallForProposals.Status.CLOSED)
        admitted = self.late_until and timezone.now() < self.late_until + LAST_SECOND
        return bool(admitted and self.call.status in over)

    @property
    def total(self) -> Decimal:
        """Return the amount requested, in the currency of the call."""
        return sum((line.amount for line in self.lines.all()), Decimal(0))

    def forget_person(self) -> None:
        """Delete the contact person and the files, in which people may be named."""
        for file in self.files.all():
            file.delete_content_on_commit()
            file.delete()
        self.links.all().delete()
        page = {"code": self.call.code}
        FormDraft.objects.filter(key=key_of(self, None, "calls:proposal", page)).delete()
        nobody = {"contact_name": "", "contact_email": "", "contact_phone": "", "legal_number": ""}
        Proposal.objects.filter(pk=self.pk).update(**nobody, forgotten_at=timezone.now())
        self.refresh_from_db()


class ProposalLink(models.Model):
    """A link by which an organisation opens its proposal. Only a hash of the token is stored. The
    proposal can be changed until the deadline; afterwards the link shows the outcome."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # The key of the form that asked for it, so that a form sent twice makes one link.
    entry_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("link to a proposal")
        verbose_name_plural = _("links to proposals")

    def __str__(self) -> str:
        return f"{self.proposal_id}"


class ProposalLine(models.Model):
    """A line of the requested budget."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(_("what for"), max_length=120)
    amount = money_field(_("amount"))

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        constraints = [
            models.CheckConstraint(name="proposalline_is_positive", condition=Q(amount__gt=0)),
            models.UniqueConstraint(fields=["proposal", "position"], name="proposalline_place"),
        ]

    def __str__(self) -> str:
        return self.label


class ProposalFile(StoredFile):
    ACCEPTED = (*DOCUMENTS, *PICTURES)

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="files")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("file of a proposal")
        verbose_name_plural = _("files of proposals")
        constraints = [
            models.UniqueConstraint(fields=["proposal", "sha256"], name="proposalfile_is_kept_once")
        ]

    def __str__(self) -> str:
        return self.original_name


class EligibilityCheck(models.Model):
    """One point of eligibility, checked by the coordination before the panel reads the proposal."""

    class Point(models.TextChoices):
        WHO = "who", _("The organisation may apply")
        THEME = "theme", _("It fits the theme")
        MONEY = "money", _("The amount and the duration are within the limits")
        FILES = "files", _("The files are complete")
        SAFEGUARDING = "safeguarding", _("It has, or adopts, a safeguarding policy")

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="checks")
    point = models.CharField(_("point"), max_length=20, choices=Point)
    is_met = models.BooleanField(_("met"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    by = by_whom(editable=True)
    checked_on = models.DateField(_("checked on"), default=timezone.localdate)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("eligibility check")
        verbose_name_plural = _("eligibility checks")
        constraints = [
            models.UniqueConstraint(fields=["proposal", "point"], name="eligibility_point_once"),
            models.CheckConstraint(
                name="eligibility_not_met_says_why",
                condition=Q(is_met=True) | ~Q(reason=""),
                violation_error_message=_("Say why this point is not met."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_point_display()

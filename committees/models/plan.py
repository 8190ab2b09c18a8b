"""Action plans: one per project year and version, written with the partners.

An action and its progress outlive the version: what a version promises of it is in
`ActionTerms`.
"""

from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import User
from committees.models.meeting import Audience
from committees.models.resolution import Resolution
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, translated
from partners.models import Institution
from projects.models import Activity, Indicator, Period, Project, Result


class ActionPlanQuerySet(models.QuerySet["ActionPlan"]):
    def of_visible_projects(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))

    def in_review(self) -> Self:
        return self.filter(status=ActionPlan.Status.IN_REVIEW)

    def with_related(self) -> Self:
        return self.select_related("project", "period", "validated_by__meeting")


class ActionPlan(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        PRESENTED = "presented", _("Presented to the committee")
        VALIDATED = "validated", _("Validated by the committee")
        SUBMITTED = "submitted", _("Submitted to the donor")
        APPROVED = "approved", _("Approved by the donor")
        IN_EXECUTION = "in_execution", _("In execution")
        CLOSED = "closed", _("Closed")
        SUPERSEDED = "superseded", _("Superseded")

    # What only a decision of the committee opens. Validation is not the donor's approval.
    AFTER_VALIDATION = frozenset(
        {
            Status.VALIDATED,
            Status.SUBMITTED,
            Status.APPROVED,
            Status.IN_EXECUTION,
            Status.CLOSED,
            Status.SUPERSEDED,
        }
    )
    SHOWN_TO_DONOR = AFTER_VALIDATION | {Status.PRESENTED}

    STEPS = {
        "submit": Step.of(Status.DRAFT, Status.IN_REVIEW, _("Open the review")),
        "present": Step.of(
            Status.IN_REVIEW, Status.PRESENTED, _("Present to the committee")
        ),
        "return": Step.of(
            [Status.IN_REVIEW, Status.PRESENTED], Status.DRAFT, _("Return to draft")
        ),
        "validate": Step.of(Status.PRESENTED, Status.VALIDATED, _("Validate")),
        "submit_to_donor": Step.of(
            Status.VALIDATED, Status.SUBMITTED, _("Submit to the donor")
        ),
        "request_changes": Step.of(
            Status.SUBMITTED, Status.DRAFT, _("Record that the donor asks for changes")
        ),
        "approve": Step.of(
            Status.SUBMITTED, Status.APPROVED, _("Record the donor's approval")
        ),
        "start": Step.of(
            [Status.VALIDATED, Status.SUBMITTED, Status.APPROVED],
            Status.IN_EXECUTION,
            _("Start execution"),
        ),
        "close": Step.of(Status.IN_EXECUTION, Status.CLOSED, _("Close")),
        "supersede": Step.of(
            [Status.VALIDATED, Status.SUBMITTED, Status.APPROVED, Status.IN_EXECUTION],
            Status.SUPERSEDED,
            _("Supersede"),
        ),
    }

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="plans")
    period = models.ForeignKey(
        Period,
        on_delete=models.PROTECT,
        related_name="plans",
        verbose_name=_("project year"),
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    review_until = models.DateField(_("review open until"), null=True, blank=True)
    status = status_field(Status, Status.DRAFT)
    validated_by = models.ForeignKey(
        Resolution,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="plans_validated",
    )
    donor_approved_on = models.DateField(
        _("approved by the donor on"), null=True, editable=False
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = ActionPlanQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["project", "-period__start", "-version"]
        verbose_name = _("action plan")
        verbose_name_plural = _("action plans")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "version"],
                name="plan_version_is_used_once",
                violation_error_message=_(
                    "The plan of this year already has that version."
                ),
            ),
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(status="in_execution"),
                name="plan_one_in_execution_a_year",
                violation_error_message=_(
                    "Another version of this plan is in execution."
                ),
            ),
            models.CheckConstraint(
                name="plan_validated_by_a_decision",
                condition=~Q(
                    status__in=[
                        "validated",
                        "submitted",
                        "approved",
                        "in_execution",
                        "closed",
                        "superseded",
                    ]
                )
                | Q(validated_by__isnull=False),
            ),
            models.CheckConstraint(
                name="plan_approval_is_dated",
                condition=~Q(status="approved") | Q(donor_approved_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return _("Action plan, year %(year)s, version %(version)s") % {
            "year": self.period.number,
            "version": self.version,
        }

    def get_absolute_url(self) -> str:
        return reverse("committees:plan", args=[self.pk])

    def clean(self) -> None:
        if (
            self.period_id
            and self.project_id
            and self.period.project_id != self.project_id
        ):
            raise ValidationError({"period": _("That period is of another project.")})

    @property
    def review_is_open(self) -> bool:
        return self.status == self.Status.IN_REVIEW and (
            self.review_until is None or timezone.localdate() <= self.review_until
        )

    @property
    def is_validated(self) -> bool:
        return self.status in self.AFTER_VALIDATION

    @property
    def days_left(self) -> int | None:
        return (
            (self.review_until - timezone.localdate()).days
            if self.review_until
            else None
        )


class ActionQuerySet(models.QuerySet["Action"]):
    def late(self) -> Self:
        return self.filter(
            status__in=Action.UNFINISHED,
            terms__plan__status="in_execution",
            terms__ends_on__lt=timezone.localdate(),
        ).distinct()


class Action(Lifecycle):
    class Status(models.TextChoices):
        TO_DO = "to_do", _("To do")
        IN_PROGRESS = "in_progress", _("In progress")
        BLOCKED = "blocked", _("Blocked")
        DONE = "done", _("Done")
        VERIFIED = "verified", _("Verified")
        CANCELLED = "cancelled", _("Cancelled")

    UNFINISHED = frozenset({Status.TO_DO, Status.IN_PROGRESS, Status.BLOCKED})

    STEPS = {
        "start": Step.of(
            [Status.TO_DO, Status.BLOCKED], Status.IN_PROGRESS, _("Start")
        ),
        "block": Step.of(
            [Status.TO_DO, Status.IN_PROGRESS], Status.BLOCKED, _("Mark as blocked")
        ),
        "finish": Step.of(
            [Status.TO_DO, Status.IN_PROGRESS], Status.DONE, _("Mark as done")
        ),
        "verify": Step.of(Status.DONE, Status.VERIFIED, _("Verify")),
        "reopen": Step.of(
            [Status.DONE, Status.VERIFIED], Status.IN_PROGRESS, _("Reopen")
        ),
        "cancel": Step.of(UNFINISHED, Status.CANCELLED, _("Cancel")),
    }

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="actions"
    )
    reference = models.CharField(
        _("reference"),
        max_length=20,
        validators=[
            RegexValidator(
                r"^[0-9]+(\.[0-9]+)*$", _("Numbers and points only, such as 2.1.")
            )
        ],
    )
    origin = models.ForeignKey(
        Resolution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=_("comes from"),
    )
    status = status_field(Status, Status.TO_DO)
    share_done = models.PositiveSmallIntegerField(
        _("share done (%)"), default=0, validators=[MaxValueValidator(100)]
    )

    objects = ActionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["project", "reference"]
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "reference"],
                name="action_reference_is_used_once",
                violation_error_message=_(
                    "The project already has an action of this reference."
                ),
            ),
            models.CheckConstraint(
                name="action_share_is_at_most_whole",
                condition=Q(share_done__lte=100),
                violation_error_message=_("The share done is at most 100 %."),
            ),
        ]

    def __str__(self) -> str:
        return _("Action %(reference)s") % {"reference": self.reference}

    def get_absolute_url(self) -> str:
        return reverse("committees:action", args=[self.pk])


class ActionTermsQuerySet(models.QuerySet["ActionTerms"]):
    def with_related(self) -> Self:
        return self.select_related(
            "action__origin", "result", "responsible", "activity", "plan"
        ).prefetch_related("responsible__names", "supporting__names", "indicators")


class ActionTerms(Multilingual):
    """What a version of the plan says of an action."""

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="terms")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="terms")
    title = translated(models.CharField(_("title"), max_length=300))
    starts_on = models.DateField(_("start"))
    ends_on = models.DateField(_("end"))
    responsible = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("responsible"),
    )
    supporting = models.ManyToManyField(
        Institution, blank=True, related_name="+", verbose_name=_("with support of")
    )
    result = models.ForeignKey(
        Result,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="action_terms",
        verbose_name=_("result"),
    )
    activity = models.ForeignKey(
        Activity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="action_terms",
        verbose_name=_("activity"),
    )
    indicators = models.ManyToManyField(
        Indicator, blank=True, related_name="action_terms", verbose_name=_("indicators")
    )
    deliverable = (
        translated(models.CharField(_("deliverable"), max_length=300, blank=True)),
    )
    budget = models.DecimalField(
        _("budget"), max_digits=14, decimal_places=2, null=True, blank=True
    )

    objects = ActionTermsQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "result__code", "action__reference"]
        verbose_name = _("action in a plan")
        verbose_name_plural = _("actions in a plan")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "action"], name="actionterms_action_once_a_plan"
            ),
            models.CheckConstraint(
                name="actionterms_end_after_start",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The action ends before it starts."),
            ),
            models.CheckConstraint(
                name="actionterms_budget_is_not_negative",
                condition=Q(budget=None) | Q(budget__gte=0),
                violation_error_message=_("A budget cannot be less than zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action.reference} · {self.title}"

    def clean(self) -> None:
        if not (self.plan_id and self.starts_on and self.ends_on):
            return
        project = self.plan.project
        latest = max(
            project.current_end,
            project.original_end,
            *self._ends_in_preparation(project),
        )
        if self.starts_on < project.starts_on or self.ends_on > latest:
            raise ValidationError(
                _("The project runs from %(start)s to %(end)s: choose dates within it.")
                % {"start": project.starts_on, "end": latest}
            )

    @staticmethod
    def _ends_in_preparation(project: Project) -> list:
        """A plan may count on an extension that the committee is about to recommend."""
        ends = project.amendments.exclude(status="refused").values_list(
            "end_after", flat=True
        )
        return [end for end in ends if end]

    @property
    def days_late(self) -> int:
        """Days past the end of an unfinished action; 0 when it is not late."""
        if self.action.status not in Action.UNFINISHED:
            return 0
        return max((timezone.localdate() - self.ends_on).days, 0)


class Channel(models.TextChoices):
    """How an answer came. What came otherwise than online is entered by the coordination."""

    PORTAL = "portal", _("Online")
    LINK = "link", _("Access link")
    TELEPHONE = "telephone", _("Telephone")
    LETTER = "letter", _("Letter")
    MESSENGER = "messenger", _("Messenger")
    MEETING = "meeting", _("At a meeting")


class Answer(models.Model):
    """What an institution says of a plan, by whichever channel it came."""

    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("institution"),
    )
    channel = models.CharField(
        _("channel"), max_length=20, choices=Channel, default=Channel.PORTAL
    )
    evidence = models.CharField(
        _("evidence"),
        max_length=300,
        blank=True,
        help_text=_(
            "For an answer that did not come online: who called, which letter."
        ),
    )
    given_on = models.DateField(_("given on"), default=timezone.localdate)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True

    @property
    def was_entered_for_it(self) -> bool:
        return self.channel not in {Channel.PORTAL, Channel.LINK}


class RemarkQuerySet(models.QuerySet["Remark"]):
    def open(self) -> Self:
        return self.filter(settled_at=None)


class Remark(Answer):
    """A comment on a plan or one action, for the coordination only or for the committee."""

    plan = models.ForeignKey(
        ActionPlan, on_delete=models.CASCADE, related_name="remarks"
    )
    action = models.ForeignKey(
        Action,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="remarks",
        verbose_name=_("action"),
    )
    text = models.TextField(_("remark"), max_length=4000)
    audience = models.CharField(
        _("who reads it"),
        max_length=20,
        choices=[
            (Audience.COORDINATION, Audience.COORDINATION.label),
            (Audience.COMMITTEE, Audience.COMMITTEE.label),
        ],
        default=Audience.COORDINATION,
    )
    reply = models.TextField(_("reply"), blank=True, max_length=4000)
    settled_at = models.DateTimeField(null=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = RemarkQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")

    def __str__(self) -> str:
        return self.text[:80]


class PositionQuerySet(models.QuerySet["Position"]):
    def latest(self) -> Self:
        """The newest of each institution and plan: the others are what it said before."""
        newest = Position.objects.filter(
            plan=models.OuterRef("plan"), institution=models.OuterRef("institution")
        ).order_by("-pk")
        return self.filter(pk=models.Subquery(newest.values("pk")[:1]))


class Position(Answer):
    """Where an institution stands on a plan. Rows are only added: the newest counts."""

    class Stance(models.TextChoices):
        ENDORSES = "endorses", _("Endorses")
        WITH_REMARKS = "with_remarks", _("Endorses with remarks")
        ASKS_FOR_CHANGES = "asks", _("Asks for changes")

    plan = models.ForeignKey(
        ActionPlan, on_delete=models.CASCADE, related_name="positions"
    )
    stance = models.CharField(_("position"), max_length=20, choices=Stance)
    text = models.TextField(_("reason or remark"), blank=True, max_length=4000)

    objects = PositionQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "institution", "-pk"]
        verbose_name = _("position")
        verbose_name_plural = _("positions")

    def __str__(self) -> str:
        return f"{self.institution} · {self.get_stance_display()}"

    def clean(self) -> None:
        if self.stance == self.Stance.ASKS_FOR_CHANGES and not self.text.strip():
            raise ValidationError(
                {"text": _("Say which changes your institution asks for.")}
            )

"""Action plans: one for each project year and version, written with the partners.

`ActionTerms` holds the actions of a version. Once the committee has validated a version, they no
longer change.
"""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import User
from committees.models.resolution import Resolution
from committees.models.seat import Seat
from kernel.files import WaitingFile
from kernel.formats import day
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import columns_of
from partners.models import Institution, InstitutionQuerySet
from projects.models import Participation, Period, Project


class ActionPlanQuerySet(models.QuerySet["ActionPlan"]):
    def in_review(self) -> Self:
        return self.filter(status=ActionPlan.Status.IN_REVIEW)

    def with_related(self) -> Self:
        return self.select_related("project", "period", "validated_by__meeting")

    def for_page(self) -> Self:
        """Read the plan with its project and year, and of the decision what a page names. Add
        whether there are answers and mentions, so that the page asks only for kinds that occur."""
        named = {"id", "kind", "number", "resolved_on"}
        others = [one.name for one in Resolution._meta.concrete_fields if one.name not in named]
        plans = self.select_related("project", "period", "validated_by")
        plans = plans.defer(*(f"validated_by__{name}" for name in others))
        return plans.annotate(
            **{
                f"has_{name}": Exists(model.objects.filter(plan=OuterRef("pk")))
                for name in ("positions", "silences", "remarks", "proposals", "subjects")
                if (model := getattr(ActionPlan, name).rel.related_model)
            }
        )

    def to_list(self) -> Self:
        """Read what a list shows of each, with the number of actions and of institutions that
        answered."""
        plans = self.select_related("project", "period").only(
            *("version", "status", "review_until", "period__number", "period__start"),
            *columns_of("project__short_title"),
        )
        return plans.annotate(
            actions_count=_number_of("terms", "pk"),
            answers_count=_number_of("positions", "institution"),
        ).order_by()


def _number_of(name: str, field: str) -> Coalesce:
    """Count rows of each plan apart: joined, they would multiply before a list has its page."""
    rows = getattr(ActionPlan, name).rel.related_model.objects.filter(plan=OuterRef("pk"))
    counted = rows.order_by().values("plan").annotate(number=Count(field, distinct=True))
    return Coalesce(Subquery(counted.values("number")), 0)


class ActionPlan(Lifecycle):
    # Added by `for_page`, and missing without it.
    has_positions: bool
    has_silences: bool
    has_remarks: bool
    has_proposals: bool
    has_subjects: bool

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        PRESENTED = "presented", _("Presented to the committee")
        VALIDATED = "validated", _("Validated by the committee")
        SUBMITTED = "submitted", _("Submitted to the donor")
        CHANGES_REQUESTED = "changes_requested", _("Changes requested by the donor")
        APPROVED = "approved", _("Approved by the donor")
        IN_EXECUTION = "in_execution", _("In execution")
        CLOSED = "closed", _("Closed")
        SUPERSEDED = "superseded", _("Superseded")

    # What only a decision of the committee opens. Validation is not the donor's approval.
    AFTER_VALIDATION = frozenset(
        {
            Status.VALIDATED,
            Status.SUBMITTED,
            Status.CHANGES_REQUESTED,
            Status.APPROVED,
            Status.IN_EXECUTION,
            Status.CLOSED,
            Status.SUPERSEDED,
        }
    )
    SHOWN_TO_DONOR = AFTER_VALIDATION | {Status.PRESENTED}

    # Their actions may be changed; from the presentation on they stay as the committee read them.
    OPEN_TERMS = frozenset({Status.DRAFT, Status.IN_REVIEW})
    # A change of what the committee validated is a new version, never another text of this one.
    STARTABLE = frozenset(
        {Status.VALIDATED, Status.SUBMITTED, Status.CHANGES_REQUESTED, Status.APPROVED}
    )

    STEPS = {
        "submit": Step.of(Status.DRAFT, Status.IN_REVIEW, _("Open the review")),
        "extend": Step.of(Status.IN_REVIEW, Status.IN_REVIEW, _("Extend the review")),
        "present": Step.of(Status.IN_REVIEW, Status.PRESENTED, _("Present to the committee")),
        "return": Step.of([Status.IN_REVIEW, Status.PRESENTED], Status.DRAFT, _("Return to draft")),
        "validate": Step.of(Status.PRESENTED, Status.VALIDATED, _("Record the validation")),
        "submit_to_donor": Step.of(
            [Status.VALIDATED, Status.CHANGES_REQUESTED],
            Status.SUBMITTED,
            _("Submit to the donor"),
        ),
        "request_changes": Step.of(
            Status.SUBMITTED,
            Status.CHANGES_REQUESTED,
            _("Record that the donor requests changes"),
        ),
        "approve": Step.of(Status.SUBMITTED, Status.APPROVED, _("Record the donor's approval")),
        # The donor's answer may come while the work is under way: two facts, one status.
        "approve_under_way": Step.of(
            Status.IN_EXECUTION, Status.IN_EXECUTION, _("Record the donor's approval")
        ),
        "request_changes_under_way": Step.of(
            Status.IN_EXECUTION,
            Status.IN_EXECUTION,
            _("Record that the donor requests changes"),
        ),
        "start": Step.of(STARTABLE, Status.IN_EXECUTION, _("Start execution")),
        "close": Step.of(Status.IN_EXECUTION, Status.CLOSED, _("Close the plan")),
        "supersede": Step.of(STARTABLE | {Status.IN_EXECUTION}, Status.SUPERSEDED, _("Supersede")),
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
    donor_approved_on = models.DateField(_("approved by the donor on"), null=True, editable=False)
    donor_reference = models.CharField(
        _("donor's letter"), max_length=200, blank=True, editable=False
    )
    # A position given before that day was given on another text, and is marked so.
    terms_changed_at = models.DateTimeField(null=True, editable=False)
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
                violation_error_message=_("The plan of this year already has that version."),
            ),
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(status="in_execution"),
                name="plan_one_in_execution_a_year",
                violation_error_message=_("Another version of this plan is in execution."),
            ),
            models.CheckConstraint(
                name="plan_validated_by_a_decision",
                condition=~Q(
                    status__in=[
                        "validated",
                        "submitted",
                        "changes_requested",
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

    @property
    def title(self) -> str:
        return _("Action plan, year %(year)s") % {"year": self.period.number}

    def __str__(self) -> str:
        return _("Action plan, year %(year)s, version %(version)s") % {
            "year": self.period.number,
            "version": self.version,
        }

    def get_absolute_url(self) -> str:
        return reverse("committees:plan", args=[self.pk])

    def url_of(self, action: int) -> str:
        """Return the address of an action on the page of the plan, of which a long plan has
        several."""
        return f"{self.get_absolute_url()}?action={action}#action-{action}"

    def clean(self) -> None:
        if self.period_id and self.project_id and self.period.project_id != self.project_id:
            raise ValidationError({"period": _("That period belongs to another project.")})
        if self.period_id and self.period.kind != Period.Kind.PROJECT_YEAR:
            raise ValidationError({"period": _("A plan is made for a project year.")})

    @property
    def terms_are_open(self) -> bool:
        return self.status in self.OPEN_TERMS

    @property
    def why_terms_are_closed(self) -> str:
        """The sentence for somebody who tries to change them all the same."""
        if self.is_validated:
            return gettext(
                "The committee has validated this version: it can no longer change. Open "
                "a new version to change an action."
            )
        return gettext(
            "This plan is before the committee: return it to draft before you change an action."
        )

    @property
    def why_no_answers(self) -> str:
        """The sentence for somebody who answers too early or too late."""
        if not self.review_is_over:
            return gettext("This plan is not in review now, so it takes no answers.")
        return gettext(
            "The review ended on %(day)s. Ask the coordination to extend it if your institution "
            "has more to say."
        ) % {"day": day(self.review_until)}

    @property
    def promises_nothing(self) -> bool:
        return self.status in {self.Status.DRAFT, self.Status.CLOSED, self.Status.SUPERSEDED}

    @property
    def review_is_open(self) -> bool:
        """Whether everybody may answer. One institution may have longer: see `review_is_open_for`."""
        return self.status == self.Status.IN_REVIEW and (
            self.review_until is None or self.project.today <= self.review_until
        )

    def review_end_of(self, institution: Institution) -> date | None:
        """The last day on which that institution answers; it may have got more time."""
        return self.ends_by_institution.get(institution.pk, self.review_until)

    @cached_property
    def ends_by_institution(self) -> dict[int, date]:
        """The last days of the institutions that got more time; the newest extension counts."""
        ends = {one.institution_id: one.until for one in self.extensions.all()}  # newest last
        return {pk: max(until, self.review_until or until) for pk, until in ends.items()}

    def review_is_open_for(self, institution: Institution) -> bool:
        end = self.review_end_of(institution)
        in_time = end is None or self.project.today <= end
        return self.status == self.Status.IN_REVIEW and in_time

    @property
    def review_is_over(self) -> bool:
        return self.status == self.Status.IN_REVIEW and not self.review_is_open

    @property
    def is_validated(self) -> bool:
        return self.status in self.AFTER_VALIDATION

    @property
    def runs_before_approval(self) -> bool:
        """Whether the plan is in execution before the donor's approval, which is allowed and
        marked."""
        return self.status == self.Status.IN_EXECUTION and self.donor_approved_on is None

    @property
    def days_left(self) -> int | None:
        return (self.review_until - self.project.today).days if self.review_until else None

    def reviewers(self) -> InstitutionQuerySet:
        """Return the institutions whose position is asked: participants, and those with a voting
        seat.

        The accountable institution is left out because it writes the plan; a donor without a seat,
        because its approval is recorded separately.
        """
        return self.reviewers_in(self.project_id).with_names()

    @property
    def reviewer_keys(self) -> set[int]:
        reviewers = self.reviewers_in(self.project_id).order_by()
        return set(reviewers.values_list("pk", flat=True))

    @staticmethod
    def reviewers_in(project: int) -> InstitutionQuerySet:
        """Return the `reviewers` of any plan of the project."""
        taking_part = Participation.objects.filter(project=project)
        asked = taking_part.exclude(role__in=Participation.DONOR_ROLES)
        seats = Seat.objects.on(timezone.localdate()).filter(
            committee__project=project, is_voting=True
        )
        writers = taking_part.filter(role=Participation.Role.ACCOUNTABLE)
        return Institution.objects.filter(
            Q(pk__in=asked.values("institution")) | Q(pk__in=seats.values("institution"))
        ).exclude(pk__in=writers.values("institution"))


class PlanUpload(WaitingFile):
    """One workbook per coordinator and plan; a new one takes its place."""

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("workbook of a plan")
        verbose_name_plural = _("workbooks of plans")
        constraints = [
            models.UniqueConstraint(fields=["plan", "owner"], name="planupload_one_per_owner")
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

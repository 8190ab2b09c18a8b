"""Actions: what is to be done, by whom, until when.

An action and its progress outlive the versions of the plan: what a version promises of it is in
`ActionTerms`, its reference and origin stay with it.
"""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.models import User
from committees.models.plan import ActionPlan
from committees.models.resolution import Resolution
from kernel.entering import GRACE, days_late, entered_on_field, in_time_until
from kernel.formats import day
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, translated
from partners.models import Institution
from partners.naming import shown_place
from projects.models import Activity, Amendment, Indicator, Project, Result


class ActionQuerySet(models.QuerySet["Action"]):
    def late(self) -> Self:
        return self.filter(
            status__in=Action.UNFINISHED,
            terms__plan__status="in_execution",
            terms__ends_on__lt=timezone.localdate(),
            entered_on__lt=timezone.localdate() - GRACE,
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
            [Status.TO_DO, Status.BLOCKED], Status.IN_PROGRESS, pgettext_lazy("verb", "Start")
        ),
        "block": Step.of([Status.TO_DO, Status.IN_PROGRESS], Status.BLOCKED, _("Mark as blocked")),
        "finish": Step.of([Status.TO_DO, Status.IN_PROGRESS], Status.DONE, _("Mark as done")),
        "verify": Step.of(Status.DONE, Status.VERIFIED, _("Verify")),
        "reopen": Step.of([Status.DONE, Status.VERIFIED], Status.IN_PROGRESS, _("Reopen")),
        "cancel": Step.of(UNFINISHED, Status.CANCELLED, _("Cancel")),
    }

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="actions")
    reference = models.CharField(
        _("reference"),
        max_length=20,
        validators=[
            RegexValidator(r"^[0-9]+(\.[0-9]+)*$", _("Numbers and points only, such as 2.1."))
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
    entered_on = entered_on_field()
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
                violation_error_message=_("The project already has an action with this reference."),
            ),
            models.CheckConstraint(
                name="action_share_is_at_most_whole",
                condition=Q(share_done__lte=100),
                violation_error_message=_("The share done cannot exceed 100 %."),
            ),
        ]

    def __str__(self) -> str:
        return _("Action %(reference)s") % {"reference": self.reference}

    def get_absolute_url(self) -> str:
        return reverse("committees:action", args=[self.pk])

    @property
    def is_followed(self) -> bool:
        """Whether progress may be noted: once a plan with the action is in execution, until it
        closes."""
        return self.terms.filter(plan__status=ActionPlan.Status.IN_EXECUTION).exists()

    def note_progress(
        self,
        share_done: int,
        *,
        by: User | None,
        step: str = "",
        why: str = "",
        on: date | None = None,
    ) -> None:
        """Write how far it is; with `step`, also what happened to it, as one."""
        if step:
            self.take(step, by=by, why=why, on=on, share_done=share_done)
        else:
            self.share_done = share_done
            self.save(update_fields=["share_done"])


class ActionTermsQuerySet(models.QuerySet["ActionTerms"]):
    def with_related(self) -> Self:
        return self.select_related(
            "action__origin", "result", "responsible", "activity__project", "plan__project"
        ).prefetch_related("responsible__names", "supporting__names", "indicators__result")


class ActionTerms(Multilingual):
    """An action as one version of the plan has it: its title, dates, institutions and budget."""

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
    deliverable = translated(models.CharField(_("deliverable"), max_length=300, blank=True))
    budget = models.DecimalField(
        _("budget"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    # Where somebody put it by hand among the actions of its result; the references stay.
    position = models.PositiveSmallIntegerField(default=0, editable=False)

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
        if not self.plan_id:
            return
        if not self.plan.terms_are_open:
            raise ValidationError(self.plan.why_terms_are_closed)
        self.refuse_impossible_dates()

    def refuse_impossible_dates(self) -> None:
        """At its field: from there one reaches it."""
        if not (self.starts_on and self.ends_on):
            return  # the fields have their own complaints
        if self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The action ends before it starts.")})
        project = self.plan.project
        latest = max(project.current_end, project.original_end, *self._ends_in_preparation(project))
        for name, when in (("starts_on", self.starts_on), ("ends_on", self.ends_on)):
            if not project.starts_on <= when <= latest:
                sentence = _("The project runs from %(start)s to %(end)s: choose a date within it.")
                days = {"start": day(project.starts_on), "end": day(latest)}
                raise ValidationError({name: sentence % days})

    @staticmethod
    def _ends_in_preparation(project: Project) -> list[date]:
        """A plan may count on an extension that the committee is about to recommend."""
        ends = project.amendments.exclude(status="refused").values_list("end_after", flat=True)
        return [end for end in ends if end]

    @cached_property
    def supported_by(self) -> list[Institution]:
        """The supporting institutions; `terms_shown` reads those of a whole plan at once."""
        return sorted(self.supporting.all(), key=shown_place)

    @property
    def last_day(self) -> date:
        """The last day on which it is not late, which what was entered late has longer."""
        return in_time_until(self.ends_on, self.action.entered_on)

    @property
    def days_late(self) -> int:
        """The days since the end of an unfinished action; 0 if it is not late.

        Actions of a draft are not late yet, those of a closed or superseded version no longer.
        """
        return self.late_on(timezone.localdate())

    def late_on(self, today: date) -> int:
        """Return `days_late` of a day, which a page with many actions asks for once."""
        if self.action.status not in Action.UNFINISHED or self.plan.promises_nothing:
            return 0
        return days_late(self.ends_on, self.last_day, today)


class ShiftQuerySet(models.QuerySet["Shift"]):
    def with_related(self) -> Self:
        return self.select_related(
            "terms__action", "terms__plan__period", "terms__plan__project", "by"
        )


class Shift(models.Model):
    """One date or amount that the coordination moved, and why. Rows are only added: what the
    committee validated is read from the first of them (`services.shifts.validated_values`), or
    from the last that an amendment made."""

    class Field(models.TextChoices):
        STARTS_ON = "starts_on", _("Start")
        ENDS_ON = "ends_on", _("End")
        BUDGET = "budget", _("Budget")

    terms = models.ForeignKey(ActionTerms, on_delete=models.PROTECT, related_name="shifts")
    field = models.CharField(_("what moved"), max_length=20, choices=Field)
    before = models.CharField(_("before"), max_length=30)
    after = models.CharField(_("after"), max_length=30)
    reason = models.TextField(_("reason"), max_length=1000)
    amendment = models.ForeignKey(
        Amendment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="shifts",
        verbose_name=_("amendment"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    on = models.DateField(_("on"), default=timezone.localdate)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")

    def __str__(self) -> str:
        return f"{self.terms.action.reference} · {self.get_field_display()}"

    @property
    def is_amount(self) -> bool:
        return self.field == self.Field.BUDGET

    @property
    def value_before(self) -> date | Decimal:
        return self.read(self.before)

    @property
    def value_after(self) -> date | Decimal:
        return self.read(self.after)

    def read(self, text: str) -> date | Decimal:
        return Decimal(text) if self.is_amount else date.fromisoformat(text)

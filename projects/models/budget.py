"""The budget of a project by category, result and period: approved amounts and their revisions.

The original amounts are final once the budget is approved. Every later change is a `BudgetRevision`
with its reason and, beyond the tolerance, with the amendment that allows it.
"""

from decimal import Decimal
from typing import Protocol

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from kernel.keys import by_whom
from kernel.text import LANGUAGES, Multilingual, translated
from projects.models.amendment import Amendment
from projects.models.period import Period
from projects.models.project import Project
from projects.models.result import Result


class Budget(models.Model):
    """The settings of a project's budget. A project without this row has the defaults."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="budget")
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    threshold = models.PositiveSmallIntegerField(
        _("threshold for comments (%)"),
        default=10,
        validators=[MaxValueValidator(100)],
        help_text=_("A category that deviates more than this from its budget needs a comment."),
    )
    tolerance = models.PositiveSmallIntegerField(
        _("tolerance for revisions (%)"),
        default=10,
        validators=[MaxValueValidator(100)],
        help_text=_(
            "Share of a line's approved amount: beyond it, a revision has to name its amendment."
        ),
    )
    # None: nobody approves vouchers a second time.
    approval_above = models.DecimalField(
        _("approval by a second person above"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_(
            "A voucher of more than this waits until somebody else approves it, and counts in no "
            "figure until then. Empty: no second approval."
        ),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            models.CheckConstraint(
                name="budget_approval_is_above_an_amount",
                condition=Q(approval_above=None) | Q(approval_above__gte=0),
                violation_error_message=_("An amount cannot be negative."),
            )
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def of(cls, project: Project) -> "Budget":
        """Return the settings of the project, or unsaved ones with the defaults."""
        return cls.objects.filter(project=project).first() or cls(project=project)

    @property
    def is_approved(self) -> bool:
        return self.approved_on is not None

    @property
    def threshold_share(self) -> Decimal:
        return Decimal(self.threshold) / 100

    @property
    def has_second_approval(self) -> bool:
        return self.approval_above is not None

    def needs_approval(self, value: Decimal) -> bool:
        """Return whether a second person approves a voucher of this value, in the project's
        currency. A large refund needs it as well."""
        return self.approval_above is not None and abs(value) > self.approval_above


class BudgetCategory(Multilingual):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="budget_categories")
    code = models.CharField(
        _("code"), max_length=20, help_text=_("As it is called in the accounting system.")
    )
    name = translated(models.CharField(_("name"), max_length=120))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_passed_on = models.BooleanField(
        _("passed on to partners"),
        default=False,
        help_text=_("Such as grants: published as disbursements, not as expenditure."),
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("budget category")
        verbose_name_plural = _("budget categories")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"],
                name="budgetcategory_code_is_used_once",
                violation_error_message=_("The project already has a category with this code."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def all_names(self) -> set[str]:
        return {self.code, *(getattr(self, f"name_{language}") for language in LANGUAGES)} - {""}


class BudgetLine(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="budget_lines")
    category = models.ForeignKey(
        BudgetCategory,
        on_delete=models.PROTECT,
        related_name="lines",
        verbose_name=_("category"),
    )
    result = models.ForeignKey(
        Result,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="budget_lines",
        verbose_name=_("result"),
    )
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="budget_lines", verbose_name=_("period")
    )
    original = models.DecimalField(_("original amount"), max_digits=14, decimal_places=2)
    revised = models.DecimalField(
        _("revised amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["period", "category__position", "category__code", "result__code"]
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "result", "period"],
                name="budgetline_once_per_result",
                violation_error_message=_("This category already has a line for this result."),
            ),
            models.UniqueConstraint(
                fields=["category", "period"],
                condition=Q(result=None),
                name="budgetline_once_without_result",
                violation_error_message=_("This category already has a line without a result."),
            ),
            models.CheckConstraint(
                name="budgetline_amounts_are_not_negative",
                condition=Q(original__gte=0) & (Q(revised=None) | Q(revised__gte=0)),
                violation_error_message=_("An amount cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        parts = [str(self.category), self.result.code if self.result else "", str(self.period)]
        return " · ".join(part for part in parts if part)

    def get_absolute_url(self) -> str:
        return reverse("projects:budget-lines", args=[self.project.code, self.category_id])

    @property
    def amount(self) -> Decimal:
        """Return the amount that may be spent: the revised one, or else the one first approved."""
        return self.original if self.revised is None else self.revised

    def clean(self) -> None:
        refuse_foreign(self, "category", "period", "result")


class _RowOfProject(Protocol):
    project_id: int


def refuse_foreign(row: _RowOfProject, *names: str) -> None:
    """Raise ValidationError if a category, period or other thing that the row refers to belongs to
    another project. A required one that is missing is the complaint of its own field."""
    for name in names:
        # Its key is read first: reading a required relation that is empty raises an exception.
        thing = getattr(row, name) if getattr(row, f"{name}_id") else None
        if thing is not None and thing.project_id != row.project_id:
            raise ValidationError(
                {name: _("This belongs to another project: choose from the list.")}
            )


class BudgetRevision(models.Model):
    """One change of an approved line. Rows are only added, so that the history of amounts is
    complete."""

    line = models.ForeignKey(BudgetLine, on_delete=models.CASCADE, related_name="revisions")
    before = models.DecimalField(_("before"), max_digits=14, decimal_places=2)
    after = models.DecimalField(_("after"), max_digits=14, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=500)
    amendment = models.ForeignKey(
        Amendment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="budget_revisions",
        verbose_name=_("amendment"),
    )
    is_within_tolerance = models.BooleanField(_("within the tolerance"), default=False)
    on = models.DateField(_("date"))
    by = by_whom(on_delete=models.SET_NULL, editable=True)

    class Meta:
        ordering = ["on", "pk"]
        verbose_name = _("revision of the budget")
        verbose_name_plural = _("revisions of the budget")
        constraints = [
            models.CheckConstraint(
                name="budgetrevision_has_its_reason",
                condition=~Q(reason="") & ~Q(before=F("after")) & Q(after__gte=0),
            ),
            models.CheckConstraint(
                name="budgetrevision_is_allowed",
                condition=Q(amendment__isnull=False) | Q(is_within_tolerance=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} · {self.on}"


class BudgetComment(models.Model):
    """An explanation why a category deviates from its budget in a period, in the language of its
    author."""

    category = models.ForeignKey(BudgetCategory, on_delete=models.CASCADE, related_name="comments")
    period = models.ForeignKey(Period, on_delete=models.CASCADE, related_name="budget_comments")
    text = models.TextField(
        _("comment"),
        max_length=2000,
        help_text=_("Why it deviates, and what is done about it. No names of people."),
    )
    language = models.CharField(max_length=2, choices=list(LANGUAGES.items()), editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("comment on the budget")
        verbose_name_plural = _("comments on the budget")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "period"],
                name="budgetcomment_once_per_period",
                violation_error_message=_("This category already has a comment for this period."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.category} · {self.period}"

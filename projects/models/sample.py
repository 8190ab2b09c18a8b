"""Samples of vouchers that an auditor drew. Each keeps its rule, seed and population, so that
anybody can draw it again and get the same."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.formats import day_range
from kernel.keys import by_whom
from projects.models.expenditure import Expenditure
from projects.models.project import Project


class VoucherSample(models.Model):
    """One draw. Rows are only added: a second draw beside an inconvenient one stays visible."""

    MOST = 500

    class Rule(models.TextChoices):
        MONETARY_UNIT = "monetary_unit", _("Monetary units")
        SIMPLE_RANDOM = "simple_random", _("Simple random")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="voucher_samples")
    rule = models.CharField(_("rule"), max_length=20, choices=Rule)
    seed = models.CharField(
        _("seed"),
        max_length=60,
        help_text=_("Any text. The same seed draws the same sample from the same vouchers."),
    )
    size = models.PositiveSmallIntegerField(
        _("how many"), validators=[MinValueValidator(1), MaxValueValidator(MOST)]
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    population_count = models.PositiveIntegerField(_("vouchers to draw from"), editable=False)
    # In the project's currency, exact: the steps of monetary units are computed from it.
    population_value = models.DecimalField(
        _("their value"), max_digits=26, decimal_places=10, editable=False
    )
    population_sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    drawn_at = models.DateTimeField(_("drawn"), default=timezone.now, editable=False)
    drawn_by = by_whom(on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("sample of vouchers")
        verbose_name_plural = _("samples of vouchers")
        constraints = [
            models.CheckConstraint(
                name="vouchersample_ends_after_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day has to come after the first."),
            ),
            models.CheckConstraint(
                name="vouchersample_has_its_seed",
                condition=~Q(seed="") & Q(size__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()} · {day_range(self.starts_on, self.ends_on)}"

    def get_absolute_url(self) -> str:
        return reverse("projects:sample", args=[self.project.code, self.pk])

    @property
    def is_of_units(self) -> bool:
        return self.rule == self.Rule.MONETARY_UNIT


class SampledVoucher(models.Model):
    """A voucher of a sample, with its facts on the day of the draw."""

    sample = models.ForeignKey(VoucherSample, on_delete=models.CASCADE, related_name="vouchers")
    number = models.PositiveSmallIntegerField()
    # Empty once the row of the books was deleted, which the facts below outlive.
    expenditure = models.ForeignKey(
        Expenditure, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    expenditure_key = models.PositiveBigIntegerField(_("row of the books"))
    voucher = models.CharField(_("voucher number"), max_length=60, blank=True)
    spent_on = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)
    # How many of the drawn monetary units are in it; 1 in a simple random sample.
    units = models.PositiveSmallIntegerField(_("units drawn"), default=1)

    class Meta:
        ordering = ["sample", "number"]
        verbose_name = _("voucher of a sample")
        verbose_name_plural = _("vouchers of samples")
        constraints = [
            models.UniqueConstraint(fields=["sample", "number"], name="sampledvoucher_number_once"),
            models.UniqueConstraint(
                fields=["sample", "expenditure_key"], name="sampledvoucher_once"
            ),
        ]

    def __str__(self) -> str:
        return self.voucher or str(self.expenditure_key)

    @property
    def name(self) -> str:
        """Return the voucher's number, or what else finds the row."""
        return self.voucher or str(_("row %(key)s") % {"key": self.expenditure_key})

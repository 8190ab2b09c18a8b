"""Draws samples of vouchers for an audit, and draws them again to compare."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.refusal import Refusal
from projects.models import Project, SampledVoucher, VoucherSample
from projects.money.sampling import (
    Drawn,
    Voucher,
    monetary_unit,
    population_hash,
    simple_random,
)
from projects.money.services.budget import lock_project

RULES = {
    VoucherSample.Rule.MONETARY_UNIT.value: monetary_unit,
    VoucherSample.Rule.SIMPLE_RANDOM.value: simple_random,
}


@dataclass(frozen=True)
class Population:
    """The vouchers from which a rule draws."""

    vouchers: list[Voucher]
    left_out: int

    @property
    def value(self) -> Decimal:
        return sum((one.value for one in self.vouchers), Decimal(0))

    @property
    def sha256(self) -> str:
        return population_hash(self.vouchers)


def population_of(project: Project, start: date, end: date, rule: str) -> Population:
    """Return what the figures include of these days, so that its value is that of the books; of
    monetary units only what is above zero."""
    columns = ("pk", "spent_on", "voucher", "amount", "currency", "rate")
    counted = project.expenditures.counted()
    rows = counted.filter(spent_on__range=(start, end)).order_by("spent_on", "pk")
    found = [Voucher(*row) for row in rows.values_list(*columns)]
    if rule != VoucherSample.Rule.MONETARY_UNIT:
        return Population(found, 0)
    positive = [one for one in found if one.value > 0]
    return Population(positive, len(found) - len(positive))


@transaction.atomic
def draw_sample(sample: VoucherSample, *, by: User) -> VoucherSample:
    """Draw and keep a sample with its rule, seed and population. Raises Refusal where there is
    nothing to draw from."""
    project = sample.project
    lock_project(project)
    population = population_of(project, sample.starts_on, sample.ends_on, sample.rule)
    if not population.vouchers:
        raise Refusal(_("The books hold no such voucher of these days: choose other days."))
    drawn = RULES[sample.rule](population.vouchers, sample.size, sample.seed)
    sample.population_count = len(population.vouchers)
    sample.population_value = population.value
    sample.population_sha256 = population.sha256
    sample.drawn_by = by
    sample.full_clean()
    sample.save(force_insert=True)
    SampledVoucher.objects.bulk_create(
        SampledVoucher(
            sample=sample,
            number=number,
            expenditure_id=one.voucher.key,
            expenditure_key=one.voucher.key,
            voucher=one.voucher.voucher,
            spent_on=one.voucher.spent_on,
            amount=one.voucher.amount,
            currency=one.voucher.currency,
            rate=one.voucher.rate,
            units=one.units,
        )
        for number, one in enumerate(drawn, start=1)
    )
    return sample


@dataclass(frozen=True)
class DrawnAgain:
    """A sample drawn again from the books of today, by its own rule and seed."""

    population: Population
    same_population: bool
    same_sample: bool


def draw_again(sample: VoucherSample) -> DrawnAgain:
    """Compare a sample with what its rule draws now. Nothing is written."""
    population = population_of(sample.project, sample.starts_on, sample.ends_on, sample.rule)
    drawn = RULES[sample.rule](population.vouchers, sample.size, sample.seed)
    kept = list(sample.vouchers.order_by("number").values_list("expenditure_key", "units"))
    return DrawnAgain(
        population,
        same_population=population.sha256 == sample.population_sha256,
        same_sample=kept == [_identity(one) for one in drawn],
    )


def _identity(one: Drawn) -> tuple[int, int]:
    return one.voucher.key, one.units

"""The rules that draw samples of vouchers: exact, reproducible, and fair to monetary units."""

from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from projects.money.sampling import Voucher, monetary_unit, population_hash, simple_random


def voucher(key, amount, *, currency="CAD", rate="1", after=0):
    on = date(2019, 6, 1) + timedelta(days=after)
    return Voucher(key, on, f"V-{key:03}", Decimal(amount), currency, Decimal(rate))


BOOKS = [voucher(key, f"{37 * key % 100 + 1}.50", after=key // 4) for key in range(1, 41)]


def drawn(rule, vouchers=BOOKS, size=8, seed="7f3a"):
    return [(one.voucher.key, one.units) for one in rule(vouchers, size, seed)]


def test_simple_random_draws_those_with_the_smallest_hashes():
    by_hand = sorted(range(1, 41), key=lambda key: sha256(f"7f3a:{key}".encode()).hexdigest())[:8]

    assert drawn(simple_random) == [(key, 1) for key in sorted(by_hand)]


@pytest.mark.parametrize("rule", [simple_random, monetary_unit])
def test_the_same_seed_draws_the_same_in_whatever_order_the_vouchers_come(rule):
    assert drawn(rule, BOOKS[::-1]) == drawn(rule)
    assert drawn(rule, seed="7f3b") != drawn(rule)


def test_monetary_units_lie_one_step_apart():
    total = sum(one.amount for one in BOOKS)
    step = total / 8
    first = step * int(sha256(b"7f3a").hexdigest(), 16) / 2**256
    wanted = [first + step * number for number in range(8)]
    found, reached = [], Decimal(0)
    for one in BOOKS:
        units = sum(1 for unit in wanted if reached <= unit < reached + one.amount)
        reached += one.amount
        if units:
            found.append((one.key, units))

    assert drawn(monetary_unit) == found
    assert sum(units for _key, units in found) == 8


def test_a_voucher_above_the_step_is_always_drawn_with_all_of_its_units():
    books = [voucher(1, "700"), *(voucher(key, "10") for key in range(2, 32))]  # 1,000 in total

    for seed in map(str, range(20)):
        units = dict(drawn(monetary_unit, books, 10, seed))
        assert units[1] == 7
        assert sum(units.values()) == 10


def test_monetary_units_are_those_of_the_projects_currency():
    books = [voucher(1, "50000", currency="HNL", rate="0.05"), voucher(2, "2500")]

    shares = [dict(drawn(monetary_unit, books, 10, str(seed))) for seed in range(5)]

    assert shares == [{1: 5, 2: 5}] * 5


def test_refunds_hold_no_unit_and_nothing_is_drawn_from_nothing():
    refund = voucher(9, "-40")

    assert drawn(monetary_unit, [refund, voucher(1, "40")], 3) == [(1, 3)]
    assert drawn(monetary_unit, [refund], 3) == []
    assert drawn(simple_random, [refund], 3) == [(9, 1)]


def test_every_voucher_has_its_chance_by_its_value():
    books = [voucher(1, "300"), voucher(2, "100")]

    hits = [
        key for seed in range(2000) for key, _units in drawn(monetary_unit, books, 1, str(seed))
    ]

    assert 1420 < hits.count(1) < 1580  # 1,500 of 2,000 are to be expected
    assert hits.count(1) + hits.count(2) == 2000


def test_the_hash_is_that_of_the_lines_and_tells_any_change():
    books = [voucher(1, "10.5", currency="HNL", rate="0.05"), voucher(2, "20")]
    lines = "1\t2019-06-01\tV-001\t10.50\tHNL\t0.05000000\n2\t2019-06-01\tV-002\t20.00\tCAD\t1.00000000\n"

    assert population_hash(books[::-1]) == sha256(lines.encode()).hexdigest()
    assert population_hash([books[0]]) != population_hash(books)

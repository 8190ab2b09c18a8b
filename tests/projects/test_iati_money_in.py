"""What becomes of the budgets and payments of a file by others; what is left out is counted."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.iati.document import (
    IatiAmount,
    IatiBudget,
    IatiOrganisation,
    IatiTransaction,
    Participant,
    PlannedDisbursement,
)
from projects.money.budget_figures import split_by_calendar
from tests.projects.test_iati_drafts import DONOR, END, START, TODAY, draft, whys

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "still_today")]


def cad(amount, currency="CAD"):
    return IatiAmount(Decimal(amount), currency, START)


YEAR = (START, date(2020, 3, 31))


@pytest.mark.parametrize(
    ("budgets", "lines", "approved_on"),
    [
        ([IatiBudget(*YEAR, cad(5))], [(5, None)], None),
        ([IatiBudget(*YEAR, cad(5), status="2")], [(5, None)], START),
        ([IatiBudget(*YEAR, cad(7), kind="2"), IatiBudget(*YEAR, cad(5))], [(5, 7)], START),
        ([IatiBudget(*YEAR, cad(7), kind="2")], [(7, None)], START),
        ([IatiBudget(*YEAR, cad(-5))], [], None),
        ([IatiBudget(*YEAR, cad(0))], [(0, None)], None),
        ([IatiBudget(*YEAR, cad(5, "USD"), status="2")], [], None),
    ],
)
def test_a_budget_has_its_original_amount_and_its_revised_one(budgets, lines, approved_on):
    money = draft(budgets=budgets).money

    assert [(line.original, line.revised) for line in money.lines] == lines
    assert money.approved_on == approved_on


@pytest.mark.parametrize(("start", "count"), [(date(2020, 3, 31), 1), (date(2020, 4, 1), 2)])
def test_two_budgets_share_no_day(start, count):
    other = IatiBudget(start, date(2021, 3, 31), cad(5))

    made = draft(budgets=[IatiBudget(*YEAR, cad(5)), other])

    assert len(made.money.lines) == count
    assert ("It overlaps other budgets in the file." in whys(made)) is (count == 1)


def test_what_a_donor_gave_promised_and_plans_is_kept_with_its_place():
    partner = IatiOrganisation({"fr": "Autre"}, "XX-B", "22")
    moved = [
        IatiTransaction("1", TODAY, cad(10), provider=DONOR),
        IatiTransaction("1", TODAY + timedelta(days=1), cad(11), provider=DONOR),
        IatiTransaction("1", START, cad(12), provider=partner),
        IatiTransaction("1", START, cad("0.01"), provider=DONOR),
        IatiTransaction("11", START, cad(100), provider=DONOR),
        IatiTransaction("4", START, cad(13)),
    ]
    planned = [
        PlannedDisbursement(START, None, cad(20), DONOR),
        PlannedDisbursement(START, None, cad(21), DONOR, kind="2"),
        PlannedDisbursement(END, None, cad(22), DONOR),
        PlannedDisbursement(END, None, cad(23), receiver=partner),
    ]
    made = draft(
        participants=[Participant(DONOR, "1"), Participant(partner, "4")],
        transactions=moved,
        planned_disbursements=planned,
    )

    money, donor = made.money, made.participations[0]
    assert [
        (place is donor, each.promised, each.received) for place, each in money.contributions
    ] == [
        (True, 21, None),
        (True, 22, None),
        (True, None, 10),
        (True, None, Decimal("0.01")),
    ]
    assert [(place is donor, each.amount, each.reference) for place, each in money.promises] == [
        (True, 100, "XX-A-HN-9")
    ]


def test_a_budget_of_several_years_is_divided_among_its_calendar_years():
    days = (date(2018, 12, 31), date(2021, 1, 1))
    long = IatiBudget(date(2019, 4, 1), date(2021, 3, 31), cad(731))

    made = draft(budgets=[long, IatiBudget(long.start, long.end, cad("73.10"), kind="2")])
    ends = split_by_calendar(*days, Decimal(731))

    assert [
        (each.period.start, each.period.end, each.original, each.revised)
        for each in made.money.lines
    ] == [
        (date(2019, 4, 1), date(2019, 12, 31), 275, Decimal("27.50")),
        (date(2020, 1, 1), date(2020, 12, 31), 366, Decimal("36.60")),
        (date(2021, 1, 1), date(2021, 3, 31), 90, Decimal("9.00")),
    ]
    why = "Of more than a year: divided among the calendar years, in proportion to days."
    assert [(each.count, each.is_changed) for each in made.notes if each.why == why] == [(1, True)]
    assert [(each.start, each.end) for each in ends] == [
        (date(2018, 12, 31), date(2019, 12, 31)),
        (date(2020, 1, 1), date(2021, 1, 1)),
    ]
    assert sum(each.amount for each in ends) == 731


def test_budgets_of_a_year_come_before_those_of_several():
    long = IatiBudget(date(2018, 1, 1), date(2021, 12, 31), cad(900))

    made = draft(budgets=[long, IatiBudget(*YEAR, cad(5))])

    assert [(each.period.start, each.original) for each in made.money.lines] == [(START, 5)]
    (note,) = made.left_out
    assert (note.why, note.count, note.sums) == (
        "It overlaps other budgets in the file.",
        1,
        {"CAD": "900"},
    )


IMPLEMENTER = IatiOrganisation({"fr": "Autre"}, "XX-B", "22")
FROM_DONOR = [
    IatiTransaction("2", START, cad(100), provider=DONOR, ref="C-1"),
    IatiTransaction("2", END, cad(-30)),
    IatiTransaction("3", START, cad(40), receiver=IMPLEMENTER),
    IatiTransaction("3", END, cad(20, "USD")),
    IatiTransaction("3", TODAY + timedelta(days=1), cad(7)),
    IatiTransaction("4", START, cad(8)),
]


def test_a_donor_s_own_file_says_what_is_promised_and_came_in():
    made = draft(
        reporting=DONOR,
        participants=[Participant(DONOR, "1"), Participant(IMPLEMENTER, "4")],
        transactions=FROM_DONOR,
    )

    money = made.money
    assert [(each.amount, each.signed_on, each.reference) for _donor, each in money.promises] == [
        (70, START, "C-1")
    ]
    assert [(each.received, each.received_on) for _donor, each in money.contributions] == [
        (40, START)
    ]
    assert (money.promised, money.received) == (70, 40)
    assert {each.why: (each.count, each.sums) for each in made.left_out} == {
        "An amount in another currency needs its exchange rate: enter it by hand.": (
            1,
            {"USD": "20"},
        ),
        "This day is in the future, which is not possible.": (1, {"CAD": "7"}),
        "Spending comes from the accounting system.": (1, {"CAD": "8"}),
    }
    assert {each.why: each.count for each in made.changed} == {
        "The donor’s own file: its commitments are promises, its disbursements came in.": 5,
        "Several commitments of one donor: added up, with the day of the first.": 1,
    }


@pytest.mark.parametrize(
    ("reporting", "roles"), [(IMPLEMENTER, ["1"]), (DONOR, ["1", "4"]), (DONOR, [])]
)
def test_what_an_implementer_pays_out_does_not_come_in(reporting, roles):
    made = draft(
        reporting=reporting,
        participants=[Participant(DONOR, role) for role in roles],
        transactions=[IatiTransaction(kind, START, cad(5)) for kind in ("2", "3")],
    )

    assert (made.money.promises, made.money.contributions) == ([], [])
    assert {each.why: each.sums for each in made.left_out} == {
        "The portal keeps what was promised and received.": {"CAD": "5"},
        "Spending comes from the accounting system.": {"CAD": "5"},
    }


def test_commitments_that_are_taken_back_promise_nothing():
    made = draft(
        reporting=DONOR,
        transactions=[IatiTransaction("2", START, cad(amount)) for amount in (5, -5)],
    )

    assert made.money.promises == []
    (note,) = made.left_out
    assert (note.count, note.sums) == (2, {"CAD": "0"})


def test_a_payment_to_come_of_the_donor_that_reports_is_promised():
    made = draft(
        reporting=DONOR,
        planned_disbursements=[PlannedDisbursement(END, None, cad(9), receiver=IMPLEMENTER)],
    )

    assert [(each.promised, each.expected_on) for _donor, each in made.money.contributions] == [
        (9, END)
    ]

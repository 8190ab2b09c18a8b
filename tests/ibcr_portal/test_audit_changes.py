"""What changed after a lock: before and after, by role, from the history."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from accounts.models import AccessEvent
from committees.models import Erratum, Minutes, Resolution
from ibcr_portal.audit.sources import changes_after_locks
from kernel.formats import day
from kernel.lifecycle import StatusChange
from projects.models import Budget, BudgetRevision, DataPoint, Expenditure
from projects.money.services.approval import lift_lock, lock_days
from projects.money.services.spending import adjust_expenditure, save_expenditure
from tests.factories import (
    BudgetCategoryFactory,
    BudgetLineFactory,
    DataPointFactory,
    ExpenditureFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


JUNE = (date(2019, 6, 1), date(2019, 6, 30))


@pytest.fixture
def auditor(world, client):
    person = world.people["auditor"]
    person.keep_language("en")
    client.force_login(person)
    return person


@pytest.fixture
def voucher(world):
    category = BudgetCategoryFactory(project=world.project, code="VOY", name_fr="Voyages")
    return ExpenditureFactory(category=category, voucher="V-001", amount=Decimal(100))


def facts(world):
    return [
        (change.thing, change.field, change.before, change.after, change.why)
        for change in changes_after_locks(world.project)
    ]


def lock(world):
    start, end = JUNE
    return lock_days(world.project, start=start, end=end, by=world.people["finance"])


def test_what_changed_before_the_lock_is_not_listed(world, voucher):
    voucher.amount = Decimal(120)
    save_expenditure(voucher, by=world.people["finance"])
    lock(world)

    assert facts(world) == []


def test_a_voucher_changed_after_its_days_were_unlocked(world, voucher):
    made = lock(world)
    lift_lock(made, reason="Wrong rate", by=world.people["finance"])
    voucher.amount, voucher.description = Decimal("120.50"), "Bus"
    save_expenditure(voucher, by=world.people["finance"])

    found = facts(world)

    assert found[:2] == [
        ("V-001 · 120.5 CAD", "Description", "–", "Bus", ""),
        ("V-001 · 120.5 CAD", "Amount", "100", "120.5", ""),
    ] or found[:2] == [
        ("V-001 · 120.5 CAD", "Amount", "100", "120.5", ""),
        ("V-001 · 120.5 CAD", "Description", "–", "Bus", ""),
    ]
    assert found[2:] == [("June 1–30, 2019", "Lock", "Locked", "Unlocked", "Wrong rate")]


def test_a_voucher_without_number_and_purpose_is_named_by_its_key(world, voucher):
    Expenditure.objects.filter(pk=voucher.pk).update(voucher="", description="")
    ExpenditureFactory(category=voucher.category).delete()  # so that keys of the history differ
    made = lock(world)
    lift_lock(made, reason="Wrong rate", by=world.people["finance"])
    voucher.refresh_from_db()
    voucher.amount = Decimal(120)
    save_expenditure(voucher, by=world.people["finance"])

    assert facts(world)[0] == (f"{voucher.pk} · 120 CAD", "Amount", "100", "120", "")


def test_a_change_of_another_day_is_not_listed(world, voucher):
    other = ExpenditureFactory(category=voucher.category, spent_on=date(2019, 7, 2))
    lock(world)
    other.amount = Decimal(7)
    save_expenditure(other, by=world.people["finance"])

    assert facts(world) == []


def test_a_correction_of_a_locked_voucher(world, voucher):
    lock(world)
    adjust_expenditure(
        voucher,
        category=voucher.category,
        result=None,
        amount=Decimal(80),
        on=date(2019, 7, 1),
        by=world.people["finance"],
        reason="Paid twice",
    )

    correction = "V-001 · \u221220 CAD"

    assert facts(world) == [(correction, "Correction", "V-001 · 100 CAD", correction, "Paid twice")]


def test_a_deleted_voucher_stays_in_the_list(world, voucher):
    lift_lock(lock(world), reason="Wrong month", by=world.people["finance"])
    voucher.delete()

    assert facts(world)[0][:4] == ("V-001 · 100 CAD", "Deleted", "V-001 · 100 CAD", "–")


def test_a_revision_of_the_approved_budget(world):
    line = BudgetLineFactory(period=world.year, original=1000)
    Budget.objects.create(project=world.project, approved_on=date(2019, 6, 1))
    BudgetRevision.objects.create(
        line=line,
        before=1000,
        after=1100,
        reason="Fuel",
        is_within_tolerance=True,
        on=date(2019, 9, 1),
        by=world.people["finance"],
    )

    [change] = changes_after_locks(world.project)

    assert change.lock == "Budget, approved on June 1, 2019"
    assert (change.before, change.after, change.why) == ("1,000", "1,100", "Fuel")
    assert change.by == world.people["finance"].pk


def test_another_amount_for_the_second_approval(world):
    budget = Budget.objects.create(project=world.project)
    for amount in (1000, None, 1000):
        budget.approval_above = amount
        budget.save()
    budget.threshold = 20  # is no limit
    budget.save()

    found = changes_after_locks(world.project)

    today = day(timezone.localdate())
    assert {change.lock for change in found} == {f"Second approval, set on {today}"}
    label = "Approval by a second person above"
    assert facts(world) == [
        ("Settings of the budget", label, "–", "1,000", ""),
        ("Settings of the budget", label, "1,000", "–", ""),
    ]


def test_an_approved_value_that_was_corrected(world):
    monitoring = world.people["monitoring"]
    point = DataPointFactory(
        indicator=world.indicator, period=world.year, numerator=10, status="submitted"
    )
    point.take("approve", by=monitoring)
    point.take("reopen", by=monitoring, why="Counted twice")
    DataPoint.objects.filter(pk=point.pk).update(numerator=10)
    point.refresh_from_db()
    point.numerator = Decimal(8)
    point.save()

    found = {(field, before, after) for _thing, field, before, after, _why in facts(world)}

    assert found == {("Status", "Approved", "Draft"), ("Value", "10", "8")}


def seal(world):
    minutes = Minutes.objects.create(
        meeting=world.meeting,
        status="sealed",
        content={"fr": {}},
        sha256="0" * 64,
        sealed_on=date(2020, 1, 5),
        adopted_how="silence",
        adopted_on=date(2020, 1, 4),
    )
    StatusChange.objects.create(
        thing=minutes,
        verb="seal",
        from_status="adopted",
        to_status="sealed",
        by=world.people["coordinator"],
        happened_on=date(2020, 1, 5),
    )
    return minutes


def test_an_erratum_and_a_resolution_changed_after_the_minutes_were_sealed(world):
    world.decision.text_fr = "Avant le sceau"
    world.decision.save()
    minutes = seal(world)
    Erratum.objects.create(
        minutes=minutes, number=1, text="Read “nine”.", by=world.people["coordinator"]
    )
    world.decision.text_fr = "Après le sceau"
    world.decision.save()

    found = facts(world)

    assert ("Erratum 1", "–", "Read “nine”.") in [row[1:4] for row in found]
    assert ("Avant le sceau", "Après le sceau") in [row[2:4] for row in found]
    assert len(found) == 2
    assert Resolution.objects.count() == 1


def test_the_life_of_a_decision_goes_on_after_the_seal(world):
    seal(world)
    world.decision.take("execute", by=world.people["coordinator"])

    assert facts(world) == []


def test_the_page_names_roles_and_no_person(client, world, auditor, voucher):
    finance = world.people["finance"]
    lift_lock(lock(world), reason="Wrong rate", by=finance)

    response = client.get(reverse("projects:audit-changes", args=["HN-1"]))

    [(change, who)] = response.context["page"]
    assert (change.field, who.partition(" · ")[0]) == ("Lock", "Finance")
    assert finance.full_name not in response.content.decode()


def test_the_export_is_logged_and_begins_no_formula(client, world, auditor, voucher):
    lift_lock(lock(world), reason="=1+1", by=world.people["finance"])

    answer = client.get(reverse("projects:audit-changes-export", args=["HN-1"]))

    [_head, row] = load_workbook(io.BytesIO(answer.content)).active.iter_rows()
    assert (row[7].value, {cell.data_type for cell in row}) == ("=1+1", {"s"})
    event = AccessEvent.objects.first()
    assert (event.kind, event.details) == ("export", {"what": "changes after a lock", "rows": 1})


def test_the_page_asks_as_much_for_many_changes(
    client, world, auditor, voucher, django_assert_max_num_queries
):
    lift_lock(lock(world), reason="Wrong rate", by=world.people["finance"])
    url = reverse("projects:audit-changes", args=["HN-1"])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            other = ExpenditureFactory(category=voucher.category, spent_on=JUNE[0])
            other.amount = Decimal(7 + number)
            other.save()
        client.get(url)

        with django_assert_max_num_queries(30) as statements:
            client.get(url)
        counts.append(len(statements))

    few, many = counts
    assert many <= few

"""Shifts: how far an action in execution moves without a new version of the plan."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from committees.models import ActionPlan, ActionTerms, Meeting, Shift
from committees.plans.services.shifts import shift_terms, shifts_since, validated_values
from kernel.refusal import Refusal
from tests.committees.conftest import in_days
from tests.factories import ActionTermsFactory, AmendmentFactory, MeetingFactory
from tests.world import World

pytestmark = pytest.mark.django_db

Status = ActionPlan.Status


@pytest.fixture
def world():
    """30 days and a tenth of the budget; the action runs from June 1 to September 30, 2019."""
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=Status.IN_EXECUTION, validated_by=world.decision
    )
    ActionTerms.objects.filter(pk=world.terms.pk).update(budget=1000)
    type(world.committee).objects.update(tolerance_days=30, tolerance_share=Decimal("0.1"))
    world.terms.refresh_from_db()
    return world


def shift(world, **changes):
    terms = {
        "starts_on": date(2019, 6, 1),
        "ends_on": date(2019, 9, 30),
        "budget": Decimal(1000),
        "reason": "La formation est reportée.",
    } | changes
    return shift_terms(world.terms, by=world.people["coordinator"], **terms)


def url(world):
    return reverse("committees:action-shift", args=[world.plan.pk, world.terms.pk])


def as_posted(world, **changes):
    world.terms.refresh_from_db()
    return {
        "starts_on": "2019-06-01",
        "ends_on": "2019-09-30",
        "budget": "1000",
        "reason": "La formation est reportée.",
    } | changes


def test_a_shift_keeps_what_stood_before_and_why(world):
    shift(world, ends_on=date(2019, 10, 15), budget=Decimal(1100))

    world.terms.refresh_from_db()
    assert (world.terms.ends_on, world.terms.budget) == (date(2019, 10, 15), 1100)
    assert [
        (one.field, one.value_before, one.value_after, one.reason, one.by, one.on)
        for one in Shift.objects.all()
    ] == [
        (
            name,
            before,
            after,
            "La formation est reportée.",
            world.people["coordinator"],
            timezone.localdate(),
        )
        for name, before, after in (
            ("ends_on", date(2019, 9, 30), date(2019, 10, 15)),
            ("budget", Decimal(1000), Decimal(1100)),
        )
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": date(2019, 10, 31)}, "ends_on"),
        ({"ends_on": date(2019, 8, 30)}, "ends_on"),
        ({"starts_on": date(2019, 7, 2)}, "starts_on"),
        ({"budget": Decimal("1100.01")}, "budget"),
        ({"budget": Decimal("899")}, "budget"),
        ({"budget": None}, "budget"),
        ({"ends_on": date(2019, 10, 1), "reason": " "}, "reason"),
    ],
)
def test_beyond_the_tolerance_a_new_version_is_needed(world, changes, field):
    with pytest.raises(ValidationError) as refusal:
        shift(world, **changes)

    assert list(refusal.value.message_dict) == [field]
    world.terms.refresh_from_db()
    assert (world.terms.ends_on, world.terms.budget) == (date(2019, 9, 30), 1000)
    assert not Shift.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ends_on", date(2019, 10, 30)),
        ("ends_on", date(2019, 8, 31)),
        ("starts_on", date(2019, 7, 1)),
        ("starts_on", date(2019, 5, 2)),
        ("budget", Decimal(1100)),
        ("budget", Decimal(900)),
    ],
)
def test_a_shift_may_reach_the_tolerance_exactly(world, field, value):
    shift(world, **{field: value})

    world.terms.refresh_from_db()
    assert getattr(world.terms, field) == value


def test_many_small_shifts_are_measured_together(world):
    shift(world, ends_on=date(2019, 10, 20))

    with pytest.raises(ValidationError, match="September 30, 2019"):
        shift(world, ends_on=date(2019, 11, 5))

    shift(world, ends_on=date(2019, 9, 25))  # 25 days earlier than now, 5 than validated
    world.terms.refresh_from_db()
    assert validated_values(world.terms)["ends_on"] == date(2019, 9, 30)


def test_an_amendment_settles_what_was_shifted_before_it(world):
    """The committee recommended it and the donor approved it: tolerance is measured from it."""
    shift(world, ends_on=date(2019, 10, 15))
    ActionTerms.objects.update(ends_on=date(2020, 3, 31))
    Shift.objects.create(
        terms=world.terms,
        field="ends_on",
        before="2019-10-15",
        after="2020-03-31",
        reason="Prolongation",
        amendment=AmendmentFactory(project=world.project),
    )
    world.terms.refresh_from_db()
    assert validated_values(world.terms) == {
        "starts_on": date(2019, 6, 1),
        "ends_on": date(2020, 3, 31),
        "budget": Decimal(1000),
    }

    shift(world, ends_on=date(2020, 4, 30))
    with pytest.raises(ValidationError, match="March 31, 2020"):
        shift(world, ends_on=date(2020, 5, 1))


def test_without_a_tolerance_nothing_is_shifted(world):
    type(world.committee).objects.update(tolerance_days=0)

    with pytest.raises(ValidationError, match="0 days"):
        shift(world, ends_on=date(2019, 10, 1))


def test_without_a_tolerance_the_page_leads_to_a_new_version(client, world):
    client.force_login(world.people["coordinator"])
    with_one = client.get(url(world)).content.decode()
    type(world.committee).objects.update(tolerance_days=0, tolerance_share=0)
    with_none = client.get(url(world)).content.decode()

    new_version = reverse("committees:plan-create", args=[world.project.code])
    assert [new_version in page for page in (with_one, with_none)] == [False, True]
    assert ['name="reason"' in page for page in (with_one, with_none)] == [True, False]


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.IN_EXECUTION}))
def test_only_what_is_in_execution_is_shifted(world, status):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=status, donor_approved_on=date(2020, 10, 1)
    )

    with pytest.raises(Refusal, match="in execution"):
        shift(world, ends_on=date(2019, 10, 1))


def test_a_shift_stays_within_the_project_and_in_order(world):
    ActionTerms.objects.update(starts_on=date(2022, 3, 1), ends_on=date(2022, 3, 30))

    with pytest.raises(ValidationError, match="The project runs"):
        shift(world, starts_on=date(2022, 3, 1), ends_on=date(2022, 4, 15))
    with pytest.raises(ValidationError, match="ends before it starts"):
        shift(world, starts_on=date(2022, 3, 20), ends_on=date(2022, 3, 10))


def test_of_two_who_shift_at_once_the_second_is_told(client, world):
    client.force_login(world.people["coordinator"])
    stamp = client.get(url(world)).context["form"]["seen"].value()
    shift(world, ends_on=date(2019, 10, 15))

    response = client.post(url(world), as_posted(world, ends_on="2019-10-02", seen=stamp))

    form = response.context["form"]
    assert form.has_error("__all__", "changed_meanwhile")
    assert form.errors["ends_on"] == [
        "Changed in the meantime. Now: “October 15, 2019”. Your entry is kept; saving "
        "replaces what is there."
    ]
    assert form["ends_on"].value() == "2019-10-02"
    world.terms.refresh_from_db()
    assert world.terms.ends_on == date(2019, 10, 15)


def test_a_shift_is_made_and_listed_on_the_plan(client, world):
    client.force_login(world.people["coordinator"])

    response = client.post(url(world), as_posted(world, ends_on="2019-10-15"), follow=True)

    assert "The next meeting is informed." in response.content.decode()
    page = client.get(reverse("committees:plan-progress", args=[world.plan.pk]))
    assert [one.after for one in page.context["shifts"]] == ["2019-10-15"]


@pytest.mark.parametrize("text", ["", "not a day", "0000-00-00"])
def test_a_day_that_is_none_is_refused_at_its_field(client, world, text):
    client.force_login(world.people["coordinator"])

    response = client.post(url(world), as_posted(world, ends_on=text))

    assert list(response.context["form"].errors) == ["ends_on"]


def test_the_terms_of_another_plan_are_not_reached(client, world):
    foreign = ActionTermsFactory()
    client.force_login(world.people["coordinator"])

    address = reverse("committees:action-shift", args=[world.plan.pk, foreign.pk])
    assert client.get(address).status_code == 404


# Told at the next meeting


@pytest.fixture
def meetings(world):
    Meeting.objects.filter(pk=world.meeting.pk).update(starts_at=in_days(-20), ends_at=in_days(-19))
    following = MeetingFactory(
        committee=world.committee,
        starts_at=in_days(20),
        ends_at=in_days(21),
        status=Meeting.Status.CONVENED,
    )
    return Meeting.objects.get(pk=world.meeting.pk), following


def test_a_shift_is_told_at_the_meeting_after_it_and_once(world, meetings):
    old = shift(world, ends_on=date(2019, 10, 5))
    Shift.objects.update(recorded_at=timezone.now() - timedelta(days=40))
    new = shift(world, ends_on=date(2019, 10, 9))
    before, following = meetings

    assert (shifts_since(before), shifts_since(following)) == (old, new)


# The action is one of the member's institution, whose amounts it reads.
@pytest.mark.parametrize(("role", "fields"), [("donor", None), ("member", ["ends_on", "budget"])])
def test_what_was_shifted_stands_on_the_page_of_the_meeting(client, world, meetings, role, fields):
    shift(world, ends_on=date(2019, 10, 15), budget=Decimal(1050))
    client.force_login(world.people[role])

    response = client.get(reverse("committees:meeting-resolutions", args=[meetings[1].pk]))

    if fields is None:
        assert response.status_code == 404
    else:
        assert [one.field for one in response.context["shifts"]] == fields

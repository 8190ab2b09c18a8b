"""Writing a plan fast: rows in place, copies, order, the dates of many, last year's rest."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from committees.agenda.services.agenda import link_things
from committees.models import Action, ActionPlan, ActionTerms
from committees.plans.services.board import board_of
from committees.plans.services.lifecycle import change_origin, create_plan
from committees.plans.services.writing import carry_over, left_over
from kernel.refusal import Refusal
from projects.models import Project
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    PeriodFactory,
    RecommendationFactory,
    ResultFactory,
    SubjectFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

Status = ActionPlan.Status
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(client):
    world = World()
    client.force_login(world.people["coordinator"])
    return world


def url(world, name="plan-write", *more):
    return reverse(f"committees:{name}", args=[world.plan.pk, *more])


def row(world, **changes):
    return {
        "reference": "2.1",
        "title_fr": "Ateliers",
        "responsible": world.institutions["partner"].pk,
        "starts_on": "2019-07-01",
        "ends_on": "2019-08-31",
        "result": world.result.pk,
        "deliverable_fr": "Trois ateliers",
        "budget": "1 250,50",
    } | changes


def more(world, count, done=0, **terms):
    return [
        ActionTermsFactory(
            plan=world.plan,
            action=ActionFactory(project=world.project, reference=f"7.{done + number + 1}"),
            result=world.result,
            responsible=world.institutions["member"],
            **terms,
        )
        for number in range(count)
    ]


# Rows


def test_a_new_row_has_the_result_below_which_it_was_begun_and_the_days_of_the_year(client, world):
    form = client.get(url(world), {"new": 1, "result": world.result.pk}).context["form"]

    assert form["result"].value() == world.result.pk
    year = world.plan.period
    assert (form["starts_on"].value(), form["ends_on"].value()) == (year.start, year.end)


def test_a_row_is_added_and_the_next_one_is_open(client, world):
    response = client.post(url(world, "plan-row-create"), row(world))

    terms = ActionTerms.objects.get(action__reference="2.1")
    assert (terms.title_fr, terms.responsible, terms.budget, terms.result) == (
        "Ateliers",
        world.institutions["partner"],
        Decimal("1250.50"),
        world.result,
    )
    assert response.url == f"{url(world)}?new=1&result={world.result.pk}#row-new"
    page = client.get(response.url)
    assert page.context["form"]["reference"].value() == "2.2"


def test_with_htmx_only_the_rows_travel(client, world):
    response = client.post(url(world, "plan-row-create"), row(world), headers=HTMX)

    content = response.content.decode()
    assert "<html" not in content
    assert content.count("<tr") == 2
    assert 'id="row-new"' in content
    assert "autofocus" in content


def test_a_row_is_changed_in_place_and_keeps_what_it_does_not_show(client, world):
    world.terms.supporting.add(world.institutions["partner"])
    world.terms.indicators.add(world.indicator)
    ActionTerms.objects.update(title_es="Talleres")

    response = client.post(
        url(world, "plan-row", world.terms.pk),
        row(world, reference="", title_es="Talleres"),
        headers=HTMX,
    )

    terms = ActionTerms.objects.get(pk=world.terms.pk)
    assert (terms.title_fr, terms.title_es) == ("Ateliers", "Talleres")
    assert list(terms.supporting.all()) == [world.institutions["partner"]]
    assert list(terms.indicators.all()) == [world.indicator]
    assert terms.action.reference == world.action.reference
    assert response.content.decode().count("<tr") == 1


def test_opening_a_row_and_leaving_it_changes_nothing(client, world):
    opened = client.get(url(world), {"edit": world.terms.pk}, headers=HTMX)
    left = client.get(url(world), {"row": world.terms.pk}, headers=HTMX)
    whole = client.get(url(world), {"edit": world.terms.pk})

    assert [one.content.decode().count("<form") for one in (opened, left)] == [1, 0]
    assert "<html" in whole.content.decode()
    assert whole.context["opened"] == world.terms.pk


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": "2019-06-30"}, "ends_on"),
        ({"starts_on": "2018-01-01"}, "starts_on"),
        ({"ends_on": "2031-01-01"}, "ends_on"),
        ({"ends_on": "never"}, "ends_on"),
        ({"responsible": "foreign"}, "responsible"),
        ({"result": "foreign"}, "result"),
        ({"title_fr": ""}, "title_en"),
        ({"title_fr": "x" * 301}, "title_fr"),
        ({"budget": "-5"}, "__all__"),
        ({"budget": "1.250"}, "budget"),
        ({"reference": "1.1"}, "reference"),
        ({"reference": "one"}, "reference"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_cannot_be_is_said_at_its_field(client, world, changes, field, headers):
    Action.objects.filter(pk=world.action.pk).update(reference="1.1")
    foreign = {
        "responsible": world.foreign_institution.pk,
        "result": ResultFactory(project=world.neighbour).pk,
    }
    changes = {key: foreign[key] if value == "foreign" else value for key, value in changes.items()}

    response = client.post(url(world, "plan-row-create"), row(world, **changes), headers=headers)

    assert list(response.context["form"].errors) == [field]
    assert ActionTerms.objects.count() == 1


@pytest.mark.parametrize("name", ["plan-row", "plan-row-duplicate", "plan-row-move"])
def test_a_row_of_another_plan_is_not_reached(client, world, name):
    foreign = ActionTermsFactory()

    assert client.post(url(world, name, foreign.pk), row(world)).status_code == 404


@pytest.mark.parametrize("status", [Status.PRESENTED, Status.IN_EXECUTION])
def test_what_stands_is_not_written_in_the_table(client, world, status):
    ActionPlan.objects.update(status=status, validated_by=world.decision)
    before = list(ActionTerms.objects.values())

    for name, keys in (
        ("plan-row-create", []),
        ("plan-row", [world.terms.pk]),
        ("plan-row-duplicate", [world.terms.pk]),
        ("plan-row-move", [world.terms.pk]),
        ("plan-dates", []),
        ("plan-carry-over", []),
    ):
        response = client.post(url(world, name, *keys), row(world), follow=True)
        assert response.redirect_chain

    assert list(ActionTerms.objects.values()) == before


# Copies and order


def test_a_copy_has_the_words_and_not_the_progress(client, world):
    world.terms.supporting.add(world.institutions["partner"])
    origin = RecommendationFactory(agenda_item=world.item)
    Action.objects.filter(pk=world.action.pk).update(
        reference="1.1", share_done=60, status="in_progress", origin=origin
    )

    response = client.post(url(world, "plan-row-duplicate", world.terms.pk))

    copy = ActionTerms.objects.latest("pk")
    assert response.url == f"{url(world)}?edit={copy.pk}#row-{copy.pk}"
    assert (copy.title_fr, copy.starts_on, copy.result) == (
        world.terms.title_fr,
        world.terms.starts_on,
        world.result,
    )
    assert list(copy.supporting.all()) == [world.institutions["partner"]]
    assert (copy.action.reference, copy.action.share_done, copy.action.status) == (
        "1.2",
        0,
        "to_do",
    )
    assert copy.action.origin is None


def order(world):
    world.plan.refresh_from_db()
    board = board_of(world.plan, [])
    return [one.terms.action.reference for group in board.groups for one in group.rows]


def test_rows_move_and_their_numbers_stay(client, world):
    Action.objects.filter(pk=world.action.pk).update(reference="1.1")
    first, second = more(world, 2)

    client.post(url(world, "plan-row-move", second.pk), {"up": "1"})
    client.post(url(world, "plan-row-move", world.terms.pk))
    client.post(url(world, "plan-row-move", second.pk), {"up": "1"})

    assert order(world) == ["7.2", "1.1", "7.1"]
    client.post(url(world, "plan-row-move", first.pk))  # the last stays the last
    assert order(world) == ["7.2", "1.1", "7.1"]
    assert ActionPlan.objects.get().terms_changed_at is None


def test_the_first_row_does_not_offer_up_nor_the_last_down(client, world):
    first, second = world.terms, more(world, 2)[1]
    table = client.get(url(world)).content.decode()
    parts = [
        client.get(url(world), {"row": one.pk}, headers=HTMX).content.decode()
        for one in (first, second)
    ]

    assert [table.count(f'title="{word}"') for word in ("Up", "Down")] == [2, 2]
    assert [[word in part for word in ('title="Up"', 'title="Down"')] for part in parts] == [
        [False, True],
        [True, False],
    ]


def test_a_row_that_moves_to_another_result_keeps_its_number(client, world):
    other = ResultFactory(project=world.project, code="1900")
    client.post(url(world, "plan-row-move", world.terms.pk))

    response = client.post(
        url(world, "plan-row", world.terms.pk), row(world, result=other.pk), headers=HTMX
    )

    terms = ActionTerms.objects.get()
    assert (terms.result, terms.position, terms.action.reference) == (
        other,
        0,
        world.action.reference,
    )
    assert response.headers["HX-Redirect"] == f"{url(world)}#row-{terms.pk}"


# Dates of many


def dates(**changes):
    return {"which": "chosen", "how": "shift", "days": "14", "day": "", "rows": []} | changes


def test_dates_of_the_chosen_rows_are_shifted(client, world):
    first, second = more(world, 2)

    client.post(url(world, "plan-dates"), dates(rows=[first.pk]))

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.starts_on, first.ends_on) == (date(2019, 6, 15), date(2019, 10, 14))
    assert (second.starts_on, second.ends_on) == (date(2019, 6, 1), date(2019, 9, 30))
    assert ActionPlan.objects.get().terms_changed_at is not None


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("start", (date(2019, 8, 1), date(2019, 9, 30))),
        ("end", (date(2019, 6, 1), date(2019, 8, 1))),
    ],
)
def test_one_date_is_set_for_all(client, world, how, expected):
    more(world, 2)

    client.post(url(world, "plan-dates"), dates(which="all", how=how, day="2019-08-01"))

    assert set(ActionTerms.objects.values_list("starts_on", "ends_on")) == {expected}


def test_if_one_date_does_not_fit_none_is_changed_and_each_is_named(client, world):
    late, fits = more(world, 2)
    ActionTerms.objects.filter(pk=late.pk).update(
        starts_on=date(2022, 3, 1), ends_on=date(2022, 3, 30)
    )

    response = client.post(url(world, "plan-dates"), dates(rows=[late.pk, fits.pk], days="30"))

    assert [str(one)[:26] for one in response.context["dates"].non_field_errors()] == [
        "7.1: The project runs from"
    ]
    assert response.context["chosen"] == {str(late.pk), str(fits.pk)}
    fits.refresh_from_db()
    assert fits.starts_on == date(2019, 6, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rows": []}, "which"),
        ({"days": ""}, "days"),
        ({"days": "0"}, "days"),
        ({"days": "99999999999"}, "days"),
        ({"how": "end", "day": ""}, "day"),
        ({"how": "end", "day": "soon"}, "day"),
        ({"how": "explode"}, "how"),
        ({"rows": ["0"]}, "rows"),
        ({"rows": ["x"]}, "rows"),
    ],
)
def test_dates_that_cannot_be_are_refused(client, world, changes, field):
    response = client.post(url(world, "plan-dates"), dates(rows=[world.terms.pk]) | changes)

    assert field in response.context["dates"].errors
    world.terms.refresh_from_db()
    assert world.terms.ends_on == date(2019, 9, 30)


def test_an_end_before_the_start_is_refused_for_all(client, world):
    response = client.post(
        url(world, "plan-dates"), dates(which="all", how="end", day="2019-05-01")
    )

    assert "ends before it starts" in str(response.context["dates"].non_field_errors())


# Last year's rest


@pytest.fixture
def years(world):
    """Year 1 is in execution with three actions, of which one is done; year 2 is a draft."""
    done, cancelled = more(world, 2)
    ActionPlan.objects.update(status=Status.IN_EXECUTION, validated_by=world.decision)
    Action.objects.filter(pk=done.action_id).update(status="done", share_done=100)
    Action.objects.filter(pk=cancelled.action_id).update(status="cancelled")
    Action.objects.filter(pk=world.action.pk).update(status="in_progress", share_done=40)
    period = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    world.second = ActionPlanFactory(period=period)
    return world


def test_what_is_unfinished_goes_on_as_the_same_action(client, years):
    years.terms.supporting.add(years.institutions["partner"])
    years.terms.indicators.add(years.indicator)

    address = reverse("committees:plan-carry-over", args=[years.second.pk])
    assert [one.pk for one in client.get(address).context["rows"]] == [years.terms.pk]
    client.post(address, {"actions": [years.terms.pk]})

    terms = years.second.terms.get()
    assert terms.action == years.action
    assert (terms.action.share_done, terms.action.status) == (40, "in_progress")
    assert (terms.starts_on, terms.ends_on) == (date(2020, 4, 1), date(2020, 7, 31))
    assert list(terms.supporting.all()) == [years.institutions["partner"]]
    assert list(terms.indicators.all()) == [years.indicator]
    assert years.plan.terms.count() == 3
    assert left_over(years.second) == []


def test_of_two_who_take_over_at_once_the_second_is_told(years):
    carry_over(years.second, [years.terms.pk])

    with pytest.raises(Refusal, match="taken over in the meantime"):
        carry_over(years.second, [years.terms.pk])


@pytest.mark.parametrize("which", ["done", "foreign", "nonsense"])
def test_what_is_not_left_over_is_not_taken_over(client, years, which):
    keys = {
        "done": years.plan.terms.get(action__status="done").pk,
        "foreign": ActionTermsFactory().pk,
        "nonsense": "x",
    }

    address = reverse("committees:plan-carry-over", args=[years.second.pk])
    response = client.post(address, {"actions": [keys[which]]})

    assert list(response.context["form"].errors) == ["actions"]
    assert not years.second.terms.exists()


def test_a_new_year_begins_with_the_question_what_goes_on(client, years):
    years.second.delete()

    response = client.post(
        reverse("committees:plan-create", args=[years.project.code]),
        {"period": years.project.periods.get(number=2).pk},
    )

    plan = ActionPlan.objects.latest("pk")
    assert response.url == reverse("committees:plan-carry-over", args=[plan.pk])


@pytest.mark.parametrize(("days_left", "proposed"), [(120, 2), (30, 3)])
def test_the_year_proposed_for_a_new_plan_has_time_left(client, world, days_left, proposed):
    project, today = world.project, timezone.localdate()
    end = today + timedelta(days=days_left)
    for number, first, last in (
        (2, today - timedelta(days=200), end),
        (3, end + timedelta(days=1), end + timedelta(days=365)),
    ):
        PeriodFactory(project=project, number=number, start=first, end=last)

    page = client.get(reverse("committees:plan-create", args=[project.code]))

    form = page.context["form"]
    assert form.initial["period"].number == proposed
    assert [year.number for year in form.fields["period"].queryset] == [1, 2, 3]


# Circles


def test_an_action_does_not_come_from_what_speaks_of_it(world):
    recommendation = RecommendationFactory(agenda_item=world.item)
    SubjectFactory(resolution=recommendation, action=world.action)

    with pytest.raises(ValidationError, match="itself follows from action"):
        change_origin(world.action, recommendation)

    world.action.refresh_from_db()
    assert world.action.origin is None


def test_nor_by_a_detour(world):
    """The first comes from R1, which speaks of the second, which would come from R2, which
    speaks of the first."""
    second = ActionFactory(project=world.project, reference="8.8")
    one, two = (RecommendationFactory(agenda_item=world.item) for _number in range(2))
    SubjectFactory(resolution=one, action=second)
    change_origin(world.action, one)
    SubjectFactory(resolution=two, action=world.action)

    with pytest.raises(ValidationError, match="itself follows from action"):
        change_origin(second, two)


def test_a_resolution_is_not_linked_with_what_follows_from_it(world):
    recommendation = RecommendationFactory(agenda_item=world.item)
    change_origin(world.action, recommendation)

    with pytest.raises(Refusal, match="cannot concern it as well"):
        link_things(recommendation, [world.action])

    assert not recommendation.subjects.exists()


def test_a_circle_is_said_at_the_field(client, world):
    recommendation = RecommendationFactory(agenda_item=world.item)
    SubjectFactory(resolution=recommendation, action=world.action)
    address = reverse("committees:action-edit", args=[world.plan.pk, world.terms.pk])

    response = client.post(
        address,
        row(world) | {"origin": recommendation.pk, "responsible": world.institutions["member"].pk},
    )

    assert list(response.context["form"].errors) == ["origin"]


# Closed projects


@pytest.mark.parametrize("status", [Project.Status.CLOSED, Project.Status.CANCELLED])
def test_nothing_more_is_planned_for_a_project_that_is_over(client, world, status):
    Project.objects.filter(pk=world.project.pk).update(status=status)
    world.year.project.refresh_from_db()

    address = reverse("committees:plan-create", args=[world.project.code])
    assert client.get(address).status_code == 403
    assert address not in client.get(reverse("committees:plans")).content.decode()
    with translation.override("en"), pytest.raises(Refusal, match="project is closed"):
        create_plan(world.year, by=world.people["coordinator"])


@pytest.mark.parametrize(
    "status", [Status.VALIDATED, Status.CHANGES_REQUESTED, Status.APPROVED, Status.IN_EXECUTION]
)
def test_nor_is_a_new_version_offered(client, world, status):
    ActionPlan.objects.update(
        status=status, validated_by=world.decision, donor_approved_on=date(2020, 10, 1)
    )
    Project.objects.filter(pk=world.project.pk).update(status=Project.Status.CLOSED)

    content = client.get(world.plan.get_absolute_url()).content.decode()

    assert reverse("committees:plan-create", args=[world.project.code]) not in content


# Queries


def test_the_table_costs_the_same_for_any_number_of_rows(
    client, world, django_assert_max_num_queries
):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for terms in more(world, len(numbers), numbers.start):
            terms.supporting.add(world.institutions["partner"])

        with django_assert_max_num_queries(25) as statements:
            response = client.get(url(world))
        counts.append(len(statements))

        assert response.context["board"].count == numbers.stop + 1

    few, many = counts
    assert many <= few

"""The coordination writes a plan: versions, actions, references; what is validated stays."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from committees.models import Action, ActionPlan, ActionTerms
from committees.plans.services.lifecycle import (
    change_origin,
    create_plan,
    keep_action,
    propose_reference,
    remove_action,
)
from kernel.refusal import Refusal
from projects.models import Period
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    ActivityFactory,
    AmendmentFactory,
    IndicatorFactory,
    PeriodFactory,
    RecommendationFactory,
    RemarkFactory,
    ResolutionFactory,
    ResultFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

Status = ActionPlan.Status


@pytest.fixture
def world():
    return World()


@pytest.fixture
def coordinator(client, world):
    client.force_login(world.people["coordinator"])
    return world.people["coordinator"]


def fields(world, **changes):
    return {
        "reference": "7.1",
        "title_fr": "Ateliers en ligne",
        "title_es": "Talleres en línea",
        "title_en": "Online workshops",
        "starts_on": "2019-06-01",
        "ends_on": "2019-09-30",
        "responsible": world.institutions["member"].pk,
        "supporting": [world.institutions["partner"].pk],
        "result": world.result.pk,
        "indicators": [world.indicator.pk],
        "deliverable_fr": "Six ateliers",
        "budget": "1 250,50",
    } | changes


def new_url(plan):
    return reverse("committees:action-create", args=[plan.pk])


def edit_url(terms):
    return reverse("committees:action-edit", args=[terms.plan_id, terms.pk])


def validate(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=Status.VALIDATED, validated_by=world.decision
    )
    world.plan.refresh_from_db()


# Versions


def test_a_plan_is_begun_for_a_project_year(client, world, coordinator):
    year = PeriodFactory(project=world.project, number=2, start="2020-04-01", end="2021-03-31")

    response = client.post(
        reverse("committees:plan-create", args=[world.project.code]), {"period": year.pk}
    )

    plan = year.plans.get()
    assert response.url == reverse("committees:plan-write", args=[plan.pk])
    assert (plan.project, plan.version, plan.status) == (world.project, 1, Status.DRAFT)


def test_a_new_version_has_the_terms_of_the_one_before(world, coordinator):
    world.terms.supporting.add(world.institutions["partner"])
    world.terms.indicators.add(world.indicator)
    ActionTermsFactory(plan=world.plan, title_es="Otra", budget=Decimal("10.50"))
    validate(world)

    second = create_plan(world.year, by=coordinator)

    def said(plan):
        return [
            (
                terms.action_id,
                terms.title_fr,
                terms.title_es,
                terms.starts_on,
                terms.ends_on,
                terms.responsible_id,
                [one.pk for one in terms.supporting.all()],
                [one.pk for one in terms.indicators.all()],
                terms.result_id,
                terms.budget,
            )
            for terms in plan.terms.order_by("action__reference")
        ]

    assert (second.version, second.status) == (2, Status.DRAFT)
    assert said(second) == said(world.plan)
    [copied] = [row for row in said(second) if row[0] == world.terms.action_id]
    assert copied[6:8] == ([world.institutions["partner"].pk], [world.indicator.pk])
    assert set(second.terms.values_list("pk")).isdisjoint(world.plan.terms.values_list("pk"))


def test_a_form_sent_twice_begins_one_version(client, world, coordinator):
    validate(world)
    url = reverse("committees:plan-create", args=[world.project.code])

    client.post(url, {"period": world.year.pk})
    again = client.post(url, {"period": world.year.pk}, follow=True)

    assert list(world.year.plans.values_list("version", flat=True)) == [2, 1]
    assert "is still being prepared" in again.content.decode()


def test_a_closed_year_has_no_further_version(world, coordinator):
    validate(world)
    ActionPlan.objects.update(status=Status.CLOSED)

    with pytest.raises(Refusal, match="is closed"):
        create_plan(world.year, by=coordinator)


def test_a_plan_is_made_for_a_project_year_only(client, world, coordinator):
    quarter = PeriodFactory(project=world.project, kind=Period.Kind.QUARTER)
    foreign = PeriodFactory(project=world.neighbour)
    url = reverse("committees:plan-create", args=[world.project.code])

    for period in (quarter, foreign):
        response = client.post(url, {"period": period.pk})
        assert "period" in response.context["form"].errors
    with pytest.raises(ValidationError):
        create_plan(quarter, by=coordinator)
    assert ActionPlan.objects.count() == 1


def test_a_project_without_years_says_what_to_do(client, world, coordinator):
    world.terms.delete()
    world.plan.delete()
    world.year.delete()

    page = client.get(reverse("committees:plan-create", args=[world.project.code]))

    assert "add the periods of the project first" in page.content.decode()


# Actions


def test_an_action_is_written_with_its_terms(client, world, coordinator):
    response = client.post(new_url(world.plan), fields(world))

    action = Action.objects.get(reference="7.1")
    terms = action.terms.get()
    assert response.url == world.plan.url_of(action.pk)
    assert (terms.title_fr, terms.title_es, terms.title_en) == (
        "Ateliers en ligne",
        "Talleres en línea",
        "Online workshops",
    )
    assert (terms.starts_on, terms.ends_on) == (date(2019, 6, 1), date(2019, 9, 30))
    assert terms.responsible == world.institutions["member"]
    assert list(terms.supporting.all()) == [world.institutions["partner"]]
    assert list(terms.indicators.all()) == [world.indicator]
    assert (terms.result, terms.deliverable_fr) == (world.result, "Six ateliers")
    assert terms.budget == Decimal("1250.50")
    assert terms.stale_translations == []


def test_the_form_sent_twice_adds_one_action_and_says_so(client, world, coordinator):
    client.post(new_url(world.plan), fields(world))
    again = client.post(new_url(world.plan), fields(world))

    assert Action.objects.filter(reference="7.1").count() == 1
    assert "already has an action 7.1" in again.context["form"].errors["reference"][0]


def test_an_action_may_be_edited_while_the_plan_is_written(client, world, coordinator):
    response = client.post(
        edit_url(world.terms), fields(world, title_fr="Autre titre", reference="9.9")
    )

    world.terms.refresh_from_db()
    world.action.refresh_from_db()
    assert response.status_code == 302
    assert world.terms.title_fr == "Autre titre"
    assert world.action.reference != "9.9"  # what an action is called stays


def test_the_responsible_institution_does_not_support_itself(client, world, coordinator):
    member = world.institutions["member"]

    client.post(new_url(world.plan), fields(world, supporting=[member.pk]))

    assert list(ActionTerms.objects.get(action__reference="7.1").supporting.all()) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": "2019-05-01"}, "ends_on"),
        ({"starts_on": "2019-03-31"}, "starts_on"),
        ({"ends_on": "2022-04-01"}, "ends_on"),
        ({"starts_on": "tomorrow"}, "starts_on"),
        ({"reference": "A1"}, "reference"),
        ({"budget": "1.234"}, "budget"),
        ({"budget": "-5"}, "__all__"),
        ({"title_fr": "", "title_es": "", "title_en": ""}, "title_en"),
    ],
)
def test_what_cannot_be_right_is_refused_with_a_sentence(
    client, world, coordinator, changes, field
):
    response = client.post(new_url(world.plan), fields(world, **changes))

    assert list(response.context["form"].errors) == [field]
    assert not Action.objects.filter(reference=changes.get("reference", "7.1")).exists()


def test_dates_may_count_on_an_extension_in_preparation(client, world, coordinator):
    AmendmentFactory(project=world.project, end_after=date(2022, 9, 30))

    response = client.post(new_url(world.plan), fields(world, ends_on="2022-06-30"))

    assert response.status_code == 302


def test_what_belongs_to_another_project_is_refused(client, world, coordinator):
    neighbour = world.neighbour
    foreign = {
        "responsible": world.foreign_institution.pk,
        "supporting": [world.foreign_institution.pk],
        "result": ResultFactory(project=neighbour).pk,
        "activity": ActivityFactory(project=neighbour).pk,
        "indicators": [IndicatorFactory(result__project=neighbour).pk],
        "origin": ResolutionFactory(agenda_item__meeting__committee__project=neighbour).pk,
    }

    response = client.post(new_url(world.plan), fields(world, **foreign))

    assert set(response.context["form"].errors) == set(foreign)
    assert not Action.objects.filter(reference="7.1").exists()


def test_the_terms_of_another_plan_are_not_found(client, world, coordinator):
    other = ActionTermsFactory(plan__period=PeriodFactory(project=world.project, number=2))

    for name in ("action-edit", "action-remove"):
        url = reverse(f"committees:{name}", args=[world.plan.pk, other.pk])
        assert client.get(url).status_code == 404
        assert client.post(url, fields(world)).status_code == 404
    assert ActionTerms.objects.filter(pk=other.pk).exists()


def test_an_action_nobody_spoke_of_is_removed_altogether(client, world, coordinator):
    client.post(reverse("committees:action-remove", args=[world.plan.pk, world.terms.pk]))

    assert not ActionTerms.objects.filter(pk=world.terms.pk).exists()
    assert not Action.objects.filter(pk=world.action.pk).exists()


def test_a_removed_action_keeps_its_remarks(client, world, coordinator):
    remark = RemarkFactory(
        plan=world.plan, action=world.action, institution=world.institutions["partner"]
    )

    remove_action(world.terms)

    page = client.get(world.plan.get_absolute_url())
    assert page.context["board"].on_removed == [(world.action, [remark])]


def test_asking_to_remove_removes_nothing(client, world, coordinator):
    page = client.get(reverse("committees:action-remove", args=[world.plan.pk, world.terms.pk]))

    assert page.status_code == 200
    assert ActionTerms.objects.filter(pk=world.terms.pk).exists()


# References


def test_the_next_reference_follows_the_actions_of_the_same_result():
    world = World()
    plan, other = world.plan, ResultFactory(project=world.project)
    Action.objects.filter(pk=world.action.pk).update(reference="2.1")
    ActionTermsFactory(
        plan=plan, result=world.result, action=ActionFactory(project=world.project, reference="2.9")
    )
    ActionFactory(project=world.project, reference="2.2")

    assert propose_reference(plan, world.result) == "2.3"
    assert propose_reference(plan, other) == "3.1"


def test_the_form_proposes_a_reference(client, world, coordinator):
    Action.objects.filter(pk=world.action.pk).update(reference="4.1")

    page = client.get(f"{new_url(world.plan)}?result={world.result.pk}")

    assert page.context["form"]["reference"].value() == "4.2"
    assert page.context["form"]["result"].value() in {world.result, world.result.pk}


# Origin


def test_a_recommendation_is_turned_into_an_action(client, world, coordinator):
    recommendation = RecommendationFactory(agenda_item=world.item)

    asked = client.get(
        reverse("committees:action-from-resolution", args=[recommendation.pk]), follow=True
    )
    client.post(asked.request["PATH_INFO"], fields(world, origin=recommendation.pk))

    assert asked.redirect_chain[-1][0] == f"{new_url(world.plan)}?origin={recommendation.pk}"
    assert asked.context["form"]["origin"].value() == recommendation.pk
    assert Action.objects.get(reference="7.1").origin == recommendation


def test_without_an_open_plan_the_page_says_what_to_do(client, world, coordinator):
    validate(world)

    page = client.get(reverse("committees:action-from-resolution", args=[world.decision.pk]))

    assert "No plan is open to new actions" in page.content.decode()


@pytest.mark.parametrize("asked", ["999999", "x", "-1", "²"])
def test_an_origin_that_does_not_exist_is_not_found(client, world, coordinator, asked):
    assert client.get(new_url(world.plan), {"origin": asked}).status_code == 404


def test_an_origin_of_another_project_is_not_found(client, world, coordinator):
    foreign = ResolutionFactory(agenda_item__meeting__committee__project=world.neighbour)

    assert client.get(new_url(world.plan), {"origin": foreign.pk}).status_code == 404
    url = reverse("committees:action-from-resolution", args=[foreign.pk])
    assert client.get(url).status_code == 404


def test_the_origin_of_a_validated_action_is_fixed(world):
    validate(world)

    with pytest.raises(Refusal, match="its origin can no longer change"):
        change_origin(world.action, world.decision)


# What stands


@pytest.mark.parametrize("status", [Status.PRESENTED, *sorted(ActionPlan.AFTER_VALIDATION)])
def test_the_terms_of_a_plan_that_stands_are_refused_by_service_form_and_page(
    client, world, coordinator, status
):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=status, validated_by=world.decision, donor_approved_on=date(2020, 1, 1)
    )
    world.terms.refresh_from_db()
    before = ActionTerms.objects.filter(plan=world.plan).values()[0]

    with pytest.raises(ValidationError):
        ActionTerms.objects.get(pk=world.terms.pk).full_clean()
    with pytest.raises(Refusal):
        keep_action(ActionTerms.objects.get(pk=world.terms.pk))
    with pytest.raises(Refusal):
        remove_action(ActionTerms.objects.get(pk=world.terms.pk))
    for url in (edit_url(world.terms), new_url(world.plan)):
        answer = client.post(url, fields(world), follow=True)
        assert answer.redirect_chain[-1][0] == world.plan.get_absolute_url()
    client.post(reverse("committees:action-remove", args=[world.plan.pk, world.terms.pk]))

    assert list(ActionTerms.objects.filter(plan=world.plan).values()) == [before]
    assert Action.objects.count() == 1


def test_a_plan_that_was_validated_while_somebody_typed_is_not_changed(world):
    """The form was valid when it was read; the lock sees what happened meanwhile."""
    stale = ActionTerms.objects.select_related("plan").get(pk=world.terms.pk)
    stale.title_fr = "Trop tard"
    validate(world)

    with pytest.raises(Refusal, match="it can no longer change"):
        keep_action(stale)

    world.terms.refresh_from_db()
    assert world.terms.title_fr != "Trop tard"


@pytest.mark.parametrize("role", ["monitoring", "reader", "auditor", "member", "partner", "donor"])
def test_only_the_coordination_writes(client, world, role):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.IN_REVIEW)
    client.force_login(world.people[role])
    urls = [
        new_url(world.plan),
        edit_url(world.terms),
        reverse("committees:action-remove", args=[world.plan.pk, world.terms.pk]),
        reverse("committees:plan-create", args=[world.project.code]),
    ]

    answers = {client.post(url, fields(world)).status_code for url in urls}

    assert answers <= {403, 404}
    assert Action.objects.count() == 1


def test_a_form_of_a_plan_in_another_year_copies_nothing_of_it(world, coordinator):
    second_year = PeriodFactory(
        project=world.project, number=2, start="2020-04-01", end="2021-03-31"
    )

    plan = create_plan(second_year, by=coordinator)

    assert plan.terms.count() == 0


def test_of_two_versions_of_one_number_the_database_refuses_the_second(world):
    with pytest.raises(Exception, match="plan_version_is_used_once"):
        ActionPlanFactory(period=world.year, version=1)

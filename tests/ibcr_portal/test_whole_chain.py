"""One page shows the whole evidence chain of a record, as far as its reader may see it."""

from datetime import date
from functools import partial

import pytest
from django.urls import reverse

from committees.models import Action, ActionPlan, Audience
from reports.reading import documents_in
from reports.services.steps import sign_off, submit_report
from reports.services.writing import save_section
from tests.factories import (
    ActionFactory,
    ActionTermsFactory,
    AmendmentFactory,
    DataPointFactory,
    IndicatorFactory,
    ReportFactory,
    SubjectFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """From the indicator to the item, the decision, its action and its amendment."""
    world = World()
    SubjectFactory(agenda_item=world.item, indicator=world.indicator)
    world.amendment = AmendmentFactory(
        project=world.project, number=1, status="effective", donor_decided_on="2020-10-30"
    )
    SubjectFactory(resolution=world.decision, amendment=world.amendment)
    Action.objects.filter(pk=world.action.pk).update(origin=world.decision)
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_execution", validated_by=world.decision
    )
    world.other = IndicatorFactory(result=world.result, code="1100.2")
    return world


@pytest.fixture
def chain(client, world):
    def chain(kind, thing, role="coordinator", status=200):
        client.force_login(world.people[role])
        answer = client.get(reverse("chain", args=[kind, thing.pk]))
        assert answer.status_code == status
        return answer

    chain.client = client
    return chain


def urls(answer) -> set[str]:
    return {row["url"] for step in answer.context["steps"] for row in step["rows"]}


def test_an_indicator_leads_to_all_that_followed_from_it(chain, world):
    shown = urls(chain("indicator", world.indicator))

    things = (world.indicator, world.result, world.item, world.decision, world.action)
    expected = {one.get_absolute_url() for one in (*things, world.amendment, world.plan)}
    assert shown == expected


@pytest.mark.parametrize("kind", ["decision", "action", "amendment"])
def test_each_later_record_leads_back_to_the_indicator(chain, world, kind):
    name = {"decision": "resolution"}.get(kind, kind)

    shown = urls(chain(name, getattr(world, kind)))

    for thing in (world.item, world.indicator, world.decision, world.action, world.amendment):
        assert thing.get_absolute_url() in shown
    assert world.other.get_absolute_url() not in shown


def test_a_decision_does_not_lead_to_every_action_of_its_plan(chain, world):
    action = ActionFactory(project=world.project, reference="9.9")
    ActionTermsFactory(plan=world.plan, action=action, result=None)

    assert action.get_absolute_url() not in urls(chain("resolution", world.decision))
    assert action.get_absolute_url() in urls(chain("plan", world.plan))


def test_it_ends_at_the_sentence_of_the_report(chain, world):
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    by = world.people["coordinator"]
    save_section(report, "lessons", "fr", "Voir [[D 2020-01]].", seen_version=0, by=by)

    place = f"{reverse('reports:read', args=[report.pk])}#cites-lessons-resolution-2020-01"
    [cited] = chain("indicator", world.indicator).context["cited"]
    assert [one["url"] for one in cited["places"]] == [place]
    page = chain("indicator", world.indicator, "reader").content.decode()
    assert place in page
    assert place not in chain("indicator", world.indicator, "donor").content.decode()  # a draft


def test_it_ends_at_the_figure_that_a_report_prints_without_a_sentence_on_it(chain, world):
    for kind, value in (("target", 120), ("actual", 134)):
        DataPointFactory(
            indicator=world.indicator, period=world.year, kind=kind, numerator=value, comment=""
        )
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    report.take("review", by=world.people["coordinator"])
    sign_off(report, by=world.people["monitoring"], on=date(2020, 9, 30), why="Pressé.")
    before = chain("indicator", world.indicator, "donor").context["cited"]
    submit_report(report, by=world.people["coordinator"])

    answer = chain("indicator", world.indicator, "donor")

    assert before == []
    [printed] = answer.context["cited"]
    assert printed["report"] == report
    page = f"{reverse('reports:read', args=[report.pk])}#indicator-1100-1100.1"
    assert page in [place["url"] for place in printed["places"]]
    assert 'id="indicator-1100-1100.1"' in chain.client.get(page).content.decode()
    assert "prints or cites this" not in answer.content.decode()
    report.refresh_from_db()
    read = partial(documents_in, [report.snapshot_id], "donor", ["fr"])
    assert read(anchor="indicator-1100-1100.1").keys() == {report.snapshot_id}
    assert not read(anchor="indicator-1100-1100.é")


def test_what_the_reader_may_not_see_is_left_out_and_links_nothing(chain, world):
    type(world.item).objects.filter(pk=world.item.pk).update(audience=Audience.COORDINATION)

    answer = chain("indicator", world.indicator, "partner")

    assert urls(answer) == {world.indicator.get_absolute_url(), world.result.get_absolute_url()}
    assert world.decision.number not in answer.content.decode()


def test_what_a_draft_of_a_plan_says_is_for_those_who_see_it(chain, world):
    draft = ActionPlan.objects.create(project=world.project, period=world.year, version=2)
    terms = ActionTermsFactory(plan=draft, action=world.action, title_fr="Titre secret")
    terms.indicators.add(world.other)

    assert world.action.get_absolute_url() in urls(chain("indicator", world.other))
    for role in ("member", "partner", "donor"):
        answer = chain("indicator", world.other, role)
        assert world.action.get_absolute_url() not in urls(answer)
        assert "Titre secret" not in chain("action", world.action, role).content.decode()


@pytest.mark.parametrize(("kind", "role"), [("item", "partner"), ("meeting", "donor")])
def test_a_record_that_the_reader_may_not_see_has_no_chain(chain, world, kind, role):
    chain(kind, getattr(world, kind), role, status=404)
    chain(kind, getattr(world, kind), "outsider", status=404)


def test_outsiders_see_no_chain_of_the_project(chain, world):
    for kind in ("result", "indicator", "action", "plan", "resolution", "amendment"):
        thing = world.decision if kind == "resolution" else getattr(world, kind)
        chain(kind, thing, "outsider", status=404)
        chain(kind, thing, "panel", status=404)


def test_there_is_no_chain_of_anything_else(client, world):
    client.force_login(world.people["coordinator"])

    assert client.get("/chain/report/1/").status_code == 404
    assert client.get("/chain/action/999/").status_code == 404


def test_the_number_of_statements_does_not_grow(client, world, django_assert_max_num_queries):
    client.force_login(world.people["member"])
    url = reverse("chain", args=["indicator", world.indicator.pk])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            action = ActionFactory(
                project=world.project, reference=f"5.{number}", origin=world.decision
            )
            ActionTermsFactory(plan=world.plan, action=action)
            SubjectFactory(agenda_item=world.item, indicator=world.other)
        client.get(url)

        with django_assert_max_num_queries(40) as statements:
            client.get(url)
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# The panels of the records


def test_the_decision_names_what_its_item_is_about(client, world):
    client.force_login(world.people["coordinator"])

    page = client.get(world.decision.get_absolute_url())

    assert [one["url"] for one in page.context["discussed"]] == [world.indicator.get_absolute_url()]


def test_the_indicator_names_the_decision_on_its_item(client, world):
    client.force_login(world.people["coordinator"])

    page = client.get(world.indicator.get_absolute_url())

    assert page.context["resolutions"] == [world.decision]
    assert reverse("chain", args=["indicator", world.indicator.pk]) in page.content.decode()


def test_action_and_amendment_lead_to_each_other(client, world):
    client.force_login(world.people["donor"])

    action = client.get(world.action.get_absolute_url()).content.decode()
    amendment = client.get(world.amendment.get_absolute_url()).content.decode()

    assert f'href="{world.amendment.get_absolute_url()}"' in action
    assert f'href="{world.action.get_absolute_url()}"' in amendment

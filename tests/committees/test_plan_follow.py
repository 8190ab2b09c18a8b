"""Following a plan: its figures by result, institution and quarter, its course, its pages."""

import gzip
import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from committees.models import Action, ActionPlan, ActionTerms
from committees.permissions.amounts import EACH_AMOUNT
from committees.plans.services.figures import parts_of, plan_burn_up
from committees.plans.services.progress import ProgressEntry, note_progress
from tests.factories import ActionFactory, ActionTermsFactory, RecommendationFactory, ResultFactory
from tests.world import World

pytestmark = pytest.mark.django_db

Status = ActionPlan.Status
NOW = datetime(2019, 11, 15, 12, 0, tzinfo=ZoneInfo("America/Tegucigalpa"))


@pytest.fixture
def world():
    world = World()
    ActionPlan.objects.update(status=Status.IN_EXECUTION, validated_by=world.decision)
    Action.objects.update(reference="1.1")
    return world


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


def add(world, reference, *, ends_on, share=0, status="to_do", budget=None, **terms):
    action = ActionFactory(
        project=world.project, reference=reference, share_done=share, status=status
    )
    values = {"result": world.result, "responsible": world.institutions["member"]} | terms
    return ActionTermsFactory(
        plan=world.plan,
        action=action,
        ends_on=ends_on,
        budget=budget,
        **values,
    )


@pytest.fixture
def several(world):
    """1.1 is late; 1.2 is done; 2.1 comes; 2.2 was cancelled; 3.1 ends after the year."""
    other = ResultFactory(project=world.project, code="1200")
    partner = world.institutions["partner"]
    add(world, "1.2", ends_on=date(2019, 8, 31), share=100, status="done", budget=Decimal(700))
    add(world, "2.1", ends_on=date(2019, 12, 31), share=30, result=other, responsible=partner)
    add(world, "2.2", ends_on=date(2019, 12, 31), status="cancelled", result=other, budget=9)
    add(world, "3.1", ends_on=date(2020, 5, 31), result=None, budget=Decimal("50.5"))
    return world


def figures(world, by):
    terms = list(world.plan.terms.with_related())
    for one in terms:
        one.plan.refresh_from_db()
    return [
        (
            part.title,
            [one.action.reference for one in part.terms],
            part.done,
            part.late,
            part.percent,
            part.budget,
        )
        for part in parts_of(world.plan, terms, by, amounts=EACH_AMOUNT)
    ]


def test_a_plan_by_result(several):
    assert figures(several, "result") == [
        ("1100 · Énoncé 1100", ["1.2", "1.1"], 1, 1, 50, Decimal(700)),
        ("1200 · Énoncé 1200", ["2.1", "2.2"], 0, 0, 30, None),
        ("Not tied to a result", ["3.1"], 0, 0, 0, Decimal("50.5")),
    ]


def test_a_plan_by_institution(several):
    member, partner = (str(several.institutions[one]) for one in ("member", "partner"))

    assert figures(several, "institution") == sorted(
        [
            (member, ["1.2", "1.1", "2.2", "3.1"], 1, 1, 33, Decimal("750.5")),
            (partner, ["2.1"], 0, 0, 30, None),
        ]
    )


def test_a_plan_by_quarter_of_its_own_year(several):
    assert [(title, references) for title, references, *_rest in figures(several, "quarter")] == [
        ("Quarter 2 (July 1 – September 30, 2019)", ["1.2", "1.1"]),
        ("Quarter 3 (October 1 – December 31, 2019)", ["2.1", "2.2"]),
        ("After the year of the plan", ["3.1"]),
    ]


def test_a_quarter_begins_on_the_day_of_the_year(world):
    type(world.year).objects.update(start=date(2019, 8, 31), end=date(2020, 8, 30))
    world.plan.period.refresh_from_db()
    ActionTerms.objects.update(ends_on=date(2019, 11, 30))

    assert [title for title, *_rest in figures(world, "quarter")] == [
        "Quarter 2 (November 30, 2019 – February 28, 2020)"
    ]


def test_what_was_done_is_told_by_the_days_of_its_notes(several):
    action = several.action
    for share, day in ((20, date(2019, 6, 20)), (60, date(2019, 9, 10))):
        note_progress(action, ProgressEntry(share, by=several.people["coordinator"], on=day))
    other = Action.objects.get(reference="2.1")
    note_progress(other, ProgressEntry(50, by=several.people["coordinator"], on=NOW.date()))

    course = plan_burn_up(several.plan, list(several.plan.terms.with_related()))
    at = dict(zip(course.days, zip(course.planned, course.done, strict=True), strict=True))

    assert at[date(2019, 5, 31)] == (0, 0)
    assert at[date(2019, 6, 30)] == (0, Decimal("0.2"))
    assert at[date(2019, 9, 30)] == (2, Decimal("0.6"))
    assert at[NOW.date()] == (2, Decimal("2.1"))  # 60 + 100 + 50: as far as they are
    assert at[date(2019, 12, 31)] == (3, None)
    assert course.days[-1] == date(2020, 5, 31)


def test_a_plan_without_actions_has_no_course(world):
    world.plan.terms.all().delete()

    assert plan_burn_up(world.plan, []).days == []


# Pages


PAGES = ("plan-timeline", "plan-progress")


@pytest.mark.parametrize("by", ["result", "institution", "quarter", "nonsense"])
@pytest.mark.parametrize("name", PAGES)
def test_the_pages_show_each_grouping_in_picture_and_table(client, several, name, by):
    client.force_login(several.people["coordinator"])

    response = client.get(reverse(f"committees:{name}", args=[several.plan.pk]), {"by": by})

    content = response.content.decode()
    assert response.status_code == 200
    assert ('role="img"' in content) == (name == "plan-timeline")
    assert "<table" in content
    for part in response.context["parts"]:
        assert content.count(part.title) >= 1


def test_picture_and_table_say_the_same(client, several):
    client.force_login(several.people["coordinator"])

    content = client.get(
        reverse("committees:plan-timeline", args=[several.plan.pk])
    ).content.decode()

    for terms in several.plan.terms.all():
        # The picture and the table.
        assert content.count(f"{terms.action.reference} {terms.title}") == 2
    assert content.count("46 days late") == 2


@pytest.mark.parametrize(
    ("role", "by", "sees"),
    [
        ("donor", "quarter", True),
        ("partner", "quarter", False),
        ("partner", "institution", False),
        ("partner", "result", True),
    ],
)
def test_partners_read_what_it_costs_by_result_alone(client, several, role, by, sees):
    client.force_login(several.people[role])

    content = client.get(
        reverse("committees:plan-progress", args=[several.plan.pk]), {"by": by}
    ).content.decode()

    assert ("700\xa0CAD" in content) is sees


@pytest.mark.parametrize("name", ["plan", *PAGES])
def test_the_pages_cost_the_same_for_any_number_of_actions(
    client, world, django_assert_max_num_queries, name
):
    client.force_login(world.people["coordinator"])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            terms = add(world, f"5.{number}", ends_on=date(2019, 12, 1) + timedelta(days=number))
            terms.supporting.add(world.institutions["partner"])
            note_progress(terms.action, ProgressEntry(10, by=world.people["coordinator"]))

        with django_assert_max_num_queries(20) as statements:
            response = client.get(reverse(f"committees:{name}", args=[world.plan.pk]))
        counts.append(len(statements))

        assert response.status_code == 200

    few, many = counts
    assert many <= few


WORDS = [
    "atelier",
    "formation",
    "trousse",
    "police",
    "magistrature",
    "collectif",
    "protocole",
    "audiovisuel",
    "enquête",
    "adolescence",
    "réseau",
    "municipal",
    "référence",
    "suivi",
    "appui",
    "technique",
    "convocation",
    "campagne",
    "guide",
]


@pytest.fixture
def long(world):
    """300 actions whose words are told as little alike as real ones."""
    chance = random.Random(1)
    actions = Action.objects.bulk_create(
        Action(project=world.project, reference=f"{4 + n % 9}.{n + 1}", share_done=n % 5 * 20)
        for n in range(299)
    )
    ActionTerms.objects.bulk_create(
        ActionTerms(
            plan=world.plan,
            action=action,
            title_fr=" ".join(chance.sample(WORDS, 6)),
            deliverable_fr=" ".join(chance.sample(WORDS, 4)),
            starts_on=date(2019, 4, 1) + timedelta(days=chance.randint(0, 200)),
            ends_on=date(2020, 1, 1) + timedelta(days=chance.randint(0, 300)),
            responsible=world.institutions[chance.choice(["member", "partner", "donor"])],
            result=chance.choice([world.result, None]),
        )
        for action in actions
    )
    return world


@pytest.mark.parametrize("role", ["coordinator", "partner"])
@pytest.mark.parametrize("status", [Status.IN_REVIEW, Status.IN_EXECUTION])
def test_a_plan_of_300_actions_leaves_room_for_style_and_script(client, long, role, status):
    """A first visit has 80 kB, of which style, script and icon take 49 (tests/browser)."""
    ActionPlan.objects.update(status=status, review_until=NOW.date() + timedelta(days=9))
    client.force_login(long.people[role])

    pages = [
        client.get(f"{long.plan.get_absolute_url()}?page={n}", headers={"Accept-Encoding": "gzip"})
        for n in (1, 2)
    ]

    rows = [gzip.decompress(page.content).count(b'id="action-') for page in pages]
    assert [page.headers["Content-Encoding"] for page in pages] == ["gzip", "gzip"]
    assert rows == [150, 150]
    assert max(len(page.content) for page in pages) < 20_000


def test_a_long_timeline_writes_the_table_of_one_picture(client, long):
    client.force_login(long.people["coordinator"])
    url = reverse("committees:plan-timeline", args=[long.plan.pk])

    pictures = client.get(url).context["pictures"]
    second = client.get(url, {"table": 2})

    assert [one.get("table") for one in pictures] == [None] * len(pictures)
    assert all(
        one["table_url"] in client.get(url).content.decode().replace("&amp;", "&")
        for one in pictures[:2]
    )
    tables = [one.get("table") for one in second.context["pictures"]]
    assert [bool(one) for one in tables] == [n == 1 for n in range(len(pictures))]
    assert tables[1].lines[0][0][1].url in second.content.decode()


def test_the_address_of_an_action_leads_to_its_page(client, long):
    client.force_login(long.people["coordinator"])
    for terms in ActionTerms.objects.filter(plan=long.plan).order_by("action__reference")[::60]:
        shown = client.get(long.plan.url_of(terms.action_id)).content.decode()
        assert f'id="action-{terms.action_id}"' in shown


def test_from_a_meeting_to_the_actions_that_it_caused(client, world):
    recommendation = RecommendationFactory(agenda_item=world.item)
    Action.objects.update(origin=recommendation)
    client.force_login(world.people["member"])

    response = client.get(reverse("committees:meeting-resolutions", args=[world.meeting.pk]))

    assert response.context["caused"] == [world.terms]
    assert world.action.get_absolute_url() in response.content.decode()


def test_from_an_action_to_the_meeting_that_caused_it(client, world):
    Action.objects.update(origin=RecommendationFactory(agenda_item=world.item))
    client.force_login(world.people["member"])

    content = client.get(world.action.get_absolute_url()).content.decode()

    assert world.meeting.get_absolute_url() in content

"""What a plan's page and the list of plans show, to whom, and in how many queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from committees.models import Action, ActionPlan
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    ContactFactory,
    InstitutionFactory,
    ParticipationFactory,
    PeriodFactory,
    PositionFactory,
    ProjectFactory,
    RemarkFactory,
    RepresentationFactory,
    ResultFactory,
    SeatFactory,
    SeatTermFactory,
    SubjectFactory,
    UserFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

LIST = reverse("committees:plans")
Status = ActionPlan.Status


@pytest.fixture
def world():
    world = World()
    world.plan.status = Status.IN_REVIEW
    world.plan.review_until = timezone.localdate() + timedelta(days=6)
    world.plan.save()
    return world


def get(client, world, role, url=None):
    client.force_login(world.people[role])
    return client.get(url or world.plan.get_absolute_url())


# Who sees a plan


SEES = {
    "administrator": set(Status),
    "coordinator": set(Status),
    "monitoring": set(Status),
    "finance": set(Status),
    "reader": set(Status),
    "auditor": set(Status),
    "member": set(Status) - {Status.DRAFT},
    "partner": set(Status) - {Status.DRAFT},
    "donor": ActionPlan.SHOWN_TO_DONOR,
    "embassy": ActionPlan.SHOWN_TO_DONOR,
    "outsider": set(),
}


@pytest.mark.parametrize("role", SEES)
def test_who_sees_a_plan_in_which_state(client, world, role):
    seen, listed = set(), set()
    for status in Status:
        ActionPlan.objects.filter(pk=world.plan.pk).update(
            status=status, validated_by=world.decision, donor_approved_on=date(2020, 10, 1)
        )
        if get(client, world, role).status_code == 200:
            seen.add(status)
        if world.plan in get(client, world, role, LIST).context["page"]:
            listed.add(status)

    assert seen == listed == SEES[role]


def test_a_visitor_is_sent_to_sign_in(client, world):
    response = client.get(world.plan.get_absolute_url())

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


# Order


def test_actions_stand_by_result_in_the_order_of_their_numbers(client, world):
    other = ResultFactory(project=world.project, code="1000")
    Action.objects.filter(pk=world.action.pk).update(reference="2.1")
    for reference, result in (("2.10", world.result), ("2.9", world.result), ("5.1", other)):
        action = ActionFactory(project=world.project, reference=reference)
        ActionTermsFactory(plan=world.plan, action=action, result=result)
    loose = ActionFactory(project=world.project, reference="1.1")
    ActionTermsFactory(plan=world.plan, action=loose, result=None)

    board = get(client, world, "coordinator").context["board"]

    assert [
        (group.result and group.result.code, [row.terms.action.reference for row in group.rows])
        for group in board.groups
    ] == [("1000", ["5.1"]), ("1100", ["2.1", "2.9", "2.10"]), (None, ["1.1"])]


def test_a_partner_finds_the_actions_of_its_institution_first(client, world):
    later = ResultFactory(project=world.project, code="1900")
    for reference in ("8.1", "8.2"):
        action = ActionFactory(project=world.project, reference=reference)
        terms = ActionTermsFactory(plan=world.plan, action=action, result=later)
    terms.supporting.add(world.institutions["partner"])

    groups = get(client, world, "partner").context["board"].groups

    assert [group.result.code for group in groups] == ["1900", "1100"]
    assert [(row.terms.action.reference, row.is_mine) for row in groups[0].rows] == [
        ("8.2", True),
        ("8.1", False),
    ]


# Lateness


@pytest.mark.parametrize(
    ("plan_status", "action_status", "late"),
    [
        (Status.IN_EXECUTION, "in_progress", 12),
        (Status.IN_REVIEW, "to_do", 12),
        (Status.IN_EXECUTION, "done", 0),
        (Status.IN_EXECUTION, "cancelled", 0),
        (Status.DRAFT, "to_do", 0),
        (Status.CLOSED, "to_do", 0),
        (Status.SUPERSEDED, "to_do", 0),
    ],
)
def test_late_is_computed(world, plan_status, action_status, late):
    terms = world.terms
    terms.ends_on = timezone.localdate() - timedelta(days=12)
    terms.plan.status, terms.action.status = plan_status, action_status

    assert terms.days_late == late


# Remarks and positions: who reads what


@pytest.fixture
def said(world):
    """Two institutions speak, to the coordination and to the committee."""
    world.third = ParticipationFactory(project=world.project).institution
    world.remarks = {
        (name, audience): RemarkFactory(
            plan=world.plan,
            institution=institution,
            audience=audience,
            text=f"Remarque de {name} ({audience})",
        )
        for name, institution in (
            ("partner", world.institutions["partner"]),
            ("third", world.third),
        )
        for audience in ("coordination", "committee")
    }
    PositionFactory(plan=world.plan, institution=world.third, stance="asks", text="Motif réservé.")
    return world


READS = {
    "coordinator": {
        ("partner", "coordination"),
        ("partner", "committee"),
        ("third", "coordination"),
        ("third", "committee"),
    },
    "member": {("partner", "committee"), ("third", "committee")},
    "partner": {("partner", "coordination"), ("partner", "committee")},
}


@pytest.mark.parametrize("role", READS)
def test_a_remark_is_read_by_those_its_author_chose(client, said, role):
    content = get(client, said, role).content.decode()

    assert {key for key, remark in said.remarks.items() if remark.text in content} == READS[role]


def test_a_donor_reads_no_remark(client, said):
    ActionPlan.objects.filter(pk=said.plan.pk).update(status=Status.PRESENTED)

    content = get(client, said, "donor").content.decode()

    assert "Remarque de" not in content
    assert "Asks for changes" not in content


@pytest.mark.parametrize(
    ("role", "stance", "words"),
    [("coordinator", True, True), ("member", True, False), ("partner", False, False)],
)
def test_where_another_institution_stands(client, said, role, stance, words):
    url = reverse("committees:plan-positions", args=[said.plan.pk])

    content = get(client, said, role, url).content.decode()

    assert ("Asks for changes" in content.split("<table")[-1]) is stance
    assert (str(said.third) in content) is stance
    assert ("Motif réservé." in content) is words


def test_the_committee_reads_the_words_that_are_meant_for_it(client, said):
    said.plan.positions.update(audience="committee")
    url = reverse("committees:plan-positions", args=[said.plan.pk])

    assert "Motif réservé." in get(client, said, "member", url).content.decode()
    assert "Motif réservé." not in get(client, said, "partner", url).content.decode()


@pytest.mark.parametrize(("role", "sees"), [("coordinator", True), ("member", False)])
def test_who_gave_an_answer_is_named_to_the_coordination_alone(client, world, role, sees):
    somebody = UserFactory(full_name="Membre 77 — Société civile")
    for factory in (PositionFactory, RemarkFactory):
        factory(
            plan=world.plan,
            institution=world.institutions["partner"],
            by=somebody,
            audience="committee",
            text="Dit.",
        )
    world.plan.take("present", by=somebody)
    pages = [
        get(client, world, role, url).content.decode()
        for url in (
            world.plan.get_absolute_url(),
            reverse("committees:plan-positions", args=[world.plan.pk]),
            reverse("committees:plan-history", args=[world.plan.pk]),
        )
    ]

    assert [somebody.full_name in content for content in pages] == [sees] * 3


@pytest.mark.parametrize(("role", "status"), [("partner", 404), ("donor", 404), ("member", 200)])
def test_the_history_is_for_team_and_committee(client, world, role, status):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.PRESENTED)
    url = reverse("committees:plan-history", args=[world.plan.pk])

    assert get(client, world, role, url).status_code == status


def test_a_step_of_the_evening_is_not_of_another_day_in_the_history(client, world):
    """When it is evening in Honduras, it is the next day in UTC."""
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.DRAFT)
    world.plan.refresh_from_db()
    with time_machine.travel(datetime(2019, 9, 24, 1, 30, tzinfo=UTC), tick=False):
        world.plan.take("submit", by=world.people["coordinator"])

    response = get(
        client, world, "coordinator", reverse("committees:plan-history", args=[world.plan.pk])
    )

    assert [entry["note"] for entry in response.context["entries"]] == [""]


def test_silence_is_called_silence(client, world):
    PositionFactory(plan=world.plan, institution=world.institutions["member"])

    response = get(client, world, "coordinator")

    assert (response.context["answered_count"], response.context["asked_count"]) == (1, 2)
    assert {
        stand.institution: stand.position and stand.position.stance
        for stand in response.context["review_statuses"]
    } == {world.institutions["member"]: "endorses", world.institutions["partner"]: None}
    assert "No answer yet" in response.text
    ActionPlan.objects.update(review_until=timezone.localdate() - timedelta(days=1))
    assert "Silent" in get(client, world, "coordinator").text


def test_a_seat_of_the_donor_is_asked_as_a_member(client, world):
    embassy = world.institutions["embassy"]
    seat = SeatFactory(committee=world.committee, institution=embassy)
    SeatTermFactory(seat=seat, contact=world.people["embassy"].contacts.get())

    response = get(client, world, "embassy")

    assert response.context["may_review"]
    assert embassy in world.plan.reviewers()


# The chain


def test_the_page_leads_to_the_meetings_and_decisions_that_speak_of_the_plan(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=Status.VALIDATED, validated_by=world.decision
    )
    SubjectFactory(resolution=world.decision, plan=world.plan)
    SubjectFactory(agenda_item=world.item, plan=world.plan)

    def links(role):
        return {link["url"] for link in get(client, world, role).context["mentions"]}

    decision, item = world.decision.get_absolute_url(), world.item.get_absolute_url()
    assert links("member") == {decision, item}
    assert links("partner") == {decision}  # a partner without a seat opens no meeting


# Queries


@pytest.mark.parametrize("role", ["coordinator", "partner"])
def test_the_page_costs_the_same_for_any_number_of_actions(
    client, world, django_assert_max_num_queries, role
):
    partner = world.institutions["partner"]
    PositionFactory(plan=world.plan, institution=partner)
    client.force_login(world.people[role])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            action = ActionFactory(project=world.project, reference=f"9.{number}")
            terms = ActionTermsFactory(plan=world.plan, action=action, result=world.result)
            terms.supporting.add(partner, InstitutionFactory())
            RemarkFactory(plan=world.plan, action=action, institution=partner)
            other = ParticipationFactory(project=world.project).institution
            PositionFactory(plan=world.plan, institution=other)

        with django_assert_max_num_queries(25) as statements:
            response = client.get(world.plan.get_absolute_url())
        counts.append(len(statements))

        assert response.context["board"].count == numbers.stop + 1

    few, many = counts
    assert many <= few


@pytest.mark.parametrize("role", ["coordinator", "partner"])
def test_the_list_costs_the_same_for_any_number_of_plans_and_projects(
    client, world, django_assert_max_num_queries, role
):
    person, partner = world.people[role], world.institutions["partner"]
    client.force_login(person)
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _ in numbers:
            project = ProjectFactory()
            if role == "coordinator":
                project.assignments.create(user=person, role="coordinator")
            else:
                place = ParticipationFactory(project=project, institution=partner)
                RepresentationFactory(participation=place, contact=person.contacts.get())
            ActionPlanFactory(period=PeriodFactory(project=project), status=Status.IN_REVIEW)

        with django_assert_max_num_queries(20) as statements:
            response = client.get(LIST)
        counts.append(len(statements))

        assert response.context["page"].paginator.count == numbers.stop + 1

    few, many = counts
    assert many <= few  # fewer: the filter bar reads no choice of many projects


# The list


def test_the_list_is_narrowed_by_project_and_status(client, world):
    world.people["coordinator"].is_staff = True
    world.people["coordinator"].save()
    foreign = ActionPlanFactory(period=PeriodFactory(project=world.neighbour))

    def listed(**filters):
        client.force_login(world.people["coordinator"])
        return set(client.get(LIST, filters).context["page"])

    assert listed() == {world.plan, foreign}
    assert listed(project=world.project.code) == {world.plan}
    assert listed(status="draft") == {foreign}
    assert listed(project=world.project.code, status="draft") == set()
    assert listed(project="x", status="nonsense") == {world.plan, foreign}


def test_the_filter_offers_no_project_of_others(client, world):
    form = get(client, world, "partner", LIST).context["form"]

    assert [code for code, _label in form.fields["project"].choices] == ["", world.project.code]


@pytest.mark.parametrize(
    ("role", "text"),
    [("coordinator", "Start a plan"), ("partner", "as soon as it is open to your institution")],
)
def test_an_empty_list_says_what_to_do(client, world, role, text):
    world.terms.delete()
    world.plan.delete()

    content = get(client, world, role, LIST).content.decode()

    assert "No action plan yet" in content
    assert text in content


def test_an_empty_plan_says_what_to_do(client, world):
    world.terms.delete()

    assert "Add an action" in get(client, world, "coordinator").content.decode()


def test_a_contact_who_left_sees_nothing(client, world):
    person = UserFactory()
    ContactFactory(
        institution=world.institutions["partner"], user=person, ended_on=date(2020, 1, 1)
    )
    client.force_login(person)

    assert client.get(world.plan.get_absolute_url()).status_code == 404

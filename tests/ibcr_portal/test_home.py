"""The home page says what waits, what is next and what is new, for each role."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.models import ActionPlan, ActionTerms, Meeting, Resolution, ReviewExtension
from committees.plans.services.proposals import decline_proposal
from committees.plans.services.review import withdraw_answer
from ibcr_portal.home import home_for
from ibcr_portal.home.due import LATE_PROJECTS, SHOWN
from projects.models import DataPoint
from tests.factories import (
    ActionPlanFactory,
    AgendaItemFactory,
    AmendmentFactory,
    DataPointFactory,
    MeetingFactory,
    PanelMemberFactory,
    PeriodFactory,
    PositionFactory,
    ProjectFactory,
    ProposalFactory,
    ProposedChangeFactory,
    RecommendationFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)
from tests.obligations import write_all
from tests.world import World

pytestmark = pytest.mark.django_db

IN_A_WEEK = timezone.localdate() + timedelta(days=7)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def plan_in_review(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_REVIEW, review_until=IN_A_WEEK
    )
    return world.plan


def waiting(person):
    return [line.url for line in home_for(person).waiting]


@pytest.mark.parametrize("role", ["member", "partner"])
def test_a_plan_in_review_waits_for_those_whose_institution_is_silent(world, plan_in_review, role):
    assert plan_in_review.get_absolute_url() in waiting(world.people[role])


def test_a_plan_waits_no_longer_once_the_institution_has_answered(world, plan_in_review):
    PositionFactory(plan=plan_in_review, institution=world.institutions["partner"])

    assert plan_in_review.get_absolute_url() not in waiting(world.people["partner"])
    assert plan_in_review.get_absolute_url() in waiting(world.people["member"])


@pytest.mark.parametrize(("role", "waits"), [("member", True), ("partner", False)])
@pytest.mark.parametrize(("days", "within"), [(-400, True), (30, True), (31, False)])
def test_what_an_institution_has_to_do_waits_in_one_line(world, role, waits, days, within):
    ActionPlan.objects.update(status="in_execution", validated_by=world.decision)
    ActionTerms.objects.update(
        starts_on=date(2019, 6, 1), ends_on=timezone.localdate() + timedelta(days=days)
    )

    assert (reverse("committees:actions") in waiting(world.people[role])) is (waits and within)


def test_a_plan_waits_while_the_institution_consults(world, plan_in_review):
    PositionFactory(
        plan=plan_in_review,
        institution=world.institutions["partner"],
        stance="consulting",
        until=IN_A_WEEK,
    )

    assert plan_in_review.get_absolute_url() in waiting(world.people["partner"])


def test_a_plan_waits_longer_for_the_institution_that_got_more_time(world, plan_in_review):
    ActionPlan.objects.filter(pk=plan_in_review.pk).update(review_until=date(2020, 1, 1))
    ReviewExtension.objects.create(
        plan=plan_in_review,
        institution=world.institutions["partner"],
        until=IN_A_WEEK,
        why="Congé.",
        by=world.people["coordinator"],
    )

    lines = {line.url: line for line in home_for(world.people["partner"]).waiting}

    assert lines[plan_in_review.get_absolute_url()].on == IN_A_WEEK
    assert plan_in_review.get_absolute_url() not in waiting(world.people["member"])


def test_a_donor_with_an_observers_seat_is_not_asked(world, plan_in_review):
    seat = SeatFactory(
        committee=world.committee, institution=world.institutions["donor"], is_voting=False
    )
    SeatTermFactory(seat=seat, contact=world.people["donor"].contacts.get())

    assert plan_in_review.get_absolute_url() not in waiting(world.people["donor"])


@pytest.mark.parametrize("role", ["donor", "outsider", "reader"])
def test_a_plan_in_review_waits_for_nobody_else(world, plan_in_review, role):
    assert plan_in_review.get_absolute_url() not in waiting(world.people[role])


def test_a_proposed_change_waits_for_the_coordination_until_it_is_settled(world, plan_in_review):
    url = reverse("committees:plan-proposals", args=[plan_in_review.pk])
    proposal = ProposedChangeFactory(plan=plan_in_review, action=world.action)

    assert url in waiting(world.people["coordinator"])
    assert url not in waiting(world.people["partner"])
    decline_proposal(proposal, answer="Non.", by=world.people["coordinator"])
    assert url not in waiting(world.people["coordinator"])


def test_a_withdrawn_proposal_waits_for_nobody(world, plan_in_review):
    url = reverse("committees:plan-proposals", args=[plan_in_review.pk])
    proposal = ProposedChangeFactory(plan=plan_in_review, action=world.action)
    assert url in waiting(world.people["coordinator"])

    withdraw_answer(proposal)

    assert url not in waiting(world.people["coordinator"])


def test_a_recommendation_waits_for_its_addressee_and_says_how_late_it_is(world):
    late = RecommendationFactory(
        agenda_item=world.item,
        addressee=world.institutions["member"],
        due_on=timezone.localdate() - timedelta(days=12),
    )

    lines = {line.url: line for line in home_for(world.people["member"]).waiting}

    assert lines[late.get_absolute_url()].tone == "bad"
    assert late.get_absolute_url() not in waiting(world.people["partner"])
    assert late.get_absolute_url() in waiting(world.people["coordinator"])


def recommended(world, days, **facts):
    on = timezone.localdate() + timedelta(days=days)
    return RecommendationFactory(
        agenda_item=world.item, addressee=world.institutions["member"], due_on=on, **facts
    )


def test_what_waits_is_shown_by_its_day(world):
    rows = {days: recommended(world, days).get_absolute_url() for days in (-3, 0, 3, 20)}

    home = home_for(world.people["member"])

    found = {
        -3: [line for late in home.late for line in late.lines],
        0: home.today,
        3: home.week,
        20: home.later,
    }
    assert {
        days: [known for known, url in rows.items() if url in [line.url for line in lines]]
        for days, lines in found.items()
    } == {days: [days] for days in rows}


def test_what_is_late_is_one_row_of_its_project_with_the_oldest_first(world, client):
    (before,) = home_for(world.people["member"]).late
    for days in range(5, 17):
        recommended(world, -days)
    client.force_login(world.people["member"])

    page = client.get(reverse("home"))

    (late,) = page.context["home"].late
    days = [line.on for line in late.lines]
    assert (late.project, late.number) == (world.project, before.number + 12)
    assert (len(days), days) == (SHOWN, sorted(days))
    assert f"({late.number})" in page.content.decode()
    assert late.url.replace("&", "&amp;") in page.content.decode()
    assert len(client.get(late.url).context["page"].object_list) == late.number


def test_only_the_projects_that_are_behind_longest_are_named(world):
    person = world.people["monitoring"]
    for days in range(20, 20 + LATE_PROJECTS + 2):
        project = ProjectFactory()
        project.assignments.create(user=person, role="coordinator")
        item = AgendaItemFactory(meeting__committee__project=project)
        on = timezone.localdate() - timedelta(days=days)
        RecommendationFactory(agenda_item=item, due_on=on)
    write_all()

    home = home_for(person)

    days = [late.lines[0].on for late in home.late]
    assert (len(days), days) == (LATE_PROJECTS, sorted(days))
    assert home.more_late_projects >= 2


def test_the_rest_of_today_is_folded(world, client):
    for _ in range(7):
        recommended(world, 0)
    client.force_login(world.people["member"])

    page = client.get(reverse("home"))

    folded = len(page.context["home"].today) - 5
    assert f"{folded} more for today" in page.content.decode()


def test_a_review_that_is_over_is_not_late(world, plan_in_review):
    ActionPlan.objects.filter(pk=plan_in_review.pk).update(
        review_until=timezone.localdate() - timedelta(days=4)
    )

    home = home_for(world.people["coordinator"])

    url = plan_in_review.get_absolute_url()
    assert any(url in line.url for line in home.today)
    assert not any(url in line.url for late in home.late for line in late.lines)


def test_nobody_is_asked_to_approve_the_value_they_entered(world):
    value = DataPointFactory(
        indicator=world.indicator,
        period=world.year,
        status=DataPoint.Status.SUBMITTED,
        entered_by=world.people["monitoring"],
    )

    assert value.indicator.get_absolute_url() in waiting(world.people["coordinator"])
    assert value.indicator.get_absolute_url() not in waiting(world.people["monitoring"])


def test_what_is_next_holds_meetings_that_one_may_see(world):
    meeting = MeetingFactory(
        committee=world.committee,
        number=7,
        status=Meeting.Status.CONVENED,
        starts_at=timezone.now() + timedelta(days=3),
        ends_at=timezone.now() + timedelta(days=3, hours=2),
    )

    def coming(role):
        return [line.url for line in home_for(world.people[role]).coming]

    assert meeting.get_absolute_url() in coming("member")
    assert meeting.get_absolute_url() not in coming("partner")
    assert meeting.get_absolute_url() not in coming("outsider")


def test_the_donor_reads_which_amendment_waits_for_its_answer(world):
    amendment = AmendmentFactory(project=world.project, status="submitted")

    assert amendment.get_absolute_url() in waiting(world.people["donor"])
    assert amendment.get_absolute_url() not in waiting(world.people["reader"])


def test_the_panel_reads_how_many_proposals_it_has_still_to_judge(world):
    member = PanelMemberFactory(user=world.people["panel"])
    first, second, _withdrawn = (
        ProposalFactory(call=member.call, status=status)
        for status in ("submitted", "shortlisted", "withdrawn")
    )

    def numbers():
        url = reverse("projects:proposals", args=[member.call.project.code, member.call.pk])
        lines = [line for line in home_for(member.user).waiting if line.url == url]
        return [line.meta.split(" · ")[1] for line in lines]

    assert numbers() == ["2 propositions attendent vos notes"]
    member.assessments.create(proposal=first, has_conflict=True, conflict="Employer")
    member.assessments.create(proposal=second, has_conflict=False)
    assert numbers() == ["1 proposition attend vos notes"]
    member.assessments.update(submitted_at=timezone.now())
    assert numbers() == []


def news_of(person):
    return [line.url for line in home_for(person).news]


def record(resolution, *, resolved, recorded):
    """Resolved that many days ago, and known to the portal since."""
    day = timezone.localdate() - timedelta(days=resolved)
    Resolution.objects.filter(pk=resolution.pk).update(resolved_on=day)
    resolution.history.update(
        resolved_on=day, history_date=timezone.now() - timedelta(days=recorded)
    )


@pytest.mark.parametrize(
    ("resolved", "recorded", "is_new"),
    [
        (0, 0, True),
        (5, 5, False),
        (9, 0, True),  # typed in a week late
        (400, 0, False),  # of old minutes
    ],
)
def test_what_is_new_was_recorded_since_the_last_visit(world, resolved, recorded, is_new):
    member = world.people["member"]
    member.news_read_until = timezone.now() - timedelta(days=2)
    record(world.decision, resolved=resolved, recorded=recorded)

    assert (world.decision.get_absolute_url() in news_of(member)) is is_new


def test_somebody_without_a_project_reads_that_nothing_waits(client):
    client.force_login(UserFactory())

    page = client.get(reverse("home")).content.decode()

    assert "Nothing is waiting for you" in page


def test_the_number_of_queries_does_not_grow(world, django_assert_max_num_queries):
    coordinator = world.people["coordinator"]
    counts = []
    for numbers in (range(1), range(1, 3)):
        for _ in numbers:
            project = ProjectFactory()
            project.assignments.create(user=coordinator, role="coordinator")
            ActionPlanFactory(
                period=PeriodFactory(project=project), status=ActionPlan.Status.IN_REVIEW
            )

        write_all()

        with django_assert_max_num_queries(12) as statements:
            home_for(coordinator)
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_what_was_resolved_on_the_evening_of_the_last_visit_is_new(world, settings):
    settings.TIME_ZONE = "America/Tegucigalpa"
    person = world.people["member"]
    # The evening of 3 September in Tegucigalpa: in UTC the next day has begun.
    person.news_read_until = datetime(2020, 9, 4, 2, 0, tzinfo=UTC)
    Resolution.objects.filter(pk=world.decision.pk).update(resolved_on=date(2020, 9, 3))

    assert world.decision.get_absolute_url() in [line.url for line in home_for(person).news]


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("auditor", "You are here as an auditor"),
        ("reader", "You are here to read"),
        ("panel", "You are on the panel of a call"),
        ("nobody", "You have no role in a project yet"),
        ("coordinator", ""),
        ("member", ""),
        ("administrator", ""),
    ],
)
def test_who_acts_little_reads_what_they_may_do_here(client, world, role, words):
    person = UserFactory() if role == "nobody" else world.people[role]
    person.keep_language("en")
    client.force_login(person)

    note = client.get("/").context["home"].note

    assert (note.title if note else "") == words
    assert {client.get(url).status_code for _label, url in (note.links if note else ())} <= {200}

"""The panel of a call: conflicts of interest, scores that nobody else sees, and what they say."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import AccessEvent, OutgoingMail
from projects.calls.services.panel import (
    count_missing_sheets,
    declare_interest,
    rank_proposals,
    save_scores,
)
from projects.models import Assessment, PanelMember, Project, Score
from projects.permissions.calls import proposals_with_scores_seen, visible_proposals
from tests.factories import (
    AssignmentFactory,
    CriterionFactory,
    PanelMemberFactory,
    ProposalFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def criterion():
    return CriterionFactory(max_points=5)


@pytest.fixture
def call(criterion):
    return criterion.call


@pytest.fixture
def proposal(call):
    return ProposalFactory(call=call)


@pytest.fixture
def seats(call):
    return PanelMemberFactory.create_batch(2, call=call)


@pytest.fixture
def coordinator(call):
    return AssignmentFactory(project=call.project).user


def address(name, proposal, *args):
    call = proposal.call
    return reverse(f"projects:{name}", args=[call.project.code, call.pk, proposal.pk, *args])


def judge(seat, proposal, points, *, final=True):
    sheet = declare_interest(seat, proposal, has_conflict=False, conflict="", by=seat.user)
    given = {key: Decimal(points) for key in seat.call.criteria.values_list("pk", flat=True)}
    save_scores(sheet, given, comments={}, comment="", final=final, by=seat.user)
    return sheet


def test_a_member_reads_a_proposal_after_saying_that_there_is_no_conflict(client, proposal, seats):
    client.force_login(seats[0].user)
    page = proposal.get_absolute_url()
    interest = address("proposal-interest", proposal, seats[0].pk)

    first = client.get(page)
    client.post(interest, {"has_conflict": "0"})

    assert first.url == interest
    assert client.get(page).status_code == 200


def test_a_proposal_with_a_conflict_disappears(client, proposal, seats):
    client.force_login(seats[0].user)
    interest = address("proposal-interest", proposal, seats[0].pk)

    asked = client.post(interest, {"has_conflict": "1", "conflict": ""})
    client.post(interest, {"has_conflict": "1", "conflict": "J’y ai travaillé."})

    assert list(asked.context["form"].errors) == ["conflict"]
    assert client.get(proposal.get_absolute_url()).status_code == 404
    assert list(visible_proposals(seats[0].user, proposal.call)) == []


def test_who_declares_a_conflict_for_a_member_is_kept(client, proposal, seats, coordinator):
    for person, seat in ((coordinator, seats[0]), (seats[1].user, seats[1])):
        client.force_login(person)
        typed = {"has_conflict": "1", "conflict": "Parenté."}
        client.post(address("proposal-interest", proposal, seat.pk), typed)

    sheets = proposal.assessments.order_by("member")
    assert [sheet.entered_by for sheet in sheets] == [coordinator, None]


def test_a_conflict_hides_it_from_a_coordinator_on_the_panel_too(proposal, coordinator):
    seat = PanelMemberFactory(call=proposal.call, user=coordinator)
    declare_interest(seat, proposal, has_conflict=True, conflict="Parenté.", by=coordinator)

    assert list(visible_proposals(coordinator, proposal.call)) == []


def test_a_conflict_stands_and_takes_earlier_scores_out_of_the_mean(proposal, seats):
    judge(seats[0], proposal, 1)
    judge(seats[1], proposal, 5)
    declare_interest(seats[0], proposal, has_conflict=True, conflict="…", by=seats[0].user)

    with pytest.raises(ValidationError):
        declare_interest(seats[0], proposal, has_conflict=False, conflict="", by=seats[0].user)

    (found,) = rank_proposals(proposal.call, [proposal])
    assert (found.mean, found.sheets) == (Decimal("100.00"), 1)


def test_a_conflict_comes_up_after_the_coordination_entered_the_scores(
    proposal, seats, coordinator, criterion
):
    sheet = declare_interest(seats[0], proposal, has_conflict=False, conflict="", by=coordinator)
    facts = {"channel": "telephone", "received_on": date(2020, 4, 10), "by": coordinator}
    save_scores(sheet, {criterion.pk: Decimal(5)}, comments={}, comment="", final=True, **facts)

    declare_interest(seats[0], proposal, has_conflict=True, conflict="…", by=seats[0].user)

    sheet.refresh_from_db()
    assert (sheet.has_conflict, sheet.entered_by) == (True, coordinator)


def test_nobody_sees_others_scores_before_submitting_their_own(client, proposal, seats):
    judge(seats[0], proposal, 5)
    judge(seats[1], proposal, 3, final=False)
    client.force_login(seats[1].user)
    seen = proposals_with_scores_seen
    before = client.get(proposal.get_absolute_url())
    table = client.get(
        reverse("projects:proposals", args=[proposal.call.project.code, proposal.call_id])
    )

    assert not seen(seats[1].user, proposal.call).exists()
    assert (before.context["sheets"], before.context["outcome"]) == ([], None)
    assert table.context["page"].object_list[0]["outcome"] is None
    client.post(
        address("proposal-score", proposal, seats[1].pk),
        {f"points_{proposal.call.criteria.get().pk}": "3", "press": "submit"},
    )
    assert len(client.get(proposal.get_absolute_url()).context["sheets"]) == 2


def test_submitted_scores_stand(client, proposal, seats):
    judge(seats[0], proposal, 4)
    client.force_login(seats[0].user)

    answer = client.post(
        address("proposal-score", proposal, seats[0].pk),
        {f"points_{proposal.call.criteria.get().pk}": "1", "press": "submit"},
    )

    assert answer.context["form"].non_field_errors()
    assert Score.objects.get().points == 4


@pytest.mark.parametrize("points", ["6", "-1", "abc", ""])
def test_points_beyond_the_criterion_are_refused_with_a_sentence(client, proposal, seats, points):
    declare_interest(seats[0], proposal, has_conflict=False, conflict="", by=seats[0].user)
    client.force_login(seats[0].user)

    answer = client.post(
        address("proposal-score", proposal, seats[0].pk),
        {f"points_{proposal.call.criteria.get().pk}": points, "press": "submit"},
    )

    assert answer.context["form"].errors
    assert not Assessment.objects.get().is_submitted


def test_a_member_cannot_speak_for_another(client, proposal, seats):
    judge(seats[0], proposal, 4, final=False)
    client.force_login(seats[1].user)

    assert client.get(address("proposal-score", proposal, seats[0].pk)).status_code == 403


def test_the_coordination_enters_what_a_member_told_by_telephone(
    client, proposal, seats, coordinator
):
    client.force_login(coordinator)
    score = address("proposal-score", proposal, seats[0].pk)
    client.post(address("proposal-interest", proposal, seats[0].pk), {"has_conflict": "0"})
    facts = {f"points_{proposal.call.criteria.get().pk}": "4"}

    refused = client.post(score, facts)
    client.post(score, facts | {"channel": "telephone", "received_on": "2020-03-02"})

    assert sorted(refused.context["form"].errors) == ["channel", "received_on"]
    sheet = Assessment.objects.get()
    assert (sheet.channel, sheet.received_on, sheet.entered_by, sheet.is_submitted) == (
        "telephone",
        date(2020, 3, 2),
        coordinator,
        True,
    )


def test_the_panel_sees_no_more_of_the_project_than_its_call(client, proposal, seats):
    user = seats[0].user
    client.force_login(user)
    project = proposal.call.project
    page = client.get(proposal.call.get_absolute_url())

    assert page.status_code == 200
    assert page.context["tabs"] == []
    assert f'href="{project.get_absolute_url()}"' not in page.content.decode()
    assert not Project.objects.visible_to(user).exists()
    assert client.get(project.get_absolute_url()).status_code == 404
    assert page.context["panel"] == []


def test_the_telephone_number_is_for_the_coordination_alone(client, proposal, seats, coordinator):
    declare_interest(seats[0], proposal, has_conflict=False, conflict="", by=seats[0].user)
    monitoring = AssignmentFactory(project=proposal.call.project, role="monitoring").user
    shown = {}
    for name, user in (
        ("panel", seats[0].user),
        ("coordinator", coordinator),
        ("monitoring", monitoring),
    ):
        client.force_login(user)
        page = client.get(proposal.get_absolute_url()).content.decode()
        shown[name] = (proposal.contact_email in page, proposal.contact_phone in page)

    assert shown == {
        "panel": (True, False),
        "coordinator": (True, True),
        "monitoring": (False, False),
    }


def test_a_person_is_put_on_the_panel_by_address_and_told(
    client, call, coordinator, django_capture_on_commit_callbacks
):
    client.force_login(coordinator)
    page = reverse("projects:panel-create", args=[call.project.code, call.pk])
    person = {"email": "jury@example.org", "full_name": "Jury 01", "language": "es"}

    with django_capture_on_commit_callbacks(execute=True):
        client.post(page, person)
    again = client.post(page, person)

    seat = PanelMember.objects.get()
    assert again.context["form"].non_field_errors()
    assert OutgoingMail.objects.get().person == seat.user
    assert [event.details["role"] for event in AccessEvent.objects.about(call)] == ["panel"]


def test_who_left_the_panel_sees_the_call_no_more_and_their_scores_stay(
    client, proposal, seats, coordinator
):
    judge(seats[0], proposal, 4)
    client.force_login(coordinator)
    call = proposal.call
    client.post(reverse("projects:panel-delete", args=[call.project.code, call.pk, seats[0].pk]))

    client.force_login(seats[0].user)
    assert client.get(call.get_absolute_url()).status_code == 404
    assert rank_proposals(call, [proposal])[0].sheets == 1


def test_sheets_that_are_missing_are_counted(proposal, seats):
    ProposalFactory(call=proposal.call)
    judge(seats[0], proposal, 4)
    declare_interest(seats[1], proposal, has_conflict=True, conflict="…", by=seats[1].user)

    assert count_missing_sheets(proposal.call) == 2


def test_a_sheet_of_who_left_the_panel_makes_up_for_no_other(proposal, seats):
    """Of two members one judged and left: the other's scores are still to come."""
    judge(seats[0], proposal, 4)
    seats[0].ended_on = date(2020, 3, 1)
    seats[0].save()

    assert count_missing_sheets(proposal.call) == 1
    judge(seats[1], proposal, 4)
    assert count_missing_sheets(proposal.call) == 0


def test_scores_are_awaited_for_what_is_still_in_the_running(call, seats):
    decided = {"decided_on": date(2020, 4, 1), "decision_reason": "…"}
    ProposalFactory(call=call)
    ProposalFactory(call=call, status="shortlisted", **decided)
    ProposalFactory(call=call, status="rejected", **decided)
    ProposalFactory(call=call, status="withdrawn")

    assert count_missing_sheets(call) == 4


def test_a_draft_of_scores_is_none_yet(proposal, seats):
    judge(seats[0], proposal, 4, final=False)

    assert count_missing_sheets(proposal.call) == 2
    assert rank_proposals(proposal.call, [proposal])[0].sheets == 0


@pytest.mark.parametrize(
    ("channel", "received_on"), [("portal", None), ("telephone", date(2020, 3, 2))]
)
def test_who_enters_scores_is_kept_where_they_did_not_come_online(
    proposal, seats, coordinator, channel, received_on
):
    sheet = declare_interest(seats[0], proposal, has_conflict=False, conflict="", by=None)
    given = {proposal.call.criteria.get().pk: Decimal(4)}
    by = seats[0].user if channel == "portal" else coordinator

    save_scores(
        sheet,
        given,
        comments={},
        comment="",
        final=True,
        by=by,
        channel=channel,
        received_on=received_on,
    )

    kept = Assessment.objects.get()
    assert kept.entered_by == (None if channel == "portal" else coordinator)
    assert (kept.channel, kept.received_on, kept.is_submitted) == (channel, received_on, True)


@pytest.mark.parametrize("points", ["5", "0"])
def test_the_highest_score_and_none_at_all_are_points(proposal, seats, points):
    judge(seats[0], proposal, points)

    (found,) = rank_proposals(proposal.call, [proposal])

    assert found.mean == 20 * Decimal(points)


@pytest.mark.parametrize("status", ["published", "evaluated", "awarded"])
def test_scores_are_given_between_the_deadline_and_the_end_of_the_evaluation(
    client, proposal, seats, status
):
    sheet = declare_interest(seats[0], proposal, has_conflict=False, conflict="", by=None)
    proposal.call.status = status
    proposal.call.save()

    with pytest.raises(ValidationError):
        save_scores(sheet, {}, comments={}, comment="", final=False, by=seats[0].user)
    client.force_login(seats[0].user)

    assert client.get(address("proposal-score", proposal, seats[0].pk)).status_code == 403


def test_each_sees_others_scores_of_the_proposals_that_they_judged(call, seats, coordinator):
    """Kept open, or with a conflict declared, is not judged."""
    judged, open_, conflicting, other = ProposalFactory.create_batch(4, call=call)
    judge(seats[0], judged, 4)
    judge(seats[0], open_, 4, final=False)
    declare_interest(seats[0], conflicting, has_conflict=True, conflict="Parenté.", by=None)
    for proposal in (judged, open_, conflicting, other):
        judge(seats[1], proposal, 2)
    monitoring = AssignmentFactory(project=call.project, role="monitoring").user

    def seen(user):
        return set(proposals_with_scores_seen(user, call))

    assert seen(seats[0].user) == {judged}
    assert seen(seats[1].user) == {judged, open_, conflicting, other}
    for user in (coordinator, monitoring):
        assert seen(user) == {judged, open_, conflicting, other}


def test_points_that_are_taken_out_of_a_draft_are_gone(call, proposal, seats):
    """Of two criteria one is emptied again, the other changed, each with its comment."""
    first, second = call.criteria.get(), CriterionFactory(call=call, max_points=10)
    sheet = declare_interest(seats[0], proposal, has_conflict=False, conflict="", by=None)
    keep = {"comment": "", "final": False, "by": seats[0].user}
    given = {first.pk: Decimal(4), second.pk: Decimal(9)}
    save_scores(sheet, given, comments={first.pk: "Bien"}, **keep)

    save_scores(sheet, {second.pk: Decimal(10)}, comments={second.pk: "Mieux"}, **keep)

    kept = Score.objects.values_list("criterion", "points", "comment")
    assert list(kept) == [(second.pk, 10, "Mieux")]
    with pytest.raises(ValidationError):
        save_scores(sheet, {second.pk: Decimal("10.01")}, comments={}, **keep)
    with pytest.raises(ValidationError):  # not all criteria have their points
        save_scores(sheet, {second.pk: Decimal(10)}, comments={}, **keep | {"final": True})

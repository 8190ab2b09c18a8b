"""What the pages of a call show, role by role and stage by stage."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from projects.calls.deadlines import deadline_text
from projects.calls.services.panel import declare_interest, save_scores
from projects.calls.views.calls import call_timeline
from tests.factories import (
    CallFactory,
    ClosedCallFactory,
    GrantFactory,
    PanelMemberFactory,
    ProposalFactory,
)
from tests.projects.calls import DAY, DECIDED, address, things_of
from tests.projects.pages import labels
from tests.tabs import current_tabs

pytestmark = pytest.mark.django_db


@pytest.fixture
def things(world):
    return things_of(world)


@pytest.fixture
def shown(client, sign_in, things):
    """What a role's page holds: shown("reader", "call", "closed")["works"]."""

    def shown(role, name, *keys, **query):
        sign_in(role)
        return client.get(address(name, things, *keys), query).context

    return shown


def judge(seat, proposal, criterion, points, final=True):
    sheet = declare_interest(seat, proposal, has_conflict=False, conflict="", by=seat.user)
    given = {criterion.pk: Decimal(points)}
    save_scores(sheet, given, comments={}, comment="", final=final, by=seat.user)
    return sheet


# A call


def test_the_team_sees_a_call_with_its_panel_counts_and_history(shown, things):
    ProposalFactory(call=things.closed, status="withdrawn")
    ProposalFactory(call=things.closed, number=9, status="rejected", **DECIDED)
    PanelMemberFactory(call=things.closed, ended_on=DAY)

    page = shown("reader", "call", "closed")

    assert (page["call"], page["project"]) == (things.closed, things.closed.project)
    assert (page["received"], page["drafts"]) == (2, 1)
    assert page["panel"] == [things.seat]
    assert (page["criteria"], page["documents"]) == ([things.measure], [])
    assert (page["missing"], page["undecided"], page["awarded_sum"]) == (1, 1, 0)
    assert (page["works"], page["may_edit"], page["steps"]) == (True, False, [])
    assert (page["shows_proposals"], page["seat"], page["to_tell"]) == (True, None, False)
    assert page["deadline"] == deadline_told_in_english(things.closed)
    assert page["opening"] == deadline_told_in_english(things.closed, things.closed.opens_at)
    assert current_tabs(page["tabs"]) == ["Calls", "Calls"]
    assert labels(page["crumbs"])[1:] == ["Calls"]


def deadline_told_in_english(call, moment=None):
    with translation.override("en"):
        return deadline_text(call, moment)


def test_the_panel_sees_the_call_and_nothing_of_its_inside(shown, things):
    page = shown("panel", "call", "closed")

    assert (page["seat"], page["works"], page["shows_proposals"]) == (things.seat, False, True)
    assert (page["panel"], page["history"], page["tabs"], page["steps"]) == ([], [], [], [])
    assert (page["received"], page["drafts"], page["awarded_sum"]) == (0, 0, None)
    assert (page["missing"], page["undecided"]) == (0, 0)
    assert labels(page["crumbs"]) == ["Calls for projects"]
    assert page["crumbs"][0].url == reverse("calls:open")


def test_the_steps_of_a_call_are_for_the_coordination(shown, things):
    page = shown("coordinator", "call", "draft")

    steps = [(step["verb"], step["asks"], step["url"]) for step in page["steps"]]
    assert steps == [
        (verb, asks, address("call-step", things, "draft", verb))
        for verb, asks in (("publish", False), ("cancel", True))
    ]
    assert (page["shows_proposals"], page["missing"]) == (False, 0)
    assert (page["criteria"], page["documents"]) == ([things.criterion], [things.document])
    closed = shown("coordinator", "call", "closed")
    assert [step["verb"] for step in closed["steps"]] == ["evaluate", "cancel"]
    assert [step["asks"] for step in closed["steps"]] == [True, True]
    assert shown("coordinator", "call", "open")["shows_proposals"] is False


def test_what_was_awarded_is_shown_with_its_sum_and_who_is_to_be_told(client, shown, things):
    call = things.evaluated
    for status, told_at, email in (
        ("rejected", None, "a@example.org"),
        ("not_awarded", None, ""),
        ("not_awarded", timezone.now(), "b@example.org"),
    ):
        ProposalFactory(call=call, status=status, told_at=told_at, contact_email=email, **DECIDED)
    before = shown("coordinator", "call", "evaluated")
    call.status = "awarded"
    call.save()

    page, donors = shown("coordinator", "call", "evaluated"), shown("donor", "call", "evaluated")

    assert (before["to_tell"], before["undecided"]) == (0, 1)
    assert (page["awarded"], page["awarded_sum"], page["to_tell"]) == ([things.awarded], 5, 2)
    assert (donors["awarded"], donors["awarded_sum"], donors["to_tell"]) == (
        [things.awarded],
        None,
        False,
    )
    assert donors["shows_proposals"] is False
    answers = shown("coordinator", "call-answers", "evaluated")
    assert answers["to_tell"] == 2
    assert [each.number for each in answers["proposals"]] == sorted(
        each.number for each in answers["proposals"]
    )
    assert len(answers["proposals"]) == 4
    assert things.shortlisted not in answers["proposals"]


def test_letters_are_written_from_the_page_and_counted(client, coordinator, things):
    things.evaluated.status = "awarded"
    things.evaluated.save()
    page = address("call-answers", things, "evaluated")

    written, again = (client.post(page, follow=True).content.decode() for _press in range(2))
    early = client.post(address("call-answers", things, "closed"), follow=True)

    assert "Letters written: 1." in written
    assert "Letters written: 0." in again
    assert (
        "Conclude the award first. Everybody is then notified at the same time."
        in early.content.decode()
    )
    assert early.redirect_chain[0][0] == things.closed.get_absolute_url()


@pytest.mark.parametrize(
    ("status", "states"),
    [
        ("draft", ["now", "next", "next", "next", "next"]),
        ("closed", ["done", "done", "now", "next", "next"]),
        ("awarded", ["done", "done", "done", "done", "now"]),
        ("cancelled", []),
    ],
)
def test_the_life_of_a_call_is_told_in_five_stages(status, states):
    life = call_timeline(CallFactory.build(status=status))

    assert [step["state"] for step in life] == states
    with translation.override("en"):
        names = [str(step["label"]) for step in life]
    assert names == ["Draft", "Published", "Closed", "Evaluated", "Awarded"][: len(states)]


def test_a_step_that_is_refused_says_why_at_its_form_or_above_the_call(client, coordinator, things):
    things.criterion.delete()
    empty = client.post(address("call-step", things, "draft", "cancel"), {"why": " "})
    refused = client.post(address("call-step", things, "draft", "publish"), follow=True)
    elsewhere = client.post(address("call-step", things, "draft", "evaluate"), {"why": "x"})
    read = client.get(address("call-step", things, "draft", "publish"))

    assert list(empty.context["form"].errors) == ["why"]
    assert "Add a criterion first: applicants have to know how they are judged." in (
        refused.content.decode()
    )
    assert elsewhere.url == read.url == things.draft.get_absolute_url()
    things.draft.refresh_from_db()
    assert things.draft.status == "draft"


def test_an_evaluation_whose_scores_are_all_there_needs_no_reason(client, coordinator, things):
    judge(things.seat, things.proposal, things.measure, 5)

    page = client.get(address("call-step", things, "closed", "evaluate"))
    client.post(address("call-step", things, "closed", "evaluate"), {"why": ""})

    with translation.override("en"):
        assert (
            page.context["intro"]
            == "All scores are complete. From now on they can no longer change."
        )
    things.closed.refresh_from_db()
    assert things.closed.status == "evaluated"


def test_the_list_of_calls_has_their_deadlines_and_the_grants(shown, things, world):
    ClosedCallFactory(project=world.neighbour)
    GrantFactory(project=world.neighbour)

    page = shown("reader", "calls")

    rows = {row["call"]: row["deadline"] for row in page["rows"]}
    assert set(rows) == {things.draft, things.open, things.closed, things.evaluated}
    assert rows[things.open] == deadline_told_in_english(things.open)
    assert set(page["grants"]) == {things.grant, things.running}
    assert (page["sees_calls"], page["may_edit"]) == (True, False)
    assert labels(page["crumbs"]) == [str(world.project)]
    assert current_tabs(page["tabs"]) == ["Calls", "Calls"]


def test_a_new_call_is_asked_about_by_whoever_enters_it_and_a_new_criterion_stands_last(
    shown, things
):
    form = shown("coordinator", "call-create")["form"]
    criterion = shown("coordinator", "criterion-create", "draft")["form"]

    assert form["contact_email"].value() == form.instance.contact_email
    assert form.instance.contact_email.startswith("person")
    assert (form.instance.project_id, criterion["position"].value()) == (
        things.draft.project_id,
        2,
    )


def test_things_of_another_call_or_project_are_not_found_under_this_one(
    client, coordinator, things
):
    other = CallFactory(project=things.draft.project, status="draft")
    foreign = ClosedCallFactory()
    for name, *keys in (
        ("criterion-edit", other.pk, things.criterion.pk),
        ("criterion-delete", other.pk, things.criterion.pk),
        ("call-document", other.pk, things.document.pk),
        ("call-document-delete", other.pk, things.document.pk),
        ("panel-delete", things.draft.pk, things.seat.pk),
        ("proposal", things.evaluated.pk, things.proposal.pk),
        ("call", foreign.pk),
        ("instalment-edit", things.grant.pk, things.due.pk),
        ("instalment-pay", things.grant.pk, things.due.pk),
        ("instalment-delete", things.grant.pk, things.due.pk),
        ("grant-report", things.grant.pk, things.report.pk),
    ):
        answer = client.get(reverse(f"projects:{name}", args=["HN-1", *keys]))
        assert answer.status_code == 404, name

"""What the pages of proposals and grants show, role by role and stage by stage."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import AccessEvent
from projects.calls.deadlines import deadline_text
from projects.calls.services.panel import declare_interest, save_scores
from projects.models import EligibilityCheck, GrantReportFile, ProposalLine
from tests.factories import (
    GrantFactory,
    PanelMemberFactory,
)
from tests.projects.calls import DAY, PDF, address, content, things_of
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


def deadline_told_in_english(call, moment=None):
    with translation.override("en"):
        return deadline_text(call, moment)


def judge(seat, proposal, criterion, points, final=True):
    sheet = declare_interest(seat, proposal, has_conflict=False, conflict="", by=seat.user)
    given = {criterion.pk: Decimal(points)}
    save_scores(sheet, given, comments={}, comment="", final=final, by=seat.user)
    return sheet


# A proposal


def test_the_table_counts_what_is_met_of_what_was_checked(shown, things):
    EligibilityCheck.objects.create(
        proposal=things.proposal, point="theme", is_met=False, reason="…"
    )
    ProposalLine.objects.create(proposal=things.proposal, label="Radio", amount=Decimal(70))

    page = shown("reader", "proposals", "closed")

    (row,) = page["page"].object_list
    assert (row["proposal"], row["met"], row["checked"]) == (things.proposal, 1, 2)
    assert (row["outcome"].sheets, row["own"], row["proposal"].requested) == (0, None, 70)
    assert (page["shows_marks"], page["seat"], page["to_judge"]) == (False, None, 0)
    assert labels(page["crumbs"])[1:] == ["Calls", str(things.closed)]
    assert current_tabs(page["tabs"]) == ["Calls", "Calls"]


def test_marks_are_shown_to_the_team_and_to_members_who_gave_theirs(shown, things):
    other = PanelMemberFactory(call=things.closed)
    judge(other, things.proposal, things.measure, 5)

    team, before = shown("reader", "proposals", "closed"), shown("panel", "proposals", "closed")
    judge(things.seat, things.proposal, things.measure, 7)
    after = shown("panel", "proposals", "closed")

    def marks(page):
        (row,) = page["page"].object_list
        return page["shows_marks"], row["outcome"] and row["outcome"].mean, bool(row["own"])

    assert marks(team) == (True, Decimal(50), False)
    assert (before["shows_marks"], before["to_judge"]) == (False, 1)
    assert marks(after) == (True, Decimal(60), True)
    assert (after["to_judge"], after["seat"], after["tabs"]) == (0, things.seat, [])


def test_a_proposal_is_shown_with_all_that_its_reader_may_know(shown, things):
    line = ProposalLine.objects.create(proposal=things.proposal, label="Radio", amount=5)

    team, editor = (
        shown(role, "proposal", "closed", "proposal") for role in ("reader", "coordinator")
    )

    assert (team["lines"], team["files"]) == ([line], [things.file])
    assert [check.point for check in team["checks"]] == ["who"]
    assert (team["shows_contact"], team["shows_phone"], team["may_edit"]) == (False, False, False)
    assert (editor["shows_contact"], editor["shows_phone"], editor["may_edit"]) == (True,) * 3
    assert (team["steps"], team["members"], team["may_admit"]) == ([], [], False)
    urls = [step["url"] for step in editor["steps"]]
    assert urls == [
        address("proposal-decide", things, "closed", "proposal", verb)
        for verb in ("shortlist", "reject")
    ]
    assert [each["member"] for each in editor["members"]] == [things.seat]
    assert editor["submitted_told"] == deadline_told_in_english(
        things.closed, things.proposal.submitted_at
    )
    assert (editor["grant"], editor["may_score"], editor["own"]) == (None, False, None)
    assert (team["outcome"].sheets, team["sheets"]) == (0, [])
    assert labels(editor["crumbs"])[1:] == ["Calls", str(things.closed), "Proposals"]


def test_an_unfinished_proposal_may_be_admitted_and_an_awarded_one_has_its_grant(shown, things):
    unfinished = shown("coordinator", "proposal", "closed", "unfinished")
    GrantFactory(project=things.draft.project, proposal=things.awarded)
    awarded = shown("coordinator", "proposal", "evaluated", "awarded")
    listed = shown("coordinator", "proposal", "evaluated", "shortlisted")

    assert (unfinished["may_admit"], unfinished["submitted_told"]) == (True, None)
    assert (awarded["may_admit"], awarded["grant"]) == (False, things.awarded.grant)
    assert (awarded["steps"], awarded["members"]) == ([], [])
    assert len(listed["steps"]) == 3
    assert listed["members"] == []


def test_members_who_said_all_are_entered_for_no_more(shown, things):
    done, conflicting, begun = PanelMemberFactory.create_batch(3, call=things.closed)
    PanelMemberFactory(call=things.closed, ended_on=DAY)
    judged = judge(done, things.proposal, things.measure, 5)
    tied = declare_interest(
        conflicting, things.proposal, has_conflict=True, conflict="…", by=conflicting.user
    )
    draft = judge(begun, things.proposal, things.measure, 5, final=False)

    page = shown("coordinator", "proposal", "closed", "proposal")

    members = [(each["member"], each["sheet"]) for each in page["members"]]
    assert members == [(things.seat, None), (begun, draft)]
    assert page["sheets"] == [judged, tied]
    assert page["outcome"].mean == Decimal(50)


def test_a_member_reads_its_own_sheet_and_others_after_its_own(shown, things):
    judge(PanelMemberFactory(call=things.closed), things.proposal, things.measure, 5)
    sheet = judge(things.seat, things.proposal, things.measure, 7, final=False)
    before = shown("panel", "proposal", "closed", "proposal")
    form = shown("panel", "proposal-score", "closed", "proposal", "seat")
    judge(things.seat, things.proposal, things.measure, 7)
    after = shown("panel", "proposal", "closed", "proposal")

    assert (before["own"], before["may_score"], before["sheets"]) == (sheet, True, [])
    assert (before["outcome"], before["members"], before["shows_phone"]) == (None, [], False)
    assert form["form"][f"points_{things.measure.pk}"].value() in ("7", "7.00", "7,00")
    assert (form["member"], form["sheet"]) == (None, sheet)
    assert (after["may_score"], len(after["sheets"]), after["outcome"].mean) == (False, 2, 60)
    assert labels(before["crumbs"]) == ["Calls for projects", str(things.closed), "Proposals"]


def test_whose_scores_are_entered_is_said_and_their_draft_is_not_shown(shown, things):
    judge(things.seat, things.proposal, things.measure, 7, final=False)

    page = shown("coordinator", "proposal-score", "closed", "proposal", "seat")

    assert page["member"] == things.seat
    assert page["form"][f"points_{things.measure.pk}"].value() is None
    assert {"channel", "received_on"} <= page["form"].fields.keys()
    assert page["cancel_url"] == things.proposal.get_absolute_url()


def test_who_said_nothing_of_a_conflict_is_asked_before_scoring(client, sign_in, things):
    sign_in("coordinator")

    answer = client.get(address("proposal-score", things, "closed", "proposal", "seat"))

    assert answer.url == address("proposal-interest", things, "closed", "proposal", "seat")


def test_a_file_is_called_by_its_proposal_and_its_reading_is_logged_once(
    client, coordinator, things
):
    page = address("proposal-file", things, "closed", "proposal", "file")

    client.head(page).getvalue()
    answer = client.get(page)

    name = f"{things.proposal.reference} {things.file.pk}"
    assert name in answer.headers["Content-Disposition"]
    assert answer.getvalue() == b"%PDF-1.7"
    event = AccessEvent.objects.get(kind="download")
    assert (event.thing, event.details["file"]) == (things.proposal, things.file.pk)


def test_what_is_left_of_the_budget_is_told_where_a_grant_is_awarded(shown, things):
    ProposalLine.objects.create(proposal=things.shortlisted, label="Radio", amount=Decimal(70))

    award = shown("coordinator", "proposal-decide", "evaluated", "shortlisted", "award")
    decline = shown("coordinator", "proposal-decide", "evaluated", "shortlisted", "decline")

    assert (award["left"], decline["left"]) == (things.evaluated.budget - 5, None)
    assert award["intro"] == f"{things.shortlisted} · {things.shortlisted.title}"
    assert award["form"].initial == {"amount": 70}
    assert "amount" not in decline["form"].fields


# A grant


def test_the_team_sees_a_grant_with_what_is_paid_and_left(shown, things):
    things.due.paid_on, things.due.reference = DAY, "T-1"
    things.due.save()

    page = shown("reader", "grant", "running")

    assert (page["grant"], page["instalments"]) == (things.running, [things.due])
    assert (page["paid"], page["left"]) == (1000, 24_000)
    assert [row["report"] for row in page["reports"]] == [things.report, things.submitted]
    assert [(row["may_submit"], row["may_judge"]) for row in page["reports"]] == [(False,) * 2] * 2
    assert (page["shows_names"], page["may_edit"], page["may_pay"]) == (True, False, False)
    assert (page["may_sign"], page["may_note"], page["steps"]) == (False, False, [])
    assert labels(page["crumbs"])[1:] == ["Calls"]
    assert current_tabs(page["tabs"]) == ["Calls", "Calls"]


def test_what_may_be_done_with_a_grant_is_offered_to_who_may(shown, things):
    prepared, running = (shown("coordinator", "grant", key) for key in ("grant", "running"))
    monitoring, own = (shown(role, "grant", "running") for role in ("monitoring", "partner"))
    finance = shown("finance", "grant", "running")

    assert (prepared["may_sign"], prepared["may_pay"], prepared["may_edit"]) == (True, False, True)
    assert (prepared["paid"], prepared["left"]) == (0, 24_000)
    assert [step["url"] for step in prepared["steps"]] == [
        address("grant-step", things, "grant", "end")
    ]
    assert [step["url"] for step in running["steps"]] == [
        address("grant-step", things, "running", verb) for verb in ("close", "end")
    ]
    assert (running["may_sign"], running["may_pay"], finance["may_pay"]) == (False, True, True)
    assert [row["may_submit"] for row in running["reports"]] == [True, False]
    assert [row["may_judge"] for row in monitoring["reports"]] == [False, True]
    assert [row["may_submit"] for row in own["reports"]] == [True, False]
    assert (own["shows_names"], own["may_edit"], own["may_pay"]) == (False, False, False)
    assert (monitoring["may_note"], monitoring["may_edit"]) == (True, False)


def test_a_report_is_shown_with_what_may_be_done_with_it(client, shown, things):
    file = GrantReportFile.objects.create(
        report=things.submitted, file=content(), sha256="0" * 64, **PDF
    )

    team, own = (
        shown(role, "grant-report", "running", "submitted") for role in ("monitoring", "partner")
    )

    assert (team["report"], team["grant"], team["files"]) == (
        things.submitted,
        things.running,
        [file],
    )
    assert (team["may_submit"], team["may_judge"], team["shows_names"]) == (False, True, True)
    assert (own["may_submit"], own["may_judge"], own["shows_names"]) == (False, False, False)
    assert labels(team["crumbs"])[1:] == ["Calls", str(things.running)]
    page = reverse(
        "projects:grant-report-file", args=["HN-1", things.running.pk, things.submitted.pk, file.pk]
    )
    answer = client.get(page)
    assert answer.getvalue() == b"%PDF-1.7"
    assert f"Report {things.submitted.pk}-{file.pk}" in answer.headers["Content-Disposition"]
    assert AccessEvent.objects.get(kind="download").thing == things.submitted


def test_a_grantee_says_no_channel_and_what_it_wrote_is_there_again(shown, things):
    things.report.narrative = "Borrador."
    things.report.save()

    own = shown("partner", "grant-report-submit", "running", "report")["form"]
    entered = shown("coordinator", "grant-report-submit", "running", "report")["form"]

    assert own["narrative"].value() == "Borrador."
    assert "channel" not in own.fields
    assert {"channel", "received_on"} <= entered.fields.keys()


def test_a_report_that_is_not_open_leads_to_its_page(client, sign_in, things):
    sign_in("partner")

    answer = client.get(address("grant-report-submit", things, "running", "submitted"))

    assert answer.url == address("grant-report", things, "running", "submitted")


def test_a_new_instalment_has_the_next_number_and_one_that_was_paid_is_not_edited(
    client, shown, things
):
    form = shown("coordinator", "instalment-create", "grant")["form"]
    things.due.paid_on, things.due.reference = DAY, "T-1"
    things.due.save()

    assert form["number"].value() == 2
    for name in ("instalment-edit", "instalment-delete"):
        assert client.get(address(name, things, "running", "due")).status_code == 404


def test_nothing_further_is_asked_of_a_grant_that_is_over(client, coordinator, things):
    things.running.status = "closed"
    things.running.save()

    refused = client.get(address("grant-report-create", things, "running"))

    assert refused.status_code == 403
    assert "This grant is over: no further report is requested." in refused.content.decode()

"""How things of money, calls and grants are called, and in which order lists have them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from projects.models import (
    AccountingLock,
    Assessment,
    Budget,
    BudgetCategory,
    BudgetComment,
    BudgetLine,
    BudgetRevision,
    CallDocument,
    CallForProposals,
    Contribution,
    EligibilityCheck,
    ExchangeRate,
    Expenditure,
    ExpenditureUpload,
    Grant,
    GrantReport,
    GrantReportFile,
    ImportBatch,
    ImportMapping,
    Instalment,
    PanelMember,
    Proposal,
    ProposalFile,
    ProposalLine,
    ProposalLink,
    Score,
    SupportNote,
)
from tests.factories import (
    BudgetCategoryFactory,
    BudgetLineFactory,
    CallFactory,
    ClosedCallFactory,
    ContributionFactory,
    CriterionFactory,
    ExchangeRateFactory,
    ExpenditureFactory,
    GrantFactory,
    PanelMemberFactory,
    ParticipationFactory,
    PeriodFactory,
    ProposalFactory,
    ResultFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

DAY = date(2019, 6, 1)
FILE = {"file": "x", "kind": "pdf", "size": 1}


def test_things_of_money_are_called_by_what_a_reader_knows(world):
    category = BudgetCategory(code="VOY", name_en="Travel", name_fr="Voyages", position=1)
    line = BudgetLine(category=category, period=world.year, project=world.project)
    giver = ParticipationFactory(role="funding")
    spent = {"category": category, "spent_on": DAY}
    days = {"starts_on": DAY, "ends_on": date(2019, 6, 30)}

    assert str(Budget()) == "budget"
    assert str(category) == "Travel"
    assert category.all_names() == {"VOY", "Travel", "Voyages"}
    assert str(line) == "Travel · Project year 1"
    assert str(BudgetLine(category=category, period=world.year, result=world.result)) == (
        "Travel · 1100 · Project year 1"
    )
    assert str(BudgetRevision(line=line, on=DAY)) == "Travel · Project year 1 · 2019-06-01"
    assert str(BudgetComment(category=category, period=world.year)) == "Travel · Project year 1"
    assert str(ExchangeRate(currency="HNL", **days)) == "HNL, June 1–30, 2019"
    assert str(AccountingLock(**days)) == "June 1–30, 2019"
    assert str(ImportBatch(original_name="a.csv")) == "a.csv"
    assert str(Expenditure(voucher="V-1", description="Vuelo", **spent)) == "V-1"
    assert str(Expenditure(description="Vuelo", **spent)) == "Vuelo"
    assert str(Expenditure(**spent)) == "Travel, 2019-06-01"
    assert str(Contribution(reference="T-1", participation=giver)) == "T-1"
    assert str(Contribution(participation=giver)) == str(giver.institution)
    assert str(ImportMapping()) == "import mapping"
    assert str(ExpenditureUpload()) == "file of the accounting system"


def test_things_of_calls_and_grants_are_called_by_what_a_reader_knows():
    call = CallForProposals(code="APP-1", title_fr="Appel", title_en="Call")
    proposal = Proposal(call=call, organisation="Comité", number=7)
    seat = PanelMember(user=UserFactory.build(full_name="Jury 01"))
    grant = GrantFactory(title="Radio")
    criterion = CriterionFactory.build(title_fr="Impact", title_en="Impact")

    assert str(call) == "Call"
    assert (str(proposal), proposal.reference) == ("APP-1-007 · Comité", "APP-1-007")
    assert str(Proposal(call=call, organisation="Comité")) == "Comité"
    assert Proposal(call=call).reference == ""
    assert str(seat) == "Jury 01"
    assert str(Assessment(member=seat, proposal=proposal)) == "Jury 01 · APP-1-007 · Comité"
    assert str(Score(criterion=criterion, points=Decimal(4))) == "Impact: 4"
    assert str(CallDocument(title="Guide")) == "Guide"
    assert str(ProposalFile(original_name="a.pdf")) == "a.pdf"
    assert str(ProposalLine(label="Radio")) == "Radio"
    assert str(ProposalLink(proposal_id=5)) == "5"
    assert str(EligibilityCheck(point="theme")) == "It fits the theme"
    assert str(grant) == f"{grant.institution} · Radio"
    assert str(Instalment(number=2)) == "Instalment 2"
    assert [str(GrantReport(is_final=final)) for final in (False, True)] == [
        "Progress report",
        "Final report",
    ]
    assert str(GrantReportFile(original_name="a.pdf")) == "a.pdf"
    assert str(SupportNote(kind="call")) == "Call"


def test_what_a_new_row_says_of_itself():
    budget, call, report = Budget(), CallForProposals(), GrantReport()

    assert (budget.threshold, budget.tolerance, budget.is_approved) == (10, 10, False)
    assert (call.currency, call.months, call.grants_expected) == ("USD", 6, 1)
    assert (call.files_required, call.status, call.illustrative) == (0, "draft", False)
    assert (report.status, report.channel, report.is_final) == ("asked", "portal", False)
    assert (Grant().status, Grant().illustrative) == ("prepared", False)
    assert (Expenditure().rate, Expenditure().illustrative) == (1, False)
    assert (Contribution().rate, Contribution().illustrative) == (1, False)
    assert (BudgetCategory().position, BudgetCategory().is_passed_on) == (0, False)
    assert (BudgetLine().illustrative, ExchangeRate().illustrative) == (False, False)
    assert BudgetRevision().is_within_tolerance is False
    assert ImportBatch().left_out == 0
    assert (Proposal().status, Proposal().country, Proposal().illustrative) == (
        "draft",
        "HN",
        False,
    )
    assert Assessment().channel == "portal"
    assert CriterionFactory.build().max_points == 5
    assert SupportNote().on == timezone.localdate()
    assert CallDocument().language == "fr"
    assert ImportMapping().columns == {}


def in_order(rows):
    """Made in an order that is none of those in which lists have them."""
    return list(rows[0]._meta.model.objects.filter(pk__in=[row.pk for row in rows]))


def test_lists_of_money_are_in_their_order(world):
    project, day = world.project, timedelta(days=1)
    later = PeriodFactory(project=project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31))
    second, first, third = (
        BudgetCategoryFactory(project=project, code=code, position=position)
        for code, position in (("B", 1), ("A", 1), ("0", 2))
    )
    result = ResultFactory(project=project, code="1000")
    lines = [
        BudgetLineFactory(category=category, period=period, result=said)
        for category, period, said in (
            (first, later, None),
            (third, world.year, None),
            (second, world.year, None),
            (first, world.year, world.result),
            (first, world.year, result),
        )
    ]
    rates = [
        ExchangeRateFactory(project=project, currency=currency, starts_on=start, ends_on=start)
        for currency, start in (("USD", DAY), ("HNL", DAY), ("HNL", DAY + day))
    ]
    rows = [
        ExpenditureFactory(category=first, spent_on=on) for on in (DAY, DAY + day, DAY, DAY - day)
    ]
    giver = world.project.participations.get(role="funding")
    contributions = [
        ContributionFactory(participation=giver, expected_on=expected, **came)
        for expected, came in (
            (DAY + day, {}),
            (DAY, {}),
            (DAY + day, {"received": 1, "received_on": DAY}),
            (DAY, {"received": 1, "received_on": DAY - day}),
        )
    ]
    locks = [
        AccountingLock.objects.create(project=project, starts_on=on, ends_on=on, locked_on=DAY)
        for on in (DAY, DAY + day)
    ]
    batches = [
        ImportBatch.objects.create(project=project, original_name="a", sha256="0" * 64, rows=1)
        for _n in range(2)
    ]
    revisions = [
        BudgetRevision.objects.create(
            line=lines[0], before=1, after=2, reason="…", is_within_tolerance=True, on=on
        )
        for on in (DAY + day, DAY)
    ]

    assert in_order([first, second, third]) == [first, second, third]
    assert in_order(lines) == [lines[4], lines[3], lines[2], lines[1], lines[0]]
    assert in_order(rates) == [rates[2], rates[1], rates[0]]
    assert in_order(rows) == [rows[1], rows[2], rows[0], rows[3]]
    assert in_order(contributions) == [contributions[n] for n in (3, 2, 1, 0)]
    assert in_order(locks) == locks[::-1]
    assert in_order(batches) == batches[::-1]
    assert in_order(revisions) == revisions[::-1]


def test_lists_of_calls_are_in_their_order():
    now, day = timezone.now(), timedelta(days=1)
    call = ClosedCallFactory()
    calls = [CallFactory(opens_at=now - n * day) for n in (2, 1, 2)]
    criteria = [CriterionFactory(call=call, position=position) for position in (2, 1, 1)]
    proposals = [ProposalFactory(call=call, number=number) for number in (2, 1)]
    one = proposals[0]
    lines = [
        ProposalLine.objects.create(proposal=one, position=position, label="x", amount=1)
        for position in (2, 1)
    ]
    files = [ProposalFile.objects.create(proposal=one, sha256=name, **FILE) for name in "ba"]
    documents = [CallDocument.objects.create(call=call, sha256=name, **FILE) for name in "ba"]
    seats = PanelMemberFactory.create_batch(2, call=call)
    sheets = [
        Assessment.objects.create(member=seat, proposal=one, has_conflict=False)
        for seat in seats[::-1]
    ]
    scores = [
        Score.objects.create(assessment=sheets[0], criterion=criterion, points=1)
        for criterion in criteria
    ]

    assert in_order(calls) == [calls[1], calls[0], calls[2]]
    assert in_order(criteria) == [criteria[1], criteria[2], criteria[0]]
    assert in_order(proposals) == proposals[::-1]
    assert in_order(lines) == lines[::-1]
    for rows in (files, documents, seats, sheets):
        assert in_order(rows) == rows
    assert in_order(scores) == [scores[1], scores[2], scores[0]]


def test_lists_of_grants_are_in_their_order():
    day = timedelta(days=1)
    grants = [GrantFactory(starts_on=DAY + n * day, ends_on=date(2022, 1, 1)) for n in (0, 1, 0)]
    one = grants[0]
    instalments = [
        Instalment.objects.create(grant=one, number=number, due_on=DAY, amount=1)
        for number in (2, 1)
    ]
    reports = [
        GrantReport.objects.create(
            grant=one, due_on=due, period_start=DAY, period_end=DAY, is_final=is_final
        )
        for due, is_final in ((DAY + day, False), (DAY, False), (DAY, True))
    ]
    files = [
        GrantReportFile.objects.create(report=reports[0], sha256=name, **FILE) for name in "ba"
    ]
    notes = [
        SupportNote.objects.create(grant=one, on=on, kind=kind, text="…")
        for on, kind in ((DAY, "visit"), (DAY + day, "visit"), (DAY, "call"))
    ]

    assert in_order(grants) == [grants[1], grants[0], grants[2]]
    assert in_order(instalments) == instalments[::-1]
    assert in_order(reports) == [reports[1], reports[2], reports[0]]
    assert in_order(files) == files
    assert in_order(notes) == [notes[1], notes[2], notes[0]]


def test_things_lead_to_their_pages(world):
    line = BudgetLineFactory(period=world.year)
    row = ExpenditureFactory(category=line.category)
    proposal = ProposalFactory(call=world.call)
    grant = GrantFactory(project=world.project)

    paths = [thing.get_absolute_url() for thing in (line, row, world.call, proposal, grant)]

    assert paths == [
        f"/projects/HN-1/budget/categories/{line.category_id}/",
        f"/projects/HN-1/budget/expenditure/{row.pk}/",
        f"/projects/HN-1/calls/{world.call.pk}/",
        f"/projects/HN-1/calls/{world.call.pk}/proposals/{proposal.pk}/",
        f"/projects/HN-1/grants/{grant.pk}/",
    ]
    assert world.call.get_public_url() == f"/calls/{world.call.code}/"

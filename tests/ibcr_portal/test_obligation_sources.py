"""What is due of values, money, amendments, risks, calls and grants: when, whose, and who sees it."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import timezone

from committees.models import Resolution
from ibcr_portal.models import ObligationKind
from ibcr_portal.reader import Reader
from projects.models import GrantReport, Instalment, Project, ValueRequest
from tests.factories import (
    AdvanceFactory,
    AdvanceVoucherFactory,
    AmendmentFactory,
    CallFactory,
    ContributionFactory,
    DataPointFactory,
    ExpenditureFactory,
    GrantFactory,
    IndicatorFactory,
    PanelMemberFactory,
    ProposalFactory,
    RiskFactory,
    RiskRatingFactory,
)
from tests.obligations import mine, obligations_of, write_all
from tests.world import ROLES, World

pytestmark = pytest.mark.django_db

NOON = datetime(2020, 6, 15, 18, 0, tzinfo=UTC)


@pytest.fixture
def world():
    with time_machine.travel(NOON, tick=False):
        yield World()


def seen(world, role, kind):
    """(day, title, owner, note, whether it is theirs) of each."""
    reader = Reader(world.people[role])
    found = [due for due in obligations_of(reader) if due.kind == kind]
    own = mine(found)
    return [
        (due.on, due.title.replace("\xa0", " "), due.owner.label, due.note, due in own)
        for due in found
    ]


def who(world, kind):
    """By role, whether the person sees something of this kind, and whether it is theirs."""
    return {
        role: any(row[-1] for row in rows) for role in ROLES if (rows := seen(world, role, kind))
    }


TEAM = ("administrator", "coordinator", "monitoring", "finance", "reader", "auditor")


def team(*own, **others):
    return {role: role in own for role in TEAM} | others


@pytest.fixture
def owing(world):
    """Two indicators of the partner, one due before the other; of one a value was submitted."""
    partner = world.institutions["partner"]
    world.project.values_due_days = 90
    world.project.save()
    facts = {"result": world.result, "responsible": partner, "due_per": "project_year"}
    for days in (None, 120, None):
        last = IndicatorFactory(**facts, due_days=days)
    DataPointFactory(indicator=last, period=world.year, status="submitted")
    return partner


def test_values_are_owed_in_one_line_per_institution_and_period(world, owing):
    line = "Valeurs des indicateurs : Année de projet 1"

    assert seen(world, "partner", ObligationKind.VALUE) == [
        (date(2020, 6, 29), line, owing.short_name, "2 indicateurs", True)
    ]
    assert who(world, ObligationKind.VALUE) == team(partner=True)
    asked = ValueRequest.objects.create(
        project=world.project, institution=owing, period=world.year, due_on=date(2020, 6, 20)
    )
    (due,) = [
        d for d in obligations_of(Reader(world.people["partner"])) if d.kind == ObligationKind.VALUE
    ]
    assert (due.on, due.url) == (date(2020, 6, 20), asked.get_absolute_url())


def test_a_contribution_is_asked_for_by_finance_and_seen_by_the_donor(world):
    donor = world.project.participations.get(institution=world.institutions["donor"])
    ContributionFactory(participation=donor, expected_on=date(2020, 7, 1))
    ContributionFactory(participation=donor, received=5000, received_on=date(2020, 6, 1))

    (row,) = seen(world, "donor", ObligationKind.MONEY)

    assert row[:2] == (date(2020, 7, 1), f"Contribution attendue : {donor.institution.short_name}")
    assert row[3].split() == ["5", "000", "CAD"]
    told = {"donor": False, "embassy": False}
    assert who(world, ObligationKind.MONEY) == team("coordinator", "finance", **told)


@pytest.mark.parametrize(
    ("status", "on", "title", "whose"),
    [
        ("draft", None, None, None),
        ("recommended", None, "À soumettre au donateur", "coordinator"),
        ("submitted", None, "À répondre", "donor"),
        ("approved", date(2020, 7, 1), "À mettre en vigueur", "coordinator"),
        ("effective", None, None, None),
    ],
)
def test_an_amendment_waits_for_whose_turn_it_is(world, status, on, title, whose):
    AmendmentFactory(
        project=world.project, number=1, status=status, donor_decided_on=date(2020, 6, 1)
    )

    rows = seen(world, "coordinator", ObligationKind.AMENDMENT)

    assert [(row[0], row[1]) for row in rows] == (
        [(on, f"{title} : Modification 1")] if title else []
    )
    if whose == "coordinator":
        assert who(world, ObligationKind.AMENDMENT) == team("coordinator")
    if whose == "donor":  # the embassy reads, and answers nothing
        assert who(world, ObligationKind.AMENDMENT) == team(donor=True)


def test_a_draft_that_the_donor_sent_back_waits_for_the_coordination(world):
    amendment = AmendmentFactory(project=world.project, number=1, status="submitted")
    amendment.take("ask_changes", by=None, why="Les dates.")

    (row,) = seen(world, "coordinator", ObligationKind.AMENDMENT)

    assert row[1] == "Répondre aux changements demandés par le donateur : Modification 1"
    assert who(world, ObligationKind.AMENDMENT) == team("coordinator")
    amendment.take("submit", by=None)
    (row,) = seen(world, "coordinator", ObligationKind.AMENDMENT)
    assert row[1] == "À répondre : Modification 1"


def test_an_approved_closing_waits_for_the_coordination(world):
    Resolution.objects.filter(pk=world.decision.pk).update(closes_project=True)

    (row,) = seen(world, "coordinator", ObligationKind.RESOLUTION)

    title = f"Clore le projet, comme approuvé : Décision {world.decision.number}"
    assert (row[0], row[1]) == (world.decision.due_on, title)
    assert who(world, ObligationKind.RESOLUTION)["coordinator"]
    world.project.closings.create(decision=world.decision, closed_on=world.project.today)
    Resolution.objects.filter(pk=world.decision.pk).update(due_on=None)
    assert not seen(world, "coordinator", ObligationKind.RESOLUTION)


def test_what_an_institution_has_to_do_is_followed_up_beside_an_approved_closing(world):
    decision = Resolution.objects.filter(pk=world.decision.pk)
    due = {"due_on": date(2020, 12, 1), "addressee": world.institutions["partner"]}
    decision.update(closes_project=True, **due)
    closing = f"Clore le projet, comme approuvé : Décision {world.decision.number}"
    following = f"À suivre : Décision {world.decision.number}"

    assert {row[1] for row in seen(world, "coordinator", ObligationKind.RESOLUTION)} == {
        *(closing, following)
    }

    world.project.closings.create(
        decision=world.decision,
        closed_on=world.project.today,
        reopened_at=timezone.now(),
        reopened_why="Erreur.",
    )
    decision.update(due_on=date(2020, 12, 2))
    [row] = seen(world, "coordinator", ObligationKind.RESOLUTION)
    assert row[1] == following


def test_the_register_is_looked_through_half_a_year_after_its_oldest_rating(world):
    rated = RiskFactory(project=world.project, identified_on=date(2019, 4, 1))
    RiskRatingFactory(risk=rated, rated_on=date(2019, 12, 1))
    RiskFactory(project=world.project, identified_on=date(2019, 12, 10))
    RiskFactory(project=world.project, identified_on=date(2020, 5, 1))
    RiskFactory(project=world.project, status="closed")

    (row,) = seen(world, "coordinator", ObligationKind.RISK)

    assert row[0] == date(2020, 5, 31)
    assert row[3] == "2 risques, six mois après leur dernière évaluation"
    expected = team("coordinator")
    del expected["reader"]  # what may go wrong can harm whom it speaks of
    assert who(world, ObligationKind.RISK) == expected


def test_panel_members_are_told_what_waits_for_their_scores(world):
    first, second, drafted = (ProposalFactory(call=world.call) for _each in range(3))
    type(drafted).objects.filter(pk=drafted.pk).update(status="draft")
    other = PanelMemberFactory(call=world.call)
    world.panel_seat.assessments.create(proposal=first, has_conflict=True, conflict="Un lien.")
    other.assessments.create(proposal=second, has_conflict=False)
    title = f"Propositions à noter : {world.call}"

    expected = [(None, title, "Vous", "1 proposition attend vos notes", True)]
    assert seen(world, "panel", ObligationKind.GRANT) == expected
    expected = [(None, title, "Comité de sélection", "Il manque 3 évaluations", False)]
    assert seen(world, "coordinator", ObligationKind.GRANT) == expected
    assert who(world, ObligationKind.GRANT) == team(panel=True)


def test_an_open_call_is_an_event_of_its_last_day(world):
    call = CallFactory(project=world.project)

    (due,) = [
        d for d in obligations_of(Reader(world.people["reader"])) if d.kind == ObligationKind.GRANT
    ]

    assert (due.on, due.is_event) == (date(2020, 6, 22), True)
    assert due.title.replace("\xa0", " ") == f"Clôture de l’appel : {call}"


@pytest.fixture
def grant(world):
    return GrantFactory(project=world.project, institution=world.institutions["partner"])


def test_an_instalment_is_paid_by_finance(world, grant):
    facts = {"grant": grant, "amount": 100}
    Instalment.objects.create(
        number=1, due_on=date(2020, 5, 1), paid_on=NOON, reference="V", **facts
    )
    Instalment.objects.create(number=2, due_on=date(2020, 7, 1), condition="Rapport reçu", **facts)

    rows = seen(world, "finance", ObligationKind.GRANT)

    assert [(row[0], row[3].replace("\xa0", " ")) for row in rows] == [
        (date(2020, 7, 1), "100 USD · Rapport reçu")
    ]
    assert who(world, ObligationKind.GRANT) == team("coordinator", "finance")


def test_a_grantee_owes_reports_and_nobody_accepts_their_own(world, grant):
    facts = {"period_start": date(2020, 1, 1), "period_end": date(2020, 5, 31)}
    report = GrantReport.objects.create(grant=grant, due_on=date(2020, 6, 30), **facts)

    assert who(world, ObligationKind.GRANT) == team(partner=True)
    GrantReport.objects.filter(pk=report.pk).update(
        status="submitted", submitted_by=world.people["coordinator"]
    )
    assert who(world, ObligationKind.GRANT) == team("monitoring")


def test_what_is_over_asks_for_none_of_it(world, owing, grant):
    Instalment.objects.create(grant=grant, number=1, due_on=date(2020, 7, 1), amount=1)
    AmendmentFactory(project=world.project, status="recommended")
    RiskFactory(project=world.project)
    Project.objects.update(status=Project.Status.CLOSED)

    assert obligations_of(Reader(world.people["coordinator"])) == []


def test_the_number_of_queries_stays(world, owing, grant, django_assert_max_num_queries):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            Instalment.objects.create(grant=grant, number=number, due_on=date(2020, 7, 1), amount=1)
            RiskFactory(project=world.project)
            ProposalFactory(call=world.call)
            ContributionFactory(participation=world.project.participations.first())
            IndicatorFactory(
                result=world.result,
                code=f"1199.{number}",
                due_per="project_year",
                responsible=owing,
            )
            AmendmentFactory(project=world.project, status="recommended")

        write_all()

        with django_assert_max_num_queries(16) as statements:
            obligations_of(Reader(world.people["coordinator"]))
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_vouchers_wait_for_those_who_did_not_enter_them(world):
    coordinator, finance = world.people["coordinator"], world.people["finance"]
    for entered_by, changed_by, day in (
        (finance, None, 1),
        (finance, None, 3),
        (coordinator, None, 5),
        (coordinator, finance, 6),  # nobody else could: its page says so
    ):
        ExpenditureFactory(
            category__project=world.project,
            status="waiting",
            waits_since=date(2020, 6, day),
            entered_by=entered_by,
            changed_by=changed_by,
        )

    assert seen(world, "coordinator", ObligationKind.MONEY) == [
        (date(2020, 6, 8), "2 pièces attendent votre approbation", "Vous", "", True)
    ]
    assert seen(world, "finance", ObligationKind.MONEY) == [
        (date(2020, 6, 12), "1 pièce attend votre approbation", "Vous", "", True)
    ]
    assert who(world, ObligationKind.MONEY) == {"coordinator": True, "finance": True}


def test_an_advance_is_settled_by_its_institution_and_its_vouchers_accepted_by_others(world):
    partner = world.institutions["partner"]
    advance = AdvanceFactory(
        project=world.project, institution=partner, settle_by=date(2020, 6, 10), settled=400
    )
    AdvanceFactory(project=world.project, institution=partner, settled=1000)
    AdvanceVoucherFactory(
        advance=advance, submitted_by=world.people["finance"], received_on=date(2020, 6, 1)
    )

    [row] = seen(world, "partner", ObligationKind.GRANT)
    assert row[:2] == (date(2020, 6, 10), f"Justifier l’avance : {partner.short_name}")
    assert row[3].split() == ["600", "HNL"]
    assert who(world, ObligationKind.GRANT) == team(partner=True)
    assert seen(world, "coordinator", ObligationKind.MONEY) == [
        (date(2020, 6, 15), "1 pièce d’une avance attend d’être acceptée", "Vous", "", True)
    ]
    assert who(world, ObligationKind.MONEY) == {"coordinator": True}

"""Obligations are stored: what is stored is what would be computed, whatever changes, and whoever
changes something sees it at once."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    Attendance,
    Meeting,
    Position,
    Resolution,
    ReviewExtension,
    SeatTerm,
)
from ibcr_portal.migrations._initial_operations import PROJECTS_OF
from ibcr_portal.models import Obligation, ObligationChange
from ibcr_portal.obligations.writing import (
    SHOWN,
    Chosen,
    Obligations,
    changed_projects,
    computed,
    content,
    write,
    write_changed,
)
from ibcr_portal.portfolio.standing import computed_standing
from ibcr_portal.reader import Reader
from ibcr_portal.tasks import write_obligations
from partners.models import Institution
from projects.models import (
    Advance,
    Amendment,
    Assignment,
    Expenditure,
    Participation,
    Period,
    Project,
)
from tests.factories import (
    ActionFactory,
    ActionTermsFactory,
    AdvanceFactory,
    AdvanceVoucherFactory,
    AgreementFactory,
    AmendmentFactory,
    ContributionFactory,
    ExpenditureFactory,
    IndicatorFactory,
    MeetingFactory,
    PeriodFactory,
    RecommendationFactory,
    ReportFactory,
    ReportingDutyFactory,
    RiskFactory,
)
from tests.obligations import obligations_of, write_all
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


# Changes of rows that the world has none of.
MAY_BE_EMPTY = frozenset(
    {
        *("positions", "an accreditation", "the state of amendments", "the risks"),
        *("the state of vouchers", "what is settled of advances"),
    }
)


def stored(project):
    return Counter(map(content, Obligation.objects.filter(project=project)))


def anew(project):
    return Counter(map(content, computed(Project.objects.get(pk=project.pk))))


def changes(world):
    """Changes of every kind of thing of which obligations are made, as services write them: by
    `save`, by `update`, in bulk, and deletions."""
    project, day = world.project, date.today() + timedelta(days=random.randint(-40, 40))
    partner = world.institutions["partner"]
    return {
        "a meeting": lambda: MeetingFactory(
            committee=world.committee, number=Meeting.objects.aggregate(n=Count("pk"))["n"] + 50
        ),
        "the state of meetings": lambda: Meeting.objects.update(
            status=random.choice(["planned", "convened", "held", "cancelled"])
        ),
        "an action": lambda: ActionTermsFactory(
            plan=world.plan, action=ActionFactory(project=project), responsible=partner
        ),
        "days of actions": lambda: ActionTerms.objects.update(ends_on=max(day, date(2030, 1, 1))),
        "the state of actions": lambda: Action.objects.update(
            status=random.choice(["to_do", "done"])
        ),
        "the state of the plan": lambda: ActionPlan.objects.filter(pk=world.plan.pk).update(
            status=random.choice(["draft", "in_review", "in_execution"]),
            review_until=day,
            validated_by=world.decision,
        ),
        "an extension": lambda: ReviewExtension.objects.create(
            plan=world.plan, institution=partner, until=day, why="–", by=world.people["coordinator"]
        ),
        "positions": lambda: Position.objects.all().delete(),
        "a recommendation": lambda: RecommendationFactory(
            agenda_item=world.item, addressee=partner, due_on=day
        ),
        "the audience of items": lambda: type(world.item).objects.update(
            audience=random.choice(["voting", "committee", "public"])
        ),
        "the state of resolutions": lambda: Resolution.objects.filter(kind="recommendation").update(
            status=random.choice(["issued", "accepted", "implemented"])
        ),
        "an accreditation": lambda: Attendance.objects.update(accreditation_due=day),
        "ends of terms": lambda: SeatTerm.objects.update(
            until=random.choice([None, date(2031, 1, 1)])
        ),
        "a period": lambda: PeriodFactory(
            project=project,
            kind="quarter",
            number=Period.objects.count() + 1,
            start=date(2027, 1, 1) + timedelta(days=91 * Period.objects.count()),
            end=date(2027, 3, 31) + timedelta(days=91 * Period.objects.count()),
        ),
        "a duty": lambda: ReportingDutyFactory(
            project=project, title_fr=f"Rapport {random.random()}", days=random.randint(1, 90)
        ),
        "a report": lambda: (
            ReportFactory(period=world.year)
            if not project.reports.exists()
            else project.reports.update(outcome_on=None)
        ),
        "a contribution": lambda: ContributionFactory(
            participation=project.participations.first(), expected_on=day
        ),
        "a voucher": lambda: ExpenditureFactory(
            category__project=project,
            status="waiting",
            waits_since=day,
            entered_by=world.people[random.choice(["finance", "coordinator"])],
        ),
        "the state of vouchers": lambda: Expenditure.objects.update(status="recorded"),
        "an advance": lambda: AdvanceFactory(project=project, institution=partner),
        "a voucher of an advance": lambda: AdvanceVoucherFactory(
            advance=AdvanceFactory(project=project, institution=partner)
        ),
        "what is settled of advances": lambda: Advance.objects.update(settled=1000),
        "an amendment": lambda: AmendmentFactory(project=project, status="recommended"),
        "the state of amendments": lambda: Amendment.objects.update(status="draft"),
        "a risk": lambda: RiskFactory(project=project),
        "the risks": lambda: project.risks.update(status="closed"),
        "an indicator": lambda: IndicatorFactory(
            result=world.result,
            code=f"1199.{random.randint(1, 10**6)}",
            due_per="project_year",
            responsible=partner,
        ),
        "an agreement": lambda: Participation.objects.filter(
            project=project, institution=partner
        ).update(agreement=AgreementFactory(institution=partner, ends_on=date(2020, 1, 1))),
        "a policy": lambda: Institution.objects.filter(pk=partner.pk).update(
            safeguarding_signed_on=random.choice([None, date(2020, 1, 1)])
        ),
        "ends of roles": lambda: Assignment.objects.exclude(role="auditor").update(
            ends_on=random.choice([None, date(2031, 1, 1)])
        ),
        "the end of the project": lambda: Project.objects.update(
            status=random.choice(["active", "active", "closed"])
        ),
    }


@pytest.mark.parametrize("seed", range(6))
def test_what_is_stored_is_what_would_be_computed_after_any_change(world, seed):
    random.seed(seed)
    for _each in range(40):
        name, change = random.choice([*changes(world).items()])
        change()
        write_changed(Project.objects.all(), 10)
        assert stored(world.project) == anew(world.project), name


def test_each_change_of_a_kind_is_noted(world):
    """Also where a change makes no difference: of each kind, the project is noted."""
    for name, change in changes(world).items():
        write_all()
        if name not in MAY_BE_EMPTY:
            change()
            assert world.project in changed_projects(Project.objects.all()), name


def test_every_table_that_is_read_notes_its_changes(world):
    """The tables from which obligations and figures are computed, as the database is asked for
    them."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        computed(world.project)
        computed_standing(world.project)
    tables = {
        word.strip('"')
        for each in asked.captured_queries
        for before, word in zip(each["sql"].split(), each["sql"].split()[1:], strict=False)
        if before in ("FROM", "JOIN")
    }
    # The steps of an amendment are written together with its state, a closing with the project.
    known = {"projects_result", "kernel_statuschange", "ibcr_portal_projectclosing"}
    assert {one for one in tables if "_" in one} - known <= PROJECTS_OF.keys()


def test_writing_asks_as_often_for_any_number_of_rows(world, django_assert_max_num_queries):
    """None of the statements is compiled anew: writing a project takes 15–35 ms of the process,
    and 110 ms the first time in a process, which compiles them."""
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_execution", validated_by=world.decision
    )
    write(world.project.pk)
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _each in numbers:
            ActionTermsFactory(plan=world.plan, action=ActionFactory(project=world.project))

        with django_assert_max_num_queries(50) as statements:
            write(world.project.pk)
        counts.append(len(statements))
        assert stored(world.project) == anew(world.project)

    few, many = counts
    assert many <= few


def test_whoever_changes_something_sees_it_at_once(client, world):
    client.force_login(world.people["coordinator"])
    client.get("/due/")
    RecommendationFactory(agenda_item=world.item, due_on=date(2020, 1, 1), text_fr="Répondre vite")

    assert "Répondre vite" in client.get("/due/").content.decode()


def test_the_worker_writes_what_nobody_read_yet(world):
    write_all()
    RecommendationFactory(agenda_item=world.item, due_on=date(2020, 1, 1))

    write_obligations()

    assert not ObligationChange.objects.exists()
    assert Obligation.objects.filter(kind="resolution", on=date(2020, 1, 1)).count() == 1


def test_a_project_that_is_deleted_leaves_nothing(world):
    write_all()
    bare = Project.objects.create(
        code="HN-BARE",
        short_title_fr="–",
        title_fr="–",
        starts_on=date(2030, 1, 1),
        original_end=date(2031, 1, 1),
        current_end=date(2031, 1, 1),
    )
    write_all()
    assert Obligation.objects.filter(project=bare).exists()

    bare.delete()
    write_all()

    assert not Obligation.objects.filter(project_id=bare.pk).exists()


def test_no_row_holds_a_name_or_a_title(world):
    random.seed(1)
    for change in changes(world).values():
        change()
    write_all()

    texts = {value for row in Obligation.objects.all() for value in row.facts.values()}
    words = {str(one) for one in texts if isinstance(one, str)}
    assert words <= {*Period.Kind.values, *Assignment.Role.values}


def test_every_kind_of_row_is_shown(world):
    random.seed(2)
    for change in changes(world).values():
        change()
    found = Obligations(Reader(world.people["administrator"]))

    rows = [*found.rows(Chosen()), *found.rows(Chosen(state="done"))]
    assert len(obligations_of(found.reader)) == len(rows)
    assert {row.key.partition("-")[0] for row in rows} <= SHOWN.keys()

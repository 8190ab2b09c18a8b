"""What is due: each source, in which state, to whom it is shown, at a constant cost."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
import vobject
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AccessEvent, AccessLink
from committees.models import ActionPlan, ActionTerms, Meeting, Minutes, SeatTerm
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import DueState
from ibcr_portal.reader import Reader
from projects.models import Assignment, DutyDone, Participation, Period, Project
from reports.models import Report
from tests.factories import (
    ActionFactory,
    ActionTermsFactory,
    AgreementFactory,
    AssignmentFactory,
    CommitteeFactory,
    MeetingFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    RecommendationFactory,
    ReportFactory,
    ReportingDutyFactory,
    SnapshotFactory,
    UserFactory,
)
from tests.obligations import mine, obligations_of, write_all
from tests.world import ROLES, World

pytestmark = pytest.mark.django_db

NOON = datetime(2020, 6, 15, 18, 0, tzinfo=UTC)  # in Tegucigalpa
TODAY = date(2020, 6, 15)


@pytest.fixture
def now():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def world(now):
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_EXECUTION, validated_by=world.decision
    )
    return world


def found(world, role="coordinator", **only):
    """What one sees, by kind: (day, state, title) of each."""
    kinds = only.get("kinds", ObligationKind)
    return [
        (due.on, due.state.value, due.title.replace("\xa0", " "))
        for due in obligations_of(Reader(world.people[role]))
        if due.kind in kinds
    ]


# Sources


def test_a_duty_falls_due_once_for_each_period_of_its_kind(world):
    PeriodFactory(project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31))
    PeriodFactory(
        project=world.project,
        kind=Period.Kind.QUARTER,
        start=date(2020, 1, 1),
        end=date(2020, 3, 31),
    )
    ReportingDutyFactory(project=world.project, title_fr="Rapport", days=60)

    assert found(world, kinds=[ObligationKind.REPORT]) == [
        (date(2020, 5, 30), "late", "Rapport · Année de projet 1"),
        (date(2021, 5, 30), "later", "Rapport · Année de projet 2"),
    ]


@pytest.mark.parametrize(
    ("status", "state"),
    [("presented", "late"), ("submitted", "done"), ("returned", "done"), ("accepted", "done")],
)
def test_a_report_that_was_submitted_fulfils_the_duty_of_its_days(world, status, state):
    ReportingDutyFactory(project=world.project, period_kind=Period.Kind.FISCAL_YEAR)
    PeriodFactory(project=world.project, kind=Period.Kind.FISCAL_YEAR, number=2019)
    report = ReportFactory(period=world.year)
    Report.objects.update(
        status=status,
        snapshot=SnapshotFactory(report=report),
        signed_off_by=world.people["monitoring"],
        signed_off_on=date(2020, 5, 30),
        accepted_on=date(2020, 6, 30) if status == Report.Status.ACCEPTED else None,
    )

    assert [row[1] for row in found(world, kinds=[ObligationKind.REPORT])] == [state]


def test_the_committees_validation_of_the_plan_is_not_its_submission(world):
    ReportingDutyFactory(project=world.project, kind="work_plan", edge="start", days=-1)

    assert [row[1] for row in found(world, kinds=[ObligationKind.REPORT])] == ["late"]
    ActionPlan.objects.update(donor_approved_on=date(2019, 5, 1))
    assert [row[1] for row in found(world, kinds=[ObligationKind.REPORT])] == ["done"]


def test_what_was_ticked_says_when_it_was_handed_in_and_how_late(world):
    duty = ReportingDutyFactory(project=world.project)
    DutyDone.objects.create(duty=duty, period=world.year, on=date(2020, 5, 10), note="Lettre 7")

    (due,) = [
        one
        for one in obligations_of(Reader(world.people["donor"]))
        if one.kind == ObligationKind.REPORT
    ]

    assert (due.state, due.done_url) == (DueState.DONE, "")
    assert due.note == "Remis le 10 mai 2020 · 10 jours de retard · Lettre 7"


def test_a_planned_meeting_is_to_be_convened_so_many_days_before(world):
    MeetingFactory(
        committee=world.committee,
        number=2,
        status=Meeting.Status.PLANNED,
        starts_at=NOON + timedelta(days=40),
        ends_at=NOON + timedelta(days=40, hours=2),
    )

    assert found(world, kinds=[ObligationKind.MEETING]) == [
        (date(2020, 7, 10), "soon", "À convoquer : 2e réunion"),
        (date(2020, 7, 25), "later", "2e réunion du comité"),
    ]
    assert found(world, "member", kinds=[ObligationKind.MEETING]) == []


@pytest.mark.parametrize(("held", "late"), [(date(2019, 6, 14), True), (date(2019, 6, 15), False)])
def test_a_committee_meets_again_within_its_year(world, held, late):
    moment = datetime.combine(held, NOON.time(), tzinfo=UTC)
    Meeting.objects.update(starts_at=moment, ends_at=moment + timedelta(hours=1))

    (row,) = found(world, kinds=[ObligationKind.MEETING])

    assert row == (
        held.replace(year=2020),
        "late" if late else "soon",
        "Tenir une réunion du comité",
    )


@pytest.mark.parametrize(
    ("status", "facts", "expected"),
    [
        ("draft", {}, (date(2020, 6, 11), "late", "À diffuser")),
        (
            "in_review",
            {"comments_until": date(2020, 6, 20)},
            (date(2020, 6, 20), "soon", "À commenter"),
        ),
        ("final_draft", {}, (None, "soon", "À faire adopter")),
        ("sealed", {}, None),
    ],
)
def test_minutes_wait_for_circulation_comments_and_adoption(world, status, facts, expected):
    start = datetime(2020, 6, 1, 15, tzinfo=UTC)
    Meeting.objects.update(starts_at=start, ends_at=start + timedelta(hours=1))
    Minutes.objects.create(
        meeting=world.meeting,
        status=status,
        content={},
        sha256="0" * 64,
        sealed_on=TODAY,
        adopted_how="silence",
        adopted_on=TODAY,
        **facts,
    )

    rows = found(world, kinds=[ObligationKind.MINUTES])

    assert [(on, state, title.split(" :")[0]) for on, state, title in rows] == (
        [expected] if expected else []
    )
    assert bool(found(world, "member", kinds=[ObligationKind.MINUTES])) is (status == "in_review")


def test_a_recommendation_is_owed_by_its_addressee(world):
    due = {"due_on": date(2020, 6, 10), "agenda_item": world.item}
    RecommendationFactory(addressee=world.institutions["partner"], number="2020-R7", **due)

    expected = [(date(2020, 6, 10), "late", "À répondre : Recommandation 2020-R7")]
    for role in ("partner", "coordinator", "reader"):
        assert found(world, role, kinds=[ObligationKind.RESOLUTION]) == expected, role
    for role in ("member", "donor", "outsider"):
        assert found(world, role, kinds=[ObligationKind.RESOLUTION]) == [], role


def test_a_seat_whose_term_ends_is_due_unless_somebody_follows(world):
    SeatTerm.objects.update(until=date(2020, 8, 1))

    rows = [row[:2] for row in found(world, "member", kinds=[ObligationKind.SEAT])]

    assert rows == [(date(2020, 8, 1), "later")]
    assert found(world, "partner", kinds=[ObligationKind.SEAT]) == []
    SeatTerm.objects.create(
        seat=world.seat, contact=SeatTerm.objects.get().contact, since=date(2020, 8, 2)
    )
    assert found(world, "member", kinds=[ObligationKind.SEAT]) == []


def test_an_action_in_two_plans_counts_in_the_later(world):
    year = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    ActionPlan.objects.create(
        project=world.project, period=year, status="in_execution", validated_by=world.decision
    )
    ActionTermsFactory(
        plan=year.plans.get(),
        action=world.action,
        title_fr="Encore",
        ends_on=date(2020, 7, 1),
        responsible=world.institutions["member"],
    )

    assert found(world, "member", kinds=[ObligationKind.ACTION]) == [
        (date(2020, 7, 1), "soon", f"{world.action.reference} Encore")
    ]


def test_the_next_year_needs_a_validated_plan(world):
    PeriodFactory(project=world.project, number=2, start=date(2020, 7, 1), end=date(2021, 6, 30))

    assert found(world, kinds=[ObligationKind.PLAN]) == [
        (date(2020, 6, 30), "soon", "Plan d’action de l’année 2, à valider")
    ]


def test_agreements_policies_roles_and_periods(world):
    partner = world.institutions["partner"]
    agreement = AgreementFactory(institution=partner, ends_on=date(2020, 6, 30))
    Participation.objects.filter(institution=partner).update(agreement=agreement)
    partner.safeguarding_signed_on = date(2017, 6, 1)
    partner.save()
    Assignment.objects.filter(role="auditor").update(ends_on=date(2020, 6, 20))
    name, other = partner.short_name, world.institutions["member"].short_name
    start = world.project.starts_on

    kinds = [
        ObligationKind.AGREEMENT,
        ObligationKind.SAFEGUARDING,
        ObligationKind.ACCESS,
        ObligationKind.PERIOD,
    ]

    assert found(world, kinds=kinds) == [
        (start, "late", f"Politique de sauvegarde jamais signée : {other}"),
        (date(2020, 4, 1), "late", "Ouvrir la prochaine période : Année de projet"),
        (date(2020, 6, 1), "late", f"Politique de sauvegarde à signer de nouveau : {name}"),
        (date(2020, 6, 20), "soon", "Fin d’un rôle : Audit"),
        (date(2020, 6, 30), "soon", f"Fin d’un accord : {name}"),
    ]
    assert [row[2] for row in found(world, "partner", kinds=kinds)] == [
        f"Politique de sauvegarde à signer de nouveau : {name}",
        f"Fin d’un accord : {name}",
    ]


def test_an_agreement_that_ends_with_the_project_is_nobodys_worry(world):
    agreement = AgreementFactory(
        institution=world.institutions["partner"], ends_on=world.project.current_end
    )
    Participation.objects.filter(institution=agreement.institution).update(agreement=agreement)

    assert found(world, kinds=[ObligationKind.AGREEMENT]) == []


# States


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (datetime(2020, 6, 15, 5, 59, tzinfo=UTC), "soon"),  # the evening of the 14th there
        (datetime(2020, 6, 16, 5, 59, tzinfo=UTC), "soon"),  # the last minute of the 15th
        (datetime(2020, 6, 16, 6, 0, tzinfo=UTC), "late"),
    ],
)
def test_a_day_ends_at_midnight_in_tegucigalpa(world, settings, at, state):
    settings.TIME_ZONE = "America/Tegucigalpa"
    ActionTerms.objects.update(ends_on=TODAY)

    with time_machine.travel(at, tick=False):
        assert [row[1] for row in found(world, kinds=[ObligationKind.ACTION])] == [state]


# Who sees what


def test_others_than_the_team_see_what_is_theirs_and_the_donor_its_reports(world):
    """An oracle: of all that the coordinator sees, each person sees what their role lets them."""
    ReportingDutyFactory(project=world.project)
    ReportingDutyFactory(project=world.project, role="", institution=world.institutions["partner"])
    for role in ("member", "partner"):
        RecommendationFactory(agenda_item=world.item, addressee=world.institutions[role])
        ActionTermsFactory(
            plan=world.plan,
            action=ActionFactory(project=world.project),
            responsible=world.institutions[role],
        )
    everything = obligations_of(Reader(world.people["coordinator"]))
    assert len({due.kind for due in everything}) >= 5
    for role in ROLES:
        reader = Reader(world.people[role])
        seen = {due.key for due in obligations_of(reader) if due.project == world.project}
        if role in ("administrator", "coordinator", "monitoring", "finance", "reader", "auditor"):
            expected = {due.key for due in everything}
        elif role in ("outsider", "panel"):
            expected = set()
        else:
            own = {world.institutions[role].pk}
            expected = {
                due.key
                for due in everything
                if due.owner.institutions & own
                or (role in ("donor", "embassy") and due.kind == ObligationKind.REPORT)
            }
        assert seen == expected, role


def test_a_duty_to_one_donor_is_not_shown_to_another(world):
    donor = Participation.objects.get(institution=world.institutions["donor"])
    ReportingDutyFactory(project=world.project, participation=donor)
    other = ParticipationFactory(project=world.project, role="funding").institution
    person = UserFactory()
    other.contacts.create(full_name="Membre 01", user=person)

    assert [due.kind for due in obligations_of(Reader(world.people["donor"]))] == [
        ObligationKind.REPORT
    ]
    assert obligations_of(Reader(person)) == []


# Pages


def test_filters_and_months(client, world):
    client.force_login(world.people["coordinator"])
    ActionTerms.objects.update(ends_on=date(2020, 7, 3))

    def titles(query):
        context = client.get(f"/due/?{query}").context
        rows = context["month"].days if "month" in context else context["page"].object_list
        return [due.title for row in rows for due in getattr(row, "due", [row])]

    action = f"{world.action.reference} {world.terms.title}"
    assert action in titles("")
    assert titles("kind=action") == titles("kind=action&state=soon") == [action]
    assert titles("kind=action&state=late") == titles("kind=action&whose=mine") == []
    assert titles("kind=action&month=2020-07") == [action]
    assert titles("kind=action&month=2020-08") == []
    assert titles("kind=action&project=HN-2") == titles("kind=action&project=HN-1") == [action]
    for nonsense in ("month=x", "month=99999-1", "kind=x&state=y", "page=99"):
        assert client.get(f"/due/?{nonsense}").status_code == 200


def test_the_number_of_queries_does_not_grow(client, now, django_assert_max_num_queries):
    person = UserFactory()
    client.force_login(person)
    counts = []
    for number in (1, 30):
        for _each in range(min(number, 5)):  # as many of each as projects, and more in one
            a_project_in_full(person, number)
        write_all()

        with django_assert_max_num_queries(30) as statements:
            response = client.get(reverse("due"))
        counts.append(len(statements))

        assert response.context["page"].paginator.count >= number

    few, many = counts
    assert many <= few


def a_project_in_full(person, number):
    project = ProjectFactory()
    AssignmentFactory(project=project, user=person)
    committee = CommitteeFactory(project=project)
    meeting = MeetingFactory(committee=committee, number=1)
    for each in range(number):
        start = date(2019, 4, 1) + timedelta(days=30 * each)
        period = PeriodFactory(
            project=project, number=each + 1, start=start, end=start + timedelta(days=29)
        )
        ReportingDutyFactory(project=project)
        plan = ActionPlan.objects.create(
            project=project,
            period=period,
            status="in_execution",
            validated_by=RecommendationFactory(agenda_item__meeting=meeting),
        )
        ActionTermsFactory(plan=plan)
        institution = ParticipationFactory(project=project).institution
        agreement = AgreementFactory(institution=institution, ends_on=date(2020, 6, 30))
        Participation.objects.filter(institution=institution).update(agreement=agreement)


def test_a_workbook_holds_texts_and_never_formulas(client, world):
    ActionTerms.objects.update(title_fr='=HYPERLINK("http://example.org")')
    client.force_login(world.people["coordinator"])

    content = client.get("/due/export/?kind=action").content

    row = next(load_workbook(io.BytesIO(content)).active.iter_rows(min_row=2))
    assert row[3].value == f'{world.action.reference} =HYPERLINK("http://example.org")'
    assert "f" not in {cell.data_type for cell in row}
    assert AccessEvent.objects.filter(kind="export").count() == 1


# The feed


@pytest.mark.parametrize("named", [False, True])
def test_the_feed_is_neutral_unless_its_person_chose_otherwise(client, world, named):
    member = world.people["member"]
    member.titles_in_mail = named
    member.language = "fr"
    member.save()
    wicked = "Fin\r\nATTENDEE:mailto:x@example.org\nEND:VEVENT"
    ActionTerms.objects.update(title_fr=wicked, ends_on=date(2020, 7, 3))
    _link, token = AccessLink.issue(member, "due_calendar", member, by=member)

    calendar = vobject.readOne(client.get(reverse("due-feed", args=[token])).content.decode())

    events = {event.dtstart.value: event for event in calendar.vevent_list}
    event = events[date(2020, 7, 3)]
    assert not hasattr(event, "attendee")
    assert event.summary.value.startswith("1." if named else "Échéance")
    assert len(events) == len(mine(obligations_of(Reader(member))))


def test_a_feed_of_another_purpose_or_revoked_opens_nothing(client, world):
    member = world.people["member"]
    _link, meetings = AccessLink.issue(member, "calendar", member, by=member)
    link, token = AccessLink.issue(member, "due_calendar", member, by=member)
    link.revoke()

    for one in (meetings, token, "x"):
        assert client.get(reverse("due-feed", args=[one])).status_code == 404


def test_what_is_over_owes_its_reports_alone(world):
    ReportingDutyFactory(project=world.project)
    Project.objects.update(status=Project.Status.CLOSED)

    kinds = {due.kind for due in obligations_of(Reader(world.people["coordinator"]))}

    assert kinds == {ObligationKind.REPORT}

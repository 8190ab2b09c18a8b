"""Nobody is late with what was entered a moment ago: it is late from the due day on, or from 30 days
after the day of entry, whichever is later. The days that it is late count from the day shown."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone, translation
from icalendar import Calendar

from accounts.models import OutgoingMail
from committees.models import Action, ActionTerms, Resolution
from ibcr_portal.letters import due_line
from ibcr_portal.models import ReminderChoice
from ibcr_portal.obligations import reminders
from ibcr_portal.obligations.calendars import feed_of
from ibcr_portal.obligations.due import DueState
from ibcr_portal.obligations.writing import Obligations
from ibcr_portal.portfolio.reading import project_figures
from ibcr_portal.reader import Reader
from kernel.entering import GRACE, in_time_until
from kernel.formats import day
from projects.models import Participation, Period, Project
from tests.factories import (
    ActionPlanFactory,
    ActionTermsFactory,
    AgendaItemFactory,
    AssignmentFactory,
    CommitteeFactory,
    MeetingFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    RecommendationFactory,
    ReportingDutyFactory,
    ResolutionFactory,
    UserFactory,
)
from tests.obligations import obligations_of, write_all

pytestmark = pytest.mark.django_db


def test_the_later_of_the_two_days_counts():
    due = date(2026, 3, 1)

    assert in_time_until(due) == due
    assert in_time_until(due, date(2026, 1, 1)) == due
    assert in_time_until(due, date(2026, 1, 1), date(2026, 2, 1)) == date(2026, 3, 3)


@pytest.fixture
def project():
    return late_project()


def late_project():
    """A project of last year with all that may be late on its first day."""
    today = timezone.localdate()
    project = ProjectFactory(
        starts_on=today - timedelta(days=300), original_end=today + timedelta(days=300)
    )
    PeriodFactory(project=project, start=project.starts_on, end=today + timedelta(days=60))
    old = PeriodFactory(
        project=project,
        kind=Period.Kind.QUARTER,
        start=project.starts_on,
        end=project.starts_on + timedelta(days=90),
    )
    ReportingDutyFactory(project=project, period_kind=old.kind)
    ParticipationFactory(project=project)
    committee = CommitteeFactory(project=project, status="active", meetings_per_year=12)
    meeting = MeetingFactory(
        committee=committee,
        status="held",
        recorded_afterwards=True,
        starts_at=timezone.now() - timedelta(days=200),
        ends_at=timezone.now() - timedelta(days=199),
    )
    item = AgendaItemFactory(meeting=meeting)
    RecommendationFactory(agenda_item=item, due_on=today - timedelta(days=50))
    decision = ResolutionFactory(agenda_item=item)
    plan = ActionPlanFactory(period=old, status="in_execution", validated_by=decision)
    ActionTermsFactory(plan=plan, starts_on=project.starts_on, ends_on=today - timedelta(days=40))
    return project


def late(project):
    found = obligations_of(Reader(UserFactory(is_staff=True), [project]))
    return {due.key.split("-")[0] for due in found if due.state == DueState.LATE}


def enter(project, day):
    """As if all of it had been entered on that day."""
    for model, way in (
        (Project, "pk"),
        (Participation, "project"),
        (Resolution, "committee__project"),
        (Action, "project"),
    ):
        model.objects.filter(**{way: project.pk}).update(entered_on=day)


def test_what_was_entered_today_is_not_late_and_later_it_is(project):
    assert late(project) >= {"plan", "duty", "safeguarding", "meet", "resolution", "action"}

    today = timezone.localdate()
    enter(project, today)
    assert late(project) == set()
    assert not Resolution.objects.overdue().exists()
    assert not any(one.is_overdue for one in Resolution.objects.all())

    enter(project, today - GRACE - timedelta(days=1))
    assert late(project) >= {"plan", "duty", "safeguarding", "meet", "resolution", "action"}
    assert Resolution.objects.overdue().exists()
    assert any(one.is_overdue for one in Resolution.objects.all())


def test_an_action_that_was_entered_late_is_late_later_by_the_days_since_its_end(project):
    today = timezone.localdate()
    terms = ActionTerms.objects.get()
    assert terms.days_late == 40
    assert Action.objects.late().exists()

    enter(project, today - timedelta(days=32))
    terms = ActionTerms.objects.get()
    assert terms.days_late == 40

    enter(project, today)
    assert ActionTerms.objects.get().days_late == 0
    assert not Action.objects.late().exists()


def test_only_what_is_new_in_an_old_project_has_more_time(project):
    Participation.objects.filter(project=project).update(entered_on=timezone.localdate())

    assert "safeguarding" not in late(project)
    assert "plan" in late(project)


def test_what_is_past_but_not_late_says_so_and_keeps_its_day(project):
    enter(project, timezone.localdate())
    found = obligations_of(Reader(UserFactory(is_staff=True), [project]))

    duty = next(due for due in found if due.key.startswith("duty"))

    assert duty.on < duty.today
    assert (duty.state, duty.days_left) == (DueState.SOON, 30)
    with translation.override("es"):
        assert duty.countdown == "por poner al día"


def numbers_on(response):
    return {int(one) for one in re.findall(r"(\d+) days late", response.content.decode())}


def test_all_pages_say_the_same_of_six_projects(client):
    """Of projects entered on different days, each page counts from the day that it shows."""
    today, projects = timezone.localdate(), [late_project() for _number in range(6)]
    for number, project in enumerate(projects):
        enter(project, today - GRACE - timedelta(days=7 * number))  # the first is not late yet
    write_all()
    person = UserFactory(language="en")
    for project in projects:
        AssignmentFactory(project=project, user=person, role="coordinator")
    late = [due for due in obligations_of(Reader(person, projects)) if due.state == DueState.LATE]
    days = {due.key: (today - due.on).days for due in late}
    with translation.override("en"):
        said = {due.key: due.countdown for due in late}
    assert said == {key: f"{number} days late" for key, number in days.items()}
    client.force_login(person)
    everywhere = {pk: client.get(url) for pk, url in (("home", "/"), ("due", "/due/?state=late"))}
    figures = {one.project: one for one in project_figures(Obligations(Reader(person)))}

    for name, page in everywhere.items():
        assert numbers_on(page), name
        assert numbers_on(page) <= set(days.values()), name
    assert everywhere["due"].context["page"].paginator.count == len(late)
    for project in projects:
        own = {days[due.key] for due in late if due.project == project}
        code = project.code
        due = client.get(f"/projects/{code}/due/?state=late")
        assert due.context["page"].paginator.count == figures[project].late
        assert numbers_on(due) == own
        assert numbers_on(client.get(f"/projects/{code}/")) <= own
        reports = [due for due in late if due.project == project and due.kind == "report"]
        assert bool(reports) == bool(figures[project].report_late_since)
        if reports:
            first = min(due.on for due in reports)
            with translation.override("en"):
                assert figures[project].report_late == f"{(today - first).days} days late"
    assert_messages_say_the_same(person, days)


def assert_messages_say_the_same(person, days):
    """Each line of a reminder counts from the day that it names, and the calendar shows that day."""
    mine = reminders.theirs(person)
    assert {due.key for due in mine} & days.keys()
    ReminderChoice.objects.create(user=person, looked_on=timezone.localdate() - timedelta(days=1))
    reminders.remind(person.pk)
    [text] = OutgoingMail.objects.values_list("text", flat=True)
    with translation.override("en"):
        right = {f"Due on {day(due.on)}. {days[due.key]}" for due in mine if due.key in days}
    told = re.findall(r"(Due on [^.]+\. \d+) days late", text)
    assert set(told) <= right
    assert len(told) == text.count("days late") > 0
    events = {
        str(event["uid"]).partition("@")[0]: event["dtstart"].dt
        for event in Calendar.from_ical(feed_of(mine, person)).walk("VEVENT")
    }
    assert events == {f"due-{due.key}": due.on for due in mine if due.on}


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_what_is_to_be_caught_up_on_is_not_called_late(project, language):
    enter(project, timezone.localdate())
    found = obligations_of(Reader(UserFactory(is_staff=True), [project]))
    past = [due for due in found if due.on and due.on < due.today and not due.done]

    with translation.override(language):
        said = {due.countdown for due in past} | {due_line(due).note for due in past}
        late = {"en": "late", "fr": "retard", "es": "atras"}[language]

    assert past
    assert not [words for words in said if late in words.lower()]

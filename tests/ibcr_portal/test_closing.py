"""Closing a project: what is still open, what happens then, and what comes back if it is reopened."""

import re
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink, User
from committees.models import Action, SeatTerm, Subject, WrittenConsultation
from committees.plans.services.due_actions import due_by_person
from ibcr_portal.closing.checks import checks_of, open_things
from ibcr_portal.closing.guard import leave_out_refused
from ibcr_portal.closing.services import close_project, reopen_project
from ibcr_portal.models import Obligation, ProjectClosing
from ibcr_portal.obligations.writing import write
from kernel.refusal import Refusal
from projects.mail_notes.services import take_reply
from projects.models import MailNote, Project
from projects.permissions.agreements import may_edit_agreement
from projects.retention import ended_long_ago
from reports.models import FiledDocument
from tests.factories import AgreementFactory, ParticipationFactory, SubjectFactory
from tests.world import World


@pytest.fixture
def world(db):
    return World()


pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def page(world, name="closing"):
    return reverse(f"projects:{name}", args=[world.project.code])


def found(world) -> dict[str, int]:
    return open_things(checks_of(Project.objects.get(pk=world.project.pk)))


def closed(world, **facts) -> ProjectClosing:
    facts = {
        "on": world.project.today,
        "by": world.people["coordinator"],
        "why": "The last things are with the ministry.",
        "seen": found(world),
    } | facts
    return close_project(world.project, **facts)


# The checklist


def test_the_checklist_says_what_is_open_and_why(client, world):
    client.force_login(world.people["coordinator"])
    answer = client.get(page(world))
    keys = {check.key for check in checks_of(world.project) if check.found}

    assert {"final-report", "assets"} <= keys
    assert len(answer.context["warnings"]) == len(keys)
    assert {"votes", "session"}.isdisjoint(keys)
    assert all(one["note"] and one["url"] for one in answer.context["warnings"])


@pytest.mark.parametrize("role", ["monitoring", "finance", "reader", "auditor", "donor", "partner"])
def test_only_the_coordination_closes(client, world, role):
    client.force_login(world.people[role])

    assert client.get(page(world)).status_code == 403
    assert client.post(page(world), {"confirmed": "on"}).status_code == 403
    assert Project.objects.get(pk=world.project.pk).closed_on is None


def test_an_open_vote_blocks(client, world):
    seen = found(world)
    WrittenConsultation.objects.create(
        committee=world.committee,
        title_es="Prórroga",
        text_es="Se aprueba.",
        why_written="Urgente",
        answers_until=timezone.localdate() + timedelta(days=9),
        status="open",
        opened_on=timezone.localdate(),
    )
    with pytest.raises(Refusal):
        closed(world, seen=seen)
    client.force_login(world.people["coordinator"])
    answer = client.get(page(world))
    (blocked,) = answer.context["blocked"]
    assert blocked["url"] == reverse("projects:committee", args=[world.project.code])


def test_a_call_that_takes_proposals_blocks(world):
    type(world.call).objects.filter(pk=world.call.pk).update(status="published")
    with pytest.raises(Refusal):
        closed(world)


def test_warnings_ask_for_a_reason_and_nothing_else(client, world):
    client.force_login(world.people["coordinator"])
    form = client.get(page(world)).context["form"]
    facts = {"on": str(world.project.today), "confirmed": "on", "mark": form.initial["mark"]}

    assert set(client.post(page(world), facts).context["form"].errors) == {"why"}
    assert client.post(page(world), facts | {"why": "Later", "confirmed": ""}).status_code == 200
    answer = client.post(page(world), facts | {"why": "Later"})
    assert (answer.status_code, answer.url) == (302, page(world))
    closing = ProjectClosing.objects.get()
    assert (closing.closed_on, closing.by, closing.why) == (
        world.project.today,
        world.people["coordinator"],
        "Later",
    )
    assert closing.open_things["final-report"] == 1


def test_what_changed_meanwhile_is_shown_first(client, world):
    client.force_login(world.people["coordinator"])
    form = client.get(page(world)).context["form"]
    facts = {
        "on": str(world.project.today),
        "confirmed": "on",
        "why": "Later",
        "mark": form.initial["mark"],
    }
    FiledDocument.objects.create(
        project=world.project, kind="inventory", title="Bienes", on=world.project.today
    )
    answer = client.post(page(world), facts)

    assert answer.status_code == 200
    assert not ProjectClosing.objects.exists()
    shown = answer.context["form"]["mark"].value()
    assert client.post(page(world), facts | {"mark": shown}).status_code == 302


@pytest.mark.parametrize("days", [1, -20000])
def test_the_day_is_within_the_project(world, days):
    with pytest.raises(Refusal):
        closed(world, on=world.project.today + timedelta(days=days))
    assert not ProjectClosing.objects.exists()


def test_it_is_closed_once(world):
    closed(world)
    with pytest.raises(Refusal):
        closed(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectClosing.objects.create(project=world.project, closed_on=world.project.today)


# Effects


def test_the_committee_is_dissolved_and_its_seats_end(world):
    closed(world)
    world.committee.refresh_from_db()
    term = SeatTerm.objects.get(seat=world.seat)

    assert (world.committee.status, term.until) == ("dissolved", world.project.today)
    assert world.committee.status_changes.last().verb == "dissolve"


def test_links_end_in_this_project_alone(world):
    coordinator, person = world.people["coordinator"], world.people["partner"]
    here, _token = AccessLink.issue(person, "review_plan", world.plan, by=coordinator)
    there, _token = AccessLink.issue(person, "calendar", world.neighbour, by=coordinator)
    closing = closed(world)

    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.is_valid, there.is_valid) == (False, True)
    assert closing.effects["links"] == 1


def test_nothing_is_due_and_nobody_is_reminded(world):
    write(world.project.pk)
    assert Obligation.objects.filter(project=world.project).exists()
    Action.objects.filter(pk=world.action.pk).update(status="in_progress")
    closed(world)
    write(world.project.pk)

    assert not Obligation.objects.filter(project=world.project).exists()
    terms = [one for rows in due_by_person().values() for one in rows]
    assert not [one for one in terms if one.plan.project_id == world.project.pk]


READ_ONLY = [
    ("projects:edit", lambda world: [world.project.code]),
    ("projects:amendment-create", lambda world: [world.project.code]),
    ("reports:filed-create", lambda world: [world.project.code]),
    ("committees:meeting-edit", lambda world: [world.meeting.pk]),
    ("committees:committee-step", lambda world: [world.committee.pk, "suspend"]),
]


@pytest.mark.parametrize("of", ["agenda_item", "resolution"])
def test_what_an_item_or_a_decision_is_about_stays(client, world, of):
    owner = {"agenda_item": world.item, "resolution": world.decision}[of]
    subject = SubjectFactory(**{of: owner}, result=world.result)
    closed(world)
    client.force_login(world.people["coordinator"])

    answer = client.post(reverse("committees:subject-remove", args=[subject.pk]))

    assert answer.status_code == 403
    assert Subject.objects.filter(pk=subject.pk).exists()


def test_nothing_comes_into_it_by_mail(world):
    closed(world)
    world.meeting.refresh_from_db()

    with pytest.raises(Refusal):
        take_reply(world.people["coordinator"], world.meeting, "One thing more.")
    assert not MailNote.objects.exists()


def test_agreements_stay_as_they_are_once_nothing_open_names_them(world):
    coordinator = world.people["coordinator"]
    participation = ParticipationFactory(project=world.project, agreement=AgreementFactory())
    agreement = participation.agreement
    assert may_edit_agreement(coordinator, agreement)

    closed(world)
    for role in ("coordinator", "administrator"):
        assert not may_edit_agreement(User.objects.get(pk=world.people[role].pk), agreement)
    ParticipationFactory(project=world.neighbour, agreement=agreement)
    assert may_edit_agreement(world.people["administrator"], agreement)


@pytest.mark.parametrize(("name", "args"), READ_ONLY, ids=[name for name, _args in READ_ONLY])
def test_every_form_says_why_nothing_is_saved(client, world, name, args):
    closed(world)
    client.force_login(world.people["coordinator"])
    url = reverse(name, args=args(world))
    for answer in (client.get(url), client.post(url, {"x": "y"})):
        assert answer.status_code == 403
        assert b"clos" in answer.content or "clôturé".encode() in answer.content


READ = ["projects:detail", "projects:logic-model", "projects:budget", "projects:activities"]


@pytest.mark.parametrize("name", READ)
def test_buttons_that_only_refuse_are_left_out(client, world, name):
    client.force_login(world.people["coordinator"])
    url = reverse(name, args=[world.project.code])
    before = offered(client.get(url))
    closed(world)
    after = offered(client.get(url))

    assert any(one.endswith(("/edit/", "/new/")) for one in before)
    assert [one for one in after if one.endswith(("/edit/", "/new/"))] == []
    assert world.project.get_absolute_url() in after


def test_names_and_rows_stay_where_their_buttons_are_left_out(client, world):
    client.force_login(world.people["coordinator"])
    closed(world)
    results = client.get(page(world, "logic-model")).content.decode()
    team = client.get(page(world, "team")).content.decode()

    for result in world.project.results.all():
        assert f'href="{result.get_absolute_url()}"' in results.partition('id="tree"')[2]
    row = team.partition("<tbody>")[2].partition("</tr>")[0]
    assert "persons/of" in row
    assert "·" not in re.sub(r"<a.*?</a>", "", row, flags=re.DOTALL)
    assert {"edit", "delete"}.isdisjoint(row.split("/"))


def test_what_is_left_of_a_page_reads_well(world):
    code = world.project.code
    edit = f'href="/projects/{code}/edit/"'
    page = HttpResponse(
        f'<main><section class="card"><h2>More</h2><p><a class="btn" {edit}>Edit</a></p></section>'
        f"<p>Not yet:<br><a {edit}>One</a>, <a {edit}>two</a>.</p>"
        f'<p><a {edit}>Edit</a> · <a href="/projects/{code}/due/">Due</a></p>'
        f'<form method="post" action="/language/"><button>fr</button></form></main>'
    )
    leave_out_refused(page, lambda path, is_page: path == f"/projects/{code}/edit/")

    assert page.text == (
        "<main><p>Not yet:<br>One, two.</p>"
        f'<p> <a href="/projects/{code}/due/">Due</a></p>'
        '<form method="post" action="/language/"><button>fr</button></form></main>'
    )


def offered(answer) -> list[str]:
    """Return to where the links and forms of a page lead, in its middle."""
    middle = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.findall(r'(?:href|action)="(/[^"?#]*)', middle)


def test_a_form_of_the_other_project_is_saved_as_ever(client, world):
    closed(world)
    client.force_login(world.people["outsider"])
    url = reverse("projects:amendment-create", args=[world.neighbour.code])

    assert client.get(url).status_code == 200
    assert client.post(url, {}).status_code == 200  # asks for what is missing


def test_who_does_not_see_the_project_learns_nothing(client, world):
    closed(world)
    client.force_login(world.people["outsider"])
    url = reverse("projects:amendment-create", args=[world.project.code])

    assert client.post(url, {}).status_code == 404


def test_archives_and_reading_go_on(client, world):
    closed(world)
    for role in ("coordinator", "donor", "partner", "auditor"):
        client.force_login(world.people[role])
        assert client.get(world.project.get_absolute_url()).status_code == 200
        answer = client.post(reverse("reports:archive-request", args=[world.project.code]))
        assert answer.status_code == 302


def test_the_page_says_until_when_records_are_kept(client, world, settings):
    settings.RECORDS_YEARS = 7
    closed(world)
    client.force_login(world.people["donor"])
    answer = client.get(page(world))
    today = world.project.today

    assert answer.context["until"] == date(today.year + 7, today.month, min(today.day, 28)) or (
        answer.context["until"].year == today.year + 7
    )
    assert answer.status_code == 200
    assert answer.context["closing"] is None  # why is for the team
    client.force_login(world.people["monitoring"])
    assert client.get(page(world)).context["closing"]


def test_the_years_count_from_the_closing(world, settings):
    settings.RECORDS_YEARS = 2
    Project.objects.filter(pk=world.project.pk).update(
        starts_on=date(2010, 1, 1), original_end=date(2012, 1, 1), current_end=date(2012, 1, 1)
    )
    assert world.project in ended_long_ago()
    world.project.refresh_from_db()
    closed(world)
    assert world.project not in ended_long_ago()


def test_it_is_in_the_access_log(world):
    closed(world)
    event = AccessEvent.objects.about(world.project).get(details__change="project closed")

    assert (event.kind, event.details) == ("role", {"change": "project closed"})


# Reopening


def test_only_an_administrator_reopens_it(client, world):
    closed(world)
    for role, status in (("coordinator", 403), ("donor", 403), ("administrator", 302)):
        client.force_login(world.people[role])
        answer = client.post(page(world, "closing-reopen"), {"why": "A last letter"})
        assert answer.status_code == status, role


def test_an_open_project_has_nothing_to_reopen(client, world):
    client.force_login(world.people["administrator"])

    assert client.get(page(world, "closing-reopen")).url == page(world)


def test_reopening_takes_back_what_the_closing_did(world):
    before = Project.objects.get(pk=world.project.pk)
    closed(world)
    reopen_project(world.project, by=world.people["administrator"], why="A last letter")
    after = Project.objects.get(pk=world.project.pk)
    world.committee.refresh_from_db()
    term = SeatTerm.objects.get(seat=world.seat)

    facts = ("status", "closed_on", "actual_end")
    assert [getattr(after, name) for name in facts] == [getattr(before, name) for name in facts]
    assert (world.committee.status, term.until) == ("active", None)
    closing = ProjectClosing.objects.get()
    assert closing.reopened_why == "A last letter"
    assert (
        AccessEvent.objects.about(world.project).filter(details__change="project reopened").exists()
    )
    assert closed(world).pk != closing.pk


def test_who_changed_a_term_since_keeps_it(world):
    closed(world)
    SeatTerm.objects.filter(seat=world.seat).update(until=date(2020, 1, 1))
    reopen_project(world.project, by=world.people["administrator"], why="x")

    assert SeatTerm.objects.get(seat=world.seat).until == date(2020, 1, 1)

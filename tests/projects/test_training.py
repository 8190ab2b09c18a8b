"""A project for training sends no e-mail and publishes nothing, whatever causes it."""

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.letters import Letter
from accounts.mail import send_to_address, send_to_person
from accounts.models import OutgoingMail
from committees.models import Meeting
from committees.plans.services.due_actions import due_by_person
from kernel.languages import working_in
from projects.calls.services.panel import take_call_step
from projects.exchange.services.importing import publish
from projects.forms import ProjectForm
from projects.institutions.services.register import _ask_administrators
from projects.models import CallForProposals, IatiPublication, Project
from projects.training import hold_training
from reports.services.steps import publish_report
from tests.factories import (
    AssignmentFactory,
    CallFactory,
    CriterionFactory,
    ProjectFactory,
    ReportFactory,
    UserFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

LETTER = partial(Letter, subject="x", body=["x"])


@pytest.fixture
def world():
    world = World()
    Project.objects.filter(pk=world.project.pk).update(training=True)
    world.project.refresh_from_db()
    world.meeting.committee.project.training = True
    return world


def test_no_message_about_it_is_sent(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for about in (world.project, world.meeting, world.plan, world.call, world.seat):
            kept = send_to_person(UserFactory(), LETTER, about=about)
            assert kept.get_failure_display()
            assert kept.delivery == "not_sent"
        send_to_address("a@example.org", LETTER, language="es", about=world.call)
        with working_in(world.project):  # a page of it causes one about an account
            send_to_person(UserFactory(), LETTER, about=None)

    assert mail.outbox == []
    assert not OutgoingMail.objects.due().exists()


def test_messages_about_other_projects_and_accounts_are(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send_to_person(UserFactory(), LETTER, about=world.neighbour)
        send_to_person(UserFactory(), LETTER, about=None)

    assert len(mail.outbox) == 2


def test_nobody_is_reminded_of_its_actions(world):
    assert due_by_person(within=timedelta(days=36_500)) == {}


def test_nothing_of_it_is_published(world):
    by = world.people["administrator"]
    with pytest.raises(ValidationError, match="formation"):
        publish(world.project, by=by)
    with pytest.raises(ValidationError, match="formation"):
        publish_report(ReportFactory(period=world.year), by=by)
    call = CallFactory(project=world.project, status="draft")
    CriterionFactory(call=call)
    with pytest.raises(ValidationError, match="formation"):
        take_call_step(call, "publish", by=by)


def test_what_was_public_before_is_so_no_more(world):
    assert not CallForProposals.objects.public().exists()
    assert Client().get(f"/calls/{world.call.code}/").status_code == 404


def test_its_page_says_so(world, client):
    client.force_login(world.people["coordinator"])

    page = client.get("/projects/HN-1/").text

    assert "it sends no e-mail, and nothing from it is published" in page


def test_only_a_demonstration_asks_what_is_illustrative(world, client):
    client.force_login(world.people["coordinator"])
    fields = {"illustrative", "source_note_es"}
    assert not fields & client.get("/projects/HN-1/edit/").context["form"].fields.keys()

    project = ProjectFactory(code="DEMO", demonstration=True)
    AssignmentFactory(project=project, user=world.people["coordinator"], role="coordinator")
    assert fields <= client.get("/projects/DEMO/edit/").context["form"].fields.keys()


def test_what_was_not_sent_can_be_sent_once_the_mark_is_gone(world):
    person = UserFactory()
    send = partial(send_to_person, person, LETTER, key="once")
    send(about=world.project)
    world.project.training = False

    sent = [send(about=world.project) for _each in range(2)]

    assert sent[0].in_hand
    assert sent[0] == sent[1]


def test_convening_reads_the_mark_that_is_there_by_then(world):
    """Somebody marked or unmarked the project after the page of the meeting was read."""
    known = Project.objects.get(pk=world.project.pk)
    Project.objects.filter(pk=known.pk).update(training=not known.training)

    with transaction.atomic():
        hold_training(known)

    assert known.training is not world.project.training


def test_administrators_are_asked_for_hidden_names_all_the_same(world):
    name = world.institutions["member"].names.get()
    UserFactory(is_staff=True)
    with working_in(world.project):
        _ask_administrators(name.institution, world.project, by=world.people["coordinator"])

    mails = OutgoingMail.objects.all()
    assert mails
    assert all(mail.in_hand for mail in mails)


@pytest.mark.parametrize("trace", ["meeting", "call", "file", ""])
def test_a_real_project_is_not_marked(world, trace):
    Project.objects.update(training=False)
    world.project.refresh_from_db()
    CallForProposals.objects.update(status="closed" if trace == "call" else "draft")
    if trace == "meeting":
        Meeting.objects.update(convened_on=timezone.localdate())
    if trace == "file":
        IatiPublication.objects.create(project=world.project, size=1, sha256="a" * 64)
    form = ProjectForm({"training": "on"}, instance=world.project)

    assert ("training" in form.errors) == bool(trace)

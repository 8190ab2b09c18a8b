"""What is not a page names its readers, or gets the neutral name: every command, every task, every
kind of message, with an institution that hides and does everything. A new one has to be entered here.

Exports are pages of `tests/test_naming_pages.py`, which tries every address of `tests/access.csv`.
"""

import contextlib
import inspect
import io
import logging

import pytest
from celery import current_app
from django.core.management import CommandError, call_command, get_commands
from django.db import transaction
from django.db.models import ProtectedError
from django.test import override_settings
from django.utils import translation

from accounts.mail import Envelope, write
from accounts.models import OutgoingMail, User
from ibcr_portal.mail_kinds.examples import examples_for
from partners.models import Institution
from partners.naming import EVERY_NAME, read_by
from projects.permissions.institutions import without_names
from reports.models import Rendition
from tests.factories import ParticipationFactory, say
from tests.test_naming_pages import ACRONYM, NAME, OUTSIDE, SECRET, HidingScene

pytestmark = pytest.mark.django_db

OURS = ("accounts", "committees", "ibcr_portal", "kernel", "partners", "projects", "reports")
# Commands that read or write no institution: they start, stop, copy or compare whole files, ask the
# person at the terminal or work on another database.
NOT_TRIED = {
    *("backup", "restore", "migrate", "update", "portal", "move_files", "quarantine", "seal_key"),
    *("first_visit", "receive_mail", "changepassword", "load_demo", "replay_erasures"),
}


@pytest.fixture(scope="module")
def hiding(django_db_setup, django_db_blocker, tmp_path_factory):
    """Made once; what a test writes into it is taken back."""
    folder = str(tmp_path_factory.mktemp("media"))
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=folder),
        translation.override("fr"),
        transaction.atomic(),
    ):
        scene = HidingScene()
        say(scene.hidden)
        yield scene
        transaction.set_rollback(True)


@pytest.fixture
def scene(hiding):
    with translation.override("en"):
        yield hiding


def test_a_name_without_reader_is_neutral(scene):
    hidden = Institution.objects.get(pk=scene.hidden.pk)

    assert hidden.name == hidden.short_name == "Civil-society organisation"
    assert without_names(f"{NAME} habló.") == "Civil-society organisation habló."
    with read_by(EVERY_NAME):
        assert hidden.short_name == ACRONYM
        assert without_names(f"{NAME} habló.") == f"{NAME} habló."


# Commands


def of_ours():
    return {name for name, app in get_commands().items() if app in OURS}


def arguments_of(scene, folder):
    """How each command is tried."""
    project = scene.project.code
    sheet = folder / "participants.csv"
    sheet.write_text(f"Nombre,Correo\n{NAME},a@example.org\n")
    return {
        "doctor": ["--here"],
        "forget": [scene.people["partner"].email],
        "iati_export": [project],
        "iati_import": [str(folder / "none.xml"), "--dry-run"],
        "outbox": [],
        "read_participants": [],
        "reindex": [],
        "render": [],
        "reset_second_factor": [scene.people["partner"].email],
        "search": [ACRONYM, "--as", scene.people["monitoring"].email],
        "verify_access_log": [],
        "verify_files": [],
    }


def test_every_command_is_tried_or_says_why_not(scene, tmp_path):
    assert of_ours() == arguments_of(scene, tmp_path).keys() | NOT_TRIED


def said_by(name, arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            call_command(name, *arguments, stdout=out, stderr=err)
        except (CommandError, SystemExit, OSError) as error:
            err.write(str(error))
    return out.getvalue() + err.getvalue()


def test_no_command_prints_a_guarded_name(scene, tmp_path, caplog):
    tried = arguments_of(scene, tmp_path)
    found = {name for name, given in tried.items() if SECRET.search(said_by(name, given))}

    assert found == set()
    assert not SECRET.search(caplog.text)


@pytest.mark.parametrize("audience", ["committee", "donor"])
def test_a_document_of_the_operator_is_for_its_audience(scene, tmp_path, audience):
    file = tmp_path / "agenda.txt"
    given = [
        "minutes",
        scene.minutes.meeting_id,
        "--text",
        "--audience",
        audience,
        "--output",
        file,
    ]
    answer = said_by("render", [str(one) for one in given])

    assert file.exists(), answer
    assert not SECRET.search(file.read_text())


# Tasks


def tasks_of_ours():
    current_app.loader.import_default_modules()
    names = (name for name in current_app.tasks if name.partition(".")[0] in OURS)
    return {name: current_app.tasks[name] for name in names}


def keys_for(scene, task):
    """What the task gets: each person, or each thing that waits."""
    if not inspect.signature(task.run).parameters:
        return [()]
    if "remind" in task.name or "digest" in task.name:
        return [(person.pk,) for person in User.objects.order_by("pk")]
    if task.name.endswith("render_rendition"):
        return [(pk,) for pk in Rendition.objects.due().values_list("pk", flat=True)[:3]]
    return [(1,)]


def test_no_task_writes_a_guarded_name_to_somebody_who_may_not_know_it(scene, caplog):
    caplog.set_level(logging.INFO)
    known = {
        *(scene.people[role].pk for role in ("administrator", "coordinator", "auditor", "partner"))
    }
    tasks = tasks_of_ours()
    assert len(tasks) > 20
    for task in tasks.values():
        for given in keys_for(scene, task):
            # The scene has a report whose data no round may delete; a real one has its files too.
            with contextlib.suppress(ProtectedError), transaction.atomic():
                task.run(*given)

    assert not SECRET.search(caplog.text)
    for mail in OutgoingMail.objects.exclude(person__in=known):
        assert not SECRET.search(f"{mail.subject} {mail.text} {mail.html}"), mail.subject
    for mail in OutgoingMail.objects.all():
        assert not SECRET.search(mail.subject)


# Messages


def messages(reader):
    for name, example in examples_for(reader):
        if example is not None:
            yield name, example


def test_no_message_names_it_to_somebody_who_may_not_know_it(scene):
    ParticipationFactory(project=scene.project, institution=scene.hidden, role="beneficiary")
    found = set()
    for role in OUTSIDE:
        reader = User.objects.get(pk=scene.people[role].pk)
        for name, example in messages(reader):
            words = example.words_for(reader)
            if SECRET.search(f"{words.subject} {words.text} {words.html}"):
                found.add((name, role))
    assert found == set()


def test_a_message_without_a_reader_has_the_neutral_name(scene):
    """As if whoever writes it had forgotten to say for whom. With every name it is there: otherwise
    the tests could pass because nothing is named at all."""
    ParticipationFactory(project=scene.project, institution=scene.hidden, role="beneficiary")
    coordinator = User.objects.get(pk=scene.people["coordinator"].pk)
    known = set()
    for name, example in messages(coordinator):
        words = write(example.make(), coordinator, Envelope())
        assert not SECRET.search(f"{words.subject} {words.text} {words.html}"), name
        with read_by(EVERY_NAME):
            words = write(example.make(), coordinator, Envelope())
        known |= {name} if SECRET.search(words.text) else set()
    assert "guarded-institution" in known

"""What is left of a filed document that was removed: a line with its reason, under a title that may stay."""

import pytest
from django.urls import reverse

from projects.models import DutyDone
from reports.models import FiledDocument
from reports.services import filing
from tests.factories import ReportingDutyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def document(world, kind, title, language="en"):
    found = FiledDocument(
        project=world.project, kind=kind, title=title, on=world.project.today, language=language
    )
    if kind == "email":
        found.take_number()
    found.save()
    return found


def page(world, found):
    return reverse("reports:filed-withdraw", args=[world.project.code, found.pk])


@pytest.mark.parametrize(
    ("kind", "offered"), [("email", "E-mail"), ("agreement", "About Ana Example")]
)
def test_the_subject_of_an_email_is_not_offered_as_the_title_that_stays(
    client, world, kind, offered
):
    person = world.people["coordinator"]
    type(person).objects.filter(pk=person.pk).update(language="en")
    client.force_login(person)
    found = document(world, kind, "About Ana Example")

    assert client.get(page(world, found)).context["form"]["title"].value() == offered


def test_what_stays_of_an_email_is_called_in_its_language(client, world):
    person = world.people["coordinator"]
    type(person).objects.filter(pk=person.pk).update(language="en")
    client.force_login(person)
    found = document(world, "email", "Sobre Ana Ejemplo", language="es")

    assert client.get(page(world, found)).context["form"]["title"].value() == "Correo"


def test_whoever_removes_an_email_reads_that_its_attachments_stay(client, world):
    person = world.people["coordinator"]
    type(person).objects.filter(pk=person.pk).update(language="en")
    client.force_login(person)
    found = document(world, "email", "Transfer of assets")
    sentence = "What was attached to it stays: remove it on its own page."
    assert sentence not in client.get(page(world, found)).content.decode()

    attached = document(world, "other", "List of assets")
    FiledDocument.objects.filter(pk=attached.pk).update(came_with=found)

    assert sentence in client.get(page(world, found)).content.decode()


def test_a_title_is_replaced_with_all_that_is_known_of_it(client, world):
    client.force_login(world.people["coordinator"])
    found = document(world, "email", "About Ana Example")
    facts = {"why": "Sent by mistake", "title": "E-mail", "no_victim_data": "on"}

    assert client.post(page(world, found), facts).status_code == 302

    found.refresh_from_db()
    assert (found.title, found.withdrawn_why) == ("E-mail", "Sent by mistake")
    assert {each.title for each in found.history.all()} == {"E-mail"}
    listed = client.get(reverse("projects:documents", args=[world.project.code]))
    assert "Ana Example" not in listed.content.decode()


def test_a_line_without_a_title_is_asked_for_one(client, world):
    client.force_login(world.people["coordinator"])
    found = document(world, "email", "About Ana Example")

    answer = client.post(page(world, found), {"why": "Sent by mistake", "title": ""})

    assert list(answer.context["form"].errors) == ["title"]
    assert not FiledDocument.objects.get().is_withdrawn


def test_a_title_that_was_changed_before_goes_as_well(world):
    by = world.people["coordinator"]
    found = document(world, "agreement", "About Ana Example")
    found.title = "Agreement"
    found.save()

    filing.withdraw(found, title="Agreement", by=by, why="Sent by mistake")

    assert {each.title for each in found.history.all()} == {"Agreement"}


def test_the_duty_that_another_document_fulfils_too_does_not_keep_the_title(world):
    by = world.people["coordinator"]
    duty = ReportingDutyFactory(project=world.project, period_kind="once")
    found, other = (document(world, "agreement", f"About Ana {n}") for n in (1, 2))
    FiledDocument.objects.update(for_donor=True, for_partners=True)
    for each in FiledDocument.objects.order_by("pk"):
        filing.fulfil(each, duty, None, by=by)
    assert DutyDone.objects.get().note == found.title

    filing.withdraw(found, title="Agreement", by=by, why="Sent by mistake")

    assert DutyDone.objects.get().note == "Agreement"
    assert DutyDone.objects.get().documents.get() == other

"""The file of a project on the portal's pages: looked at, published, withdrawn, imported."""

import io
import json
import re
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent
from partners.models import Institution
from projects.exchange.services.importing import compose_file
from projects.models import IatiImport, IatiPublication, IatiUpload, Project, ProjectSector
from tests.factories import (
    DataPointFactory,
    IndicatorFactory,
    InstitutionFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
)
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def world():
    world = World()
    complete(world.project)
    return world


def complete(project):
    Project.objects.filter(pk=project.pk).update(description_fr="Ce que c’est")
    ProjectSector.objects.create(project=project, code="15160", percentage=100)
    ParticipationFactory(
        project=project,
        institution=InstitutionFactory(kind=Institution.Kind.IMPLEMENTER),
        role="accountable",
    )
    project.refresh_from_db()


@pytest.fixture
def sign_in(client, world):
    def sign_in(role):
        client.force_login(world.people[role])
        return client

    return sign_in


def address(project, name="exchange"):
    return reverse(f"projects:{name}", args=[project.code])


def publish(client, project):
    seen = client.get(address(project, "exchange-publish")).context["seen"]
    return client.post(address(project, "exchange-publish"), {"seen": seen})


def public(project, **headers):
    return Client().get(reverse("iati-file", args=[project.code]), headers=headers)


# The public file


def test_a_published_file_is_public_until_it_is_withdrawn(world, sign_in):
    client, project = sign_in("coordinator"), world.project
    assert public(project).status_code == 404

    assert publish(client, project).status_code == 302
    answer = public(project)
    content = answer.content
    publication = IatiPublication.objects.get()
    with publication.file.open() as kept:
        assert content == kept.read()
    assert (answer["Content-Type"], answer["ETag"]) == (
        "application/xml; charset=utf-8",
        f'"{publication.sha256}"',
    )
    assert (int(answer["Content-Length"]), answer["Cache-Control"]) == (
        len(content),
        "public, max-age=300",
    )
    assert public(project, if_none_match=answer["ETag"]).status_code == 304

    assert client.post(address(project, "exchange-withdraw")).status_code == 302
    assert public(project).status_code == 404
    assert client.post(address(project, "exchange-withdraw")).status_code == 302
    logged = AccessEvent.objects.filter(kind="export").order_by("pk")
    assert [event.details["change"] for event in logged] == ["published", "withdrawn"]


def test_what_is_changed_later_is_public_with_the_next_publication(world, sign_in):
    client, project = sign_in("coordinator"), world.project
    publish(client, project)
    before = public(project).content

    Project.objects.filter(pk=project.pk).update(title_fr="Un autre titre")

    assert public(project).content == before
    publish(client, project)
    assert "Un autre titre" in public(project).content.decode()
    assert IatiPublication.objects.current().count() == 1
    assert IatiPublication.objects.count() == 2


def test_the_public_file_costs_the_same_whatever_the_project(
    world, sign_in, django_assert_max_num_queries
):
    counts = []
    for count in (1, 30):
        project = ProjectFactory()
        complete(project)
        project.assignments.create(user=world.people["coordinator"], role="coordinator")
        for _ in range(count):
            indicator = IndicatorFactory(result=ResultFactory(project=project))
            DataPointFactory(indicator=indicator, period=period_of(project), status="approved")
        publish(sign_in("coordinator"), project)

        with django_assert_max_num_queries(15) as statements:
            assert public(project).status_code == 200
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def period_of(project):
    return project.periods.first() or PeriodFactory(project=project)


def test_what_was_not_seen_is_not_published(world, sign_in):
    client, project = sign_in("coordinator"), world.project
    seen = client.get(address(project, "exchange-publish")).context["seen"]
    Project.objects.filter(pk=project.pk).update(title_fr="Un autre titre")

    answer = client.post(address(project, "exchange-publish"), {"seen": seen}, follow=True)

    assert "changed since you looked" in answer.text
    assert not IatiPublication.objects.exists()


def test_without_a_registered_identifier_the_page_says_what_is_missing(
    world, sign_in, organisation
):
    organisation.iati_identifier = ""
    client, project = sign_in("coordinator"), world.project

    assert "as registered with IATI" in client.get(address(project)).text
    answer = client.post(address(project, "exchange-publish"), {"seen": "x"}, follow=True)
    assert "as registered with IATI" in answer.text
    assert client.get(address(project, "exchange-file"), follow=True).status_code == 200
    assert not IatiPublication.objects.exists()


def test_a_download_is_logged_and_shows_the_donor_no_findings(world, sign_in):
    client, project = sign_in("donor"), world.project

    answer = client.get(address(project, "exchange-file"))

    updated = re.compile(rb' last-updated-datetime="([0-9T:-]+Z)"')
    assert updated.sub(b"", answer.content) == compose_file(project)
    (said,) = updated.findall(answer.content)
    assert abs(timezone.now() - datetime.fromisoformat(said.decode())) < timedelta(minutes=5)
    assert AccessEvent.objects.filter(kind="export").count() == 1
    Project.objects.filter(pk=project.pk).update(description_fr="")
    assert client.get(address(project)).context["errors"] == []


def test_the_page_costs_the_same_with_any_number_of_results(
    world, sign_in, django_assert_max_num_queries
):
    client = sign_in("coordinator")
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _ in numbers:
            indicator = IndicatorFactory(result=ResultFactory(project=world.project))
            DataPointFactory(indicator=indicator, period=world.year, status="approved")
            ParticipationFactory(project=world.project)

        # session, user, project, roles; what may leave, publications, import and tabs with it
        with django_assert_max_num_queries(30) as statements:
            client.get(address(world.project))
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# Import


def a_file(world, code="HN-9", name="file.xml"):
    """What the portal writes of a project, as if it were somebody else's."""
    content = compose_file(world.project).replace(
        f"XX-EXAMPLE-1-{world.project.code}".encode(), f"XX-OTHER-1-{code}".encode()
    )
    content = content.replace(b'ref="XX-EXAMPLE-1"', b'ref="XX-OTHER-1"')
    return SimpleUploadedFile(name, content, "text/xml")


GIVE, CHECK = reverse("projects:iati-import"), reverse("projects:iati-import-check")


def test_a_file_becomes_a_draft_that_is_checked_before_it_is_published(world, sign_in):
    client = sign_in("administrator")
    assert client.post(GIVE, {"file": a_file(world)}).url == CHECK
    shown = client.get(CHECK)
    assert shown.context["draft"].project.code == "HN-9"
    assert not Project.objects.filter(code="HN-9").exists()

    client.post(CHECK, {"seen": shown.context["upload"].sha256})
    project = Project.objects.get(code="HN-9")
    assert (project.iati_import.is_draft, IatiUpload.objects.exists()) == (True, False)
    assert project.donor_number == "XX-OTHER-1-HN-9"
    project.assignments.create(user=world.people["coordinator"], role="coordinator")
    coordinator = sign_in("coordinator")
    assert "nobody has checked" in publish_anyway(coordinator, project).text

    coordinator.post(address(project, "exchange-checked"))
    assert publish(coordinator, project).status_code == 302
    assert IatiPublication.objects.get().project == project


def publish_anyway(client, project):
    seen = client.get(address(project, "exchange-publish")).context["seen"]
    return client.post(address(project, "exchange-publish"), {"seen": seen}, follow=True)


def test_the_same_activity_given_twice_is_told(world, sign_in):
    client = sign_in("administrator")
    for _ in range(2):
        client.post(GIVE, {"file": a_file(world)})
        shown = client.get(CHECK)
        client.post(CHECK, {"seen": shown.context["upload"].sha256})

    assert "already" in client.get(CHECK).text
    assert IatiImport.objects.count() == 1
    client.post(reverse("projects:iati-import-discard"))
    assert not IatiUpload.objects.exists()


def test_of_several_activities_one_is_chosen(world, sign_in):
    one = a_file(world).read()
    start, end = one.index(b"<iati-activity "), one.index(b"</iati-activities>")
    two = one[:end] + one[start:end].replace(b"HN-9", b"HN-10") + one[end:]
    client = sign_in("administrator")
    client.post(GIVE, {"file": SimpleUploadedFile("two.xml", two)})

    assert len(client.get(CHECK).context["activities"]) == 2
    shown = client.get(CHECK, {"activity": "1"})
    client.post(CHECK, {"seen": shown.context["upload"].sha256, "activity": "1"})

    assert Project.objects.filter(code="HN-10").exists()
    assert not Project.objects.filter(code="HN-9").exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.xml", b"<!DOCTYPE x><iati-activities/>", "Line 1: This file declares a document type"),
        ("a.xml", b"Bonjour", "This file is not XML"),
        ("a.xml", b"<!doctype html><html>", "This is a web page"),
        ("a.txt", b"<iati-activities/>", "Files of this kind are not accepted"),
        ("a.xml", b"", "The submitted file is empty"),
        ("a.xml", b"<iati-activities version='1.05'/>", "This file uses IATI 1.05"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence_at_the_field(sign_in, name, content, sentence):
    client = sign_in("administrator")

    answer = client.post(GIVE, {"file": SimpleUploadedFile(name, content)})

    assert sentence in answer.text
    assert "file" in answer.context["form"].errors


def test_what_the_file_does_not_say_is_asked_before_anything_is_saved(world, sign_in):
    content = a_file(world).read().replace(b' default-currency="CAD"', b"")
    content = re.sub(rb"<recipient-country[^>]*/>", b"", content)
    days = b'<period-start iso-date="2020-01-01"/><period-end iso-date="2020-06-30"/>'
    for code in (b"USD", b"GTQ"):
        value = b'<value currency="' + code + b'" value-date="2020-01-01">5</value>'
        budget = b"<budget>" + days + value + b"</budget></iati-activity>"
        content = content.replace(b"</iati-activity>", budget)
    client = sign_in("administrator")
    client.post(GIVE, {"file": SimpleUploadedFile("a.xml", content)})

    asked = client.get(CHECK)
    assert list(asked.context["missing"].fields) == ["activity", "country", "currency"]
    assert "In the file: USD, GTQ." in asked.text
    assert "Create the draft" not in asked.text
    seen = {"seen": asked.context["upload"].sha256}
    told = client.post(CHECK, seen, follow=True).text
    assert "say where the project takes place" in told
    assert not Project.objects.filter(code="HN-9").exists()

    wrong = client.get(CHECK, {"country": "XX", "currency": "12"})
    assert set(wrong.context["missing"].errors) == {"country", "currency"}
    answers = {"country": "GT", "currency": "gtq"}
    shown = client.get(CHECK, answers)
    assert ("Guatemala" in shown.text, "Create the draft" in shown.text) == (True, True)
    assert 'name="currency" value="GTQ"' in shown.text
    client.post(CHECK, seen | answers)

    project = Project.objects.get(code="HN-9")
    assert (str(project.country), project.currency) == ("GT", "GTQ")
    notes = {each["element"]: each["why"] for each in project.iati_import.left_out}
    by_hand = "The file does not say it: entered by hand."
    assert (notes["recipient-country"], notes["default-currency"]) == (by_hand, by_hand)


# For operators


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_commands_write_a_file_and_read_it(world, tmp_path):
    path = tmp_path / "activity.xml"
    path.write_text(run("iati_export", world.project.code))
    path.write_bytes(path.read_bytes().replace(b"HN-1<", b"HN-9<"))

    tried = json.loads(run("iati_import", str(path), "--dry-run"))
    assert not Project.objects.filter(code="HN-9").exists()
    told = json.loads(run("iati_import", str(path)))

    assert (tried["created"], told["created"]) == (None, "HN-9")
    assert tried["took"]["title"] == {"fr": world.project.title_fr}
    assert (tried["left_out"], tried["problems"]) == ([], [])
    with pytest.raises(CommandError, match="Nothing was imported"):
        run("iati_import", str(path))

    other = re.sub(rb"<recipient-country[^>]*/>", b"", path.read_bytes()).replace(b"HN-9<", b"X-9<")
    path.write_bytes(other)
    assert json.loads(run("iati_import", str(path), "--dry-run"))["took"]["asked"] == ["country"]
    with pytest.raises(CommandError, match="Nothing was imported"):
        run("iati_import", str(path))
    assert json.loads(run("iati_import", str(path), "--country", "gt"))["created"] == "X-9"


def test_the_commands_say_what_is_wrong(world, tmp_path):
    path = tmp_path / "activity.xml"
    path.write_bytes(b"<!DOCTYPE x>\n<a/>")
    out = io.StringIO()

    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("iati_import", str(path), stdout=out)
    assert json.loads(out.getvalue())["problems"][0]["line"] == 1
    with pytest.raises(CommandError, match="no project"):
        run("iati_export", "NOWHERE")
    Project.objects.filter(pk=world.project.pk).update(description_fr="")
    with pytest.raises(CommandError, match="no description"):
        run("iati_export", world.project.code)
    with pytest.raises(CommandError, match=r"missing\.xml"):
        run("iati_import", str(tmp_path / "missing.xml"))

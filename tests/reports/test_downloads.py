"""Who took which document: the list of a thing, its filter, the workbook. The people of this world
read English."""

import io

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from accounts.identities import record_erasure
from accounts.models import AccessEvent, Pseudonym
from kernel.jobs import Job
from reports.models import SharedLink
from reports.services.requesting import record_download
from tests.factories import RenditionFactory
from tests.world import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def signed(signed_plainly):
    return signed_plainly


@pytest.fixture
def document(submitted):
    return RenditionFactory(
        snapshot=submitted.snapshot,
        language="en",
        audience="donor",
        state=Job.State.READY,
        file=ContentFile(b"%PDF-1.7", name="x.pdf"),
        pages=2,
        size=8,
    )


@pytest.fixture
def logged(world, document):
    """One download of each way, the newest last."""
    donor = world.people["donor"]
    link, _token = SharedLink.issue(
        document, label="=Ministère", expires_at=timezone.now(), by=world.people["coordinator"]
    )
    record_download(document, by=donor)
    record_download(document, by=donor, format="archive")
    record_download(document, by=None, link=link.pk)
    return document


def url_of(report, name="downloads"):
    return reverse(f"reports:{name}", args=["report", report.pk])


def as_role(client, world, role):
    client.force_login(world.people[role])
    return client


def ways(response) -> list[tuple[str, str]]:
    return [(line.person, line.way) for line in response.context["lines"]]


def test_every_way_a_document_went_is_told(client, world, submitted, logged):
    donor = str(world.people["donor"])

    page = as_role(client, world, "coordinator").get(url_of(submitted))

    assert ways(page) == [
        ("", "By link: =Ministère"),
        (donor, "In an archive"),
        (donor, "PDF"),
    ]
    assert {line.document for line in page.context["lines"]} == {"Annual progress report"}
    assert "=Ministère" in page.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("way=link", ["link"]),
        ("way=archive", ["archive"]),
        ("way=pdf", ["pdf"]),
        ("way=docx", []),
        ("language=en", ["link", "archive", "pdf"]),
        ("language=fr", []),
        ("way=pdf&language=en", ["pdf"]),
        ("way=nonsense&language=%00", ["link", "archive", "pdf"]),
        ("page=nonsense", ["link", "archive", "pdf"]),
    ],
)
def test_the_list_is_filtered(client, world, submitted, logged, query, found):
    names = {"In an archive": "archive", "PDF": "pdf"}

    page = as_role(client, world, "coordinator").get(f"{url_of(submitted)}?{query}")

    assert [names.get(line.way, "link") for line in page.context["lines"]] == found


def test_word_files_and_documents_of_other_kinds_are_told_apart(client, world):
    client = as_role(client, world, "coordinator")
    word = reverse("reports:document-word", args=["plan", world.plan.pk])
    client.get(word, {"language": "es", "audience": "committee"})
    url = reverse("reports:downloads", args=["plan", world.plan.pk])

    pages = [client.get(url, {"document": kind}) for kind in ("", "plan", "plan_progress")]

    line = ("Action plan", "Spanish", "Word file")
    assert [
        [(one.document, one.language, one.way) for one in page.context["lines"]] for page in pages
    ] == [[line], [line], []]


def test_the_workbook_holds_the_list_as_it_is_filtered(client, world, submitted, logged):
    client = as_role(client, world, "coordinator")

    answer = client.get(url_of(submitted, "downloads-export") + "?way=link")

    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    now = timezone.localtime(AccessEvent.objects.filter(kind="download").first().at)
    assert [(row[0].date(), *row[1:]) for row in rows[1:]] == [
        (
            now.date(),
            f"{now:%H:%M}",
            None,
            "Annual progress report",
            "English",
            "By link: =Ministère",
        )
    ]
    event = AccessEvent.objects.about(submitted).get(kind=AccessEvent.Kind.EXPORT)
    assert event.details == {"what": "downloads"}


def test_who_was_forgotten_has_no_name(client, world, submitted, logged):
    record_erasure([world.people["donor"].pk], by=None)
    Pseudonym.objects.filter(user=world.people["donor"]).delete()

    page = as_role(client, world, "coordinator").get(url_of(submitted))

    assert {person for person, _way in ways(page)} == {""}


def test_the_page_of_the_report_tells_the_last_and_leads_to_all(client, world, submitted, logged):
    page = as_role(client, world, "coordinator").get(submitted.get_absolute_url())

    assert [(one["text"], one["who"]) for one in page.context["downloads"]] == [
        ("English · By link: =Ministère", ""),
        ("English · In an archive", str(world.people["donor"])),
        ("English", str(world.people["donor"])),
    ]
    assert url_of(submitted) in page.content.decode()


@pytest.mark.parametrize("role", [*ROLES, "visitor"])
def test_the_coordination_and_auditors_read_it(client, world, submitted, logged, role):
    if role != "visitor":
        client = as_role(client, world, role)
    may = role in {"coordinator", "administrator", "auditor"}

    codes = {client.get(url_of(submitted, name)).status_code for name in NAMES}

    assert codes == {200} if may else codes <= {302, 403, 404}


NAMES = ("downloads", "downloads-export")


@pytest.mark.parametrize("thing", ["nothing", "downloads"])
def test_what_is_no_thing_has_no_list(client, world, thing):
    url = reverse("reports:downloads", args=[thing, 1])

    assert as_role(client, world, "coordinator").get(url).status_code == 404


@pytest.mark.parametrize("thing", ["meeting", "seat", "plan"])
def test_each_thing_has_its_list(client, world, thing):
    url = reverse("reports:downloads", args=[thing, getattr(world, thing).pk])

    assert as_role(client, world, "coordinator").get(url).status_code == 200


def test_the_list_asks_as_often_for_many_as_for_one(
    client, world, document, django_assert_max_num_queries
):
    people = list(world.people.values())
    client = as_role(client, world, "coordinator")
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            link, _token = SharedLink.issue(
                document, label=f"{number}", expires_at=timezone.now(), by=people[0]
            )
            record_download(document, by=people[number % len(people)])
            record_download(document, by=None, link=link.pk)
        client.get("/")

        with django_assert_max_num_queries(20) as statements:
            page = client.get(url_of(document.snapshot.report))
        counts.append(len(statements))

        assert len(page.context["lines"]) == min(2 * numbers.stop, 50)

    few, many = counts
    assert many <= few

"""Links that give one document to somebody without an account."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import AccessEvent, hash_token
from kernel.formats import day
from kernel.jobs import Job
from reports.forms.documents import SharedLinkForm
from reports.models import About, DocumentKind, Rendition, SharedLink, Snapshot
from reports.permissions.documents import is_shareable
from tests.factories import RenditionFactory
from tests.test_access import state
from tests.world import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def signed(signed_plainly):
    return signed_plainly


def made(snapshot, **fields) -> Rendition:
    fields = {"audience": "donor", "language": "es", "state": Job.State.READY} | fields
    file = ContentFile(b"%PDF-1.7 shared", name="shared.pdf")
    return RenditionFactory(
        snapshot=snapshot, requested_by=None, file=file, pages=21, size=15, **fields
    )


@pytest.fixture
def document(signed):
    return made(signed.snapshot)


@pytest.fixture
def given(world, document):
    """A link and its token."""
    return SharedLink.issue(
        document,
        label="Ministère",
        expires_at=timezone.now() + timedelta(days=30),
        by=world.people["coordinator"],
    )


def as_role(client, world, role):
    client.force_login(world.people[role])
    return client


def page_of(document):
    return reverse("reports:links", args=[document.pk])


def opened(token, name="shared", method="get"):
    """What a stranger gets; a file is read to its end, which closes it."""
    response = getattr(Client(), method)(reverse(f"reports:{name}", args=[token]))
    response.whole = response.getvalue() if response.streaming else response.content
    return response


# Making one


def test_the_coordinator_makes_a_link_that_a_stranger_opens(client, world, document):
    until = timezone.localdate() + timedelta(days=9)
    client = as_role(client, world, "coordinator")

    answer = client.post(page_of(document), {"label": "Ministère", "until": until})

    url = answer.context["fresh"]["url"]
    token = url.rstrip("/").rpartition("/")[2]
    link = SharedLink.objects.get()
    assert url.encode() in answer.content
    assert (link.label, link.last_day, link.created_by) == (
        "Ministère",
        until,
        world.people["coordinator"],
    )
    assert link.token_hash == hash_token(token)
    assert opened(token).status_code == 200
    assert token.encode() not in client.get(page_of(document)).content


def test_the_form_offers_thirty_days(world, document):
    assert SharedLinkForm().initial["until"] == timezone.localdate() + timedelta(days=30)


@pytest.mark.parametrize(
    ("label", "days", "wrong"),
    [
        ("Ministère", 0, []),
        ("Ministère", 365, []),
        ("Ministère", 366, ["until"]),
        ("Ministère", -1, ["until"]),
        ("Ministère", None, ["until"]),
        ("", 30, ["label"]),
        ("x" * 120, 30, []),
        ("x" * 121, 30, ["label"]),
        ("a\x00b", 30, ["label"]),
    ],
)
def test_a_link_says_for_whom_and_lasts_a_year_at_most(client, world, document, label, days, wrong):
    until = "" if days is None else timezone.localdate() + timedelta(days=days)

    answer = as_role(client, world, "coordinator").post(
        page_of(document), {"label": label, "until": until}
    )

    assert list(answer.context["form"].errors) == wrong
    assert SharedLink.objects.count() == (0 if wrong else 1)


@pytest.mark.parametrize("role", [*ROLES, "visitor"])
def test_the_coordination_alone_makes_lists_and_revokes(client, world, document, given, role):
    link, _token = given
    if role != "visitor":
        client = as_role(client, world, role)
    asked = {"label": "Ministère", "until": timezone.localdate()}
    may = role in {"coordinator", "administrator"}

    answers = [
        client.get(page_of(document)),
        client.post(page_of(document), asked),
        client.post(reverse("reports:link-revoke", args=[document.pk, link.pk])),
    ]

    codes = [answer.status_code for answer in answers]
    assert codes == [200, 200, 302] if may else set(codes) <= {302, 403, 404}
    assert SharedLink.objects.count() == (2 if may else 1)
    assert SharedLink.objects.get(pk=link.pk).is_valid != may
    if role == "visitor":
        assert {"/accounts/login/" in answer.url for answer in answers} == {True}


def test_the_page_of_a_document_leads_to_its_links(client, world, document):
    shown = {
        role: client_page(client, world, role, document) for role in ("coordinator", "monitoring")
    }

    assert shown == {"coordinator": True, "monitoring": False}


def client_page(client, world, role, document) -> bool:
    page = as_role(client, world, role).get(document.get_absolute_url())
    return page_of(document) in page.content.decode()


def test_a_link_of_another_document_is_not_revoked_here(client, world, signed, given):
    link, _token = given
    other = made(signed.snapshot, language="en")

    answer = as_role(client, world, "coordinator").post(
        reverse("reports:link-revoke", args=[other.pk, link.pk])
    )

    assert answer.status_code == 404
    assert SharedLink.objects.get().is_valid


# What may be given


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({}, True),
        ({"audience": "committee"}, True),
        ({"audience": "partners"}, True),
        ({"audience": "public"}, True),
        ({"audience": "voting"}, False),
        ({"audience": "coordination"}, False),
        ({"is_draft": True}, False),
        ({"state": Job.State.QUEUED}, False),
    ],
)
def test_what_stands_and_is_not_reserved_may_be_given(client, world, document, given, fields, may):
    _link, token = given
    Rendition.objects.filter(pk=document.pk).update(**fields)
    document.refresh_from_db()

    page = as_role(client, world, "coordinator").get(page_of(document))

    assert is_shareable(document) == may
    assert page.status_code == (200 if may else 403)
    assert opened(token).status_code == (200 if may else 404)
    assert opened(token, "shared-download").status_code == (200 if may else 404)


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        (kind, kind in {"minutes", "record", "agenda", "pack"})
        for kind in (
            "agenda",
            "pack",
            "attendance_sheet",
            "letter",
            "minutes",
            "attendance_annex",
            "minutes_with_names",
            "record",
        )
    ],
)
def test_no_document_with_names_of_persons_is_given(world, kind, may):
    snapshot = Snapshot.keep(
        About(world.meeting, DocumentKind(kind)), {"committee": {"es": {}}}, is_final=True
    )

    assert is_shareable(made(snapshot, audience="committee")) == may


def test_what_was_made_for_the_day_is_not_given(world):
    snapshot = Snapshot.keep(About(world.meeting, DocumentKind.AGENDA), {"committee": {"es": {}}})

    assert not is_shareable(made(snapshot, audience="committee"))


# Opening one


def test_the_page_says_what_it_is_and_changes_nothing(world, signed, document, given):
    link, token = given
    before = state()

    page = opened(token)

    text = page.content.decode()
    assert state() == before
    assert '<html lang="es">' in text
    assert str(signed.project) in text
    assert day(link.last_day) not in text  # French
    for hidden in ("Ministère", str(world.people["coordinator"]), signed.snapshot.code):
        assert hidden not in text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page.headers["Cache-Control"]
    assert "sessionid" not in page.cookies


def test_a_download_is_logged_with_the_link_and_without_a_person(signed, document, given):
    link, token = given
    before = state()

    answer = opened(token, "shared-download")

    assert answer.whole == b"%PDF-1.7 shared"
    assert "no-store" in answer.headers["Cache-Control"]
    assert state() == before
    event = AccessEvent.objects.about(signed).get(kind=AccessEvent.Kind.DOWNLOAD)
    assert event.key is None
    assert event.details == {
        "rendition": document.pk,
        "document": "annual_report",
        "language": "es",
        "link": link.pk,
    }


def test_asking_for_the_head_alone_is_no_download(given):
    _link, token = given

    assert opened(token, "shared-download", "head").status_code == 200
    assert not AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD).exists()


@pytest.mark.parametrize("name", ["shared", "shared-download"])
def test_expired_revoked_and_unknown_links_get_one_answer(given, name, settings):
    link, token = given
    answers = [opened("x" * 43, name), opened("%00", name), opened("é" * 300, name)]
    SharedLink.objects.update(expires_at=timezone.now())
    answers.append(opened(token, name))
    SharedLink.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert opened(token, name).status_code == 200
    link.revoke()
    answers.append(opened(token, name))

    assert {answer.status_code for answer in answers} == {404}
    assert len({without_its_number(answer) for answer in answers}) == 1
    assert gettext("This link is no longer valid") in answers[0].content.decode()


def without_its_number(response) -> bytes:
    return response.whole.replace(response.headers["X-Request-ID"].encode(), b"")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("name", ["shared", "shared-download"])
def test_links_are_opened_by_reading_alone(given, method, name):
    assert opened(given[1], name, method).status_code == 405


def test_the_last_day_is_included(world, document):
    form = SharedLinkForm({"label": "Ministère", "until": timezone.localdate()})
    assert form.is_valid()
    link, _token = SharedLink.issue(
        document, label="Ministère", expires_at=form.expires_at, by=world.people["coordinator"]
    )

    assert timezone.now() < link.expires_at <= timezone.now() + timedelta(days=1)
    assert link.last_day == timezone.localdate()


def test_revoking_twice_keeps_the_first_day(given):
    link, _token = given
    link.revoke()
    first = link.revoked_at
    link.revoke()

    assert link.revoked_at == first


# The list


def test_the_list_says_state_and_use_of_each_link(client, world, document, given):
    _link, token = given
    issue = {"expires_at": timezone.now(), "by": world.people["coordinator"]}
    _expired, _token = SharedLink.issue(document, label="Université", **issue)
    revoked, _token = SharedLink.issue(document, label="Presse", **issue)
    revoked.revoke()
    for _number in range(2):
        opened(token, "shared-download")
    last = AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD).first().at

    rows = as_role(client, world, "coordinator").get(page_of(document)).context["rows"]

    assert [(one.label, one.state.value, count, at) for one, count, at in rows] == [
        ("Presse", "revoked", 0, None),
        ("Université", "expired", 0, None),
        ("Ministère", "valid", 2, last),
    ]


def test_the_list_asks_as_often_for_many_as_for_one(
    client, world, document, django_assert_max_num_queries
):
    coordinator = world.people["coordinator"]
    client = as_role(client, world, "coordinator")
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _number in numbers:
            _link, token = SharedLink.issue(
                document,
                label="Ministère",
                expires_at=timezone.now() + timedelta(days=1),
                by=coordinator,
            )
            opened(token, "shared-download")
        client.get("/")

        with django_assert_max_num_queries(15) as statements:
            page = client.get(page_of(document))
        counts.append(len(statements))

        assert len(page.context["rows"]) == numbers.stop

    few, many = counts
    assert many <= few

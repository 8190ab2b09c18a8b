"""The public check of a document by its file: what is told, to whom nothing, and bad uploads."""

import hashlib
import secrets

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from committees.minutes.services.text import in_all_languages
from committees.models import ActionPlan, Minutes
from ibcr_portal.body_limit import READS_AND_FORGETS
from kernel.formats import day, day_range
from kernel.jobs import Job
from reports.forms.documents import VerifyFileForm
from reports.models import About, DocumentKind, Rendition, Report, Snapshot
from reports.services.steps import publish_report, sign_off, submit_report
from reports.services.writing import start_new_version
from reports.verifying import found_as, found_under
from tests.factories import ActionPlanFactory, RenditionFactory, SectionFactory
from tests.test_access import state

pytestmark = pytest.mark.django_db

CONTENT = b"%PDF-1.7 the document"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)


@pytest.fixture
def signed(signed_plainly):
    return signed_plainly


def file_of(snapshot, sha256=SHA256, **fields) -> Rendition:
    """A finished document of that snapshot."""
    fields = {"audience": "donor", "language": "es", "renderer": secrets.token_hex(4)} | fields
    return RenditionFactory(
        snapshot=snapshot,
        requested_by=None,
        sha256=sha256,
        **({"state": Job.State.READY, "file": "reports/renditions/x.pdf", "pages": 9} | fields),
    )


def told(found) -> dict[str, str]:
    return {fact["label"]: fact["value"] for fact in found.facts}


def check(client, sha256=SHA256):
    return client.get(reverse("reports:verify-file", args=[sha256]))


def upload(client, content=CONTENT, name="report.pdf", **sent):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("reports:verify"), {"file": file, **sent})


# What is told


def test_the_file_of_a_published_report_is_told_as_what_it_is(published):
    file_of(published.snapshot)

    facts = told(found_as(SHA256))

    period = published.period
    assert facts == {
        gettext("Document"): gettext("%(document)s, version %(number)s")
        % {"document": published, "number": 1},
        gettext("Project"): str(published.project),
        gettext("Period"): day_range(period.start, period.end),
        gettext("Language"): gettext("Spanish"),
        gettext("Prepared for"): gettext("Donor"),
        gettext("Pages"): "9",
        gettext("Signed off on"): day(published.signed_off_on),
        gettext("Published on"): day(published.published_on),
        gettext("Code"): published.snapshot.code,
    }


def test_a_superseded_file_names_the_version_that_replaced_it(client, world, published):
    file_of(published.snapshot)
    assert found_as(SHA256).superseded == ""
    revised = start_new_version(published, by=world.people["coordinator"])
    SectionFactory(report=revised, kind="lessons", text="Neuf.")
    revised.take("review", by=None)
    sign_off(revised, by=world.people["monitoring"])
    submit_report(revised, by=world.people["coordinator"])
    assert found_as(SHA256).superseded == ""  # the newer one is not public yet
    publish_report(revised, by=world.people["coordinator"])

    page = check(client)

    newer = gettext("version %(number)s, published on %(day)s") % {
        "number": 2,
        "day": day(revised.published_on),
    }
    assert page.context["found"].superseded == newer
    assert page.status_code == 200
    assert gettext("It is no longer the current version") in page.content.decode()
    assert found_under(published.snapshot.code).superseded == newer


@pytest.mark.parametrize(
    ("status", "stage", "says"),
    [
        ("signed_off", "signed", "It is signed, and not submitted yet"),
        ("presented", "signed", "It is signed, and not submitted yet"),
        ("submitted", "submitted", "It is not published yet"),
        ("returned", "submitted", "It is not published yet"),
        ("accepted", "submitted", "It is not published yet"),
    ],
)
def test_a_report_that_is_not_published_is_genuine_and_says_how_far_it_is(
    client, world, signed, status, stage, says
):
    """Whoever has the code or the file has the document; what the donor answered is not said."""
    submit_report(signed, by=world.people["coordinator"])
    accepted_on = signed.signed_off_on if status == "accepted" else None
    Report.objects.filter(pk=signed.pk).update(status=status, accepted_on=accepted_on)
    file_of(signed.snapshot)

    page = check(client)

    assert page.status_code == 200
    assert page.context["found"].state == stage
    assert gettext(says) in page.content.decode()
    assert found_under(signed.snapshot.code).state == stage
    facts = told(found_as(SHA256))
    assert (gettext("Published on") in facts, gettext("Submitted to the donor on") in facts) == (
        False,
        stage == "submitted",
    )


def test_a_published_report_says_no_more_than_that(client, published):
    file_of(published.snapshot)

    page = check(client)

    assert page.context["found"].state == "published"
    for other in ("It is not published yet", "It is signed, and not submitted yet"):
        assert gettext(other) not in page.content.decode()


def test_a_submitted_version_names_the_submitted_one_that_replaced_it(client, world, submitted):
    file_of(submitted.snapshot)
    revised = start_new_version(submitted, by=world.people["coordinator"])
    SectionFactory(report=revised, kind="lessons", text="Neuf.")
    revised.take("review", by=None)
    sign_off(revised, by=world.people["monitoring"])
    assert found_as(SHA256).superseded == ""  # whoever has the first does not know of it
    submit_report(revised, by=world.people["coordinator"])

    found = found_as(SHA256)

    today = day(timezone.localdate())
    assert found.superseded == gettext("version %(number)s, submitted on %(day)s") % {
        "number": 2,
        "day": today,
    }
    assert check(client).status_code == 200


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_a_draft_is_unknown(client, signed, status):
    Report.objects.filter(pk=signed.pk).update(status=status)
    file_of(signed.snapshot)

    assert check(client).status_code == 404
    assert found_under(signed.snapshot.code) is None


def test_a_report_of_a_project_for_training_is_unknown(client, signed):
    type(signed.project).objects.filter(pk=signed.project_id).update(training=True)
    file_of(signed.snapshot)

    assert check(client).status_code == 404
    assert found_under(signed.snapshot.code) is None


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kind", ["plan", "record", "minutes"])
def test_no_document_of_a_project_for_training_is_known(world, kind, training):
    minutes = Minutes.objects.create(meeting=world.meeting)
    seal(minutes)
    minutes.refresh_from_db()
    thing = world.plan if kind == "plan" else world.meeting
    data = {"committee": {"fr": {"kind": kind}}}
    snapshot = Snapshot.keep(About(thing, DocumentKind(kind)), data, is_final=True)
    file_of(snapshot, audience="committee", language="fr")
    type(world.project).objects.filter(pk=world.project.pk).update(training=training)

    code = minutes.code if kind == "minutes" else snapshot.code
    found = found_as(SHA256), found_under(code)

    assert [one is None for one in found] == [training, training]


@pytest.mark.parametrize(
    "fields",
    [
        {"audience": "coordination"},
        {"is_draft": True},
        {"state": Job.State.FAILED, "failure": Job.Failure.BROKEN},
    ],
)
def test_what_never_leaves_the_house_is_unknown(published, fields):
    file_of(published.snapshot, **fields)

    assert found_as(SHA256) is None


def test_of_two_equal_files_the_one_that_may_be_told_is_told(published):
    file_of(published.snapshot, audience="coordination")
    file_of(published.snapshot, audience="partners")

    assert told(found_as(SHA256))[gettext("Prepared for")] == gettext("Partners")


@pytest.mark.parametrize(
    ("kind", "audience", "is_final", "known"),
    [
        ("plan", "committee", True, True),
        ("plan", "donor", True, True),
        ("plan", "coordination", True, False),
        ("plan", "committee", False, False),
        ("record", "public", True, True),
        ("record", "coordination", True, False),
        ("agenda", "committee", False, False),
        ("pack", "committee", False, False),
        ("attendance_annex", "coordination", False, False),
        ("minutes_with_names", "committee", False, False),
    ],
)
def test_files_and_codes_are_known_alike(world, kind, audience, is_final, known):
    thing = world.plan if kind == "plan" else world.meeting
    data = {audience: {"fr": {"kind": kind}}}
    snapshot = Snapshot.keep(About(thing, DocumentKind(kind)), data, is_final=is_final)
    file_of(snapshot, audience=audience, language="fr")

    found = found_as(SHA256), found_under(snapshot.code)

    assert [one is not None for one in found] == [known, known]


def test_the_file_of_sealed_minutes_says_language_and_seal(world):
    minutes = Minutes.objects.create(meeting=world.meeting)
    snapshot = Snapshot.keep(
        About(world.meeting, DocumentKind.MINUTES), {"partners": {"es": {}}}, is_final=True
    )
    file_of(snapshot, audience="partners")
    assert found_as(SHA256) is None  # not sealed
    seal(minutes)

    facts = told(found_as(SHA256))

    assert facts[gettext("Language")] == gettext("Spanish")
    assert facts[gettext("Sealed on")] == day(Minutes.objects.get().sealed_on)
    assert facts[gettext("Code")] == "7F3A-91C2-D04E"


def seal(minutes):
    Minutes.objects.filter(pk=minutes.pk).update(
        status="sealed",
        content=in_all_languages(minutes),
        sha256="7f3a91c2d04e" + "0" * 52,
        sealed_on="2020-10-01",
        adopted_how="silence",
        adopted_on="2020-10-01",
    )


def test_a_plan_that_was_replaced_names_the_version_and_day(world):
    snapshot = Snapshot.keep(
        About(world.plan, DocumentKind.PLAN), {"committee": {"fr": {}}}, is_final=True
    )
    file_of(snapshot, audience="committee", language="fr")
    newer = {"period": world.year, "version": 7}
    ActionPlanFactory(**newer, status=ActionPlan.Status.IN_REVIEW)
    assert found_as(SHA256).superseded == ""
    ActionPlan.objects.filter(**newer).update(status="validated", validated_by=world.decision)

    assert found_as(SHA256).superseded == gettext("version %(number)s, validated on %(day)s") % {
        "number": 7,
        "day": day(world.decision.resolved_on),
    }


@pytest.mark.parametrize(
    "sha256",
    ["0" * 64, SHA256[:-1], SHA256 + "0", "", "x" * 64, "％" * 64, "'; --", f"{SHA256}\n"],
)
def test_any_other_hash_is_unknown(published, sha256):
    file_of(published.snapshot)
    file_of(published.snapshot, sha256="")

    assert found_as(sha256) is None


def test_a_hash_is_understood_in_capitals_too(client, published):
    file_of(published.snapshot)

    assert check(client, SHA256.upper()).status_code == 200


def test_the_hash_is_looked_up_by_its_index(published):
    with connection.cursor() as cursor:
        names = connection.introspection.get_constraints(cursor, Rendition._meta.db_table)

    assert names["rendition_by_its_hash"]["columns"] == ["sha256"]


def test_a_check_asks_as_often_for_many_as_for_one(
    client, published, django_assert_max_num_queries
):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _number in numbers:
            file_of(published.snapshot)

        with django_assert_max_num_queries(15) as statements:
            check(client)
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# The upload of browsers that cannot hash


def test_an_uploaded_file_is_answered_as_its_hash_and_kept_nowhere(client, published, tmp_path):
    file_of(published.snapshot)
    before = state()

    answer = upload(client)

    assert answer.url == reverse("reports:verify-file", args=[SHA256])
    assert state() == before
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert client.get(answer.url).status_code == 200


def test_no_token_is_needed_and_the_visitor_stays_nobody(published):
    client = Client(enforce_csrf_checks=True)

    answer = upload(client)

    assert answer.status_code == 302
    assert client.cookies == {}


@pytest.mark.parametrize("name", ["x.exe", "a.pdf.exe", "…", "../../etc/passwd", "x" * 300])
def test_what_is_no_document_is_unknown_whatever_its_name(client, db, name):
    answer = upload(client, b"MZ\x00\xff", name)

    assert client.get(answer.url).status_code == 404


def test_an_empty_file_and_none_are_refused_with_a_sentence(client, db):
    answers = [upload(client, b""), client.post(reverse("reports:verify"))]

    errors = [answer.context["file_form"].errors["file"] for answer in answers]
    assert errors == [
        [gettext("This file is empty; choose another one.")],
        [gettext("Choose the file that you want to check.")],
    ]
    assert [answer.status_code for answer in answers] == [400, 400]


def test_a_file_beyond_the_limit_is_refused_with_a_sentence(client, db, monkeypatch):
    monkeypatch.setattr(VerifyFileForm, "MAX_BYTES", 1_000)

    answer = upload(client, b"x" * 1_001)

    assert answer.status_code == 400
    assert answer.context["file_form"].errors["file"] == [VerifyFileForm.too_large(1_001)]
    assert upload(client, b"x" * 1_000).status_code == 302


def test_a_film_is_refused_before_it_is_read(client, db, monkeypatch, settings):
    settings.BODY_LIMIT = 1_000
    monkeypatch.setitem(READS_AND_FORGETS, "reports:verify", 1_000)

    answer = upload(client, b"x" * 2_000)

    assert answer.status_code == 413
    assert answer.context["reason"].endswith(".")


def test_after_many_uploads_one_waits_and_codes_are_still_answered(client, published, settings):
    settings.ACCOUNT_RATE_LIMITS = {"verify_file": "2/h/ip"}

    answers = [upload(client).status_code for _number in range(3)]

    assert answers == [302, 302, 429]
    assert (
        client.get(reverse("reports:verify-code", args=[published.snapshot.code])).status_code
        == 200
    )


@pytest.mark.parametrize(
    "body",
    [b"", b"--x", b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nabc"],
)
def test_a_broken_body_is_no_server_error(client, db, body):
    answer = client.post(
        reverse("reports:verify"), body, content_type="multipart/form-data; boundary=x"
    )

    assert answer.status_code in {302, 400}


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize(
    ("name", "args"), [("verify", []), ("verify-file", [SHA256]), ("verify-code", ["0000"])]
)
def test_no_other_way_of_asking_is_answered(client, db, method, name, args):
    assert getattr(client, method)(reverse(f"reports:{name}", args=args)).status_code == 405

"""What is said of a report: who says it, who reads it, who answers, and what happens twice."""

import uuid
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import OutgoingMail
from ibcr_portal.news.reading import news_lines
from ibcr_portal.reader import Reader
from kernel.lifecycle import TransitionError
from reports.models import Report, ReportFile, ReportRemark
from reports.services.remarks import RemarkEntry, add_report_remark, answer_remark
from tests.factories import ReportFactory
from tests.kernel.made_files import PDF

pytestmark = pytest.mark.django_db

WORDS = {"internal": "Dedans", "donor": "Bailleur", "committee": "Comité"}


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def signed(signed_plainly):
    return signed_plainly


def announced_to(world):
    """Return the roles to which the daily message announces something new."""
    return {
        role
        for role, person in world.people.items()
        if any(line.is_announced for line in news_lines(Reader(person), 5))
    }


@pytest.fixture
def said(world, submitted):
    """One remark of each origin; the donor's came with a file."""
    found = {
        origin: ReportRemark.objects.create(
            report=submitted, origin=origin, language="fr", text=text, by=world.people["reader"]
        )
        for origin, text in WORDS.items()
    }
    ReportRemark.objects.filter(pk=found["donor"].pk).update(by=world.people["donor"])
    for origin in ("internal", "donor"):
        kept = ReportFile(
            report=submitted,
            remark=found[origin],
            category="remark",
            added_by=world.people["donor"],
            original_name="r.pdf",
            kind="pdf",
            size=8,
        )
        kept.file.save("r.pdf", SimpleUploadedFile("r.pdf", b"%PDF-1.7"))
        kept.save()
    return found


def url(name, report, *more):
    return reverse(f"reports:{name}", args=[report.pk, *more])


def opens(client, address) -> bool:
    response = client.get(address)
    if response.status_code == 200:
        response.getvalue()  # read to its end, so that the file is closed
    return response.status_code == 200


def remark(report, **fields):
    return {"text": "Précisez.", "language": "fr", "section": "", **fields}


@pytest.mark.parametrize(
    ("role", "read"),
    [
        ("coordinator", {"internal", "donor", "committee"}),
        ("reader", {"internal", "donor", "committee"}),
        ("auditor", {"internal", "donor", "committee"}),
        ("donor", {"donor"}),
        ("embassy", {"donor"}),
        ("member", {"committee"}),
    ],
)
def test_each_reads_what_is_for_them(client, world, submitted, said, role, read):
    client.force_login(world.people[role])

    response = client.get(submitted.get_absolute_url())
    page = response.content.decode()
    opened = {
        origin
        for origin in ("internal", "donor")
        if opens(client, url("file", submitted, said[origin].files.get().pk))
    }

    assert {row["remark"].origin for row in response.context["remarks"]} == read
    assert {origin for origin, words in WORDS.items() if words in page} == read
    assert opened == read & {"internal", "donor"}


def test_another_donor_finds_nothing(client, world, submitted, said):
    client.force_login(world.people["outsider"])
    pages = [
        client.get(url("remark-create", submitted)),
        client.post(url("remark-create", submitted), remark(submitted)),
        client.post(url("remark-enter", submitted), remark(submitted)),
        client.post(url("remark-answer", submitted, said["donor"].pk), {"text": "…"}),
        client.post(url("remark-step", submitted, said["donor"].pk, "settle")),
        client.get(url("file", submitted, said["donor"].files.get().pk)),
        client.post(url("outcome", submitted), {"outcome": "noted"}),
        client.get(url("differences", submitted)),
    ]

    assert {page.status_code for page in pages} == {404}
    assert set(ReportRemark.objects.values_list("status", flat=True)) == {"open"}


@pytest.mark.parametrize(
    ("role", "status", "origin"),
    [
        ("coordinator", "draft", "internal"),
        ("reader", "in_review", "internal"),
        ("auditor", "in_review", None),
        ("coordinator", "submitted", None),
        ("donor", "submitted", "donor"),
        ("embassy", "returned", "donor"),
        ("donor", "published", None),
        ("member", "submitted", None),
    ],
)
def test_who_says_what_when(client, world, signed, role, status, origin):
    fields = {"published_on": date(2020, 10, 1)} if status == "published" else {}
    Report.objects.filter(pk=signed.pk).update(status=status, **fields)
    client.force_login(world.people[role])

    response = client.post(url("remark-create", signed), remark(signed))

    assert response.status_code == (302 if origin else 403)
    assert list(ReportRemark.objects.values_list("origin", "by")) == (
        [(origin, world.people[role].pk)] if origin else []
    )


def test_the_same_form_sent_twice_is_one_remark_in_the_daily_message(client, world, submitted):
    OutgoingMail.objects.all().delete()
    client.force_login(world.people["donor"])
    form = remark(submitted, entry_key=str(uuid.uuid4()))

    client.post(url("remark-create", submitted), form)
    client.post(url("remark-create", submitted), form)
    client.post(url("remark-create", submitted), remark(submitted, text="Une autre."))

    assert ReportRemark.objects.count() == 2
    assert not OutgoingMail.objects.exists()
    assert announced_to(world) == {"coordinator", "monitoring"}


def test_a_returned_file_says_enough(client, world, submitted):
    client.force_login(world.people["donor"])
    empty = client.post(url("remark-create", submitted), remark(submitted, text=" "))
    file = SimpleUploadedFile("r.pdf", PDF)
    given = client.post(url("remark-create", submitted), remark(submitted, text="", upload=file))

    kept = ReportFile.objects.get()
    assert set(empty.context["form"].errors) == {"text"}
    assert given.status_code == 302
    assert (kept.remark.text, kept.category, kept.added_by) == (
        "",
        "remark",
        world.people["donor"],
    )


def test_what_came_by_letter_is_entered_with_its_evidence(client, world, submitted):
    client.force_login(world.people["coordinator"])
    form = remark(submitted, origin="donor", channel="letter", given_on="2020-10-05")

    refused = client.post(url("remark-enter", submitted), form)
    client.post(url("remark-enter", submitted), form | {"evidence": "Lettre 12"})

    kept = ReportRemark.objects.get()
    assert set(refused.context["form"].errors) == {"evidence"}
    assert (kept.origin, kept.channel, kept.evidence, kept.given_on, kept.was_entered) == (
        "donor",
        "letter",
        "Lettre 12",
        date(2020, 10, 5),
        True,
    )


def test_the_donor_reads_the_answer_and_is_told(client, world, submitted, said):
    OutgoingMail.objects.all().delete()
    client.force_login(world.people["monitoring"])

    client.post(url("remark-answer", submitted, said["donor"].pk), {"text": "Voir le tableau."})

    client.force_login(world.people["donor"])
    assert "Voir le tableau." in client.get(submitted.get_absolute_url()).content.decode()
    assert not OutgoingMail.objects.exists()
    assert announced_to(world) >= {"donor", "embassy"}


def test_of_two_who_answer_the_second_is_told(world, said):
    twin = ReportRemark.objects.get(pk=said["donor"].pk)
    answer_remark(said["donor"], text="Oui.", settle=False, by=world.people["monitoring"])

    with pytest.raises(TransitionError):
        answer_remark(twin, text="Non.", settle=False, by=world.people["coordinator"])

    twin.refresh_from_db()
    assert (twin.answer, twin.status) == ("Oui.", "answered")


@pytest.mark.parametrize(
    ("role", "verb", "status"),
    [
        ("donor", "settle", "settled"),
        ("embassy", "settle", "settled"),
        ("donor", "withdraw", "withdrawn"),
        ("embassy", "withdraw", "open"),
        ("coordinator", "settle", "settled"),
        ("coordinator", "withdraw", "open"),
        ("reader", "settle", "open"),
    ],
)
def test_who_settles_and_withdraws(client, world, submitted, said, role, verb, status):
    client.force_login(world.people[role])

    response = client.post(url("remark-step", submitted, said["donor"].pk, verb))

    said["donor"].refresh_from_db()
    assert said["donor"].status == status
    assert response.status_code == (403 if status == "open" else 302)


def test_an_answer_has_its_author_and_moment(said):
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportRemark.objects.filter(pk=said["donor"].pk).update(answer="Oui.")


def test_the_page_asks_as_often_for_many_remarks_as_for_one(
    client, world, django_assert_max_num_queries
):
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    client.force_login(world.people["reader"])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            add_report_remark(
                report,
                "internal",
                language="fr",
                section="summary",
                text=str(number),
                entry=RemarkEntry(by=world.people["reader"]),
            )
        client.get(report.get_absolute_url())

        with django_assert_max_num_queries(20) as statements:
            response = client.get(report.get_absolute_url())
        counts.append(len(statements))

        assert len(response.context["remarks"]) == numbers.stop

    few, many = counts
    assert many <= few


def test_open_remarks_ask_before_the_signature(client, world, report):
    add_report_remark(
        report,
        "internal",
        language="fr",
        text="À voir.",
        entry=RemarkEntry(by=world.people["reader"]),
    )
    report.take("review", by=world.people["coordinator"])
    client.force_login(world.people["monitoring"])

    asked = client.post(url("step", report, "sign_off"))
    done = client.post(url("step", report, "sign_off"), {"despite": "on"})

    report.refresh_from_db()
    assert set(asked.context["form"].errors) == {"despite"}
    assert (done.status_code, report.status) == (302, "signed_off")

"""The ledger of amendments: what changes, who said so when and by which document."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from accounts.models import AccessEvent, OutgoingMail
from projects.models import Amendment, AmendmentFile
from tests.factories import AmendmentFactory
from tests.kernel.made_files import PDF

pytestmark = pytest.mark.django_db


def page(world, name, *args):
    return reverse(f"projects:{name}", args=[world.project.code, *args])


def step(amendment, verb):
    return reverse("projects:amendment-step", args=[amendment.project.code, amendment.pk, verb])


def letter(name="lettre.pdf"):
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


def typed(**changes):
    told = {"number": 1, "kind": "budget", "title_fr": "Réallocation", "reason_fr": "Le change."}
    return told | changes


# What changes


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({}, ["before_en", "after_en"]),
        ({"before_fr": "Ateliers"}, ["after_en"]),
        ({"amount_before": "1000"}, ["amount_after"]),
        ({"amount_before": "1000", "amount_after": "-5"}, ["amount_after"]),
        ({"amount_before": "1.250", "amount_after": "7"}, ["amount_before"]),
        ({"kind": "results", "before_es": "Tres"}, ["after_en"]),
        (
            {"kind": "results", "before_fr": "3", "after_fr": "4", "amount_after": "5"},
            ["amount_after"],
        ),
        ({"kind": "extension", "end_after": "9999-12-31"}, ["end_after"]),
    ],
)
def test_a_change_is_told_by_what_was_and_what_is_to_be(client, world, coordinator, changes, at):
    response = client.post(page(world, "amendment-create"), typed(**changes))

    assert set(at) <= set(response.context["form"].errors)
    assert not Amendment.objects.exists()


def test_amounts_of_a_budget_stand_in_ledger_and_page(client, world, coordinator):
    amounts = {"amount_before": "25 000,50", "amount_after": "31700"}

    client.post(page(world, "amendment-create"), typed(**amounts))

    amendment = Amendment.objects.get()
    assert (str(amendment.amount_before), amendment.before) == ("25000.50", "")
    for url in (page(world, "amendments"), amendment.get_absolute_url()):
        content = client.get(url).content.decode()
        assert "25,000.50" in content
        assert "31,700" in content


def test_partners_see_an_amendment_in_effect_without_its_amounts(client, world, sign_in):
    amendment = AmendmentFactory(
        project=world.project,
        kind="budget",
        status="effective",
        donor_decided_on="2020-10-01",
        end_before=None,
        end_after=None,
        amount_before=25000,
        amount_after=31700,
    )
    urls = [amendment.get_absolute_url(), page(world, "amendments")]
    for role, told in (("member", True), ("donor", True), ("partner", False)):
        sign_in(role)
        assert ["31,700" in client.get(url).content.decode() for url in urls] == [told] * 2
        sheet = load_workbook(BytesIO(client.get(page(world, "amendments-export")).content)).active
        assert sheet["F2"].value == (31700 if told else None)


# Submitted and answered


def test_who_skips_the_committee_says_why_and_is_not_stopped(client, world, coordinator):
    amendment = AmendmentFactory(project=world.project)

    silent = client.post(step(amendment, "submit"), {"on": "2020-09-10"})
    client.post(step(amendment, "submit"), {"on": "2020-09-10", "why": "Urgence sanitaire."})

    assert list(silent.context["form"].errors) == ["why"]
    amendment.refresh_from_db()
    assert amendment.status == "submitted"
    content = client.get(amendment.get_absolute_url()).content.decode()
    assert "Urgence sanitaire." in content
    assert "September 10, 2020" in content


@pytest.mark.parametrize("facts", [{"kind": "other"}, {"status": "recommended"}])
def test_no_reason_is_asked_where_nothing_is_skipped(client, world, coordinator, facts):
    amendment = AmendmentFactory(project=world.project, **{"end_after": None} | facts)

    client.post(step(amendment, "submit"), {"on": "2020-09-10"})

    amendment.refresh_from_db()
    assert amendment.status == "submitted"


@pytest.mark.parametrize(
    ("verb", "label", "status"),
    [
        ("approve", "Approve the amendment", "approved"),
        ("ask_changes", "Request changes", "draft"),
        ("refuse", "Refuse the amendment", "refused"),
    ],
)
def test_the_donor_answers_with_a_comment_and_the_signed_amendment(
    client, world, sign_in, verb, label, status
):
    amendment = AmendmentFactory(project=world.project, status="submitted")
    sign_in("donor")

    shown = client.get(amendment.get_absolute_url()).content.decode()
    asked = client.get(step(amendment, verb))
    silent = client.post(step(amendment, verb), {"why": ""}) if verb != "approve" else None
    client.post(step(amendment, verb), {"why": "Le programme se termine.", "upload": letter()})

    assert f">{label}<" in shown.replace("\n", "").replace("  ", "")
    assert list(asked.context["form"].fields) == ["why", "upload", "letter", "files_letter"]
    assert "The coordination is notified." in asked.content.decode()
    assert silent is None or list(silent.context["form"].errors) == ["why"]
    kept = AmendmentFile.objects.get()
    assert (kept.category, kept.added_by) == ("answer", world.people["donor"])
    amendment.refresh_from_db()
    assert amendment.status == status
    assert (amendment.donor_decided_on is None) == (status == "draft")
    assert amendment.status_changes.get().why == "Le programme se termine."
    told = OutgoingMail.objects.get(person=world.people["coordinator"])
    assert "Le programme se termine." in told.text
    assert f"/amendments/{amendment.pk}/" in told.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Nous approuvons cette modification"),
        ("es", "Aprobamos esta enmienda"),
        ("en", "We approve this amendment"),
    ],
)
def test_the_letter_is_drafted_in_the_donors_language_and_filed_with_the_comment(
    client, world, sign_in, language, said
):
    amendment = AmendmentFactory(project=world.project, status="recommended")
    amendment.take("submit", by=world.people["coordinator"], on=date(2020, 10, 1))
    world.people["donor"].language = language
    world.people["donor"].save()
    sign_in("donor")

    draft = client.get(step(amendment, "approve")).context["form"]["letter"].value()
    client.post(
        step(amendment, "approve"),
        {"why": "Sous réserve\x0b du budget.", "files_letter": "on", "letter": draft},
    )

    assert said in draft
    assert amendment.title in draft
    kept = AmendmentFile.objects.get()
    assert (kept.category, kept.kind) == ("answer", "docx")
    with kept.file.open() as file:
        paragraphs = [each.text for each in Document(file).paragraphs]
    assert any(said in each for each in paragraphs)
    assert paragraphs[-2:] == ["Sous réserve du budget.", world.people["donor"].full_name]


def test_without_a_tick_no_letter_is_filed(client, world, sign_in):
    amendment = AmendmentFactory(project=world.project, status="submitted")
    sign_in("donor")

    draft = client.get(step(amendment, "approve")).context["form"]["letter"].value()
    client.post(step(amendment, "approve"), {"letter": draft})

    amendment.refresh_from_db()
    assert amendment.status == "approved"
    assert not AmendmentFile.objects.exists()


def test_after_a_request_for_changes_the_reason_of_the_first_submission_is_not_shown(
    client, world, coordinator
):
    amendment = AmendmentFactory(project=world.project)
    client.post(step(amendment, "submit"), {"on": "2020-09-10", "why": "Urgence sanitaire."})
    client.post(step(amendment, "ask_changes"), {"on": "2020-10-15", "why": "Dates."})

    shown = client.get(amendment.get_absolute_url())

    assert not shown.context["skipped"]
    text = shown.content.decode()
    assert "Changes requested on October 15, 2020" in text
    assert "No answer so far" not in text


def test_who_only_reads_for_the_donor_does_not_answer(client, world, sign_in):
    amendment = AmendmentFactory(project=world.project, status="submitted")
    sign_in("embassy")

    page = client.get(amendment.get_absolute_url()).content.decode()

    assert "Approve the amendment" not in page
    assert client.post(step(amendment, "approve"), {"why": "Oui"}).status_code == 403


def test_the_coordination_records_with_the_letter_what_the_donor_asks_for(
    client, world, coordinator
):
    amendment = AmendmentFactory(project=world.project, status="submitted")
    answer = {"on": "2020-10-15", "reference": "L-7", "why": "Dates.", "upload": letter()}

    client.post(step(amendment, "ask_changes"), answer)

    amendment.refresh_from_db()
    assert amendment.status == "draft"
    assert amendment.status_changes.get().why == "L-7 · Dates."

    address = reverse("projects:amendment-delete", args=[world.project.code, amendment.pk])
    kept = client.post(address, follow=True)

    assert "it stays: correct it" in kept.content.decode()
    assert Amendment.objects.filter(pk=amendment.pk).exists()


def test_the_donor_does_not_answer_before_the_day_of_the_request(client, world, coordinator):
    amendment = AmendmentFactory(project=world.project, status="recommended")
    amendment.take("submit", by=coordinator, on=date(2020, 10, 1))

    early = client.post(step(amendment, "approve"), {"on": "2020-09-30"})
    client.post(step(amendment, "approve"), {"on": "2020-10-01"})

    said = "The amendment was submitted on October 1, 2020: the answer cannot be earlier."
    assert early.context["form"].errors == {"on": [said]}
    amendment.refresh_from_db()
    assert (amendment.status, amendment.donor_decided_on) == ("approved", date(2020, 10, 1))


def test_the_letter_of_an_answer_that_came_second_is_not_kept(client, world, coordinator):
    amendment = AmendmentFactory(project=world.project, status="submitted")
    client.post(step(amendment, "approve"), {"on": "2020-10-15"})

    client.post(step(amendment, "approve"), {"on": "2020-10-16", "upload": letter()})

    assert not AmendmentFile.objects.exists()


def test_of_the_donors_answers_only_one_of_these_days(world, coordinator):
    """The guard: in effect without the donor's day cannot be written."""
    amendment = AmendmentFactory(project=world.project, status="submitted")

    with pytest.raises(Exception, match="amendment_in_effect_is_approved"):
        amendment.take("approve", by=coordinator)


# Documents


@pytest.fixture
def kept(client, world, coordinator):
    amendment = AmendmentFactory(project=world.project, status="submitted")
    url = page(world, "amendment-file-create", amendment.pk)
    for _each in range(2):
        client.post(url, {"category": "recommendation", "upload": letter()})
    return AmendmentFile.objects.get()


@pytest.mark.parametrize(
    ("role", "status"),
    [("reader", 200), ("member", 200), ("donor", 200), ("partner", 404), ("outsider", 404)],
)
def test_who_sees_the_amendment_takes_its_documents(client, world, kept, sign_in, role, status):
    sign_in(role)
    url = page(world, "amendment-file", kept.amendment_id, kept.pk)

    response = client.get(url)
    b"".join(response)  # closed once it was read
    assert response.status_code == status
    assert AccessEvent.objects.filter(kind="download").count() == (status == 200)


def test_a_document_is_not_reached_through_another_amendment(client, world, kept):
    other = AmendmentFactory(project=world.project)

    assert client.get(page(world, "amendment-file", other.pk, kept.pk)).status_code == 404


@pytest.mark.parametrize("role", ["donor", "member", "finance"])
def test_only_the_coordination_adds_and_removes(client, world, kept, sign_in, role):
    sign_in(role)
    remove = page(world, "amendment-file-remove", kept.amendment_id, kept.pk)
    add = page(world, "amendment-file-create", kept.amendment_id)

    assert client.post(remove).status_code == 403
    assert client.post(add, {"category": "other", "upload": letter()}).status_code == 403


@pytest.mark.parametrize("name", ["lettre.exe", "lettre.pdf.exe", "lettre.docx"])
def test_what_is_no_document_is_refused_at_its_field(client, world, coordinator, name):
    amendment = AmendmentFactory(project=world.project)
    url = page(world, "amendment-file-create", amendment.pk)

    response = client.post(url, {"category": "other", "upload": letter(name)})

    assert list(response.context["form"].errors) == ["upload"]


def test_a_removed_document_and_those_of_a_deleted_draft_leave_the_storage(
    client, world, kept, django_capture_on_commit_callbacks
):
    Amendment.objects.update(status="draft")
    client.post(
        page(world, "amendment-file-create", kept.amendment_id),
        {"category": "other", "upload": letter()},
    )
    other = AmendmentFile.objects.get(category="other")

    with django_capture_on_commit_callbacks(execute=True):
        client.post(page(world, "amendment-file-remove", kept.amendment_id, kept.pk))
        client.post(page(world, "amendment-delete", kept.amendment_id))

    assert not Amendment.objects.exists()
    assert [one.file.storage.exists(one.file.name) for one in (kept, other)] == [False, False]


# The ledger


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {1, 2}),
        ("?kind=budget", {2}),
        ("?status=submitted", {1}),
        ("?kind=budget&status=submitted", set()),
        ("?kind=nonsense", {1, 2}),
    ],
)
def test_filters_of_amendments(client, world, coordinator, query, expected):
    AmendmentFactory(project=world.project, number=1, status="submitted")
    AmendmentFactory(project=world.project, number=2, kind="budget", end_after=None)

    page_shown = client.get(page(world, "amendments") + query).context["page"]
    sheet = load_workbook(
        BytesIO(client.get(page(world, "amendments-export") + query).content)
    ).active

    assert {one.number for one in page_shown} == expected
    assert {row[0] for row in sheet.values} - {"Number"} == expected


def test_the_workbook_has_the_facts_as_days(client, world, coordinator):
    amendment = AmendmentFactory(project=world.project)
    amendment.take("recommend", by=None, on=date(2020, 9, 3))
    amendment.take("submit", by=None, on=date(2020, 9, 10))

    sheet = load_workbook(BytesIO(client.get(page(world, "amendments-export")).content)).active

    told = [cell.value.date() if cell.is_date else cell.value for cell in sheet[2]]
    assert told[4:9] == [
        date(2022, 3, 31),
        date(2022, 9, 30),
        date(2020, 9, 3),
        date(2020, 9, 10),
        None,
    ]
    assert AccessEvent.objects.filter(kind="export").count() == 1


@pytest.mark.parametrize(("role", "count"), [("member", 1), ("partner", 0)])
def test_the_documents_of_an_amendment_in_effect_hold_amounts_and_are_not_for_partners(
    client, world, kept, sign_in, role, count
):
    Amendment.objects.update(status="effective", donor_decided_on="2020-10-01")
    sign_in(role)
    url = page(world, "amendment-file", kept.amendment_id, kept.pk)

    shown = client.get(kept.amendment.get_absolute_url()).content.decode()
    response = client.get(url)

    b"".join(response)  # closed once it was read
    assert (shown.count(url), response.status_code) == (count, 200 if count else 404)

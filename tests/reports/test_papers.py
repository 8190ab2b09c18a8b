"""Documents of meetings, seats and plans: what each holds for whom, and each as a finished file."""

import io
import json
import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone, translation
from docx import Document as Word

from committees.minutes.services.minutes import circulate, revise
from committees.models import Minutes
from kernel.text import LANGUAGES
from reports.compose.blocks import words_of
from reports.kinds import compose, kind_of
from reports.models import KINDS_OF, About, DocumentKind
from reports.pdf import html_of, rendered
from reports.services.requesting import snapshot_for
from reports.word import docx_of
from tests.factories import ActionPlanFactory, MeetingFactory
from tests.reports.papers import MINOR, NAMES, SECRETS, WITH_NAMES, Papers
from tests.reports.pdf_reading import Pdf

CODE = "7F3A-91C2-D04E"


def composed(about, *, audience, language="fr"):
    return compose(about, language=language, audience=audience, as_of=kind_of(about).as_of(about))


def words(document) -> str:
    return json.dumps(document, ensure_ascii=False).replace("\u202f", " ").replace("\u00a0", " ")


def leaks(text: str, about: About, audience: str) -> set[str]:
    """What stands in the text and is not for its readers."""
    found = {
        secret for secret, readers in SECRETS.items() if audience not in readers and secret in text
    }
    if about.kind not in WITH_NAMES:
        found |= {name for name in NAMES if name in text}
    return found | ({MINOR} if MINOR in text else set())


def pdf_of(document, *, is_draft=False, code="") -> Pdf:
    with rendered(html_of(document, code=code, is_draft=is_draft), lambda *news: None) as pdf:
        return Pdf(pdf.content.read())


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Made once, since nothing here changes it, and taken back at the end."""
    with django_db_blocker.unblock(), translation.override("fr"), transaction.atomic():
        yield Papers()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def files(world):
    """One file of each kind, for the first of its audiences, with its document."""
    found = {}
    for about in world.abouts():
        audience = kind_of(about).audiences[0]
        document = composed(about, audience=audience)
        found[about.kind] = (
            about,
            document,
            pdf_of(document, is_draft=kind_of(about).is_draft(about)),
        )
    return found


@pytest.mark.django_db
def test_a_plan_and_a_meeting_of_which_nothing_is_known_have_documents():
    """Marked, so that there is a database for this file alone; such tests are run first."""
    plan, meeting = ActionPlanFactory(), MeetingFactory()

    documents = [
        composed(About(plan, DocumentKind.PLAN), audience="donor"),
        composed(About(meeting, DocumentKind.RECORD), audience="public"),
        composed(About(meeting, DocumentKind.SHEET), audience="coordination"),
    ]

    assert [bool(document["blocks"]) for document in documents] == [True, True, True]
    assert not kind_of(About(meeting, DocumentKind.AGENDA)).applies(
        About(meeting, DocumentKind.AGENDA)
    )


OTHERS = [kind for kind in DocumentKind if kind not in KINDS_OF["report"]]


# What it holds


def test_no_document_holds_what_is_not_for_its_readers(world):
    found = {
        (about.kind.value, audience, language): leaked
        for about in world.abouts()
        for audience in kind_of(about).audiences
        for language in LANGUAGES
        if (
            leaked := leaks(
                words(composed(about, audience=audience, language=language)), about, audience
            )
        )
    }

    assert found == {}


def test_each_secret_is_told_to_those_who_may_know_it(world):
    """Otherwise the test above would pass with documents that hold nothing."""
    told = {
        secret
        for about in world.abouts()
        for audience in kind_of(about).audiences
        for text in [words(composed(about, audience=audience))]
        for secret, readers in SECRETS.items()
        if audience in readers and secret in text
    }

    assert told == {secret for secret, readers in SECRETS.items() if readers}


@pytest.mark.parametrize("kind", OTHERS)
def test_no_file_holds_more_than_its_data(files, kind):
    about, document, pdf = files[kind]
    text = pdf.text().replace("\u202f", " ").replace("\u00a0", " ")

    assert leaks(text, about, document["audience"]) == set()


def test_reserved_items_leave_no_gap_in_the_numbers(world):
    document = composed(About(world.next, DocumentKind.AGENDA), audience="committee")
    table = next(block for block in document["blocks"] if block["type"] == "table")

    assert [row["cells"][0]["text"] for row in table["rows"]] == ["1", ""]
    assert table["rows"][0]["cells"][1]["text"] == "Plan d’action de l’année"


def test_the_pack_holds_what_a_member_reads_before_a_meeting(world):
    document = composed(About(world.next, DocumentKind.PACK), audience="coordination")
    anchors = [block["anchor"] for block in document["blocks"] if block["type"] == "heading"]

    assert [anchor for anchor in anchors if anchor] == [
        "agenda",
        "papers",
        "recommendations",
        "positions",
    ]


def test_silence_is_told_as_silence(world):
    document = composed(About(world.second, DocumentKind.PLAN), audience="committee")
    table = next(
        block
        for block in document["blocks"]
        if block["type"] == "table"
        and len(block["columns"]) == 4
        and "Positions" in block["caption"]
    )
    by_name = {row["cells"][0]["text"]: row["cells"][1]["text"] for row in table["rows"]}

    silent = by_name[world.institutions["partner"].short_name]
    assert silent not in {"", by_name[world.institutions["member"].short_name]}


def test_what_changed_is_told_by_field_and_the_budget_to_those_who_may_see_it(world):
    about = About(world.second, DocumentKind.DIFFERENCES, base=world.plan)

    def rows(audience):
        document = composed(about, audience=audience)
        tables = [block for block in document["blocks"] if block["type"] == "table"]
        return [len(table["rows"]) for table in tables]

    changed, new = rows("committee")
    assert changed == 2  # the end, and the deliverable that is gone
    assert rows("donor") == [changed, new + 1]


def test_the_letter_goes_to_the_office_and_not_to_the_person(world):
    about = About(world.next, DocumentKind.LETTER, addressee=world.institutions["member"])
    text = words(composed(about, audience="committee"))

    assert "Direction" in text
    assert f"{world.project.code}/2026/02-{world.institutions['member'].pk:03}" in text


def test_nobody_gets_a_certificate_for_who_may_not_be_named(world):
    applies = kind_of(About(world.minor, DocumentKind.CERTIFICATE)).applies

    assert applies(About(world.attendance, DocumentKind.CERTIFICATE))
    assert not applies(About(world.minor, DocumentKind.CERTIFICATE))


def test_the_record_for_the_public_holds_what_was_adopted(world):
    document = composed(About(world.meeting, DocumentKind.RECORD), audience="public")
    boxes = [block for block in document["blocks"] if block["type"] == "box"]

    assert [(box["kind"], box["text"]) for box in boxes] == [
        ("decision", world.decision.text),
        ("recommendation", "Former les équipes."),
    ]


# The files


@pytest.mark.parametrize("kind", OTHERS)
def test_every_kind_is_a_tagged_file_with_numbered_pages(files, kind):
    _about, document, pdf = files[kind]
    pages = [page.extract_text() for page in pdf.reader.pages]

    assert pdf.catalog["/Lang"] == "fr"
    assert "pdfuaid:part" in pdf.catalog["/Metadata"].get_data().decode()
    assert pdf.reader.metadata.title.startswith(document["heading"])
    assert all(figure.get("/Alt") for figure in pdf.tagged("Figure"))
    assert all(f"{number} / {len(pages)}" in page for number, page in enumerate(pages, 1))
    assert "\ufffd" not in "".join(pages)


def test_a_letter_with_a_long_agenda_ends_above_its_signature_on_one_page(files):
    document = json.loads(json.dumps(files[DocumentKind.LETTER][1])) | {"paper": "letter"}
    table = next(block for block in document["blocks"] if block["type"] == "table")
    item = next(row for row in table["rows"] if not row["is_total"])
    table["rows"] = [item] * 8

    (page,) = pdf_of(document).reader.pages

    closing, signature = document["blocks"][-2:]
    assert closing["text"] in page.extract_text()
    assert signature["lines"][0] in page.extract_text()


def test_an_attendance_list_of_nobody_says_so(world):
    meeting = MeetingFactory(committee=world.committee, number=9)
    document = composed(About(meeting, DocumentKind.ANNEX), audience="coordination", language="en")

    assert [block["text"] for block in document["blocks"]] == ["Nobody was recorded as present."]


def test_equal_data_gives_equal_bytes(files):
    _about, document, pdf = files[DocumentKind.PLAN]

    assert pdf_of(document).content == pdf.content


def test_only_what_stands_has_a_code(world, files):
    _about, document, pdf = files[DocumentKind.PLAN]

    assert CODE not in pdf.text()
    assert CODE in pdf_of(document, code=CODE).text()


def test_a_draft_of_minutes_says_so_on_each_page(files):
    _about, _document, pdf = files[DocumentKind.MINUTES]

    assert all("BROUILLON" in page.extract_text() for page in pdf.reader.pages)


def test_a_long_table_repeats_its_head_on_each_page(files):
    document = json.loads(json.dumps(files[DocumentKind.PLAN][1]))
    table = next(block for block in document["blocks"] if block["type"] == "table")
    table["rows"] = table["rows"] * 90
    heads = [column["label"] for column in table["columns"]]
    title = table["rows"][0]["cells"][1]["text"]

    pages = [page.extract_text() for page in pdf_of(document).reader.pages]
    with_rows = [page for page in pages if title in page]
    assert len(with_rows) >= 3
    assert all(head in page for page in with_rows for head in heads)


# Minutes that stand


@pytest.fixture
def sealed(world):
    """Sealed minutes, taken back after the test."""
    with transaction.atomic():
        world.seal()
        yield world.minutes
        transaction.set_rollback(True)
    world.minutes = Minutes.objects.get(pk=world.minutes.pk)


def test_sealed_minutes_are_printed_from_their_seal_alone(world, sealed):
    about = About(world.meeting, DocumentKind.MINUTES)
    before = composed(about, audience="committee")
    world.meeting.items.update(notes="Autre chose.", title_fr="Autre titre")

    after = composed(about, audience="committee")

    assert after == before
    assert before["code"] == sealed.code
    assert kind_of(about).is_final(about)


def test_minutes_that_went_back_to_draft_say_what_is_written_now(world):
    with transaction.atomic():
        until = timezone.localdate() + timedelta(days=9)
        circulate(world.minutes, by=world.coordinator, until=until)
        revise(world.minutes, by=world.coordinator, why="Une erreur.")
        Minutes.objects.filter(pk=world.minutes.pk).update(opening="Mot nouveau.")

        document = composed(About(world.meeting, DocumentKind.MINUTES), audience="committee")

        transaction.set_rollback(True)
    world.minutes = Minutes.objects.get(pk=world.minutes.pk)
    assert "Mot nouveau." in words(document)


def test_destroyed_names_leave_the_minutes_as_they_are(world, sealed):
    minutes, annex = (
        About(world.meeting, DocumentKind.MINUTES),
        About(world.meeting, DocumentKind.ANNEX),
    )
    before = composed(minutes, audience="coordination")
    assert NAMES[0] in words(composed(annex, audience="coordination"))
    Minutes.objects.filter(pk=sealed.pk).update(annex=None, annex_destroyed_on="2026-11-24")

    assert composed(minutes, audience="coordination") == before
    assert not [name for name in NAMES if name in words(composed(annex, audience="coordination"))]


def test_the_snapshot_of_what_stands_is_final_and_does_not_move_with_the_day(world, sealed):
    about = About(world.meeting, DocumentKind.RECORD)
    first = snapshot_for(about, language="fr", audience="public")
    second = snapshot_for(about, language="fr", audience="public")

    assert first == second
    assert first.is_final
    assert first.document("public", "fr")["as_of"] == sealed.sealed_on.isoformat()


# Word


@pytest.mark.parametrize("kind", OTHERS)
def test_the_word_file_says_what_the_data_says(files, kind):
    _about, document, _pdf = files[kind]

    word = Word(io.BytesIO(docx_of(document, is_draft=True)))

    told = " ".join(re.findall(r"\w+", everything_in(word)))
    wanted = texts_of(document["blocks"])
    assert [text for text in wanted if " ".join(re.findall(r"\w+", text)) not in told] == []
    header = word.sections[0].header.paragraphs[0].text
    assert "BROUILLON" in header or "DRAFT" in header
    assert word.core_properties.last_modified_by == ""


def test_the_word_file_takes_markdown_and_signs_that_xml_cannot_hold():
    document = {
        "language": "fr",
        "kind": "minutes",
        "heading": "Procès-verbal",
        "title": "Essai\x0b",
        "organisation": "",
        "as_of": "2026-11-24",
        "paper": "a4",
        "illustrative": False,
        "project": {"name": None},
        "facts": [{"label": "Jour\x0c", "value": "\x01"}],
        "blocks": [
            {"type": "prose", "text": "Un **mot**\n\n- un\n- deux\n\n1. trois", "lang": "es"},
        ],
    }

    word = Word(io.BytesIO(docx_of(document, is_draft=False)))

    styles = [p.style.name for p in word.paragraphs if p.text]
    assert styles[-4:] == ["Normal", "List Bullet", "List Bullet", "List Number"]
    assert [run.text for p in word.paragraphs for run in p.runs if run.bold] == ["mot"]


def everything_in(word) -> str:
    lines = [paragraph.text for paragraph in word.paragraphs]
    for table in word.tables:
        lines += [cell.text for row in table.rows for cell in row.cells]
    return "\n".join(lines)


def texts_of(blocks) -> list[str]:
    """All words of the parts but those of pictures."""
    found = []
    for block in blocks:
        if block["type"] == "table":
            for row in block["rows"]:
                for cell in row["cells"]:
                    found += [cell["text"], *map(words_of, cell["small"])]
        elif block["type"] == "box":
            lines = ["".join(piece["text"] for piece in line) for line in block["lines"]]
            found += [block["title"]["text"], block["text"], *lines]
        elif block["type"] in {"heading", "paragraph", "notice"}:
            found.append(block["text"])
    return [text for text in found if text]

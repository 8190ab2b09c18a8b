"""Documents as plain text: the words of the PDF in its order, light, and who may take them."""

import pytest
from django.urls import reverse

from accounts.models import AccessEvent
from reports.compose import blocks
from reports.kinds import kind_of
from reports.models import About, DocumentKind, Rendition
from reports.plain_text import WIDTH, text_of
from reports.services.producing import text_now
from reports.services.requesting import request_rendition
from reports.tasks import render_rendition
from tests.reports.papers import MINOR, NAMES, SECRETS, WITH_NAMES, Papers
from tests.reports.pdf_reading import Pdf
from tests.world import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def document(*parts, **more):
    return {
        "language": "en",
        "heading": "Record",
        "title": "First meeting",
        "as_of": "2020-09-30",
        "organisation": "The Organisation",
        "project": {"code": "HN-1", "name": None, "title": None},
        "illustrative": False,
        "facts": [{"label": "Day", "value": "3 September"}],
        "blocks": list(parts),
    } | more


def test_every_part_in_its_order():
    text = text_of(
        document(
            blocks.heading("Items", anchor="items"),
            blocks.paragraph({"text": "Bonjour.", "lang": "fr"}),
            blocks.heading("Below", 2),
            blocks.prose(
                {"text": "One **strong** word.\n\n1. first\n2. second\n\n- a\n", "lang": ""}
            ),
            blocks.table(
                "Costs",
                [blocks.column("Item"), blocks.column("Amount", num=True), blocks.column("Note")],
                [
                    ["Paper", "1\u00a0200", blocks.cell("late", small="since May", tone="bad")],
                    ["Ink", "3", ""],
                ],
                total=["In all", "1\u00a0203", ""],
            ),
            blocks.box("decision", "Decision 1", "Agreed.", ["Votes: 5"]),
            blocks.notice("Mind this."),
            blocks.signature(["The chair"]),
        )
    )

    assert text == (
        "The Organisation\n\n"
        "Record\n======\n\n"
        "First meeting\n\n"
        "Day: 3 September\n\n"
        "Items\n=====\n\n"
        "[French] Bonjour.\n\n"
        "Below\n-----\n\n"
        "One strong word.\n\n"
        "1. first\n2. second\n\n"
        "- a\n\n"
        "Costs\n\n"
        "- Paper\n    Amount: 1\u00a0200\n    Note: late; since May\n\n"
        "- Ink\n    Amount: 3\n\n"
        "- In all\n    Amount: 1\u00a0203\n\n"
        "* Decision 1\n  Agreed.\n  Votes: 5\n\n"
        "! Mind this.\n\n"
        "______________________________\nThe chair\n"
    ).replace("    Amount", "  Amount").replace("    Note", "  Note")


def test_the_chapters_of_a_report_with_their_narrative(settings):
    settings.SITE_URL = "https://portal.example.org"
    chapter = {
        "kind": "summary",
        "number": 1,
        "title": "Summary",
        "narrative": {"text": "A *useful* year.", "lang": ""},
        "cites": [{"label": "Indicator 1", "path": "/projects/HN-1/indicators/4/"}],
        "blocks": [blocks.heading("Part", 1), blocks.paragraph("Said.")],
    }

    frame = {"identification": [], "since": None, "acronyms": [], "glance": {}}

    text = text_of(document(chapters=[chapter], **frame))

    assert text.endswith(
        "1. Summary\n==========\n\nA useful year.\n\n"
        "In the portal:\n- Indicator 1\n  https://portal.example.org/projects/HN-1/indicators/4/\n\n"
        "Part\n----\n\nSaid.\n"
    )


def test_what_stands_says_how_to_verify_it_and_a_draft_says_what_it_is(settings):
    stands = text_of(document(), code="7F3A-91C2-D04E")
    draft = text_of(document(), code="7F3A-91C2-D04E", is_draft=True)

    assert stands.count("7F3A-91C2-D04E") == 3
    assert f"{settings.SITE_URL}/verify/7F3A-91C2-D04E/" in stands
    assert "7F3A" not in draft
    assert "DRAFT" in draft


def test_lines_are_short_and_addresses_whole():
    address = "https://example.org/" + "a" * 90
    words = "word " * 60

    lines = text_of(document(blocks.paragraph(f"{words} {address}"))).splitlines()

    assert max(len(line) for line in lines if line != address) <= WIDTH
    assert address in lines


def test_no_text_holds_what_is_not_for_its_readers():
    papers = Papers()
    papers.seal()
    for about in papers.abouts():
        kind = kind_of(about)
        if not kind.has_text:
            continue
        for audience in kind.audiences:
            text = text_now(about, language="fr", audience=audience)
            told = [secret for secret, readers in SECRETS.items() if audience not in readers]
            assert [secret for secret in told if secret in text] == [], (about.kind, audience)
            named = [] if about.kind in WITH_NAMES else [*NAMES, MINOR]
            if about.kind not in {DocumentKind.HANDOVER, DocumentKind.LETTER}:
                assert [name for name in named if name in text] == [], (about.kind, audience)


@pytest.fixture
def papers():
    return Papers()


def test_the_light_version_beside_a_pdf_is_of_the_same_data(client, papers):
    about = About(papers.next, DocumentKind.PACK)
    rendition = request_rendition(about, language="fr", audience="committee", by=papers.coordinator)
    render_rendition(rendition.pk)
    rendition.refresh_from_db()
    client.force_login(papers.coordinator)

    answer = client.get(reverse("reports:rendition-text", args=[rendition.pk]))
    shelf = client.get(reverse("reports:documents", args=["meeting", papers.next.pk]))

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert len(answer.content) == rendition.text_size < rendition.size / 10
    assert reverse("reports:rendition-text", args=[rendition.pk]) in shelf.content.decode()
    with rendition.file.open() as file:
        printed = " ".join(Pdf(file.read()).text().split())
    heads = [
        line
        for line in answer.content.decode().splitlines()
        if line[:2].isalpha() and ":" not in line
    ]
    assert [line for line in heads if " ".join(line.split()) not in printed] == []
    assert AccessEvent.objects.about(papers.next).get().details == {
        "rendition": rendition.pk,
        "document": "pack",
        "language": "fr",
        "format": "txt",
    }


def test_a_text_is_made_at_once_for_those_who_may_ask_for_the_document(client, papers):
    url = reverse("reports:document-text", args=["agenda", papers.next.pk])
    answers = {}
    for role in ROLES:
        client.force_login(papers.people[role])
        audience = "committee"
        answers[role] = client.get(url, {"language": "es", "audience": audience}).status_code
    client.logout()

    team = ("administrator", "coordinator", "monitoring", "finance", "reader", "auditor")
    seated = ("member", "partner")
    assert answers == {role: 200 if role in (*team, *seated) else 404 for role in ROLES}
    assert client.get(url).status_code == 302


def test_there_is_no_text_of_what_is_to_be_signed(client, papers):
    client.force_login(papers.coordinator)
    url = reverse("reports:document-text", args=["attendance_sheet", papers.next.pk])

    assert client.get(url, {"language": "fr", "audience": "coordination"}).status_code == 404
    assert not Rendition.objects.exists()

"""A meeting pack with its papers behind it: what is appended, what of hostile files comes along, and
that the pack stays a tagged document."""

import hashlib
import io

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import translation
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from committees.models import Document
from reports import annexes
from reports.kinds import kind_of
from reports.models import About, DocumentKind, Rendition
from reports.services.requesting import request_rendition
from reports.tasks import render_rendition
from tests.reports.papers import Papers
from tests.reports.pdf_reading import Pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def papers():
    papers = Papers()
    papers.next.documents.all().delete()
    return papers


def name(text):
    return NameObject(text)


def page_of_words(writer, words, size=(300, 400)):
    page = writer.add_blank_page(*size)
    font = DictionaryObject(
        {
            name("/Type"): name("/Font"),
            name("/Subtype"): name("/Type1"),
            name("/BaseFont"): name("/Helvetica"),
        }
    )
    fonts = DictionaryObject({name("/F"): writer._add_object(font)})  # a name that is a key too
    page[name("/Resources")] = DictionaryObject({name("/Font"): fonts})
    content = DecodedStreamObject()
    content.set_data(f"BT /F 12 Tf 20 200 Td ({words}) Tj ET".encode())
    page[name("/Contents")] = writer._add_object(content)
    return page


def pdf_of(*words):
    writer = PdfWriter()
    for each in words:
        page_of_words(writer, each)
    return as_bytes(writer)


def as_bytes(writer):
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def action(**entries):
    return DictionaryObject(
        {name("/Type"): name("/Action")}
        | {name(f"/{key}"): value for key, value in entries.items()}
    )


def hostile():
    """Everything that acts, leads elsewhere or carries something, around one harmless page."""
    writer = PdfWriter()
    page = page_of_words(writer, "HARMLESS")
    script = action(S=name("/JavaScript"), JS=TextStringObject("app.alert('SCRIPT')"))
    launch = action(S=name("/Launch"), F=TextStringObject("LAUNCHED.exe"))
    writer.root_object[name("/OpenAction")] = script
    writer.root_object[name("/AA")] = DictionaryObject({name("/WC"): script})
    page[name("/AA")] = DictionaryObject({name("/O"): launch})
    writer.add_attachment("ATTACHED.txt", b"ATTACHED")
    shown = DecodedStreamObject()
    shown.set_data(b"BT /F 12 Tf 2 2 Td (FILLEDIN) Tj ET")
    shown.update(
        {
            name("/Subtype"): name("/Form"),
            name("/BBox"): ArrayObject(FloatObject(side) for side in (0, 0, 100, 20)),
            name("/Resources"): page["/Resources"],
        }
    )
    field = DictionaryObject(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/Widget"),
            name("/FT"): name("/Tx"),
            name("/T"): TextStringObject("FIELDNAME"),
            name("/Rect"): ArrayObject(FloatObject(side) for side in (10, 10, 110, 30)),
            name("/AP"): DictionaryObject({name("/N"): writer._add_object(shown)}),
            name("/AA"): DictionaryObject({name("/K"): script}),
        }
    )
    link = DictionaryObject(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/Link"),
            name("/Rect"): field["/Rect"],
            name("/A"): launch,
        }
    )
    page[name("/Annots")] = ArrayObject([writer._add_object(field), writer._add_object(link)])
    writer.root_object[name("/AcroForm")] = DictionaryObject(
        {name("/Fields"): ArrayObject([page["/Annots"][0]])}
    )
    return as_bytes(writer)


def encrypted():
    writer = PdfWriter()
    page_of_words(writer, "SECRET")
    writer.encrypt("word", algorithm="RC4-128")
    return as_bytes(writer)


def claims_many_pages():
    return pdf_of("one").replace(b"/Count 1", b"/Count 10000")


def with_hidden_layer():
    writer = PdfWriter(clone_from=io.BytesIO(pdf_of("HIDDEN")))
    layer = writer._add_object(DictionaryObject({name("/Type"): name("/OCG")}))
    writer.root_object[name("/OCProperties")] = DictionaryObject(
        {
            name("/OCGs"): ArrayObject([layer]),
            name("/D"): DictionaryObject({name("/OFF"): ArrayObject([layer])}),
        }
    )
    return as_bytes(writer)


def draws_itself():
    writer = PdfWriter()
    page = page_of_words(writer, "CIRCLE")
    form = DecodedStreamObject()
    form.set_data(b"/Self Do")
    form.update(
        {
            name("/Subtype"): name("/Form"),
            name("/BBox"): ArrayObject(NumberObject(side) for side in (0, 0, 9, 9)),
        }
    )
    reference = writer._add_object(form)
    itself = DictionaryObject({name("/Self"): reference})
    form[name("/Resources")] = DictionaryObject({name("/XObject"): itself})
    page["/Resources"][name("/XObject")] = itself
    return as_bytes(writer)


def photo():
    target = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(target, "PNG")
    return target.getvalue()


def give(papers, title, content, kind="pdf", **fields):
    paper = Document(
        committee=papers.committee,
        meeting=papers.next,
        title=title,
        original_name=f"{title}.{kind}",
        kind=kind,
        size=fields.pop("size", len(content)),
        sha256=hashlib.sha256(content).hexdigest(),
        **{"audience": "committee"} | fields,
    )
    paper.file.save("x", ContentFile(content), save=False)
    paper.save()
    return paper


def made(papers, audience="committee", language="fr"):
    rendition = request_rendition(
        About(papers.next, DocumentKind.WHOLE_PACK), language=language, audience=audience, by=None
    )
    render_rendition(rendition.pk)
    rendition.refresh_from_db()
    assert rendition.is_ready, rendition.failure
    with rendition.file.open() as file:
        return rendition, Pdf(file.read())


def test_papers_stand_behind_their_covers_in_a_tagged_document(papers):
    give(papers, "Note de cadrage", pdf_of("PAGEUN", "PAGEDEUX"))
    give(papers, "Photo du site", photo(), kind="png")
    give(papers, "Budget", b"PK", kind="xlsx")

    rendition, pdf = made(papers, language="en")

    pages = [page.extract_text() for page in pdf.reader.pages]
    first = next(n for n, page in enumerate(pages) if "PAGEUN" in page)
    titles = [f"Annex {n} – {title}" for n, title in ((1, "Note de cadrage"), (2, "Photo du site"))]
    flat = str(pdf.bookmarks())
    assert rendition.pages == len(pages)
    assert "PAGEDEUX" in pages[first + 1]
    assert [titles[0] in pages[first - 1], titles[1] in pages[first + 2]] == [True, True]
    assert [title in flat for title in titles] == [True, True]
    assert pdf.reader.page_labels[first : first + 2] == ["A1-1", "A1-2"]
    assert "Budget" in pdf.text()
    assert pdf.catalog["/Lang"] == "en"
    assert pdf.catalog["/MarkInfo"]["/Marked"] == True  # noqa: E712  an object of PDF
    spoken = [str(tag.get("/Alt", "")) for tag in pdf.tagged("Figure")]
    assert len([words for words in spoken if words.startswith("Annex 1")]) == 2
    assert len([words for words in spoken if words.startswith("Annex 2")]) == 1
    assert "" not in spoken


def test_each_appended_page_is_found_from_the_structure_and_back(papers):
    give(papers, "Note", pdf_of("PAGEUN"))

    _rendition, pdf = made(papers)

    tree = pdf.catalog["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    known = {int(tree[n]): tree[n + 1].get_object() for n in range(0, len(tree), 2)}
    page = next(page for page in pdf.reader.pages if "PAGEUN" in page.extract_text())
    figure = known[page["/StructParents"]][0].get_object()
    assert figure["/S"] == "/Figure"
    assert figure.raw_get("/Pg") == page.indirect_reference
    assert list(known) == sorted(known)


def test_of_a_hostile_paper_only_what_is_drawn_comes_along(papers):
    give(papers, "Piège", hostile())

    _rendition, pdf = made(papers)

    assert "HARMLESS" in pdf.text()
    assert "FILLEDIN" in pdf.text()
    for words in ("SCRIPT", "LAUNCHED", "ATTACHED", "FIELDNAME", "/JavaScript", "/Launch"):
        assert not pdf.holds(words), words
    for key in ("/AcroForm", "/OpenAction", "/AA"):
        assert key not in pdf.catalog
    page = next(page for page in pdf.reader.pages if "HARMLESS" in page.extract_text())
    assert [key for key in ("/Annots", "/AA") if key in page] == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encrypted, "encrypted"),
        (lambda: b"%PDF-1.7 nothing", "damaged"),
        (lambda: pdf_of("x")[:200], "damaged"),
        (claims_many_pages, "too_many_pages"),
        (with_hidden_layer, "hidden"),
    ],
)
def test_what_cannot_be_appended_is_listed_with_its_reason(papers, content, reason):
    give(papers, "Refusé", content())
    give(papers, "Bon", pdf_of("BONNEPAGE"))

    _rendition, pdf = made(papers, language="en")

    told = " ".join(pdf.text().split())
    with translation.override("en"):
        assert f"Annex 1 – Refusé: {annexes.REASONS[reason]}." in told
    assert "BONNEPAGE" in told


def test_more_pages_or_bytes_than_a_pack_takes_are_listed(papers):
    give(papers, "Long", pdf_of(*["p"] * (annexes.MOST_PAGES + 1)))
    give(papers, "Lourd", pdf_of("x"), size=annexes.MOST_BYTES + 1)
    gone = give(papers, "Parti", pdf_of("x"))
    gone.file.storage.delete(gone.file.name)

    rendition, pdf = made(papers, language="en")

    told = " ".join(pdf.text().split())
    for place, reason in enumerate(("too_many_pages", "too_large", "missing"), 1):
        assert f"Annex {place} – " in told
        with translation.override("en"):
            assert str(annexes.REASONS[reason]) in told
    assert rendition.pages < 10


def test_a_drawing_within_itself_ends(papers):
    give(papers, "Cercle", draws_itself())

    _rendition, pdf = made(papers)

    assert "CIRCLE" in pdf.text()


def test_equal_papers_give_equal_bytes_and_another_file_another_document(papers):
    paper = give(papers, "Note", hostile())
    first, _pdf = made(papers)
    before = first.sha256
    Rendition.objects.all().delete()
    again, _pdf = made(papers)
    Document.objects.filter(pk=paper.pk).update(sha256="0" * 64)

    other = request_rendition(
        About(papers.next, DocumentKind.WHOLE_PACK), language="fr", audience="committee", by=None
    )

    assert again.sha256 == before
    assert other.snapshot_id != again.snapshot_id


def test_a_reserved_paper_is_in_no_pack_that_is_not_for_its_readers(papers):
    item = papers.next.items.get(audience="coordination")
    give(papers, "Réservé", pdf_of("RESERVEUN"), audience="coordination")
    give(papers, "Du point", pdf_of("RESERVEDEUX"), agenda_item=item)
    about = About(papers.next, DocumentKind.WHOLE_PACK)

    assert not kind_of(about).applies(about)
    give(papers, "Pour tous", pdf_of("POURTOUS"))
    _rendition, outside = made(papers)
    _rendition, inside = made(papers, audience="coordination")

    assert [word in outside.text() for word in ("RESERVEUN", "RESERVEDEUX", "POURTOUS")] == [
        False,
        False,
        True,
    ]
    assert [word in inside.text() for word in ("RESERVEUN", "RESERVEDEUX", "POURTOUS")] == [
        True
    ] * 3


def test_members_choose_between_listed_and_appended(client, papers):
    client.force_login(papers.people["member"])
    shelf = reverse("reports:documents", args=["meeting", papers.next.pk])
    whole = reverse("reports:document-request", args=["whole_pack", papers.next.pk])
    before = whole in client.get(shelf).content.decode()

    give(papers, "Note", pdf_of("x"))

    assert (before, whole in client.get(shelf).content.decode()) == (False, True)


def test_a_turned_page_stands_upright(papers):
    writer = PdfWriter(clone_from=io.BytesIO(pdf_of("TOURNE")))
    writer.pages[0][name("/Rotate")] = NumberObject(90)
    give(papers, "Note", as_bytes(writer))

    rendition, pdf = made(papers)

    page = next(page for page in pdf.reader.pages if "TOURNE" in page.extract_text())
    assert (page.mediabox.width, page.mediabox.height, page.rotation) == (400, 300, 0)
    with rendition.file.open() as file:
        assert len(PdfReader(file).pages) == rendition.pages

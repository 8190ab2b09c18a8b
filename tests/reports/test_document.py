"""The finished PDF, read back: structure, languages, alternative texts, and what it says."""

from dataclasses import dataclass

import pytest
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from projects.models import Activity
from reports.compose import compose
from reports.models import Section, SectionKind
from reports.pdf import html_of
from reports.services.writing import save_section
from tests.factories import AgendaItemFactory, ReportFactory, ResolutionFactory, SectionFactory
from tests.reports.conftest import SIGNED_ON, begun_report
from tests.reports.pdf_reading import Pdf, render_once
from tests.world import World

pytestmark = pytest.mark.django_db

CODE = "7F3A-91C2-D04E"


def pdf_of(report, *, language="fr", audience="donor", is_draft=False) -> Pdf:
    report.signed_off_on = None if is_draft else SIGNED_ON
    document = compose(report, language=language, audience=audience, as_of=SIGNED_ON)
    return render_once(html_of(document, code=CODE, is_draft=is_draft))


def filled(report):
    """With a table of several pages, a text in another language, and much Markdown."""
    SectionFactory(
        report=report,
        kind="lessons",
        language="en",
        text="## A heading\n\nA [link](https://example.org/).\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n",
    )
    Activity.objects.bulk_create(
        Activity(
            project=report.project,
            kind="workshop",
            title_fr=f"Atelier numéro {number}",
            place="Tela",
            actual_start=report.period.start,
        )
        for number in range(70)
    )
    return report


def plain(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True)
class Printed:
    pdf: Pdf
    pages: list[str]  # as text
    project: str


@pytest.fixture(scope="module")
def printed(django_db_setup, django_db_blocker):
    """The full report for the donor, signed, in French: printed once for all who read it."""
    with django_db_blocker.unblock(), transaction.atomic(), translation.override("fr"):
        report = filled(begun_report(World()))
        pdf = pdf_of(report)
        transaction.set_rollback(True)
    return Printed(
        pdf, [page.extract_text() for page in pdf.reader.pages], report.project.short_title_fr
    )


def test_it_is_tagged_and_names_itself(printed):
    pdf = printed.pdf

    assert pdf.catalog["/MarkInfo"]["/Marked"]
    assert pdf.catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.catalog["/Lang"] == "fr"
    assert "pdfuaid:part" in pdf.catalog["/Metadata"].get_data().decode()
    assert pdf.reader.metadata.title.endswith(f"– {printed.project}")


def test_its_dates_are_those_of_its_data(printed):
    assert printed.pdf.reader.metadata.creation_date.date() == SIGNED_ON


def test_the_second_page_says_the_most_important(printed):
    assert printed.pages[1].startswith(gettext("At a glance"))
    assert "134" in printed.pages[1]
    assert "2020-01" in printed.pages[1]


def test_the_bookmarks_are_the_chapters(printed):
    bookmarks = [one for one in printed.pdf.bookmarks() if isinstance(one, str)]
    first = [str(gettext(name)) for name in ("At a glance", "Contents", "Identification")]

    assert bookmarks[:4] == [*first, gettext("Verification")]
    assert bookmarks[4].startswith("1 ")
    assert len(bookmarks) == 17  # these four, nine chapters, four annexes


def test_the_contents_name_the_page_on_which_a_chapter_stands(printed):
    pages = printed.pages

    name = str(SectionKind.LESSONS.label)
    (contents,) = [page for page in pages if page.startswith(gettext("Contents"))]
    line = next(line for line in contents.splitlines() if name in line)
    number = int(line.rsplit(maxsplit=1)[1])

    assert name in pages[number - 1]


def test_every_picture_says_what_it_shows(printed):
    figures = printed.pdf.tagged("Figure")

    assert len(figures) == 7  # the code, the charts, the logic model, pieces of the schedule
    assert all(figure.get("/Alt") for figure in figures)
    assert len([one for one in figures if "134" in one["/Alt"]]) == 1


def test_every_cell_knows_its_heads(printed):
    pdf = printed.pdf

    cells = [cell for cell in pdf.tagged("TD") if "/A" in cell]
    with_heads = [cell for cell in cells if len(cell["/A"].get("/Headers", []))]
    assert len(with_heads) >= 70 * 4
    assert pdf.tagged("TH")


def test_the_head_of_a_table_is_repeated_on_each_of_its_pages(printed):
    pages = printed.pages

    chapter = f"4 {SectionKind.ACTIVITIES.label}"  # it stands above each of its pages
    with_rows = [page for page in pages if "Atelier numéro" in page and chapter in plain(page)]
    assert len(with_rows) >= 3
    assert all(gettext("When") in page for page in with_rows)


def test_a_passage_in_another_language_says_so(printed):
    tags = [tag for tag in printed.pdf.tags() if "/Lang" in tag]

    assert {str(tag["/Lang"]) for tag in tags} == {"en"}


def test_a_narrative_that_is_not_there_in_the_readers_language_is_marked(report):
    def of(language):
        document = compose(report, language=language, audience="donor", as_of=SIGNED_ON)
        return html_of(document, code=CODE, is_draft=False)

    assert of("es").count('<p class="tongue" lang="fr">Français</p>') == 2
    assert of("en").count('class="tongue"') == 1  # the summary; the context is in English, too
    assert 'class="tongue"' not in of("fr")


def test_each_page_has_its_number_and_its_title(printed):
    pages = printed.pages

    for number, page in enumerate(pages[1:], 2):
        assert f"{number} / {len(pages)}" in page
        assert printed.project in page


def test_the_cover_has_its_code_and_a_page_before_the_chapters_says_how_to_verify_it(
    printed, settings
):
    place = printed.pdf.reader.get_destination_page_number(
        next(
            one
            for one in printed.pdf.reader.outline
            if not isinstance(one, list) and one.title == gettext("Verification")
        )
    )
    told = printed.pages[place]

    assert CODE in printed.pages[0]
    assert place < 4
    assert CODE in told
    assert f"{settings.SITE_URL}/verify/{CODE}/" in told.replace("\n", "")


def test_a_draft_says_so_on_every_page_and_has_no_code(report):
    pages = [page.extract_text() for page in pdf_of(report, is_draft=True).reader.pages]

    assert all("DRAFT" in page or "BROUILLON" in page for page in pages)
    assert CODE not in "".join(pages)


def test_a_signed_document_has_no_watermark(printed):
    text = "".join(printed.pages)

    assert "DRAFT" not in text
    assert "BROUILLON" not in text


def test_no_sign_of_the_text_is_missing_in_the_fonts(printed):
    assert "\ufffd" not in "".join(printed.pages)


def test_what_is_reserved_is_not_in_the_donors_file_and_what_is_told_is(world, report):
    item = AgendaItemFactory(meeting=world.meeting, audience="coordination")
    ResolutionFactory(agenda_item=item, number="2020-99", text_fr="SECRET décision")
    hidden = str(world.people["member"].contacts.get())

    donor, inside = pdf_of(report), pdf_of(report, audience="coordination")

    assert donor.holds("Atelier de diagnostic")
    assert not donor.holds("SECRET")
    assert inside.holds("SECRET")
    assert hidden not in donor.text() + inside.text()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "![photo](http://127.0.0.1:9/x.png) et [lien](javascript:alert(1))",
        "[" * 300,
        "| a |\n|---|\n" + "| b |\n" * 400,
        "漢字 \u202e à l’envers 😀",
        "# " + "Titre très long " * 40,
        "mot" * 400,
        "> " * 40 + "fond",
    ],
)
def test_hostile_texts_are_printed_sensibly(report, text):
    Section.objects.filter(report=report, kind="summary").update(text=text)

    pdf = pdf_of(report)

    assert len(pdf.reader.pages) > 2
    assert {link.partition(":")[0] for link in pdf.links()} == {"http"}  # of the verification


def test_a_project_of_which_nothing_is_known_has_a_document(world):
    pdf = pdf_of(ReportFactory(period__project=world.neighbour))

    assert 2 <= len(pdf.reader.pages) <= 4


def test_a_citation_leads_to_its_place_and_says_in_words_where(world, report):
    by = world.people["coordinator"]
    text = "Tout va bien [[I 1100.1]], dit [[D 2020-01|la décision]] et [[A 99.9]]."
    save_section(report, "lessons", "fr", text, seen_version=0, by=by)

    pdf = pdf_of(report)

    assert "Tout va bien [Indicateur 1100.1], dit la décision" in " ".join(pdf.text().split())
    assert "99.9" not in pdf.text()
    assert {"indicator-1100-1100.1", "resolution-2020-01"} <= pdf.inner_links()

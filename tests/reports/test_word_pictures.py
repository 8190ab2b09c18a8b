"""A donor's Word template with charts, photographs and formatted texts of the report."""

import io
from datetime import date

import pytest
from django.utils import translation
from docx import Document
from docx.oxml.ns import qn
from PIL import Image

from reports.compose import compose
from reports.models import ReportPreset, Section
from reports.presets import DEFAULT
from reports.word_fields import formatted
from reports.word_template import fields_of
from tests.factories import ActivityFactory
from tests.reports.conftest import SIGNED_ON
from tests.reports.test_pictures import photo_of
from tests.reports.test_template_file import refusals
from tests.reports.test_word_templates import filled, keep
from tests.reports.word_files import word_file, words_of

pytestmark = pytest.mark.django_db

DOC_PR = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
TEXT = """Une **première** année *utile*.

## Suite

- un
- deux

1. trois
2. quatre"""


@pytest.fixture
def fill(client, world, report):
    """Fills a template of these paragraphs, and returns the Word file."""
    preset = ReportPreset.objects.get(key=DEFAULT)

    def fill(*paragraphs, **parts):
        by = world.people["administrator"]
        template = keep(preset, by, content=word_file(*paragraphs, **parts))
        client.force_login(world.people["coordinator"])
        return Document(io.BytesIO(filled(client, report, template).content))

    return fill


def described(word):
    return [one.get("descr") for one in word.element.iter(DOC_PR)]


def pictures_of(word):
    found = [one.target_part for one in word.part.rels.values() if one.reltype.endswith("/image")]
    return [Image.open(io.BytesIO(part.blob)) for part in found]


def test_a_formatted_text_keeps_paragraphs_lists_and_bold_words(report, fill):
    Section.objects.filter(report=report, kind="summary").update(text=TEXT)

    word = fill("Avant", "{{p formatted.summary }}", "Après")

    lines = [line for line in word.paragraphs if line.text]
    assert [line.text for line in lines][1:] == [
        "Avant",
        "Une première année utile.",
        "Suite",
        "•\tun",
        "•\tdeux",
        "1.\ttrois",
        "2.\tquatre",
        "Après",
    ]
    runs = [run for line in lines[2:-1] for run in line.runs]
    assert [run.text for run in runs if run.bold] == ["première", "Suite"]
    assert [run.text for run in runs if run.italic] == ["utile"]


def test_an_empty_formatted_text_leaves_a_cell_that_word_can_read(report, fill):
    Section.objects.filter(report=report, kind="lessons").delete()

    word = fill(
        "{%p if formatted.lessons %}",
        "Leçons",
        "{%p endif %}",
        rows=[["Leçons apprises", "{{p formatted.lessons }}"]],
    )

    assert "Leçons" not in [line.text for line in word.paragraphs]
    assert [cell.text for cell in word.tables[0].rows[0].cells] == ["Leçons apprises", ""]
    for cell in word.element.body.iter(qn("w:tc")):
        assert cell.findall(qn("w:p"))


def test_charts_are_pictures_with_their_captions_and_are_described(report, fill):
    document = compose(report, language="fr", audience="donor", as_of=SIGNED_ON)
    figures = fields_of(document, is_draft=True)["figures"]

    word = fill(
        "{%p for row in figures %}", "{{ row.caption }}", "{{ row.picture }}", "{%p endfor %}"
    )

    assert figures
    told = [line.text for line in word.paragraphs if line.text]
    assert told[1:] == [row["caption"] for row in figures]
    assert described(word) == [row["picture"]["spoken"] for row in figures]
    assert {picture.format for picture in pictures_of(word)} == {"PNG"}
    numbers = [one.get("id") for one in word.element.iter(DOC_PR)]
    assert len({*numbers}) == len(numbers)


def test_the_charts_of_one_section_alone(report, fill):
    document = compose(report, language="fr", audience="donor", as_of=SIGNED_ON)
    fields = fields_of(document, is_draft=True)
    (section, *_more) = [row["section"] for row in fields["figures"]]

    word = fill(f"{{%p for one in charts.{section} %}}", "{{ one.picture }}", "{%p endfor %}")

    assert described(word) == [row["picture"]["spoken"] for row in fields["charts"][section]]


def test_a_photograph_is_shown_as_long_as_people_consent(world, fill):
    photo = photo_of(
        ActivityFactory(
            project=world.project,
            actual_start=date(2019, 7, 1),
            actual_end=date(2019, 7, 2),
        )
    )
    loop = (
        "{%p for row in photographs %}",
        "{{ row.picture }}",
        "{{ row.caption }}",
        "{%p endfor %}",
    )

    word = fill(*loop, head="{{ project_code }}")

    assert [one.format for one in pictures_of(word)] == ["JPEG"]
    assert photo.title in words_of_word(word)


def test_what_was_withdrawn_is_not_in_the_fields(world, report):
    photo = photo_of(
        ActivityFactory(
            project=world.project, actual_start=date(2019, 7, 1), actual_end=date(2019, 7, 2)
        )
    )
    document = compose(report, language="fr", audience="donor", as_of=SIGNED_ON)
    assert fields_of(document, is_draft=False)["photographs"]

    type(photo).objects.filter(pk=photo.pk).update(consent="none", audience="team")

    assert fields_of(document, is_draft=False)["photographs"] == []


def test_a_picture_is_shown_in_the_running_lines(report, fill):
    word = fill(
        "Texte",
        head="{% for row in figures %}{% if row.section == 'annex_logic' %}{{ row.picture }}"
        "{% endif %}{% endfor %}",
    )

    header = word.sections[0].header
    shown = list(header._element.iter(DOC_PR))
    assert [one.reltype.endswith("/image") for one in header.part.rels.values()] == [True] * len(
        shown
    )


@pytest.mark.parametrize(
    ("paragraph", "words"),
    [
        ("Avant {{ formatted.summary }}", "write it alone in its paragraph"),
        ("{{ formatted.summary }}", "write it alone in its paragraph"),
        ("{{p formatted.sumary }}", "fields are unknown: “formatted.sumary”"),
        ("{{p formatted }}", "“formatted” is a list or a group"),
        ("{{ charts.finances }}", "“charts.finances” is a list or a group"),
        ("{{ figures.picture }}", "fields are unknown: “figures.picture”"),
        ("{%p for row in figures %}", "near"),
        ("{% for row in figures %}{{ row.picture|upper }}{% endfor %}", "is a list or a group"),
        ("{{p formatted.summary|upper }}", "is a list or a group"),
        ("{% for row in photographs %}{{ row.picture.svg }}{% endfor %}", "fields are unknown"),
    ],
)
def test_a_wrong_place_or_name_is_answered_by_a_sentence(db, paragraph, words):
    assert words in refusals(word_file(paragraph))


def test_words_that_look_like_a_template_or_like_xml_stay_words(report, fill):
    told = "{{ 7*7 }} {% for x in y %} <w:p> & ]]>"
    Section.objects.filter(report=report, kind="summary").update(text=f"`{told}`")

    assert told in words_of_word(fill("{{p formatted.summary }}"))


def test_a_list_within_a_list_is_indented_and_numbered_by_itself():
    with translation.override("fr"):
        paragraphs = formatted("1. un\n   - deux\n   - trois\n2. quatre")

    assert [(row["mark"], row["depth"]) for row in paragraphs] == [
        ("1.", 1),
        ("•", 2),
        ("•", 2),
        ("2.", 1),
    ]
    assert formatted("") == []


def words_of_word(word):
    target = io.BytesIO()
    word.save(target)
    return words_of(target.getvalue())

"""The samples in `docs/samples`: all that the command makes, small, and each in its language."""

import io
import re

import pytest
from docx import Document
from pypdf import PdfReader

from scripts import samples

LARGEST = 3_000_000  # all together
FILES = {
    sample.file(language): language for sample in samples.SAMPLES for language in sample.languages
}


def read(name):
    return (samples.TARGET / name).read_bytes()


def test_the_folder_has_what_the_command_makes_and_the_page_names_each():
    there = {path.name for path in samples.TARGET.iterdir()} - {"README.md"}
    named = set(re.findall(r"\((\S+\.(?:pdf|docx))\)", read("README.md").decode()))

    assert there == named == {*FILES}


def test_they_stay_small():
    assert sum(len(read(name)) for name in FILES) < LARGEST


@pytest.mark.every_case
@pytest.mark.parametrize("name", FILES)
def test_each_opens_in_its_language_and_says_that_it_is_illustrative(name):
    language = FILES[name]
    if name.endswith(".docx"):
        word = Document(io.BytesIO(read(name)))
        assert word.core_properties.language.startswith(language)
        return
    reader = PdfReader(io.BytesIO(read(name)))
    assert reader.trailer["/Root"]["/Lang"] == language
    told = " ".join(page.extract_text() for page in reader.pages[:3])
    assert "llustrati" in told or "lustrati" in told or "convocation" in name


def test_the_annual_report_shows_money_measured_outputs_and_drawings():
    reader = PdfReader(io.BytesIO(read("honduras-year-1-en.pdf")))
    told = " ".join(" ".join(page.extract_text() for page in reader.pages).split())

    for words in ("Financial report", "380,014.65", "1111.1", "1321.1", "dibujada"):
        assert words in told, words
    pictures = [image for page in reader.pages for image in page.images]
    assert len(pictures) >= 4


@pytest.mark.deep(part="samples")
def test_made_again_they_have_the_same_bytes(tmp_path):
    """And those in the repository are what the code makes today."""
    samples.main(tmp_path)

    assert [name for name in FILES if (tmp_path / name).read_bytes() != read(name)] == []

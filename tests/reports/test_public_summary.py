"""The public summary of results: in a report in all its languages, and in the file of IATI."""

from datetime import date

import pytest
from django.utils import translation
from lxml import etree

from projects.iati.document import IatiDocument, IatiOrganisation
from projects.iati.export import LANG, to_xml
from projects.iati.publishable import publishable_file
from projects.iati.read import open_file, read_activity
from projects.iati.sources import public_summary
from reports.compose import compose, gaps
from reports.models import Report
from tests.factories import (
    ContactFactory,
    PeriodFactory,
    ReportFactory,
    SectionFactory,
    SnapshotFactory,
)
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db
KIND = "annex_summary"


@pytest.fixture
def summed_up(world, report):
    SectionFactory(report=report, kind=KIND, text="**Mieux** [[I 1100.1|formées]] [[I 1100.1]].")
    SectionFactory(report=report, kind=KIND, language="en", text="Better.")
    return report


def accept(report):
    Report.objects.filter(pk=report.pk).update(
        status="accepted",
        accepted_on=SIGNED_ON,
        snapshot=SnapshotFactory(report=report),
        signed_off_by=report.written_by,
        signed_off_on=SIGNED_ON,
        four_eyes_exception="Nobody else.",
    )


def summary_of(project):
    return public_summary(project.pk)


def annex(report, language):
    chapters = compose(report, language=language, audience="donor", as_of=SIGNED_ON)["chapters"]
    return next(one for one in chapters if one["kind"] == KIND)


def texts(chapter):
    others = [one for one in chapter["blocks"] if one["type"] in ("heading", "prose")]
    return [(one["text"], one["lang"]) for one in others]


def test_the_report_shows_it_in_the_other_languages_under_their_names(summed_up):
    in_english, in_spanish = annex(summed_up, "en"), annex(summed_up, "es")

    assert in_english["narrative"] == {"text": "Better.", "lang": ""}
    assert texts(in_english)[0] == ("Français", "fr")
    assert texts(in_english)[1][0].startswith("**Mieux**")
    # Nobody wrote it in Spanish: its reader finds both.
    assert {in_spanish["narrative"]["lang"], texts(in_spanish)[1][1]} == {"fr", "en"}


def test_missing_asks_for_a_second_language(report):
    SectionFactory(report=report, kind=KIND, language="en", text="Better.")

    def asked():
        with translation.override("en"):
            return sum("two are needed" in gap["sentence"] for gap in gaps(report))

    before = asked()
    SectionFactory(report=report, kind=KIND, text="Mieux.")

    assert (before, asked()) == (1, 0)


def test_iati_has_it_without_marks_once_the_donor_accepted_the_report(world, summed_up):
    before = summary_of(world.project)
    accept(summed_up)

    assert before == {}
    assert summary_of(world.project) == {"fr": "Mieux formées.", "en": "Better."}


def test_the_file_has_it_as_a_description_in_each_language(world):
    texts = {"fr": "Mieux.", "en": "Better."}
    document = IatiDocument("XX-1", IatiOrganisation(), {"fr": "T"}, "2", summary=texts)

    (found,) = etree.fromstring(to_xml(document)).iter("description")

    assert found.get("type") == "4"
    assert [(one.get(LANG), one.text) for one in found] == [(None, "Mieux."), ("en", "Better.")]


@pytest.mark.parametrize("note", [{}, {"4": {"fr": "Des archives."}}])
def test_a_file_that_comes_back_does_not_take_it_for_the_note_on_sources(note):
    document = IatiDocument(
        "XX-1",
        IatiOrganisation(),
        {"fr": "T"},
        "2",
        currency="EUR",
        descriptions={"1": {"fr": "D."}, **note},
        summary={"fr": "Mieux."},
    )

    opened = open_file(to_xml(document))
    with translation.override("en"):
        reading = read_activity(opened, opened.activities[0])

    assert reading.document.descriptions == document.descriptions
    left = [one for one in reading.left_out if "summary of a report" in str(one)]
    assert len(left) == 1


def test_a_name_in_it_stops_the_file(world, summed_up):
    ContactFactory(institution=world.institutions["partner"], full_name="Rol Ejemplar Inventado")
    SectionFactory(report=summed_up, kind=KIND, language="es", text="Rol Ejemplar Inventado fue.")
    accept(summed_up)

    with translation.override("en"):
        missing = publishable_file(world.project).missing

    assert [one for one in missing if one.startswith("Public summary of results")] == [
        "Public summary of results: the text names a person or an institution at risk. Change it first."
    ]


def test_the_latest_report_speaks(world, summed_up):
    accept(summed_up)
    later = ReportFactory(
        period=PeriodFactory(
            project=world.project, number=2, start=date(2020, 10, 1), end=date(2021, 9, 30)
        ),
        written_by=summed_up.written_by,
    )
    SectionFactory(report=later, kind=KIND, language="es", text="Más.")
    while_it_is_written = summary_of(world.project)
    accept(later)

    assert while_it_is_written == {"fr": "Mieux formées.", "en": "Better."}
    assert summary_of(world.project) == {"es": "Más."}

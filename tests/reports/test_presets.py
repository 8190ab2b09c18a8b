"""What a preset decides: which chapters a report has, in which order, by which names."""

from datetime import date
from string import ascii_uppercase

import pytest
from django.core.management import call_command
from django.urls import reverse
from pytest_django.asserts import assertContains

from reports.compose import compose
from reports.compose.gaps import GapReading, activities_without_days
from reports.models import PresetSection, ReportPreset, SectionKind
from reports.presets import DEFAULT, load_presets, standard_presets
from tests.factories import ActivityFactory, PeriodFactory, SectionFactory
from tests.reports.conftest import SIGNED_ON
from tests.reports.shelves import standing_report

pytestmark = pytest.mark.django_db

# What the report of the tests has to tell, by the preset of results.
RESULTS = [
    *("summary", "context", "progress", "cross_cutting", "changes", "governance"),
    *("annex_logic", "annex_framework", "annex_decisions"),
]


def chapters(report, language="fr"):
    document = compose(report, language=language, audience="donor", as_of=SIGNED_ON)
    return [(one["number"], one["kind"], one["title"]) for one in document["chapters"]]


def follow(report, key):
    report.preset = ReportPreset.objects.get(key=key)
    report.save()
    return report


def test_every_portal_begins_with_the_presets_of_the_files():
    kinds = {preset.key: preset.kinds for preset in ReportPreset.objects.with_related()}

    assert kinds == {
        row["key"]: [SectionKind(kind) for kind in row["sections"]] for row in standard_presets()
    }
    assert kinds[DEFAULT] == list(SectionKind)


def test_loading_again_overwrites_nothing_that_was_changed():
    changed = ReportPreset.objects.get(key=DEFAULT)
    changed.title_fr = "Notre rapport"
    changed.save()
    changed.sections.filter(kind="lessons").delete()

    load_presets(ReportPreset, PresetSection)

    changed.refresh_from_db()
    assert changed.title_fr == "Notre rapport"
    assert "lessons" not in [kind.value for kind in changed.kinds]
    assert ReportPreset.objects.count() == len(standard_presets())


def test_what_was_emptied_has_its_presets_again():
    ReportPreset.objects.all().delete()

    call_command("migrate", verbosity=0)

    assert ReportPreset.objects.count() == len(standard_presets())


def test_a_results_report_leaves_out_the_activities(report):
    kinds = [kind for _number, kind, _title in chapters(follow(report, "gac-results"))]

    assert kinds == RESULTS


def test_the_names_and_the_order_are_those_of_the_donor(report):
    found = chapters(follow(report, "eu-interim"), "en")

    assert found[:3] == [
        ("1", "context", "Description of the action"),
        ("2", "summary", "Executive summary"),
        ("3", "progress", "Results against the logical framework"),
    ]


def test_an_annex_has_a_letter_and_comes_last(report):
    SectionFactory(report=report, kind="annex_stories", text="Une histoire.")
    first = report.preset.sections.get(kind="annex_stories")
    first.position = 0
    first.save()

    letters = [one[:2] for one in chapters(report) if one[1].startswith("annex_")]

    assert letters[0] == ("A", "annex_stories")
    assert [letter for letter, _kind in letters] == list(ascii_uppercase[: len(letters)])
    assert [one[:2] for one in chapters(report)][-len(letters) :] == letters


def test_a_final_report_tells_of_the_whole_project(world, report):
    follow(report, "gac-final")

    document = compose(report, language="en", audience="donor", as_of=SIGNED_ON)
    facts = {fact["label"]: fact["value"] for fact in document["facts"]}

    assert report.start == world.project.starts_on
    assert facts["Reporting period"] == "April 1, 2019 – March 31, 2020"
    assert (document["heading"], document["period_name"]) == ("Final report", "Whole project")
    assert str(report) == "Rapport final"


def test_every_page_tells_the_whole_time_of_a_final_report(client, world):
    last = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    report = follow(standing_report(world, last), "gac-final")
    client.force_login(world.people["coordinator"])

    for url in (
        report.get_absolute_url(),
        reverse("projects:reports", args=[world.project.code]),
        reverse("reports:verify-code", args=[report.snapshot.code]),
    ):
        assertContains(client.get(url), "April 1, 2019 – March 31, 2021")
    in_table = "Apr 1, 2019 – Mar 31, 2021".replace(" ", "\xa0").replace("\xa0–\xa0", " – ")
    assertContains(client.get(reverse("reports:list")), in_table)


def test_what_a_final_report_lacks_may_lie_in_an_earlier_year(world, report):
    last = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    ActivityFactory(project=world.project, planned_end=world.year.end, title_fr="Muette")
    report.period = last

    before = list(activities_without_days(GapReading(report)))
    follow(report, "gac-final")

    ((_url, sentence),) = activities_without_days(GapReading(report))
    assert (before, "Muette" in sentence) == ([], True)

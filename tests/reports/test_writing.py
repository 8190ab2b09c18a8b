"""Beginning a report and writing its sections."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from kernel.personal import CHECKED
from kernel.refusal import Refusal
from reports.models import Report, ReportPreset, Section
from reports.presets import DEFAULT
from reports.services.writing import create_report, save_section
from tests.factories import PeriodFactory, ReportFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(client, world):
    client.force_login(world.people["coordinator"])
    return world.people["coordinator"]


def preset(key=DEFAULT):
    return ReportPreset.objects.get(key=key)


def address(report, kind="summary", language="fr"):
    return reverse("reports:section", args=[report.pk, kind, language])


def test_a_report_is_begun_for_a_period(client, world, coordinator):
    url = reverse("reports:create", args=["HN-1"])

    response = client.post(url, {"period": world.year.pk, "preset": preset().pk})

    begun = Report.objects.get()
    assert response.url == begun.get_absolute_url()
    assert (begun.project, begun.period, begun.version) == (world.project, world.year, 1)
    assert begun.written_by == coordinator


def test_the_same_form_sent_twice_begins_one(client, world, coordinator):
    url = reverse("reports:create", args=["HN-1"])

    client.post(url, {"period": world.year.pk, "preset": preset().pk})
    second = client.post(url, {"period": world.year.pk, "preset": preset().pk})

    begun = Report.objects.get()
    assert second.status_code == 200
    [refusal] = second.context["form"].errors["period"]
    assert f'<a href="{begun.get_absolute_url()}">' in refusal
    assert refusal in second.content.decode()


def test_a_period_may_have_reports_of_several_kinds_and_one_of_each(client, world, coordinator):
    url = reverse("reports:create", args=["HN-1"])

    for key in (DEFAULT, "gac-results", "gac-results"):
        client.post(url, {"period": world.year.pk, "preset": preset(key).pk})

    begun = Report.objects.order_by("pk")
    assert [report.preset.key for report in begun] == [DEFAULT, "gac-results"]
    assert [str(report.version) for report in begun] == ["1", "1"]


def test_two_who_begin_at_once_get_one_and_the_second_is_told(world, coordinator):
    create_report(world.year, by=coordinator)

    with pytest.raises(ValidationError, match="1"):
        create_report(world.year, by=coordinator)


def test_a_semi_annual_report_is_on_a_semester(client, world, coordinator):
    url, half = reverse("reports:create", args=["HN-1"]), preset("gac-semiannual")
    semester = PeriodFactory(
        project=world.project,
        kind="semester",
        number=2,
        start=world.year.start,
        end=world.year.start + timedelta(days=180),
    )

    on_a_year = client.post(url, {"period": world.year.pk, "preset": half.pk})
    a_year_on_half = client.post(url, {"period": semester.pk, "preset": preset().pk})
    client.post(url, {"period": semester.pk, "preset": half.pk})

    assert "period" in on_a_year.context["form"].errors
    assert "period" in a_year_on_half.context["form"].errors
    with translation.override("en"):
        assert str(Report.objects.get()).endswith(", half-year 2")


def test_a_period_of_another_project_is_refused(client, world, coordinator):
    foreign = ReportFactory(project=world.neighbour, period__project=world.neighbour).period

    response = client.post(
        reverse("reports:create", args=["HN-1"]),
        {"period": foreign.pk, "preset": preset().pk},
    )

    assert "period" in response.context["form"].errors
    assert not Report.objects.filter(project=world.project).exists()


def test_a_section_is_kept_with_its_writer_and_version(client, report, coordinator):
    response = client.post(address(report, "lessons"), {"text": "Une leçon.", "seen_version": 0})

    section = report.sections.get(kind="lessons")
    assert response.url == f"{report.get_absolute_url()}?language=fr#sections"
    assert (section.text, section.version, section.updated_by) == ("Une leçon.", 1, coordinator)
    assert [row.text for row in section.history.filter(version__gt=0)] == ["Une leçon."]


def test_the_second_of_two_who_write_is_told_and_keeps_the_text(client, report, coordinator):
    client.post(address(report), {"text": "Premier.", "seen_version": 1})

    second = client.post(address(report), {"text": "Second.", "seen_version": 1})
    page = second.content.decode()
    third = client.post(address(report), {"text": "Second.", "seen_version": 2})

    assert "Second." in page
    # The two texts that are to be compared are close to each other.
    assert page.index("Second.") < page.index("Premier.") < page.index("data-cite=")
    assert 'name="seen_version" value="2"' in page
    assert third.status_code == 302
    assert report.sections.get(kind="summary").text == "Second."


def test_the_preview_without_javascript_keeps_nothing(client, report, coordinator):
    response = client.post(address(report), {"text": "**Neuf**", "seen_version": 1, "preview": "1"})

    assert "<strong>Neuf</strong>" in response.content.decode()
    assert report.sections.get(kind="summary").version == 1


def test_the_preview_with_javascript_answers_safe_html(client, report, coordinator):
    hostile = "**gras** <script>alert(1)</script> ![x](http://127.0.0.1/)"

    response = client.post(reverse("reports:preview"), {"text": hostile})
    page = response.content.decode()

    assert "<strong>gras</strong>" in page
    assert "<script" not in page
    assert "<img" not in page


def test_a_text_too_long_to_preview_is_no_server_error(client, coordinator):
    response = client.post(reverse("reports:preview"), {"text": "x" * 30_000})

    assert response.status_code == 200


def test_what_looks_like_a_person_is_asked_about_before_it_is_kept(client, report, coordinator):
    entry = {"text": "Appeler le +504 9999-9999.", "seen_version": 1}

    asked = client.post(address(report), entry)
    [key] = re.findall(rf'name="{CHECKED}" value="([^"]+)"', asked.content.decode())
    assert report.sections.get(kind="summary").version == 1
    response = client.post(address(report), entry | {CHECKED: key}, follow=True)

    assert report.sections.get(kind="summary").version == 2
    assert [m.level_tag for m in response.context["messages"]] == ["success"]


@pytest.mark.parametrize(
    ("kind", "language"), [("nonsense", "fr"), ("summary", "de"), ("summary", "fr-ca")]
)
def test_an_unknown_section_does_not_exist(client, report, coordinator, kind, language):
    assert client.get(address(report, kind, language)).status_code == 404


def test_a_signed_report_is_not_written_any_more(client, signed, coordinator):
    refused = client.post(address(signed), {"text": "Autre.", "seen_version": 1})
    with pytest.raises(Refusal):
        save_section(signed, "summary", "fr", "Autre.", seen_version=1, by=coordinator)

    assert refused.status_code == 403
    assert signed.sections.get(kind="summary").text == "Une première année **utile**."


def test_the_page_says_what_the_checklist_would_miss(client, world, report, coordinator):
    report.sections.filter(kind="context").delete()
    world.indicator.data_points.filter(kind="actual").delete()

    gaps = client.get(report.get_absolute_url()).context["gaps"]

    assert [gap["url"] for gap in gaps] == [
        address(report, "context", "en"),
        address(report, f"result-{world.result.pk}", "en"),
        address(report, "summary", "en"),
        world.indicator.get_absolute_url(),
        reverse("projects:logic-model", args=["HN-1"]),
    ]


def test_the_page_shows_words_and_writers(client, report, coordinator):
    page = client.get(report.get_absolute_url()).content.decode()

    assert Section.objects.get(report=report, kind="summary").words == 4
    assert str(coordinator) in page

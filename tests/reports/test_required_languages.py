"""A report that lacks a language which the agreement requires is submitted only with a reason."""

import pytest
from django.urls import reverse
from django.utils import translation

from kernel.lifecycle import StatusChange
from kernel.refusal import Refusal
from reports.models import Report
from reports.services.steps import submit_report
from reports.services.writing import languages_lacking

SENTENCE = "The agreement requires the report in Spanish: say why it is submitted without."


@pytest.fixture
def lacking(signed_plainly):
    """The report has sections in French and English."""
    signed_plainly.project.report_languages = ["es", "en"]
    signed_plainly.project.save()
    signed_plainly.sections.filter(language="es").delete()
    kinds = signed_plainly.sections.values_list("kind", flat=True)
    signed_plainly.sections.exclude(kind="context").delete()
    assert set(kinds) == {"context"}
    return signed_plainly


def test_a_language_lacks_where_a_section_is_not_written_in_it(lacking):
    assert languages_lacking(lacking) == ["es"]

    lacking.sections.filter(language="en").update(text="")
    assert languages_lacking(lacking) == ["es", "en"]

    lacking.project.report_languages = []
    assert languages_lacking(lacking) == []


def test_it_is_not_submitted_without_a_reason(world, lacking):
    with translation.override("en"), pytest.raises(Refusal, match=SENTENCE):
        submit_report(lacking, by=world.people["coordinator"])

    lacking.refresh_from_db()
    assert lacking.status == Report.Status.SIGNED_OFF


def test_how_the_donor_gets_it_is_no_reason_why_a_language_lacks(world, lacking):
    way = "Delivered in another way: Letter."
    with translation.override("en"), pytest.raises(Refusal, match=SENTENCE):
        submit_report(lacking, by=world.people["coordinator"], delivered=way)

    submit_report(lacking, by=world.people["coordinator"], delivered=way, why="Later.")

    assert lacking.status_changes.last().why == f"{way} Later."


def test_the_page_asks_for_the_reason_and_the_history_has_it(client, world, lacking):
    client.force_login(world.people["coordinator"])
    page = reverse("reports:step", args=[lacking.pk, "submit"])

    asked = client.post(page, {"on": "", "why": ""})
    client.post(page, {"on": "", "why": "La traduction arrive en mai."})

    lacking.refresh_from_db()
    assert asked.context["form"].errors.keys() == {"why"}
    assert [warning for warning in asked.context["warnings"] if "Spanish" in warning]
    assert lacking.status == Report.Status.SUBMITTED
    assert StatusChange.objects.filter(object_id=lacking.pk, to_status="submitted").get().why == (
        "La traduction arrive en mai."
    )

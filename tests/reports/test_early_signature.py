"""A report is signed before its period is over, or with required sections empty, only with a reason."""

from datetime import timedelta

import pytest
from django.urls import reverse

from kernel.lifecycle import StatusChange
from kernel.refusal import Refusal
from reports.services.steps import sign_off, why_early
from tests.reports.conftest import SIGNED_ON


@pytest.fixture
def reviewed(world, report):
    report.take("review", by=world.people["coordinator"])
    return report


def test_a_report_that_is_due_and_whole_needs_no_reason(reviewed):
    assert why_early(reviewed, reviewed.end + timedelta(days=1)) == []


def test_before_the_end_of_the_period_a_reason_is_asked(world, reviewed):
    with pytest.raises(Refusal, match="2020"):
        sign_off(reviewed, by=world.people["monitoring"], on=reviewed.end)

    reviewed.refresh_from_db()
    assert reviewed.status == "in_review"


def test_an_empty_required_section_asks_for_a_reason_that_the_history_keeps(
    client, world, reviewed
):
    reviewed.sections.filter(kind="context").update(text="", words=0)
    client.force_login(world.people["coordinator"])
    page = reverse("reports:step", args=[reviewed.pk, "sign_off"])
    reviewed.sections.update(updated_by=world.people["monitoring"])

    with pytest.raises(Refusal, match="Conte"):
        sign_off(reviewed, by=world.people["finance"], on=SIGNED_ON)
    asked = client.get(page)
    done = client.post(page, {"on": "", "why": "Le contexte suivra."})

    reviewed.refresh_from_db()
    assert [sentence for sentence in asked.context["warnings"] if "Conte" in sentence]
    assert done.url == reviewed.get_absolute_url()
    change = StatusChange.objects.filter(object_id=reviewed.pk, verb="sign_off").get()
    assert change.why == "Le contexte suivra."


def test_only_a_writer_makes_an_exception_from_four_eyes(world, reviewed):
    sign_off(reviewed, by=world.people["monitoring"], on=reviewed.end, why="La fin est connue.")

    reviewed.refresh_from_db()
    assert reviewed.four_eyes_exception == ""

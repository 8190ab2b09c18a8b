"""The confidential annex: who may be named in documents, for the donor and those who prepare it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AccessEvent
from partners.models import Contact
from reports.kinds import compose, kind_of
from reports.models import About, DocumentKind, Rendition, Report
from reports.permissions.documents import (
    every_visible_rendition,
    is_shareable,
    may_request,
)
from reports.services.requesting import record_download, request_rendition
from reports.tasks import render_rendition
from tests.factories import AttendanceFactory, say
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def about(world, report):
    """Three who came in the period: one agreed, one did not, and one is a minor."""
    Report.objects.filter(pk=report.pk).update(period=world.year)
    names = {"member": "Agreed Person", "partner": "Silent Person", "embassy": "Young Person"}
    for role, name in names.items():
        contact = world.institutions[role].contacts.first()
        Contact.objects.filter(pk=contact.pk).update(
            full_name=name, may_be_named=role == "member", is_minor=role == "embassy"
        )
        AttendanceFactory(
            meeting=world.meeting,
            seat=None,
            contact=contact,
            institution=contact.institution,
            guest_name=name,
            presence="in_person",
        )
    type(world.meeting).objects.filter(pk=world.meeting.pk).update(
        starts_at=f"{report.start.isoformat()}T15:00Z", ends_at=f"{report.start.isoformat()}T17:00Z"
    )
    return About(Report.objects.get(pk=report.pk), DocumentKind.PERSONS)


def texts(value):
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for each in value for text in texts(each)] if isinstance(value, list) else []


def test_it_names_those_who_agreed_alone(about):
    with translation.override("en"):
        document = compose(about, language="en", audience="donor", as_of=SIGNED_ON)
    found = " ".join(texts(document["blocks"]))

    assert "Agreed Person" in found
    assert "Silent Person" not in found
    assert "Young Person" not in found
    assert "Confidential" in found


@pytest.mark.parametrize(
    ("zone", "is_of_the_period"),
    [("Asia/Tokyo", False), ("America/Tegucigalpa", True)],
)
def test_the_day_of_a_meeting_is_that_of_its_place(about, world, zone, is_of_the_period):
    """Late in the evening of the last day in Honduras, where the reader's clock shows the next."""
    day = about.thing.end + timedelta(days=1)
    begins = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    type(world.meeting).objects.filter(pk=world.meeting.pk).update(
        starts_at=begins, ends_at=begins + timedelta(hours=1), time_zone=zone
    )

    with timezone.override("Europe/Paris"), translation.override("en"):
        document = compose(about, language="en", audience="donor", as_of=SIGNED_ON)
        meeting = str(type(world.meeting).objects.get(pk=world.meeting.pk))

    assert (meeting in " ".join(texts(document["blocks"]))) == is_of_the_period


def test_it_says_what_is_recorded_and_no_consent_that_nobody_gave(about):
    with translation.override("en"):
        document = compose(about, language="en", audience="donor", as_of=SIGNED_ON)
    found = " ".join(texts(document["blocks"]))

    assert "may be named in documents" in found
    assert "agreed" not in found.replace("Agreed Person", "")


def test_staff_of_an_institution_that_the_donor_may_not_know_are_not_named(world, about):
    """Beside a neutral designation, the name of a director would tell which institution it is."""
    hidden = world.institutions["member"]
    say(hidden, "committee", "partners")
    found = {
        audience: " ".join(
            texts(compose(about, language="en", audience=audience, as_of=SIGNED_ON)["blocks"])
        )
        for audience in ("donor", "coordination")
    }

    assert {audience: "Agreed Person" in text for audience, text in found.items()} == {
        "donor": False,
        "coordination": True,
    }


def test_nobody_who_agreed_means_no_annex(about):
    assert kind_of(about).applies(about)
    Contact.objects.update(may_be_named=False)
    assert not kind_of(about).applies(about)


def test_no_report_names_those_who_agreed(about):
    report = About(about.thing)
    for audience in kind_of(report).audiences:
        document = compose(report, language="en", audience=audience, as_of=SIGNED_ON)
        assert "Agreed Person" not in " ".join(texts(document))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("coordinator", True),
        ("administrator", True),
        ("donor", True),
        ("monitoring", False),
        ("finance", False),
        ("member", False),
        ("partner", False),
        ("embassy", True),
    ],
)
def test_who_may_ask_for_it(world, about, role, may):
    Report.objects.filter(pk=about.thing.pk).update(status="draft")
    of_draft = About(Report.objects.get(pk=about.thing.pk), DocumentKind.PERSONS)
    about.thing.status = "submitted"

    assert may_request(world.people[role], about) is may
    assert may_request(world.people[role], of_draft) is (may and role not in {"donor", "embassy"})


def test_it_is_made_for_donor_and_coordination_alone(about):
    assert [str(each) for each in kind_of(about).audiences] == ["donor", "coordination"]


def test_only_who_asked_finds_it_it_is_never_shared_and_each_download_is_logged(world, about):
    donor, coordinator = world.people["donor"], world.people["coordinator"]
    rendition = request_rendition(about, language="en", audience="donor", by=coordinator)
    render_rendition(rendition.pk)
    made = Rendition.objects.get(snapshot__kind=DocumentKind.PERSONS)

    assert made.is_ready
    assert not made.snapshot.is_final
    assert not is_shareable(made)
    for role in ("member", "partner", "embassy", "monitoring", "donor"):
        assert made not in every_visible_rendition(world.people[role])
    assert made in every_visible_rendition(coordinator)

    record_download(made, by=donor)
    event = AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD).latest("pk")
    assert event.details["document"] == DocumentKind.PERSONS


def test_the_page_of_the_report_leads_to_it_for_those_who_may_ask(client, world, about):
    link = reverse("reports:documents", args=["report", about.thing.pk])
    page = about.thing.get_absolute_url()

    client.force_login(world.people["coordinator"])
    assert link in client.get(page).content.decode()
    client.force_login(world.people["monitoring"])
    assert link not in client.get(page).content.decode()

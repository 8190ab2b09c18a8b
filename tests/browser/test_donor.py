"""A report from its first section to the donor's download of the published PDF."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import AccessEvent
from reports.models import Report
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE = 120_000  # milliseconds for six documents on a machine that is busy


def test_a_report_from_its_first_section_to_the_donor(open_page, celery_worker):
    world = World()
    world.project.languages = world.project.report_languages = ["en"]  # two files instead of six
    world.project.save()
    celery_worker.kill()  # whatever is asked for waits until it comes back

    def page_of(role, path="/"):
        page = open_page(path, user=world.people[role], language="en")
        page.set_default_timeout(20_000)
        return page

    coordinator = page_of("coordinator", f"/reports/new/{world.project.code}/")
    coordinator.get_by_role("button", name="Start the report").click()
    write(coordinator, "Executive summary", "The **year** in short.")
    write(coordinator, "Context", "The context changed.")
    take(coordinator, "Send for internal review")
    report = Report.objects.get()
    take(page_of("monitoring", report.get_absolute_url()), "Sign off")
    coordinator.reload()
    take(coordinator, "Submit to the donor")
    take(coordinator, "Publish")

    ask_for_the_pdf(coordinator)
    coordinator.get_by_role("link", name="PDF English, Donor, Signed").click()
    expect(coordinator.get_by_text("In the queue")).to_be_visible()
    celery_worker.start()
    ready = coordinator.get_by_role("link", name="English", exact=True)
    expect(ready).to_be_visible(timeout=PATIENCE)

    donor = page_of("donor")
    download(donor, report, world.people["donor"])
    coordinator.goto(report.get_absolute_url())
    expect(coordinator.get_by_text("Rôle — donor").first).to_be_visible()
    the_code_is_genuine(open_page, Report.objects.get().snapshot.code)


def write(page, section, text):
    page.get_by_role("link", name=f"Write {section}", exact=True).click()
    page.get_by_role("main").get_by_role("textbox").fill(text)
    page.locator("[data-md-preview]").click()
    expect(page.locator(".md-preview")).to_contain_text(text.replace("*", ""))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The section was saved.")).to_be_visible()


def take(page, step):
    page.get_by_role("link", name=step, exact=True).click()
    page.get_by_role("button", name=step, exact=True).click()
    expect(page.get_by_text(re.compile("^The report (was|is) ")).first).to_be_visible()


def ask_for_the_pdf(page):
    page.get_by_text("Ask for a PDF").click()
    for language in ("French", "Spanish"):
        page.get_by_label(language).uncheck()
    page.get_by_role("button", name="Prepare the PDF").click()
    expect(page.get_by_text("The document is being prepared")).to_be_visible()


def download(page, report, person):
    expect(page.get_by_role("heading", name="Reports to download")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="English – ").click()

    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF-")
    event = AccessEvent.objects.about(report).get(kind=AccessEvent.Kind.DOWNLOAD)
    assert (event.key, event.details["language"]) == (person.pseudonym.key, "en")


def the_code_is_genuine(open_page, code):
    page = open_page("/verify/", language="en")
    page.get_by_label("Verification code").fill(code.lower())
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("This code is that of a document of this portal")).to_be_visible()

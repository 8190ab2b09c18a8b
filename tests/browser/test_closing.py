"""The end of a project, from the last letter to the archive on somebody's disk: the coordination files
documents on a phone, closes the project although something is open, and hands over an archive that is
read without a network. An administrator reopens it."""

import zipfile
from email.message import EmailMessage

import pytest
from playwright.sync_api import expect

from accounts.models import AccessLink
from projects.models import Project
from reports.models import Archive, FiledDocument
from reports.tasks import make_archive
from tests.kernel.made_files import PDF, pdf
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("in_english"),
]


def letter() -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "Last transfer of assets", "Ministry <office@example.org>"
    mail["To"], mail["Date"] = "team@example.org", "Tue, 03 Mar 2026 09:15:00 -0600"
    mail.set_content("<p>Received.</p><script>document.title = 'owned'</script>", subtype="html")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="list.pdf")
    return mail.as_bytes()


def test_a_project_is_closed_archived_and_reopened(open_page, chromium, tmp_path):
    world = World()
    project = world.project
    _link, token = AccessLink.issue(
        world.people["partner"], "review_plan", world.plan, by=world.people["coordinator"]
    )
    by_link = open_page(f"/plans/link/{token}/", language="en")
    expect(by_link.get_by_role("heading", level=1)).to_contain_text("Action plan")

    # On a phone: two files and a message at once.
    page = open_page(
        f"/projects/{project.code}/documents/",
        user=world.people["coordinator"],
        width="phone",
        language="en",
    )
    page.get_by_role("link", name="File documents").first.click()
    page.get_by_label("Files", exact=False).first.set_input_files(
        [
            {"name": "agreement.pdf", "mimeType": "application/pdf", "buffer": pdf(b"%1\n")},
            {"name": "last.eml", "mimeType": "message/rfc822", "buffer": letter()},
        ]
    )
    page.get_by_label("The donor reads it, too").check()
    page.get_by_label("These files hold no data").check()
    page.get_by_role("button", name="File documents").click()
    expect(page.get_by_text("3 documents were filed.")).to_be_visible()
    assert FiledDocument.objects.count() == 3
    page.get_by_role("link", name="Last transfer of assets").click()
    expect(page.get_by_text("Received.")).to_be_visible()
    assert "owned" not in page.title()

    # What is open only warns.
    page.goto(f"/projects/{project.code}/closing/")
    expect(page.get_by_text("The donor accepted the final report")).to_be_visible()
    page.get_by_label("I have read what happens then").check()
    page.get_by_role("button", name="Close the project").click()
    page.get_by_label("Why is it closed although").fill("The donor answers by letter.")
    page.get_by_role("button", name="Close the project").click()
    expect(page.get_by_text("The project is closed.")).to_be_visible()
    expect(page.get_by_text("The donor answers by letter.")).to_be_visible()

    # It is read and not changed, and links open nothing.
    page.goto(f"/projects/{project.code}/amendments/new/")
    expect(page.get_by_text("is only read now")).to_be_visible()
    assert by_link.goto(f"/plans/link/{token}/").status == 404
    expect(by_link.get_by_text("ask the person who sent it for a new link")).to_be_visible()

    # The archive.
    page.goto(f"/projects/{project.code}/closing/")
    page.get_by_role("button", name="Prepare the archive").first.click()
    archive = Archive.objects.get(edition="full")
    make_archive(archive.pk)
    page.goto(f"/projects/{project.code}/closing/")
    with page.expect_download() as started:
        page.locator(f"a[href='/archives/{archive.pk}/download/']").click()
    with zipfile.ZipFile(started.value.path()) as packed:
        packed.extractall(tmp_path)
    read_without_a_network(chromium, tmp_path)

    administrator = open_page(
        f"/projects/{project.code}/closing/", user=world.people["administrator"], language="en"
    )
    administrator.get_by_role("link", name="Reopen the project").click()
    administrator.get_by_label("Why is it reopened?").fill("A letter was missing.")
    administrator.get_by_role("button", name="Reopen").click()
    expect(administrator.get_by_text("The project is open again.")).to_be_visible()
    assert Project.objects.get(pk=project.pk).closed_on is None


def read_without_a_network(chromium, folder):
    context = chromium.new_context(offline=True, viewport={"width": 360, "height": 740})
    complaints = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.goto((folder / "index.html").as_uri())
    rows = page.locator("tbody tr:visible")
    everything = rows.count()
    page.get_by_label("Search this page").fill("LÁST transfer")
    expect(rows).to_have_count(1)
    assert everything > 3
    target = rows.first.get_by_role("link").get_attribute("href")
    assert (folder / target).read_text().startswith("From: Ministry")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    assert complaints == []
    context.close()

"""A steering committee from its constitution to sealed minutes, without leaving the portal: once
with JavaScript, once without."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from accounts.models import OutgoingMail
from committees.models import (
    Attendance,
    Committee,
    Invitation,
    Meeting,
    Minutes,
    Resolution,
)
from tests.factories import (
    AssignmentFactory,
    ContactFactory,
    InstitutionFactory,
    ParticipationFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("in_english"),
]

CALL = """Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest
{name},{email},{day} {start},{day} {end},60,No
"""


class Steered:
    """A project with its coordinator and two institutions, each with one contact."""

    def __init__(self):
        self.project = ProjectFactory(code="HN-9")
        self.coordinator = UserFactory(language="en")
        AssignmentFactory(project=self.project, user=self.coordinator, role="coordinator")
        self.contacts = []
        for number in (1, 2):
            institution = InstitutionFactory()
            ParticipationFactory(project=self.project, institution=institution)
            person = UserFactory(language="en", full_name=f"Member {number:02} — Institution")
            self.contacts.append(
                ContactFactory(
                    institution=institution,
                    user=person,
                    full_name=person.full_name,
                    email=person.email,
                )
            )

    @property
    def committee(self):
        return Committee.objects.get(project=self.project)

    def meeting(self, number):
        return Meeting.objects.get(committee=self.committee, number=number)


@pytest.fixture
def steered():
    return Steered()


@pytest.fixture
def now():
    """The present, on the clocks of a place where it is day, so that two hours are left of it."""
    moment = datetime.now(UTC)
    zone = "America/Tegucigalpa" if moment.hour >= 12 else "Asia/Manila"
    return moment.astimezone(ZoneInfo(zone))


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_committee_from_its_constitution_to_sealed_minutes(open_page, steered, now, javascript):
    page = open_page("/", user=steered.coordinator, language="en", java_script_enabled=javascript)
    page.set_default_timeout(20_000)

    constitute(page, steered)
    prepare(page, steered, number=1, now=now, start=now + timedelta(hours=1))
    convene(page, steered)
    answer_by_link(open_page, steered, javascript)
    hold(page, steered, now)
    circulate(page, steered)
    adopt(page, steered, now)
    seal(page, steered)


def send(page, **fields):
    """Fill the one form of the page by the names of its fields, and press its button."""
    for name, value in fields.items():
        field = page.locator(f"main form [name={name}]").first
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("main form .actions button.btn-primary").first.click()


def constitute(page, steered):
    page.goto(f"/committees/new/{steered.project.code}/")
    send(page, name_en="Steering committee")
    committee = steered.committee
    for contact in steered.contacts:
        page.goto(f"/committees/{committee.pk}/seats/new/")
        send(page, institution=str(contact.institution_id))
        seat = committee.seats.get(institution=contact.institution_id)
        page.goto(f"/seats/{seat.pk}/terms/new/")
        send(page, contact=str(contact.pk), since="2020-01-01")
    page.goto(committee.get_absolute_url())
    page.get_by_role("link", name="Constitute").click()
    send(page, why="Agreed by all institutions.")
    assert steered.committee.status == Committee.Status.ACTIVE


def prepare(page, steered, *, number, now, start):
    page.goto(steered.committee.get_absolute_url())
    page.get_by_role("link", name="Plan a meeting").click()
    end = start + (timedelta(hours=2) if number == 1 else timedelta(minutes=10))
    send(
        page,
        day=f"{now:%Y-%m-%d}",
        start=f"{start:%H:%M}",
        end=f"{end:%H:%M}",
        time_zone=str(now.tzinfo),
    )
    meeting = steered.meeting(number)
    page.goto(f"/meetings/{meeting.pk}/items/new/")
    send(page, title_en="Plan d’action", purpose="decide")
    page.goto(meeting.get_absolute_url())
    expect(page.get_by_role("heading", name="Plan d’action")).to_be_visible()


def convene(page, steered):
    page.get_by_role("link", name="Convene", exact=True).first.click()
    page.locator("main form .actions button.btn-primary").click()
    expect(page.get_by_text("Say why, and convene.").first).to_be_visible()
    send(page, why_notice="Everybody agreed to meet today.")
    assert steered.meeting(1).status == Meeting.Status.CONVENED
    assert Invitation.objects.count() == 2


def answer_by_link(open_page, steered, javascript):
    member = steered.contacts[0].user
    mail = OutgoingMail.objects.get(person=member)
    path = re.search(r"http://localhost:\d+(/meetings/invitation/\S+)", mail.text)[1]
    page = open_page(path, language="en", java_script_enabled=javascript)
    assert Invitation.objects.exclude(answer="").count() == 0

    page.get_by_role("button", name="I am coming").click()
    expect(page.get_by_text("Your answer was recorded").first).to_be_visible()
    assert Invitation.objects.get(contact__user=member).answer == Invitation.Answer.ACCEPTED


def hold(page, steered, now):
    meeting = steered.meeting(1)
    page.goto(f"/meetings/{meeting.pk}/steps/open/")
    page.locator("main form .actions button.btn-primary").click()
    page.goto(f"/meetings/{meeting.pk}/session/")
    first = steered.committee.seats.get(institution=steered.contacts[0].institution_id)
    page.locator(f"#seat-{first.pk}-online").click()
    expect(page.locator(f"#seat-{first.pk}-online")).to_have_attribute("aria-pressed", "true")
    import_the_call(page, steered, now)

    item = meeting.items.get()
    page.goto(f"/items/{item.pk}/notes/")
    send(page, notes="The plan was read **action by action**.")
    page.goto(f"/items/{item.pk}/decisions/new/")
    send(page, text_en="Le plan d’action est pris en note.")
    page.goto(f"/meetings/{meeting.pk}/steps/close/")
    page.locator("main form .actions button.btn-primary").click()
    assert steered.meeting(1).status == Meeting.Status.HELD
    decision = Resolution.objects.get()
    assert (decision.status, decision.seats_present, decision.seats_total) == ("adopted", 2, 2)


def import_the_call(page, steered, now):
    contact, meeting = steered.contacts[1], steered.meeting(1)
    file = CALL.format(
        name=contact.full_name,
        email=contact.email,
        day=f"{now:%Y-%m-%d}",
        start=f"{now - timedelta(minutes=5):%H:%M:%S}",
        end=f"{now + timedelta(hours=1):%H:%M:%S}",
    )
    page.goto(f"/meetings/{meeting.pk}/attendance/call/")
    page.locator("main input[type=file]").set_input_files(
        {"name": "participants.csv", "mimeType": "text/csv", "buffer": file.encode()}
    )
    page.locator("main form .actions button.btn-primary").first.click()
    page.get_by_role("button", name="Record the attendance").click()
    expect(page.get_by_text("Quorum").first).to_be_visible()
    there = Attendance.objects.filter(meeting=meeting, presence="online", seat__isnull=False)
    assert there.count() == 2


def circulate(page, steered):
    page.goto(f"/meetings/{steered.meeting(1).pk}/minutes/")
    send(page, language="en")
    expect(page.get_by_text("action by action").first).to_be_visible()
    page.get_by_role("link", name="Circulate").click()
    page.locator("main form .actions button.btn-primary").click()
    page.get_by_role("link", name="Make the final draft").click()
    page.locator("main form .actions button.btn-primary").click()
    assert Minutes.objects.get().status == Minutes.Status.FINAL_DRAFT


def adopt(page, steered, now):
    """At a second meeting, which is typed in afterwards."""
    midnight = now.replace(hour=0, minute=1)
    prepare(page, steered, number=2, now=now, start=midnight)
    meeting = steered.meeting(2)
    page.get_by_role("link", name="Record afterwards").first.click()
    page.locator("main form .actions button.btn-primary").click()
    page.goto(f"/meetings/{meeting.pk}/attendance/edit/")
    for select in page.locator("main select[name$=presence]").all():
        select.select_option("online")
    page.locator("main form .actions button.btn-primary").first.click()
    item = meeting.items.get(title_en="Plan d’action")
    page.goto(f"/items/{item.pk}/decisions/new/")
    page.locator(f"[value=minutes-{Minutes.objects.get().pk}]").check()
    send(
        page,
        text_en="Le procès-verbal de la première réunion est adopté.",
    )
    assert Minutes.objects.get().status == Minutes.Status.ADOPTED


def seal(page, steered):
    minutes = Minutes.objects.get()
    page.goto(minutes.get_absolute_url())
    page.get_by_role("link", name="Seal").click()
    page.locator("main form .actions button.btn-primary").click()
    expect(page.get_by_text("and cannot be changed").first).to_be_visible()
    minutes.refresh_from_db()
    assert minutes.is_whole
    assert [row["name"] for row in minutes.annex] == [
        contact.full_name for contact in steered.contacts
    ]

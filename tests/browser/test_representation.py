"""A coordinator enters somebody with an address of their own at the donor's institution, which also
funds a neighbouring project. That person sees nothing until the donor confirms it, and then this
project alone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from projects.models import Representation
from tests.factories import (
    ContactFactory,
    ParticipationFactory,
    PeriodFactory,
    RiskFactory,
    UserFactory,
)
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("in_english"),
]

SECOND_ADDRESS = "second@example.net"
NAME = "Donateur 99 — seconde adresse"


@pytest.fixture
def world():
    """The same institution funds the neighbouring project, where somebody else represents it."""
    world = World()
    funder = world.institutions["donor"]
    place = ParticipationFactory(project=world.neighbour, institution=funder, role="funding")
    world.colleague = ContactFactory(
        institution=funder, user=UserFactory(), full_name="Donateur 50 — voisin", represents=False
    )
    place.representations.create(contact=world.colleague, reason="Lettre")
    PeriodFactory(project=world.neighbour)
    RiskFactory(project=world.project)
    RiskFactory(project=world.neighbour)
    return world


def pages_of(project):
    return [project.get_absolute_url() + page for page in ("", "budget/", "risks/", "reports/")]


def statuses(page, project):
    return {page.goto(url).status for url in pages_of(project)}


def test_nobody_becomes_the_donor_by_one_coordinators_word(open_page, world):
    # The second account exists already; the coordinator knows it, since it is theirs.
    second = UserFactory(email=SECOND_ADDRESS, full_name="Compte second")
    funder = world.institutions["donor"]
    coordinator = open_page(
        f"/projects/{world.project.code}/partners/",
        user=world.people["coordinator"],
        language="en",
    )
    coordinator.get_by_role("row", name=str(funder.name)).get_by_role(
        "link", name="Give access"
    ).click()
    coordinator.get_by_label("Full name").fill(NAME)
    coordinator.get_by_label("E-mail address").fill(SECOND_ADDRESS)
    coordinator.get_by_label("What they may do for the donor").select_option("accepts")
    coordinator.get_by_label("How you know that they represent it").fill("By telephone")
    coordinator.get_by_role("button", name="Propose the access").click()
    expect(coordinator.get_by_text("sees nothing until somebody else confirms")).to_be_visible()
    expect(coordinator.get_by_role("button", name="Confirm")).to_have_count(0)
    coordinator.goto(funder.get_absolute_url())
    expect(coordinator.get_by_text(world.colleague.full_name)).to_have_count(0)

    them = open_page("/projects/", user=second, language="en")
    assert statuses(them, world.project) == statuses(them, world.neighbour) == {404}
    them.goto("/projects/")
    expect(them.get_by_text(world.project.short_title)).to_have_count(0)

    donor = open_page("/", user=world.people["donor"], language="en")
    donor.get_by_role("link", name=f"Confirm: does {NAME} represent").click()
    expect(donor.get_by_text("The address is in a different domain, “example.net”")).to_be_visible()
    donor.get_by_role("button", name=f"Confirm {SECOND_ADDRESS}").click()
    expect(donor.get_by_text(f"You confirmed that {NAME} represents")).to_be_visible()

    assert statuses(them, world.project) == {200}
    assert statuses(them, world.neighbour) == {404}

    # A coordinator alone ends a donor's access only after 72 hours; until then the person reads.
    row = Representation.objects.get(contact__full_name=NAME)
    coordinator.goto(row.get_absolute_url())
    coordinator.get_by_role("link", name="End the access…").click()
    expect(coordinator.get_by_text("Everything they have in other projects.")).to_be_visible()
    coordinator.get_by_role("button", name="Announce the end").click()
    expect(coordinator.get_by_text("The end was announced")).to_be_visible()
    assert statuses(them, world.project) == {200}

    Representation.objects.filter(pk=row.pk).update(ends_at=timezone.now() - timedelta(minutes=1))
    assert statuses(them, world.project) == {404}
    assert User.objects.get(pk=second.pk).is_active

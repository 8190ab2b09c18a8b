"""What a closed project answers to those who come by a link, and on the page of a refusal."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ibcr_portal.closing.checks import checks_of, open_things
from ibcr_portal.closing.services import close_project
from projects.calls.services.proposals import send_link
from projects.models import Project, ProposalFile
from tests.factories import ProposalFactory
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def world(db):
    return World()


def close(world):
    project = Project.objects.get(pk=world.project.pk)
    seen = open_things(checks_of(project))
    return close_project(
        project, on=project.today, by=world.people["coordinator"], why="Later", seen=seen
    )


@pytest.fixture
def admitted(world):
    """A proposal that may come late, with the address of its page."""
    proposal = ProposalFactory(
        call=world.call,
        number=None,
        status="draft",
        submitted_at=None,
        language="en",
        late_until=timezone.now() + timedelta(days=3),
        late_reason="The line was down.",
    )
    proposal.url = reverse("calls:proposal", args=[world.call.code, send_link(proposal)])
    return proposal


def test_a_proposal_that_was_admitted_late_is_not_taken_once_the_project_is_closed(
    client, world, admitted
):
    assert client.get(admitted.url).context["form"]
    close(world)

    page = client.get(admitted.url)
    assert "form" not in page.context
    assert "The project is closed: no proposals are taken any more." in page.content.decode()
    assert world.call.contact_email in page.content.decode()
    assert client.post(admitted.url, {"title": "Radio", "press": "save"}).status_code == 403
    assert client.post(f"{admitted.url}withdraw/").status_code == 403
    before = admitted.title
    admitted.refresh_from_db()
    assert (admitted.status, admitted.title) == ("draft", before)


def test_its_files_and_its_withdrawal_are_closed_as_well(client, world, admitted):
    file = ProposalFile(proposal=admitted, original_name="a.pdf", kind="pdf", size=8)
    file.file, file.sha256 = "a.pdf", "0" * 64
    file.save()
    close(world)

    assert "form" not in client.get(f"{admitted.url}withdraw/").context
    assert client.get(f"{admitted.url}files/{file.pk}/").status_code == 404


def test_whoever_submitted_in_time_is_promised_no_decision(client, world):
    proposal = ProposalFactory(call=world.call, language="en")
    url = reverse("calls:proposal", args=[world.call.code, send_link(proposal)])
    assert "you will be informed of the decision" in client.get(url).content.decode()
    close(world)

    text = client.get(url).content.decode()
    assert "you will be informed of the decision" not in text
    assert "The project is closed" in text


def test_nobody_begins_a_proposal(client, world):
    close(world)
    url = reverse("calls:propose", args=[world.call.code])

    assert (
        "The project is closed"
        in client.get(url, headers={"accept-language": "en"}).content.decode()
    )


def test_the_page_of_the_refusal_says_what_happened_and_where_to_go(client, world):
    person = world.people["coordinator"]
    type(person).objects.filter(pk=person.pk).update(language="en")
    close(world)
    client.force_login(person)
    url = reverse("projects:amendment-create", args=[world.project.code])

    for answer in (client.get(url), client.post(url, {})):
        text = answer.content.decode()
        assert answer.status_code == 403
        assert "<h1>This project is closed</h1>" in text
        assert "An administrator can reopen it, with a reason." in text
        for place in (
            world.project.get_absolute_url(),
            reverse("projects:closing", args=[world.project.code]),
        ):
            assert f'href="{place}"' in text
            assert client.get(place).status_code == 200


def test_other_refusals_lead_home(client, world):
    close(world)
    client.force_login(world.people["donor"])
    answer = client.get(reverse("projects:documents-asked", args=[world.project.code]))

    assert answer.status_code == 403
    assert 'href="/"' in answer.content.decode().partition("<main")[2]

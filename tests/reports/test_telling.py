"""Who asked for a document is told when it took longer than ten seconds: once, of all they asked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail
from kernel.jobs import Job
from reports.models import About, DocumentKind, Rendition, RenditionRequest
from reports.services.requesting import (
    cancel_rendition,
    joined_by,
    notify_requesters,
    request_rendition,
    request_renditions,
    retry_rendition,
)
from reports.tasks import render_rendition, sweep_renditions
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def world():
    return World()


def ask(world, role, languages=("fr",), audience="committee"):
    return request_renditions(
        About(world.meeting, DocumentKind.AGENDA),
        languages,
        audience=audience,
        by=world.people[role],
    )


def wait(seconds):
    """As if it had been asked for so long ago."""
    RenditionRequest.objects.update(requested_at=timezone.now() - timedelta(seconds=seconds))


def end(rendition, state="ready", **changes):
    """As a worker would have left it."""
    file = {"file": "x", "pages": 1} if state == "ready" else {}
    Rendition.objects.filter(pk=rendition.pk).update(
        state=state, finished_at=timezone.now(), **file, **changes
    )


def letters():
    return list(OutgoingMail.objects.order_by("pk").values_list("person__email", "subject"))


def test_a_document_that_came_at_once_needs_no_message(world):
    [rendition] = ask(world, "coordinator")

    render_rendition(rendition.pk)

    assert letters() == []
    assert RenditionRequest.objects.get().told_at is not None


def test_one_message_tells_of_all_languages_in_the_persons_own(world):
    person = world.people["coordinator"]
    type(person).objects.filter(pk=person.pk).update(language="es")
    renditions = ask(world, "coordinator", ["fr", "es", "en"])
    wait(11)

    for rendition in renditions[:2]:
        render_rendition(rendition.pk)
    before = letters()
    render_rendition(renditions[2].pk)

    mail = OutgoingMail.objects.get()
    assert before == []
    assert mail.person == person
    places = [reverse("reports:rendition", args=[one.pk]) for one in renditions]
    assert [mail.text.count(f"{place}\n") for place in places] == [1, 1, 1]
    assert "Orden del día · " in mail.text
    assert world.project.code not in mail.subject


def test_the_time_in_the_queue_counts_and_ten_seconds_do_not(world):
    [rendition] = ask(world, "coordinator")
    wait(8)

    end(rendition)
    notify_requesters(rendition)

    assert letters() == []


def test_who_joined_is_told_and_sees_the_document(client, world):
    [rendition] = ask(world, "coordinator")
    assert ask(world, "member") == [rendition]
    wait(11)
    render_rendition(rendition.pk)
    told = {mail.person_id for mail in OutgoingMail.objects.all()}

    client.force_login(world.people["member"])
    page = client.get(reverse("reports:rendition", args=[rendition.pk]))

    assert told == {world.people["coordinator"].pk, world.people["member"].pk}
    assert page.status_code == 200


def test_of_a_draft_only_who_asked_sees_it_also_who_joined(client, world):
    type(world.plan).objects.update(status="in_review", review_until=timezone.localdate())
    world.plan.refresh_from_db()

    def asked_by(role):
        return request_rendition(
            About(world.plan, DocumentKind.PLAN),
            language="fr",
            audience="committee",
            by=world.people[role],
        )

    rendition = asked_by("coordinator")
    url = reverse("reports:rendition", args=[rendition.pk])
    client.force_login(world.people["member"])
    before = client.get(url).status_code

    assert asked_by("member") == rendition
    assert rendition.is_draft
    assert (before, client.get(url).status_code) == (404, 200)


def test_a_failure_is_told_with_its_reason(world):
    [rendition] = ask(world, "coordinator")
    wait(11)

    end(rendition, "failed", failure=Job.Failure.TOO_LONG)
    notify_requesters(rendition)

    assert OutgoingMail.objects.get().person == world.people["coordinator"]
    reason = {"fr": "trop de temps", "es": "demasiado", "en": "took too long"}
    assert reason[world.people["coordinator"].language] in OutgoingMail.objects.get().text


def test_who_cancelled_is_not_told_and_others_are(world):
    [rendition] = ask(world, "coordinator")
    ask(world, "member")
    wait(11)

    cancel_rendition(rendition, by=world.people["coordinator"])

    assert OutgoingMail.objects.get().person == world.people["member"]


def test_who_may_not_see_it_any_more_is_not_told(world):
    [rendition] = ask(world, "member")
    wait(11)
    world.people["member"].contacts.update(user=None)

    render_rendition(rendition.pk)

    assert letters() == []
    assert RenditionRequest.objects.get().told_at is not None


def test_messages_that_come_three_times_write_once(world):
    renditions = ask(world, "coordinator", ["fr", "es"])
    wait(11)

    for rendition in [*renditions, *renditions, *renditions]:
        render_rendition(rendition.pk)
        notify_requesters(rendition)
    sweep_renditions()

    assert OutgoingMail.objects.count() == 1


def test_a_worker_that_died_before_it_wrote_is_made_up_for_by_the_sweep(world):
    [rendition] = ask(world, "coordinator")
    wait(11)
    end(rendition)

    sweep_renditions()
    sweep_renditions()

    assert OutgoingMail.objects.count() == 1


def test_the_sweep_writes_of_nothing_that_is_in_hand(world):
    first, _second = ask(world, "coordinator", ["fr", "es"])
    wait(11)
    end(first)

    sweep_renditions()

    assert letters() == []


def test_asked_again_after_a_failure_is_a_request_of_its_own(world):
    [rendition] = ask(world, "coordinator")
    wait(11)
    end(rendition, "failed", failure=Job.Failure.TOO_LONG)
    notify_requesters(rendition)
    rendition.refresh_from_db()

    retry_rendition(rendition, by=world.people["coordinator"])
    wait(11)
    render_rendition(rendition.pk)

    assert OutgoingMail.objects.count() == 2


def test_what_the_portal_asked_for_itself_is_told_to_nobody(world):
    request_rendition(
        About(world.meeting, DocumentKind.AGENDA), language="fr", audience="committee", by=None
    )

    assert not RenditionRequest.objects.exists()


def test_what_is_there_already_is_not_waited_for(world):
    [rendition] = ask(world, "coordinator")
    render_rendition(rendition.pk)

    [again] = ask(world, "member")
    render_rendition(again.pk)  # it turns out equal, and gives way

    assert joined_by(again.pk) == rendition.pk
    assert rendition.requests.count() == 2
    assert RenditionRequest.objects.filter(told_at=None).count() == 0
    assert OutgoingMail.objects.count() == 0

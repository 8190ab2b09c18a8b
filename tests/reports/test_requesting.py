"""Asking for a document: at once, once, of the right data."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kernel.jobs import Job, LostLease
from reports.models import About, Rendition, Snapshot
from reports.services.producing import produce
from reports.services.requesting import (
    compose_data,
    joined_by,
    request_rendition,
    request_renditions,
)
from reports.services.writing import save_section
from tests.factories import ActivityFactory
from tests.reports.conftest import composed

pytestmark = pytest.mark.django_db


def ask(report, language="fr", audience="donor"):
    return request_rendition(About(report), language=language, audience=audience, by=None)


def make_ready(rendition, **fields):
    rows = Rendition.objects.filter(pk=rendition.pk)
    rows.update(state=Job.State.READY, file="reports/renditions/x.pdf", pages=9, **fields)
    rendition.refresh_from_db()
    return rendition


def test_an_equal_request_joins_the_one_on_its_way(report):
    assert ask(report) == ask(report)
    assert Rendition.objects.get().state == Job.State.QUEUED


def write(world, report, text):
    save_section(report, "summary", "fr", text, seen_version=1, by=world.people["coordinator"])


def test_another_language_or_audience_is_another_document(report):
    pks = {ask(report).pk, ask(report, "es").pk, ask(report, "fr", "partners").pk}

    assert len(pks) == 3


def test_of_several_languages_all_are_requested_or_none(report):
    def interrupted():
        yield "fr"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        request_renditions(About(report), interrupted(), audience="donor", by=None)

    assert not Rendition.objects.exists()


def test_a_draft_that_changed_is_another_document(world, report):
    before = composed(ask(report))
    write(world, report, "Autre.")

    after = composed(ask(report))

    assert after.pk != before.pk
    assert after.is_draft


def test_what_waits_tells_what_is_known_when_a_worker_begins(world, report):
    waiting = ask(report)
    write(world, report, "Autre.")

    joined = ask(report)

    assert joined == waiting
    assert "Autre." in str(composed(joined).snapshot.data)


def test_what_is_being_composed_is_not_joined(world, report):
    """It may have been read before what was written just now."""
    begun = Rendition.objects.claim(ask(report).pk, lease=timedelta(seconds=60))
    write(world, report, "Autre.")

    after = composed(ask(report))

    assert after.pk != begun.pk
    assert "Autre." in str(after.snapshot.data)
    assert not compose_data(begun)  # it turns out equal after all
    assert joined_by(begun.pk) == after.pk


def test_a_draft_that_did_not_change_is_not_rendered_again(report):
    ready = make_ready(composed(ask(report)))
    asked = ask(report)

    produce(Rendition.objects.claim(asked.pk, lease=timedelta(seconds=60)))

    assert list(Rendition.objects.all()) == [ready]
    assert ready.is_ready


def test_who_waits_for_what_gave_way_is_led_to_the_equal_one(client, world, report):
    ready = make_ready(composed(ask(report)))
    asked = ask(report)
    composed(asked)
    client.force_login(world.people["coordinator"])

    answer = client.get(asked.get_absolute_url())

    assert answer.context["rendition"] == ready


def test_an_equal_one_that_had_failed_starts_again(report):
    failed = composed(ask(report))
    Rendition.objects.filter(pk=failed.pk).update(state=Job.State.FAILED, failure="too_long")

    again = composed(ask(report))

    assert again.pk == failed.pk
    assert (again.state, again.failure) == ("queued", "")


def test_what_was_cancelled_while_it_was_composed_takes_nothing_over(report):
    claimed = Rendition.objects.claim(ask(report).pk, lease=timedelta(seconds=60))
    Rendition.objects.get(pk=claimed.pk).cancel()

    with pytest.raises(LostLease):
        compose_data(claimed)

    assert Rendition.objects.get().state == Job.State.CANCELLED


def test_what_cannot_be_composed_fails_with_a_reason_and_is_asked_for_again(report):
    asked = ask(report)
    claimed = Rendition.objects.claim(asked.pk, lease=timedelta(seconds=60))
    claimed.snapshot.kind = "nonsense"

    produce(claimed)

    asked.refresh_from_db()
    assert (asked.state, asked.failure) == ("failed", "broken")
    assert ask(report).pk == asked.pk
    assert Rendition.objects.get().state == Job.State.QUEUED


def test_signed_data_is_one_snapshot_for_all(signed):
    snapshots = {ask(signed, language).snapshot for language in ("fr", "es", "en")}

    assert snapshots == {signed.snapshot}
    assert not ask(signed).is_draft


def test_what_was_rendered_of_signed_data_is_kept_whatever_the_renderer(signed):
    kept = make_ready(ask(signed), renderer="of last year")

    assert ask(signed) == kept
    assert Rendition.objects.count() == 1


def test_a_failed_one_starts_again(report):
    failed = ask(report)
    Rendition.objects.update(state=Job.State.FAILED, failure="too_long", attempt=6)

    again = ask(report)

    assert again.pk == failed.pk
    assert (again.state, again.failure, again.attempt) == ("queued", "", 0)


def test_the_worker_is_rung_when_all_is_saved(report, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as queued:
        ask(report)

    assert len(queued) == 1


def test_a_request_composes_nothing(report):
    asked = ask(report)

    assert asked.snapshot.is_promise
    assert asked.snapshot.data == {}


def test_a_request_is_as_short_for_much_as_for_little(report, django_assert_max_num_queries):
    with CaptureQueriesContext(connection) as little:
        ask(report, "fr")
    for _row in range(20):
        ActivityFactory(project=report.project, actual_start=date(2019, 7, 1))

    with django_assert_max_num_queries(len(little)):
        ask(report, "es")


def test_the_page_asks_in_several_languages(client, world, report):
    client.force_login(world.people["coordinator"])
    url = reverse("reports:request", args=[report.pk])

    response = client.post(url, {"languages": ["fr", "es"], "audience": "donor"})

    assert response.url == f"{report.get_absolute_url()}#documents"
    assert sorted(Rendition.objects.values_list("language", flat=True)) == ["es", "fr"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"languages": [], "audience": "donor"}, "Languages"),
        ({"languages": ["de"], "audience": "donor"}, "Languages"),
        ({"languages": ["fr"], "audience": "nobody"}, "For whom"),
        ({"languages": ["fr"]}, "For whom"),
    ],
)
def test_nonsense_is_refused_in_words_that_name_the_field(client, world, report, asked, field):
    client.force_login(world.people["coordinator"])

    response = client.post(reverse("reports:request", args=[report.pk]), asked, follow=True)

    (message,) = response.context["messages"]
    assert message.level_tag == "error"
    assert str(message).startswith(f"{field}: ")
    assert not Rendition.objects.exists()


def test_the_team_asks_for_no_document_of_the_coordination(client, world, report):
    client.force_login(world.people["reader"])
    url = reverse("reports:request", args=[report.pk])

    client.post(url, {"languages": ["fr"], "audience": "coordination"})

    assert not Rendition.objects.exists()


def test_left_over_data_of_drafts_is_found_and_that_of_documents_kept(signed, report):
    kept = ask(signed).snapshot
    left = Snapshot.keep(About(report), {"donor": {"fr": {}}})

    assert list(Snapshot.objects.unused()) == [left]
    assert kept.is_whole

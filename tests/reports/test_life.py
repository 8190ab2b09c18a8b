"""From draft to publication: who signs, what is frozen, who sees it when."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from reports.comparison import base_of
from reports.models import About, Rendition, Report
from reports.permissions.reports import every_visible_report
from reports.services.requesting import request_rendition
from reports.services.steps import sign_off
from reports.services.writing import save_section, start_new_version
from reports.views.reading import bases_for
from tests.factories import SectionFactory
from tests.reports.conftest import SIGNED_ON
from tests.reports.shelves import standing_report

pytestmark = pytest.mark.django_db


def step(client, report, verb, **fields):
    return client.post(reverse("reports:step", args=[report.pk, verb]), fields)


def test_who_wrote_does_not_sign(world, report):
    report.take("review", by=world.people["coordinator"])

    with pytest.raises(Refusal):
        sign_off(report, by=world.people["coordinator"])

    report.refresh_from_db()
    assert (report.status, report.snapshot) == ("in_review", None)


def test_who_wrote_an_earlier_version_of_a_section_does_not_sign_either(world, report):
    writer, other = world.people["monitoring"], world.people["coordinator"]
    save_section(report, "summary", "fr", "De l’une.", seen_version=1, by=writer)
    save_section(report, "summary", "fr", "De l’autre.", seen_version=2, by=other)
    report.take("review", by=other)

    with pytest.raises(Refusal):
        sign_off(report, by=writer)


def test_a_small_team_signs_with_a_reason(client, world, report):
    report.take("review", by=world.people["coordinator"])
    client.force_login(world.people["coordinator"])

    refused = step(client, report, "sign_off")
    done = step(client, report, "sign_off", why="Une seule personne dans l’équipe.")

    report.refresh_from_db()
    assert refused.context["form"].errors
    assert done.url == report.get_absolute_url()
    assert report.four_eyes_exception == "Une seule personne dans l’équipe."


def test_the_database_itself_holds_four_eyes(signed):
    rows = Report.objects.filter(pk=signed.pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(signed_off_by=signed.written_by)


def test_signing_freezes_every_language_and_audience(signed):
    documents = signed.snapshot.data

    assert {audience: sorted(found) for audience, found in documents.items()} == {
        audience: ["en", "es", "fr"]
        for audience in ("donor", "committee", "partners", "coordination")
    }
    assert signed.snapshot.is_whole
    assert signed.signed_off_on == SIGNED_ON


def test_what_is_frozen_names_who_signed_by_their_function(signed):
    for documents in signed.snapshot.data.values():
        told = {row["label"]: row["value"] for row in documents["en"]["identification"]}

        assert (told["Prepared by"], told["Approved by"]) == ("Coordinator", "Monitoring")
        assert told["Version"] == "1, signed off on September 30, 2020"


def test_what_changes_after_signing_changes_nothing_of_the_snapshot(world, signed):
    before = signed.snapshot.sha256
    world.indicator.data_points.filter(kind="actual").update(numerator=1)

    rendition = request_rendition(About(signed), language="fr", audience="donor", by=None)

    assert rendition.snapshot.sha256 == before
    assert "134" in str(rendition.snapshot.data["donor"]["fr"])


def test_the_code_follows_from_the_data(signed):
    digits = signed.snapshot.sha256[:12].upper()

    assert signed.snapshot.code == f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def test_of_two_who_sign_one_wins_and_the_other_is_told(world, report):
    report.take("review", by=world.people["coordinator"])
    twin = Report.objects.with_related().get(pk=report.pk)
    sign_off(report, by=world.people["monitoring"])

    with pytest.raises(TransitionError):
        sign_off(twin, by=world.people["monitoring"])


@pytest.mark.parametrize(
    ("status", "seen_by"),
    [
        ("draft", set()),
        ("in_review", set()),
        ("signed_off", set()),
        ("presented", {"member"}),
        ("submitted", {"member", "donor", "embassy"}),
        ("published", {"member", "donor", "embassy", "partner"}),
    ],
)
def test_each_guest_sees_a_report_from_its_own_state_on(world, signed, status, seen_by):
    fields = {"published_on": SIGNED_ON} if status == "published" else {}
    Report.objects.filter(pk=signed.pk).update(status=status, **fields)

    guests = ("member", "donor", "embassy", "partner", "outsider")
    seeing = {g for g in guests if every_visible_report(world.people[g]).exists()}

    assert seeing == seen_by


def test_submitting_asks_for_the_donors_documents(world, submitted):
    found = Rendition.objects.values_list("audience", "language", "is_draft")

    assert sorted(found) == [("donor", language, False) for language in ("en", "es", "fr")]


def test_the_donor_returns_it_and_gets_it_again(client, world, submitted):
    client.force_login(world.people["donor"])
    step(client, submitted, "comment", why="Précisez le tableau 1.")
    client.force_login(world.people["coordinator"])
    step(client, submitted, "resubmit", why="Précisé dans la lettre du jour.")

    submitted.refresh_from_db()
    assert submitted.status == "submitted"
    assert [change.why for change in submitted.status_changes][-2:-1] == ["Précisez le tableau 1."]


def test_an_acceptance_says_where_it_stands(client, world, submitted):
    client.force_login(world.people["coordinator"])

    refused = step(client, submitted, "accept")
    accepted = step(client, submitted, "accept", on="2020-10-05", reference="Lettre 12")

    submitted.refresh_from_db()
    assert set(refused.context["form"].errors) == {"on", "reference"}
    assert accepted.url == submitted.get_absolute_url()
    assert (submitted.status, submitted.accepted_on, submitted.acceptance_reference) == (
        "accepted",
        date(2020, 10, 5),
        "Lettre 12",
    )


def test_a_step_cannot_have_happened_in_the_future(client, world, report):
    client.force_login(world.people["coordinator"])
    tomorrow = timezone.localdate() + timedelta(days=1)

    response = step(client, report, "review", on=tomorrow.isoformat())

    assert "on" in response.context["form"].errors


def test_a_step_out_of_turn_is_told_in_words(client, world, report):
    client.force_login(world.people["coordinator"])

    response = step(client, report, "publish")

    assert response.status_code == 200
    assert response.context["form"].non_field_errors()


def test_an_unknown_step_does_not_exist(client, world, report):
    client.force_login(world.people["coordinator"])

    assert step(client, report, "shred").status_code == 404


def test_a_new_version_begins_with_the_texts_of_the_last(client, world, published):
    client.force_login(world.people["coordinator"])
    url = reverse("reports:revise", args=[published.pk])

    client.post(url)
    client.post(url)  # the same form sent twice

    revised = Report.objects.exclude(pk=published.pk).get()
    texts = [(s.kind, s.language, s.text) for s in published.sections.all()]
    assert (revised.version, revised.status) == (2, "draft")
    assert [(s.kind, s.language, s.text) for s in revised.sections.all()] == texts


def test_the_fourth_version_begins_with_the_texts_of_the_third(world):
    first, _second, third = (standing_report(world, version=number) for number in (1, 2, 3))
    for report in (first, third):
        SectionFactory(report=report, text=f"Texte {report.version}")

    fourth = start_new_version(first, by=world.people["coordinator"])

    assert (fourth.version, [section.text for section in fourth.sections.all()]) == (4, ["Texte 3"])


@pytest.mark.parametrize(("second_status", "base"), [("published", 2), ("signed_off", 1)])
def test_a_third_version_is_compared_with_the_last_that_its_readers_were_given(
    world, second_status, base
):
    statuses = ("published", second_status, "published")
    reports = [
        standing_report(world, version=number, status=status)
        for number, status in enumerate(statuses, start=1)
    ]

    assert base_of(reports[2], "donor").version == base
    assert base_of(reports[2], "coordination").version == 2
    assert Report.objects.all().newer_than(reports[0]) == reports[2]
    earlier = bases_for(world.people["coordinator"], reports[2])
    assert [report.version for report in earlier] == [2, 1]


def test_who_wrote_the_last_version_does_not_sign_the_next(world, published):
    published.sections.update(updated_by=world.people["monitoring"])
    revised = start_new_version(published, by=world.people["coordinator"])
    revised.take("review", by=world.people["coordinator"])

    with pytest.raises(Refusal):
        sign_off(revised, by=world.people["monitoring"])

"""The committee's outcome, the donor's answer, later versions, and the texts before."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import OutgoingMail
from kernel.refusal import Refusal
from reports.models import Report, ReportRemark, Section, SectionWriting
from reports.services.steps import accept_report, present_report, record_outcome, submit_report
from reports.services.writing import save_section, start_new_version
from tests.factories import ResolutionFactory
from tests.reports.shelves import finish_files
from tests.reports.test_remarks import opens

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def presented(world, signed):
    present_report(signed, by=world.people["coordinator"])
    return signed


def url(name, report, *more):
    return reverse(f"reports:{name}", args=[report.pk, *more])


def people_told() -> set[int]:
    return set(OutgoingMail.objects.values_list("person", flat=True))


# The committee


def test_a_decision_validates_and_both_pages_say_so(client, world, presented):
    client.force_login(world.people["coordinator"])

    client.post(
        url("outcome", presented), {"outcome": "validated", "resolution": world.decision.pk}
    )

    presented.refresh_from_db()
    decision = client.get(reverse("committees:resolution", args=[world.decision.pk]))
    page = client.get(presented.get_absolute_url())
    assert (presented.committee_outcome, presented.outcome_on) == (
        "validated",
        world.decision.resolved_on,
    )
    assert decision.context["reports"] == [presented]
    assert page.context["outcome"]["url"] == world.decision.get_absolute_url()


def test_without_a_decision_it_is_noted_at_a_meeting(client, world, presented):
    client.force_login(world.people["coordinator"])

    refused = client.post(
        url("outcome", presented), {"outcome": "validated", "meeting": world.meeting.pk}
    )
    client.post(url("outcome", presented), {"outcome": "noted", "meeting": world.meeting.pk})

    presented.refresh_from_db()
    assert set(refused.context["form"].errors) == {"resolution"}
    assert (presented.committee_outcome, presented.noted_at) == ("noted", world.meeting)


def test_a_decision_of_another_committee_validates_nothing(client, world, presented):
    foreign = ResolutionFactory()
    client.force_login(world.people["coordinator"])

    response = client.post(
        url("outcome", presented), {"outcome": "validated", "resolution": foreign.pk}
    )

    assert set(response.context["form"].errors) == {"resolution"}


def test_of_two_who_record_the_outcome_the_second_is_told(world, presented):
    twin = Report.objects.with_related().get(pk=presented.pk)
    by = world.people["coordinator"]
    record_outcome(presented, "validated", resolution=world.decision, by=by)

    with pytest.raises(Refusal):
        record_outcome(twin, "noted", meeting=world.meeting, by=by)

    twin.refresh_from_db()
    assert twin.committee_outcome == "validated"
    record_outcome(  # who has seen it puts it right
        twin, "noted", meeting=world.meeting, by=by, seen=twin.outcome_recorded_at
    )
    assert (twin.committee_outcome, twin.resolution) == ("noted", None)


@pytest.mark.parametrize(
    ("role", "status"),
    [("coordinator", 200), ("monitoring", 403), ("member", 403), ("partner", 404), ("donor", 404)],
)
def test_the_coordination_records_the_outcome(client, world, presented, role, status):
    client.force_login(world.people[role])

    assert client.get(url("outcome", presented)).status_code == status


def test_whoever_holds_the_chair_records_it_too(client, world, presented):
    type(world.seat).objects.filter(pk=world.seat.pk).update(office="chair")
    client.force_login(world.people["member"])

    assert client.get(url("outcome", presented)).status_code == 200


def test_the_database_wants_the_reason_of_an_outcome(world, presented):
    rows = Report.objects.filter(pk=presented.pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(committee_outcome="validated")


def test_submitting_without_the_committee_warns_and_is_possible(client, world, signed):
    client.force_login(world.people["coordinator"])

    asked = client.get(url("step", signed, "submit"))
    done = client.post(url("step", signed, "submit"))

    assert len(asked.context["warnings"]) == 1
    assert done.status_code == 302
    assert people_told() == {world.people["donor"].pk, world.people["embassy"].pk}


# The donor


def test_the_donors_words_become_a_comment_that_is_answered(client, world, submitted):
    OutgoingMail.objects.all().delete()
    client.force_login(world.people["donor"])

    empty = client.post(url("step", submitted, "comment"))
    client.post(url("step", submitted, "comment"), {"why": "Précisez le tableau 1."})

    submitted.refresh_from_db()
    assert set(empty.context["form"].errors) == {"why"}
    assert submitted.status == "returned"
    assert list(ReportRemark.objects.values_list("origin", "text")) == [
        ("donor", "Précisez le tableau 1.")
    ]
    assert people_told() == {world.people["coordinator"].pk, world.people["monitoring"].pk}


def test_the_donor_accepts_in_person(client, world, submitted):
    finish_files(submitted)
    client.force_login(world.people["donor"])

    client.post(url("step", submitted, "accept"))

    submitted.refresh_from_db()
    assert (submitted.status, bool(submitted.accepted_on)) == ("accepted", True)


def test_the_donors_letter_is_kept_for_the_donor_and_the_team(client, world, submitted):
    accept_report(
        submitted, by=world.people["coordinator"], on=date(2020, 10, 5), reference="Lettre 12"
    )
    letter = submitted.files.create(
        category="acceptance",
        added_by=world.people["coordinator"],
        original_name="l.pdf",
        kind="pdf",
        size=8,
        file=SimpleUploadedFile("l.pdf", b"%PDF-1.7"),
    )
    seen = {}
    for role in ("coordinator", "reader", "donor", "member", "outsider"):
        client.force_login(world.people[role])
        seen[role] = opens(client, url("file", submitted, letter.pk))

    assert {role for role, is_open in seen.items() if is_open} == {"coordinator", "reader", "donor"}


def test_a_later_version_takes_the_place_of_a_returned_one(client, world, submitted):
    by = world.people["coordinator"]
    submitted.take("comment", by=by)
    revised = start_new_version(submitted, by=by, note={"version_note_fr": "Le tableau 1."})

    with pytest.raises(Refusal):
        submit_report(submitted, by=by)

    client.force_login(by)
    verbs = client.get(submitted.get_absolute_url()).context["verbs"]
    assert verbs == []
    assert revised.version_note_fr == "Le tableau 1."


# Differences


def test_versions_are_compared_for_who_sees_both(client, world, submitted):
    by = world.people["coordinator"]
    revised = start_new_version(submitted, by=by)
    save_section(revised, "summary", "fr", "Tout autre chose.", seen_version=1, by=by)
    seen = {}
    for role in ("coordinator", "donor"):
        client.force_login(world.people[role])
        seen[role] = client.get(url("differences", revised)).status_code
    client.force_login(by)
    changes = client.get(url("differences", revised), {"base": submitted.pk}).context["changes"]

    assert seen == {"coordinator": 200, "donor": 404}
    assert "summary" in [change.kind for change in changes]
    assert client.get(url("differences", submitted)).status_code == 404


# The texts before


def place(report, *more):
    return [report, "summary", "fr", *more]


def test_an_earlier_text_is_read_and_restored_as_a_new_version(client, world, report):
    by = world.people["coordinator"]
    first = report.sections.get(kind="summary", language="fr").text
    save_section(report, "summary", "fr", "Récrit.", seen_version=1, by=by)
    client.force_login(by)

    listed = client.get(url("section-versions", *place(report))).context["table"].lines
    page = client.get(url("section-version", *place(report, 1)))
    stale = client.post(url("section-restore", *place(report, 1)), {"seen_version": 1})
    client.post(url("section-restore", *place(report, 1)), {"seen_version": 2})

    section = Section.objects.get(report=report, kind="summary", language="fr")
    assert [(row[0][1].text, len(row[0][1].chips)) for row in listed] == [
        ("version 2", 1),
        ("version 1", 0),
    ]
    assert page.context["may_restore"]
    assert stale.url == url("section-version", *place(report, 1))
    assert (section.text, section.version) == (first, 3)


@pytest.mark.parametrize(("role", "status"), [("reader", 200), ("donor", 404), ("member", 404)])
def test_earlier_texts_are_for_the_team(client, world, submitted, role, status):
    client.force_login(world.people[role])

    assert client.get(url("section-versions", *place(submitted))).status_code == status


def test_the_same_text_sent_twice_is_one_version(world, report):
    by = world.people["coordinator"]
    for _press in range(2):
        save_section(report, "summary", "fr", "Récrit.", seen_version=1, by=by)

    assert Section.objects.get(report=report, kind="summary", language="fr").version == 2


def test_two_who_write_are_told_of_each_other_until_one_goes(client, world, report):
    first, second = world.people["coordinator"], world.people["monitoring"]
    client.force_login(first)
    client.get(url("section", *place(report)))
    untold = SectionWriting.objects.count()
    client.post(url("section-writing", *place(report)))
    client.force_login(second)
    told = client.get(url("section", *place(report))).context["others"]
    answer = client.post(url("section-writing", *place(report)))
    SectionWriting.objects.update(seen_at=SectionWriting.horizon())
    gone = client.get(url("section", *place(report))).context["others"]

    assert untold == 0
    assert [one.person for one in told] == [first]
    assert str(first) in answer.content.decode()
    assert gone == []

"""Deliverables and evidence: what may be given, who sees it, and what never leaves the team."""

import io
from datetime import timedelta

import factory
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import AccessEvent
from projects.models import Deliverable, Evidence
from tests.factories import ActivityFactory, DeliverableFactory, EvidenceFactory

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


def address(world, page, *args):
    return reverse(f"projects:{page}", args=[world.project.code, *args])


def errors_of(response):
    return response.context["form"].errors


def taken(client, url):
    """What a download answers, and the content of the file."""
    answer = client.get(url)
    return answer.status_code, answer.getvalue() if answer.status_code == 200 else b""


@pytest.fixture
def activity(world):
    return ActivityFactory(project=world.project, responsible=world.institutions["partner"])


def photo(name="photo.jpg", colour="red"):
    content = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "who and where"
    Image.new("RGB", (40, 30), colour).save(content, "JPEG", exif=exif)
    return SimpleUploadedFile(name, content.getvalue())


def given(**changes):
    whole = {
        "title": "Deuxième jour",
        "language": "fr",
        "consent": "none",
        "audience": "team",
        "no_victim_data": "on",
    }
    return whole | changes


# Giving


def test_a_photograph_is_kept_without_what_was_hidden_in_it(client, world, coordinator, activity):
    url = address(world, "evidence-create", activity.pk)

    client.post(url, given(upload=photo()))

    proof = activity.proofs.get()
    with proof.file.open() as kept:
        assert dict(Image.open(kept).getexif()) == {}
    assert (proof.kind, proof.audience, proof.accepted_on, proof.by) == (
        "jpeg",
        "team",
        TODAY(),
        coordinator,
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "upload"),
        ({"link": "http://example.org/x"}, "link"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"upload": "photo", "link": "https://example.org/x"}, "link"),
        ({"upload": SimpleUploadedFile("photo.jpg", b"<svg onload=alert(1)>")}, "upload"),
        ({"upload": SimpleUploadedFile("x.exe.pdf", b"%PDF-1.7")}, "upload"),
        ({"upload": SimpleUploadedFile("x.svg", b"<svg/>")}, "upload"),
        ({"upload": SimpleUploadedFile("x.pdf", b"")}, "upload"),
        ({"upload": "photo", "no_victim_data": ""}, "no_victim_data"),
        ({"upload": "photo", "audience": "shared"}, "audience"),
        ({"upload": "photo", "consent": "x"}, "consent"),
        (
            {"upload": "photo", "audience": "shared", "consent": "written", "shows_minors": "on"},
            "audience",
        ),
        (
            {
                "upload": "photo",
                "audience": "shared",
                "consent": "written",
                "consent_until": "2020-01-01",
            },
            "consent_until",
        ),
        ({"upload": "photo", "deliverable": "other"}, "deliverable"),
    ],
)
def test_evidence_that_may_not_be_is_refused_at_its_field(
    client, world, coordinator, activity, changes, field
):
    if changes.get("upload") == "photo":
        changes = changes | {"upload": photo()}
    if "deliverable" in changes:
        changes = changes | {"deliverable": DeliverableFactory().pk}

    answer = client.post(address(world, "evidence-create", activity.pk), given(**changes))

    assert set(errors_of(answer)) == {field}
    assert not Evidence.objects.exists()


def test_the_same_file_is_kept_once(client, world, coordinator, activity):
    url = address(world, "evidence-create", activity.pk)

    client.post(url, given(upload=photo()))
    twice = client.post(url, given(upload=photo("again.jpg")))
    client.post(url, given(upload=photo(colour="blue")))

    assert "already has this evidence" in str(errors_of(twice))
    assert activity.proofs.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"audience": "shared", "consent": "none"},
        {"audience": "shared", "consent": "written", "shows_minors": True},
        {"file": "", "link": ""},
        {"link": "https://example.org/"},
    ],
)
def test_the_database_keeps_what_must_never_be_false(wrong):
    proof = EvidenceFactory(audience="team")

    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=proof.pk).update(**wrong)


# Seeing


HIDDEN = [
    {"consent": "none", "audience": "team"},
    {"consent": "written", "audience": "team"},
    {"consent": "written", "consent_until": timezone.localdate() - timedelta(days=1)},
    {"consent": "written", "shows_minors": True, "audience": "team"},
    {"accepted_on": None},
]


@pytest.mark.parametrize("facts", HIDDEN)
def test_what_is_not_consented_or_accepted_is_for_the_team(client, world, sign_in, activity, facts):
    proof = EvidenceFactory(activity=activity, **facts)
    file = address(world, "evidence-file", proof.pk)

    for role in ("member", "partner", "donor", "embassy"):
        sign_in(role)
        assert proof.title not in client.get(activity.get_absolute_url()).content.decode()
        assert taken(client, file) == (404, b"")
    for role in ("coordinator", "monitoring", "finance", "reader", "auditor"):
        sign_in(role)
        assert proof.title in client.get(activity.get_absolute_url()).content.decode()
        assert taken(client, file) == (200, b"picture")


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"consent_until": factory.LazyFunction(timezone.localdate)},
        {"consent": "nobody"},
        {"kind": "pdf", "consent": "none"},
    ],
)
def test_what_is_consented_is_seen_and_each_download_logged(
    client, world, sign_in, activity, facts
):
    proof = EvidenceFactory(activity=activity, **facts)
    sign_in("donor")

    page = client.get(activity.get_absolute_url()).content.decode()
    answer = taken(client, address(world, "evidence-file", proof.pk))

    assert proof.title in page
    assert answer == (200, b"picture")
    assert [event.kind for event in AccessEvent.objects.about(proof)] == ["download"]


def test_evidence_of_another_project_is_not_there(client, world, coordinator):
    foreign = EvidenceFactory(activity__project=world.neighbour)

    for page in ("evidence-file", "evidence-edit", "evidence-delete"):
        assert client.get(address(world, page, foreign.pk)).status_code == 404


# Of an institution


def test_the_responsible_institution_gives_evidence_that_waits_for_the_team(
    client, world, sign_in, activity
):
    sign_in("partner")
    client.post(
        address(world, "evidence-create", activity.pk),
        given(upload=photo(), audience="shared", consent="written"),
    )
    proof = activity.proofs.get()
    assert (proof.given_by, proof.accepted_on, proof.audience) == (
        world.institutions["partner"],
        None,
        "team",
    )
    own = client.get(activity.get_absolute_url()).content.decode()
    assert address(world, "evidence-delete", proof.pk) in own
    sign_in("donor")
    assert proof.title not in client.get(activity.get_absolute_url()).content.decode()

    sign_in("monitoring")
    client.post(address(world, "evidence-accept", proof.pk))
    client.post(
        address(world, "evidence-edit", proof.pk),
        given(consent="written", audience="shared"),
    )

    sign_in("donor")
    assert proof.title in client.get(activity.get_absolute_url()).content.decode()
    sign_in("partner")
    assert client.post(address(world, "evidence-delete", proof.pk)).status_code == 403


def test_a_photograph_without_consent_is_not_opened_even_by_who_gave_it(
    client, world, sign_in, activity
):
    own = {"activity": activity, "given_by": world.institutions["partner"], "audience": "team"}
    proof = EvidenceFactory(**own, consent="none", accepted_on=None)
    sign_in("partner")

    page = client.get(activity.get_absolute_url()).content.decode()

    assert proof.title in page
    assert client.get(address(world, "evidence-file", proof.pk)).status_code == 404


def test_what_was_given_by_mistake_goes_with_its_file(
    client, world, sign_in, activity, django_capture_on_commit_callbacks
):
    proof = EvidenceFactory(
        activity=activity, given_by=world.institutions["partner"], accepted_on=None, audience="team"
    )
    url = address(world, "evidence-delete", proof.pk)
    sign_in("partner")
    assert "cannot be undone" in client.get(url).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url)

    assert not Evidence.objects.exists()
    assert not default_storage.exists(proof.file.name)


def test_of_two_who_accept_the_second_is_told(client, world, coordinator, activity):
    proof = EvidenceFactory(activity=activity, accepted_on=None, audience="team")
    url = address(world, "evidence-accept", proof.pk)

    first, second = (client.post(url, follow=True).content.decode() for _ in range(2))

    assert "The evidence is accepted." in first
    assert "Somebody has already accepted it." in second


# Deliverables


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, "expected"),
        ({"planned_on": 1}, "expected"),
        ({"planned_on": -1}, "late"),
        ({"planned_on": -1, "delivered_on": -1}, "delivered"),
        ({"quantity_planned": 10, "quantity_actual": 4}, "partly"),
        ({"delivered_on": -1, "quantity_planned": 10, "quantity_actual": 4}, "partly"),
        ({"delivered_on": -1, "quantity_planned": 10}, "delivered"),
    ],
)
def test_the_state_of_a_deliverable_follows_from_its_facts(facts, state):
    facts = {
        name: TODAY() + timedelta(days=value) if name.endswith("_on") else value
        for name, value in facts.items()
    }

    assert Deliverable(**facts).state == state


def test_a_deliverable_is_kept_and_its_evidence_outlives_it(client, world, coordinator, activity):
    data = {"kind": "kit", "title_fr": "Trousse", "quantity_planned": "3", "delivered_on": ""}
    url = address(world, "deliverable-create", activity.pk)
    client.post(url, data)
    twice = client.post(url, data)
    deliverable = activity.deliverables.get()
    proof = EvidenceFactory(activity=activity, deliverable=deliverable)
    edit = address(world, "deliverable-edit", deliverable.pk)

    late = client.post(edit, data | {"delivered_on": "2999-01-01"})
    client.post(address(world, "deliverable-delete", deliverable.pk))

    assert "already has a deliverable" in str(errors_of(twice))
    assert set(errors_of(late)) == {"delivered_on"}
    proof.refresh_from_db()
    assert proof.deliverable is None

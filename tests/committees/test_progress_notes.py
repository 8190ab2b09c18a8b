"""Progress: noted by the responsible institution or the coordination, from page or link."""

import uuid
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink
from committees.models import Action, ActionPlan, ActionTerms, NoteFile, ProgressNote
from committees.plans.services.progress import ProgressEntry, note_progress
from kernel.refusal import Refusal
from tests.kernel.made_files import picture
from tests.world import World

pytestmark = pytest.mark.django_db

Status = ActionPlan.Status


@pytest.fixture
def world():
    """The plan is in execution; the member's institution is responsible for its action."""
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=Status.IN_EXECUTION, validated_by=world.decision
    )
    return world


@pytest.fixture
def link(world):
    link, token = AccessLink.issue(world.people["member"], "note_progress", world.action, by=None)
    link.url = reverse("committees:action-link", args=[token])
    return link


def progress_url(world):
    return reverse("committees:action-progress", args=[world.action.pk])


def typed(**changes):
    return {
        "share_done": 40,
        "step": "",
        "text": "",
        "language": "es",
        "entry_key": str(uuid.uuid4()),
    } | changes


def rows():
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.managed and model._meta.pk is not None
    }


# Who notes


def test_the_responsible_institution_notes_in_its_own_name(client, world):
    client.force_login(world.people["member"])

    client.post(progress_url(world), typed(text="Dos talleres."))

    note = ProgressNote.objects.get()
    assert (note.share_done, note.text, note.language, note.channel) == (
        40,
        "Dos talleres.",
        "es",
        "portal",
    )
    assert (note.institution, note.by) == (world.institutions["member"], world.people["member"])
    assert note.action.share_done == 40


@pytest.mark.parametrize("role", ["monitoring", "reader", "partner", "donor"])
def test_nobody_notes_for_another_institution(client, world, role):
    client.force_login(world.people[role])

    assert client.post(progress_url(world), typed()).status_code == 403
    assert not client.get(world.action.get_absolute_url()).context["may_note"]
    assert not ProgressNote.objects.exists()


def test_who_left_the_institution_notes_no_more(client, world):
    world.institutions["member"].contacts.update(ended_on=timezone.localdate())
    client.force_login(world.people["member"])

    assert client.post(progress_url(world), typed()).status_code == 404


@pytest.mark.parametrize("step", ["verify", "cancel", "reopen"])
def test_an_institution_neither_verifies_nor_cancels(client, world, step):
    client.force_login(world.people["member"])

    response = client.post(progress_url(world), typed(step=step, text="Motif."))

    assert "step" in response.context["form"].errors


# States follow


@pytest.mark.parametrize(
    ("before", "share", "step", "after"),
    [
        ("to_do", 0, "", "to_do"),
        ("to_do", 15, "", "in_progress"),
        ("in_progress", 60, "", "in_progress"),
        ("in_progress", 100, "", "done"),
        ("to_do", 100, "", "done"),
        ("blocked", 60, "", "blocked"),
        ("blocked", 60, "start", "in_progress"),
        ("in_progress", 30, "block", "blocked"),
        ("to_do", 20, "finish", "done"),
    ],
)
def test_the_state_follows_from_what_is_noted(world, before, share, step, after):
    Action.objects.filter(pk=world.action.pk).update(status=before)
    world.action.refresh_from_db()

    noted = ProgressEntry(share, by=world.people["member"], step=step, text="Motif.")
    note = note_progress(world.action, noted)

    world.action.refresh_from_db()
    assert world.action.status == after
    assert world.action.share_done == note.share_done == (100 if after == "done" else share)


@pytest.mark.parametrize(
    ("status", "sentence"), [("done", "open it again"), ("cancelled", "was cancelled")]
)
def test_what_is_over_is_not_noted_on(world, status, sentence):
    Action.objects.filter(pk=world.action.pk).update(status=status, share_done=100)
    world.action.refresh_from_db()

    with pytest.raises(Refusal, match=sentence):
        note_progress(world.action, ProgressEntry(60, by=world.people["member"]))

    assert not ProgressNote.objects.exists()


def test_a_note_of_an_earlier_day_is_kept_and_moves_nothing(world):
    today = timezone.localdate()
    note_progress(world.action, ProgressEntry(60, by=world.people["coordinator"], on=today))

    note_progress(
        world.action,
        ProgressEntry(30, by=world.people["coordinator"], on=today - timedelta(days=9)),
    )

    world.action.refresh_from_db()
    assert (world.action.share_done, world.action.notes.count()) == (60, 2)


def test_notes_are_only_added(world):
    note = note_progress(world.action, ProgressEntry(10, by=world.people["member"]))
    note.share_done = 90

    with pytest.raises(TypeError, match="add another"):
        note.save()


def test_the_same_form_sent_twice_is_one_note(client, world):
    client.force_login(world.people["member"])
    data = typed()

    for _time in range(2):
        client.post(progress_url(world), data)

    assert ProgressNote.objects.count() == 1


@pytest.mark.parametrize("values", [{"share_done": 140}, {"channel": "letter"}])
def test_the_database_refuses_what_cannot_be(world, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressNote.objects.create(
            action=world.action, language="fr", **{"share_done": 1} | values
        )


# What came by telephone


def told_by_telephone(world, **changes):
    return (
        typed(
            reported_by=world.institutions["member"].pk,
            channel="telephone",
            evidence="Appel de la direction, 3 sept.",
            noted_on=timezone.localdate().isoformat(),
        )
        | changes
    )


def test_what_was_told_by_telephone_is_shown_as_such_and_confirmed(client, world, mailoutbox):
    client.force_login(world.people["coordinator"])

    client.post(progress_url(world), told_by_telephone(world))

    note = ProgressNote.objects.get()
    assert (note.institution, note.channel, note.was_entered_for_it) == (
        world.institutions["member"],
        "telephone",
        True,
    )
    page = client.get(world.action.get_absolute_url()).content.decode()
    assert "Entered by the coordination: Telephone" in page
    assert "Appel de la direction" in page


def test_the_institution_is_told_what_was_entered_for_it(
    client, world, mailoutbox, django_capture_on_commit_callbacks
):
    client.force_login(world.people["coordinator"])

    with django_capture_on_commit_callbacks(execute=True):
        client.post(progress_url(world), told_by_telephone(world))

    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        ([world.people["member"].email], "Progress was noted for you")
    ]
    assert world.action.reference in mailoutbox[0].body


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"evidence": ""}, "evidence"),
        ({"channel": ""}, "channel"),
        ({"reported_by": ""}, "reported_by"),
        ({"noted_on": "2999-01-01"}, "noted_on"),
        ({"share_done": "140"}, "share_done"),
    ],
)
def test_what_is_entered_for_another_is_entered_whole(client, world, changes, field):
    client.force_login(world.people["coordinator"])

    response = client.post(progress_url(world), told_by_telephone(world, **changes))

    assert list(response.context["form"].errors) == [field]
    assert not ProgressNote.objects.exists()


# Evidence


def photograph(name="photo.png"):
    return SimpleUploadedFile(name, picture("PNG"), content_type="image/png")


@pytest.fixture
def file(client, world):
    client.force_login(world.people["member"])
    client.post(progress_url(world), typed(file_1=photograph(), file_2=photograph("dos.png")))
    return NoteFile.objects.first()


def test_evidence_is_kept_with_the_note(file, world):
    assert [one.original_name for one in file.note.files.all()] == ["photo.png", "dos.png"]


@pytest.mark.parametrize(
    ("role", "status"),
    [("coordinator", 200), ("monitoring", 200), ("member", 200), ("partner", 404), ("donor", 404)],
)
def test_evidence_may_show_people_and_is_for_team_and_giver(client, world, file, role, status):
    client.force_login(world.people[role])

    response = client.get(file.get_absolute_url())
    for close in response._resource_closers:
        close()

    assert response.status_code == status
    assert (file.original_name in page(client, world)) is (status == 200)
    downloads = AccessEvent.objects.filter(kind="download").count()
    assert downloads == (1 if status == 200 else 0)


def page(client, world):
    return client.get(world.action.get_absolute_url()).content.decode()


def test_evidence_that_deceives_is_refused_with_a_sentence(client, world):
    client.force_login(world.people["member"])
    deceit = SimpleUploadedFile("liste.pdf", b"MZ not a document", content_type="application/pdf")

    response = client.post(progress_url(world), typed(file_1=deceit))

    assert list(response.context["form"].errors) == ["file_1"]
    assert not ProgressNote.objects.exists()


# By the link of a reminder


def test_opening_the_link_changes_nothing_and_leaves_no_session(client, link):
    before = rows()

    response = client.get(link.url)

    assert response.status_code == 200
    assert rows() == before
    assert "sessionid" not in response.cookies
    assert response.headers["Referrer-Policy"] == "strict-origin"


def test_the_link_notes_for_the_institution_and_says_it_back(client, world, link):
    response = client.post(link.url, typed(text="Hecho."), follow=True)

    note = ProgressNote.objects.get()
    assert (note.institution, note.by, note.channel) == (
        world.institutions["member"],
        world.people["member"],
        "link",
    )
    assert "Noted: 40 % done." in response.content.decode()
    assert AccessEvent.objects.get(kind="link").details["purpose"] == "note_progress"


@pytest.mark.parametrize("why", ["left", "closed", "other", "revoked", "gone"])
def test_the_link_opens_nothing_any_more(client, world, link, why):
    match why:
        case "left":
            world.institutions["member"].contacts.update(ended_on=timezone.localdate())
        case "closed":
            ActionPlan.objects.update(status=Status.CLOSED)
        case "other":
            ActionTerms.objects.update(responsible=world.institutions["partner"])
        case "revoked":
            link.revoke()
        case "gone":
            type(link.user).objects.filter(pk=link.user_id).update(is_active=False)

    assert client.get(link.url).status_code == 404
    assert client.post(link.url, typed()).status_code == 404
    assert not ProgressNote.objects.exists()


def test_a_link_of_another_purpose_notes_nothing(client, world):
    _link, token = AccessLink.issue(world.people["member"], "review_plan", world.plan, by=None)

    assert client.get(reverse("committees:action-link", args=[token])).status_code == 404


# Queries


def test_the_page_costs_the_same_for_any_number_of_notes(
    client, world, django_assert_max_num_queries
):
    client.force_login(world.people["coordinator"])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            note_progress(
                world.action,
                ProgressEntry(
                    number,
                    by=world.people["member"],
                    institution=world.institutions["member"],
                ),
            )

        with django_assert_max_num_queries(30) as statements:
            response = client.get(world.action.get_absolute_url())
        counts.append(len(statements))

        assert len(response.context["notes"]) == numbers.stop

    few, many = counts
    assert many <= few

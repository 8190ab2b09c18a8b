"""Names in typed texts that not every reader may know: a hint for whoever may know them, and silence
for whoever may not, whose text is held for the coordination."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLink, User
from committees.models import ActionPlan, Remark
from kernel.personal import CHECKED, REPLACED
from partners.models import InstitutionName
from projects.mail_notes.services import PURPOSE, take_reply
from projects.models import HeldText, MailNote, NamingPrecaution
from tests.factories import InstitutionFactory, ParticipationFactory, say
from tests.world import World

pytestmark = pytest.mark.django_db

NAME = "Colectivo Ficticio del Arco"
TEXT = f"El {NAME} ya revisó los contenidos."
HELD = "Held: only its author and the coordination read this text"


@pytest.fixture
def world():
    world = World()
    world.plan.status = ActionPlan.Status.IN_REVIEW
    world.plan.review_until = timezone.localdate() + timedelta(days=6)
    world.plan.save()
    return world


@pytest.fixture
def guarded(world):
    institution = InstitutionFactory(kind="civil_society")
    InstitutionName.objects.filter(institution=institution).update(
        **dict.fromkeys(("name_en", "name_fr", "name_es"), NAME)
    )
    ParticipationFactory(project=world.project, institution=institution)
    say(institution)
    return institution


def send(client, world, role="partner", **changes):
    client.force_login(world.people[role])
    facts = {"institution": world.institutions[role].pk, "action": "", "text": TEXT}
    facts |= {"audience": "committee", "key": str(uuid.uuid4())} | changes
    return client.post(reverse("committees:plan-remark", args=[world.plan.pk]), facts)


def read(client, world, role):
    person = world.people[role]
    person.language = "en"
    person.save(update_fields=["language"])
    client.force_login(person)
    client.cookies.clear()
    client.force_login(person)
    answer = client.get(reverse("committees:plan", args=[world.plan.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_whoever_may_not_know_the_name_gets_the_answer_of_any_other_text(client, world, guarded):
    usual = send(client, world, text="Noviembre sería mejor.")
    held = send(client, world)

    assert (held.status_code, held.url.split("#")[0]) == (302, usual.url.split("#")[0])
    assert Remark.objects.filter(text=TEXT).exists()
    row = HeldText.objects.get()
    assert (row.source, row.by, row.project) == (TEXT, world.people["partner"], world.project)
    page = read(client, world, "partner")
    assert TEXT in page
    assert HELD not in page


def test_what_the_portal_knows_of_the_author_does_not_say_that_a_text_is_held(
    client, world, guarded
):
    send(client, world)
    person = world.people["partner"]
    User.objects.filter(pk=person.pk).update(language="en")
    client.cookies.clear()
    client.force_login(User.objects.get(pk=person.pk))

    page = client.get(reverse("persons:own")).content.decode()
    file = client.get(reverse("persons:own-file")).content.decode()

    assert "Remarks" in page
    assert "Held" not in page
    assert "HeldText" not in file


def test_only_the_author_and_the_coordination_read_it_until_it_is_released(client, world, guarded):
    send(client, world)
    assert NAME not in read(client, world, "member")
    assert "The coordination has not released this text yet." in read(client, world, "member")
    page = read(client, world, "coordinator")
    assert TEXT in page
    assert HELD in page
    place = reverse("projects:held-texts", args=[world.project.code])
    listed = client.get(place).content.decode()
    assert TEXT in listed
    action = re.search(r'action="([^"]*/release/)"', listed)[1]

    assert client.post(action).url == place

    assert TEXT in read(client, world, "member")
    assert HELD not in read(client, world, "coordinator")


def test_nobody_else_releases_it(client, world, guarded):
    send(client, world)
    row = HeldText.objects.get()
    place = reverse("projects:held-text-release", args=[world.project.code, row.pk])
    for role in ("partner", "member", "donor", "auditor", "outsider"):
        client.force_login(world.people[role])
        assert client.post(place).status_code in {403, 404}
    row.refresh_from_db()
    assert row.released_at is None


def test_whoever_may_know_it_is_offered_other_words(client, world, guarded):
    say(guarded, "partners")
    asked = send(client, world)
    page = asked.content.decode()
    assert asked.status_code == 200
    assert TEXT in page
    key = re.search(rf'name="{REPLACED}" value="([^"]*)"', page)[1]
    assert not Remark.objects.exists()

    assert send(client, world, **{REPLACED: key}).status_code == 302

    [remark] = Remark.objects.all()
    assert NAME not in remark.text
    assert re.fullmatch(r"El \D+ \d+ ya revisó los contenidos\.", remark.text)
    assert not HeldText.objects.exists()


def test_they_may_also_keep_the_name(client, world, guarded):
    say(guarded, "partners")
    key = re.search(rf'name="{CHECKED}" value="([^"]*)"', send(client, world).content.decode())[1]

    assert send(client, world, **{CHECKED: key}).status_code == 302

    assert Remark.objects.get().text == TEXT
    assert not HeldText.objects.exists()


def test_a_name_that_only_a_precaution_hides_is_held_as_well(client, world, guarded):
    guarded.naming_choices.all().delete()
    NamingPrecaution.objects.create(institution=guarded, reason="Amenazas")

    send(client, world)

    assert HeldText.objects.get().source == TEXT
    assert NAME not in read(client, world, "member")


def test_a_message_by_mail_is_held_once_its_author_lets_others_read_it(client, world, guarded):
    author = world.people["partner"]
    take_reply(author, world.project, TEXT)
    _link, token = AccessLink.issue(author, PURPOSE, MailNote.objects.get(), by=None)
    page = reverse("projects:mail-note-link", args=[token])
    assert not HeldText.objects.exists()

    client.post(page, {"audience": "committee", "is_checked": "on"})

    assert HeldText.objects.get().source == TEXT
    assert TEXT in client.get(page).content.decode()
    client.force_login(world.people["member"])
    released = client.get(reverse("projects:mail-notes", args=[world.project.code]))
    assert released.status_code == 200
    assert NAME not in released.content.decode()


def test_a_text_that_was_held_twice_is_held_and_released_as_one(client, world, guarded):
    send(client, world)
    row = HeldText.objects.get()
    HeldText.objects.create(project=row.project, source=row.source, by=row.by)

    assert send(client, world).status_code == 302
    assert HeldText.objects.count() == 2
    client.force_login(world.people["coordinator"])
    client.post(reverse("projects:held-text-release", args=[world.project.code, row.pk]))

    assert not HeldText.objects.unreleased().exists()


def test_where_nobody_is_guarded_nothing_is_asked_or_held(client, world):
    assert send(client, world).status_code == 302
    assert not HeldText.objects.exists()


def test_reading_holds_nothing(client, world, guarded):
    client.force_login(world.people["partner"])

    client.get(reverse("committees:plan-remark", args=[world.plan.pk]), {"text": TEXT})

    assert not HeldText.objects.exists()


def test_the_list_says_where_nothing_is_held(client, world):
    client.force_login(world.people["coordinator"])
    page = client.get(reverse("projects:held-texts", args=[world.project.code]))

    assert "Nothing is held" in page.content.decode()

"""Sealed minutes: they stay as they are in whichever language they are authoritative, and errata
mend them."""

import json
from collections import Counter
from datetime import timedelta
from hashlib import sha256

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Hold
from committees.minutes.services.minutes import (
    add_erratum,
    revise,
    start_minutes,
    translate_minutes,
    write_minutes,
)
from committees.minutes.services.names import NOBODY, destroy_annex
from committees.minutes.services.text import names_of
from committees.models import Attendance, Erratum, Minutes, Resolution
from committees.models.minutes import canonical
from committees.retention import destroy_old_names
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from partners.models import Contact
from projects.amendments.periods import months_later
from projects.models import Project
from reports.models import About, DocumentKind, Rendition
from reports.services.producing import produce
from reports.services.requesting import request_rendition
from tests.committees.minutes_life import SECRET, final, sealed
from tests.factories import AgendaItemFactory, MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def by(world):
    return world.people["coordinator"]


# The hash


def test_equal_content_is_written_in_one_way():
    content = {"title": "Año", "items": [{"notes": "é", "decided": None}], "code": 7}

    assert canonical(content) == ('{"code":7,"items":[{"decided":null,"notes":"é"}],"title":"Año"}')
    assert canonical(dict(reversed(content.items()))) == canonical(content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_hash_is_over_the_authoritative_language(held, by, later_decision, language):
    sealed(start_minutes(held, language=language), by, later_decision)

    minutes = Minutes.objects.get()
    written = json.dumps(
        minutes.content[language], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    assert minutes.sha256 == sha256(written.encode()).hexdigest()
    assert len({Minutes.hash_of(text) for text in minutes.content.values()}) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_a_change_of_the_authoritative_text_breaks_the_seal(
    held, by, later_decision, language
):
    sealed(start_minutes(held, language=language), by, later_decision)

    is_whole = {}
    for changed in LANGUAGES:
        minutes = Minutes.objects.get()
        minutes.content[changed]["quorum"] = "99 / 99"
        is_whole[changed] = minutes.is_whole
    assert is_whole == {code: code != language for code in LANGUAGES}


@pytest.mark.parametrize(("language", "courtesy"), [("es", "fr"), ("en", "es")])
def test_minutes_in_any_language_are_translated_after_the_seal(
    held, by, later_decision, language, courtesy
):
    minutes = start_minutes(held, language=language)
    write_minutes(minutes, language=language, opening="Original.", closing="")
    sealed(minutes, by, later_decision)
    before = minutes.sha256
    words = {"opening": "Traduit."}

    with pytest.raises(Refusal, match="written in this language"):
        translate_minutes(minutes, language, words, seen_version=0, by=by)
    translate_minutes(minutes, courtesy, words, seen_version=0, by=by)

    again = Minutes.objects.get()
    assert again.content[courtesy]["opening"] == {"text": "Traduit.", "lang": ""}
    assert (again.sha256, again.is_whole) == (before, True)


# What stays, and what mends it


def test_what_is_sealed_never_changes(minutes, by, later_decision):
    sealed(minutes, by, later_decision)
    minutes.opening = "Autre chose"

    with pytest.raises(Refusal):
        minutes.save()
    with pytest.raises(Refusal):
        minutes.delete()
    with pytest.raises(Refusal):
        write_minutes(minutes, language="fr", opening="x", closing="")
    with pytest.raises(TransitionError):
        revise(minutes, by=by, why="x")
    assert Minutes.objects.get(pk=minutes.pk).is_whole


def test_the_database_refuses_to_change_a_sealed_text(minutes, by, later_decision):
    sealed(minutes, by, later_decision)

    with pytest.raises(DatabaseError), transaction.atomic():
        Minutes.objects.filter(pk=minutes.pk).update(content={}, status="draft")


def test_a_changed_text_is_noticed(minutes, by, later_decision):
    sealed(minutes, by, later_decision)
    minutes.content["fr"]["quorum"] = "Quorum atteint : 99 sur 99."

    assert not minutes.is_whole


def test_the_names_are_destroyed_without_touching_the_hash(minutes, by, later_decision):
    sealed(minutes, by, later_decision)
    before = minutes.sha256
    assert SECRET in {row["name"] for row in minutes.annex}

    destroy_annex(minutes)
    with pytest.raises(Refusal, match="no names left"):
        destroy_annex(minutes)
    again = Minutes.objects.get(pk=minutes.pk)
    assert (again.annex, again.sha256, again.is_whole) == (None, before, True)
    assert again.annex_destroyed_on == timezone.localdate()


@pytest.mark.parametrize("covered", ["project", "person", "entry"])
def test_a_hold_keeps_the_names(minutes, world, by, later_decision, covered):
    sealed(minutes, by, later_decision)
    person = world.people["member"]
    things = {"project": world.project, "person": person, "entry": person.contacts.get()}
    Hold(reason="Audit.", placed_by=by, thing=things[covered]).save()

    with pytest.raises(Refusal, match="A hold covers"):
        destroy_annex(minutes)
    minutes.refresh_from_db()
    assert minutes.annex


def test_a_minor_or_a_pseudonymous_person_is_not_named_in_the_annex(minutes, world, by):
    contact = world.people["member"].contacts.get()
    contact.is_pseudonymous = True
    contact.save()
    final(minutes, by)

    assert [row["name"] for row in names_of(minutes.meeting)] == ["", SECRET]


def test_a_courtesy_translation_comes_after_the_seal_and_leaves_the_hash(
    minutes, world, by, later_decision
):
    sealed(minutes, by, later_decision)
    before, key = minutes.sha256, f"item-{world.item.pk}"
    translate_minutes(minutes, "es", {key: "Se lee el balance."}, seen_version=0, by=by)

    minutes.refresh_from_db()
    assert minutes.content["es"]["items"][0]["notes"] == {"text": "Se lee el balance.", "lang": ""}
    assert (minutes.sha256, minutes.is_whole) == (before, True)
    with pytest.raises(Refusal, match="saved this translation"):
        translate_minutes(minutes, "es", {key: "Otro."}, seen_version=0, by=by)


def test_a_translation_is_refused_if_the_agenda_changed_since_it_was_frozen(
    minutes, by, later_decision
):
    sealed(minutes, by, later_decision)
    AgendaItemFactory(meeting=minutes.meeting)

    with pytest.raises(Refusal, match="no longer matches their items"):
        translate_minutes(minutes, "es", {"opening": "x"}, seen_version=0, by=by)
    assert not minutes.translations.exists()


def test_a_translation_after_the_seal_tells_nothing_of_what_happened_since(
    minutes, world, by, later_decision
):
    sealed(minutes, by, later_decision)
    Resolution.objects.filter(pk=world.decision.pk).update(status="executed", text_es="Otro")
    before = minutes.content["es"]["items"][0]["resolutions"]
    translate_minutes(minutes, "es", {"opening": "x"}, seen_version=0, by=by)

    minutes.refresh_from_db()
    assert minutes.content["es"]["items"][0]["resolutions"] == before


def test_errata_are_numbered_and_come_after_the_seal(minutes, by, later_decision):
    with pytest.raises(Refusal, match="corrects sealed minutes"):
        add_erratum(Erratum(minutes=minutes, text="Trop tôt", by=by))
    sealed(minutes, by, later_decision)

    key = "7f0d9c4e-1111-4222-8333-444455556666"
    numbers = [
        add_erratum(Erratum(minutes=minutes, text="Lire 11.", by=by, entry_key=key)).number,
        add_erratum(Erratum(minutes=minutes, text="Lire 11.", by=by, entry_key=key)).number,
        add_erratum(Erratum(minutes=minutes, text="Lire 12.", by=by)).number,
    ]
    assert numbers == [1, 1, 2]


@pytest.mark.parametrize("kind", [DocumentKind.ANNEX, DocumentKind.NAMED_MINUTES])
def test_destroyed_names_are_gone_from_the_attendance_list_and_its_documents(
    minutes, by, later_decision, world, kind
):
    """Only the counts stay, and where names remain is said."""
    came = Contact.objects.filter(pk__in=minutes.meeting.attendances.values("contact"))
    came.update(full_name=SECRET, may_be_named=True)
    sealed(minutes, by, later_decision)
    meeting = minutes.meeting
    before = Counter(meeting.attendances.values_list("contact__sex", flat=True))
    about = About(meeting, kind)
    rendition = request_rendition(about, language="fr", audience="coordination", by=by)
    produce(Rendition.objects.claim(rendition.pk, lease=timedelta(minutes=5)))
    rendition.refresh_from_db()
    assert SECRET in str(rendition.snapshot.data)

    remaining = destroy_annex(minutes)

    rows = Attendance.objects.filter(meeting=meeting)
    assert {row.contact for row in rows} == {None}
    assert not rows.filter(guest_name__contains=SECRET).exists()
    assert Counter(row.sex or None for row in rows) == before
    rendition.refresh_from_db()
    assert rendition.is_destroyed
    assert SECRET not in str(rendition.snapshot.data)
    assert any("seats" in sentence for sentence in remaining)


def test_names_are_destroyed_years_after_the_project(minutes, world, by, later_decision):
    """Also those of a meeting of which no minutes were sealed."""
    sealed(minutes, by, later_decision)
    unsealed = MeetingFactory(committee=world.committee, number=60, status="held")
    Attendance.objects.create(meeting=unsealed, guest_name=SECRET, presence="online")
    Hold(reason="Audit.", placed_by=by, thing=(held := world.neighbour)).save()
    kept = MeetingFactory(committee__project=held, status="held")
    Attendance.objects.create(meeting=kept, guest_name=SECRET, presence="online")
    today = timezone.localdate()

    def names():
        rows = Attendance.objects.exclude(contact=None, guest_name__in=["", NOBODY])
        return set(rows.values_list("meeting", flat=True))

    over = months_later(today, -12 * settings.RECORDS_YEARS)
    Project.objects.update(current_end=over, starts_on=over - timedelta(days=400))
    assert destroy_old_names() == 0
    Project.objects.update(current_end=over - timedelta(days=1))
    assert destroy_old_names() == 2

    assert names() == {kept.pk}
    assert Minutes.objects.get(pk=minutes.pk).annex is None

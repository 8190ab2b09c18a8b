"""Texts for an outside translator: what goes out, what comes back, and what is refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given, strategies as st

from accounts.models import AccessEvent
from ibcr_portal.translating.exchange import (
    ImportOutcome,
    export,
    plan_import,
    sealed,
    write_import,
)
from ibcr_portal.translating.po import (
    MAX_BYTES,
    Unit,
    UnreadableTranslations,
    read_po,
    read_xliff,
    write_po,
    write_xliff,
)
from kernel.refusal import Refusal
from kernel.xml_text import xml_text
from projects.models import Translation
from tests.factories import RemarkFactory
from tests.ibcr_portal.translating.test_queue import confirm, queue_of
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
REMARK = 'Les « ateliers » commencent en mars :\n\tdeux salles, 5 < 6 & "tout" \\ le reste.'


@pytest.fixture
def world():
    return World()


@pytest.fixture
def remark(world):
    return RemarkFactory(plan=world.plan, text=REMARK)


def key_of(remark):
    return f"committees.remark:{remark.pk}:text"


def translated(world, kind, texts):
    """Return the exported file with these translations, by key."""
    reader, writer = {"xlf": (read_xliff, write_xliff), "po": (read_po, write_po)}[kind]
    language, units = reader(export(queue_of(world), "es", kind))
    done = [unit._replace(target=texts.get(unit.key, ""), is_draft=False) for unit in units]
    return writer(done, world.project.code, language)


@pytest.mark.parametrize("kind", ["xlf", "po"])
def test_what_is_exported_is_read_again_exactly(world, remark, kind):
    reader = {"xlf": read_xliff, "po": read_po}[kind]

    language, units = reader(export(queue_of(world), "es", kind))

    expected = {item.text.key: item.text.source for item in queue_of(world).into("es")}
    assert language == "es"
    assert {unit.key: unit.source for unit in units} == expected
    assert expected[key_of(remark)] == REMARK


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).map(xml_text)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_any_text_survives_both_formats(pairs):
    units = [
        Unit(f"projects.result:{number}:statement", "fr", source, target)
        for number, (source, target) in enumerate(pairs)
        if source
    ]

    for write, read in ((write_xliff, read_xliff), (write_po, read_po)):
        found = read(write(units, "HN-1", "es"))[1] if units else []
        assert [(one.key, one.source, one.target) for one in found] == [
            (one.key, one.source, one.target) for one in units
        ]


@pytest.mark.parametrize("kind", ["xlf", "po"])
def test_a_file_that_comes_back_is_shown_and_then_written(client, world, remark, kind):
    client.force_login(world.people["coordinator"])
    file = translated(world, kind, {key_of(remark): "Los talleres."})

    upload = SimpleUploadedFile(f"texts.{kind}", file)
    url = reverse("projects:translations-import", args=[world.project.code])
    preview = client.post(url, {"file": upload})

    plan = preview.context["plan"]
    assert [row.unit.target for row in plan.new] == ["Los talleres."]
    assert not Translation.objects.exists()
    sent = {"seal": preview.context["form"].initial["seal"], "is_confirmed": "on"}
    write_url = reverse("projects:translations-write", args=[world.project.code])
    assert client.post(write_url, sent).status_code == 302
    pair = Translation.objects.get()
    assert (pair.text, pair.state, pair.by) == (
        "Los talleres.",
        "confirmed",
        world.people["coordinator"],
    )
    # Pressed twice, it is there once.
    assert client.post(write_url, sent).status_code == 302
    assert Translation.objects.count() == 1


def test_unless_they_are_confirmed_they_are_drafts(world, remark):
    queue = queue_of(world)
    plan = plan_import(queue, translated(world, "po", {key_of(remark): "Borrador."}), "po")
    seal = sealed(plan, world.project, queue.user)

    write_import(world.project, seal, by=queue.user, is_confirmed=False)

    assert Translation.objects.get().state == "draft"


def test_what_changed_meanwhile_is_reported_and_left_alone(world, remark):
    other = RemarkFactory(plan=world.plan, text="Le budget est petit pour une année.")
    done = RemarkFactory(plan=world.plan, text="Il manque une carte pour la région.")
    texts = {key_of(remark): "Uno.", key_of(other): "Dos.", key_of(done): "Tres."}
    file = translated(world, "xlf", texts)
    remark.text = "Les ateliers commencent en avril."
    remark.save()
    confirm(world, done, "text", "Falta un mapa.")

    rows = plan_import(queue_of(world), file, "xlf").rows

    outcomes = {row.unit.key: row.outcome for row in rows if row.outcome != ImportOutcome.EMPTY}
    assert outcomes == {
        key_of(remark): ImportOutcome.CHANGED,
        key_of(other): ImportOutcome.NEW,
        key_of(done): ImportOutcome.CONFIRMED,
    }


def test_nothing_is_written_if_one_text_changed_after_the_preview(world, remark):
    other = RemarkFactory(plan=world.plan, text="Le budget est petit pour une année.")
    queue = queue_of(world)
    file = translated(world, "po", {key_of(remark): "Uno.", key_of(other): "Dos."})
    seal = sealed(plan_import(queue, file, "po"), world.project, queue.user)
    other.text = "Le budget est grand."
    other.save()

    with pytest.raises(Refusal):
        write_import(world.project, seal, by=queue.user, is_confirmed=True)

    assert not Translation.objects.exists()


def test_the_preview_of_somebody_else_or_of_nobody_is_refused(world, remark):
    queue = queue_of(world)
    plan = plan_import(queue, translated(world, "po", {key_of(remark): "Uno."}), "po")
    seal = sealed(plan, world.project, queue.user)

    for by, sent in ((world.people["administrator"], seal), (queue.user, "nonsense")):
        with pytest.raises(Refusal):
            write_import(world.project, sent, by=by, is_confirmed=True)


def test_texts_of_another_project_are_unknown(world, remark):
    file = translated(world, "xlf", {key_of(remark): "Uno."})
    neighbour = type(queue_of(world))(world.people["outsider"], world.neighbour)

    rows = plan_import(neighbour, file, "xlf").rows

    assert {row.outcome for row in rows} == {ImportOutcome.UNKNOWN}


DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
OTHER = b'<?xml version="1.0"?><tmx version="1.4"><body/></tmx>'
NO_LANGUAGE = (
    b'<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file source-language="fr">'
    b'<body><trans-unit id="a"><source>b</source></trans-unit></body></file></xliff>'
)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("xlf", DOCTYPE),
        ("xlf", OTHER),
        ("xlf", NO_LANGUAGE),
        ("xlf", b"<xliff"),
        ("xlf", b""),
        ("xlf", b"<a>" * 5_000),
        ("po", b'msgid "a"\nmsgstr b\n'),
        ("po", b"\xff\xfe\x00nothing"),
        ("po", b"just words\n"),
        ("po", b""),
        ("po", b'msgid "a\n'),
        ("po", b'msgid ""\nmsgstr "Language: de\\n"\n\nmsgid "a"\nmsgstr "b"\n'),
    ],
)
def test_a_hostile_or_wrong_file_is_refused_with_a_sentence(world, kind, content):
    with pytest.raises(UnreadableTranslations, match=r"\w+.*\.$"):
        plan_import(queue_of(world), content, kind)


@pytest.mark.parametrize("content", [b"<a>" * 5_000, b"<a>" + b"<b/>" * 100_001 + b"</a>"])
def test_a_file_that_is_too_deep_or_has_too_much_in_it_is_refused_in_words_about_xliff(
    world, content
):
    with pytest.raises(UnreadableTranslations) as refused:
        plan_import(queue_of(world), content, "xlf")

    assert "IATI" not in str(refused.value)
    assert "activity" not in str(refused.value)


def test_a_file_that_is_too_large_or_of_another_kind_is_refused_on_the_page(client, world):
    client.force_login(world.people["coordinator"])
    url = reverse("projects:translations-import", args=[world.project.code])

    answers = [
        client.post(url, {"file": SimpleUploadedFile(name, content)})
        for name, content in (
            ("a.po", b"# " + b"a" * MAX_BYTES),
            ("a.exe", b"MZ"),
            ("a.po", b"<html>"),
            ("a.xlf", DOCTYPE),
        )
    ]

    assert [bool(answer.context["form"].errors["file"]) for answer in answers] == [True] * 4


def test_an_export_is_logged_and_is_for_the_coordination_alone(client, world, remark):
    url = reverse("projects:translations-export", args=[world.project.code])

    client.force_login(world.people["reader"])
    assert client.get(url, {"to": "es", "kind": "po"}).status_code == 403
    client.force_login(world.people["coordinator"])
    answer = client.get(url, {"to": "es", "kind": "xlf"})

    assert answer.status_code == 200
    assert ".xlf" in answer["Content-Disposition"]
    assert AccessEvent.objects.latest("pk").details["what"] == "translations"
    assert client.get(url, {"to": "de", "kind": "xlf"}).status_code == 404

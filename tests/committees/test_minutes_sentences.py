"""Comments on single sentences of the minutes, and other words for them."""

import pytest
from django.urls import reverse

from accounts.models import AccessLink, FormDraft, OutgoingMail
from committees.minutes.services.minutes import circulate, finalise
from committees.minutes.services.sentences import sentences_of
from committees.models import AgendaItem, Committee
from tests.committees.minutes_life import soon
from tests.factories import AgendaItemFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

FIRST = "Le Dr. Sánchez présente l’art. 5 du règlement."
SECOND = "Les ateliers commencent en mars."
NOTES = f"{FIRST} {SECOND}\n\n- Un point de la liste"


@pytest.fixture
def by(world):
    return world.people["coordinator"]


@pytest.fixture
def item(minutes):
    """An item with notes, in minutes that circulate in French."""
    return AgendaItemFactory(
        meeting=minutes.meeting, notes=NOTES, notes_language="fr", title_fr="Les ateliers"
    )


@pytest.fixture
def open_minutes(minutes, item, by):
    circulate(minutes, by=by, until=soon())
    return minutes


def address_of(client, page, sentence):
    """Return the address to which the page leads for a comment on that sentence."""
    text = client.get(page).content.decode()
    place = text.index(f'">{sentence}</a>')
    return text[text.rindex('href="', 0, place) + len('href="') : place]


def suggest(client, minutes, seat, sentence, words, **more):
    form = address_of(client, minutes.get_absolute_url(), sentence)
    return client.post(form, {"seat": seat.pk, "suggestion": words, "text": "", **more})


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (NOTES, [FIRST, SECOND, "Un point de la liste"]),
        (
            "¿Quién va? Va la Sra. López… «Bien.» Fin",
            ["¿Quién va?", "Va la Sra. López…", "«Bien.»", "Fin"],
        ),
        ("## Título\n1. Se aprueba 1.5 % más.\n---", ["Título", "Se aprueba 1.5 % más."]),
        ("", []),
    ],
)
def test_a_text_is_divided_into_its_sentences(text, sentences):
    found = sentences_of(text)

    assert found == sentences
    assert all(one in text for one in found)


def test_a_member_comments_on_one_sentence(client, world, open_minutes, item):
    client.force_login(world.people["member"])

    suggest(client, open_minutes, world.seat, SECOND, SECOND, text="En avril, non ?")

    remark = open_minutes.remarks.get()
    shown = client.get(open_minutes.get_absolute_url()).content.decode()
    assert (remark.agenda_item, remark.sentence, remark.suggestion) == (item, SECOND, "")
    assert f"<q>{SECOND}</q>" in shown


def test_nothing_different_and_no_comment_is_refused(client, world, open_minutes):
    client.force_login(world.people["member"])

    answer = suggest(client, open_minutes, world.seat, SECOND, SECOND)

    assert answer.status_code == 200
    assert not open_minutes.remarks.exists()


def test_an_accepted_suggestion_is_in_the_notes_and_in_the_final_draft(
    client, world, open_minutes, item, by
):
    words = "Les ateliers commencent en avril."
    client.force_login(world.people["member"])
    suggest(client, open_minutes, world.seat, SECOND, words)
    remark = open_minutes.remarks.get()
    client.force_login(by)
    settle = reverse("committees:minutes-remark-settle", args=[open_minutes.pk, remark.pk])
    page = client.get(settle).content.decode()

    client.post(settle, {"decision": "accept", "answer": ""})

    item.refresh_from_db()
    remark.refresh_from_db()
    open_minutes.refresh_from_db()
    finalise(open_minutes, by=by)
    final = str(open_minutes.text_in("fr")["items"])
    assert f"</span>{SECOND}</del>" in page
    assert f"</span>{words}</ins>" in page
    assert (remark.outcome, item.notes) == ("accepted", NOTES.replace(SECOND, words))
    assert words in final
    assert SECOND not in final


def test_a_suggestion_for_the_opening_is_accepted_too(client, world, minutes, by):
    minutes.opening = "La séance est ouverte. Bienvenue à tous."
    minutes.save()
    circulate(minutes, by=by, until=soon())
    client.force_login(world.people["member"])
    suggest(client, minutes, world.seat, "Bienvenue à tous.", "Bienvenue à toutes et à tous.")
    remark = minutes.remarks.get()
    client.force_login(by)

    settle = reverse("committees:minutes-remark-settle", args=[minutes.pk, remark.pk])
    client.post(settle, {"decision": "accept"})

    minutes.refresh_from_db()
    assert minutes.opening == "La séance est ouverte. Bienvenue à toutes et à tous."


def test_a_declined_suggestion_changes_nothing_and_has_its_answer(
    client, world, open_minutes, item, by
):
    client.force_login(world.people["member"])
    suggest(client, open_minutes, world.seat, SECOND, "Rien.")
    remark = open_minutes.remarks.get()
    client.force_login(by)
    settle = reverse("committees:minutes-remark-settle", args=[open_minutes.pk, remark.pk])
    without = client.post(settle, {"decision": "decline", "answer": ""})

    client.post(settle, {"decision": "decline", "answer": "C’est en mars."})

    item.refresh_from_db()
    remark.refresh_from_db()
    assert without.status_code == 200
    assert (remark.outcome, remark.reply, item.notes) == ("declined", "C’est en mars.", NOTES)


def test_a_sentence_that_was_changed_meanwhile_is_not_replaced(
    client, world, open_minutes, item, by
):
    client.force_login(world.people["member"])
    suggest(client, open_minutes, world.seat, SECOND, "Rien.")
    AgendaItem.objects.filter(pk=item.pk).update(notes="Autre chose.")
    remark = open_minutes.remarks.get()
    client.force_login(by)

    settle = reverse("committees:minutes-remark-settle", args=[open_minutes.pk, remark.pk])
    answer = client.post(settle, {"decision": "accept"})

    remark.refresh_from_db()
    assert "reads differently by now" in answer.content.decode()
    assert (remark.outcome, remark.settled_at) == ("", None)


def test_words_for_a_sentence_that_is_gone_are_not_lost(client, world, open_minutes):
    client.force_login(world.people["member"])
    form = reverse("committees:minutes-remark", args=[open_minutes.pk])

    answer = client.post(
        f"{form}?on=opening.000000000000",
        {"seat": world.seat.pk, "suggestion": "Mes mots.", "text": "Parce que."},
    )

    assert answer.status_code == 200
    assert "Mes mots.\n\nParce que." in answer.content.decode()
    assert not open_minutes.remarks.exists()


def test_by_a_link_sentences_are_commented_on_but_not_those_that_are_reserved(
    client, world, minutes, item, by
):
    AgendaItemFactory(meeting=minutes.meeting, audience="voting", notes="Une note réservée.")
    circulate(minutes, by=by, until=soon())
    token = AccessLink.issue(world.people["member"], "read_minutes", minutes, by=by)[1]
    page = reverse("committees:minutes-link", args=[token])
    form = address_of(client, page, SECOND)

    client.post(form, {"seat": world.seat.pk, "suggestion": "En avril.", "text": ""})

    shown = client.get(page).content.decode()
    assert minutes.remarks.get().suggestion == "En avril."
    assert "En avril." in OutgoingMail.objects.latest("pk").text
    assert "<ins>" in shown
    assert "réservée" not in shown


def test_the_draft_for_a_sentence_is_found_on_that_sentence_alone(client, world, minutes, item, by):
    circulate(minutes, by=by, until=soon())
    token = AccessLink.issue(world.people["member"], "read_minutes", minutes, by=by)[1]
    page = reverse("committees:minutes-link", args=[token])
    on_first, on_second = (address_of(client, page, one) for one in (FIRST, SECOND))
    whole = reverse("committees:minutes-link-remark", args=[token])
    typed = {"seat": world.seat.pk, "suggestion": "En avril.", "text": ""}

    kept = client.post(on_second, typed | {"keep_draft": "1"})
    client.post(whole, {"seat": world.seat.pk, "text": "Merci."})
    client.post(f"{whole}?on=opening.000000000000", typed | {"text": "Oui.", "keep_draft": "1"})

    assert kept["Location"] == on_second
    assert "En avril." in client.get(on_second).content.decode()
    assert "En avril." not in client.get(on_first).content.decode()
    assert "En avril." not in client.get(whole).content.decode()
    assert FormDraft.objects.count() == 2


@pytest.mark.parametrize("days", [None, 10])
def test_silence_is_only_spoken_of_where_it_adopts(client, world, open_minutes, days):
    Committee.objects.update(minutes_silence_days=days)

    url = reverse("committees:minutes-remark", args=[open_minutes.pk])
    client.force_login(world.people["member"])
    page = client.get(url).content.decode()

    assert "This is an objection" in page
    assert ("silence does not adopt the minutes" in page) is bool(days)

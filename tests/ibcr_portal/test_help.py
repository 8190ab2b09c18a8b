"""Help in place: each page that people read has its text, in three languages, and a way to it."""

import re
from itertools import product

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve, reverse

from ibcr_portal.help.pages import (
    HELP,
    TEXTS,
    glossary,
    glossary_file,
    help_links,
    help_text,
    page_for,
    source_of,
)
from tests.browser.places import ENTRANCE, NO_PAGES
from tests.factories import UserFactory
from tests.test_access import addresses, table
from tests.world import World

LANGUAGES = [code for code, _name in settings.LANGUAGES]
READERS = ("coordinator", "member", "partner", "donor", "panel", "link", "visitor")
# They say themselves what they are.
WITHOUT = {"privacy", "help", "help-page", "help-glossary", "help-keys"}
# They only run where mail lies in a folder.
OF_DEVELOPERS = {"accounts:mailbox", "accounts:letter"}
END = re.compile(r"[.!?][”»\")]*(?=\s|$)")


def pages_read() -> set[str]:
    """The names of all pages that somebody reads who is no administrator."""
    return {
        name
        for (name, method), answers in table().items()
        if method == "GET" and any(answers[role] == "yes" for role in READERS)
    } - (NO_PAGES | WITHOUT | OF_DEVELOPERS)


def test_each_page_that_people_read_has_help():
    entrance = {name for _role, name in ENTRANCE}

    assert {name for name in pages_read() | entrance if not page_for(name)} == set()


def test_no_help_is_left_of_a_page_that_is_gone():
    known = [name for name, _converters in addresses()] + [name for _role, name in ENTRANCE]
    named = {name for names in HELP.values() for name in names.split()}
    begun = {
        name
        for name in named
        if any(one == name or one.startswith((f"{name}-", f"{name}_", f"{name}:")) for one in known)
    }

    assert named - begun == set()
    for language in LANGUAGES:
        files = {file.stem for file in (TEXTS / language).iterdir()}
        assert files == set(HELP), language


def test_a_help_has_a_title_and_three_to_six_sentences():
    for page, language in product(HELP, LANGUAGES):
        title, blank, text = source_of(page, language).split("\n", 2)

        assert (title[:2], blank) == ("# ", ""), (page, language)
        assert 3 <= len(END.findall(text)) <= 6, (page, language)


def test_a_help_explains_the_same_terms_in_each_language():
    for page in HELP:
        marked = {
            language: sorted(term.key for term in help_text(page, language).terms)
            for language in LANGUAGES
        }

        assert marked["fr"] == marked["es"] == marked["en"], page


def test_the_glossary_explains_each_term_in_each_language():
    for key, entry in glossary_file().items():
        assert set(entry["word"]) == set(entry["meaning"]) == set(LANGUAGES), key
        assert {"never", "unless", "english", "word", "meaning"} >= set(entry), key
    for language in LANGUAGES:
        words = [term.word for term in glossary(language).values()]
        assert words == sorted(words, key=str.casefold)


@pytest.mark.django_db
def test_a_page_leads_to_its_help_and_back(client):
    world = World()
    client.force_login(world.people["coordinator"])
    page = world.meeting.get_absolute_url()

    (link,) = re.findall(r' href="(/help/[^"?]+\?[^"]+)"', client.get(page).text)
    helped = client.get(link).text

    assert link.startswith("/help/meeting/")
    assert f'href="{page}"' in helped
    assert help_text("meeting", "en").title in helped


@pytest.mark.django_db
def test_help_opens_in_place_without_the_frame_of_a_page(client):
    part = client.get("/help/meeting/", headers={"HX-Request": "true"}).text

    assert part.strip().startswith("<details")
    assert "<html" not in part
    assert 'id="term-quorum"' in part


@pytest.mark.django_db
@pytest.mark.parametrize(
    "away", ["https://elsewhere.example/", "//elsewhere.example", "javascript:1"]
)
def test_the_way_back_leads_to_the_portal_alone(client, away):
    answer = client.get("/help/meeting/", {"from": away})

    assert answer.context["back"] == ""


@pytest.mark.parametrize(
    "url",
    [
        reverse("reports:shared", args=["secret"]),
        reverse("committees:check-in", args=["secret"]),
        "/accounts/login/?next=/check-in/secret/",
    ],
)
def test_what_a_link_holds_is_written_into_no_other_address(rf, url):
    request = rf.get(url)
    request.resolver_match = resolve(request.path)

    links = help_links(request)

    assert links["help_url"] == links["help_page_url"]
    assert "secret" not in str(links)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("url", ["/help/", "/help/glossary/", "/help/keys/", "/help/session/"])
def test_help_asks_the_database_nothing_and_needs_no_sign_in(
    django_assert_num_queries, url, language
):
    client = Client(headers={"accept-language": language})
    with django_assert_num_queries(0):
        answer = client.get(url)

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text


@pytest.mark.django_db
def test_help_is_open_while_a_second_step_is_missing(client, settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"administrator"})
    client.force_login(UserFactory(is_staff=True))

    assert client.get("/help/second-step/").status_code == 200
    assert client.get("/").status_code == 302


def test_the_keys_of_the_live_page_are_listed(client, db):
    text = client.get("/help/keys/").text

    live, translating = ["P", "O", "S", "E", "A", "L", "B"], ["D", "M"]
    assert re.findall(r"<kbd>([A-Z])</kbd>", text) == [*live, *translating]

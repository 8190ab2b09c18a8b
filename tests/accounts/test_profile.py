"""People keep their own name, language and time zone."""

import pytest
from django.conf import settings
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

URL = "/people/me/"


@pytest.fixture
def person(client):
    user = UserFactory(full_name="Membre 01", email="membre@example.org")
    client.force_login(user)
    return user


def details(**changed):
    return {
        "full_name": "Membre 01",
        "language": "en",
        "time_zone": "America/Tegucigalpa",
    } | changed


def test_the_page_shows_what_is_kept_and_how_one_signs_in(client, person):
    page = client.get(URL).content.decode()

    assert 'value="Membre 01"' in page
    assert "membre@example.org" in page
    assert 'href="/accounts/password/change/"' in page
    assert 'href="/accounts/2fa/"' in page


def test_saving_answers_in_the_language_chosen(client, person):
    response = client.post(
        URL, details(full_name=" Membre \t 02 ", language="es", time_zone="America/Toronto")
    )
    page = client.get(response.url).content.decode()

    person.refresh_from_db()
    assert response.url == URL
    assert (person.full_name, person.language) == ("Membre 02", "es")
    assert person.time_zone == "America/Toronto"
    assert '<html lang="es">' in page
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "es"


@pytest.mark.parametrize(
    "wrong",
    [
        {"full_name": ""},
        {"full_name": "   "},
        {"full_name": "a" * 201},
        {"full_name": "a\x00b"},
        {"language": "de"},
        {"language": ""},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": ""},
    ],
    ids=str,
)
def test_a_wrong_value_is_told_and_changes_nothing(client, person, wrong):
    response = client.post(URL, details(**wrong))

    assert response.status_code == 200
    assert list(response.context["form"].errors) == list(wrong)
    before = (person.full_name, person.language, person.time_zone)
    person.refresh_from_db()
    assert (person.full_name, person.language, person.time_zone) == before


@pytest.mark.parametrize(
    "field", ["email", "is_staff", "is_superuser", "is_active", "password", "news_read_until"]
)
def test_nothing_else_can_be_typed_in(client, person, field):
    before = getattr(person, field)

    client.post(URL, details(**{field: "1"}))

    person.refresh_from_db()
    assert getattr(person, field) == before


@pytest.mark.parametrize(("sends", "expected"), [(False, True), (True, False)])
def test_administrators_find_their_pages_here(client, settings, sends, expected):
    settings.SENDS_MAIL = sends
    client.force_login(UserFactory(is_staff=True))

    page = client.get(URL).content.decode()

    assert 'href="/access-log/"' in page
    assert ('href="/mailbox/"' in page) is expected


def test_others_do_not(client, person, settings):
    settings.SENDS_MAIL = False

    page = client.get(URL).content.decode()

    assert "/access-log/" not in page
    assert "/mailbox/" not in page
    assert "/admin/" not in page


def test_a_profile_is_ones_own(client, person):
    other = UserFactory(full_name="Membre 09")

    client.post(URL, details(full_name="Membre 03", pk=other.pk, id=other.pk))

    other.refresh_from_db()
    assert other.full_name == "Membre 09"


def test_visitors_have_none(client):
    assert client.get(URL).url == f"/accounts/login/?next={URL}"
    assert client.post(URL, details()).url == "/accounts/login/?next=/"


@pytest.mark.parametrize("name", ["Nowhere/Gone", "", "../../etc/passwd", "\x00"])
def test_a_time_zone_that_is_known_no_more_breaks_no_page(name):
    person = UserFactory.build(time_zone=name)

    assert str(person.zone) == settings.TIME_ZONE


def test_an_unknown_time_zone_stays_until_another_is_chosen(client, person):
    person.time_zone = "Nowhere/Gone"
    person.save()

    page = client.get(URL)

    assert page.status_code == 200
    assert page.context["form"].fields["time_zone"].choices[0] == ("Nowhere/Gone", "Nowhere/Gone")


@pytest.mark.parametrize("url", ["on", "2020-09-03", "home", "[]", "a\x00b", "../", "é" * 300])
def test_any_text_as_the_page_to_go_back_to_changes_the_language(client, person, url):
    response = client.post(reverse("set_language"), {"language": "es", "next": url})

    person.refresh_from_db()
    assert (response.status_code, response.url) == (302, "/")
    assert person.language == "es"

"""Three languages: who reads what, how dates and numbers are written, and in what a mail is."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core import mail
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import gettext

from accounts.letters import Letter
from accounts.mail import send_to_person
from accounts.models import User
from kernel.formats import moment
from tests.factories import UserFactory

COOKIE = settings.LANGUAGE_COOKIE_NAME
PUBLIC = "/privacy/"


def language_of(response):
    found = re.search('<html lang="(..)">', response.content.decode())[1]
    assert response.headers["Content-Language"] == found
    return found


# Who reads what


@pytest.mark.parametrize(
    ("cookie", "accepted", "expected"),
    [
        (None, None, "fr"),
        (None, "de", "fr"),
        (None, "es-HN,es;q=0.9,en;q=0.8", "es"),
        (None, "en-CA", "en"),
        (None, "de,en;q=0.5,es;q=0.7", "es"),
        ("en", "es", "en"),
        ("nonsense", "es", "es"),
        ("../../es", None, "fr"),
        (None, "\x00;q=abc,,", "fr"),
        (None, "a" * 5000, "fr"),
    ],
)
@pytest.mark.django_db
def test_a_visitor_reads_what_they_chose_or_else_what_the_browser_asks_for(
    client, cookie, accepted, expected
):
    if cookie:
        client.cookies[COOKIE] = cookie
    headers = {"accept-language": accepted} if accepted else {}

    assert language_of(client.get(PUBLIC, headers=headers)) == expected


@pytest.mark.parametrize("language", ["fr", "es", "en"])
@pytest.mark.django_db
def test_who_is_signed_in_reads_their_own_language(client, language):
    client.cookies[COOKIE] = "en"
    client.force_login(UserFactory(language=language))

    assert language_of(client.get(PUBLIC, headers={"accept-language": "en"})) == language


@pytest.mark.django_db
def test_one_readers_language_is_not_the_next_ones(client):
    reader = type(client)()
    reader.force_login(UserFactory(language="es", time_zone="America/Toronto"))
    language_of(reader.get(PUBLIC))

    assert language_of(client.get(PUBLIC)) == "fr"


# Choosing


def choose(client, language="es", **data):
    return client.post("/language/", {"language": language, **data})


@pytest.mark.django_db
def test_a_visitors_choice_is_kept_in_a_cookie(client):
    response = choose(client, next=PUBLIC)

    cookie = response.cookies[COOKIE]
    assert response.url == PUBLIC
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == ("es", "Lax", True)
    assert language_of(client.get(PUBLIC)) == "es"


@pytest.mark.django_db
def test_the_choice_of_who_is_signed_in_follows_them(client):
    person = UserFactory(language="fr")
    client.force_login(person)
    choose(client, "es")
    elsewhere = type(client)()
    elsewhere.force_login(User.objects.get(pk=person.pk))

    assert language_of(elsewhere.get(PUBLIC)) == "es"
    client.post("/accounts/logout/")
    assert language_of(client.get(PUBLIC)) == "es"


@pytest.mark.parametrize("language", ["de", "", "xx", "fr\r\nSet-Cookie: a=b", "\x00", "f" * 500])
@pytest.mark.django_db
def test_another_language_is_refused_with_a_sentence(client, language):
    person = UserFactory(language="en")
    client.force_login(person)

    response = choose(client, language, next="/people/me/")
    page = client.get(response.url).content.decode()

    person.refresh_from_db()
    assert person.language == "en"
    assert COOKIE not in response.cookies
    assert "Choose one of the languages of the menu." in page


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "///elsewhere.example/",
        r"/\elsewhere.example/",
        r"\\elsewhere.example",
        "/\t/elsewhere.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http:elsewhere.example",
        "http://127.0.0.1/",
        f"{settings.SITE_URL}.elsewhere.example/",
        f"{settings.SITE_URL}@elsewhere.example/",
        "//[elsewhere",
        "/\r\nLocation: https://elsewhere.example",
    ],
)
@pytest.mark.django_db
def test_choosing_leads_to_no_place_outside(client, url):
    response = choose(client, next=url)

    assert response.status_code == 302
    assert response.url in {"/", "/%0D%0ALocation:%20https://elsewhere.example"}


@pytest.mark.django_db
def test_a_link_chooses_nothing(client):
    assert client.get("/language/?language=es").status_code == 405

    assert language_of(client.get(PUBLIC)) == "fr"


@pytest.mark.django_db
def test_every_page_offers_the_three_languages(client):
    page = client.get(PUBLIC).content.decode()

    assert re.findall(r'<button name="language" value="(..)" lang="(..)"', page) == [
        ("fr", "fr"),
        ("es", "es"),
        ("en", "en"),
    ]
    assert 'action="/language/"' in page


# Formats of Django's own filters and form fields; those of kernel.formats have tests of theirs


WHEN = datetime(2020, 9, 3, 14, 5, tzinfo=ZoneInfo("America/Tegucigalpa"))
TEMPLATE = Template(
    "{% load humanize %}{{ when|date:'DATE_FORMAT' }}|{{ when|date:'SHORT_DATE_FORMAT' }}|"
    "{{ when|date:'DATETIME_FORMAT' }}|{{ amount|floatformat:'2g' }}"
)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", "3 septembre 2020|2020-09-03|3 septembre 2020, 14 h 05|25 000,00"),
        (
            "es",
            "3 de septiembre de 2020|03/09/2020|3 de septiembre de 2020, 2:05 p.m.|25,000.00",
        ),
        ("en", "September 3, 2020|2020-09-03|September 3, 2020, 2:05 p.m.|25,000.00"),
    ],
)
def test_formats_are_those_of_canada_and_honduras(language, expected):
    with translation.override(language):
        written = TEMPLATE.render(Context({"when": WHEN, "amount": 25_000}))

    assert written.replace("\xa0", " ") == expected


# Mail


@pytest.mark.parametrize(
    ("language", "subject", "day"),
    [
        ("fr", "français", "jeudi 3 décembre 2026"),
        ("es", "francés", "jueves 3 de diciembre de 2026"),
        ("en", "French", "Thursday, December 3, 2026"),
    ],
)
@pytest.mark.django_db
def test_a_mail_is_in_the_language_of_its_reader(
    language, subject, day, django_capture_on_commit_callbacks
):
    reader = UserFactory(language=language, time_zone="America/Toronto")
    at = datetime(2026, 12, 4, 2, 0, tzinfo=UTC)  # a day later in Greenwich

    def letter():
        return Letter(subject=gettext("French"), body=[gettext("French"), moment(at)])

    with translation.override("fr"), django_capture_on_commit_callbacks(execute=True):
        send_to_person(reader, letter, about=None)

    (message,) = mail.outbox
    assert message.subject == subject
    assert f"\n{subject}\n" in message.body
    assert day in message.body
    assert f'<html lang="{language}">' in message.alternatives[0].content


@pytest.mark.parametrize("language", ["fr", "es", "en"])
@pytest.mark.django_db
def test_a_code_asked_for_in_another_language_comes_in_the_readers(client, language):
    reader = UserFactory(language=language)
    client.cookies[COOKIE] = "en"

    client.post("/accounts/login/code/", {"email": reader.email})

    assert f'<html lang="{language}">' in mail.outbox[0].alternatives[0].content


@pytest.mark.django_db
def test_an_unknown_address_is_answered_in_the_language_of_the_page(client):
    client.cookies[COOKIE] = "es"

    client.post("/accounts/login/code/", {"email": "nobody@example.org"})

    assert '<html lang="es">' in mail.outbox[0].alternatives[0].content

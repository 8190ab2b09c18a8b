"""A form that is sent twice counts once, and its sender is led to what the first press made."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from accounts.tasks import forget_what_is_old
from kernel.models import SentForm
from partners.models import Institution
from tests.factories import UserFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.sqlite,
    pytest.mark.urls("tests.kernel.pages_urls"),
]

NEW = "/try/new/"


@pytest.fixture
def person(client):
    person = UserFactory(full_name="Personne 001")
    client.force_login(person)
    return person


def send(client, token, url=NEW, **typed):
    return client.post(url, typed | {"csrfmiddlewaretoken": token})


def news(answer):
    return [str(one) for one in get_messages(answer.wsgi_request)]


def test_every_page_that_is_opened_has_a_key_of_its_own(person):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)

    pages = [browser.get(NEW) for _each in range(2)]
    tokens = {str(page.context["csrf_token"]) for page in pages}
    answers = [send(browser, token, name="A") for token in tokens for _press in range(2)]

    assert [answer.status_code for answer in answers] == [302] * 4
    assert len(tokens) == 2
    assert Institution.objects.count() == 2


def test_the_second_press_leads_to_what_the_first_made(client, person):
    first, second = [send(client, "1", name="A") for _press in range(2)]

    (institution,) = Institution.objects.all()
    assert first.url == second.url == f"/try/new/?made={institution.pk}"
    assert news(first) == ["Made."]
    assert news(second)[-1] == "This was already saved."


@pytest.mark.parametrize(
    ("token", "name"), [("1", "B"), ("2", "A"), ("2", "B")], ids=["text", "page", "both"]
)
def test_another_page_or_another_text_is_another_entry(client, person, token, name):
    send(client, "1", name="A")
    answer = send(client, token, name=name)

    assert Institution.objects.count() == 2
    assert news(answer)[-1] == "Made."


@pytest.mark.parametrize(("key", "count"), [("7-7", 1), ("8-8", 2)], ids=["same", "another"])
def test_a_page_that_put_back_what_was_sent_has_the_key_of_that_press(client, person, key, count):
    """The page that was opened again has a token of its own."""
    send(client, "1", name="A", press_key="7-7")
    send(client, "2", name="A", press_key=key)

    assert Institution.objects.count() == count


def test_another_file_is_another_entry(client, person):
    for content in (b"one", b"two", b"two"):
        send(client, "1", name="A", upload=SimpleUploadedFile("a.txt", content))

    assert Institution.objects.count() == 2


def test_what_was_refused_may_be_sent_again(client, person):
    refused = send(client, "1", name="Refused")
    again = send(client, "1", name="Refused")

    assert [refused.status_code, again.status_code] == [200, 200]
    assert not SentForm.objects.exists()


def test_what_failed_left_nothing_and_may_be_sent_again(client, person):
    UserFactory(full_name="")
    with pytest.raises(RuntimeError):
        send(client, "1", url="/try/rename-all/", fail="on")

    assert not SentForm.objects.exists()


def test_another_person_does_not_get_the_answer(client, person):
    send(client, "1", name="A")
    client.force_login(UserFactory())
    send(client, "1", name="A")

    assert Institution.objects.count() == 2


def test_the_token_of_an_access_link_is_not_stored(client, person):
    first, second = [send(client, "1", url="/try/link/se-cret/", name="A") for _press in range(2)]

    assert first.url == second.url == "/try/link/se-cret/?done"
    assert SentForm.objects.get().led_to == "/try/link/{token}/?done"
    assert Institution.objects.count() == 1


def test_a_form_without_a_key_is_saved_as_often_as_it_is_sent(client, person):
    """Django lets only pages by access link pass without it."""
    for _press in range(2):
        client.post(NEW, {"name": "A"})

    assert (Institution.objects.count(), SentForm.objects.count()) == (2, 0)


def send_from_phone(client, key, token="1", url=NEW, **typed):
    return client.post(url, typed | {"csrfmiddlewaretoken": token}, headers={"X-Entry-Key": key})


def test_a_phone_is_answered_in_data(client, person):
    answer = send_from_phone(client, "key 1", name="A")

    (institution,) = Institution.objects.all()
    assert (answer.status_code, answer.headers["X-Entry"]) == (200, "saved")
    assert answer.json() == {"words": ["Made."]}
    assert SentForm.objects.get().led_to == f"/try/new/?made={institution.pk}"


def test_the_key_of_a_phone_counts_and_not_the_token_of_its_page(client, person):
    """The token was renewed, since the person signed in again before the entry was sent anew."""
    first, second = [send_from_phone(client, "key 1", token, name="A") for token in "12"]
    other = send_from_phone(client, "key 2", "1", name="A")

    assert Institution.objects.count() == 2
    assert [each.json()["words"] for each in (first, second, other)] == [["Made."], [], ["Made."]]
    assert [each.headers["X-Entry"] for each in (first, second, other)] == ["saved"] * 3


def test_a_phone_gets_the_form_that_was_refused_and_may_send_it_again(client, person):
    refused, again = [send_from_phone(client, "key 1", name="Refused") for _try in range(2)]

    assert refused.headers["X-Entry"] == again.headers["X-Entry"] == "refused"
    assert refused.context["form"].errors
    assert not SentForm.objects.exists()


def test_what_leads_away_with_an_error_is_not_saved(client, person):
    url = f"{NEW}?too-late"
    refused, again = [send_from_phone(client, "key 1", url=url, name="A") for _try in range(2)]

    assert refused.headers["X-Entry"] == again.headers["X-Entry"] == "refused"
    assert refused.json() == again.json() == {"words": ["Too late."]}
    assert not SentForm.objects.exists()


def test_what_nobody_sends_again_is_forgotten(client, person):
    send(client, "1", name="A")
    old = SentForm.objects.create(
        digest="0" * 64, led_to="/", sent_at=timezone.now() - timedelta(days=21, minutes=1)
    )

    forget_what_is_old()

    assert not SentForm.objects.filter(pk=old.pk).exists()
    assert SentForm.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_of_eight_presses_at_once_one_is_saved():
    person = UserFactory()
    barrier = Barrier(8)

    def press(_number):
        browser = Client()
        browser.force_login(person)
        barrier.wait()
        try:
            return send(browser, "1", name="A").url
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        urls = set(pool.map(press, range(8)))

    (institution,) = Institution.objects.all()
    assert urls == {f"/try/new/?made={institution.pk}"}

"""Wrong passwords elsewhere never lock the owner's device, and they are notified of a new device."""

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone, translation

from accounts.identities import name_of_browser
from accounts.models import OutgoingMail
from tests.accounts.doors import LOGIN, RESET, sign_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

TOO_MANY = "Too many attempts."
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def still(time_machine):
    time_machine.move_to(timezone.now(), tick=False)


@pytest.fixture
def person():
    return UserFactory(email="membre@example.org", last_login=timezone.now())


@pytest.fixture
def known(client, person):
    """The owner's browser, signed out again."""
    sign_in(client, person.email)
    client.post("/accounts/logout/")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def stranger(client_class):
    client = client_class()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def client_class(client):
    return type(client)


def told():
    """To whom the portal wrote of a sign-in."""
    return [*OutgoingMail.objects.order_by("pk").values_list("address", flat=True)]


def is_locked(response):
    return TOO_MANY in response.content.decode()


def test_wrong_passwords_elsewhere_do_not_lock_the_known_device(known, stranger, person):
    for _ in range(8):
        last = sign_in(stranger, person.email, "not the password")
    assert is_locked(last)

    assert sign_in(known, person.email).status_code == 302


def test_from_the_same_network_neither(known, stranger, person):
    """A village may have one address: ten attempts a minute are allowed from it in all."""
    for number in range(12):
        sign_in(stranger, f"nobody{number}@example.org", "not the password")
    assert is_locked(sign_in(stranger, "nobody@example.org", "not the password"))

    assert sign_in(known, person.email).status_code == 302


def test_attempts_on_the_known_device_are_limited_as_well(known, stranger, person):
    answers = [sign_in(known, person.email, "not the password") for _ in range(11)]

    assert [is_locked(answer) for answer in answers] == [False] * 10 + [True]
    assert is_locked(sign_in(known, person.email))
    assert sign_in(stranger, person.email).status_code == 302  # nor do they lock others


def test_the_device_of_one_person_gives_no_more_attempts_for_another(known, person):
    other = UserFactory()

    answers = [sign_in(known, other.email, "not the password") for _ in range(6)]

    assert [is_locked(answer) for answer in answers] == [False] * 5 + [True]


@pytest.mark.parametrize("cookie", ["", "nonsense", "e30:1abc:def"])
def test_a_cookie_that_was_made_up_is_none(known, person, cookie):
    known.cookies[settings.DEVICE_COOKIE_NAME] = cookie

    answers = [sign_in(known, person.email, "not the password") for _ in range(6)]

    assert is_locked(answers[-1])


def test_a_new_password_begins_the_count_anew(known, person):
    for _ in range(11):
        sign_in(known, person.email, "not the password")
    known.post(RESET, {"email": person.email})
    link = next(line for line in mail.outbox[0].body.splitlines() if "/reset/key/" in line)
    form = known.get(link.removeprefix(settings.SITE_URL), follow=True)
    new = "nueve gatos bajo la lluvia"
    known.post(form.request["PATH_INFO"], {"password1": new, "password2": new})

    assert sign_in(known, person.email, new).status_code == 302


def test_a_sign_in_on_a_strange_device_is_told_to_the_owner(known, stranger, person):
    sign_in(known, person.email)
    assert told() == [person.email]  # on the first day on this one

    sign_in(stranger, person.email, headers={"user-agent": FIREFOX})

    message = OutgoingMail.objects.get(text__contains="Firefox on Windows")
    assert (message.address, message.subject) == ("membre@example.org", "Sign-in on a new device")
    assert f"{settings.SITE_URL}/people/me/sessions/" in message.text


def test_the_first_sign_in_of_all_is_told_to_nobody(stranger):
    sign_in(stranger, UserFactory(last_login=None).email)

    assert told() == []


def test_two_people_share_a_computer(known, person):
    other = UserFactory(last_login=timezone.now())
    sign_in(known, other.email)
    known.post("/accounts/logout/")
    assert told() == [person.email, other.email]

    for each in (person, other):
        sign_in(known, each.email)
        known.post("/accounts/logout/")
    assert len(told()) == 2


def test_the_cookie_is_for_this_portal_alone(client, person):
    response = sign_in(client, person.email)

    cookie = response.cookies[settings.DEVICE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert person.email not in cookie.value
    assert settings.DEVICE_COOKIE_NAME not in client.get(LOGIN).cookies


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-A155M) AppleWebKit/537.36 (KHTML, like Gecko) "
            "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
            "like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like "
            "Gecko) Chrome/140.0.0.0 Safari/537.36",
            "Chrome on macOS",
        ),
        ("curl/8.14.1", "unknown browser"),
        ("", "unknown browser"),
    ],
)
def test_a_device_is_named_as_its_owner_knows_it(user_agent, name):
    with translation.override("en"):
        assert name_of_browser(user_agent) == name

"""People sign in by password or by a code sent to them; strangers learn nothing."""

import re
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, connection
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import AccessEvent, User
from tests.accounts.doors import CODE, CONFIRM, LOGIN, RESET, code_of, sign_in
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

HOME = "/people/me/"  # a page that asks for sign-in
MISMATCH = "do not match"
TOO_MANY = "Too many attempts."


@pytest.fixture(autouse=True)
def english(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def person():
    return UserFactory(email="membre@example.org", full_name="Membre 01")


def signed_in_as(client):
    return client.session.get("_auth_user_id")


def words(response):
    """The page without what differs by chance."""
    page = response.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    return re.sub(r'nonce="[^"]+"|[\w.+-]+@example\.org', "", page)


# Password


def test_sign_in_by_password(client, person):
    form = client.get(LOGIN)
    response = sign_in(client, "Membre@Example.org")

    assert 'name="login"' in form.content.decode()
    assert response.status_code == 302
    assert response.url == "/"
    assert signed_in_as(client) == str(person.pk)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, person):
    wrong = sign_in(client, person.email, "not the password")
    unknown = sign_in(client, "nobody@example.org", "not the password")

    assert wrong.status_code == unknown.status_code == 200
    assert MISMATCH in wrong.content.decode()
    assert words(wrong) == words(unknown)
    assert signed_in_as(client) is None


@pytest.mark.parametrize("email", ["membre@example.org", "nobody@example.org"])
def test_sign_in_stops_after_five_failures_in_five_minutes(client, person, email, time_machine):
    time_machine.move_to(timezone.now(), tick=False)

    answers = [sign_in(client, email, "not the password") for _ in range(5)]
    sixth = sign_in(client, email)

    assert [MISMATCH in answer.content.decode() for answer in answers] == [True] * 5
    assert TOO_MANY in sixth.content.decode()
    assert MISMATCH not in sixth.content.decode()
    assert signed_in_as(client) is None

    time_machine.shift(301)
    assert sign_in(client, "membre@example.org").status_code == 302


def test_success_does_not_wipe_out_failures_of_others(client, person):
    other = UserFactory()
    for _ in range(4):
        sign_in(client, person.email, "not the password")
    assert sign_in(client, other.email).status_code == 302
    client.post("/accounts/logout/")

    sign_in(client, person.email, "not the password")
    response = sign_in(client, person.email)

    assert TOO_MANY in response.content.decode()


def test_who_is_inactive_does_not_come_in(client):
    person = UserFactory(is_active=False)

    response = sign_in(client, person.email)

    assert response.url == "/accounts/inactive/"
    assert signed_in_as(client) is None


def test_whoever_signs_in_by_one_address_only_is_one_person(client, person):
    UserFactory(email="other@example.org")
    EmailAddress.objects.create(user=person, email="other@example.org", verified=False)

    sign_in(client, person.email)

    addresses = EmailAddress.objects.filter(user=person)
    assert list(addresses.values_list("email", "verified", "primary")) == [
        ("membre@example.org", True, True)
    ]


# Code by e-mail


def test_sign_in_by_code_without_a_password(client):
    person = User.objects.create_user("membre@example.org", full_name="Membre 01", language="es")
    assert not person.has_usable_password()

    asked = client.post(CODE, {"email": "membre@example.org"})
    (message,) = mail.outbox
    confirmed = client.post(CONFIRM, {"code": code_of(message)})

    assert asked.url == CONFIRM
    assert message.subject.isprintable()
    assert confirmed.url == "/"
    assert signed_in_as(client) == str(person.pk)


def test_a_code_works_once_and_only_where_it_was_asked_for(client, person):
    client.post(CODE, {"email": person.email})
    code = code_of(mail.outbox[0])
    elsewhere = type(client)()
    assert elsewhere.post(CONFIRM, {"code": code}).url == CODE

    client.post(CONFIRM, {"code": code})
    client.post("/accounts/logout/")

    assert client.post(CONFIRM, {"code": code}).url == CODE
    assert signed_in_as(client) is None


def test_a_code_ends_after_ten_minutes(client, person, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    client.post(CODE, {"email": person.email})

    time_machine.shift(601)
    page = "/people/me/data/"
    answer = client.post(CONFIRM, {"code": code_of(mail.outbox[0]), "next": page}, follow=True)

    assert signed_in_as(client) is None
    assert (
        "has expired: a code works for ten minutes. Have a new one sent" in answer.content.decode()
    )
    assert answer.redirect_chain == [(f"{CODE}?next=%2Fpeople%2Fme%2Fdata%2F", 302)]


def test_after_three_wrong_codes_the_right_one_is_worth_nothing(client, person):
    client.post(CODE, {"email": person.email})

    answers = [client.post(CONFIRM, {"code": "BBBB-BBBB"}) for _ in range(3)]
    client.post(CONFIRM, {"code": code_of(mail.outbox[0])})

    assert "This code is incorrect." in answers[0].content.decode()
    assert answers[2].status_code == 302
    assert signed_in_as(client) is None
    said = client.get(CODE).content.decode()
    assert said.count("Too many attempts.") == 1


def test_who_mistyped_the_address_types_another_one(client, person):
    client.post(CODE, {"email": "membrr@example.org"})
    page = client.get(CONFIRM).content.decode()
    assert f'href="{CODE}"' in page
    assert f'href="{LOGIN}"' in page

    assert 'name="email"' in client.get(CODE).content.decode()
    assert 'name="login"' in client.get(LOGIN).content.decode()
    client.post(CODE, {"email": person.email})
    client.post(CONFIRM, {"code": code_of(mail.outbox[-1])})

    assert signed_in_as(client) == str(person.pk)


def test_the_page_of_the_code_says_once_that_it_was_sent_and_of_a_new_one_that_it_is_new(
    client, person
):
    page = client.post(CODE, {"email": person.email}, follow=True).content.decode()
    again = client.post(CONFIRM, {"action": "resend"}, follow=True).content.decode()

    assert page.count("code was sent") == 1
    assert again.count("A new code was sent to membre@example.org.") == 1
    assert code_of(mail.outbox[0]) != code_of(mail.outbox[1])


def test_a_telephone_offers_capital_letters_for_the_code(client, person):
    page = client.post(CODE, {"email": person.email}, follow=True).content.decode()

    field = re.search(r'<input[^>]+name="code"[^>]*>', page)[0]
    assert 'autocapitalize="characters"' in field
    assert 'inputmode="text"' in field
    assert 'autocomplete="one-time-code"' in field


@pytest.mark.parametrize("page", [LOGIN, CONFIRM])
def test_of_a_wrong_password_or_code_nobody_reads_that_nothing_was_saved(client, person, page):
    client.post(CODE, {"email": person.email})
    wrong = {"login": person.email, "password": "not the password", "code": "BBBB-BBBB"}

    html = client.post(page, wrong).content.decode()

    assert "Check what you typed:" in html
    assert "Nothing has been saved yet" not in html


@pytest.mark.parametrize("code", ["", "é", "日本", "\x00", "a" * 5000, "🙂"])
def test_any_nonsense_for_a_code_is_answered_by_a_sentence(client, person, code):
    client.post(CODE, {"email": person.email})

    response = client.post(CONFIRM, {"code": code})

    assert response.status_code == 200
    assert "is-invalid" in response.content.decode()


def test_an_unknown_address_gets_the_same_pages_and_a_message_that_helps(client, person):
    known = client.post(CODE, {"email": person.email}, follow=True)
    other = type(client)()
    other.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    unknown = other.post(CODE, {"email": "nobody@example.org"}, follow=True)

    assert words(known) == words(unknown)
    assert known.redirect_chain == unknown.redirect_chain
    first, second = mail.outbox
    assert second.to == ["nobody@example.org"]
    assert "It has no account there." in second.body
    assert first.subject == "Your code to sign in"
    assert re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", second.body) is None
    assert "signup" not in second.body


def test_an_inactive_person_gets_no_code(client):
    person = UserFactory(is_active=False)

    client.post(CODE, {"email": person.email})

    assert "It has no account there." in mail.outbox[0].body


def test_codes_are_asked_for_three_times_a_minute_at_most(client, person):
    for _ in range(3):
        type(client)().post(CODE, {"email": person.email})

    response = client.post(CODE, {"email": person.email})

    assert TOO_MANY in response.content.decode()
    assert len(mail.outbox) == 3


def test_many_attempts_from_one_place_are_refused_with_a_page(client):
    answers = [client.post(LOGIN, {"login": f"{n}@example.org"}) for n in range(31)]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert "Wait five minutes" in answers[-1].content.decode()


@pytest.mark.parametrize("address", ["membre@example.org", "nobody@example.org"])
@pytest.mark.parametrize("page", [CODE, RESET])
def test_a_mail_server_that_is_down_is_told_on_the_page(client, person, settings, page, address):
    settings.EMAIL_BACKEND = "tests.accounts.test_mail.DeadServer"

    response = client.post(page, {"email": address}, follow=True)

    assert response.status_code == 200
    assert response.redirect_chain == [(page, 302)]
    assert "The message could not be sent." in response.content.decode()


@pytest.mark.parametrize("address", ["membre@example.org", "nobody@example.org"])
@pytest.mark.parametrize("page", [CODE, RESET])
def test_where_mail_comes_in_people_still_get_codes_and_links(
    client, person, settings, page, address
):
    settings.INBOUND_ADDRESS = "reply@portal.example.org"

    answer = client.post(page, {"email": address})

    assert answer.status_code == 302
    (message,) = mail.outbox
    assert message.to == [address]
    assert "reply+" not in message.from_email


# Passwords


def test_a_forgotten_password_is_replaced_through_the_link(client, person):
    answer = client.post(RESET, {"email": person.email})
    (message,) = mail.outbox
    link = re.search(rf"^{re.escape(settings.SITE_URL)}(/\S+)$", message.body, re.MULTILINE)[1]
    form = client.get(link, follow=True)
    new = {"password1": "another good phrase", "password2": "another good phrase"}
    client.post(form.request["PATH_INFO"], new)

    assert answer.url == "/accounts/password/reset/done/"
    assert sign_in(client, person.email, "another good phrase").status_code == 302
    assert [sent.subject for sent in mail.outbox[1:]] == ["Your sign-in was changed"]
    assert "Your password was replaced by a new one." in mail.outbox[1].body


def test_who_has_no_password_may_choose_one(client):
    person = User.objects.create_user("membre@example.org", full_name="Membre 01", language="en")
    client.force_login(person)
    new = {"password1": "another good phrase", "password2": "another good phrase"}

    assert client.get("/accounts/password/change/").url == "/accounts/password/set/"
    client.post("/accounts/password/set/", new)

    person.refresh_from_db()
    assert person.check_password("another good phrase")
    assert "A password was chosen for your account." in mail.outbox[0].body


def test_a_notice_that_cannot_be_sent_does_not_undo_the_change(client, person, settings):
    settings.EMAIL_BACKEND = "tests.accounts.test_mail.DeadServer"
    client.force_login(person)
    form = {"oldpassword": PASSWORD, "password1": "another good phrase"}

    response = client.post(
        "/accounts/password/change/", form | {"password2": "another good phrase"}
    )

    assert response.status_code == 302
    person.refresh_from_db()
    assert person.check_password("another good phrase")


def test_an_unknown_address_resets_nothing_and_gets_the_same_answer(client, person):
    known = client.post(RESET, {"email": person.email}, follow=True)
    unknown = client.post(RESET, {"email": "nobody@example.org"}, follow=True)

    assert words(known) == words(unknown)


# What is closed


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up(client, method):
    data = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}

    response = getattr(client, method)("/accounts/signup/", data)

    assert "Accounts are by invitation" in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["email/", "confirm-email/", "confirm-email/abc/", "social/login/cancelled/", "3rdparty/"],
)
def test_pages_that_a_closed_portal_does_not_need_are_not_there(client, person, path):
    client.force_login(person)

    assert client.get(f"/accounts/{path}").status_code == 404


def test_addresses_of_those_pages_are_unknown_too():
    with pytest.raises(NoReverseMatch):
        reverse("account_email")


def test_visitors_are_sent_to_sign_in_and_back(client, person):
    asked = client.get(HOME)
    response = client.post(asked.url, {"login": person.email, "password": PASSWORD})

    assert asked.url == f"{LOGIN}?next={HOME}"
    assert response.url == HOME


# What is remembered


def test_a_sign_in_is_logged_and_marks_no_news_as_read(client, person, time_machine):
    first, second = datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 5, 12, tzinfo=UTC)
    time_machine.move_to(first, tick=False)
    sign_in(client, person.email)

    client.post("/accounts/logout/")
    time_machine.move_to(second, tick=False)
    client.post(CODE, {"email": person.email})
    client.post(CONFIRM, {"code": code_of(mail.outbox[-1])})

    person.refresh_from_db()
    assert person.news_read_until is None
    events = AccessEvent.objects.order_by("pk")
    assert [(event.kind, event.details, event.at) for event in events] == [
        ("sign_in", {"method": "password"}, first),
        ("sign_in", {"method": "code"}, second),
    ]
    assert {event.key for event in events} == {person.pseudonym.key}


def test_signing_out_empties_the_browser_but_for_cookies(client, person):
    sign_in(client, person.email)
    read = client.get("/accounts/logout/")

    answer = client.post("/accounts/logout/")

    assert "Clear-Site-Data" not in read.headers
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert signed_in_as(client) is None
    assert client.cookies[settings.DEVICE_COOKIE_NAME].value
    assert "Clear-Site-Data" not in client.post("/accounts/logout/").headers


def test_so_does_signing_out_everywhere(client, person):
    sign_in(client, person.email)

    answer = client.post(reverse("accounts:sessions-end"), {"here": "1"})

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_a_failed_sign_in_is_no_visit(client, person):
    sign_in(client, person.email, "not the password")

    person.refresh_from_db()
    assert person.last_login is None
    assert not AccessEvent.objects.filter(kind="sign_in").exists()


def test_the_operator_makes_the_first_administrator(client):
    call_command(
        "createsuperuser",
        email="Admin@Example.org",
        full_name="Administration 01",
        interactive=False,
        verbosity=0,
    )
    admin = User.objects.get()

    client.post(CODE, {"email": "admin@example.org"})
    client.post(CONFIRM, {"code": code_of(mail.outbox[0])})

    assert admin.email == "admin@example.org"
    assert admin.is_staff
    assert admin.is_superuser
    page = client.get("/admin/")
    assert page.url == "/accounts/2fa/" if settings.SECOND_FACTOR_ROLES else page.status_code == 200


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/calendar/?from=home#links", "/calendar/%3Ffrom%3Dhome"),
        ("http://elsewhere.example/calendar/", "/"),
        ("", "/"),
    ],
)
def test_a_button_pressed_after_the_session_leads_back_to_its_page(client, person, page, back):
    """Its own address opens no page: after the sign-in that would be a dead end."""
    asked = client.post(reverse("committees:calendar-renew"), headers={"referer": page})

    assert asked.url == f"{LOGIN}?next={back}"
    assert "You were signed out in the meantime" in client.get(asked.url).content.decode()


def test_attempts_that_a_dead_database_broke_off_lock_nobody_out(client, person):
    def dead(execute, sql, params, many, context):
        if 'FROM "accounts_user"' in sql:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    client.raise_request_exception = False
    for _ in range(6):  # more than may fail in five minutes
        with connection.execute_wrapper(dead):
            assert sign_in(client, person.email).status_code == 503

    assert sign_in(client, person.email).status_code == 302

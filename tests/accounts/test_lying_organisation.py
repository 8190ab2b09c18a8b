"""Nothing that the organisation's server did not sign, for this very sign-in, opens an account."""

import base64
import html
import json
import re
import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from accounts.models import AccessEvent
from ibcr_portal.sign_in_environment import Oidc
from tests.accounts.doors import LOGIN
from tests.accounts.lying_organisation import (
    CLIENT_ID,
    CLIENT_SECRET,
    OTHER_KEY,
    OWN_KEY,
    PUBLIC_PEM,
    public,
    running,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

START = "/accounts/organisation/"
BACK = "/accounts/organisation/callback/"
FIRST = {"kid": "first"}


@pytest.fixture
def organisation(settings, client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    with running() as server:
        settings.OIDC = Oidc(
            url=server.url,
            name="Invented Ministry",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            domains=("example.org",),
        )
        yield server


@pytest.fixture(autouse=True)
def person():
    UserFactory(email="administrator@example.org", is_staff=True)
    return UserFactory(email="known@example.org", language="en")


def asked(client):
    """What the portal asks the server for."""
    page = client.post(START).content.decode()
    address = html.unescape(re.search(r'content="0;url=([^"]+)"', page)[1])
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def come_back(client, organisation):
    question = asked(client)
    organisation.nonce = question["nonce"]
    return client.get(BACK, {"code": "x", "state": question["state"]})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_what_the_server_signed_opens_the_account(client, organisation, person):
    answer = come_back(client, organisation)

    assert answer.url == "/"
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.parametrize(
    "change",
    [
        {"claims": {"aud": [CLIENT_ID], "azp": CLIENT_ID}},
        {"claims": {"email": None}, "userinfo": {"email_verified": True}},
        {"userinfo": {"email": None}},
        {"discovery": {"userinfo_endpoint": None}},
        {"claims": {"email": "Known@Example.org", "email_verified": "true"}},
        {"keys": {"keys": [public(OTHER_KEY, kid="new"), public(OWN_KEY)]}},
    ],
    ids=lambda change: "+".join(change),
)
def test_what_the_standard_leaves_open_is_taken(client, organisation, person, change):
    vars(organisation).update(change)

    come_back(client, organisation)

    assert client.session["_auth_user_id"] == str(person.pk)


def test_clocks_that_are_half_a_minute_apart_keep_nobody_out(client, organisation):
    organisation.claims = {"iat": int(time.time()) + 30}

    come_back(client, organisation)

    assert is_signed_in(client)


def signed_by_another_key(claims):
    return jwt.encode(claims, OTHER_KEY, "RS256", headers=FIRST)


def unsigned(claims):
    return jwt.encode(claims, None, "none", headers=FIRST)


def signed_with_the_secret(claims):
    return jwt.encode(claims, CLIENT_SECRET, "HS256", headers=FIRST)


def signed_with_what_is_public(claims):
    """Signs with the public key as the secret of HS256: a program that takes the algorithm from the
    token would believe it."""
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "HS256", "typ": "JWT", **FIRST}, claims)
    )
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signed = signature.sign(f"{head}.{body}".encode(), PUBLIC_PEM)
    return f"{head}.{body}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"


def with_its_own_key(claims):
    """A key that nobody knows, in the head of the token itself."""
    return jwt.encode(claims, OTHER_KEY, "RS256", headers={"kid": "own", "jwk": public(OTHER_KEY)})


def changed_afterwards(claims):
    head, _body, signature = jwt.encode(
        claims | {"email": "other@example.org"}, OWN_KEY, "RS256", headers=FIRST
    ).split(".")
    body = jwt.encode(claims, OWN_KEY, "RS256", headers=FIRST).split(".")[1]
    return f"{head}.{body}.{signature}"


ADMINISTRATOR = {"email": "administrator@example.org", "email_verified": True}
LIES = {
    # of the signature
    "signed by another key": {"sign": signed_by_another_key},
    "not signed": {"sign": unsigned},
    "signed with the portal's secret": {"sign": signed_with_the_secret},
    "signed with the public key as a secret": {"sign": signed_with_what_is_public},
    "signed by a key that the token brings": {"sign": with_its_own_key},
    "changed after it was signed": {"sign": changed_afterwards},
    "a secret among the public keys": {
        "sign": signed_with_the_secret,
        "keys": {
            "keys": [
                {
                    "kty": "oct",
                    "kid": "first",
                    "k": base64.urlsafe_b64encode(CLIENT_SECRET.encode()).decode().rstrip("="),
                }
            ]
        },
    },
    "a key for encrypting": {"keys": {"keys": [public(OWN_KEY, use="enc")]}},
    "no keys": {"keys": {"keys": []}},
    "keys that are none": {"answers": {"/keys": "none"}},
    # of what the token is for
    "of another sign-in": {"claims": {"nonce": "of another sign-in"}},
    "of no sign-in": {"claims": {"nonce": None}},
    "for another portal": {"claims": {"aud": "another"}},
    "for another portal as well": {"claims": {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}},
    "handed to another portal": {"claims": {"azp": "another"}},
    "for nobody": {"claims": {"aud": None}},
    "of another server": {"claims": {"iss": "https://login.example.net"}},
    "of a server that calls itself another": {
        "claims": {"iss": "https://login.example.net"},
        "discovery": {"issuer": "https://login.example.net"},
    },
    # of time
    "expired": {"claims": {"exp": 1_700_000_000}},
    "without an end": {"claims": {"exp": None}},
    "of the day after tomorrow": {"claims": {"iat": 4_000_000_000, "exp": 4_000_000_300}},
    "not valid yet": {"claims": {"nbf": 4_000_000_000}},
    # of the person
    "about nobody": {"claims": {"sub": None}, "userinfo": {"sub": None}},
    "about a number": {"claims": {"sub": 7}, "userinfo": {"sub": 7}},
    "about one with a name too long": {
        "claims": {"sub": "7" * 300},
        "userinfo": {"sub": "7" * 300},
    },
    "userinfo about another": {"userinfo": {"sub": "8"}},
    "userinfo about nobody": {"userinfo": {"sub": None}},
    "userinfo names the administrator": {"userinfo": ADMINISTRATOR},
    "the token names the administrator": {"claims": ADMINISTRATOR},
    "userinfo about another, who is the administrator": {
        "userinfo": ADMINISTRATOR | {"sub": "8"},
        "claims": {"email": None},
    },
    "an address that nobody checked": {"claims": {"email_verified": None}},
    "an address that was not checked": {"claims": {"email_verified": False}},
    "an address that was checked and was not": {"userinfo": {"email_verified": False}},
    "an address checked in other words": {"claims": {"email_verified": "yes"}},
    "an address checked by nobody": {"claims": {"email_verified": 0}},
    "an address of another domain": {
        "claims": {"email": "known@example.net"},
        "userinfo": {"email": "known@example.net"},
    },
    "an address of a domain that looks alike": {
        "claims": {"email": "known@example.org.example.net"},
        "userinfo": {"email": "known@example.org.example.net"},
    },
    "an address that is a list": {
        "claims": {"email": ["known@example.org"]},
        "userinfo": {"email": ["known@example.org"]},
    },
    # of the form
    "no token": {"sign": lambda claims: None},
    "a token that is none": {"sign": lambda claims: "known@example.org"},
    "a token that is a list": {"sign": lambda claims: ["known@example.org"]},
    "userinfo that is a list": {"answers": {"/userinfo": ["known@example.org"]}},
    "an answer that is a list": {"answers": {"/token": ["known@example.org"]}},
}


@pytest.mark.every_case
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_opens_nothing(client, organisation, lie):
    for name, value in LIES[lie].items():
        setattr(organisation, name, value)

    answer = come_back(client, organisation)

    assert answer.status_code == 302
    assert answer.url == LOGIN
    assert not is_signed_in(client)
    page = client.get(LOGIN).content.decode()
    assert re.search(
        r"The sign-in at Invented Ministry did not work|did not confirm your e-mail address"
        r"|Nobody signs in here as",
        page,
    )
    assert not AccessEvent.objects.filter(kind=AccessEvent.Kind.SIGN_IN).exists()


def test_a_token_counts_for_the_sign_in_that_asked_for_it(client, organisation):
    first = asked(client)
    second = asked(client)
    organisation.nonce = first["nonce"]

    client.get(BACK, {"code": "x", "state": second["state"]})

    assert first["nonce"] != second["nonce"]
    assert not is_signed_in(client)


def test_a_server_may_say_in_its_own_words_that_an_address_was_checked(
    client, organisation, settings
):
    settings.OIDC = Oidc(**{**vars(settings.OIDC), "email_verified": ("xms_edov", "true")})
    organisation.claims = {"email_verified": None, "xms_edov": True}

    come_back(client, organisation)

    assert is_signed_in(client)

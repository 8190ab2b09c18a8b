"""Reads from the environment how people sign in, and refuses a wrong value with a sentence."""

import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from ibcr_portal.environment import LOCAL, optional_address

# Of projects.permissions.roles, which settings cannot import.
ROLES = (
    *("administrator", "coordinator", "monitoring", "finance", "reader", "auditor"),
    *("direction", "member", "partner", "donor", "panel"),
)


def second_factor_roles(embedded: bool) -> list[str]:
    """The roles whose holders need a second factor to sign in."""
    if os.environ.get("REQUIRE_SECOND_FACTOR"):
        raise ImproperlyConfigured(
            "REQUIRE_SECOND_FACTOR is now SECOND_FACTOR_ROLES: write the roles that need a second "
            "factor, separated by commas, or none (see docs/accounts.md)."
        )
    default = "none" if embedded else "administrator,coordinator,monitoring,finance,donor"
    text = os.environ.get("SECOND_FACTOR_ROLES") or default
    roles = [] if text.strip() == "none" else [role.strip() for role in text.split(",")]
    if unknown := [role for role in roles if role not in ROLES]:
        raise ImproperlyConfigured(
            f"SECOND_FACTOR_ROLES names {unknown[0]!r}: write none, or roles separated by commas, of "
            f"{', '.join(ROLES)}."
        )
    return roles


@dataclass(frozen=True)
class Oidc:
    """The organisation's server at which people sign in (OpenID Connect); without an address if there
    is none. `domains` are those of the addresses that it speaks for. `second_factor` is the claim, with
    its value, by which it says that it asked for one, and `email_verified` that by which it says that
    it has checked the address."""

    url: str = ""
    name: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    domains: tuple[str, ...] = ()
    second_factor: tuple[str, str] = ("", "")
    email_verified: tuple[str, str] = ("email_verified", "true")


def oidc() -> Oidc:
    given = os.environ
    url = optional_address("OIDC_URL", "https://login.example.org", also=["http"]).rstrip("/")
    if not url:
        return Oidc()
    if not url.startswith("https:") and urlsplit(url).hostname not in LOCAL:
        raise ImproperlyConfigured("OIDC_URL must start with https:// (http:// only on localhost).")
    needed = ("OIDC_NAME", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_DOMAINS")
    if missing := [name for name in needed if not given.get(name, "").strip()]:
        raise ImproperlyConfigured(
            f"OIDC_URL is set without {missing[0]}: docs/operations/sign-in.md says what it is."
        )
    domains = tuple(given["OIDC_DOMAINS"].lower().replace(",", " ").split())
    if wrong := [one for one in domains if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", one)]:
        raise ImproperlyConfigured(
            f"OIDC_DOMAINS names {wrong[0]!r}: write domains of e-mail addresses, such as "
            "example.org, separated by commas."
        )
    return Oidc(
        url=url,
        name=given["OIDC_NAME"].strip(),
        client_id=given["OIDC_CLIENT_ID"].strip(),
        client_secret=given["OIDC_CLIENT_SECRET"].strip(),
        domains=domains,
        second_factor=claim("OIDC_SECOND_FACTOR", "", example="amr=mfa"),
        email_verified=claim(
            "OIDC_EMAIL_VERIFIED", "email_verified=true", example="email_verified=true"
        ),
    )


def claim(name: str, default: str, *, example: str) -> tuple[str, str]:
    """Read a claim and its value; two empty texts for none."""
    key, equals, value = (os.environ.get(name) or default).partition("=")
    if bool(key) != bool(equals and value):
        raise ImproperlyConfigured(f"{name} must be a claim and its value, such as {example}.")
    return key, value

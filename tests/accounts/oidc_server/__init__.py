"""An OpenID Connect server of an invented organisation, on this machine:
`python -m tests.accounts.oidc_server PORT HOME ADDRESS…`, with the addresses to which it sends people
back: HOME after a sign-out, the others after a sign-in.

It is another Django project, so it runs in a process of its own. Each account has the password
`secret`; what is said about it is in CLAIMS.
"""

CLIENT_ID, CLIENT_SECRET = "portal", "a secret of the portal"
CLAIMS: dict[str, dict[str, object]] = {
    "known@example.org": {"email_verified": True},
    "proved@example.org": {"email_verified": True, "amr": ["pwd", "mfa"]},
    "silent@example.org": {},
    "doubted@example.org": {"email_verified": False},
    "stranger@example.org": {"email_verified": True},
    "elsewhere@example.com": {"email_verified": True},
    "nameless": {},
}

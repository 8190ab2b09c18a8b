"""The optional settings of `.env.example`, as tests switch them on:

    PORTAL_TEST_SETTINGS=all          all at once (`scripts/test settings`, in `make check`)
    PORTAL_TEST_SETTINGS=IDLE_MINUTES one alone (`make deep PART=settings`)
    PORTAL_TEST_SETTINGS=SEAL_OFF=1   one with another value than that of the example

Names and values come from the example, from which docs/operations/settings.md is written too, so that a
new setting is tried without a word here.
"""

import os

from scripts.settings_table import Setting, settings

# What a run of tests says by itself: its database, its queue, its folders and keys.
OF_THE_RUN = {
    *("SITE_URL", "SECRET_KEY", "ACCESS_LOG_KEY", "KEY_FILE", "PORTAL_EMBEDDED"),
    *("DATABASE_URL", "DATABASE_PASSWORD", "DATABASE_APP_USER", "DATABASE_APP_PASSWORD"),
    *("REDIS_URL", "REDIS_PASSWORD", "EMAIL_PASSWORD"),
    *("PORTAL_VAR", "MEDIA_ROOT", "STATIC_ROOT"),
}
# Read by compose alone; the port is that of a web server.
OF_COMPOSE = ("Proxy of compose", "Machine")

# Where the example has none, as of secrets, or one that no machine answers.
VALUES = {
    "BACKUP_RECIPIENTS": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "CLAMD_URL": "tcp://127.0.0.1:3310",
    "INBOUND_IMAP_CLIENT_ID": "portal",
    "INBOUND_IMAP_CLIENT_SECRET": "only for tests",
    "INBOUND_IMAP_PASSWORD": "only for tests",
    "INBOUND_IMAP_REFRESH_TOKEN": "only for tests",
    "INBOUND_IMAP_TOKEN_COMMAND": "echo only for tests",
    "METRICS_TOKEN": "only for tests ".ljust(30, "."),
    "OIDC_CLIENT_ID": "portal",
    "OIDC_CLIENT_SECRET": "only for tests ".ljust(40, "."),
    "OIDC_NAME": "Invented Ministry",
    "SECRET_KEY_FALLBACKS": "of-last-year-and-only-for-tests".ljust(60, "."),
    "SENTRY_DSN": "http://key@127.0.0.1:9/1",
    "STORAGE_SECRET": "only for tests",
    "STORAGE_URL": "s3+http://KEY@127.0.0.1:9000/bucket?region=ca-central-1",
}
# Those without which the portal does not start on a setting.
NEEDED = {
    "INBOUND_IMAP_REFRESH_TOKEN": ["INBOUND_IMAP_TOKEN_URL"],
    "OIDC_URL": ["OIDC_NAME", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_DOMAINS"],
    "SEAL_TIMESTAMP_URL": ["SEAL_TIMESTAMP_CERTIFICATE"],
    "STORAGE_URL": ["STORAGE_SECRET"],
}


def optional() -> list[Setting]:
    return [
        setting
        for setting in settings()
        if not setting.is_filled_in
        and setting.name not in OF_THE_RUN
        and setting.section not in OF_COMPOSE
    ]


def values() -> dict[str, str]:
    return {each.name: VALUES.get(each.name) or each.value for each in optional()}


def alone() -> list[str]:
    """Each as PORTAL_TEST_SETTINGS takes it; a switch also with the value that the example has not."""
    found = []
    for name, value in values().items():
        found.append(name)
        if value in {"0", "1"}:
            found.append(f"{name}={1 - int(value)}")
    return found


def environment(chosen: str) -> dict[str, str]:
    """What the environment says where `chosen` is PORTAL_TEST_SETTINGS."""
    if not chosen:
        return {}
    if chosen == "all":
        return values()
    name, _equals, value = chosen.partition("=")
    found = {each: values()[each] for each in [name, *NEEDED.get(name, [])]}
    return found | ({name: value} if value else {})


def switch_on() -> None:
    os.environ |= environment(os.environ.get("PORTAL_TEST_SETTINGS", ""))

"""Production refuses to start with something missing or nonsensical, and says what to write."""

import os
import re
import stat
import subprocess
import sys

import pytest
from django.conf import settings

from ibcr_portal.environment import DECISIVE, adopt_setup, flag, number
from scripts import make_secrets

PRODUCTION = {
    "SITE_URL": "https://portal.example.org",
    "SECRET_KEY": "a key of at least fifty characters, for tests alone",
    "ACCESS_LOG_KEY": "another key of at least fifty characters, for tests alone",
    "DATABASE_URL": "postgres://portal@localhost/portal",
    "REDIS_URL": "redis://localhost:6379/0",
}
SHOW = "from ibcr_portal import settings; print(settings.{})"


def start(environment, name="SITE_URL"):
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", SHOW.format(name)],
        cwd=settings.BASE_DIR,
        env=kept | environment,
        capture_output=True,
        text=True,
    )


def value(environment, name):
    done = start(environment, name)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def embedded(tmp_path):
    return {"PORTAL_EMBEDDED": "1", "PORTAL_VAR": str(tmp_path)}


def test_production_starts_on_five_variables(tmp_path):
    assert value(PRODUCTION | {"PORTAL_VAR": str(tmp_path)}, "SITE_URL") == PRODUCTION["SITE_URL"]


@pytest.mark.parametrize("name", PRODUCTION)
def test_production_refuses_to_start_without(name):
    rest = {key: text for key, text in PRODUCTION.items() if key != name}

    refused = start(rest)

    assert refused.returncode != 0
    last = refused.stderr.strip().splitlines()[-1]
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {name}")


@pytest.mark.parametrize(
    ("name", "nonsense"),
    [
        ("SECRET_KEY", "too short"),
        ("ACCESS_LOG_KEY", "too short"),
        ("ACCESS_LOG_KEY", PRODUCTION["SECRET_KEY"]),
        ("SITE_URL", "portal.example.org"),
        ("SITE_URL", "http://portal.example.org"),
        ("SITE_URL", "https://portal.example.org/path"),
        ("SITE_URL", "https://somebody@portal.example.org"),
        ("SITE_URL", "ftp://portal.example.org"),
        ("SITE_URL", "https://*"),
        ("PORTAL_EMBEDDED", "False"),
        ("PORT", "abc"),
        ("TRUSTED_PROXIES", "yes"),
        ("TRUSTED_PROXIES", "-1"),
        ("RENDER_SECONDS", "soon"),
        ("REQUIRE_SECOND_FACTOR", "1"),
        ("SECOND_FACTOR_ROLES", "administrator, coordination"),
        ("SECRET_KEY_FALLBACKS", "too short"),
        ("OIDC_URL", "http://login.example.org"),
        ("OIDC_URL", "ldap://login.example.org"),
        ("PASSWORD_SIGN_IN", "no"),
        ("DATABASE_URL", "portal"),
        ("REDIS_URL", "localhost"),
        ("STORAGE_URL", "s3.example.org/bucket"),
        ("STORAGE_URL", "s3://storage.example.org"),
        ("STORAGE_URL", "s3://only-the-key@storage.example.org/bucket"),
    ],
)
def test_production_refuses_nonsense_by_name(name, nonsense):
    refused = start(PRODUCTION | {name: nonsense})

    assert refused.returncode != 0
    last = refused.stderr.strip().splitlines()[-1]
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {name}")


def test_production_is_never_in_debug_and_keeps_cookies_to_https(tmp_path):
    production = PRODUCTION | {"PORTAL_VAR": str(tmp_path), "DEBUG": "1"}

    assert value(production, "DEBUG") == "False"
    assert value(production, "SESSION_COOKIE_SECURE") == "True"
    assert value(production, "CSRF_COOKIE_SECURE") == "True"
    assert value(production, "SECURE_SSL_REDIRECT") == "True"
    assert value(production, "ALLOWED_HOSTS") == "['portal.example.org']"


@pytest.mark.parametrize("file", ["secret_key", "access_log_key"])
def test_the_embedded_portal_makes_its_keys_once_and_for_its_owner_alone(embedded, tmp_path, file):
    first, second = (value(embedded, file.upper()) for _ in range(2))

    assert first == second == (tmp_path / file).read_text()
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600


def test_the_embedded_portal_needs_no_server(embedded, tmp_path):
    assert value(embedded, "CELERY_BROKER_URL") == "filesystem://localhost"
    assert value(embedded, "DATABASES['default']['NAME']") == str(tmp_path / "portal.sqlite3")
    assert value(embedded, "EMAIL_FILE_PATH") == str(tmp_path / "mail")


@pytest.fixture
def set_up(tmp_path, monkeypatch):
    """What `make run` wrote down, and an environment that says nothing."""
    for name in (*DECISIVE, "PORT"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "setup.env"
    file.write_text("PORTAL_EMBEDDED=1\nPORT=8123\n")
    return file


def test_a_folder_that_make_run_set_up_needs_no_variables(set_up):
    adopt_setup(set_up)

    assert (flag("PORTAL_EMBEDDED"), number("PORT", default=8000)) == (True, 8123)


def test_variables_win_over_what_make_run_set_up(set_up, monkeypatch):
    monkeypatch.setenv("PORT", "8999")

    adopt_setup(set_up)

    assert (flag("PORTAL_EMBEDDED"), number("PORT", default=8000)) == (True, 8999)


@pytest.mark.parametrize("name", DECISIVE)
def test_one_variable_of_production_leaves_what_make_run_set_up_unread(set_up, monkeypatch, name):
    monkeypatch.setenv(name, PRODUCTION.get(name, "0"))

    adopt_setup(set_up)

    assert flag("PORTAL_EMBEDDED") is False
    assert "PORT" not in os.environ


def test_production_is_the_default_where_nothing_was_set_up(set_up):
    set_up.unlink()

    adopt_setup(set_up)

    assert flag("PORTAL_EMBEDDED") is False


def test_the_address_follows_the_port_when_embedded(embedded):
    assert value(embedded | {"PORT": "8123"}, "SITE_URL") == "http://localhost:8123"


def test_a_second_factor_is_asked_of_roles_in_production_and_of_nobody_when_embedded(
    embedded, tmp_path
):
    production = PRODUCTION | {"PORTAL_VAR": str(tmp_path)}
    name = "SECOND_FACTOR_ROLES"

    assert value(production, name) == str(
        ["administrator", "coordinator", "monitoring", "finance", "donor"]
    )
    assert value(production | {name: "finance, member"}, name) == "['finance', 'member']"
    assert value(production | {name: "none"}, name) == "[]"
    assert value(embedded, name) == "[]"


def test_earlier_secret_keys_are_a_list(tmp_path):
    production = PRODUCTION | {"PORTAL_VAR": str(tmp_path)}
    keys = ["a" * 50, "b" * 50]

    for text in (",".join(keys), "\n".join(keys)):
        shown = value(production | {"SECRET_KEY_FALLBACKS": text}, "SECRET_KEY_FALLBACKS")
        assert shown == str(keys)
    assert value(production, "SECRET_KEY_FALLBACKS") == "[]"


def test_an_address_for_answers_is_one(tmp_path):
    production = PRODUCTION | {"PORTAL_VAR": str(tmp_path)}
    good = production | {"INBOUND_ADDRESS": "reply@portal.example.org"}
    mailbox = {
        "INBOUND_IMAP_URL": "imaps://reply%40x@imap.example.org/",
        "INBOUND_IMAP_PASSWORD": "a/b",
    }

    refused = start(production | {"INBOUND_ADDRESS": "reply"})

    assert value(good, "INBOUND_ADDRESS") == "reply@portal.example.org"
    assert value(good | mailbox, "INBOUND_MAILBOX.url") == (
        "imaps://reply%40x:a%2Fb@imap.example.org/"
    )
    assert "INBOUND_ADDRESS is 'reply': write an address such as" in refused.stderr


ORGANISATION = {
    "OIDC_URL": "https://login.example.org/",
    "OIDC_NAME": " Invented Ministry ",
    "OIDC_CLIENT_ID": "portal",
    "OIDC_CLIENT_SECRET": "of the server",
    "OIDC_DOMAINS": "Example.org, example.com",
    "OIDC_SECOND_FACTOR": "amr=mfa",
}


def test_the_server_of_the_organisation_is_described_whole(tmp_path):
    production = PRODUCTION | {"PORTAL_VAR": str(tmp_path)}

    assert value(production | ORGANISATION, "OIDC") == (
        "Oidc(url='https://login.example.org', name='Invented Ministry', client_id='portal', "
        "domains=('example.org', 'example.com'), second_factor=('amr', 'mfa'), "
        "email_verified=('email_verified', 'true'))"
    )
    assert value(production, "OIDC.url") == ""
    assert value(production | {"PASSWORD_SIGN_IN": "0"}, "ACCOUNT_SIGNUP_FIELDS") == "['email*']"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"OIDC_NAME": ""}, "OIDC_URL is set without OIDC_NAME:"),
        ({"OIDC_CLIENT_SECRET": " "}, "OIDC_URL is set without OIDC_CLIENT_SECRET:"),
        ({"OIDC_DOMAINS": "me@example.org"}, "OIDC_DOMAINS names 'me@example.org':"),
        ({"OIDC_SECOND_FACTOR": "mfa"}, "OIDC_SECOND_FACTOR must be a claim and its value"),
        ({"OIDC_EMAIL_VERIFIED": "=true"}, "OIDC_EMAIL_VERIFIED must be a claim and its value"),
    ],
)
def test_half_a_server_of_the_organisation_is_refused(change, sentence):
    refused = start(PRODUCTION | ORGANISATION | change)

    assert refused.returncode != 0
    last = refused.stderr.strip().splitlines()[-1]
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {sentence}")


def test_secrets_come_from_files(tmp_path):
    texts = {
        "SECRET_KEY": "x" * 50,
        "ACCESS_LOG_KEY": "from a file ".ljust(60, "."),
        "DATABASE_PASSWORD": "of the database",
        "REDIS_PASSWORD": "of/the:broker",
        "EMAIL_PASSWORD": "of the mail server",
    }
    files = {}
    for name, text in texts.items():
        (tmp_path / name).write_text(f"{text}\n")
        files[f"{name}_FILE"] = str(tmp_path / name)
    rest = {name: text for name, text in PRODUCTION.items() if name not in texts}
    production = rest | files | {"PORTAL_VAR": str(tmp_path)}
    production["EMAIL_URL"] = "smtp+tls://portal@mail.example.org:587"

    shown = "SECRET_KEY, settings.DATABASES['default']['PASSWORD'], settings.EMAIL_HOST_PASSWORD"
    assert value(production, shown) == f"{'x' * 50} of the database of the mail server"
    assert value(production, "ACCESS_LOG_KEY") == texts["ACCESS_LOG_KEY"]
    assert value(production, "REDIS_URL") == "redis://:of%2Fthe%3Abroker@localhost:6379/0"


def test_a_secret_given_twice_or_missing_is_refused_by_name(tmp_path):
    file = {"ACCESS_LOG_KEY_FILE": str(tmp_path / "none")}
    twice = start(PRODUCTION | file)
    rest = {name: text for name, text in PRODUCTION.items() if name != "ACCESS_LOG_KEY"}
    missing = start(rest | file)

    for refused, sentence in (
        (twice, "ACCESS_LOG_KEY_FILE and ACCESS_LOG_KEY are both set: keep one of them."),
        (
            missing,
            f"ACCESS_LOG_KEY_FILE is {str(tmp_path / 'none')!r}, which cannot be read: "
            "write the path of a readable file.",
        ),
    ):
        assert refused.returncode != 0
        last = refused.stderr.strip().splitlines()[-1]
        assert last == f"django.core.exceptions.ImproperlyConfigured: {sentence}"


def test_each_secret_of_compose_is_made_once_and_kept_from_others(tmp_path, capsys):
    folder = tmp_path / "secrets"
    make_secrets.main(folder)
    first = {path.name: path.read_text() for path in folder.iterdir()}

    make_secrets.main(folder)

    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()
    assert set(first) == set(re.findall(r"file: secrets/(\w+)", compose))
    assert {path.name: path.read_text() for path in folder.iterdir()} == first
    made = [text for text in first.values() if text]
    assert len(set(made)) == len(made) == len(make_secrets.RANDOM)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_keys_that_are_in_one_file_are_not_made_beside_it(tmp_path, capsys):
    (tmp_path / "key_file").write_text('{"format": 1}')
    (tmp_path / "key_file").chmod(0o600)  # as `restore --keys` writes it
    tmp_path.chmod(0o755)  # as `mkdir` makes it

    make_secrets.main(tmp_path)

    assert [(tmp_path / name).read_text() for name in make_secrets.HELD] == ["", ""]
    assert (tmp_path / "database_password").read_text()
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o644}  # containers run as other users
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_every_service_of_the_portal_gets_the_secrets_that_its_settings_name():
    """Some have a list of their own, with what they alone know."""
    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()
    shared = compose[compose.index("environment: &environment") :].partition("depends_on:")[0]
    named = set(re.findall(r"/run/secrets/(\w+)", shared))

    given = [set(names.split(", ")) for names in re.findall(r"secrets: \[(.*)\]", compose)]
    of_the_portal = [names for names in given if "secret_key" in names]
    assert len(named) >= 6
    assert len(of_the_portal) == 4
    assert all(named <= names for names in of_the_portal)


def test_the_worker_alone_has_the_key_of_the_seal():
    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()
    services = re.split(r"\n  (?=\w+:\n)", compose.partition("\nservices:\n")[2])
    worker = [one for one in services if one.lstrip().startswith("worker:")]

    with_key = [one for one in services if "seal:/var/lib/seal" in one or "seal_passphrase" in one]
    assert len(worker) == 1
    assert with_key[0] == worker[0]
    assert "celery" not in "".join(with_key[1:])  # only the list of all secrets


@pytest.mark.parametrize(
    ("url", "options"),
    [
        (
            "s3://key:of%2Fit@storage.example.org:9000/bucket",
            {
                "endpoint_url": "https://storage.example.org:9000",
                "access_key": "key",
                "secret_key": "of/it",
            },
        ),
        (
            "s3+http://key:s@storage:9000/bucket/folder?region=ca-central-1",
            {
                "endpoint_url": "http://storage:9000",
                "access_key": "key",
                "secret_key": "s",
                "location": "folder",
                "region_name": "ca-central-1",
            },
        ),
        ("s3:///bucket", {}),
    ],
)
def test_storage_url_names_a_bucket(tmp_path, url, options):
    environment = PRODUCTION | {"PORTAL_VAR": str(tmp_path), "STORAGE_URL": url}
    whole = {"bucket_name": "bucket", "location": "", "region_name": "us-east-1"} | options

    shown = value(environment, "STORAGES['default']")

    assert eval(shown) == {"BACKEND": "kernel.object_storage.ObjectStorage", "OPTIONS": whole}


def test_the_secret_of_the_storage_comes_from_a_file(tmp_path):
    (tmp_path / "secret").write_text("of/it\n")
    environment = PRODUCTION | {
        "PORTAL_VAR": str(tmp_path),
        "STORAGE_URL": "s3://key@storage.example.org/bucket",
        "STORAGE_SECRET_FILE": str(tmp_path / "secret"),
    }

    assert value(environment, "STORAGES['default']['OPTIONS']['secret_key']") == "of/it"


def test_a_wrong_address_of_the_storage_does_not_show_its_secret(tmp_path):
    refused = start(PRODUCTION | {"STORAGE_URL": "http://key:very-secret@storage/bucket"})

    last = refused.stderr.strip().splitlines()[-1]
    assert "STORAGE_URL must look like s3://KEY:SECRET@host:port/bucket" in last
    assert "very-secret" not in refused.stderr

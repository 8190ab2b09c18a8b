"""Settings, from the environment alone. Production is the default; PORTAL_EMBEDDED=1 runs
the portal on SQLite, files and a filesystem broker, in one folder (`PORTAL_VAR`). In a folder that
`make run` has set up that is the default."""

import os
from pathlib import Path
from typing import Any, Literal

import environ
from django.utils.translation import gettext_lazy as _

from ibcr_portal.content_policy import CONTENT_SECURITY_POLICY  # noqa: F401  (of django-csp)
from ibcr_portal.countries import COUNTRIES_OVERRIDE  # noqa: F401  (a setting of django-countries)
from ibcr_portal.environment import (
    access_log_key,
    address,
    adopt_setup,
    backups,
    flag,
    inbound_address,
    mailbox,
    metrics_token,
    number,
    older_secret_keys,
    optional_address,
    read_secret_files,
    seal,
    secret,
    server_options,
    site_url,
    storage,
    with_password,
)
from ibcr_portal.limits import RATE_LIMITS
from ibcr_portal.log_settings import log_settings
from ibcr_portal.periodic_tasks import BEAT_SCHEDULE, ROUTES
from ibcr_portal.sign_in_environment import oidc, second_factor_roles

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
adopt_setup(BASE_DIR / "var" / "setup.env")
read_secret_files()
VAR = Path(env("PORTAL_VAR", default=str(BASE_DIR / "var"))).resolve()
EMBEDDED = flag("PORTAL_EMBEDDED")
DEBUG = False

SITE_URL = site_url(EMBEDDED)
SITE_HOST = SITE_URL.split("://")[1].split(":")[0]
SECRET_KEY = secret("SECRET_KEY", VAR / "secret_key" if EMBEDDED else None)
SECRET_KEY_FALLBACKS = older_secret_keys()
# What the access log is chained and signed with. It must never change, and whoever has the
# database must not have it: back it up apart from both (docs/access-log.md).
ACCESS_LOG_KEY = access_log_key(EMBEDDED, VAR, SECRET_KEY)

# Exact hosts: allauth builds links from the request's host.
ALLOWED_HOSTS = [SITE_HOST, "127.0.0.1"] if EMBEDDED else [SITE_HOST]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "ibcr_portal.apps.PortalConfig",
    "reports",
    "committees",
    "projects",
    "partners",
    "accounts",
    "kernel",
    "ibcr_portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",  # allauth's pages need it
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_countries",
    "django_htmx",
    "simple_history",
    "template_partials",
]

MIDDLEWARE = [
    "ibcr_portal.middleware.RequestIdMiddleware",
    "ibcr_portal.middleware.MethodMiddleware",
    "ibcr_portal.observing.middleware.MachineMiddleware",
    "ibcr_portal.proxies.TrustedProxiesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "ibcr_portal.body_limit.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ibcr_portal.middleware.ReaderMiddleware",
    "ibcr_portal.naming.PlaceMiddleware",
    "ibcr_portal.middleware.PageHeadersMiddleware",
    "ibcr_portal.starting.key.FirstVisitMiddleware",
    "accounts.middleware.IdleMiddleware",
    *("accounts.kept.KeptMiddleware", "accounts.middleware.SignInMiddleware"),
    "django.contrib.messages.middleware.MessageMiddleware",
    "ibcr_portal.middleware.PlainAddressMiddleware",
    "ibcr_portal.middleware.UnknownFormatMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.LinkAddressMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "ibcr_portal.closing.guard.ClosedProjectMiddleware",
    "ibcr_portal.only_reading.OnlyReadingMiddleware",
]

ROOT_URLCONF = "ibcr_portal.urls"
WSGI_APPLICATION = "ibcr_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "ibcr_portal.context.portal",
                "ibcr_portal.help.pages.help_links",
            ],
        },
    },
]

# --- Data ---------------------------------------------------------------------------------

if EMBEDDED and "DATABASE_URL" not in os.environ:
    VAR.mkdir(parents=True, exist_ok=True)
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR / "portal.sqlite3"}
    DATABASES: dict[str, dict[str, Any]] = {"default": sqlite}
else:
    address(
        "DATABASE_URL", "postgres://user:password@host:5432/name", also=["postgresql", "sqlite"]
    )
    database_url = with_password(env("DATABASE_URL"), env("DATABASE_PASSWORD", default=""))
    DATABASES = {"default": env.db_url_config(database_url)}

if "sqlite" in str(DATABASES["default"]["ENGINE"]):
    # Without IMMEDIATE, writers that start by reading fail with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    DATABASES["default"]["OPTIONS"] = server_options(DATABASES["default"].get("OPTIONS", {}))

# `manage.py update` lets this role use the tables, which belong to the one of DATABASE_URL.
DATABASE_APP_USER = env("DATABASE_APP_USER", default="")
DATABASE_APP_PASSWORD = env("DATABASE_APP_PASSWORD", default="")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = with_password(env("REDIS_URL", default=""), env("REDIS_PASSWORD", default=""))
if REDIS_URL or not EMBEDDED:
    address("REDIS_URL", "redis://host:6379/0", also=["rediss"])

# Rate limits count here: never in one process's memory. In the table while Redis does not answer.
if REDIS_URL:
    cache = {"BACKEND": "kernel.steady_cache.SteadyCache", "LOCATION": REDIS_URL}
else:
    cache = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}
CACHES = {"default": cache}

# --- People -------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"confirm_login_code": "accounts.forms.SignInCodeForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# 0: people sign in with a passkey, a code or the account of their organisation.
PASSWORD_SIGN_IN = flag("PASSWORD_SIGN_IN", default=True)
ACCOUNT_SIGNUP_FIELDS = ["email*", *(["password1*", "password2*"] if PASSWORD_SIGN_IN else [])]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the coordination entered the address; a code proves it
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.split("://")[0]
ACCOUNT_RATE_LIMITS = RATE_LIMITS
ACCOUNT_EMAIL_NOTIFICATIONS = True  # people are notified of a changed password or second factor
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# The server at which people sign in with the account of their organisation (OpenID Connect).
OIDC = oidc()
SOCIALACCOUNT_ADAPTER = "accounts.organisation_sign_in.OrganisationAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_HOST
MFA_TOTP_TOLERANCE = 1  # clocks of telephones go wrong by half a minute
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "add_webauthn": "accounts.second_factor.PasskeyForm",
    "login_webauthn": "accounts.second_factor.SignInPasskeyForm",
    "authenticate_webauthn": "accounts.second_factor.SecondStepPasskeyForm",
    "reauthenticate_webauthn": "accounts.second_factor.ConfirmPasskeyForm",
}
# Who must have one: those who change much, see everything, or accept for a donor.
SECOND_FACTOR_ROLES = second_factor_roles(EMBEDDED)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_URL.startswith("http://localhost")

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "accounts.identities.GuessablePasswordValidator"},
]

# --- Language -----------------------------------------------------------------------------

LANGUAGES = [("fr", _("French")), ("es", _("Spanish")), ("en", _("English"))]
LANGUAGE_CODE = "fr"  # of whoever says no other one
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "ibcr_portal.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # pages, messages and tasks are in that of their reader or of the organisation
LANGUAGE_COOKIE_SAMESITE: Literal["Lax"] = "Lax"

# --- Files --------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR / "media")))
STORAGES = {
    # Private: no address serves it, a view checks who asks.
    "default": storage(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3_000
# The largest body of a request, in bytes; the second where a page takes files (three of 10 MB).
BODY_LIMIT = number("BODY_LIMIT_MB", default=3) * 1_000_000
UPLOAD_LIMIT = number("UPLOAD_LIMIT_MB", default=35) * 1_000_000

BACKUP_TARGET, BACKUP_RECIPIENTS, BACKUP_HOUR, BACKUP_KEEP = backups()
# Files that no row names are kept so long apart, and never more than this share of a folder, in per cent.
QUARANTINE_DAYS = number("QUARANTINE_DAYS", default=30)
QUARANTINE_SHARE = number("QUARANTINE_SHARE", default=10)

# Each file that comes in is shown to this scanner: tcp://host:3310 or unix:///path/of/clamd.sock
CLAMD_URL = optional_address("CLAMD_URL", "tcp://host:3310", also=["unix"])

# --- Mail ---------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=f"portal@{SITE_HOST}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
CALENDAR_ORGANIZER = env("CALENDAR_ORGANIZER", default="") or DEFAULT_FROM_EMAIL  # of meetings
SAFEGUARDING_YEARS = number("SAFEGUARDING_YEARS", default=3)  # partners sign anew after them
# Events are kept until the records of every project that was running then may go, so many years
# after its end; and for so many days in any case. The privacy page says so.
RECORDS_YEARS = number("RECORDS_YEARS", default=7)
ACCESS_LOG_DAYS = number("ACCESS_LOG_DAYS", default=365)
# Signed states of the access log, a line each. They belong on another disk than the database.
ACCESS_LOG_CHECKPOINTS = Path(
    env("ACCESS_LOG_CHECKPOINTS", default=str(VAR / "access_log_checkpoints.jsonl"))
)
# Whom the portal has forgotten, in keyed hashes: replayed after an older database was restored.
ERASURES = Path(env("ERASURES", default=str(VAR / "erasures.jsonl")))
ACCESS_LOG_WITNESS = env("ACCESS_LOG_WITNESS", default="")  # who gets one by mail, at most hourly
MAIL_TEXT_DAYS = number("MAIL_TEXT_DAYS", default=7)  # words of mail that was not sent
# Contacts of unsuccessful proposals are forgotten so many months after the award.
PROPOSAL_MONTHS = number("PROPOSAL_MONTHS", default=12)
MAIL_BY_WORKER = True  # people do not wait for a mail server
MAIL_WAITS_FOR_UNDO = True  # where a step can be undone for half a minute (accounts/undo.py)
MAILBOX = VAR / "mail"
EMAIL_TIMEOUT = 10  # a mail server that is silent must not hold a page for ever
# Without a mail server, pages say that messages are prepared and not sent.
SENDS_MAIL = not EMBEDDED or "EMAIL_URL" in os.environ
if not SENDS_MAIL:
    # Mail lies in a folder and an administrator reads it in the browser.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAILBOX
else:
    email_url = env("EMAIL_URL", default="smtp://localhost:25")
    email_url = with_password(email_url, env("EMAIL_PASSWORD", default=""))
    vars().update(env.email_url_config(email_url))

# Where answers come in, such as reply@portal.example.org: at this address with a signed token in it
# (docs/rules/mail-in.md). Without it, people answer to the coordinator alone.
INBOUND_ADDRESS = inbound_address()
INBOUND_SEPARATOR = env("INBOUND_SEPARATOR", default="+")
# Reports of what could not be delivered come there too, unless the mail server refuses such a sender.
INBOUND_RETURNS = flag("INBOUND_RETURNS", default=True)
INBOUND_AUTHSERV_ID = env("INBOUND_AUTHSERV_ID", default="")  # of the server that checks senders
INBOUND_DAYS = number("INBOUND_DAYS", default=30)  # what became of each message is kept
INBOUND_MAILBOX = mailbox()

# --- Queue --------------------------------------------------------------------------------

CELERY_TASK_IGNORE_RESULT = True  # the row is the result
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # Redis may be away for days
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_TASK_ROUTES = ROUTES
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat" / "schedule")
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, int | str]
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 600,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,  # a worker asks for messages each second
        "queue_order_strategy": "priority",  # of its queues in the order in which it was given them
    }
else:
    CELERY_BROKER_URL = "filesystem://localhost"  # without a host, each start warns
    CELERY_BROKER_TRANSPORT = "kernel.file_queue:FileTransport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR / "queue" / "messages"),
        "data_folder_out": str(VAR / "queue" / "messages"),
        "control_folder": str(VAR / "queue" / "control"),
    }
    for folder in ("messages", "control"):
        (VAR / "queue" / folder).mkdir(parents=True, exist_ok=True)

# --- Documents ----------------------------------------------------------------------------

RENDER_SECONDS = number("RENDER_SECONDS", default=180)  # hard, above the CPU limit
RENDER_CPU_SECONDS = number("RENDER_CPU_SECONDS", default=120)
RENDER_MEMORY_MB = number("RENDER_MEMORY_MB", default=2000)
FILL_SECONDS = number("FILL_SECONDS", default=20)  # somebody waits, and a template may be hostile
FILL_CPU_SECONDS = number("FILL_CPU_SECONDS", default=15)
FILL_MEMORY_MB = number("FILL_MEMORY_MB", default=700)
LEASE_SECONDS = number("LEASE_SECONDS", default=60)  # a worker that is silent so long is dead
# A worker that is asked to stop finishes its document first; whoever stops it waits longer than that.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = RENDER_SECONDS + 30
SEAL_KEY, SEAL_PASSPHRASE_FILE, SEAL_TIMESTAMP_URL, SEAL_TIMESTAMP_CERTIFICATE = seal()
SEAL_OFF = flag("SEAL_OFF")  # a lost SEAL_KEY makes documents wait, only this issues them unsealed

# --- Safety -------------------------------------------------------------------------------

HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# By the prefix browsers know that no other host of the domain may write them.
OF_THIS_HOST = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{OF_THIS_HOST}sessionid"
CSRF_COOKIE_NAME = f"{OF_THIS_HOST}csrftoken"
LANGUAGE_COOKIE_NAME = f"{OF_THIS_HOST}django_language"
MESSAGE_STORAGE = "kernel.message_cookie.MessageStorage"
# Of the browsers on which somebody signed in before (accounts/identities.py).
DEVICE_COOKIE_NAME = f"{OF_THIS_HOST}device"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# After so many minutes without activity a person signs in again; 0 for no limit (accounts/idle.py).
IDLE_MINUTES = number("IDLE_MINUTES", default=60, least=0)
CSRF_FAILURE_VIEW = "ibcr_portal.views.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked from inside the container, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"  # pages of links have a stricter one
DEFAULT_EXCEPTION_REPORTER = "ibcr_portal.error_reports.MaskingReporter"
X_FRAME_OPTIONS = "DENY"
TRUSTED_PROXIES = number("TRUSTED_PROXIES", default=0, least=0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Seen from outside (docs/operations/observe.md) ---------------------------------------

LOGGING = log_settings(env("LOG_LEVEL", default="INFO"))  # its lines as LOG_FORMAT says
SLOW_STATEMENT_MS = number("SLOW_STATEMENT_MS", default=500, least=0)  # logged; 0 for none
METRICS_TOKEN = metrics_token()  # with which Prometheus asks for /metrics; without it there is none
SENTRY_DSN = env("SENTRY_DSN", default="")  # where errors are reported, without data about persons

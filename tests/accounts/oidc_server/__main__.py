import sys
import tempfile
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tests.accounts.oidc_server import CLAIMS, CLIENT_ID, CLIENT_SECRET

HERE = "tests.accounts.oidc_server"


def configure(port: int, folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    settings.configure(
        SECRET_KEY="of this server alone",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=f"{HERE}.addresses",
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db.sqlite3")}
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LOGIN_URL="/sign-in/",
        SESSION_COOKIE_NAME="provider",
        USE_TZ=True,
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem,
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}/o",
            "OAUTH2_VALIDATOR_CLASS": f"{HERE}.validator.Validator",
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who you are", "email": "your address"},
        },
    )
    django.setup()


def fill(home: str, addresses: list[str]) -> None:
    from django.contrib.auth.models import User  # noqa: PLC0415 (models need the settings)
    from django.core.management import call_command  # noqa: PLC0415
    from oauth2_provider.models import get_application_model  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    for name in CLAIMS:
        User.objects.create_user(name, password="secret")
    get_application_model().objects.create(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=" ".join(addresses),
        post_logout_redirect_uris=home,
        algorithm="RS256",
        skip_authorization=True,
    )


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


def main() -> None:
    port, home, *addresses = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        configure(int(port), Path(folder))
        fill(home, addresses)
        application = get_wsgi_application()
        with make_server("127.0.0.1", int(port), application, handler_class=Quiet) as server:
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            server.serve_forever()


main()

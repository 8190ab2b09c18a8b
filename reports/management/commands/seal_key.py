"""Makes the key of the portal's own seal, says whether the present one opens, or revokes a
certificate: `manage.py seal_key`, `manage.py seal_key --check`, `manage.py seal_key --revoke SHA256`.

For operators, in the environment of a worker: SEAL_KEY names the file that is written, and
SEAL_PASSPHRASE_FILE the one with its passphrase. Neither key nor passphrase is ever printed.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kernel.jobs import Job
from kernel.organisation import organisation
from reports.models import SealCertificate
from reports.models.seal import sha256_of
from reports.sealing.documents import waiting
from reports.sealing.keys import SealFailed, SealKey, passphrase, usable_key
from reports.sealing.making import new_key, write_key

YEARS = 5


class Command(BaseCommand):
    help = "Make the key of the seal, or check the present one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the key opens")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="make a new key in place of the one that is there",
        )
        parser.add_argument("--years", type=int, default=YEARS, help="how long it is valid")
        parser.add_argument("--revoke", metavar="SHA256", help="trust this certificate no longer")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["revoke"]:
            self._revoke(options["revoke"])
            return
        if not settings.SEAL_KEY:
            raise CommandError("Nothing is sealed: write the path of the key as SEAL_KEY.")
        if not options["check"]:
            self._make(Path(settings.SEAL_KEY), options["years"], options["replace"])
        self._check()

    def _make(self, path: Path, years: int, may_replace: bool) -> None:
        if not 1 <= years <= 20:
            raise CommandError("--years must be from 1 to 20.")
        if path.exists() and path.stat().st_size and not may_replace:
            raise CommandError(f"{path} is there: use --replace for a new key, or --check.")
        try:
            word = passphrase()
        except SealFailed as failure:
            raise CommandError(sentence(failure)) from None
        name = str(organisation().name)
        key = new_key(settings.SITE_HOST, name, years=years)
        try:
            write_key(key, path, word)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from None
        SealCertificate.of(key.certificate)
        self.stdout.write(f"{path} was made{'' if word else ', without a passphrase'}.")

    def _check(self) -> None:
        """Say which key it is. To check one publishes nothing: the certificate of an authority is
        listed on the page of the seal from the first document on."""
        try:
            key = usable_key()
        except SealFailed as failure:
            raise CommandError(sentence(failure)) from None
        self.stdout.write(description_of(key))
        if count := waiting().count():
            self.stdout.write(f"Documents that wait for the seal: {count}.")

    def _revoke(self, sha256: str) -> None:
        wanted = sha256.replace(" ", "").replace(":", "").lower()
        row = SealCertificate.objects.filter(sha256=wanted).first()
        if row is None:
            raise CommandError("No such certificate: /seal/ lists them with their SHA-256.")
        row.revoke()
        self.stdout.write(f"Revoked since {row.revoked_at:%Y-%m-%d}: {row}, SHA-256 {row.sha256}")


def description_of(key: SealKey) -> str:
    certificate = key.certificate
    return (
        f"Certificate: {certificate.subject.rfc4514_string()}, issued by "
        f"{certificate.issuer.rfc4514_string()}, valid until "
        f"{certificate.not_valid_after_utc:%Y-%m-%d}, SHA-256 {sha256_of(certificate)}"
    )


def sentence(failure: SealFailed) -> str:
    return str(Job.Failure(failure.reason).label)

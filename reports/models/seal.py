"""The certificates with which the portal has sealed documents."""

from datetime import timedelta
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, Name
from cryptography.x509.oid import NameOID
from django.db import models
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SealCertificateQuerySet(models.QuerySet["SealCertificate"]):
    def with_last_use(self) -> Self:
        return self.annotate(last_used_at=Max("renditions__finished_at"))


class SealCertificate(models.Model):
    """A certificate of the portal's seal, kept for ever: a document that was sealed with it can be
    verified after it has expired and after another took its place. The key is never here."""

    NOTICE = timedelta(days=60)

    content = models.BinaryField(max_length=10_000)
    sha256 = models.CharField(max_length=64, unique=True)
    subject = models.CharField(_("holder"), max_length=300)
    issuer = models.CharField(_("issued by"), max_length=300)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))
    first_used_at = models.DateTimeField(_("in use since"), default=timezone.now)
    # When its key was last made, checked or sealed with: the latest is in use, though another may have
    # been used first after it.
    last_opened_at = models.DateTimeField(default=timezone.now)

    objects = SealCertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-last_opened_at", "-pk"]
        verbose_name = _("certificate of the seal")
        verbose_name_plural = _("certificates of the seal")

    def __str__(self) -> str:
        return self.subject

    @classmethod
    def of(cls, certificate: Certificate) -> "SealCertificate":
        """Return the row of a certificate whose key was opened, which is in use from now on."""
        row, _created = cls.objects.update_or_create(
            sha256=certificate.fingerprint(SHA256()).hex(),
            defaults={"last_opened_at": timezone.now()},
            create_defaults={
                "content": certificate.public_bytes(Encoding.DER),
                "subject": read_name(certificate.subject),
                "issuer": read_name(certificate.issuer),
                "valid_from": certificate.not_valid_before_utc,
                "valid_until": certificate.not_valid_after_utc,
            },
        )
        return row

    @property
    def is_own(self) -> bool:
        """Whether nobody but the portal vouches for it."""
        return self.issuer == self.subject

    @property
    def has_expired(self) -> bool:
        return self.valid_until < timezone.now()

    @property
    def ends_soon(self) -> bool:
        """Whether it is time for a new one."""
        return self.valid_until < timezone.now() + self.NOTICE

    @property
    def fingerprint(self) -> str:
        """The hash as readers of PDF show it, in groups."""
        pairs = (self.sha256[start : start + 4].upper() for start in range(0, 64, 4))
        return " ".join(pairs)


def read_name(name: Name) -> str:
    """Return the name as people read it, “Seal of portal.example.org · Organisation”."""
    wanted = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    parts = [str(one.value) for oid in wanted for one in name.get_attributes_for_oid(oid)]
    return (" · ".join(parts) or name.rfc4514_string())[:300]

"""The certificates with which the portal has sealed documents, and certificates of attendance."""

from datetime import timedelta
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, Name
from cryptography.x509.oid import NameOID
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import Attendance


class SealCertificateQuerySet(models.QuerySet["SealCertificate"]):
    def revoked(self) -> Self:
        return self.exclude(revoked_at=None)

    def newest_use_first(self) -> Self:
        return self.order_by(Coalesce("last_used_at", "first_used_at").desc(), "-pk")

    def current(self) -> "SealCertificate | None":
        """Return the certificate in use: the one that sealed last, or was made since. A portal that
        goes back to an earlier key uses that one again."""
        return self.filter(revoked_at=None).newest_use_first().first()


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
    last_used_at = models.DateTimeField(_("last document"), null=True, editable=False)
    # Since when nobody should trust it, such as after its key was stolen.
    revoked_at = models.DateTimeField(_("revoked on"), null=True, editable=False)

    objects = SealCertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-first_used_at", "-pk"]
        verbose_name = _("certificate of the seal")
        verbose_name_plural = _("certificates of the seal")

    def __str__(self) -> str:
        return self.subject

    @classmethod
    def of(cls, certificate: Certificate) -> "SealCertificate":
        """Return the row of a certificate, which is kept from its first use on."""
        row, _created = cls.objects.get_or_create(
            sha256=sha256_of(certificate),
            defaults={
                "content": certificate.public_bytes(Encoding.DER),
                "subject": read_name(certificate.subject),
                "issuer": read_name(certificate.issuer),
                "valid_from": certificate.not_valid_before_utc,
                "valid_until": certificate.not_valid_after_utc,
            },
        )
        return row

    def note_use(self) -> None:
        self.last_used_at = timezone.now()
        self.save(update_fields=["last_used_at"])

    def revoke(self) -> None:
        """Let nothing more be sealed with it. What it sealed before stays known by its hash."""
        self.revoked_at = self.revoked_at or timezone.now()
        self.save(update_fields=["revoked_at"])

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


def sha256_of(certificate: Certificate) -> str:
    return certificate.fingerprint(SHA256()).hex()


def read_name(name: Name) -> str:
    """Return the name as people read it, “Seal of portal.example.org · Organisation”."""
    wanted = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    parts = [str(one.value) for oid in wanted for one in name.get_attributes_for_oid(oid)]
    return (" · ".join(parts) or name.rfc4514_string())[:300]


# Certificates of attendance


class AttendanceCertificate(models.Model):
    """A certificate that was made: its code and the hash of its file, without any name.

    The file and its data are deleted after some days, since a person is named in them. What remains
    is deleted with the attendance.
    """

    attendance = models.ForeignKey(
        Attendance, on_delete=models.CASCADE, related_name="certificates", editable=False
    )
    code = models.CharField(max_length=14, db_index=True, editable=False)
    sha256 = models.CharField(max_length=64, db_index=True, editable=False)
    issued_on = models.DateField(editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("certificate of attendance")
        verbose_name_plural = _("certificates of attendance")
        constraints = [
            models.UniqueConstraint(
                fields=["attendance", "sha256"], name="attendancecertificate_of_a_file_once"
            )
        ]

    def __str__(self) -> str:
        return self.code

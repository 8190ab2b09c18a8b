"""The code of a certificate of attendance, and what the page of verification says of one.

Its file and data are deleted after some days, since a person is named in them. The code is therefore
made with a secret: nobody finds out from it whose certificate it was.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from committees.models import Attendance
from kernel.formats import day
from partners.models import Contact
from reports.models import AttendanceCertificate, DocumentKind, Rendition, Snapshot

SALT = "reports.certificates"


def code_of(snapshot: Snapshot) -> str:
    """Return the code that is printed on the certificate, such as 7F3A-91C2-D04E."""
    digits = salted_hmac(SALT, snapshot.sha256, algorithm="sha256").hexdigest().upper()
    return "-".join(digits[start : start + 4] for start in (0, 4, 8))


def note_issued(snapshot: Snapshot, sha256: str) -> None:
    """Keep what the page of verification needs of the file with this hash, if it is a certificate."""
    if snapshot.attendance:
        AttendanceCertificate.objects.get_or_create(
            attendance=snapshot.attendance,
            sha256=sha256,
            defaults={"code": code_of(snapshot), "issued_on": timezone.localdate()},
        )


RELATED = ("attendance__meeting__committee__project", "attendance__contact")


def issued_under(code: str) -> AttendanceCertificate | None:
    return _first(AttendanceCertificate.objects.filter(code=code))


def issued_as(sha256: str) -> AttendanceCertificate | None:
    return _first(AttendanceCertificate.objects.filter(sha256=sha256))


def _first(rows: QuerySet[AttendanceCertificate]) -> AttendanceCertificate | None:
    """Return the certificate, unless its project is for training."""
    real = rows.filter(attendance__meeting__committee__project__training=False)
    return real.select_related(*RELATED).first()


def facts_of(certificate: AttendanceCertificate) -> list[tuple[str, Any]]:
    """Return what tells whether it is the certificate that somebody shows: of the name no more than
    its initials, and nothing once the person was forgotten."""
    row = certificate.attendance
    meeting = row.meeting
    return [
        (_("Document"), DocumentKind.CERTIFICATE.label),
        (_("Of"), meeting),
        (_("Project"), meeting.committee.project),
        (_("Day of the meeting"), day(meeting.day)),
        (_("Initials of the person"), initials(row)),
        (_("Took part"), row.get_presence_display()),
        (_("Issued on"), day(certificate.issued_on)),
        (_("Code"), certificate.code),
    ]


def initials(row: Attendance) -> str:
    """Return “R. E.” for Rol Ejemplar."""
    contact: Contact | None = row.contact
    if contact is None or contact.is_minor or contact.is_pseudonymous:
        return ""
    words = contact.full_name.split()
    return " ".join(f"{word[0].upper()}." for word in words if word[0].isalpha())


def withdrawn_on(certificate: AttendanceCertificate) -> str:
    """Return the day on which its file was superseded, while that is known."""
    files = Rendition.objects.filter(
        sha256=certificate.sha256, snapshot__kind=DocumentKind.CERTIFICATE
    )
    moments = files.exclude(superseded_at=None).values_list("superseded_at", flat=True)
    latest = max((moment for moment in moments if moment), default=None)
    return day(timezone.localdate(latest)) if latest else ""

"""Certificates of attendance that were given out, so that they can be verified later."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from committees.models import Attendance


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

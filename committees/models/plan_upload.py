"""The workbook of a plan between its upload and its confirmation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.models.plan import ActionPlan
from kernel.files import WaitingFile


class PlanUpload(WaitingFile):
    """One workbook per coordinator and plan; a new one takes its place."""

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("workbook of a plan")
        verbose_name_plural = _("workbooks of plans")
        constraints = [
            models.UniqueConstraint(fields=["plan", "owner"], name="planupload_one_per_owner")
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

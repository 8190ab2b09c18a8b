"""Changes of the facts about an institution that a coordinator proposes, because they would hold in
other projects too."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.keys import by_whom
from partners.models import Institution


class InstitutionChangeQuerySet(models.QuerySet["InstitutionChange"]):
    def open(self) -> Self:
        return self.filter(settled_at=None)


class InstitutionChange(models.Model):
    """What should change, in words. Whoever may change it does so on the institution's page."""

    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, related_name="proposed_changes"
    )
    text = models.TextField(
        _("what should change"),
        max_length=1000,
        help_text=_(
            "The new name, country, kind or safeguarding policy, and how you know about it."
        ),
    )
    proposed_by = by_whom(blank=True, on_delete=models.SET_NULL, editable=True)
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    settled_by = by_whom(blank=True, on_delete=models.SET_NULL, editable=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    objects = InstitutionChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("proposed change of an institution")
        verbose_name_plural = _("proposed changes of institutions")
        constraints = [
            # A form sent twice proposes once.
            models.UniqueConstraint(
                fields=["institution", "text"],
                condition=Q(settled_at=None),
                name="institutionchange_proposed_once",
                violation_error_message=_("This has already been proposed."),
            )
        ]

    def __str__(self) -> str:
        return self.text

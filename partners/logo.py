"""The logos of institutions."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class InstitutionLogo(models.Model):
    """The logo of an institution, which the covers of its reports show. It has a table of its own,
    so that institutions are read without it."""

    institution = models.OneToOneField(
        "partners.Institution", on_delete=models.CASCADE, editable=False, related_name="logo"
    )
    content = models.BinaryField(_("logo"), max_length=60_000)
    sha256 = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("logo of an institution")
        verbose_name_plural = _("logos of institutions")

    def __str__(self) -> str:
        return str(self.institution)

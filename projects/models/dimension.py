"""Dimensions by which values are broken down: sex, age group, kind of institution, department.

The rows are common to all projects, so that figures of several projects can be compared. A
migration adds the first ones; administrators add others.
"""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from kernel.text import Multilingual, translated


class DimensionQuerySet(models.QuerySet["Dimension"]):
    def with_categories(self) -> Self:
        return self.prefetch_related("categories")


class Dimension(Multilingual):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = translated(models.CharField(_("name"), max_length=80))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = DimensionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("dimension")
        verbose_name_plural = _("dimensions")

    def __str__(self) -> str:
        return self.name


class Category(Multilingual):
    """One value of a dimension. The categories together cover everybody, so one of them is
    “other”."""

    dimension = models.ForeignKey(
        Dimension,
        on_delete=models.PROTECT,
        related_name="categories",
        verbose_name=_("dimension"),
    )
    code = models.SlugField(_("code"), max_length=40)
    name = translated(models.CharField(_("name"), max_length=80))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(
                fields=["dimension", "code"],
                name="category_code_is_used_once",
                violation_error_message=_("The dimension already has a category with this code."),
            )
        ]

    def __str__(self) -> str:
        return self.name

"""The agenda with which meetings of a committee begin."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from committees.models.agenda import AgendaItem
from committees.models.committee import Committee
from committees.models.meeting import Audience
from kernel.text import Multilingual, translated


class TemplateItem(Multilingual):
    """An item that is offered for each meeting of the committee."""

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="template")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    title = translated(models.CharField(_("title"), max_length=200))
    purpose = models.CharField(
        _("purpose"),
        max_length=20,
        choices=AgendaItem.Purpose,
        default=AgendaItem.Purpose.DISCUSS,
    )
    minutes_planned = models.PositiveSmallIntegerField(_("minutes planned"), null=True, blank=True)
    audience = models.CharField(
        _("audience"), max_length=20, choices=Audience, default=Audience.COMMITTEE
    )
    is_recurring = models.BooleanField(
        _("recurring"),
        default=False,
        help_text=_(
            "Comes back at each meeting, even if the agenda is taken from the previous meeting."
        ),
    )
    # Of the form that added it: the same form sent twice adds one item.
    entry_key = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["committee", "position", "pk"]
        verbose_name = _("item of the template")
        verbose_name_plural = _("items of the template")
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "entry_key"], name="templateitem_of_a_form_sent_once"
            )
        ]

    def __str__(self) -> str:
        return self.title

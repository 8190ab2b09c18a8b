"""What agenda items and resolutions speak of: the links of the evidence chain."""

import functools
import operator
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from committees.models.agenda import AgendaItem
from committees.models.minutes import Minutes
from committees.models.resolution import Resolution
from projects.models import Activity, Amendment, CallForProposals, Indicator, Result, Risk

THINGS = (
    "result",
    "indicator",
    "activity",
    "action",
    "plan",
    "amendment",
    "risk",
    "minutes",
    "earlier",
    "call",
)


def exactly_one(names: tuple[str, ...]) -> Q:
    """The condition that one of these references is set and the others are not."""
    choices = [Q(**{f"{name}__isnull": name != chosen for name in names}) for chosen in names]
    return functools.reduce(operator.or_, choices)


class SubjectQuerySet(models.QuerySet["Subject"]):
    def with_things(self) -> Self:
        return self.select_related(
            "result__project",
            "indicator__result__project",
            "activity__project",
            "action__project",
            "plan__project",
            "plan__period",
            "amendment__project",
            "risk__project",
            "minutes__meeting__committee__project",
            "earlier__committee__project",
            "call__project",
        )


class Subject(models.Model):
    """A link of the evidence chain: an agenda item or a resolution speaks of one thing.

    The thing is not deleted while it is spoken of: that would drop the link without a word.
    """

    THINGS = THINGS

    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )
    resolution = models.ForeignKey(
        Resolution,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )
    result = models.ForeignKey(
        Result, on_delete=models.PROTECT, null=True, blank=True, related_name="subjects"
    )
    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    activity = models.ForeignKey(
        Activity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    action = models.ForeignKey(
        "Action",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    plan = models.ForeignKey(
        "ActionPlan",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    amendment = models.ForeignKey(
        Amendment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    risk = models.ForeignKey(
        Risk, on_delete=models.PROTECT, null=True, blank=True, related_name="subjects"
    )

    minutes = models.ForeignKey(
        Minutes,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )
    # A resolution of an earlier meeting, which is taken up again.
    earlier = models.ForeignKey(
        Resolution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="taken_up",
    )
    call = models.ForeignKey(
        CallForProposals,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
    )

    objects = SubjectQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")
        constraints = [
            models.CheckConstraint(
                name="subject_of_one_item_or_resolution",
                condition=exactly_one(("agenda_item", "resolution")),
            ),
            models.CheckConstraint(
                name="subject_is_one_thing",
                condition=exactly_one(THINGS),
            ),
        ]

    def __str__(self) -> str:
        return str(self.thing)

    @property
    def thing(self) -> models.Model:
        name = next(name for name in self.THINGS if getattr(self, f"{name}_id"))
        return getattr(self, name)

    @property
    def owner(self) -> AgendaItem | Resolution:
        """What speaks of the thing."""
        return self.agenda_item or self.resolution

    @property
    def kind(self) -> str:
        return self.thing._meta.verbose_name

    @property
    def label(self) -> str:
        """Short enough for a line of links: “Result 1300”, “Action plan, year 2, version 2”."""
        if self.result_id or self.indicator_id:
            return f"{self.kind.capitalize()} {self.thing.code}"
        return str(self.thing)

    @property
    def note(self) -> str:
        """Where an amendment stands: what is recommended is not approved yet."""
        return self.amendment.get_status_display() if self.amendment_id else ""

"""The last link of the evidence chain: what a section of a report cites."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from committees.models import Action, ActionPlan, Meeting, Resolution
from committees.models.subject import exactly_one
from projects.models import Activity, Amendment, Indicator, Result, Risk
from reports.models.report import Section

THINGS = (
    "result",
    "indicator",
    "activity",
    "action",
    "plan",
    "amendment",
    "risk",
    "resolution",
    "meeting",
)


def _cited(model: type[models.Model]) -> models.ForeignKey:
    """Without a way back: who may read the report decides who learns that it cites the thing.

    The thing may be deleted although it is cited. What was signed off is frozen and says what it
    said; in a draft the code still stands in the text, and the list of what is missing tells that
    it leads to nothing. To refuse would let a draft hold what should go.
    """
    return models.ForeignKey(
        model, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )


class CitationQuerySet(models.QuerySet["Citation"]):
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
            "resolution__committee__project",
            "meeting__committee__project",
        )


class Citation(models.Model):
    """A code in the text of a section, and the thing that it led to when it was saved.

    So a thing that gets another code is still cited; the text keeps what was typed until somebody
    edits it.
    """

    THINGS = THINGS

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="citations")
    token = models.CharField(_("code"), max_length=70)
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    result = _cited(Result)
    indicator = _cited(Indicator)
    activity = _cited(Activity)
    action = _cited(Action)
    plan = _cited(ActionPlan)
    amendment = _cited(Amendment)
    risk = _cited(Risk)
    resolution = _cited(Resolution)
    meeting = _cited(Meeting)

    objects = CitationQuerySet.as_manager()

    class Meta:
        ordering = ["section", "position"]
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        constraints = [
            models.CheckConstraint(name="citation_is_one_thing", condition=exactly_one(THINGS)),
            models.UniqueConstraint(
                fields=["section", "token"], name="citation_code_once_a_section"
            ),
        ]

    def __str__(self) -> str:
        return self.token

    @property
    def name(self) -> str:
        """Which kind of thing."""
        return next(name for name in self.THINGS if getattr(self, f"{name}_id"))

    @property
    def thing(self) -> models.Model:
        return getattr(self, self.name)

    @property
    def thing_pk(self) -> int:
        return getattr(self, f"{self.name}_id")

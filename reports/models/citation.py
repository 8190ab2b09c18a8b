"""Citations, the last link of the chain of evidence: the things that a section of a report
cites."""

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
    """Return the column for a cited thing.

    It has no reverse name, since permissions of the report decide who learns that it cites the
    thing. A thing may be deleted although it is cited: otherwise a draft could prevent that. A
    report that was signed off is frozen; in a draft the code stays in the text, and the list of
    gaps reports that it leads to nothing.
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
    """A code in the text of a section, and the thing that it led to when the section was saved.

    So a thing whose code changes is still cited. The text keeps the old code until somebody edits
    it.
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
        """The kind of the thing, which is one of THINGS."""
        return next(name for name in self.THINGS if getattr(self, f"{name}_id"))

    @property
    def thing(self) -> models.Model:
        thing: models.Model = getattr(self, self.name)
        return thing

    @property
    def thing_pk(self) -> int:
        key: int = getattr(self, f"{self.name}_id")
        return key

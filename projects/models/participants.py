"""Numbers of participants of activities by institution, kind of institution and sex. Never
names."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from partners.models import Institution
from projects.models.activity import Activity

SEXES = {
    "women": _("women"),
    "men": _("men"),
    "other": pgettext_lazy("participants by sex", "other"),
    "unsaid": pgettext_lazy("participants by sex", "not said"),
}


def _count(name: str) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(SEXES[name], default=0)


class ParticipantGroup(models.Model):
    """Participants of one institution, of one kind of institutions, or (with neither) of all
    together where only their sex is known. The total of an activity may be larger: then sex and
    institution of the others are unknown."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="groups")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("institution"),
    )
    kind = models.CharField(
        _("kind of institution"), max_length=20, choices=Institution.Kind, blank=True
    )
    women = _count("women")
    men = _count("men")
    other = _count("other")
    unsaid = _count("unsaid")

    history = HistoricalRecords()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("group of participants")
        verbose_name_plural = _("groups of participants")
        constraints = [
            models.CheckConstraint(
                name="participantgroup_institution_or_kind",
                condition=Q(institution=None) | Q(kind=""),
            ),
            models.CheckConstraint(
                name="participantgroup_is_somebody",
                condition=Q(women__gt=0) | Q(men__gt=0) | Q(other__gt=0) | Q(unsaid__gt=0),
            ),
            models.UniqueConstraint(
                "activity",
                Coalesce("institution", 0),
                "kind",
                name="participantgroup_is_told_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.total}"

    @property
    def name(self) -> str:
        if self.institution:
            return self.institution.name
        return str(self.get_kind_display()) if self.kind else str(_("All together"))

    @property
    def counts(self) -> dict[str, int]:
        return {sex: getattr(self, sex) for sex in SEXES}

    @property
    def total(self) -> int:
        return sum(self.counts.values())

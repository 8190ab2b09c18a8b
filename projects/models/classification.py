"""Classification of a project by country, sector, marker and goal, in the codes of IATI and the
DAC."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from simple_history.models import HistoricalRecords

from projects import codelists
from projects.models.project import Project


def percentage_constraint(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(percentage__gt=0, percentage__lte=100),
        violation_error_message=_("A percentage is above 0 and at most 100."),
    )


class ProjectCountry(models.Model):
    """A country of a project that works in several. Without such rows it is all in
    `Project.country`."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="countries")
    country = CountryField(_("country"))
    percentage = models.DecimalField(_("percentage"), max_digits=5, decimal_places=2)

    history = HistoricalRecords()

    class Meta:
        ordering = ["-percentage", "country"]
        verbose_name = _("country of a project")
        verbose_name_plural = _("countries of a project")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "country"],
                name="projectcountry_once",
                violation_error_message=_("This country is already there."),
            ),
            percentage_constraint("projectcountry_is_a_share"),
        ]

    def __str__(self) -> str:
        return str(self.get_country_display())


class ProjectSector(models.Model):
    """A DAC sector of five digits (vocabulary 1 of IATI) and its share of the project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sectors")
    code = models.CharField(
        _("sector"),
        max_length=5,
        validators=[
            RegexValidator(r"^[1-9][0-9]{4}$", _("A sector has five digits, such as 15160.")),
            codelists.refuse_withdrawn,
        ],
    )
    percentage = models.DecimalField(_("percentage"), max_digits=5, decimal_places=2)

    history = HistoricalRecords()

    class Meta:
        ordering = ["-percentage", "code"]
        verbose_name = _("sector of a project")
        verbose_name_plural = _("sectors of a project")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"],
                name="projectsector_once",
                violation_error_message=_("This sector is already there."),
            ),
            models.CheckConstraint(
                name="projectsector_is_not_withdrawn",
                condition=~Q(code__in=sorted(codelists.WITHDRAWN_SECTORS)),
                violation_error_message=_("This code was withdrawn."),
            ),
            percentage_constraint("projectsector_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}" if self.name else self.code

    @property
    def name(self) -> str:
        """The name of the sector; empty if the portal's list lacks a code that came with a file."""
        return str(codelists.SECTORS.get(self.code, ""))


class ProjectMarker(models.Model):
    """How far a project pursues a policy objective; 0 means assessed and found not targeted."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="markers")
    code = models.CharField(
        _("policy marker"), max_length=20, choices=list(codelists.ALL_MARKERS.items())
    )
    significance = models.CharField(
        _("significance"), max_length=1, choices=list(codelists.SIGNIFICANCES.items())
    )
    gender_level = models.CharField(
        _("Global Affairs Canada’s gender level"),
        max_length=4,
        blank=True,
        choices=list(codelists.GENDER_LEVELS.items()),
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("policy marker of a project")
        verbose_name_plural = _("policy markers of a project")
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="projectmarker_once"),
            models.CheckConstraint(
                name="projectmarker_level_is_of_gender",
                condition=Q(gender_level="") | Q(code=codelists.GENDER),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_code_display())

    def level_in_words(self) -> str:
        """Return the level in words, such as “GE-2 · fully integrated”, or else the
        significance."""
        return (
            self.get_gender_level_display()
            if self.gender_level
            else self.get_significance_display()
        )


class ProjectTag(models.Model):
    """A target of the Sustainable Development Goals (vocabulary 3 of IATI)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tags")
    code = models.CharField(
        _("target"),
        max_length=5,
        validators=[
            RegexValidator(
                rf"^{codelists.TARGET.pattern}$",
                _("A target is written as 16.2 or 16.a."),
            )
        ],
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("target of the Sustainable Development Goals")
        verbose_name_plural = _("targets of the Sustainable Development Goals")
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="projecttag_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}" if self.name else self.code

    @property
    def name(self) -> str:
        return str(codelists.TARGETS.get(self.code, ""))


class Classification(models.Model):
    """Codes of the DAC that apply to all money of a project."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="classification")
    scope = models.CharField(
        _("scope"), max_length=1, blank=True, choices=list(codelists.SCOPES.items())
    )
    collaboration_type = models.CharField(
        _("collaboration"),
        max_length=1,
        blank=True,
        choices=list(codelists.COLLABORATION_TYPES.items()),
    )
    flow_type = models.CharField(
        _("flow"), max_length=2, blank=True, choices=list(codelists.FLOW_TYPES.items())
    )
    finance_type = models.CharField(
        _("finance"), max_length=3, blank=True, choices=list(codelists.FINANCE_TYPES.items())
    )
    aid_type = models.CharField(
        _("aid"), max_length=3, blank=True, choices=list(codelists.AID_TYPES.items())
    )
    tied_status = models.CharField(
        _("tied"), max_length=1, blank=True, choices=list(codelists.TIED_STATUSES.items())
    )

    history = HistoricalRecords()

    # The usual codes of a project with a grant from a government, which the form proposes.
    USUAL = {
        "scope": "4",
        "collaboration_type": "1",
        "flow_type": "10",
        "finance_type": "110",
        "aid_type": "C01",
        "tied_status": "5",
    }

    class Meta:
        verbose_name = _("classification of a project")
        verbose_name_plural = _("classifications of projects")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def summary(self) -> str:
        """Return all its known codes in words."""
        names = ("scope", "collaboration_type", "flow_type", "finance_type", "aid_type")
        words = (getattr(self, f"get_{name}_display")() for name in (*names, "tied_status"))
        return " · ".join(str(word) for word in words if word)

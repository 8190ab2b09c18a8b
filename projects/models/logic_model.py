"""Approved versions of the logic model, which are never changed."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.frozen import Content, Format
from kernel.keys import by_whom
from kernel.languages import writing_order
from kernel.text import Multilingual, translated
from projects.models.amendment import Amendment
from projects.models.project import Project

# The format of `LogicModelVersion.content`, made by `projects.framework.outline.content_of`.
LOGIC_MODEL = Format("logic_model")


class LogicModelVersion(Multilingual):
    """The tree of results as approved on a day, in three languages (`projects.framework.outline`).

    Each version but the first names the reason of the change. The donor may approve later, on a day
    of its own, the version that the committee validated. The database refuses to change or delete
    an approved version; only translations of its reason may follow.
    """

    class Approver(models.TextChoices):
        COMMITTEE = "committee", _("Steering committee")
        DONOR = "donor", _("Donor")
        COORDINATION = "coordination", pgettext_lazy("who approved", "Coordination")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="logic_versions")
    number = models.PositiveSmallIntegerField(_("number"), editable=False)
    approved_on = models.DateField(_("approved on"))
    approver = models.CharField(_("approved by"), max_length=20, choices=Approver)
    reference = models.CharField(
        _("decision or letter"),
        max_length=200,
        blank=True,
        help_text=_("Where it is written, such as “Decision 2020-3” or the date of a letter."),
    )
    donor_approved_on = models.DateField(_("approved by the donor on"), null=True, blank=True)
    donor_reference = models.CharField(_("donor's reference"), max_length=100, blank=True)
    amendment = models.ForeignKey(
        Amendment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="logic_versions",
        verbose_name=_("amendment"),
    )
    reason = translated(models.TextField(_("reason of the change"), max_length=2000, blank=True))
    content = models.JSONField(editable=False)
    recorded_by = by_whom()
    recorded_at = models.DateTimeField(auto_now_add=True)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    class Meta:
        ordering = ["project", "-number"]
        verbose_name = _("version of the logic model")
        verbose_name_plural = _("versions of the logic model")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"],
                name="logicmodelversion_number_is_used_once",
                violation_error_message=_(
                    "Somebody saved the same thing at this moment. Reload the page."
                ),
            ),
            models.CheckConstraint(
                name="logicmodelversion_change_has_its_reason",
                condition=Q(number=1)
                | (Q(number__gt=1) & ~Q(reason_fr="", reason_es="", reason_en="")),
                violation_error_message=_("Say why the logic model changes."),
            ),
            models.CheckConstraint(
                name="logicmodelversion_donor_approves_once",
                condition=Q(donor_approved_on=None) | ~Q(approver="donor"),
            ),
        ]

    def __str__(self) -> str:
        return _("Version %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("projects:logic-version", args=[self.project.code, self.number])

    @property
    def outline(self) -> Content:
        """The approved content, for `projects.framework.outline`."""
        return LOGIC_MODEL.read(self.content)

    @property
    def awaits_donor(self) -> bool:
        return self.approver != self.Approver.DONOR and self.donor_approved_on is None

    def clean(self) -> None:
        if not (self.approved_on and self.number and self.project_id):
            return  # the fields have their own complaints
        if self.number > 1 and self.origin_of("reason") is None:
            box = f"reason_{writing_order()[0]}"
            raise ValidationError({box: _("Say why the logic model changes.")})
        if self.amendment and self.amendment.project_id != self.project_id:
            raise ValidationError({"amendment": _("That amendment belongs to another project.")})
        if self.donor_approved_on and self.donor_approved_on > self.project.today:
            message = _("This day is still to come: choose today or earlier.")
            raise ValidationError({"donor_approved_on": message})
        if self.approved_on > self.project.today:
            raise ValidationError(
                {"approved_on": _("This day is still to come: choose today or earlier.")}
            )
        before = self.project.logic_versions.filter(number__lt=self.number).first()
        if before and self.approved_on < before.approved_on:
            message = _("%(version)s was approved on a later day: check the date.")
            raise ValidationError({"approved_on": message % {"version": before}})

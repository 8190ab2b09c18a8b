"""Where an institution may be named: what it said, the neutral numbers of those that may not be named
everywhere, and those that a coordinator hid everywhere as a precaution.

Choices are added and never changed; of each place the newest counts.
"""

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from kernel.formats import join_list
from kernel.keys import by_whom
from partners.models import Institution
from projects.models.project import Participation, Project


class NamedTo(models.TextChoices):
    """To whom an institution may be named. The coordination always knows it."""

    COMMITTEE = "committee", _("the members of the steering committee")
    PARTNERS = "partners", _("the other partners of the project")
    DONOR = "donor", _("the donor")
    PUBLIC = "public", _("the public")


class NamingChoiceQuerySet(models.QuerySet["NamingChoice"]):
    def that_count(self) -> Self:
        """Keep the newest of each institution and place."""
        newest = self.order_by().values("institution", "project").annotate(newest=Max("pk"))
        return self.filter(pk__in=newest.values("newest"))


class NamingChoice(models.Model):
    """What an institution said on a day about where it may be named.

    Without a project it holds everywhere. In a project that has a choice of its own, both have to
    allow a name.
    """

    class Channel(models.TextChoices):
        LETTER = "letter", _("Letter")
        EMAIL = "email", _("E-mail")
        TELEPHONE = "telephone", _("Telephone")
        MEETING = "meeting", _("In person")
        PORTAL = "portal", _("On the portal, by itself")
        PRECAUTION = "precaution", _("Not asked yet: out of caution")

    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, related_name="naming_choices"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="naming_choices"
    )
    to_committee = models.BooleanField(NamedTo.COMMITTEE.label, default=False)
    to_partners = models.BooleanField(NamedTo.PARTNERS.label, default=False)
    to_donor = models.BooleanField(NamedTo.DONOR.label, default=False)
    to_public = models.BooleanField(NamedTo.PUBLIC.label, default=False)
    excludes_state = models.BooleanField(
        _("to no institution of the State"),
        default=False,
        help_text=_("Nor in a file read by one of them."),
    )
    excluded = models.ManyToManyField(
        Institution, blank=True, related_name="+", verbose_name=_("and not to these institutions")
    )
    said_on = models.DateField(_("said on"))
    channel = models.CharField(_("how it was communicated"), max_length=20, choices=Channel)
    reason = models.TextField(
        _("evidence or reason"),
        max_length=500,
        blank=True,
        help_text=_("For example: letter of March 3, in the safe of the coordination."),
    )
    # Whether the institution chose this itself, or an administrator to whom it wrote so. No precaution
    # of the coordination overrides it.
    is_own = models.BooleanField(default=False, db_default=False, editable=False)
    recorded_by = by_whom(blank=True, on_delete=models.SET_NULL)
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)

    objects = NamingChoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("choice of where an institution may be named")
        verbose_name_plural = _("choices of where institutions may be named")
        constraints = [
            models.CheckConstraint(
                name="namingchoice_public_is_everybody",
                condition=Q(to_public=False)
                | Q(to_committee=True, to_partners=True, to_donor=True, excludes_state=False),
                violation_error_message=_(
                    "Everybody reads what the public may read. Choose all of them and "
                    "exclude nobody, or leave out the public."
                ),
            ),
        ]

    def __str__(self) -> str:
        """Return “the coordination and the donor; but not: institutions of the State”."""
        if self.to_public:
            return gettext("everybody")
        names = [str(NamedTo(name).label) for name in NamedTo.values if name in self.audiences]
        if not names:  # whoever is excluded reads no name in any case
            return gettext("only the coordination")
        text = join_list([gettext("the coordination"), *names])
        without = [gettext("institutions of the State")] if self.excludes_state else []
        without += [str(each) for each in self.excluded.all()]
        if not without:
            return text
        return gettext("%(named)s; but not: %(excluded)s") % {
            "named": text,
            "excluded": join_list(without),
        }

    @property
    def audiences(self) -> frozenset[str]:
        return frozenset(name for name in NamedTo.values if getattr(self, f"to_{name}"))

    def excludes(self, institutions: dict[int, str]) -> bool:
        """Whether it excludes one of these institutions, given with their kinds."""
        if self.excludes_state and Institution.Kind.STATE in institutions.values():
            return True
        return any(each.pk in institutions for each in self.excluded.all())

    @property
    def excludes_anybody(self) -> bool:
        return self.excludes_state or bool(self.excluded.all())


class NeutralNumber(models.Model):
    """The number of an institution in a project, where its name may not appear.

    It is drawn at random, so that it says nothing about who came first, and it stays.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="neutral_numbers")
    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, related_name="neutral_numbers"
    )
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["project", "number"]
        verbose_name = _("neutral number of an institution")
        verbose_name_plural = _("neutral numbers of institutions")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "institution"], name="neutralnumber_one_of_an_institution"
            ),
            models.UniqueConstraint(fields=["project", "number"], name="neutralnumber_once"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    @transaction.atomic
    def draw(cls, institution: Institution, project: Project | None = None) -> None:
        """Draw the numbers that a guarded institution lacks, in the project or in all projects in
        which it takes part."""
        places = Participation.objects.filter(institution=institution)
        if project:
            places = places.filter(project=project)
        drawn = cls.objects.filter(institution=institution)
        projects = Project.objects.filter(pk__in=places.values("project"))
        missing = projects.exclude(pk__in=drawn.values("project")).order_by("pk")
        for project in missing.select_for_update(no_key=True):
            taken = set(project.neutral_numbers.values_list("number", flat=True))
            # There are always at least as many free numbers as taken ones.
            free = sorted(set(range(1, max(100, 2 * len(taken) + 2))) - taken)
            cls.objects.create(
                project=project, institution=institution, number=secrets.choice(free)
            )


# --- Precautions ---
#
# It lies over what the institution said (`projects.models.naming`) and changes nothing of that.

# For so long only the institution lifts it, or an administrator with its written consent.
HOURS_OF_THE_INSTITUTION = 72


class NamingPrecautionQuerySet(models.QuerySet["NamingPrecaution"]):
    def in_force(self) -> Self:
        """Keep those that nobody lifted for all projects."""
        whole = PrecautionLift.objects.filter(precaution=OuterRef("pk"), project=None)
        return self.filter(~Exists(whole))


class NamingPrecaution(models.Model):
    """A coordinator hides an institution of civil society in all its projects at once, alone.

    It holds in each project in which the institution itself did not choose, until it is lifted there.
    """

    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, related_name="naming_precautions"
    )
    reason = models.TextField(
        _("reason"),
        max_length=500,
        help_text=_(
            "The institution, the coordinators of its projects and administrators read it on the "
            "portal."
        ),
    )
    taken_by = by_whom(on_delete=models.SET_NULL)
    taken_at = models.DateTimeField(_("taken at"), default=timezone.now, editable=False)

    objects = NamingPrecautionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("precaution about the name of an institution")
        verbose_name_plural = _("precautions about the names of institutions")

    def __str__(self) -> str:
        return str(self.institution)

    @property
    def coordinators_lift_from(self) -> datetime:
        return self.taken_at + timedelta(hours=HOURS_OF_THE_INSTITUTION)


class PrecautionLift(models.Model):
    """A precaution that ended: in one project, or without one in all."""

    precaution = models.ForeignKey(NamingPrecaution, on_delete=models.CASCADE, related_name="lifts")
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    agreed_on = models.DateField(_("agreed on"))
    channel = models.CharField(
        _("how it was communicated"), max_length=20, choices=NamingChoice.Channel
    )
    reason = models.TextField(
        _("evidence that it agreed"),
        max_length=500,
        blank=True,
        help_text=_("Who agreed for the institution, and where that is kept."),
    )
    lifted_by = by_whom(on_delete=models.SET_NULL)
    lifted_at = models.DateTimeField(_("lifted at"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("end of a precaution")
        verbose_name_plural = _("ends of precautions")

    def __str__(self) -> str:
        return str(self.precaution)

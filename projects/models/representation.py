"""Who represents an institution in a project, and who directs the organisation.

A contact of an institution has access to a project only through a representation in it.
"""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.keys import by_whom
from partners.models import Contact
from projects.models.places import DIRECT_ROLES, end_has_not_come, representation_is_in_force
from projects.models.project import Participation, Project

# How long after the announcement of a coordinator an end takes effect: a weekend with a day beside it.
NOTICE = timedelta(hours=72)


class RepresentationQuerySet(models.QuerySet["Representation"]):
    def in_force(self) -> Self:
        """Keep those that give access today."""
        return self.filter(representation_is_in_force())

    def open(self) -> Self:
        """Keep those that give access today or may do so later: nobody ended them, the last day is
        not over, an announced end has not come, and the person has not left."""
        today = timezone.localdate()
        rows = self.filter(end_has_not_come(), ended_at=None, contact__ended_on=None)
        return rows.filter(Q(until=None) | Q(until__gte=today))

    def accepting(self, project: Project) -> Self:
        """Keep those who may accept for the donor of the project today. Whose end was announced only
        reads."""
        return self.in_force().filter(
            participation__project=project,
            participation__role__in=Participation.DONOR_ROLES,
            right=Representation.Right.ACCEPTS,
            ends_at=None,
        )

    def pending(self) -> Self:
        """Keep open ones that somebody has to confirm before they give access."""
        rows = self.open().filter(confirmed_at=None)
        return rows.exclude(participation__role__in=DIRECT_ROLES)

    def with_related(self) -> Self:
        return self.select_related(
            "contact__user", "participation__project", "participation__institution", "granted_by"
        ).prefetch_related("participation__institution__names")


class Representation(models.Model):
    """A person of an institution who represents it in one project, in the institution's role there.

    The coordination grants it. If the institution funds the project or answers for it, an
    administrator or somebody who represents it there already confirms it first.
    """

    class Right(models.TextChoices):
        READS = "reads", _("Reads")
        ACCEPTS = "accepts", _("Reads and accepts")

    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        related_name="representations",
        verbose_name=_("person"),
    )
    participation = models.ForeignKey(
        Participation,
        on_delete=models.CASCADE,
        related_name="representations",
        verbose_name=_("participation"),
    )
    right = models.CharField(
        _("right"),
        max_length=10,
        choices=Right,
        default=Right.READS,
        help_text=_(
            "A person who accepts answers for the donor: on reports, plans and amendments."
        ),
    )
    since = models.DateField(_("from"), default=timezone.localdate)
    until = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The last day. Empty: without an end.")
    )
    reason = models.CharField(
        _("reason"),
        max_length=300,
        help_text=_(
            "How you know that the person represents it, such as a letter of a certain day."
        ),
    )
    granted_by = by_whom(blank=True, on_delete=models.SET_NULL, editable=True)
    granted_at = models.DateTimeField(_("granted at"), default=timezone.now)
    confirmed_by = by_whom(blank=True, on_delete=models.SET_NULL, editable=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    ended_by = by_whom(blank=True, on_delete=models.SET_NULL, editable=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    # An end that a coordinator announced. It takes effect at that moment, whether or not the task that
    # then writes `ended_at` has run.
    end_announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("end announced by"),
    )
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)

    objects = RepresentationQuerySet.as_manager()

    class Meta:
        ordering = ["contact__full_name", "pk"]
        verbose_name = _("representation")
        verbose_name_plural = _("representations")
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "participation"],
                condition=Q(ended_at=None),
                name="representation_open_once",
                violation_error_message=_(
                    "This person already represents the institution in this project."
                ),
            ),
            models.CheckConstraint(
                name="representation_ends_after_it_starts",
                condition=Q(until=None) | Q(until__gte=F("since")),
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.participation}"

    def get_absolute_url(self) -> str:
        return reverse("projects:representation", args=[self.participation.project.code, self.pk])

    def clean(self) -> None:
        if self.contact.institution_id != self.participation.institution_id:
            raise ValidationError(_("This person belongs to another institution."))
        if self.right == self.Right.ACCEPTS and not self.may_have_right_to_accept:
            raise ValidationError(
                {
                    "right": _(
                        "Only the donor, or somebody who represents it, can accept: choose “Reads”."
                    )
                }
            )

    @property
    def may_have_right_to_accept(self) -> bool:
        return self.participation.role in Participation.DONOR_ROLES

    @property
    def needs_confirmation(self) -> bool:
        return self.participation.role not in DIRECT_ROLES

    @property
    def is_open(self) -> bool:
        is_over = self.until is not None and self.until < timezone.localdate()
        has_ended = self.ended_at is not None or self.announced_end_has_come
        return not has_ended and not is_over and self.contact.ended_on is None

    @property
    def announced_end_has_come(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def is_ending(self) -> bool:
        """Whether its end was announced and has not come: the person only reads until then."""
        return self.is_open and self.ends_at is not None

    @property
    def is_pending(self) -> bool:
        return self.is_open and self.needs_confirmation and self.confirmed_at is None

    @property
    def is_in_force(self) -> bool:
        return self.is_open and not self.is_pending and self.since <= timezone.localdate()


class DirectionQuerySet(models.QuerySet["Direction"]):
    def current(self) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=timezone.localdate()))


class Direction(models.Model):
    """A person who directs the organisation: they read all projects and administer nothing."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="direction",
        verbose_name=_("person"),
    )
    until = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The last day. Empty: without an end.")
    )

    objects = DirectionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = pgettext_lazy("of the organisation", "direction")
        verbose_name_plural = pgettext_lazy("of the organisation", "direction")

    def __str__(self) -> str:
        return str(self.user)

"""What falls due in a project, stored, so that pages of many projects read a few rows of it.

A row holds keys, days, numbers and roles: no name and no title. Which of them a person reads, and
in which words, is decided when they are read (`ibcr_portal.obligations.reading`).
"""

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from ibcr_portal.models.reminders import ObligationKind
from partners.models import Institution
from projects.models import Project


class Obligation(models.Model):
    """One thing that is due. It is of an institution or a person, if it names one, and of the roles
    in `owners`; also the roles in `readers` see it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=ObligationKind)
    # Identifies it for reminders and calendars. Its first word says by what it is shown.
    key = models.CharField(max_length=60)
    thing = models.BigIntegerField(default=0)  # the key of its row, where one is read to show it
    on = models.DateField(null=True)
    # The last day on which it is not late: that day, or some time after it was entered
    # (`kernel.entering`).
    in_time_until = models.DateField(null=True)
    # The moments from which and until which it is due, in seconds since 1970 (`kernel.prepared`).
    since = models.BigIntegerField(null=True)
    until = models.BigIntegerField(null=True)
    done = models.BooleanField(default=False)
    is_event = models.BooleanField(default=False)
    # What only waits for a step of somebody is on their home page alone.
    is_listed = models.BooleanField(default=True)
    # Sets of roles (`ibcr_portal.obligations.roles`).
    owners = models.PositiveIntegerField(default=0)
    readers = models.PositiveIntegerField(default=0)
    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, null=True, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    # Whoever entered or submitted it may not accept it, whatever their role.
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    # Whom the donor's role does not suffice: the one donor that expects it.
    donor = models.ForeignKey(Institution, on_delete=models.CASCADE, null=True, related_name="+")
    audience = models.CharField(max_length=20, blank=True)  # of the item that it comes from
    facts = models.JSONField(default=dict)  # numbers, days and codes of which its title is made

    class Meta:
        ordering = [F("on").asc(nulls_last=True), "project", "key", "pk"]
        verbose_name = _("obligation")
        verbose_name_plural = _("obligations")
        indexes = [
            models.Index(fields=["project", "on"], name="obligation_of_a_project"),
            models.Index(
                fields=["user"],
                name="obligation_of_a_person",
                condition=models.Q(user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class ObligationsWritten(models.Model):
    """The day for which the obligations of a project were written last."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    class Meta:
        verbose_name = _("obligations recorded")
        verbose_name_plural = _("obligations recorded")

    def __str__(self) -> str:
        return f"{self.project_id} · {self.day}"


class ObligationChange(models.Model):
    """Says that something changed of which the obligations of a project are made.

    Triggers add it in the transaction of the change (`ibcr_portal.migrations._initial_operations`), and whoever writes the
    obligations anew takes it away. It refers to no project, since the project may be deleted.
    """

    project_key = models.BigIntegerField()

    class Meta:
        verbose_name = _("change of obligations")
        verbose_name_plural = _("changes of obligations")
        indexes = [models.Index(fields=["project_key"], name="obligationchange_by_project")]

    def __str__(self) -> str:
        return str(self.project_key)

"""Reminders of obligations in all apps: the rules of each project, the messages sent, and the
people who want none.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.keys import by_whom
from partners.models import Institution
from projects.models import Project


class ObligationKind(models.TextChoices):
    """The kinds of obligations. Each source in `ibcr_portal.obligations` finds those of one or two
    kinds."""

    REPORT = "report", _("Reports to the donor")
    VALUE = "value", _("Values of indicators")
    MONEY = "money", _("Budget and contributions")
    MEETING = "meeting", _("Meetings")
    MINUTES = "minutes", _("Minutes and accreditations")
    RESOLUTION = "resolution", _("Decisions and recommendations")
    PLAN = "plan", _("Action plans")
    ACTION = "action", _("Actions")
    RISK = "risk", _("Risks")
    AMENDMENT = "amendment", _("Amendments")
    GRANT = "grant", _("Calls and grants")
    SEAT = "seat", _("Seats")
    AGREEMENT = "agreement", _("Agreements")
    SAFEGUARDING = "safeguarding", _("Safeguarding policies")
    ACCESS = "access", _("Roles and invitations")
    PERIOD = "period", _("Periods")


class ReminderRule(models.Model):
    """The rule of a project for reminders of one kind of obligation. Without a row, `DEFAULT`
    holds."""

    MOST_DAYS = 180

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=ObligationKind)
    is_on = models.BooleanField(pgettext_lazy("reminders", "on"), default=True)
    before = models.PositiveSmallIntegerField(
        _("days before"),
        null=True,
        blank=True,
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )
    on_the_day = models.BooleanField(_("on the day"), default=True)
    after = models.PositiveSmallIntegerField(
        _("days after"),
        null=True,
        blank=True,
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )

    class Meta:
        ordering = ["project", "kind"]
        verbose_name = _("rule of reminders")
        verbose_name_plural = _("rules of reminders")
        constraints = [
            models.UniqueConstraint(fields=["project", "kind"], name="reminderrule_one_of_a_kind"),
            models.CheckConstraint(
                name="reminderrule_days_are_some",
                condition=(Q(before=None) | Q(before__gte=1, before__lte=180))
                & (Q(after=None) | Q(after__gte=1, after__lte=180)),
                violation_error_message=_("Between 1 and 180 days, or empty for none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.get_kind_display()}"


class DueReminder(models.Model):
    """A person was reminded of a day: before it, on it, or after it; each once. The row is written in
    one transaction with the message, so that neither is there without the other."""

    class Stage(models.TextChoices):
        BEFORE = "before", _("Before the day")
        DAY = "day", _("On the day")
        AFTER = "after", _("After the day")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=60)  # of a `Due`
    stage = models.CharField(max_length=10, choices=Stage)
    on = models.DateField()
    sent_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("reminder of what is due")
        verbose_name_plural = _("reminders of what is due")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key", "stage", "on"], name="duereminder_is_sent_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.key} · {self.stage}"


class ReminderChoice(models.Model):
    """Whether a person wants reminders, and up to which day they were reminded."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True)
    # The day on which it was looked for this person; none: never, and then the past is not written.
    looked_on = models.DateField(null=True)
    looked_week = models.CharField(max_length=8, blank=True)
    # The moment until which messages held what is new for the person.
    news_sent_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("choice of reminders")
        verbose_name_plural = _("choices of reminders")

    def __str__(self) -> str:
        return f"{self.user_id} · {self.looked_on}"


# --- What falls due in a project, stored, so that pages of many projects read a few rows of it ---
#
# A row holds keys, days, numbers and roles: no name and no title. Which of them a person reads,
# and in which words, is decided when they are read (`ibcr_portal.obligations.writing`).


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
    # The moments from which and until which it is due, in seconds since 1970.
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
    user = by_whom(on_delete=models.CASCADE, editable=True)
    # Whoever entered or submitted it may not accept it, whatever their role.
    entered_by = by_whom(on_delete=models.CASCADE, editable=True)
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

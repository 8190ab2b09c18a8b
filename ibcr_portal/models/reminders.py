"""Reminders of obligations in all apps: the rules of each project, the messages sent, and the
people who want none."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

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

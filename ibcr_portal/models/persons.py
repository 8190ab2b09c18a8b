"""Rights of persons: what they asked for, incidents and consents; and what became of those who were
forgotten."""

from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.channel import Channel
from kernel.files import private_path
from kernel.keys import by_whom
from projects.amendments.periods import months_later

DAYS_TO_ANSWER = 30  # Quebec's Act respecting the protection of personal information (Law 25)
INCIDENT_YEARS = 5  # the same law: the register is kept five years from the day of notice
REGISTER_YEARS = 5  # requests and consents are proof as long as somebody may ask for it


def answer_day() -> date:
    return timezone.localdate() + timedelta(days=DAYS_TO_ANSWER)


class PersonRequest(models.Model):
    """Somebody asked to see, correct or remove what is stored about them."""

    class Kind(models.TextChoices):
        SEE = "see", _("See what is stored")
        CORRECT = "correct", _("Correct it")
        REMOVE = "remove", _("Remove it")
        MOVE = "move", _("Get it as a file")
        OBJECT = "object", _("Object to a use")

    class Outcome(models.TextChoices):
        GRANTED = "granted", pgettext_lazy("of a request", "Granted")
        PARTLY = "partly", pgettext_lazy("of a request", "Granted in part")
        REFUSED = "refused", pgettext_lazy("of a request", "Refused")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
        help_text=_("Empty if the person has no account."),
    )
    who = models.CharField(
        _("who asks"),
        max_length=200,
        blank=True,
        help_text=_("For somebody without an account: the name, and how to answer."),
    )
    text = models.TextField(_("what they ask for"), max_length=4000)
    received_on = models.DateField(_("received"), default=timezone.localdate)
    due_on = models.DateField(
        _("answer by"), default=answer_day, help_text=_("The law gives 30 days.")
    )
    answered_on = models.DateField(_("answered"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    answer = models.TextField(
        _("answer"),
        max_length=4000,
        blank=True,
        help_text=_("What was done; if something was refused, the reason and the law."),
    )
    recorded_by = by_whom()

    class Meta:
        ordering = ["answered_on", "due_on", "pk"]
        verbose_name = _("request of a person")
        verbose_name_plural = _("requests of persons")
        constraints = [
            models.CheckConstraint(
                name="personrequest_says_who",
                condition=~Q(user=None) | ~Q(who=""),
                violation_error_message=_("Choose the person, or say who is asking."),
            ),
            models.CheckConstraint(
                name="personrequest_answer_is_whole",
                condition=Q(answered_on=None, outcome="")
                | (Q(answered_on__isnull=False) & ~Q(outcome="") & ~Q(answer="")),
                violation_error_message=_("An answer needs a day, an outcome and a text."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.user or self.who}"

    def get_absolute_url(self) -> str:
        return reverse("persons:request", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.answered_on is None

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on < timezone.localdate()


class PrivacyIncident(models.Model):
    """Personal data were seen, used, lost or passed on without right (Law 25, sections 3.5 to
    3.8)."""

    class Risk(models.TextChoices):
        OPEN = "open", _("Not assessed yet")
        LOW = "low", _("No risk of serious injury")
        SERIOUS = "serious", _("Risk of serious injury")

    what = models.TextField(
        _("what happened"), max_length=4000, help_text=_("Circumstances and cause; name nobody.")
    )
    data = models.TextField(_("which data"), max_length=2000)
    people = models.PositiveIntegerField(_("how many people"), null=True, blank=True)
    happened_on = models.DateField(_("happened"), null=True, blank=True)
    noticed_on = models.DateField(_("noticed"), default=timezone.localdate)
    risk = models.CharField(
        _("risk"),
        max_length=10,
        choices=Risk,
        default=Risk.OPEN,
        help_text=_(
            "How sensitive the data are, what the consequences may be, and how likely misuse is."
        ),
    )
    assessed_on = models.DateField(_("assessed"), null=True, blank=True)
    reported_on = models.DateField(
        _("reported to the authority"),
        null=True,
        blank=True,
        help_text=_("Promptly, if there is a risk of serious injury."),
    )
    notified_on = models.DateField(_("people notified"), null=True, blank=True)
    measures = models.TextField(_("measures taken"), max_length=4000, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["-noticed_on", "-pk"]
        verbose_name = _("privacy incident")
        verbose_name_plural = _("privacy incidents")
        constraints = [
            models.CheckConstraint(
                name="incident_assessed_has_its_day",
                condition=Q(risk="open") | Q(assessed_on__isnull=False),
                violation_error_message=_("Say on which day it was assessed."),
            ),
            models.CheckConstraint(
                name="incident_noticed_after_it_happened",
                condition=Q(happened_on=None) | Q(noticed_on__gte=F("happened_on")),
                violation_error_message=_("It cannot have been noticed before it happened."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.noticed_on} · {self.what[:60]}"

    def get_absolute_url(self) -> str:
        return reverse("persons:incident", args=[self.pk])

    @property
    def waits_for(self) -> Any:
        """What is still to be done, in words; empty if nothing is."""
        if self.risk == self.Risk.OPEN:
            return _("Assess the risk")
        if self.risk == self.Risk.SERIOUS and not self.reported_on:
            return _("Report it to the authority")
        if self.risk == self.Risk.SERIOUS and not self.notified_on:
            return _("Notify the people concerned")
        return ""

    @property
    def kept_until(self) -> date:
        return months_later(self.noticed_on, 12 * INCIDENT_YEARS)


class Consent(models.Model):
    """Somebody agreed to a use of their data, and may withdraw it."""

    class Purpose(models.TextChoices):
        NAME = "name", _("To be named")
        PICTURE = "picture", _("Photograph or recording")
        QUOTATION = "quotation", _("Quotation")
        MESSAGES = "messages", _("Messages")
        OTHER = "other", pgettext_lazy("purpose of a consent", "Something else")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
        help_text=_("Empty if the person has no account."),
    )
    who = models.CharField(_("who consented"), max_length=200, blank=True)
    purpose = models.CharField(_("to what"), max_length=10, choices=Purpose)
    details = models.TextField(
        _("details"), max_length=2000, help_text=_("Which use, where, and what was explained.")
    )
    channel = models.CharField(_("channel"), max_length=20, choices=Channel.entered())
    evidence = models.CharField(_("evidence"), max_length=300)
    given_on = models.DateField(_("given"), default=timezone.localdate)
    until = models.DateField(_("until"), null=True, blank=True)
    withdrawn_on = models.DateField(_("consent withdrawn"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["-given_on", "-pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(
                name="consent_says_who",
                condition=~Q(user=None) | ~Q(who=""),
                violation_error_message=_("Choose the person, or say who agreed."),
            ),
            models.CheckConstraint(
                name="consent_ends_after_it_was_given",
                condition=(Q(until=None) | Q(until__gte=F("given_on")))
                & (Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("given_on"))),
                violation_error_message=_("It cannot end before it was given."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} · {self.user or self.who}"

    def get_absolute_url(self) -> str:
        return reverse("persons:consent", args=[self.pk])

    @property
    def is_valid(self) -> bool:
        today = timezone.localdate()
        return self.withdrawn_on is None and (self.until is None or self.until >= today)


class Erasure(models.Model):
    """Somebody was forgotten: what was changed, and what remains. It names nobody.

    The row also says that the line of the ledger with this pseudonym was applied to this database.
    """

    pseudonym = models.CharField(max_length=20, unique=True)
    done_at = models.DateTimeField(default=timezone.now)
    done_by = by_whom(editable=True)
    # By table and field how many texts or rows were changed.
    changed = models.JSONField(default=dict)
    # Where the name remains, and why, as far as it names nobody: pairs of row and reason.
    remains = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")

    def __str__(self) -> str:
        return self.pseudonym


class LockedAwayQuerySet(models.QuerySet["LockedAway"]):
    def over(self) -> Self:
        return self.filter(until__lt=timezone.localdate())


class LockedAway(models.Model):
    """What a law or an agreement requires to be kept of somebody who was forgotten: who is behind
    the pseudonym, or a file. It is encrypted with a key outside the database."""

    pseudonym = models.CharField(max_length=20, db_index=True)
    # Why it is kept: keys of `ibcr_portal.persons.keeping.REASONS`.
    reasons = models.JSONField(default=list)
    until = models.DateField(_("until"))
    content = models.TextField(blank=True)
    file = models.FileField(upload_to=private_path, max_length=200, blank=True)
    locked_at = models.DateTimeField(default=timezone.now)

    objects = LockedAwayQuerySet.as_manager()

    class Meta:
        ordering = ["until", "pk"]
        verbose_name = _("what is locked away")
        verbose_name_plural = _("what is locked away")

    def __str__(self) -> str:
        return self.pseudonym

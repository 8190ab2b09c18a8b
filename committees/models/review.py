"""Around the answers to a plan: replies in a thread, more time for one institution, silence."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.action import Action, ActionTerms
from committees.models.answer import (
    Answer,
    AnswerQuerySet,
    NotWithdrawnManager,
    Remark,
    Withdrawable,
)
from committees.models.plan import ActionPlan
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import LANGUAGES
from partners.models import Institution


class Reply(models.Model):
    """A further word below a remark, of the coordination or of the institution that gave it.

    It is read by those who read the remark, and only added.
    """

    remark = models.ForeignKey(Remark, on_delete=models.CASCADE, related_name="replies")
    # None: the coordination.
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("institution"),
    )
    text = models.TextField(_("reply"), max_length=4000)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    # None: written before the portal kept who replied.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    # Of the form that gave it: the same form sent twice is one reply.
    entry_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("reply")
        verbose_name_plural = _("replies")

    def __str__(self) -> str:
        return self.text[:80]


class ReviewExtension(models.Model):
    """An extension of the review for one institution.

    Until then any of its people may change its position, so an extension also reopens the position.
    Rows are only added: the newest counts.
    """

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="extensions")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("institution"),
    )
    until = models.DateField(_("open until"))
    why = models.CharField(_("reason"), max_length=1000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("extension of a review")
        verbose_name_plural = _("extensions of reviews")

    def __str__(self) -> str:
        return f"{self.institution} · {self.until}"


class Silence(models.Model):
    """Records that an institution did not answer until its deadline.

    Silence is no consent. An answer that comes later, after an extension, takes precedence.
    """

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="silences")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("institution"),
    )
    until = models.DateField(_("asked until"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("silence")
        verbose_name_plural = _("silences")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "institution"], name="silence_recorded_once_an_institution"
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.until}"


DATES = ("starts_on", "ends_on")
TEXTS = tuple(f"{name}_{code}" for name in ("title", "deliverable") for code in LANGUAGES)
FIELDS = (*DATES, "responsible", *TEXTS)


class ProposedChangeQuerySet(AnswerQuerySet["ProposedChange"]):
    def with_related(self) -> Self:
        return super().with_related().select_related("action")

    def open(self) -> Self:
        return self.filter(status=ProposedChange.Status.PROPOSED)


class ProposedChange(Lifecycle, Withdrawable, Answer):
    """A proposal to change one field of one action: its present value, the new one, and the reason.

    It stays readable whatever the answer. Once a proposal is accepted, the others on the same field
    refer to a text that has changed, and are marked so (`is_stale`).
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    STEPS = {
        "accept": Step.of(Status.PROPOSED, Status.ACCEPTED, _("Accept")),
        "decline": Step.of(Status.PROPOSED, Status.DECLINED, _("Decline")),
    }

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="proposals")
    action = models.ForeignKey(
        Action, on_delete=models.CASCADE, related_name="proposals", verbose_name=_("action")
    )
    field = models.CharField(_("field"), max_length=20, choices=[(name, name) for name in FIELDS])
    # As text: days as 2026-11-24, an institution by its key.
    old_value = models.TextField(_("before"), blank=True, max_length=300)
    new_value = models.TextField(_("proposed"), blank=True, max_length=300)
    reason = models.TextField(_("reason"), blank=True, max_length=4000)
    status = status_field(Status, Status.PROPOSED)
    answer = models.TextField(_("answer"), blank=True, max_length=4000, editable=False)
    settled_at = models.DateTimeField(null=True, editable=False)

    # What the translation queue knows of its texts.
    pairs = GenericRelation("projects.Translation")

    objects = NotWithdrawnManager.from_queryset(ProposedChangeQuerySet)()

    class Meta(Answer.Meta):
        ordering = ["pk"]
        verbose_name = _("proposed change")
        verbose_name_plural = _("proposed changes")
        constraints = [
            *Answer.Meta.constraints,
            models.CheckConstraint(
                name="proposedchange_declined_with_an_answer",
                condition=~Q(status="declined") | ~Q(answer=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action.reference} · {self.label}"

    @property
    def label(self) -> str:
        field = ActionTerms._meta.get_field(self.field)
        assert isinstance(field, models.Field)  # `field` has choices: they are columns
        return str(field.verbose_name)

    @property
    def text(self) -> str:
        """The text of the proposal, under the name that other answers have for theirs."""
        return self.reason

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.PROPOSED

    def is_stale(self, terms: ActionTerms | None) -> bool:
        """Whether the proposal is open but was made on a value that the field has no longer, or on
        an action that was removed."""
        return self.is_open and (terms is None or value_of(terms, self.field) != self.old_value)


def value_of(terms: ActionTerms, field: str) -> str:
    """Return the value of that field of the terms, as proposals keep it."""
    if field == "responsible":
        return str(terms.responsible_id or "")
    value = getattr(terms, field)
    return value.isoformat() if isinstance(value, date) else value or ""


def put_value(terms: ActionTerms, field: str, value: str) -> None:
    """Write a kept value into the terms; the caller checks and saves them.

    Raises ValidationError if it is no value of that field.
    """
    if field == "responsible":
        partners = Institution.objects.filter(participations__project=terms.plan.project_id)
        found = partners.filter(pk=value).first() if value.isdecimal() else None
        if found is None:
            raise ValidationError(_("This institution does not take part in the project."))
        terms.responsible = found
    elif field in DATES:
        try:
            setattr(terms, field, date.fromisoformat(value))
        except ValueError:
            raise ValidationError(_("This is not a date.")) from None
    else:
        setattr(terms, field, value)
        terms.note_translations([field])

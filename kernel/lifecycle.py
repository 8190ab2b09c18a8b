"""States of things: a table of steps, one guarded UPDATE, and a line of history for each.

A model lists its life in `STEPS`: which verb leads from which states to which. Nothing but
`Lifecycle.take` and `take_back` write `status`. So if two people press a button at once, one wins and the other
gets a sentence, and `StatusChange` shows what happened to a thing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from kernel.keys import by_whom
from kernel.refusal import Refusal
from kernel.text import StrOrPromise
from kernel.undo import UNDONE

UNDO = "undo_"  # before the verb of a step, for the one that took it back


class TransitionError(Refusal):
    """A thing was asked for a step that it cannot take from its present status."""


@dataclass(frozen=True)
class Step:
    """One verb: where it may start, where it leads, and the label of its button."""

    sources: frozenset[str]
    target: str
    label: StrOrPromise

    @classmethod
    def of(cls, sources: Collection[str] | str, target: str, label: StrOrPromise) -> "Step":
        sources = [sources] if isinstance(sources, str) else sources
        return cls(frozenset(str(source) for source in sources), str(target), label)


class StatusChange(models.Model):
    """One step of one thing. `happened_on` is the day in real life: minutes come a week late."""

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    thing = GenericForeignKey()
    verb = models.CharField(max_length=40)
    from_status = models.CharField(max_length=20)
    to_status = models.CharField(max_length=20)
    # By its setting, since accounts come above the kernel; empty if the portal itself took the step.
    by = by_whom(editable=True)
    happened_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    why = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["content_type", "object_id"]),
            models.Index(fields=["content_type", "recorded_at"]),  # of 1.0, for its news
        ]
        verbose_name = gettext_lazy("status change")
        verbose_name_plural = gettext_lazy("status changes")

    def __str__(self) -> str:
        return f"{self.content_type_id}/{self.object_id}: {self.from_status} → {self.to_status}"

    @property
    def is_undoing(self) -> bool:
        """Whether it led back to a state in which the thing had been before."""
        return self.verb.startswith((UNDO, "take_back"))

    @property
    def reason(self) -> str:
        """Why it was taken. What was undone at once says so in the reader's language."""
        return str(UNDONE) if self.is_undoing and not self.why else self.why

    @property
    def label(self) -> str:
        """The name of the status that was reached, in the reader's language."""
        model = self.content_type.model_class()
        if model is None or not issubclass(model, Lifecycle):
            return self.to_status  # the model no longer exists
        return str(dict(model.Status.choices).get(self.to_status, self.to_status))


def that_hold(changes: Iterable[StatusChange]) -> list[StatusChange]:
    """Return the steps, the first one first, without those that were taken back and their undoing."""
    held: list[StatusChange] = []
    for change in changes:
        verb = change.verb.removeprefix(UNDO)
        if verb == change.verb:
            held.append(change)
        elif taken := [one for one in held if one.verb == verb]:
            held.remove(taken[-1])
    return held


class Lifecycle(models.Model):
    """A thing with a status. Subclasses give `Status`, `STEPS` and the field with their choices:
    `status = status_field(Status, Status.DRAFT)`.
    """

    Status: ClassVar[type[models.TextChoices]]
    STEPS: ClassVar[dict[str, Step]] = {}

    # Each subclass replaces it by its own; declared here for what all of them share below.
    status = models.CharField(max_length=20, editable=False)

    if TYPE_CHECKING:
        # Django makes it for fields with choices, which this one has in the subclasses only.
        def get_status_display(self) -> str: ...

    class Meta:
        abstract = True

    def may_take(self, verb: str) -> bool:
        return self.status in self.STEPS[verb].sources

    @property
    def open_steps(self) -> list[str]:
        return [verb for verb, step in self.STEPS.items() if self.status in step.sources]

    @property
    def status_changes(self) -> models.QuerySet[StatusChange]:
        kind = ContentType.objects.get_for_model(type(self))
        changes = StatusChange.objects.filter(content_type=kind, object_id=self.pk)
        return changes.select_related("by", "content_type")

    def last_step(self, verb: str, *, ended_by: Collection[str] = ()) -> StatusChange | None:
        """Return the last step of this verb; None if it was taken back since, or ended by another."""
        verbs = [verb, f"{UNDO}{verb}", *ended_by]
        last = self.status_changes.filter(verb__in=verbs).order_by("pk").last()
        return last if last and last.verb == verb else None

    @transaction.atomic
    def take(
        self,
        verb: str,
        *,
        by: Any,
        why: str = "",
        on: date | None = None,
        **changes: Any,
    ) -> None:
        """Take the step `verb`, writing `changes` with it, in one guarded UPDATE.

        The guard is the status that this instance has: if somebody else moved the thing meanwhile,
        no row matches. `by` is the person (None: the portal), `on` the day it happened in real life
        (today by default). Raises `TransitionError` with a sentence.
        """
        self._move(self.STEPS[verb], verb, by=by, why=why, on=on, **changes)

    @transaction.atomic
    def take_back(self, verb: str, *, by: Any, to: Any = "", why: str = "", **changes: Any) -> None:
        """Return to the state from which `verb` led here, which is `to` where several may have been
        it; the history keeps both."""
        step = self.STEPS[verb]
        (source,) = [to] if to else step.sources
        back = Step(frozenset({step.target}), source, step.label)
        self._move(back, f"{UNDO}{verb}", by=by, why=why, on=None, **changes)

    def _move(
        self, step: Step, verb: str, *, by: Any, why: str, on: date | None, **changes: Any
    ) -> None:
        before = self.status
        unmoved = type(self)._base_manager.filter(pk=self.pk, status=before)
        if before not in step.sources or not unmoved.update(status=step.target, **changes):
            raise TransitionError(self._refusal(step))

        self.refresh_from_db(fields=["status", *changes])
        StatusChange.objects.create(
            content_type=ContentType.objects.get_for_model(type(self)),
            object_id=self.pk,
            verb=verb,
            from_status=before,
            to_status=step.target,
            by=by,
            happened_on=on or timezone.localdate(),
            why=why,
        )
        self._keep_history(by)

    @classmethod
    @transaction.atomic
    def bring_in(cls, things: Sequence["Lifecycle"], *, status: str, by: Any, why: str) -> None:
        """Create rows that reached a state before they came here, as in a file that was imported,
        each with a line of history that says so."""
        for thing in things:
            thing.status = status
        cls._base_manager.bulk_create(things, batch_size=500)
        kind = ContentType.objects.get_for_model(cls)
        today = timezone.localdate()
        changes = [
            StatusChange(
                content_type=kind,
                object_id=thing.pk,
                verb="bring_in",
                from_status="",
                to_status=status,
                by=by,
                happened_on=today,
                why=why,
            )
            for thing in things
        ]
        StatusChange.objects.bulk_create(changes, batch_size=500)

    def _keep_history(self, by: Any) -> None:
        """Write a history row, which an UPDATE alone would not.

        It copies the stored row, since this instance may have values that were not saved.
        """
        history = getattr(type(self), "history", None)
        if history is not None:
            stored = type(self)._base_manager.get(pk=self.pk)
            history.bulk_history_create([stored], update=True, default_user=by)

    def _refusal(self, step: Step) -> str:
        fresh = type(self)._base_manager.get(pk=self.pk)
        return _(
            "“%(thing)s” is now “%(status)s”: “%(verb)s” is no longer possible. "
            "Reload the page to see what has changed."
        ) % {"thing": self, "status": fresh.get_status_display(), "verb": step.label}


def status_field(choices: type[models.TextChoices], default: str) -> "models.CharField[str, str]":
    return models.CharField(
        gettext_lazy("status"),
        max_length=20,
        choices=choices,
        default=default,
        editable=False,
    )

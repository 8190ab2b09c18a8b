"""Participants written as one table, evidence kept with its file, and how dates have moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.files import CheckedFile
from projects.models import Activity, Evidence, ParticipantGroup

DATES = ("planned_start", "planned_end", "actual_start", "actual_end")


def write_groups(activity: Activity, groups: Iterable[ParticipantGroup]) -> None:
    """Let an activity have these groups of participants and no others.

    Rows that say the same stay as they are, so that the history tells what was changed. The
    caller holds the lock of the activity. Raises ValidationError above its total.
    """
    groups = list(groups)
    if sum(group.total for group in groups) > (activity.participants or 0):
        raise ValidationError(_("The rows add up to more than the total: correct one of them."))
    kept = {(group.institution_id, group.kind): group for group in activity.groups.all()}
    for group in groups:
        known = kept.pop((group.institution_id, group.kind), None)
        if known is None:
            group.activity = activity
            group.save()
        elif known.counts != group.counts:
            for sex, count in group.counts.items():
                setattr(known, sex, count)
            known.save()
    for group in kept.values():
        group.delete()


@transaction.atomic
def add_evidence(proof: Evidence, content: CheckedFile | None, *, by: User) -> Evidence:
    """Keep a file or a link as evidence of an activity. What an institution gives waits until
    the team accepts it. Raises ValidationError where the activity has it already."""
    activity = Activity.objects.select_for_update(of=["self"]).get(pk=proof.activity_id)
    digest = content.sha256 if content else ""
    if activity.proofs.filter(sha256=digest, link=proof.link).exists():
        raise ValidationError(_("The activity already has this evidence: it was not added again."))
    proof.by = by
    proof.accepted_on = None if proof.given_by else timezone.localdate()
    if content:
        proof.keep(content)
    proof.save()
    return proof


def accept_evidence(proof: Evidence) -> bool:
    """Take over what an institution gave; False where somebody else did so meanwhile."""
    waiting = Evidence.objects.filter(pk=proof.pk, accepted_on=None)
    return bool(waiting.update(accepted_on=timezone.localdate()))


@transaction.atomic
def remove_evidence(proof: Evidence) -> None:
    """Take it away for good, its file too: what should not be here must not stay."""
    file = proof.file
    proof.delete()
    if file:
        transaction.on_commit(partial(file.storage.delete, file.name))


# History


@dataclass(frozen=True)
class Moved:
    """A day of an activity that was changed: which, from and to what, why, when and by whom."""

    field: str
    before: date | None
    after: date | None
    why: str
    at: datetime
    by: User | None


def moved_dates(activity: Activity) -> list[Moved]:
    """How the days of an activity were changed since it was entered, the newest first."""
    versions = activity.history.select_related("history_user").order_by("history_id")
    found: list[Moved] = []
    before = None
    for version in versions:
        found += _moved_between(before, version) if before else []
        before = version
    return found[::-1]


def _moved_between(before: Any, after: Any) -> list[Moved]:
    return [
        Moved(
            str(Activity._meta.get_field(name).verbose_name),
            getattr(before, name),
            getattr(after, name),
            after.history_change_reason or "",
            after.history_date,
            after.history_user,
        )
        for name in DATES
        if getattr(before, name) != getattr(after, name)
    ]

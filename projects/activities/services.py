"""Writes the participants and the evidence of activities, lists how their dates changed, and exports
them as rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.made_files import made_files
from accounts.models import User
from kernel.files import CheckedFile
from kernel.formats import join_list
from kernel.workbooks import CellValue
from partners.naming import shown_place
from projects.activities.participants import Headcount
from projects.models import Activity, Evidence, ParticipantGroup, Project
from projects.models.activity import SEXES

DATES = ("planned_start", "planned_end", "actual_start", "actual_end")


def write_groups(activity: Activity, groups: Iterable[ParticipantGroup]) -> None:
    """Replace the groups of participants of an activity.

    Unchanged groups keep their rows, so that the history shows changes only. The caller has locked
    the activity. Raises ValidationError if the groups exceed its total.
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
    """Store a file or a link as evidence of an activity.

    What an institution gives waits until the team accepts it. Raises ValidationError if the
    activity has the same evidence already.
    """
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
    """Accept evidence from an institution; returns False if somebody else accepted it meanwhile."""
    waiting = Evidence.objects.filter(pk=proof.pk, accepted_on=None)
    return bool(waiting.update(accepted_on=timezone.localdate()))


@transaction.atomic
def remove_evidence(proof: Evidence) -> int:
    """Delete the evidence and its file for good, since it may be something that must not be
    kept. Returns how many documents with it were superseded."""
    key = proof.pk
    if proof.file:
        proof.delete_content_on_commit()
    proof.delete()
    return supersede_documents_with(key, proof.activity.project)


def supersede_documents_with(evidence: int, project: Project) -> int:
    """Supersede the documents that hold a photograph which may no longer be shown, such as because
    its consent was withdrawn. Returns how many there were."""
    if Evidence.objects.shared().filter(pk=evidence).exists():
        return 0
    files = made_files()
    shown = files.renditions_that_show(evidence, project=project)
    return len(files.supersede(shown, "consent"))


# --- History ---


@dataclass(frozen=True)
class DateChange:
    """A change of one of an activity's dates: `field` is its label; `at` and `by`: the person and
    moment of the change."""

    field: str
    before: date | None
    after: date | None
    why: str
    at: datetime
    by: User | None


def date_changes(activity: Activity) -> list[DateChange]:
    """Return the changes of an activity's dates since it was entered, the newest first."""
    versions = activity.history.select_related("history_user").order_by("history_id")
    pairs = pairwise(versions)
    return [change for before, after in pairs for change in _changes_between(before, after)][::-1]


def _changes_between(before: Any, after: Any) -> list[DateChange]:
    return [
        DateChange(
            str(getattr(Activity, name).field.verbose_name),
            getattr(before, name),
            getattr(after, name),
            after.history_change_reason or "",
            after.history_date,
            after.history_user,
        )
        for name in DATES
        if getattr(before, name) != getattr(after, name)
    ]


# --- As a sheet ---


def sheet_head() -> list[str]:
    return [
        _("Code"),
        _("Kind"),
        _("Activity"),
        _("Result"),
        _("Responsible"),
        _("Together with"),
        _("Department"),
        _("Place"),
        _("Planned start"),
        _("Planned end"),
        _("Actual start"),
        _("Actual end"),
        _("Date in words"),
        _("State"),
        _("Share done (%)"),
        _("Planned participants"),
        _("Participants"),
        *(capfirst(str(label)) for label in SEXES.values()),
        _("Illustrative"),
    ]


def sheet_rows(rows: Iterable[tuple[Activity, Headcount]]) -> Iterable[list[CellValue]]:
    """Return a row for each activity with its visible counts; unknown ones are empty, withheld ones
    say so."""
    for activity, count in rows:
        yield [
            activity.code,
            activity.get_kind_display(),
            activity.title,
            activity.result.code if activity.result else "",
            activity.responsible.name if activity.responsible else "",
            join_list(each.name for each in sorted(activity.partners.all(), key=shown_place)),
            activity.department,
            activity.place,
            activity.planned_start,
            activity.planned_end,
            activity.actual_start,
            activity.actual_end,
            activity.date_note,
            str(activity.state.label),
            activity.percent_done,
            activity.planned_participants,
            _("not shown") if count.total_is_small else count.total,
            *_sexes(count),
            _("Yes") if activity.illustrative else "",
        ]


def _sexes(count: Headcount) -> list[CellValue]:
    if "by_sex" in count.withheld:
        return [_("not shown")] * len(SEXES)
    return list(count.by_sex.values()) if count.by_sex else [None] * len(SEXES)

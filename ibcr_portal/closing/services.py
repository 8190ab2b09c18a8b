"""Closes a project for good, and reopens it. All of it happens in one transaction, in this project
alone."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, AccessLink, User
from committees.models import Committee, Meeting, Resolution, SeatTerm
from ibcr_portal.closing.checks import checks_of, open_things
from ibcr_portal.models import ProjectClosing
from kernel.refusal import Refusal
from projects.institutions.services.links import project_of
from projects.models import Project
from reports.models import SharedLink


class ChangedMeanwhile(Refusal):
    """Something else is open than what the person saw."""


@transaction.atomic
def close_project(
    project: Project,
    *,
    on: date,
    by: User,
    why: str,
    seen: dict[str, int],
    decision: Resolution | None = None,
) -> ProjectClosing:
    """Close it. `seen`: what was open on the page that the person confirmed; `decision`: by which the
    committee approved it.

    Nobody can start a vote or a session meanwhile: both wait for the locks that this takes, and then
    find the committee dissolved.
    """
    project = Project.objects.select_for_update().get(pk=project.pk)
    committee = Committee.objects.select_for_update().filter(project=project).first()
    list(Meeting.objects.select_for_update().filter(committee=committee).values_list("pk"))
    _refuse_day(project, on)
    found = _open_things(project, seen=seen, why=why)
    effects: dict[str, Any] = {"status": project.status}
    if project.actual_end is None and on > (project.actual_start or project.starts_on):
        project.actual_end = on
        effects["actual_end"] = on.isoformat()
    project.status, project.closed_on = Project.Status.CLOSED, on
    project.save()
    if committee:
        effects |= _dissolve(committee, on=on, by=by)
    effects["links"] = _end_links(project, by=by)
    closing = ProjectClosing.objects.create(
        project=project,
        closed_on=on,
        by=by,
        open_things=found,
        why=why,
        effects=effects,
        decision=decision,
    )
    AccessEvent.record(AccessEvent.Kind.ROLE, user=by, thing=project, change="project closed")
    return closing


def _refuse_day(project: Project, on: date) -> None:
    if project.closed_on:
        raise Refusal(_("Somebody has already closed this project."))
    if on > project.today:
        raise Refusal(_("This day is in the future: close the project on it."))
    if on <= project.starts_on:
        raise Refusal(_("The project began later: choose a later day."))


def _open_things(project: Project, *, seen: dict[str, int], why: str) -> dict[str, int]:
    checks = checks_of(project)
    for check in checks:
        if check.found and check.blocks:
            raise Refusal(str(check.why))
    found = open_things(checks)
    if found != seen:
        raise ChangedMeanwhile(
            _("Something changed meanwhile: look at the list again, then confirm.")
        )
    if found and not why.strip():
        raise Refusal(_("Say why it is closed although these things are open."))
    return found


def _dissolve(committee: Committee, *, on: date, by: User) -> dict[str, Any]:
    """Dissolve the committee; its seats end that day. What was so before is noted."""
    effects: dict[str, Any] = {"terms": []}
    if committee.may_take("dissolve"):
        effects["committee"] = committee.status
        committee.take("dissolve", by=by, on=on, why=_("The project was closed."))
    terms = SeatTerm.objects.filter(seat__committee=committee, since__lte=on)
    for term in terms.on(on + timedelta(days=1)) | terms.filter(until=None):
        until = term.until.isoformat() if term.until else None
        effects["terms"].append([term.pk, until])
        term.until = on
        term.save(update_fields=["until"])
    return effects


def _end_links(project: Project, *, by: User) -> int:
    """End every link that opens something of this project without a sign-in. What is listed on the
    public page was published, and stays until its own day."""
    valid = AccessLink.objects.valid().prefetch_related("thing")
    mine = [link.pk for link in valid if project_of(link.thing) == project]
    count = AccessLink.objects.filter(pk__in=mine).revoke(by=by) if mine else 0
    shared = SharedLink.objects.valid().filter(
        rendition__snapshot__project=project, is_listed=False
    )
    for link in shared:
        link.revoke(by=by)
        count += 1
    return count


@transaction.atomic
def reopen_project(project: Project, *, by: User, why: str) -> ProjectClosing:
    """Take back what the closing changed. Links do not come back: people get new ones."""
    project = Project.objects.select_for_update().get(pk=project.pk)
    closing = project.closings.filter(reopened_at=None).first()
    if not project.closed_on or closing is None:
        raise Refusal(_("This project is not closed."))
    effects = closing.effects
    project.status = effects.get("status", Project.Status.ACTIVE)
    project.closed_on = None
    if effects.get("actual_end") == (project.actual_end and project.actual_end.isoformat()):
        project.actual_end = None
    project.save()
    committee = Committee.objects.select_for_update().filter(project=project).first()
    if committee and effects.get("committee") and committee.may_take("reinstate"):
        committee.take("reinstate", by=by, why=why)
        if effects["committee"] == Committee.Status.SUSPENDED:
            committee.take("suspend", by=by, why=why)
    for pk, until in effects.get("terms", []):
        ended = SeatTerm.objects.filter(pk=pk, until=closing.closed_on)
        ended.update(until=date.fromisoformat(until) if until else None)
    closing.reopened_at, closing.reopened_by, closing.reopened_why = timezone.now(), by, why
    closing.save()
    AccessEvent.record(AccessEvent.Kind.ROLE, user=by, thing=project, change="project reopened")
    return closing

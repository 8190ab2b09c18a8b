"""The history of a plan, newest first: its steps and the positions taken on it."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import ActionPlan, Position
from kernel.formats import day
from kernel.lifecycle import StatusChange
from projects.models import Assignment, Participation, Representation


def plan_history_entries(plan: ActionPlan, *, show_names: bool) -> list[dict[str, Any]]:
    """Return the entries for `components/history.html`. Without `show_names`, people appear by
    their roles."""
    changes = list(plan.status_changes)
    positions = list(plan.positions.with_related())
    people = {change.by for change in changes if change.by}
    people |= {position.by for position in positions}
    who = {person.pk: str(person) for person in people} if show_names else roles(plan, people)
    entries = [_of_change(plan, change, who) for change in changes]
    entries += [_of_position(position, who if show_names else {}) for position in positions]
    return sorted(entries, key=lambda entry: entry["when"], reverse=True)


def _of_change(plan: ActionPlan, change: StatusChange, who: dict[int, str]) -> dict[str, Any]:
    step = plan.STEPS.get(change.verb)
    notes = [change.why] if change.why else []
    if change.happened_on != timezone.localdate(change.recorded_at):
        notes.insert(0, _("On %(day)s.") % {"day": day(change.happened_on)})
    return {
        "when": change.recorded_at,
        "text": str(step.label) if step else change.label,
        "who": who.get(change.by_id, _("The portal")) if change.by_id else _("The portal"),
        "note": " ".join(notes),
    }


def _of_position(position: Position, who: dict[int, str]) -> dict[str, Any]:
    note = ""
    if position.was_entered_for_it:
        note = _("Entered by the coordination: %(channel)s of %(day)s.") % {
            "channel": position.get_channel_display(),
            "day": day(position.given_on),
        }
    return {
        "when": position.recorded_at,
        "text": f"{position.institution} · {position.get_stance_display()}",
        "who": who.get(position.by_id, ""),
        "note": note,
    }


def roles(plan: ActionPlan, people: Iterable[User]) -> dict[int, str]:
    """Return the roles of these people in the project, for readers who may not know their names."""
    keys = [person.pk for person in people]
    team = set(
        Assignment.objects.filter(project=plan.project_id, user__in=keys).values_list(
            "user", flat=True
        )
    ) | {person.pk for person in people if person.is_staff}
    donors = set(
        Representation.objects.filter(
            participation__project=plan.project_id,
            participation__role__in=Participation.DONOR_ROLES,
            contact__user__in=keys,
        ).values_list("contact__user", flat=True)
    )

    def role(key: int) -> str:
        if key in team:
            return _("Coordination")
        return _("Donor") if key in donors else _("Partner")

    return {key: role(key) for key in keys}


def donor_facts(
    plan: ActionPlan, last: StatusChange | None, *, show_letter: bool
) -> dict[str, Any]:
    """Return the donor's answer, which is another fact than the committee's validation. `last` is
    the last of the steps that have to do with it."""
    if plan.donor_approved_on:
        text = _("Approved on %(day)s") % {"day": day(plan.donor_approved_on)}
        return {"tone": "ok", "text": text, "note": plan.donor_reference if show_letter else ""}
    if last is None:
        return {"tone": "neutral", "text": _("Not yet submitted"), "note": ""}
    when = {"day": day(last.happened_on)}
    if last.verb == "submit_to_donor":
        return {"tone": "info", "text": _("Submitted on %(day)s, no answer yet") % when, "note": ""}
    return {
        "tone": "warn",
        "text": _("Requested changes on %(day)s") % when,
        "note": last.why if show_letter else "",
    }

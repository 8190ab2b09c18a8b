"""The history of a thing, newest first; of a meeting, with the steps of its resolutions."""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from committees.models import Meeting, Resolution, SeatTerm
from committees.permissions.roles import may_see_history, may_see_names
from kernel.formats import day
from kernel.lifecycle import Lifecycle, StatusChange
from projects.models import Assignment, Project

# What happens to a resolution beside the steps of its state.
CORRECT, REMOVE = "correct", "remove"
LABELS = {CORRECT: gettext_lazy("Corrected"), REMOVE: gettext_lazy("Removed")}


def meeting_history_entries(
    meeting: Meeting,
    resolutions: Iterable[Resolution],
    *,
    items: Collection[int],
    show_names: bool,
) -> list[dict[str, Any]]:
    """Return the entries for `components/history.html`, as far as the reader may see them: also of
    the resolutions that were removed from the `items` seen. Without `show_names` a person appears by
    their role."""
    kinds = ContentType.objects.get_for_models(Meeting, Resolution)
    shown = {resolution.pk: resolution for resolution in resolutions}
    removed = Resolution.history.filter(
        history_type="-", meeting=meeting.pk, agenda_item__in=list(items)
    )
    shown |= {row.id: row.instance for row in removed}
    changes = StatusChange.objects.filter(
        Q(content_type=kinds[Meeting], object_id=meeting.pk)
        | Q(content_type=kinds[Resolution], object_id__in=list(shown))
    )
    return entries_of(
        changes.select_related("by", "content_type").order_by("-pk"),
        meeting.committee.project,
        things=shown,
        show_names=show_names,
    )


def history_shown(
    user: User, thing: Lifecycle, project: Project, changes: Iterable[StatusChange] | None = None
) -> list[dict[str, Any]] | None:
    """Return the history of one thing to those who read it. `changes`: as read, the last first."""
    if not may_see_history(user, project):
        return None
    changes = thing.status_changes.order_by("-pk") if changes is None else changes
    return entries_of(changes, project, things={}, show_names=may_see_names(user, project))


def entries_of(
    changes: Iterable[StatusChange],
    project: Project,
    *,
    things: dict[int, Resolution],
    show_names: bool,
) -> list[dict[str, Any]]:
    changes = list(changes)
    who = names_of(changes) if show_names else roles_of_people(changes, project)
    gone = {change.object_id for change in changes if change.verb == REMOVE}
    entries = []
    for change in changes:
        model = change.content_type.model_class()
        thing = things.get(change.object_id) if model is Resolution else None
        step = label_of(model, change)
        entries.append(
            {
                "when": change.recorded_at,
                "text": f"{thing} · {step}" if thing else step,
                "url": thing.get_absolute_url() if thing and thing.pk not in gone else "",
                "who": who.get(change.by_id, _("The portal")),
                "note": note_of(change),
            }
        )
    return entries


def label_of(model: type[Model] | None, change: StatusChange) -> str:
    """Return the name of the step in the reader's language, or the one that was recorded if the
    step exists no more."""
    if model is Resolution and change.verb in LABELS:
        return str(LABELS[change.verb])
    if model and issubclass(model, Lifecycle) and change.verb in model.STEPS:
        return str(model.STEPS[change.verb].label)
    return change.label


def note_of(change: StatusChange) -> str:
    notes = [change.reason] if change.reason else []
    if change.happened_on != timezone.localdate(change.recorded_at):
        notes.insert(0, _("On %(day)s.") % {"day": day(change.happened_on)})
    return " ".join(notes)


def names_of(changes: list[StatusChange]) -> dict[int | None, str]:
    return {change.by_id: str(change.by) for change in changes if change.by}


def roles_of_people(changes: list[StatusChange], project: Project) -> dict[int | None, str]:
    """Return the roles of these people in the project, for readers who may not see names."""
    people = {change.by for change in changes if change.by}
    keys = [person.pk for person in people]
    assigned = Assignment.objects.filter(project=project, user__in=keys)
    team = set(assigned.values_list("user", flat=True))
    team |= {person.pk for person in people if person.is_staff}
    terms = SeatTerm.objects.filter(seat__committee__project=project, contact__user__in=keys)
    members = set(terms.values_list("contact__user", flat=True))

    def role(key: int) -> str:
        if key in team:
            return _("Coordination")
        return _("Member") if key in members else _("Partner")

    return {key: role(key) for key in keys}

"""What became of the resolutions of a meeting: corrected after the session, replaced, withdrawn."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy

from committees.history import REMOVE
from committees.models import Meeting, Minutes, Resolution
from committees.models.resolution import SUCCESSOR
from kernel.formats import join_list
from kernel.lifecycle import StatusChange
from kernel.text import StrOrPromise, columns_of

# What may be corrected, with its columns.
PARTS: list[tuple[StrOrPromise, Iterable[str]]] = [
    (gettext_lazy("text"), columns_of("text")),
    (
        gettext_lazy("votes"),
        ("rule", "votes_for", "votes_against", "abstentions", "rule_reason"),
    ),
    (gettext_lazy("agenda item"), ("agenda_item_id",)),
    (gettext_lazy("time of the decision"), ("resolved_at",)),
    (gettext_lazy("responsible"), ("addressee_id",)),
    (gettext_lazy("due"), ("due_on",)),
]


def corrections_of(meeting: Meeting) -> dict[int, list[str]]:
    """Return, by the key of the agenda item, a sentence on each resolution that was recorded in the
    session and corrected or removed after it."""
    closing = meeting.status_changes.filter(verb="close").order_by("pk").last()
    found: dict[int, list[str]] = defaultdict(list)
    if closing is None:  # there was no session to be corrected
        return found
    rows = defaultdict(list)
    for row in Resolution.history.filter(meeting=meeting.pk).order_by("id", "history_id"):
        rows[row.id].append(row)
    removals = _removals(rows)
    for key, states in rows.items():
        in_session = [row for row in states if row.history_date <= closing.recorded_at]
        if in_session and (sentence := _sentence(in_session[-1], states[-1], removals.get(key))):
            found[states[-1].agenda_item_id].append(sentence)
    return found


def _removals(keys: Iterable[int]) -> dict[int, str]:
    kind = ContentType.objects.get_for_model(Resolution)
    steps = StatusChange.objects.filter(content_type=kind, object_id__in=list(keys), verb=REMOVE)
    return {step.object_id: step.why for step in steps}


def _sentence(before: Any, now: Any, removed: str | None) -> str:
    if before.history_type == "-":
        return ""
    if now.history_type == "-":
        facts = {"resolution": before.instance, "why": removed or ""}
        return _("%(resolution)s was removed after the session: %(why)s") % facts
    changed = [
        label
        for label, columns in PARTS
        if any(getattr(before, name) != getattr(now, name) for name in columns)
    ]
    if not changed:
        return ""
    facts = {"resolution": now.instance, "parts": join_list(changed)}
    return _("%(resolution)s was corrected after the session: %(parts)s.") % facts


def with_present_states(minutes: Minutes, language: str, text: dict[str, Any]) -> dict[str, Any]:
    """Return a frozen text with what became of its decisions since: replaced, or withdrawn. What is
    frozen stays as it is."""
    gone = minutes.meeting.resolutions.filter(status=Resolution.Status.SUPERSEDED)
    with translation.override(language):
        standing = {str(row): row.standing for row in gone.select_related(SUCCESSOR)}
    if not standing:
        return text
    items = [
        item
        | {
            "resolutions": [
                row | {"standing": standing.get(row["name"], "")} for row in item["resolutions"]
            ]
        }
        for item in text["items"]
    ]
    return text | {"items": items}

"""What the portal knows about a person, for the person: as lines of a page, and as a file.

Of rows in which the person wrote something the file has their own words alone (`OWN_WORDS`): others
write into the same row, such as notes of a meeting or a reply.

The file is JSON: programs read it, so that the person may take it elsewhere, and so may people.
Texts of others that name the person are not searched: whoever changes their own name could look for
any word in what they may not read. An administrator searches them on request.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import AccessEvent, Pseudonym, User
from ibcr_portal.persons.places import SECRET, Place, Tie, places
from ibcr_portal.persons.subject import DataSubject
from partners.models import Contact

FORMAT = 1
MOST_EVENTS = 5000

# What the person wrote, or was answered in person, by the name of the table.
OWN_WORDS = {
    "committees.AgendaItem": {
        "title_en",
        "title_es",
        "title_fr",
        "proposal_reason",
        "proposal_answer",
    },
    "committees.Ballot": {"choice", "reason", "channel", "evidence", "given_on"},
    "committees.Erratum": {"number", "text", "made_on"},
    "committees.FeedbackGiven": {"meeting"},
    "committees.MinutesRemark": {"text", "is_objection", "channel", "evidence", "recorded_at"},
    "committees.Position": {"stance", "text", "channel", "evidence", "given_on"},
    "committees.ProgressNote": {"share_done", "text", "noted_on", "channel", "evidence"},
    "committees.ProposedChange": {
        "field",
        "new_value",
        "reason",
        "channel",
        "evidence",
        "given_on",
    },
    "committees.Remark": {"text", "channel", "evidence", "given_on"},
    "committees.Reply": {"text", "recorded_at"},
    "committees.ReviewExtension": {"until", "why", "recorded_at"},
    "committees.Shift": {"field", "before", "after", "reason", "on"},
    "kernel.StatusChange": {"verb", "from_status", "to_status", "happened_on", "why"},
    "projects.BudgetRevision": {"before", "after", "reason", "on"},
    "projects.DutyDone": {"outcome", "on", "note"},
    "projects.EligibilityCheck": {"point", "is_met", "reason", "checked_on"},
    "projects.Evidence": {"title", "link", "original_name", "uploaded_at"},
    "projects.ImportBatch": {"original_name", "at"},
    "projects.InstitutionChange": {"text", "proposed_at"},
    "projects.RiskRating": {"rated_on", "likelihood", "impact", "note"},
    "projects.SupportNote": {"on", "kind", "text"},
    "projects.ValueFile": {"original_name", "uploaded_at"},
    "reports.ReportRemark": {"section", "text", "channel", "evidence", "given_on"},
}


class KnownRows(NamedTuple):
    """How many rows of one table refer to the person in one way."""

    place: Place
    tie: Tie
    number: int


def known_rows(subject: DataSubject) -> list[KnownRows]:
    found: dict[tuple[str, Tie], KnownRows] = {}
    for place in places():
        for name, tie in place.ties.items():
            if count := place.rows_of(name, subject.people).count():
                before = found.get((place.name, tie))
                total = count + (before.number if before else 0)
                found[place.name, tie] = KnownRows(place, tie, total)
    return sorted(found.values(), key=lambda known: (known.tie.value, known.place.label))


def events_of(subject: DataSubject) -> models.QuerySet[AccessEvent]:
    """Return what the person did, and what was done with their access."""
    keys = Pseudonym.objects.filter(user__in=subject.people.users).values_list("key", flat=True)
    names = [str(key) for key in keys]
    return AccessEvent.objects.filter(
        models.Q(key__in=list(keys))
        | models.Q(thing_label=User._meta.label_lower, thing_key__in=names)
        | models.Q(details__person__in=names)
    )


def file_of(subject: DataSubject) -> bytes:
    content = {
        "format": FORMAT,
        "portal": settings.SITE_URL,
        "made_at": timezone.now().astimezone(UTC).isoformat(timespec="seconds"),
        "account": [_row(row) for row in [subject.user] if row],
        "directory": [_row(contact) for contact in subject.contacts],
        "about": dict(_rows(subject, Tie.ABOUT)),
        "written": dict(_rows(subject, Tie.WORDS)),
        "done": {
            known.place.name: known.number for known in known_rows(subject) if known.tie is Tie.DONE
        },
        "access_log": [
            {"at": _plain(event.at), "kind": event.kind, "about": event.thing_label}
            for event in events_of(subject)[:MOST_EVENTS]
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1, default=str).encode()


def _rows(subject: DataSubject, tie: Tie) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for place in places():
        names = [name for name, kind in place.ties.items() if kind is tie]
        if tie is Tie.WORDS and place.name not in OWN_WORDS:
            continue  # earlier versions, which somebody else may have written
        own = OWN_WORDS[place.name] if tie is Tie.WORDS else None
        found = {
            row.pk: _row(row, own)
            for name in names
            for row in place.rows_of(name, subject.people).order_by("pk")
        }
        if found:
            yield place.name, list(found.values())


def _row(row: models.Model, own: set[str] | None = None) -> dict[str, Any]:
    """Return what a row says, without secrets and without other people; `own`: in these columns
    alone."""
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if own is not None and not (field.primary_key or field.name in own):
            continue
        if {field.name, f"{row._meta.label}.{field.name}"} & SECRET:
            continue
        if field.related_model in {User, Contact}:
            continue
        if isinstance(field, models.FileField):
            continue
        value = getattr(row, field.attname)
        if value not in (None, "", [], {}):
            values[field.name] = _plain(value)
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value

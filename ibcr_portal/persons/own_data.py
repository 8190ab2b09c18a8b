"""What the portal knows about a person, for the person: on a page, and as a file.

Of rows in which the person wrote something the file has their own words alone (`OWN_WORDS`): others
write into the same row, such as notes of a meeting or a reply.

The file is JSON: programs read it, so that the person may take it elsewhere, and so may people.
Texts of others that name the person are not searched: whoever changes their own name could look for
any word in what they may not read. An administrator searches them on request.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeAlias

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.log_words import WORDS
from accounts.models import AccessEvent, Pseudonym, User
from accounts.second_factor import sign_out_everywhere
from committees.models import ActionTerms, Committee, Meeting, ProposedChange, Seat
from ibcr_portal.persons.permissions import Reach
from ibcr_portal.persons.places import SECRET, Place, Tie, name_in_words, places
from ibcr_portal.persons.searching import DataSubject
from kernel.formats import day, moment
from partners.models import Contact, Institution
from projects.models import HeldText, Participation, Project
from reports.models import Rendition
from reports.services.naming import downloaders, renditions_that_name

FORMAT = 1
MOST_EVENTS = 5000

# What the person wrote, or was answered in person, by the name of the table.
OWN_WORDS = {
    "projects.Translation": {"language", "text", "state", "at"},
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
    "committees.MinutesRemark": {
        *("text", "suggestion", "is_objection", "channel", "evidence", "recorded_at"),
    },
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
    "ibcr_portal.ProjectClosing": {"closed_on", "why"},
    "kernel.StatusChange": {"verb", "from_status", "to_status", "happened_on", "why"},
    "projects.BudgetRevision": {"before", "after", "reason", "on"},
    "projects.DutyDone": {"outcome", "on", "note"},
    "projects.EligibilityCheck": {"point", "is_met", "reason", "checked_on"},
    "projects.Evidence": {"title", "link", "original_name", "uploaded_at"},
    "projects.ImportBatch": {"original_name", "at"},
    "projects.InstitutionChange": {"text", "proposed_at"},
    "projects.MailNote": {"text", "audience", "received_at", "answer", "answered_at"},
    "projects.RiskRating": {"rated_on", "likelihood", "impact", "note"},
    "projects.SupportNote": {"on", "kind", "text"},
    "projects.ValueFile": {"original_name", "uploaded_at"},
    "reports.ReportRemark": {"section", "text", "channel", "evidence", "given_on"},
}


# Its author must not learn that a text is held: this would confirm the name in it. The words are
# theirs to read where they typed them.
NOT_SHOWN = {HeldText}

MOST_SHOWN = 20
# What a row is about, if the page names it: it follows the rules for names, and no other text may
# slip in through a reference.
NAMED = frozenset({Committee, Institution, Meeting, Participation, Project, Seat})

Said: TypeAlias = "list[tuple[str, str]]"


class KnownRows(NamedTuple):
    """How many rows of one table refer to the person in one way."""

    place: Place
    tie: Tie
    number: int


class ShownRows(NamedTuple):
    """What the rows of one table say, each as its fields in words. Further ones are in the file."""

    known: KnownRows
    rows: list[Said]

    @property
    def further(self) -> int:
        return self.known.number - len(self.rows) if self.rows else 0


def known_rows(subject: DataSubject) -> list[KnownRows]:
    found: dict[tuple[str, Tie], KnownRows] = {}
    for place in places():
        if place.model in NOT_SHOWN:
            continue
        for name, tie in place.ties.items():
            if count := place.rows_of(name, subject.people).count():
                before = found.get((place.name, tie))
                total = count + (before.number if before else 0)
                found[place.name, tie] = KnownRows(place, tie, total)
    return sorted(found.values(), key=lambda known: (known.tie.value, known.place.label))


def shown_rows(subject: DataSubject, known: KnownRows) -> ShownRows:
    """Return the first rows as a page shows them. They say what the file says, in words."""
    own = _own_columns(known.place, known.tie)
    if known.tie is Tie.DONE or own == set():
        return ShownRows(known, [])
    said = (_said(row, own) for row in _rows_of(subject, known.place, known.tie)[:MOST_SHOWN])
    return ShownRows(known, [each for each in said if each])


def events_of(subject: DataSubject) -> models.QuerySet[AccessEvent]:
    """Return what the person did, and what was done with their access."""
    keys = Pseudonym.objects.filter(user__in=subject.people.users).values_list("key", flat=True)
    names = [str(key) for key in keys]
    return AccessEvent.objects.filter(
        models.Q(key__in=list(keys))
        | models.Q(thing_label=User._meta.label_lower, thing_key__in=names)
        | models.Q(details__person__in=names)
    )


def file_of(subject: DataSubject, *, for_others: bool = False) -> bytes:
    """Return the file for the person; `for_others`: without sessions, which nobody else sees."""
    about = dict(_rows(subject, Tie.ABOUT))
    if for_others:
        about.pop(UserSession._meta.label, None)
    content = {
        "format": FORMAT,
        "portal": settings.SITE_URL,
        "made_at": timezone.now().astimezone(UTC).isoformat(timespec="seconds"),
        "account": [_row(row) for row in [subject.user] if row],
        "directory": [_row(contact) for contact in subject.contacts],
        "about": about,
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
        own = _own_columns(place, tie)
        if own != set() and (found := _rows_of(subject, place, tie)):
            yield place.name, [_row(row, own) for row in found]


def _own_columns(place: Place, tie: Tie) -> set[str] | None:
    """Return which columns are the person's to read: None for all of a row about them, and none of
    earlier versions, which somebody else may have written."""
    return OWN_WORDS.get(place.name, set()) if tie is Tie.WORDS else None


def _rows_of(subject: DataSubject, place: Place, tie: Tie) -> list[models.Model]:
    names = [name for name, kind in place.ties.items() if kind is tie]
    rows = (place.rows_of(name, subject.people).order_by("pk") for name in names)
    return list({row.pk: row for each in rows for row in each}.values())


def _columns(row: models.Model, own: set[str] | None) -> Iterator[tuple[Any, Any]]:
    """Return the fields with their values, without secrets and without other people; `own`: these
    columns alone."""
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
            yield field, value


def _row(row: models.Model, own: set[str] | None = None) -> dict[str, Any]:
    return {field.name: _plain(value) for field, value in _columns(row, own)}


def _said(row: models.Model, own: set[str] | None) -> Said:
    return [
        (capfirst(label), words)
        for field, value in _columns(row, own)
        if (label := _label_of(field)) and (words := _in_words(row, field, value))
    ]


def _label_of(field: Any) -> str:
    """Return what the field is called, or nothing for what only a program can use."""
    if field.primary_key:
        return ""
    if field.related_model:
        named = field.related_model in NAMED
        return str(field.related_model._meta.verbose_name) if named else ""
    return name_in_words(field)


def _in_words(row: models.Model, field: Any, value: Any) -> str:
    if isinstance(row, ProposedChange) and field.name in {"field", "new_value"}:
        return row.label if field.name == "field" else _proposed(row)
    if field.related_model:
        return str(getattr(row, field.name))
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    # Some codes have their words where the access log shows them.
    return str(WORDS.get(field.name, {}).get(value, value))


def _proposed(row: ProposedChange) -> str:
    """Return the value that somebody proposed, which is kept as text: a day, or an institution's
    key."""
    field = ActionTerms._meta.get_field(row.field)
    if isinstance(field, models.DateField):
        return day(date.fromisoformat(row.new_value))
    if field.related_model is Institution:
        return str(Institution.objects.filter(pk=row.new_value).first() or row.new_value)
    return row.new_value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


# --- Protecting ---
#
# Protects a person in one step: everything by which somebody could act or read as them ends, and
# their name is hidden outside the coordination.


@transaction.atomic
def protect(reach: Reach, *, by: User) -> None:
    """End sessions, links and feeds, as far as the protector's reach goes, and name the person in
    nothing that goes beyond the coordination. Their account and roles stay: they sign in anew, on a
    device that they trust."""
    if reach.account and reach.is_whole:
        sign_out_everywhere(reach.account)
    reach.links.revoke(by=by)
    keys = [contact.pk for contact in reach.hidden]
    Contact.objects.filter(pk__in=keys).update(is_pseudonymous=True, may_be_named=False)
    AccessEvent.record(
        AccessEvent.Kind.ACCOUNT, user=by, thing=reach.account, change="person protected"
    )


def protection_summary(reach: Reach) -> dict[str, Any]:
    """Return what is still open, and the entries whose name the protector hides and may show
    again."""
    entries = reach.known.contacts
    return {
        "links": reach.links.valid().count(),
        "entries": len(entries),
        "named": sum(not contact.is_pseudonymous for contact in entries),
        "undo": [contact for contact in reach.hidden if contact.is_pseudonymous],
    }


def documents_that_name(reach: Reach) -> list[tuple[Rendition, list[object]]]:
    """Return each document that still holds the name, with who downloaded it and when."""
    words = reach.known.spellings().all
    projects = [None] if reach.projects is None else reach.projects
    found = [
        rendition
        for project in projects
        for rendition in renditions_that_name(words, project=project).with_related()
    ]
    taken = downloaders(found)
    return [(rendition, list(taken.get(rendition.pk, []))) for rendition in found]

"""What changed after a lock: each value with what it was before and after, from the history of the
rows, which nobody edits; and what the access log has.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Field, ForeignKey, Model, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.log_words import (
    kind_of,
    name_of_thing,
    names_in,
    nobody,
    person_in,
    with_names,
    words_of,
)
from accounts.models import AccessEvent, AccessEventQuerySet, AccessLink, Pseudonym, User
from committees.models import SeatTerm
from ibcr_portal.persons.held import path_to_project
from kernel.formats import day, join_list, moment, number
from partners.models import AgreementFile
from projects.models import Assignment, PanelMember, Participation, Project, Representation


@dataclass(frozen=True)
class Change:
    """One value that changed: after which lock, of what, from what, to what, by whom and why."""

    at: datetime
    lock: str
    thing: str
    url: str
    field: str
    before: str
    after: str
    by: int | None = None
    why: str = ""


@dataclass(frozen=True)
class Compared:
    """Two records of the history of a row that follow each other; `before` is None for the first."""

    key: int
    before: Any
    after: Any

    @property
    def at(self) -> datetime:
        moment: datetime = self.after.history_date
        return moment

    @property
    def by(self) -> int | None:
        person: int | None = self.after.history_user_id
        return person

    @property
    def is_new(self) -> bool:
        return bool(self.after.history_type == "+")

    @property
    def is_deletion(self) -> bool:
        return bool(self.after.history_type == "-")


def beginning_of(on: date) -> datetime:
    """Return the first moment of a day, where only the day is on record."""
    return timezone.make_aware(datetime.combine(on, time.min))


def compared(model: type[Model], rows: Q, since: datetime) -> Iterator[Compared]:
    """Return the steps in the history of those rows that changed after `since`, each beside the one
    before it; earlier steps of the same rows, too, since a lock may have come between."""
    history: Any = model.history  # type: ignore[attr-defined]  # the models here keep one
    found = history.filter(rows)
    touched = found.filter(history_date__gt=since).order_by().values("id")
    before: Any = None
    for record in found.filter(id__in=touched).order_by("id", "history_date", "history_id"):
        if before is not None and before.id != record.id:
            before = None
        yield Compared(record.id, before, record)
        before = record


class Written:
    """Writes values of fields for readers. Related rows are read once for all changes."""

    def __init__(self, model: type[Model], names: Collection[str]) -> None:
        self._fields: dict[str, Any] = {}
        for name in names:
            field = model._meta.get_field(name)
            assert isinstance(field, Field)  # names of columns
            self._fields[name] = field
        self._related: dict[str, dict[int, str]] = {}

    def learn(self, pairs: Iterable[Compared]) -> None:
        """Read the rows to which the records refer."""
        keys: dict[str, set[int]] = defaultdict(set)
        for pair in pairs:
            for record in filter(None, (pair.before, pair.after)):
                for name, field in self._fields.items():
                    if isinstance(field, ForeignKey) and (key := getattr(record, field.attname)):
                        keys[name].add(key)
        for name, wanted in keys.items():
            related: Any = self._fields[name].related_model
            found = related._base_manager.in_bulk(wanted)
            self._related[name] = {key: str(row) for key, row in found.items()}

    def differences(self, pair: Compared) -> Iterator[tuple[str, str, str]]:
        """Return label, value before and value after of each field that changed."""
        for name, field in self._fields.items():
            old, new = getattr(pair.before, field.attname), getattr(pair.after, field.attname)
            if old != new:
                yield capfirst(str(field.verbose_name)), self.say(name, old), self.say(name, new)

    def say(self, name: str, value: Any) -> str:
        field = self._fields[name]
        if value is None or value == "":
            return "–"
        if isinstance(field, ForeignKey):
            return self._related.get(name, {}).get(value, f"{field.verbose_name} {value}")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return said(value)


def said(value: Any) -> str:
    """Write a plain value for a reader."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal | int):
        return number(value)
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else str(value)


Name = tuple[str, str]


def plainly_entered(record: Any) -> tuple[str, str, str]:
    return _("Entered"), "–", ""


def changes_of(
    model: type[Model],
    rows: Q,
    since: datetime | None,
    *,
    fields: Collection[str],
    lock_of: Callable[[Compared], str],
    name_of: Callable[[Any], Name],
    entered: Callable[[Any], tuple[str, str, str]] = plainly_entered,
) -> list[Change]:
    """Return the changed fields of those rows, where `lock_of` names a lock that came before.

    `name_of` gives the name of a record and the address of its page; `entered` says of a new row
    what it is, what was there before, and why.
    """
    if since is None:
        return []
    pairs = [(pair, lock) for pair in compared(model, rows, since) if (lock := lock_of(pair))]
    written = Written(model, fields)
    written.learn(pair for pair, _lock in pairs)
    found = []
    for pair, lock in pairs:
        name, url = name_of(pair.after)
        why = pair.after.history_change_reason or ""
        steps = written.differences(pair) if pair.before else iter(())
        if pair.is_deletion:
            steps = iter([(_("Deleted"), name, "–")])
        elif pair.is_new:
            label, before, why = entered(pair.after)
            steps = iter([(label, before, name)])
        found += [Change(pair.at, lock, name, url, *step, by=pair.by, why=why) for step in steps]
    return found


# --- Actors ---
#
# People as an auditor reads of them: by their roles in the project, and by the first characters of
# their key in the access log. An auditor needs to know the role that acted, not the name of the
# person.

SIGNS = 8


class Actors:
    """The people of a project by their keys, with the roles that they have or had in it."""

    def __init__(self, project: Project, people: Collection[int]) -> None:
        self._roles = _roles(project, people)
        keys = Pseudonym.objects.filter(user__in=people).values_list("user", "key")
        self._keys = {person: str(key) for person, key in keys}

    def of(self, person: int | None) -> str:
        """Return the role of a person and the beginning of their key; “The portal” for nobody."""
        if person is None:
            return _("The portal")
        role = join_list(self._roles[person]) or _("No role in this project")
        key = self._keys.get(person, "")
        return f"{role} · {key[:SIGNS]}" if key else role


def _roles(project: Project, people: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)

    def add(person: int, role: str) -> None:
        if role not in found[person]:
            found[person].append(role)

    for pk in User.objects.filter(pk__in=people, is_staff=True).values_list("pk", flat=True):
        add(pk, _("Administrator"))
    for assignment in Assignment.objects.filter(project=project, user__in=people):
        add(assignment.user_id, assignment.get_role_display())
    terms = SeatTerm.objects.filter(seat__committee__project=project, contact__user__in=people)
    for person in terms.order_by("pk").values_list("contact__user", flat=True):
        add(person, _("Member"))
    rows = Representation.objects.filter(
        participation__project=project, contact__user__in=people
    ).order_by("pk")
    for person, role in rows.values_list("contact__user", "participation__role"):
        add(person, _("Donor") if role in Participation.DONOR_ROLES else _("Partner"))
    panel = PanelMember.objects.filter(call__project=project, user__in=people)
    for person in panel.order_by("pk").values_list("user", flat=True):
        add(person, _("Panel"))
    return found


# --- The events of the access log that are about one project, and nothing of any other ---

# Ways that no foreign key shows. An agreement serves each project that names it.
WAYS: dict[type[Model], str] = {AgreementFile: "agreement__participations__project"}


def way_to_project(model: type[Model]) -> str:
    """Return the lookup from a row to its project; empty if there is none."""
    return WAYS.get(model) or path_to_project(model)


def events_of(project: Project) -> AccessEventQuerySet:
    """Return the events about the project, a thing in it, or links to such things. What was deleted
    since cannot be told to be of the project; the whole log has its events."""
    labels = AccessEvent.objects.exclude(thing_label="").order_by().values_list("thing_label")
    about = Q(number__in=_revocations(project))
    for (label,) in labels.distinct():
        model = _model_of(label)
        if model and (way := way_to_project(model)):
            rows = model._base_manager.filter(**{way: project.pk}).order_by()
            keys = rows.annotate(as_text=Cast("pk", CharField())).values("as_text")
            about |= Q(thing_label=label, thing_key__in=keys)
    return AccessEvent.objects.filter(about)


def _model_of(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):  # a kind of thing that the portal no longer has
        return None


def _revocations(project: Project) -> list[int]:
    """Return the numbers of the events that ended links to things of the project: such an event
    names its links alone."""
    ended = AccessEvent.objects.filter(kind=AccessEvent.Kind.LINK_REVOKED, thing_label="")
    rows = [(number, set(details.get("links", []))) for number, details in _details(ended)]
    every = {link for _number, links in rows for link in links}
    if not every:
        return []
    links = AccessLink.objects.filter(pk__in=every)
    own: set[int] = set()
    kinds = links.order_by().values_list("content_type", flat=True).distinct()
    for kind in ContentType.objects.filter(pk__in=kinds):
        model = kind.model_class()
        if model and (way := way_to_project(model)):
            things = model._base_manager.filter(**{way: project.pk}).order_by().values("pk")
            found = links.filter(content_type=kind, object_id__in=things)
            own |= set(found.values_list("pk", flat=True))
    return [number for number, links in rows if links & own]


def _details(events: AccessEventQuerySet) -> Iterable[tuple[int, dict[str, list[int]]]]:
    return events.order_by().values_list("number", "details")


@dataclass(frozen=True)
class LogRow:
    """An event in words, without a name of a person."""

    event: AccessEvent
    kind: str
    who: str
    about: str
    concerned: str
    details: list[tuple[str, str]]


def rows_of(project: Project, events: Iterable[AccessEvent]) -> list[LogRow]:
    """Return the events in the reader's language; people are named by their roles and keys."""
    events = list(events)
    things = names_in(events)
    keys = {key for event in events for key in (event.key, person_in(event)) if key}
    people = dict(Pseudonym.objects.filter(key__in=keys).values_list("key", "user"))
    actors = Actors(project, people.values())

    def named(key: uuid.UUID | None) -> str:
        if key is None:
            return ""
        if key in people:
            return actors.of(people[key])
        return f"{_('a person who was forgotten')} · {str(key)[:SIGNS]}"

    return [
        LogRow(
            event,
            kind_of(event),
            named(event.key) or nobody(event),
            name_of_thing(event, things),
            named(person_in(event)),
            words_of(with_names(event.details, things)),
        )
        for event in events
    ]

"""The events of the access log that are about one project, and nothing of any other."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, ForeignKey, Model, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts.log_things import name_of_thing, names_in, person_in, with_names
from accounts.log_words import kind_of, nobody, words_of
from accounts.models import AccessEvent, AccessEventQuerySet, AccessLink, Pseudonym, User
from ibcr_portal.audit.actors import SIGNS, Actors
from partners.models import AgreementFile, Contact, Institution
from projects.models import Project

# What several projects share: no way to a project leads through them.
SHARED = (User, Contact, Institution)
# Ways that no foreign key shows. An agreement serves each project that names it.
WAYS: dict[type[Model], str] = {AgreementFile: "agreement__participations__project"}


@cache
def way_to_project(model: type[Model]) -> str:
    """Return the lookup from a row to its project, such as `meeting__committee__project`: the
    shortest one over foreign keys, since all that a row refers to is of its own project. Empty if
    there is none."""
    if model is Project:
        return "pk"
    if model in WAYS:
        return WAYS[model]
    seen, ways = {model}, [(model, "")]
    for here, way in ways:
        for field in here._meta.get_fields():
            target = field.related_model if isinstance(field, ForeignKey) else None
            if target is None or target in seen or target in SHARED:
                continue
            if target is Project:
                return f"{way}{field.name}"
            seen.add(target)
            ways.append((target, f"{way}{field.name}__"))
    return ""


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

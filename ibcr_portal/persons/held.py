"""Projects that a hold keeps, and which hold something about a person."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cache

from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models

from accounts.checkpoints import lock_away
from ibcr_portal.models import LockedAway
from ibcr_portal.persons.matching import Spellings
from ibcr_portal.persons.searching import Findings
from kernel.kinds import way_to
from projects.models import Project
from projects.retention import held_projects
from reports.models import Archive, Rendition, Report, Snapshot
from reports.services.naming import destroy_files


def held_projects_in(found: Findings) -> models.QuerySet[Project]:
    """Return the projects under a hold in which forgetting would change something."""
    if not (held := held_projects()):
        return held
    return held.filter(pk__in=set(_projects_in(found)))


def _projects_in(found: Findings) -> Iterator[int]:
    yield from (snapshot.project_id for snapshot in found.documents)
    rows: dict[type[models.Model], set[object]] = defaultdict(set)
    for tied in found.rows:
        rows[tied.place.model].update(tied.keys)
    for row in found.texts:
        rows[row.place.model].add(row.key)
    for place, _field, key in found.files:
        rows[place.model].add(key)
    for model, keys in rows.items():
        yield from _projects_of(model, keys)


def _projects_of(model: type[models.Model], keys: Collection[object]) -> Iterator[int]:
    rows = model._base_manager.filter(pk__in=keys)
    if path := path_to_project(model):
        yield from rows.exclude(**{path: None}).values_list(path, flat=True)
        return
    for field in model._meta.private_fields:
        if isinstance(field, GenericForeignKey):  # the row belongs where the thing does
            for thing in filter(None, (getattr(row, field.name) for row in rows)):
                if not isinstance(thing, model):
                    yield from _projects_of(type(thing), [thing.pk])


@cache
def path_to_project(model: type[models.Model]) -> str:
    """Return the lookup of the project to which a row belongs; empty if it belongs to none."""
    if model is Project or getattr(model, "instance_type", None) is Project:
        return "id"
    return way_to(model, lambda field: field.related_model is Project)


# --- Documents that name somebody who was forgotten, or is protected ---


def destroy_documents(
    snapshots: Sequence[Snapshot],
    spellings: Spellings,
    pseudonym: str,
    changed: Counter[str],
    until: date,
) -> None:
    """Destroy the files of documents that name the person; others without the name take their
    place. The frozen data of a final one are locked away, so that its seal can still be verified."""
    if not snapshots:
        return
    made = Rendition.objects.filter(snapshot__in=[each.pk for each in snapshots])
    words = {words for each in snapshots for words in spellings.found_in(each.data)}
    destroyed = destroy_files(made, Rendition.Reason.ERASURE, words=words)
    changed["reports.Rendition"] += len(destroyed)
    for snapshot in Snapshot.objects.filter(pk__in=[each.pk for each in snapshots]):
        if not spellings.are_in(snapshot.data):
            continue
        if snapshot.is_final:
            replace_data(snapshot, spellings, pseudonym, until)
        else:
            snapshot.erase()
        changed["reports.Snapshot"] += 1
    # They may hold any of them, and are made anew on request.
    for archive in Archive.objects.exclude(file="").exclude(project__in=held_projects()):
        archive.delete()


def replace_data(snapshot: Snapshot, spellings: Spellings, pseudonym: str, until: date) -> None:
    """Lock the sealed data away. If no file was ever made of it, a report still refers to it: it
    gets the same data with the pseudonym, under a seal of its own."""
    data = spellings.replaced(snapshot.data, pseudonym)
    if (reports := Report.objects.filter(snapshot=snapshot)).exists():
        reports.update(snapshot=Snapshot.keep(snapshot.about, data, is_final=True))
    facts = {"of": f"{snapshot._meta.label} {snapshot.pk}", "sealed": snapshot.data}
    content = lock_away(json.dumps(facts).encode()).decode()
    LockedAway.objects.create(pseudonym=pseudonym, reasons=["signed"], until=until, content=content)
    Snapshot.objects.filter(pk=snapshot.pk).update(data={})

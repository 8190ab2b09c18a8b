"""What happens to documents that hold something which may no longer be read: the name of an
institution that hides, a photograph whose consent was withdrawn, the data of a person.

Such a document is superseded: one without that takes its place in lists and links. Files of final
documents are kept for the coordination, since published and sealed texts are not deleted, and so are
those of projects under a hold; all others are deleted together with their data. Apps that `reports`
imports call these functions through `accounts.made_files`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import AccessEvent
from kernel.files import PICTURES
from kernel.jobs import enqueue
from kernel.names import any_of, is_in, replaced, whole_words
from projects.models import Evidence, Project
from projects.permissions.institutions import NOT_READ
from projects.retention import held_projects
from reports.compose.blocks import paragraph
from reports.compose.frame import without_hidden_names
from reports.compose.reading import DocumentReading
from reports.document_types import ComposedDocument
from reports.downloads import Download, lines_of
from reports.kinds import addressees
from reports.models import Archive, Rendition, RenditionQuerySet, Report, Snapshot
from reports.pdf import renderer
from reports.services.requesting import RENDER, give_way, pass_on_requests

SAME_FILE = ("language", "audience", "is_draft")

# Finding


def renditions_that_name(
    words: Iterable[str], *, project: Project | None = None
) -> RenditionQuerySet:
    """Return documents with one of these names, or other words, in their frozen data.

    Names are compared as whole words, without regard to case and accents. Documents without a file
    are left out, unless it is being made.
    """
    pattern = _pattern(words)
    if pattern is None:
        return Rendition.objects.none()
    return _that(lambda data: any(map(partial(is_in, pattern), _texts(data))), project)


def renditions_that_show(evidence: int, *, project: Project) -> RenditionQuerySet:
    """Return documents of the project with that photograph (the key of the evidence)."""
    return _that(lambda data: any(one["evidence"] == evidence for one in _pictures(data)), project)


def _that(is_meant: Callable[[object], bool], project: Project | None) -> RenditionQuerySet:
    in_hand = [Rendition.State.QUEUED, Rendition.State.WORKING]
    rows = Rendition.objects.filter(~Q(file="") | Q(state__in=in_hand))
    if project:
        rows = rows.filter(snapshot__project=project)
    found: list[int] = []
    for snapshot in Snapshot.objects.filter(pk__in=rows.values("snapshot")).iterator(50):
        meant = {
            (audience, language)
            for audience, documents in snapshot.data.items()
            for language, document in documents.items()
            if is_meant(document)
        }
        keys = rows.filter(snapshot=snapshot).values_list("pk", "audience", "language")
        found += [pk for pk, audience, language in keys if (audience, language) in meant]
    return Rendition.objects.filter(pk__in=found)


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    names = any_of(words)
    return re.compile(whole_words(names), re.IGNORECASE) if names else None


def texts_that_name(document: object, words: Iterable[str]) -> list[str]:
    """Return the texts of a frozen document in which one of these words is found, each once."""
    pattern = _pattern(words)
    found = (text for text in _texts(document) if pattern and is_in(pattern, text))
    return list(dict.fromkeys(found))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in NOT_READ:
                yield from _texts(each)


def _pictures(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") == "picture":
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _pictures(each)


# Superseding


@transaction.atomic
def supersede(
    renditions: RenditionQuerySet, why: str, *, words: Collection[str] = ()
) -> list[Rendition]:
    """Replace documents by ones without what their readers may no longer read today: names of
    institutions, photographs without consent, and these words.

    Returns what was superseded. A document that holds nothing of that remains; one that is still
    being made gives way. All files of a signed report have one code, so they are superseded
    together. `why` is a `Rendition.Reason`.
    """
    superseded: list[Rendition] = []
    for snapshot in _snapshots(renditions):
        if data := _neutral(snapshot, _pattern(words)):
            superseded += _replace(snapshot, data, why)
    _delete_archives(superseded)
    return superseded


@transaction.atomic
def destroy_files(
    renditions: RenditionQuerySet, why: str, *, words: Collection[str] = ()
) -> list[Rendition]:
    """Delete the files of documents; the rows say when and why. Returns what was destroyed.

    Final data is kept, and its hash still verifies; data that is not final is erased too. A
    document without these words takes the place of one that holds them. `why` is a
    `Rendition.Reason`.
    """
    keys = [one.pk for one in renditions]
    supersede(renditions, why, words=words)
    named = Rendition.objects.filter(pk__in=keys).select_related("snapshot", "replaced_by")
    destroyed: list[Rendition] = []
    for rendition in named:
        if rendition.is_ready:
            _mark(rendition, why, rendition.replaced_by)
            if rendition.file:
                _delete_file(rendition)
            destroyed.append(rendition)
        else:
            rendition.delete()
        if not rendition.snapshot.renditions.current().exists():
            rendition.snapshot.erase()
    _delete_archives(destroyed)
    return destroyed


@transaction.atomic
def restore(project: Project | None = None) -> list[Rendition]:
    """Let files that were superseded because of a precaution count again, with their codes, unless
    they hold something that their readers may still not read. Returns them."""
    rows = Rendition.objects.filter(superseded_for=Rendition.Reason.PRECAUTION).exclude(file="")
    if project:
        rows = rows.filter(snapshot__project=project)
    keys = list(rows.values_list("snapshot", flat=True))
    restored: list[Rendition] = []
    for snapshot in Snapshot.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
        before = list(rows.filter(snapshot=snapshot))
        present = next(filter(None, map(_in_its_place, before)), None)
        if present is None or _neutral(snapshot, None):
            continue
        _exchange(present, snapshot, Rendition.Reason.RESTORED)
        for rendition in before:  # and files whose successor was never made
            _kept({name: getattr(rendition, name) for name in ("snapshot", *SAME_FILE)})
        restored += rows.model.objects.current().filter(pk__in=[one.pk for one in before])
    _delete_archives(restored)
    return restored


def _in_its_place(rendition: Rendition) -> Snapshot | None:
    """Return the data that has the place of a document today, if nothing but precautions took it."""
    seen = rendition.replaced_by
    while seen and seen.superseded_for == Rendition.Reason.PRECAUTION:
        seen = seen.replaced_by
    return None if seen is None or seen.is_superseded else seen.snapshot


def _snapshots(renditions: RenditionQuerySet) -> Iterable[Snapshot]:
    keys = renditions.current().values_list("snapshot", flat=True)
    return Snapshot.objects.select_for_update().filter(pk__in=list(keys)).order_by("pk")


def _neutral(
    snapshot: Snapshot, words: re.Pattern[str] | None
) -> dict[str, dict[str, ComposedDocument]] | None:
    """Return the data without what may no longer be read, or None if it holds nothing of that."""
    shown = {
        one
        for documents in snapshot.data.values()
        for document in documents.values()
        for one in (picture["evidence"] for picture in _pictures(document))
    }
    shared = Evidence.objects.shared().filter(pk__in=shown, kind__in=PICTURES)
    withdrawn = shown - set(shared.values_list("pk", flat=True))
    data: dict[str, dict[str, ComposedDocument]] = defaultdict(dict)
    is_changed = False
    for audience, documents in snapshot.data.items():
        for language in documents:
            before: Any = snapshot.document(audience, language)
            with translation.override(language):
                reading = _reading(snapshot, before, audience, language)
                after = without_hidden_names(before, reading)
                after = _without(after, words, withdrawn)
            data[audience][language] = after
            is_changed |= after != before
    return dict(data) if is_changed else None


def _reading(
    snapshot: Snapshot, document: ComposedDocument, audience: str, language: str
) -> DocumentReading:
    as_of = date.fromisoformat(document["as_of"])
    given = addressees(snapshot.about)
    return DocumentReading(
        snapshot.project, language, audience, as_of, names_on=as_of, addressees=given
    )


def _without(value: Any, words: re.Pattern[str] | None, withdrawn: set[int]) -> Any:
    """Return the data without the words, and with a sentence in place of withdrawn photographs."""
    if isinstance(value, str):
        return replaced(words, value, _("[removed]")) if words else value
    if isinstance(value, list | tuple):
        return [_without(each, words, withdrawn) for each in value]
    if isinstance(value, dict):
        if value.get("type") == "picture" and value["evidence"] in withdrawn:
            return paragraph(_("This photograph was withdrawn."), "small note")
        return {
            key: each if key in NOT_READ else _without(each, words, withdrawn)
            for key, each in value.items()
        }
    return value


def _replace(
    snapshot: Snapshot, data: dict[str, dict[str, ComposedDocument]], why: str
) -> list[Rendition]:
    """Give the place of a snapshot, and of all its documents, to one with this data."""
    return _exchange(snapshot, Snapshot.keep(snapshot.about, data, is_final=snapshot.is_final), why)


def _exchange(snapshot: Snapshot, newer: Snapshot, why: str) -> list[Rendition]:
    """Give the place of a snapshot, and of all its documents, to another one."""
    Report.objects.filter(snapshot=snapshot).update(snapshot=newer)
    is_held = held_projects().filter(pk=snapshot.project_id).exists()
    replaced: list[Rendition] = []
    for rendition in snapshot.renditions.current():
        successor = _successor(rendition, newer)
        rendition.shared_links.update(rendition=successor)
        if not rendition.is_ready:  # nobody has it: what a worker makes of it is dropped
            if why in Rendition.FOR_A_TIME:  # then whatever it replaced may come back
                replaced_by_it = Rendition.objects.filter(replaced_by=rendition)
                replaced_by_it.update(replaced_by=successor)
            give_way(rendition, successor)
            continue
        pass_on_requests(rendition, successor)
        _mark(rendition, why, successor)
        if not snapshot.is_final and not is_held:
            _delete_file(rendition)
        replaced.append(rendition)
    if not is_held:
        snapshot.erase()
    return replaced


def _successor(rendition: Rendition, newer: Snapshot) -> Rendition:
    wanted = {
        "snapshot": newer,
        "language": rendition.language,
        "audience": rendition.audience,
        "is_draft": rendition.is_draft,
    }
    if kept := _kept(wanted):
        return kept
    successor, created = Rendition.objects.get_or_create(
        **wanted,
        renderer=renderer(),
        superseded_at=None,
        defaults={"requested_by": rendition.requested_by},
    )
    if created or successor.retry():
        enqueue(RENDER, successor.pk)
    return successor


def _kept(wanted: dict[str, Any]) -> Rendition | None:
    """Return the document that had the place before a precaution, or during it, with its file."""
    rows = Rendition.objects.filter(**wanted)
    if rows.current().exists():
        return None
    kept = rows.filter(superseded_for__in=Rendition.FOR_A_TIME).exclude(file="").first()
    if kept:
        kept.superseded_at, kept.superseded_for, kept.replaced_by = None, "", None
        kept.save(update_fields=["superseded_at", "superseded_for", "replaced_by"])
    return kept


def _mark(rendition: Rendition, why: str, successor: Rendition | None) -> None:
    rendition.superseded_at = timezone.now()
    rendition.superseded_for, rendition.replaced_by = why, successor
    rendition.save(update_fields=["superseded_at", "superseded_for", "replaced_by"])


def _delete_file(rendition: Rendition) -> None:
    transaction.on_commit(partial(rendition.file.storage.delete, str(rendition.file.name)))
    rendition.file = ""
    rendition.save(update_fields=["file"])


def _delete_archives(renditions: Iterable[Rendition]) -> None:
    """Delete archives that may hold these files; anybody may request another one. Those under a hold remain, and nobody may download them: they hold what is
    superseded."""
    projects = {rendition.snapshot.project_id for rendition in renditions}
    Archive.objects.filter(project__in=projects).exclude(project__in=held_projects()).delete()


# Who has them


def downloaders(renditions: Iterable[Rendition]) -> dict[int, list[Download]]:
    """Return who had downloaded each document and when, the latest first, by its key.

    Word files and plain texts are made in the request and are no files of a document. Those of the
    same thing, kind and language are counted among its downloads until it was superseded.
    """
    found: dict[int, list[Download]] = {}
    for rendition in renditions:
        about = rendition.snapshot.about
        at_once = Q(details__document=about.kind, details__language=rendition.language)
        at_once &= Q(details__format__in=["docx", "txt"])
        at_once &= ~Q(details__has_key="rendition")
        if rendition.superseded_at:
            at_once &= Q(at__lte=rendition.superseded_at)
        events = AccessEvent.objects.about(about.page).filter(kind=AccessEvent.Kind.DOWNLOAD)
        found[rendition.pk] = lines_of(
            events.filter(Q(details__rendition=rendition.pk) | at_once).order_by("-number")
        )
    return found

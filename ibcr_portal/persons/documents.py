"""Documents that name somebody who was forgotten, or is protected."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date

from accounts.log_keys import lock_away
from ibcr_portal.models import LockedAway
from ibcr_portal.persons.matching import Spellings
from projects.retention import held_projects
from reports.models import Archive, Rendition, Report, Snapshot
from reports.services.naming import destroy_files


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

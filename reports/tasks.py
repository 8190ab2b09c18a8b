"""Work in the background: the services and the scheduler enqueue it by the names of the tasks.

Each task may run twice, late or without anything to do: a message can be lost or delivered again.
"""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from kernel.unwanted_files import delete_unwanted
from reports.models import Archive, Rendition
from reports.sealing.documents import retry_unsealed
from reports.services import archiving, guides, packs, producing, requesting, sweeping


@shared_task(name=requesting.RENDER)
def render_rendition(pk: int) -> None:
    """Make the document that comes first, which need not be the one of this message; an archive, for
    which somebody waits, before what nobody asked for."""
    if not Rendition.objects.due().asked_for().exists() and (archive := Archive.objects.next_due()):
        make_archive(archive)
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    if rendition := Rendition.objects.claim_next(pk, lease=lease):
        producing.produce(rendition)
        requesting.notify_requesters(rendition)


@shared_task(name=archiving.MAKE)
def make_archive(pk: int) -> None:
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    if archive := Archive.objects.claim(pk, lease=lease):
        archiving.write_archive(archive)


@shared_task(name="reports.tasks.enqueue_documents")
def enqueue_documents() -> None:
    """Take up what waits. This is short work: it must not wait behind the documents themselves."""
    sweeping.recover()
    sweeping.enqueue_due()
    requesting.notify_all_requesters()
    archiving.enqueue_archives()


@shared_task(name="reports.tasks.sweep_renditions")
def sweep_renditions() -> None:
    """The whole round, in a worker that makes documents: it alone reads the key of the seal."""
    sweeping.retry_for_libraries()
    retry_unsealed()
    requesting.warn_of_unsealed()
    enqueue_documents()
    delete_unwanted()
    sweeping.sweep_files()


@shared_task(name="reports.tasks.request_final_documents")
def request_final_documents() -> None:
    sweeping.request_final_documents()


@shared_task(name="reports.tasks.prepare_packs")
def prepare_packs() -> None:
    packs.prepare_packs()


@shared_task(name="reports.tasks.prepare_guides")
def prepare_guides() -> None:
    guides.prepare_guides()

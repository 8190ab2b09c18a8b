"""Rung by the services and by the scheduler; each may run twice, late or for nothing."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from reports import services
from reports.models import Archive, Rendition


@shared_task(name=services.RENDER)
def render_rendition(pk: int) -> None:
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    if rendition := Rendition.objects.claim(pk, lease=lease):
        services.produce(rendition)
        services.tell_who_waits(rendition)


@shared_task(name=services.MAKE)
def make_archive(pk: int) -> None:
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    if archive := Archive.objects.claim(pk, lease=lease):
        services.make_archive(archive)


@shared_task(name="reports.tasks.sweep_renditions")
def sweep_renditions() -> None:
    services.retry_for_libraries()
    services.enqueue_due()
    services.tell_all_who_wait()
    services.enqueue_archives()
    services.sweep_files()


@shared_task(name="reports.tasks.keep_what_stands")
def keep_what_stands() -> None:
    services.keep_what_stands()

"""Composes the data of a document in the worker that renders it, so that requesting takes no
time."""

from django.core.cache import cache
from django.db import IntegrityError

from kernel.jobs import enqueue
from reports.kinds import kind_of
from reports.models import Rendition
from reports.services.requesting import RENDER, data_of, final_rendition
from reports.services.waiting import notify_requesters, pass_on_requests

REMEMBERED_SECONDS = 24 * 3600


def compose_data(rendition: Rendition) -> bool:
    """Compose the data of a claimed document, unless that was done before.

    Returns False if an equal document exists or is being made, which has replaced this one
    (`joined_by`). Raises LostLease.
    """
    promise = rendition.snapshot
    if not promise.is_promise:
        return True
    about = promise.about
    kind = kind_of(about)
    wanted = {"language": rendition.language, "audience": rendition.audience}
    data = data_of(about, **wanted)
    is_draft, is_final = kind.is_draft(about), kind.is_final(about)
    snapshot = promise.fulfil(data, is_final=is_final)
    if is_final and not is_draft and (kept := final_rendition(snapshot, **wanted)):
        _give_way(rendition, kept)
        return False
    try:
        rendition.set_snapshot(snapshot, is_draft=is_draft)
    except IntegrityError:
        same = snapshot.renditions.current().filter(is_draft=is_draft, **wanted)
        _give_way(rendition, same.get(renderer=rendition.renderer))
        return False
    return True


def _give_way(rendition: Rendition, equal: Rendition) -> None:
    """Replace a document by an equal one, which starts again if it had failed, and lead everybody
    who waits there."""
    cache.set(_key(rendition.pk), equal.pk, REMEMBERED_SECONDS)
    pass_on_requests(rendition, equal)
    Rendition.objects.filter(pk=rendition.pk, token=rendition.token).delete()
    if equal.retry():
        enqueue(RENDER, equal.pk)
    notify_requesters(equal)


def joined_by(pk: int) -> int | None:
    """Return the key of the equal document that replaced that one during the last day, if any."""
    key: int | None = cache.get(_key(pk))
    return key


def _key(pk: int) -> str:
    return f"reports:joined:{pk}"

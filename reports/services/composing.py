"""What a document says, composed by the worker that makes it: asking for one takes no time."""

from django.core.cache import cache
from django.db import IntegrityError

from kernel.jobs import enqueue
from reports.kinds import kind_of
from reports.models import Rendition
from reports.services.requesting import RENDER, data_of, kept_of
from reports.services.waiting import pass_on_requests, tell_who_waits

REMEMBERED_SECONDS = 24 * 3600


def is_composed(rendition: Rendition) -> bool:
    """Give a claimed document its data where it has only been promised.

    False: an equal document is there or on its way, and this one has given way to it
    (`joined_by`). Raises `LostLease`.
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
    if is_final and not is_draft and (kept := kept_of(snapshot, **wanted)):
        _give_way(rendition, kept)
        return False
    try:
        rendition.stand_on(snapshot, is_draft=is_draft)
    except IntegrityError:
        same = snapshot.renditions.filter(is_draft=is_draft, **wanted)
        _give_way(rendition, same.get(renderer=rendition.renderer))
        return False
    return True


def _give_way(rendition: Rendition, equal: Rendition) -> None:
    """Who waits for this document is led to the equal one, which starts again if it had failed."""
    cache.set(_key(rendition.pk), equal.pk, REMEMBERED_SECONDS)
    pass_on_requests(rendition, equal)
    Rendition.objects.filter(pk=rendition.pk, token=rendition.token).delete()
    if equal.retry():
        enqueue(RENDER, equal.pk)
    tell_who_waits(equal)


def joined_by(pk: int) -> int | None:
    """The document to which that one gave way not long ago."""
    return cache.get(_key(pk))


def _key(pk: int) -> str:
    return f"reports:joined:{pk}"

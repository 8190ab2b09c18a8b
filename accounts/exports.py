"""Files that people export: each export is logged, and no cache keeps the file."""

from typing import Any

from django.db import models
from django.http import HttpResponse

from accounts.models import AccessEvent
from kernel.pages import Request
from kernel.sheets import as_download


def handed_out(
    request: Request,
    content: bytes,
    name: str,
    kind: str = "xlsx",
    *,
    thing: models.Model | None = None,
    **details: Any,
) -> HttpResponse:
    """Answer with `content` as a download called `name`.`kind`.

    The export of `thing` is logged with `details`, unless the request asks for the head only.
    """
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.EXPORT, user=request.user, thing=thing, **details)
    return as_download(content, name, kind)

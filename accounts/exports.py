"""What leaves as a file: who took it is logged, and no cache keeps it."""

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
    """`content` as a download called `name`.`kind`. It is logged as an export of `thing`, with
    `details`; not where only the head of the answer was asked for."""
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.EXPORT, user=request.user, thing=thing, **details)
    return as_download(content, name, kind)

"""A form that is sent twice counts once.

Whoever presses a button twice, or sends a form again because the answer did not arrive, is led to
what the first press made. The entry key of a form is its CSRF token, which Django writes anew into
each page that it renders: the same token with the same content is the same press, whereas the same
content in a page that was opened again is a new entry, and so is another content in the same page,
which somebody reached by going back and corrected. A page that puts back what got no answer, or what
was sent before somebody went back to it, sends a key of its own instead (static/js/draft.js, typed.js),
since no browser should keep a token.

What a phone kept until there was a connection (static/js/kept-worker.js) brings an entry key of its
own, and is answered in data: whether it was saved, and what is said about it.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from kernel.undo import FIELD

AnyRequest = TypeVar("AnyRequest", bound=HttpRequest)
Arguments = ParamSpec("Arguments")

ENTRY_KEY = "csrfmiddlewaretoken"
PRESS_KEY = "press_key"
ENTRY_HEADER = "X-Entry-Key"
KEYS = {ENTRY_KEY, PRESS_KEY}
# Stands for the secret part of an address, which the database does not hold in clear.
TOKEN = "{token}"


class SentFormQuerySet(models.QuerySet["SentForm"]):
    def forget(self, before: datetime) -> int:
        """Delete what nobody sends again, and return how many were deleted."""
        return self.filter(sent_at__lt=before).delete()[0]


class SentForm(models.Model):
    """A form that was saved, and the page to which its sender was led."""

    # A phone sends again for fourteen days what it did not see answered (static/js/kept-worker.js).
    DAYS_KEPT = 21

    digest = models.CharField(max_length=64, primary_key=True)
    led_to = models.CharField(max_length=2000)
    sent_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = SentFormQuerySet.as_manager()

    def __str__(self) -> str:
        return self.led_to


def counted_once(
    view: Callable[Concatenate[AnyRequest, Arguments], HttpResponse],
) -> Callable[Concatenate[AnyRequest, Arguments], HttpResponse]:
    """Save in one transaction what a form sends, and only once.

    A view leads on where it saved; a form that it shows again was refused and may be sent again.
    Of two that arrive at once the second waits until the first is saved. Reading opens no
    transaction: on SQLite it would wait for a writer.
    """

    @wraps(view)
    def wrapped(
        request: AnyRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            # Django lets pages that open by link pass without a key. What is undone twice is answered
            # by what is there by then (`kernel.undo`): the first press may have undone nothing.
            if not _entry_key(request) or FIELD in request.POST:
                return view(request, *args, **kwargs)
            sent, is_first = SentForm.objects.get_or_create(digest=_digest(request))
            if not is_first:
                return _led_again(request, sent)
            response = view(request, *args, **kwargs)
            answer = _in_data(request, response) if ENTRY_HEADER in request.headers else response
            if 300 <= response.status_code < 400 and answer.headers.get("X-Entry") != "refused":
                location = response.headers["Location"]
                sent.led_to = location.replace(_token(request) or TOKEN, TOKEN)
                sent.save(update_fields=["led_to"])
            else:
                sent.delete()
            return answer

    return wrapped


def _led_again(request: HttpRequest, sent: SentForm) -> HttpResponse:
    if ENTRY_HEADER in request.headers:  # nobody pressed twice: the answer did not arrive
        return _answer("saved", [])
    messages.info(request, _("This was already saved."))
    return redirect(sent.led_to.replace(TOKEN, _token(request) or TOKEN))


def _in_data(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Answer a phone: a page that shows the form again stays a page, for the person to correct it."""
    if not 300 <= response.status_code < 400:
        response.headers["X-Entry"] = "refused"
        return response
    said = list(messages.get_messages(request))
    # A page by link leads away, too, where it did not save (`accounts.drafts`).
    draft = getattr(request, "draft", None)
    is_saved = draft is None or draft.is_sent
    is_saved = is_saved and all(each.level < messages.ERROR for each in said)
    return _answer("saved" if is_saved else "refused", [str(each) for each in said])


def _answer(outcome: str, words: list[str]) -> HttpResponse:
    response = JsonResponse({"words": words})
    response.headers["X-Entry"] = outcome
    return response


def _entry_key(request: HttpRequest) -> str:
    own = request.headers.get(ENTRY_HEADER) or request.POST.get(PRESS_KEY)
    return own or request.POST.get(ENTRY_KEY, "")


def _digest(request: HttpRequest) -> str:
    """Return a hash of the sender, the address of the page, and everything that was sent."""
    user = getattr(request, "user", None)
    key = (ENTRY_KEY, [_entry_key(request)])
    content = [
        str(user.pk if user else None),
        request.get_full_path(),
        # The token of a kept page may have been renewed since it was sent before.
        sorted((*(pair for pair in request.POST.lists() if pair[0] not in KEYS), key)),
    ]
    digest = hashlib.sha256(repr(content).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _token(request: HttpRequest) -> str:
    """Return the token of an access link, if the page was opened by one."""
    match = request.resolver_match
    return str(match.kwargs.get("token", "")) if match else ""

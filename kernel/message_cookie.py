"""The words that a page gives to the next one, such as “Saved”. They have a cookie of their own:
who comes by a link has no session."""

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpResponse

from kernel.undo import is_news, staying, undo_of


class MessageCookie(CookieStorage):
    cookie_name = f"{settings.OF_THIS_HOST}messages"


class MessageStorage(FallbackStorage):
    """Long words are in the session, as in Django's own storage. What can be undone is said again on the
    pages that follow, as long as its button works and nothing else was done."""

    storage_classes = (MessageCookie, SessionStorage)
    came: tuple[Message, ...] | list[Message] = ()

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Message], bool]:
        found, are_all = super()._get(*args, **kwargs)  # type: ignore[misc]  # not in the stubs
        self.came = [one for one in found if is_news(one) or undo_of(one)]
        return self.came, are_all

    def _store(
        self, messages: list[Message], response: HttpResponse, *args: Any, **kwargs: Any
    ) -> list[Message]:
        # Two messages of the same words are equal, whatever each of them undoes.
        came = {(one.message, one.extra_tags) for one in self.came}
        new = [
            one
            for one in messages
            if undo_of(one) is None or (one.message, one.extra_tags) not in came
        ]
        stored = new or staying(self.came, self.request.user)
        return super()._store(stored, response, *args, **kwargs)  # type: ignore[misc,no-any-return]

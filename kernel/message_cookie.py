"""The words that a page gives to the next one, such as “Saved”. They have a cookie of their own:
who comes by a link has no session."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class MessageCookie(CookieStorage):
    cookie_name = f"{settings.OF_THIS_HOST}messages"


class MessageStorage(FallbackStorage):
    """Long words are in the session, as in Django's own storage."""

    storage_classes = (MessageCookie, SessionStorage)

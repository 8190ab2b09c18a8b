"""The text of minutes as one reader reads it."""

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from committees.minutes.services.notices import what_is_asked
from committees.minutes.services.text import for_present_readers, in_language
from committees.models import Minutes
from committees.permissions.minutes import audiences_of_minutes, numbers_left
from kernel.text import active_language


def reading_context(
    request: HttpRequest, minutes: Minutes, reader: User, *, by_link: bool = False
) -> dict[str, Any]:
    """Return the text in the language of the page, or in the authoritative one for
    `?text=original`. By a link, which others may hold, it lacks what is reserved."""
    original = request.GET.get("text") == "original"
    language = minutes.language if original else active_language()
    return {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "text": for_reader(text_of(minutes, language), minutes, reader, by_link=by_link),
        "text_language": language,
        "is_courtesy": language != minutes.language,
        "asked": what_is_asked(minutes),
        "errata": list(minutes.errata.select_related("decided_by")) if minutes.is_sealed else [],
    }


def text_of(minutes: Minutes, language: str) -> dict[str, Any]:
    """Return the text that was frozen when it circulated, or before that the one of today."""
    return minutes.text_in(language) if minutes.is_circulated else in_language(minutes, language)


def for_reader(
    text: dict[str, Any], minutes: Minutes, reader: User, *, by_link: bool = False
) -> dict[str, Any]:
    """Leave out the items that the reader may not see, also among the interests declared, and the
    names of institutions that they may not know.

    The page shows how many items were left out.
    """
    audiences = audiences_of_minutes(reader, minutes, by_link=by_link)
    left = numbers_left(reader, minutes)
    items = [
        item
        for item in text["items"]
        if item["audience"] in audiences and item["number"] not in left
    ]
    titles = {item["title"]["text"] for item in items}
    declarations = [
        row | {"items": [title for title in row["items"] if title["text"] in titles]}
        for row in text["declarations"]
    ]
    shown = text | {
        "items": items,
        "reserved": len(text["items"]) - len(items),
        "declarations": [row for row in declarations if row["items"]],
    }
    return for_present_readers(shown)

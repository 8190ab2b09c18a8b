"""The text of minutes as one reader reads it, and the message about it before it is sent."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from django.forms import BaseForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.minutes.forms import COMMENT_DAYS
from committees.minutes.letters import minutes_letter
from committees.minutes.services.corrections import with_present_states
from committees.minutes.services.notices import as_sent, what_is_asked
from committees.minutes.services.sentences import MinutesPart, Sentence, parts_of
from committees.minutes.services.text import for_present_readers, in_language
from committees.models import Minutes, MinutesRemark
from committees.pages import where_to_enter
from committees.permissions.minutes import audiences_of_minutes, numbers_left
from kernel.pages import Request
from kernel.text import active_language
from projects.permissions.institutions import without_names
from projects.sending.page import link_context, typed_day
from projects.sending.recipients import Recipient


def reading_context(
    request: HttpRequest,
    minutes: Minutes,
    reader: User,
    *,
    by_link: bool = False,
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
        "errata": minutes.errata.select_related("decided_by"),
    }


def text_of(minutes: Minutes, language: str) -> dict[str, Any]:
    """Return the text that was frozen when it circulated, with what became of its decisions; before
    that the one of today."""
    if not minutes.is_circulated:
        return in_language(minutes, language)
    return with_present_states(minutes, language, minutes.text_in(language))


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


class ChosenSentence(NamedTuple):
    """What a comment is on: a sentence in a part of the minutes."""

    part: MinutesPart
    sentence: Sentence


def parts_for(minutes: Minutes, reader: User, *, by_link: bool = False) -> dict[str, MinutesPart]:
    if not minutes.is_circulated:
        return {}
    text = minutes.text_in(minutes.language)
    return parts_of(minutes, for_reader(text, minutes, reader, by_link=by_link))


def chosen_sentence(
    request: HttpRequest, minutes: Minutes, reader: User, *, by_link: bool = False
) -> ChosenSentence | None:
    """Return the sentence that the address names, such as `?on=item-12.3f2a…`, if it is there."""
    name, _dot, key = request.GET.get("on", "").partition(".")
    part = parts_for(minutes, reader, by_link=by_link).get(name) if key else None
    sentence = part.sentence(key) if part else None
    return ChosenSentence(part, sentence) if part and sentence else None


def offer_withdrawal(
    remarks: Iterable[MinutesRemark], seats: Collection[int], url_of: Callable[[int], str]
) -> list[MinutesRemark]:
    """Return the comments; those of one of the seats that nobody has answered lead to their
    withdrawal."""
    found = list(remarks)
    for remark in found:
        if remark.seat_id in seats and not remark.settled_at:
            remark.withdraw_url = url_of(remark.pk)
    return found


def remarks_in_place(
    minutes: Minutes,
    text: dict[str, Any],
    remarks: Iterable[MinutesRemark],
    parts: dict[str, MinutesPart],
) -> dict[str, Any]:
    """Return the text with the comments on each item and the sentences of its parts, and the
    comments on the whole. Comments on items that are not shown are not lost."""
    by_item: dict[int, list[MinutesRemark]] = defaultdict(list)
    whole: list[MinutesRemark] = []
    for remark in remarks:
        remark.sentence = without_names(remark.sentence)
        remark.suggestion = without_names(remark.suggestion)
        (by_item[remark.agenda_item_id] if remark.agenda_item_id else whole).append(remark)
    keys = minutes.items_by_number if parts or by_item else {}
    items = [
        item
        | {
            "remarks": by_item.pop(keys.get(item["number"], 0), []),
            "part": parts.get(f"item-{keys.get(item['number'])}"),
        }
        for item in text["items"]
    ]
    whole += [remark for rest in by_item.values() for remark in rest]
    shown = text | {"items": items}
    for name in ("opening", "closing"):
        if text[name]:
            shown[name] = text[name] | {"part": parts.get(name)}
    return {"text": shown, "remarks": sorted(whole, key=lambda remark: remark.pk)}


def sent_context(
    request: Request, minutes: Minutes, verb: str, found: list[Recipient], form: BaseForm
) -> dict[str, Any]:
    """Return what `components/sending_page.html` shows of the message about a step of the minutes."""
    until = typed_day(request, "until") or timezone.localdate() + timedelta(days=COMMENT_DAYS)
    committee = minutes.meeting.committee
    return link_context(
        request,
        found,
        partial(minutes_letter, as_sent(minutes, verb, until)),
        form=form,
        about=minutes,
        project=committee.project,
        page="committees:minutes-link",
        capacity=_("Seat"),
        enter_url=where_to_enter(request, committee.pk),
    )

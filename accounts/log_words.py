"""The details of events of the access log in the reader's language.

The log keeps English keys, which no later translation may change. What has no word here, such as a
number or the address of a page, is shown as it is kept.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeAlias

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _, gettext_lazy, pgettext, pgettext_lazy

from accounts.models import AccessEvent, User
from kernel.formats import day, join_list
from kernel.text import StrOrPromise

# --- What things in the access log are called, for whoever reads it ---
#
# The log keeps only their kinds and keys, since a name cannot be taken out of it.

# Names by key, of things of one kind that are there still.
NamesOf: TypeAlias = Callable[[set[int]], dict[int, str]]
Names: TypeAlias = "dict[tuple[str, str], str]"
_sources: dict[str, NamesOf] = {}

# Details that are keys of things, by the kind of the thing.
KEYS = {"institution": "partners.institution"}


def add_names_in_log(label: str, names: NamesOf) -> None:
    """Let an app above this one say how its things are called, once, when it is loaded."""
    _sources[label] = names


def names_in(events: Iterable[AccessEvent]) -> Names:
    """Return the names of what these events are about, by kind and key as the log has them: one
    statement for each kind."""
    keys: dict[str, set[int]] = defaultdict(set)
    for label, key in (pair for event in events for pair in _things_of(event)):
        if label in _sources and re.fullmatch("[0-9]{1,18}", key):  # or altered in the database
            keys[label].add(int(key))
    return {
        (label, str(key)): name
        for label, wanted in keys.items()
        for key, name in _sources[label](wanted).items()
    }


def _things_of(event: AccessEvent) -> list[tuple[str, str]]:
    details = ((label, str(event.details.get(name, ""))) for name, label in KEYS.items())
    return [(event.thing_label, event.thing_key), *details]


def name_of_thing(event: AccessEvent, things: Names) -> str:
    return things.get((event.thing_label, event.thing_key), event.thing_name)


def with_names(details: dict[str, Any], things: Names) -> dict[str, Any]:
    named = {name: things.get((label, str(details.get(name)))) for name, label in KEYS.items()}
    return details | {name: words for name, words in named.items() if words}


def person_in(event: AccessEvent) -> uuid.UUID | None:
    """Return the key of the person whom the event concerns."""
    is_person = event.thing_label == User._meta.label_lower
    key = event.thing_key if is_person else event.details.get("person")
    try:
        return uuid.UUID(str(key)) if key else None
    except ValueError:  # altered in the database
        return None


# --- Log words ---

LABELS: dict[str, StrOrPromise] = {
    "address": gettext_lazy("address"),
    "answer": gettext_lazy("answer"),
    "before": gettext_lazy("before"),
    "change": gettext_lazy("change"),
    "check": pgettext_lazy("access log", "what failed"),
    "contact": gettext_lazy("contact"),
    "document": gettext_lazy("document"),
    "figure": gettext_lazy("figure"),
    "file": gettext_lazy("file"),
    "files": gettext_lazy("files"),
    "format": gettext_lazy("format"),
    "institution": gettext_lazy("institution"),
    "language": gettext_lazy("language"),
    "link": gettext_lazy("link"),
    "links": gettext_lazy("links"),
    "method": pgettext_lazy("access log", "way"),
    "more": pgettext_lazy("access log", "further ones"),
    "period": gettext_lazy("period"),
    "purpose": gettext_lazy("purpose"),
    "rendition": gettext_lazy("file"),
    "right": gettext_lazy("right"),
    "role": gettext_lazy("role"),
    "rows": gettext_lazy("rows"),
    "seat": gettext_lazy("seat"),
    "shared_link": gettext_lazy("link"),
    "status": gettext_lazy("status"),
    "typed": gettext_lazy("typed address"),
    "until": gettext_lazy("until"),
    "wanted": gettext_lazy("reminders wanted"),
    "what": gettext_lazy("content"),
}

WORDS: dict[str, dict[str, StrOrPromise]] = {
    "answer": {
        "code": pgettext_lazy("access log", "code"),
        "ballot": gettext_lazy("vote"),
        "invitation": gettext_lazy("invitation"),
        "minutesremark": gettext_lazy("remark"),
        "position": gettext_lazy("position"),
        "progressnote": gettext_lazy("progress"),
        "recommendation": gettext_lazy("recommendation"),
        "remark": gettext_lazy("remark"),
        "reply": gettext_lazy("reply"),
        "values": gettext_lazy("values"),
        "voucher": gettext_lazy("voucher"),
        "withdrawn": gettext_lazy("withdrawn"),
    },
    "change": {
        "added": pgettext_lazy("access log", "added"),
        "administrator added": gettext_lazy("administrator added"),
        "all sessions ended": gettext_lazy("all sessions ended"),
        "changed": pgettext_lazy("access log", "changed"),
        "demonstration loaded": gettext_lazy("demonstration loaded"),
        "demonstration removed": gettext_lazy("demonstration removed"),
        "declined": pgettext_lazy("access log", "declined"),
        "end of a representation announced": gettext_lazy("end of a representation announced"),
        "end of a representation withdrawn": gettext_lazy("end of a representation withdrawn"),
        "institution added": gettext_lazy("institution added"),
        "institution removed": gettext_lazy("institution removed"),
        "invited": pgettext_lazy("access log", "invited"),
        "left": pgettext_lazy("access log", "left the institution"),
        "document removed": gettext_lazy("document removed from the register"),
        "hold lifted": gettext_lazy("hold lifted"),
        "identity changed": gettext_lazy("name or address changed"),
        "identity erased": gettext_lazy("erased: the person is forgotten"),
        "identity recorded": gettext_lazy("recorded after the update of the portal"),
        "identity renewed": gettext_lazy("recorded again, before old events were deleted"),
        "hold placed": gettext_lazy("hold placed"),
        "naming choice recorded": gettext_lazy("choice recorded of where it may be named"),
        "password_changed": gettext_lazy("password changed"),
        "password_reset": gettext_lazy("password replaced"),
        "password_set": gettext_lazy("password chosen"),
        "person forgotten": gettext_lazy("person forgotten"),
        "person protected": gettext_lazy("person protected"),
        "portal taken": gettext_lazy("portal claimed with the key of the first visit"),
        "project closed": gettext_lazy("project closed"),
        "project deleted": gettext_lazy("project deleted"),
        "project reopened": gettext_lazy("project reopened"),
        "published": pgettext_lazy("access log", "published"),
        "recovery_codes_generated": gettext_lazy("recovery codes made"),
        "removal of the second factor asked for": gettext_lazy(
            "removal of the second factor asked for"
        ),
        "removal of the second factor confirmed": gettext_lazy(
            "removal of the second factor confirmed"
        ),
        "removal of the second factor withdrawn": gettext_lazy(
            "removal of the second factor withdrawn"
        ),
        "removed": pgettext_lazy("access log", "removed"),
        "representation changed": gettext_lazy("representation changed"),
        "representation confirmed": gettext_lazy("representation confirmed"),
        "representation ended": gettext_lazy("representation ended"),
        "representation granted": gettext_lazy("representation granted"),
        "second factor removed": gettext_lazy("second factor removed"),
        "session ended": gettext_lazy("session ended"),
        "totp_activated": gettext_lazy("authenticator app added"),
        "totp_deactivated": gettext_lazy("authenticator app removed"),
        "webauthn_added": gettext_lazy("security key added"),
        "webauthn_removed": gettext_lazy("security key removed"),
        "withdrawn": pgettext_lazy("access log", "withdrawn"),
    },
    "check": {
        "csrf": gettext_lazy("the check that a form came from the portal"),
        "attendee": gettext_lazy("whose answer it is"),
        "event": gettext_lazy("which meeting it answers"),
        "other_address": gettext_lazy("which address came back"),
        "revoked": gettext_lazy("whether the links were revoked"),
        "sender": gettext_lazy("the sender"),
        "unclear": gettext_lazy("that it is one answer of one person"),
        "unproved": gettext_lazy("the sender, whom the mail server does not confirm"),
    },
    "document": {"archive": gettext_lazy("Archive")},
    "format": {
        "archive": gettext_lazy("In an archive"),
        "docx": gettext_lazy("Word file"),
        "link": gettext_lazy("By link"),
        "pdf": "PDF",
        "txt": gettext_lazy("Plain text"),
    },
    "language": dict(settings.LANGUAGES),
    "method": {
        "code": gettext_lazy("code by e-mail"),
        "mail": gettext_lazy("message by mail"),
        "mfa": gettext_lazy("second step"),
        "password": gettext_lazy("password"),
        "recovery_codes": gettext_lazy("recovery code"),
        "socialaccount": gettext_lazy("account of the organisation"),
        "totp": gettext_lazy("authenticator app"),
        "webauthn": gettext_lazy("security key"),
    },
    "more": {"not recorded": gettext_lazy("not recorded")},
    "purpose": {
        "answer_by_mail": gettext_lazy("answer by e-mail"),
        "answer_consultation": gettext_lazy("answer a consultation"),
        "calendar": gettext_lazy("calendar of meetings"),
        "due_calendar": gettext_lazy("calendar of what is due"),
        "due_reminders": gettext_lazy("reminders of what is due"),
        "enter_values": gettext_lazy("enter values"),
        "give_feedback": gettext_lazy("give feedback on a meeting"),
        "invitation": gettext_lazy("answer an invitation"),
        "mail_note": gettext_lazy("choose who reads a message by e-mail"),
        "note_progress": gettext_lazy("note progress"),
        "read_minutes": gettext_lazy("read and comment on minutes"),
        "review_plan": gettext_lazy("review a plan"),
        "settle_advance": gettext_lazy("settle an advance"),
        "weekly_digest": gettext_lazy("weekly summary"),
    },
    "role": {
        "contact": gettext_lazy("Contact"),
        "coordinator": gettext_lazy("Coordination"),
        "direction": gettext_lazy("Direction"),
        "panel": gettext_lazy("Panel"),
    },
    "what": {
        "figure": gettext_lazy("data behind a figure"),
        "access log": gettext_lazy("access log"),
        "activities": gettext_lazy("activities"),
        "amendments": gettext_lazy("amendments"),
        "books": gettext_lazy("accounts"),
        "changes after a lock": gettext_lazy("changes after a lock"),
        "data": gettext_lazy("data"),
        "downloads": gettext_lazy("list of downloads"),
        "donor form": gettext_lazy("donor's form"),
        "due": gettext_lazy("list of what is due"),
        "framework": gettext_lazy("framework"),
        "framework problems": gettext_lazy("problems in a workbook of the framework"),
        "framework workbook": gettext_lazy("workbook of the framework"),
        "locked away": gettext_lazy("what is locked away"),
        "intake problems": gettext_lazy("problems in the data of a project"),
        "intake template": gettext_lazy("template for the data of a project"),
        "translations": gettext_lazy("texts to translate"),
        "marked": gettext_lazy("workbook with marked cells"),
        "own data": gettext_lazy("a person's data"),
        "portfolio": gettext_lazy("portfolio"),
        "problems": gettext_lazy("problems in a file of the accounts"),
        "risks": gettext_lazy("risks"),
        "sample": gettext_lazy("sample of vouchers"),
        "sheet": gettext_lazy("sheet of the plan"),
    },
}
POWERS = {
    "is_active": gettext_lazy("active"),
    "is_staff": gettext_lazy("administrator"),
    "is_superuser": gettext_lazy("superuser"),
}
DAYS = {"before", "until"}


def add_words(detail: str, *choices: type[models.TextChoices]) -> None:
    """Let an app above this one give the words of its codes, once, when it is loaded."""
    for each in choices:
        WORDS[detail] = {**dict(each.choices), **WORDS.get(detail, {})}


# Of the kind of changes of a sign-in, since administrators make both.
ABOUT_PERSONS = {"hold lifted", "hold placed", "person forgotten", "person protected"}


def kind_of(event: AccessEvent) -> str:
    if event.kind == AccessEvent.Kind.ACCOUNT and event.details.get("change") in ABOUT_PERSONS:
        return _("Personal data")
    return str(event.get_kind_display())


def words_of(details: dict[str, Any]) -> list[tuple[str, str]]:
    """Return labels and values, without those that are shown elsewhere or are empty."""
    return [
        (str(LABELS.get(name, name)), _value(name, value))
        for name, value in details.items()
        if name not in {"person", "checkpoint", "identity"} and value not in ("", None)
    ]


def nobody(event: AccessEvent) -> str:
    """Return who acted where no person did."""
    if event.is_of_visitor:
        return _("somebody who was not signed in")
    return _("the operator of the portal")


def lines_of(details: list[tuple[str, str]]) -> list[str]:
    colon = pgettext("between a label and its value", ":")
    return [f"{label}{colon} {value}" for label, value in details]


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        powers = (f"{POWERS.get(key, key)}: {_value('', is_on)}" for key, is_on in value.items())
        return ", ".join(powers)
    if isinstance(value, list):
        return join_list(value)
    if name in DAYS:
        return _day(str(value))
    return str(WORDS.get(name, {}).get(str(value), value))


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:  # altered in the database
        return text

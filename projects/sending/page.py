"""The page that shows who gets a message before it is sent (`components/sending_page.html`)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model
from django.forms import BaseForm, Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _, ngettext

from accounts.letters import Letter
from accounts.links import readable_url
from accounts.mail import MailText
from accounts.undo import UNDONE, can_be_undone
from kernel.lifecycle import Lifecycle
from kernel.pages import HasPage, Request, act, posted
from kernel.text import StrOrPromise
from kernel.undo import say_with_undo
from projects.models import Project
from projects.sending.forms import DeliveredForm, OwnLinesForm, asks_how, lines_in
from projects.sending.recipients import (
    NoticeReceipt,
    Recipient,
    languages_of,
    led_by,
    own_line,
    words_before_sending,
)

Found = TypeVar("Found", bound=Recipient)
# The button that shows a message; its value is the key of the person who will read it.
READ = "read"


def typed(request: Request, initial: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the data for a form, which begins with these values. While somebody only looks at a
    message, what they typed is shown again, and neither checked nor saved."""
    if READ in request.POST:
        lists = request.POST.lists()
        return {"initial": {name: all[0] if len(all) == 1 else all for name, all in lists}}
    return {"data": posted(request)} | ({"initial": initial} if initial else {})


def step_form(request: Request, form: type[Form], found: Sequence[Recipient], **facts: Any) -> Form:
    """Return the form of a step. `found`: whom a message about it goes to; `facts`: what a form without
    a message takes."""
    if issubclass(form, DeliveredForm):
        return form(**typed(request), found=found)
    if issubclass(form, OwnLinesForm):
        return form(**typed(request), languages=languages_of(found))
    return form(posted(request), **facts)


def typed_day(request: Request, name: str) -> date | None:
    """Return the day in a field of a form that may not be valid."""
    try:
        return parse_date(request.POST.get(name, ""))
    except ValueError:  # such as 31 February
        return None


def sending_context(
    request: Request,
    found: Sequence[Found],
    preview: Callable[[Found, Mapping[str, str]], MailText],
    *,
    reach: str = "",
    asks: StrOrPromise = "",
    capacity: StrOrPromise = "",
    enter_url: str = "",
    nobody: StrOrPromise = "",
) -> dict[str, Any]:
    """Return what the page shows, with the message to the person chosen, or to the first whom it
    reaches. `reach`: how many are reached; `asks`: what they do with it. `capacity`: the heading over
    as what they get it. `enter_url`: where a missing address is entered; `nobody`: what to say if no
    message reaches anybody."""
    chosen = request.POST.get(READ)
    reader = next((one for one in found if str(one.key) == chosen), None)
    reader = reader or next((one for one in found if one.address), None)
    reached = sum(bool(one.address) for one in found)
    return {
        "recipients": found,
        "reached": reached,
        "reach": reach or reach_of(found, reached),
        "asks": asks,
        "role": capacity,
        "enter_url": "" if found and reached == len(found) else enter_url,
        "nobody": "" if reached else nobody,
        "reader": reader,
        "preview": preview(reader, lines_in(request.POST)) if reader else None,
    }


def link_context(
    request: Request,
    found: Sequence[Recipient],
    letter: Callable[[str], Letter],
    *,
    form: BaseForm,
    about: Model,
    project: Project,
    page: str,
    all_answered: bool = False,
    **words: Any,
) -> dict[str, Any]:
    """Return the same of a letter that is made with the address of a link, each person's own, to a
    page that opens without signing in. `all_answered`: nobody is left to remind."""
    if all_answered:
        return {"recipients": [], "reach": _("All have answered.")}
    make = partial(letter, readable_url(page, "…"))

    def preview(one: Recipient, lines: Mapping[str, str]) -> MailText:
        said = led_by(own_line(lines, one.language), make)
        return words_before_sending(one, said, about=about, project=project, by=request.user)

    asks = _("They answer through a link in it and need no account.")
    words.setdefault("nobody", nobody_reached(form))
    return sending_context(request, found, preview, asks=asks, **words)


def nobody_reached(form: BaseForm) -> str:
    """Return what to say if nobody is reached, where the form asks how they get it."""
    if not asks_how(form):
        return ""
    return _("No message reaches anybody. Enter an address, or say below how they get it.")


def say_with_receipt(
    request: Request, sentence: str, receipt: NoticeReceipt, undo: str = ""
) -> None:
    """Say what was done and who got a message; `undo` as in `say_with_undo`."""
    level = messages.WARNING if receipt.without_access else messages.SUCCESS
    say_with_undo(request, f"{sentence} {receipt.sentence}".strip(), undo, level=level)


def undo_url(request: Request, thing: Lifecycle, verb: str) -> str:
    """Return where the button posts that undoes the step just taken: to the page of the step itself."""
    return request.path if can_be_undone(thing, verb, request.user) else ""


def undone(request: Request, thing: HasPage, take_back: Callable[[], object]) -> HttpResponse:
    if act(request, take_back):
        messages.success(request, UNDONE)
    return redirect(thing)


def reach_of(found: Sequence[Recipient], reached: int) -> str:
    if not found:
        return ""
    sentence = ngettext(
        "%(reached)s of %(number)s person can be reached by e-mail, in their language.",
        "%(reached)s of %(number)s people can be reached by e-mail, each in their language.",
        len(found),
    )
    return sentence % {"reached": reached, "number": len(found)}

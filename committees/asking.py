"""Asks an institution for something by link: its people get a message, or the coordination passes a
link on by messenger. The page opens without signing in and opens one thing only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.functional import lazy

from accounts.links import new_link
from accounts.mail import send_to_person, short_text
from accounts.models import User
from committees.asking_letters import asked_letter
from committees.asking_seats import replace_link
from committees.notices import NoticeReceipt
from committees.permissions.roles import people_speaking_for, people_to_let_in
from kernel.text import StrOrPromise
from partners.models import Institution
from partners.services import let_in
from projects.models import Project

SHORT = "committees/email/asked"
LINK_LASTS = timedelta(days=45)


@dataclass(frozen=True)
class Asking:
    """What is asked of an institution: the sentence that asks, and what it is about (a function,
    since each person reads it in their own language)."""

    thing: Model
    project: Project
    institution: Institution
    purpose: str
    page: str
    request: StrOrPromise
    what: Callable[[], str]
    due_on: date | None = None
    # What the page lists opens with a code that goes by e-mail.
    has_codes: bool = False
    # What the page shows and does is no matter of the coordination, which therefore gets no link to pass on.
    goes_by_mail_alone: bool = False

    def has_link_for(self, person: User) -> bool:
        return not self.goes_by_mail_alone and (bool(person.email) or not self.has_codes)

    @property
    def people(self) -> list[User]:
        """The people who speak for the institution in the project, each once."""
        contacts = people_speaking_for(self.project, [self.institution])
        return list({one.user.pk: one.user for one in contacts if one.user}.values())

    def new_link(self, person: User, *, by: User) -> str:
        """Return the address of a link that replaces those which the person had, so that the
        coordination can end one that went astray."""
        return replace_link(person, self.purpose, self.thing, self.page, by=by, lasts=LINK_LASTS)

    def link_for(self, person: User, *, by: User, lasts: timedelta) -> str:
        return new_link(person, self.purpose, self.thing, self.page, by=by, lasts=lasts)

    def facts(self, url: str) -> dict[str, Any]:
        return {
            "request": self.request,
            "institution": self.institution,
            "project": self.project,
            "what": lazy(self.what, str)(),
            "due_on": self.due_on,
            "url": url,
        }

    def short_text(self, person: User, url: str) -> str:
        """Return the same in a few words, to pass on by messenger."""
        return short_text(person, SHORT, self.facts(url), about=self.thing)


@transaction.atomic
def ask_institution(asking: Asking, *, by: User) -> NoticeReceipt:
    """Send the link to everybody who speaks for the institution and has an address."""
    sent = 0
    let_in(people_to_let_in(asking.project, [asking.institution]), by=by)
    for person in asking.people:
        if person.email:
            facts = asking.facts(asking.new_link(person, by=by))
            letter = partial(asked_letter, **facts)
            sent += bool(send_to_person(person, letter, by=by, about=asking.thing))
    return NoticeReceipt(sent, [] if sent else [str(asking.institution)])

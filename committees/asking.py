"""Asks institutions and seats for something by link: their people get a message, or the coordination
passes a link on by messenger. The page opens without signing in and opens one thing only."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from accounts.letters import Button, Detail, Details, Letter
from accounts.links import new_link
from accounts.mail import send_to_person, short_text
from accounts.models import AccessLink, OutgoingMail, User
from committees.models import Invitation, Seat, SeatTerm
from committees.permissions.roles import (
    everybody_speaking_for,
    people_speaking_for,
    people_to_let_in,
)
from kernel.formats import day
from kernel.pages import Crumbs, HasPage, Request, form_page, saved
from kernel.text import StrOrPromise
from partners.models import Institution
from partners.services import let_in
from projects.models import Project
from projects.sending.forms import OwnLinesForm
from projects.sending.page import link_context, typed
from projects.sending.recipients import (
    NoticeReceipt,
    Recipient,
    each_once,
    languages_of,
    led_by,
    own_line,
)
from projects.sending.sent import occasion_now, sent_messages


def asked_letter(
    *,
    request: StrOrPromise,
    what: object,
    institution: Institution,
    project: Project,
    due_on: date | None,
    url: str,
) -> Letter:
    return Letter(
        subject=str(request).rstrip("."),
        body=[
            str(request),
            str(what),
            Details(
                [
                    Detail(_("Institution"), institution),
                    Detail(_("Project"), project),
                    Detail(_("Until"), day(due_on) if due_on else ""),
                ]
            ),
            _("This page opens without signing in."),
        ],
        button=Button(_("Open the page"), url),
        after=[
            _(
                "Opening the page changes nothing; only what you confirm there counts, in the name "
                "of your institution. The link is only for you. Please do not pass it on."
            )
        ],
    )


def seat_terms_today(seats: Iterable[Seat]) -> list[SeatTerm]:
    """Return the terms of those who hold these seats today, and of their alternates."""
    terms = SeatTerm.objects.on(timezone.localdate()).filter(
        seat__in=list(seats), contact__ended_on=None
    )
    terms = terms.select_related("contact__user", "seat__institution")
    return list(terms.prefetch_related("seat__institution__names"))


def reachable_person(term: SeatTerm) -> User | None:
    """Return the person's account, or None if the portal cannot write to it."""
    person = term.contact.user
    return person if person and person.is_active and person.email else None


def seat_recipients(terms: Iterable[SeatTerm]) -> list[Recipient]:
    """Return whom `ask_seats_by_link` writes to, each person once."""
    in_order = sorted(terms, key=lambda term: (term.seat.position, term.pk))
    return each_once(
        Recipient(contact=term.contact, place=term.seat, capacity=_capacity_of(term))
        for term in in_order
    )


def _capacity_of(term: SeatTerm) -> str:
    """Return as what somebody is written to: without a vote as an observer, as in invitations."""
    if term.seat.is_voting:
        return term.get_capacity_display()
    return str(Invitation.Capacity.OBSERVER.label)


def has_address(seat: Seat, on: date) -> bool:
    """Whether a request reaches somebody of the seat, by an account or by an address that gets one."""
    return any(
        term.contact.reached_at for term in seat.terms_on(on) if term.contact.ended_on is None
    )


@transaction.atomic
def ask_seats_by_link(
    terms: Iterable[SeatTerm],
    letter: Callable[[str], Letter],
    *,
    about: models.Model,
    by: User | None,
    link: Callable[[User], str],
    occasion: str,
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Send each person of these terms the letter with the address from `link(person)`, and these lines
    of the sender's own by language.

    `occasion` names the request: somebody who had it already gets no second message, and the
    link that they have stays valid.
    """
    terms = list(terms)
    let_in([term.contact for term in terms], by=by)
    people = {person.pk: person for term in terms if (person := reachable_person(term))}
    sent = 0
    for person in people.values():
        key = f"{occasion}:{person.pk}"
        if OutgoingMail.objects.filter(key=key).exists():
            continue
        send_to_person(
            person,
            led_by(own_line(lines or {}, person.language), partial(letter, link(person))),
            by=by,
            key=key,
            about=about,
        )
        sent += 1
    without_access = [
        f"{term.seat} ({term.get_capacity_display()})"
        for term in terms
        if not reachable_person(term)
    ]
    return NoticeReceipt(people=sent, without_access=without_access)


def replace_link(
    person: User,
    purpose: str,
    thing: models.Model,
    page: str,
    *,
    by: User | None,
    lasts: timedelta = timedelta(days=30),
) -> str:
    """Return the address of a new link (`new_link`), and end the one that the person had to the thing."""
    AccessLink.objects.filter(
        content_type=ContentType.objects.get_for_model(thing),
        object_id=thing.pk,
        purpose=purpose,
        user=person,
    ).revoke(by=by)
    return new_link(person, purpose, thing, page, by=by, lasts=lasts)


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

    @property
    def occasion(self) -> str:
        """Return by what the outbox knows the messages that ask for it."""
        return f"asked:{self.purpose}:{self.thing.pk}"

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
def ask_institution(
    asking: Asking, *, by: User, lines: Mapping[str, str] | None = None
) -> NoticeReceipt:
    """Send the link to everybody who speaks for the institution and has an address, with these lines of
    the sender's own by language."""
    sent, occasion = 0, occasion_now(asking.occasion)
    let_in(people_to_let_in(asking.project, [asking.institution]), by=by)
    for person in asking.people:
        if person.email:
            facts = asking.facts(asking.new_link(person, by=by))
            letter = led_by(own_line(lines or {}, person.language), partial(asked_letter, **facts))
            key = f"{occasion}:{person.pk}"
            sent += bool(send_to_person(person, letter, by=by, about=asking.thing, key=key))
    return NoticeReceipt(sent, [] if sent else [str(asking.institution)])


def asking_page(
    request: Request, asking: Asking, back: str | HasPage, *, title: str, crumbs: Crumbs
) -> HttpResponse:
    """Show who is asked. One button writes to all, another makes a link for one of them, which is
    shown in the answer itself: a redirect would have to store it."""
    people = asking.people
    contacts = everybody_speaking_for(asking.project, [asking.institution])
    found = each_once(Recipient(contact=one, place=one.institution.short_name) for one in contacts)
    form = OwnLinesForm(**typed(request), languages=languages_of(found))
    nobody = _("No message reaches anybody. Enter an address, or pass a link on yourself.")
    context: dict[str, Any] = {
        "asking": asking,
        "people": [(person, asking.has_link_for(person)) for person in people],
        "sent": sent_messages(asking.occasion),
    }
    if "person" not in request.POST and form.is_valid():
        if any(one.address for one in found):
            sent = ask_institution(asking, by=request.user, lines=form.lines)
            return saved(request, sent.sentence, back)
        form.add_error(None, nobody)
    elif "person" in request.POST:
        chosen = request.POST["person"]
        known = User.objects.filter(pk__in=[one.pk for one in people if asking.has_link_for(one)])
        person = get_object_or_404(known, pk=chosen if chosen.isdecimal() else None)
        url = asking.new_link(person, by=request.user)
        context["fresh"] = {
            "person": person,
            "url": url,
            "text": asking.short_text(person, url),
        }
        form = OwnLinesForm(languages=languages_of(found))
    context |= {"title": title, "back": back, "crumbs": crumbs, "nobody": nobody}
    return _page_of(request, asking, form, found, context)


def _page_of(
    request: Request,
    asking: Asking,
    form: OwnLinesForm,
    found: list[Recipient],
    context: dict[str, Any],
) -> HttpResponse:
    shown = link_context(
        request,
        found,
        lambda url: asked_letter(**asking.facts(url)),
        form=form,
        about=asking.thing,
        project=asking.project,
        page=asking.page,
        nobody=context.pop("nobody"),
        enter_url=asking.institution.get_absolute_url(),
    )
    return form_page(
        request,
        form,
        intro=f"{asking.institution} · {asking.what()}",
        submit=_("Send the link by e-mail"),
        template="committees/ask_by_link.html",
        **shown,
        **context,
    )

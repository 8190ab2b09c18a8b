"""Who gets a message, in which language and by which way, and whom none reaches."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.letters import Block, Foreign, Letter
from accounts.mail import MailText, envelope_of, write
from accounts.models import OutgoingMail, User
from accounts.reading import written_for
from kernel.formats import day, join_list
from kernel.languages import LANGUAGES, reading_order, working_in
from partners.models import Contact
from partners.naming import read_by
from projects.models import NamedTo, Project, Representation
from projects.models.representation import RepresentationQuerySet
from projects.permissions.naming import NamesForAudience, Readers

READS = Representation.Right.READS


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody to whom a message is due. `place`: the seat or the institution for which they get it.
    `capacity`: as what; `is_asked`: not only for information. `withheld`: why nothing is sent to them, and `url`, where that is changed."""

    contact: Contact
    place: object
    capacity: str = ""
    is_asked: bool = True
    # The last message to them, if it came back.
    returned: OutgoingMail | None = None
    withheld: str = ""
    url: str = ""

    @property
    def key(self) -> int:
        return self.contact.pk

    @property
    def address(self) -> str:
        return "" if self.withheld else self.contact.reached_at

    @property
    def reader(self) -> User:
        """The person as they read; without an account, as theirs will be at first, not saved."""
        contact = self.contact
        if contact.user and contact.user.is_active and not contact.ended_on:
            return contact.user
        return User(full_name=contact.full_name, email=contact.email, language=contact.language)

    @property
    def language(self) -> str:
        return self.reader.language

    @property
    def language_name(self) -> str:
        return str(LANGUAGES[self.language])

    @property
    def trouble(self) -> str:
        """Say why no message reaches them, or may not; empty if one does."""
        if self.withheld:
            return self.withheld
        if not self.address and self.contact.user_id:
            return _("The account is closed or has no address: tell this person yourself.")
        if self.contact.is_minor and not self.address:
            return _("A minor receives no account: inform the person accompanying them.")
        if not self.address:
            return _("No e-mail address: enter one, or tell this person yourself.")
        if returned_at := self._returned_at:
            return _("The last message to this person came back on %(day)s: check the address.") % {
                "day": day(returned_at)
            }
        return ""

    @property
    def _returned_at(self) -> datetime | None:
        """When the last message of this kind came back, or any to the present address."""
        returned = self.returned.bounced_at if self.returned else None
        return returned or self.reader.came_back_at

    @property
    def says_more(self) -> bool:
        """Whether the trouble is another one than a missing address, which the page explains."""
        contact = self.contact
        return bool(self.withheld or self.address or contact.user_id or contact.is_minor)


def each_once(found: Iterable[Recipient]) -> list[Recipient]:
    """Return each person once: who is there for several seats or institutions gets one message."""
    once: dict[str, Recipient] = {}
    for one in found:
        once.setdefault(one.contact.reached_at.casefold() or str(one.contact.pk), one)
    return list(once.values())


def representatives(rows: RepresentationQuerySet) -> list[Recipient]:
    """Return these people, each once. Those whom nobody has confirmed get nothing."""
    found = sorted(rows.with_related(), key=lambda row: (row.is_pending, row.right == READS))
    return each_once(_recipient(row) for row in found)


def _recipient(row: Representation) -> Recipient:
    row.contact.institution = row.participation.institution
    return Recipient(
        contact=row.contact,
        place=row.participation.institution.short_name,
        capacity=row.get_right_display(),
        is_asked=row.right != READS,
        withheld=_not_confirmed(row) if row.is_pending else "",
        url=row.get_absolute_url() if row.is_pending else _contact_url(row),
    )


def _contact_url(row: Representation) -> str:
    return reverse("partners:contact-edit", args=[row.contact.institution_id, row.contact.pk])


def _not_confirmed(row: Representation) -> str:
    place = row.participation
    colleagues = Representation.objects.in_force().filter(
        participation__project=place.project_id, participation__institution=place.institution_id
    )
    if row.granted_by_id:
        colleagues = colleagues.exclude(contact__user=row.granted_by_id)
    names = list(colleagues.values_list("contact__full_name", flat=True))
    if not names:
        return _("Not confirmed yet: an administrator has to confirm this person first.")
    return _(
        "Not confirmed yet: an administrator has to confirm this person first, or %(people)s."
    ) % {"people": join_list(names)}


def languages_of(found: Iterable[Recipient]) -> list[str]:
    """Return the languages in which these people read, in the order of the project."""
    read = {each.language for each in found if each.address}
    return [language for language in reading_order() if language in read]


# --- The message ---


def own_line(lines: Mapping[str, str], language: str) -> Block:
    """Return the sender's own line in this language, or else in another, which it says."""
    if own := lines.get(language):
        return own
    return next((Foreign(text, other) for other, text in lines.items()), "")


def led_by(line: Block, make: Callable[[], Letter]) -> Callable[[], Letter]:
    """Let the message begin with this line of the sender's own."""

    def letter() -> Letter:
        written = make()
        return replace(written, body=[line, *written.body]) if line else written

    return letter


def words_before_sending(
    one: Recipient,
    make: Callable[[], Letter],
    *,
    about: Model,
    project: Project,
    by: User | None,
    audience: str = NamedTo.COMMITTEE,
) -> MailText:
    """Return the message as the person will read it. Nothing is sent. `audience`: whom those who have
    no account yet will read as."""
    reader = one.reader
    known = reader if reader.pk else None
    with (
        _written_to(one.contact, known, about, project, audience),
        translation.override(reader.language),
        timezone.override(reader.zone),
    ):
        return write(make(), reader, envelope_of(known, about, by))


@contextmanager
def _written_to(
    contact: Contact, person: User | None, about: Model, project: Project, audience: str
) -> Iterator[None]:
    """Name only the institutions that the person may know. Whoever has no account reads as somebody who
    speaks for their institution, since that is what the account will be of."""
    if person:
        with written_for(person, about):
            yield
        return
    institution = contact.institution
    readers = Readers(
        audiences=frozenset({audience, NamedTo.PUBLIC}),
        own=frozenset({institution.pk}),
        belong_to=lambda: {institution.pk: institution.kind},
    )
    with working_in(project), read_by(NamesForAudience(project, readers)):
        yield


# --- Afterwards ---


@dataclass(frozen=True)
class NoticeReceipt:
    """How many people a message was sent to, the seats whose people none reaches, and sentences on
    what was not sent on purpose."""

    people: int = 0
    without_access: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __add__(self, other: "NoticeReceipt") -> "NoticeReceipt":
        return NoticeReceipt(
            self.people + other.people,
            [*self.without_access, *other.without_access],
            [*self.notes, *other.notes],
        )

    @property
    def sentence(self) -> str:
        return self.said()

    def said(self, *, waits: bool = False) -> str:
        """Return what is said of them. `waits`: the messages go out once “Undo” is over."""
        return " ".join(filter(None, [self._reached(waits=waits), *self.notes]))

    def _reached(self, *, waits: bool) -> str:
        if not self.people and not self.without_access:
            return ""
        sent = _("Messages sent: %(number)s.")
        if not settings.SENDS_MAIL:
            sent = _("Messages prepared, not sent: %(number)s.")
        elif waits:
            sent = _("Messages that go out in half a minute: %(number)s.")
        sent %= {"number": self.people}
        if not self.without_access:
            return sent
        unreached = _("No message reaches these, so please inform them yourself: %(seats)s.") % {
            "seats": join_list(self.without_access)
        }
        return f"{sent} {unreached}"

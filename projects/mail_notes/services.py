"""Takes what people answer by mail, and hears of messages that came back (`accounts.mail_in`)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.mail_in.reading import MailPicture, WrittenReply
from accounts.models import AccessLink, OutgoingMail, User
from kernel import typed_texts
from kernel.personal import looks_personal
from kernel.refusal import Refusal
from partners.models import Contact
from projects.institutions.services.links import coordinator_of, project_of
from projects.mail_notes.coordination import keep_pictures
from projects.mail_notes.letters import (
    OpenQuestion,
    Receipt,
    mail_returned_letter,
    note_received_letter,
)
from projects.models import MailNote, Project, Representation
from projects.models.places import place_sources

PURPOSE = "mail_note"
LASTS = timedelta(days=30)

# What else becomes of a note, once it came and whenever other people may read it. Apps above this one
# say so once, when they are loaded.
Follow = Callable[[MailNote], None]
_followers: list[Follow] = []


def add_note_follower(follow: Follow) -> None:
    _followers.append(follow)


# Whether a person without a place in the project may write about this thing, such as a guest about the
# meeting to which they are invited.
MayWriteAsGuest = Callable[[User, models.Model], bool]
_guest_rights: list[MayWriteAsGuest] = []


def add_guest_right(may_write: MayWriteAsGuest) -> None:
    _guest_rights.append(may_write)


def may_write(person: User, project: Project, thing: models.Model | None) -> bool:
    """Whether the person belongs to the project today, or was asked about this very thing. Addresses
    and links last longer than that."""
    if Project.objects.visible_to(person).filter(pk=project.pk).exists():
        return True
    waiting = Representation.objects.open().filter(contact__user=person, contact__ended_on=None)
    if waiting.filter(participation__project=project).exists():
        return True
    return thing is not None and any(is_guest(person, thing) for is_guest in _guest_rights)


# What the person was asked about the thing and has not answered yet, such as whether they come to a
# meeting; with what they have written.
FindQuestion = Callable[[User, models.Model, str], OpenQuestion | None]
_questions: list[FindQuestion] = []


def add_open_question(find: FindQuestion) -> None:
    _questions.append(find)


def take_written_reply(person: User, thing: models.Model, reply: WrittenReply) -> str | None:
    return take_reply(person, thing, reply.text, pictures=reply.pictures, left_out=reply.left_out)


def take_reply(
    person: User,
    thing: models.Model,
    text: str,
    *,
    pictures: Sequence[MailPicture] = (),
    left_out: int = 0,
) -> str | None:
    """Keep a reply as a note for the coordination of the project, and confirm it to its author. Raises
    Refusal if they left it, if it is closed, or if there is nothing in it that is kept."""
    project = project_of(thing)
    if project is None:
        return None
    refuse_closed(project)
    thing = _original(thing, project)
    _refuse_who_left(person, project, thing)
    if not (text or pictures):
        raise Refusal(
            _(
                "There were no words in it, and the portal takes only photographs as attachments. "
                "Answer on the page below, or write what you want to say."
            )
        )
    note = _note(project, person, thing, text=text)
    note.save()
    refused = keep_pictures(note, pictures)
    for follow in _followers:
        follow(note)
    _link, token = AccessLink.issue(person, PURPOSE, note, by=None, lasts=LASTS)
    receipt = Receipt(
        url=absolute_url(reverse("projects:mail-note-link", args=[token])),
        warnings=looks_personal(text),
        kept_photos=len(pictures) - len(refused),
        photos=refused,
        left_out=left_out,
        question=next(filter(None, (find(person, thing, text) for find in _questions)), None),
    )
    letter = partial(note_received_letter, note, receipt)
    send_to_person(person, letter, about=note, key=f"note:{note.pk}", thread=thing)
    return ""


def _original(thing: models.Model, project: Project) -> models.Model:
    """An answer to a message about a note is about the same thing as the note."""
    return (thing.thing or project) if isinstance(thing, MailNote) else thing


def _note(project: Project, person: User, thing: models.Model, **values: Any) -> MailNote:
    kind = ContentType.objects.get_for_model(thing)
    return MailNote(project=project, by=person, content_type=kind, object_id=thing.pk, **values)


def hear_of_unconfirmed(person: User, thing: models.Model) -> None:
    """Let the coordination see that something came in the person's name that nobody could confirm:
    once a day, without its words."""
    project = project_of(thing)
    if project is None or project.is_closed:
        return
    thing = _original(thing, project)
    if not may_write(person, project, thing):
        return
    note = _note(project, person, thing, is_confirmed=False)
    known = MailNote.objects.filter(
        *[Q(**{name: getattr(note, name)}) for name in ("by", "content_type", "object_id")],
        is_confirmed=False,
        received_at__date=timezone.localdate(),
    )
    if not known.exists():
        note.save()


def refuse_closed(project: Project) -> None:
    """Take nothing by mail that nobody could send from a page."""
    if project.is_closed:
        raise Refusal(
            _(
                "This project was closed, so your message was not taken. Please write to its "
                "coordination at its own address."
            )
        )


def _refuse_who_left(person: User, project: Project, thing: models.Model | None) -> None:
    if not may_write(person, project, thing):
        raise Refusal(
            _(
                "You do not belong to this project any more, so your message was not taken. Please "
                "write to its coordination at its own address."
            )
        )


@transaction.atomic
def let_read(note: MailNote, audience: str) -> bool:
    """Let these people read it; return False if they did already. Raises Refusal."""
    note = MailNote.objects.select_for_update(of=["self"]).get(pk=note.pk)
    if note.audience == audience:
        return False
    _refuse_who_left(note.by, note.project, note.thing)
    note.audience = audience
    note.released_at = timezone.now() if audience == MailNote.Audience.COMMITTEE else None
    if note.released_at:  # as if they typed it on the page now
        typed_texts.take(note.text)
    note.save(update_fields=["audience", "released_at"])
    for follow in _followers:
        follow(note)
    return True


def hear_of_return(person: User, mail: OutgoingMail) -> None:
    """Notify the coordination: of the project that the message was about, else of all in which the
    person has a place. Nobody else needs to know them."""
    about = project_of(thing_of_thread(mail.thread))
    for project in [about] if about else projects_of(person):
        coordinator = coordinator_of(project)
        if coordinator and coordinator != person:
            letter = partial(mail_returned_letter, project, person)
            key = f"returned:{mail.pk}:{project.pk}"
            send_to_person(coordinator, letter, about=project, key=key)


def thing_of_thread(thread: str) -> models.Model | None:
    """Return what a message was about (`OutgoingMail.thread`), if that is still there."""
    label, _dot, key = thread.rpartition(".")
    if not label or not key.isdecimal():
        return None
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return None
    found: models.Model | None = model._base_manager.filter(pk=int(key)).first()
    return found


def projects_of(person: User) -> list[Project]:
    """Return the projects in which the person stands for an institution, also before it is confirmed, or
    has another place, such as a seat."""
    contacts = Contact.objects.filter(user=person, ended_on=None).values("pk")
    represented = Representation.objects.open().filter(contact__in=contacts)
    found = Q(pk__in=represented.values("participation__project"))
    for source in place_sources:
        found |= Q(pk__in=source().filter(contact__in=contacts).values("place_in"))
    return list(Project.objects.filter(found).order_by("pk"))


def addresses_of_contacts(person: User) -> list[str]:
    """Return the addresses under which institutions know the person."""
    found = Contact.objects.filter(user=person, ended_on=None).exclude(email="")
    return list(found.values_list("email", flat=True))

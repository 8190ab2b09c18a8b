"""What is written about messages that came by mail, and about those that came back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _, ngettext

from accounts.letters import Block, Button, Detail, Details, Letter, Line, Lines
from accounts.links import absolute_url
from accounts.models import User
from projects.models import MailNote, Project
from projects.pages import reverse_in


@dataclass(frozen=True)
class OpenQuestion:
    """What the person was asked and has not answered by their message. `url`: where they do."""

    sentence: str
    label: str
    url: str


@dataclass(frozen=True)
class Receipt:
    """What the receipt says to the author of a message.

    `url`: where they choose who reads it. `warnings`: what in it may identify a person. `photos`: why
    each of these was not accepted. `left_out`: how many other attachments were dropped.
    """

    url: str
    warnings: Sequence[object] = ()
    kept_photos: int = 0
    photos: Sequence[str] = ()
    left_out: int = 0
    question: OpenQuestion | None = None


def note_received_letter(note: MailNote, receipt: Receipt) -> Letter:
    question = receipt.question
    choose = Button(_("Choose who reads it"), receipt.url)
    return Letter(
        subject=_("Your message was received"),
        body=[
            _("Your message has arrived. Only the coordination reads it."),
            question.sentence if question else "",
            Details(
                [
                    Detail(_("About"), note.about),
                    Detail(_("Project"), note.project.short_title),
                    Detail(_("Your message"), note.text),
                ]
            ),
            Lines(
                _("Look at it again, since it may hold data about a person"),
                [Line(warning) for warning in receipt.warnings],
            ),
            *_attachment_blocks(receipt),
        ],
        button=Button(question.label, question.url) if question else choose,
        after=[
            Lines(_("About your message"), [Line(choose.label, choose.url)]) if question else "",
            _(
                "There you can also withdraw it. The page opens without signing in; the link is only "
                "for you."
            ),
            _("If this was not you, please inform the coordination."),
        ],
    )


def _attachment_blocks(receipt: Receipt) -> list[Block]:
    """Say what became of photographs and other attachments, where there were any."""
    blocks: list[Block] = []
    if receipt.kept_photos:
        sentence = ngettext(
            "Your photograph was kept for the coordination, without the place where it was taken.",
            "Your %(count)s photographs were kept for the coordination, without the place where they "
            "were taken.",
            receipt.kept_photos,
        )
        blocks.append(sentence % {"count": receipt.kept_photos})
    if receipt.photos:
        title = _("These photographs could not be kept. Upload them on the page of your message")
        blocks.append(Lines(title, [Line(why, receipt.url) for why in receipt.photos]))
    if receipt.left_out:
        blocks.append(
            _("Other attachments were left out: the portal takes only photographs by e-mail.")
        )
    return blocks


def notes_arrived_letter(project: Project, notes: Sequence[MailNote]) -> Letter:
    """One message about all that came within some minutes."""
    sentence = ngettext(
        "Somebody answered a message of the portal by e-mail. Only the coordination reads it.",
        "%(count)s answers to messages of the portal came by e-mail. Only the coordination reads "
        "them.",
        len(notes),
    )
    return Letter(
        subject=_("Messages came by e-mail"),
        body=[
            sentence % {"count": len(notes)},
            Details([Detail(_("Project"), project.short_title)]),
            Lines(
                _("From"),
                [Line(f"{note.by} · {note.about}", note=_note_of(note)) for note in notes],
            ),
        ],
        button=Button(_("Read the messages"), absolute_url(notes_page(project))),
    )


def _note_of(note: MailNote) -> str:
    return "" if note.is_confirmed else _("unconfirmed, not recorded")


def note_answered_letter(note: MailNote) -> Letter:
    return Letter(
        subject=_("The coordination answered you"),
        body=[
            _("The coordination answered the message that you sent by e-mail."),
            Details(
                [
                    Detail(_("About"), note.about),
                    Detail(_("Project"), note.project.short_title),
                    Detail(_("Your message"), note.text),
                    Detail(_("Answer"), note.answer),
                ]
            ),
        ],
    )


def mail_returned_letter(project: Project, person: User) -> Letter:
    return Letter(
        subject=_("A message came back"),
        body=[
            _(
                "A message to the person below could not be delivered. Ask them for their address, and "
                "enter it: until then no message of the portal reaches them."
            ),
            Details(
                [
                    Detail(_("Person"), person),
                    Detail(_("E-mail address"), person.email),
                    Detail(_("Project"), project.short_title),
                ]
            ),
        ],
        button=Button(
            _("Open the project's people"), absolute_url(reverse_in(project, "participations"))
        ),
    )


def notes_page(project: Project) -> str:
    return reverse_in(project, "mail-notes")

"""What is written about messages that came by mail, and about those that came back."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.letters import Button, Detail, Details, Letter, Line, Lines
from accounts.links import absolute_url
from accounts.models import User
from projects.models import MailNote, Project
from projects.pages import reverse_in


def note_received_letter(note: MailNote, url: str, warnings: Sequence[object] = ()) -> Letter:
    """`url`: where its author chooses who reads it. `warnings`: what in it may identify a person."""
    return Letter(
        subject=_("Your message was received"),
        body=[
            _("Your message has arrived. Only the coordination reads it."),
            Details(
                [
                    Detail(_("About"), note.about),
                    Detail(_("Project"), note.project.short_title),
                    Detail(_("Your message"), note.text),
                ]
            ),
            Lines(
                _("Look at it again, since it may hold data about a person"),
                [Line(warning) for warning in warnings],
            ),
        ],
        button=Button(_("Choose who reads it"), url),
        after=[
            _(
                "There you can also withdraw it. Quoted text, signatures and attachments were left out. "
                "The page opens without signing in; the link is only for you."
            ),
            _("If this was not you, please inform the coordination."),
        ],
    )


def note_arrived_letter(note: MailNote) -> Letter:
    return Letter(
        subject=_("A message came by e-mail"),
        body=[
            _(
                "Somebody answered a message of the portal by e-mail. Only the coordination "
                "reads it."
            ),
            Details(
                [
                    Detail(_("From"), note.by),
                    Detail(_("About"), note.about),
                    Detail(_("Project"), note.project.short_title),
                ]
            ),
        ],
        button=Button(_("Read the message"), absolute_url(notes_page(note.project))),
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

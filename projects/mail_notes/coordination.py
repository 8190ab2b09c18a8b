"""What the coordination hears of messages that came by mail, how it answers them, and what becomes of
their photographs."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import groupby

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.mail_in.reading import MailPicture
from accounts.models import User
from kernel.files import PICTURES, CheckedFile, check_upload
from kernel.text import clean_text
from projects.institutions.services.links import coordinator_of
from projects.mail_notes.letters import note_answered_letter, notes_arrived_letter
from projects.models import MailNote, MailPhoto

# Older ones were announced one by one, by release 1.0.
NEWEST = timedelta(days=2)


@transaction.atomic
def announce_notes() -> int:
    """Write to the coordination of each project about all that came since the last time, in one message;
    return how many notes those were. The scheduler calls it every few minutes."""
    waiting = MailNote.objects.standing().filter(
        announced_at=None, received_at__gte=timezone.now() - NEWEST
    )
    waiting = waiting.select_related("project", "by", "content_type", "answered_by")
    waiting = waiting.select_for_update(of=["self"], skip_locked=True)
    notes = list(waiting.order_by("project", "pk"))
    for project, group in groupby(notes, key=lambda note: note.project):
        coordinator = coordinator_of(project)
        of_others = [note for note in group if note.by != coordinator]
        if coordinator and of_others:
            letter = partial(notes_arrived_letter, project, of_others)
            key = f"notes-arrived:{of_others[-1].pk}"
            send_to_person(coordinator, letter, about=project, key=key)
    MailNote.objects.filter(pk__in=[note.pk for note in notes]).update(announced_at=timezone.now())
    return len(notes)


@transaction.atomic
def answer_note(note: MailNote, text: str, *, by: User) -> bool:
    """Send the answer to the author of the note, and mark it as answered; without words it only marks
    it. Return False if somebody else did so first."""
    note = MailNote.objects.select_for_update(of=["self"]).get(pk=note.pk)
    if note.answered_at:
        return False
    note.answer, note.answered_by, note.answered_at = text, by, timezone.now()
    note.save(update_fields=["answer", "answered_by", "answered_at"])
    if text:
        letter = partial(note_answered_letter, note)
        thing = note.thing or note.project
        send_to_person(note.by, letter, about=note, by=by, thread=thing)
    return True


# --- Photos ---
#
# Photographs that came with a message: written anew as uploads are, without the place where they
# were taken, and held for the coordination.

LONGEST_NAME = 60


def keep_pictures(note: MailNote, pictures: Sequence[MailPicture]) -> list[str]:
    """Keep what can be kept; return for each of the others its name, and why not."""
    refused = []
    for number, picture in enumerate(pictures, start=1):
        extension = picture.name.rpartition(".")[2].lower()
        # Their own names may say who is shown.
        uploaded = SimpleUploadedFile(f"{number}.{extension}", picture.content)
        try:
            keep_photo(
                note, check_upload(uploaded, allowed=PICTURES, max_bytes=MailPhoto.MAX_BYTES)
            )
        except ValidationError as error:
            name = clean_text(picture.name)[-LONGEST_NAME:] or _("photograph")
            refused.append(f"{name}: {' '.join(error.messages)}")
    return refused


def keep_photo(note: MailNote, checked: CheckedFile) -> None:
    photo = MailPhoto(note=note)
    photo.keep(checked)
    photo.save()

"""Progress notes: the responsible institution or the coordination notes how far an action is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.models import User
from committees.asking import Asking
from committees.models import Action, ActionPlan, Channel, NoteFile, ProgressNote
from committees.permissions.roles import people_speaking_for
from committees.plans.services.review import users_of
from kernel.files import CheckedFile
from kernel.refusal import Refusal
from kernel.text import active_language
from partners.models import Institution

ENTERED = "committees/email/note_entered"
Status = Action.Status

# The steps that an institution may take; only the coordination verifies, cancels and reopens.
OF_INSTITUTIONS = frozenset({"start", "block", "finish"})
COMPLETES = frozenset({"finish", "verify"})


@dataclass(frozen=True)
class ProgressEntry:
    """The content of a progress note, and the channel by which it came."""

    share_done: int
    by: User | None
    step: str = ""
    text: str = ""
    language: str = ""
    institution: Institution | None = None
    channel: str = Channel.PORTAL
    evidence: str = ""
    on: date | None = None
    key: uuid.UUID | None = None
    files: Sequence[CheckedFile] = ()


@transaction.atomic
def note_progress(action: Action, entry: ProgressEntry) -> ProgressNote:
    """Add a note and move the action accordingly. The same form sent twice adds one note.

    Without a step, the state follows from the share done: above 0 the action is in progress, at
    100 it is done. A note dated before the last one is recorded but moves nothing. Raises Refusal
    or TransitionError with a sentence.
    """
    held = Action.objects.select_for_update().get(pk=action.pk)
    action.status, action.share_done = held.status, held.share_done
    if entry.key:
        before = ProgressNote.objects.filter(entry_key=entry.key, action=action).first()
        if before:
            return before
    on = entry.on or timezone.localdate()
    if reason := why_not_noting(action, entry, on):
        raise Refusal(reason)

    step = entry.step or step_of_share(action, entry.share_done)
    share = 100 if step in COMPLETES else entry.share_done
    if not action.notes.filter(noted_on__gt=on).exists():
        action.note_progress(share, by=entry.by, step=step, why=entry.text, on=on)
    note = ProgressNote(
        action=action,
        share_done=share,
        text=entry.text.strip(),
        language=entry.language or active_language(),
        noted_on=on,
        institution=entry.institution,
        channel=entry.channel,
        evidence=entry.evidence.strip(),
        by=entry.by,
        entry_key=entry.key,
    )
    note.full_clean()
    note.save()
    _keep_files(note, entry.files)
    if note.was_entered_for_it:
        _confirm(note)
    return note


def _keep_files(note: ProgressNote, files: Sequence[CheckedFile]) -> None:
    for checked in files:
        file = NoteFile(note=note)
        file.keep(checked)
        file.save()


def why_not_noting(action: Action, entry: ProgressEntry, on: date) -> str:
    """Return the sentence that says why this cannot be noted now, or nothing."""
    if not action.is_followed:
        return _("Progress is noted while a plan with this action is in execution.")
    if on > timezone.localdate():
        return _("This day is in the future: choose today or an earlier day.")
    if action.status == Status.CANCELLED:
        return _("This action was cancelled: its progress is no longer noted.")
    is_done = action.status in {Status.DONE, Status.VERIFIED}
    if is_done and not entry.step and entry.share_done < 100:
        return _("This action is done. Ask the coordination to open it again.")
    return ""


def step_of_share(action: Action, share: int) -> str:
    """Return the step that follows from the share done: "start", "finish" or none."""
    if share >= 100 and action.may_take("finish"):
        return "finish"
    if 0 < share < 100 and action.status == Status.TO_DO:
        return "start"
    return ""


NOTE_PURPOSE = "note_progress"


def asking_for_progress(action: Action) -> Asking | None:
    """Return what is asked by link of the institution that is responsible in the plan in execution;
    None if progress is not noted now."""
    running = action.terms.filter(plan__status=ActionPlan.Status.IN_EXECUTION)
    terms = running.select_related("responsible").prefetch_related("responsible__names").first()
    if terms is None or action.status in {Status.CANCELLED, Status.VERIFIED}:
        return None
    return Asking(
        thing=action,
        project=action.project,
        institution=terms.responsible,
        purpose=NOTE_PURPOSE,
        page="committees:action-link",
        request=gettext_lazy("Please report the progress of this action."),
        what=lambda: f"{action.reference} {terms.title}",
        due_on=terms.ends_on,
    )


def _confirm(note: ProgressNote) -> None:
    """Notify the institution of the note that the coordination entered in its name."""
    if note.institution is None:
        return
    facts = {
        "note": note,
        "action": note.action,
        "project": note.action.project,
        "url": absolute_url(note.action.get_absolute_url()),
    }
    for person in users_of(people_speaking_for(note.action.project, [note.institution])):
        subject = gettext_lazy("A note was entered for you")
        send_to_person(person, ENTERED, facts, subject=subject, about=note)

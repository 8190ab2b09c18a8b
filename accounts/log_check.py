"""Signs the access log at regular moments, and checks it against what was signed.

The chain alone shows that events were changed, removed, inserted or reordered by somebody who
does not have its key. Whether the last ones are missing shows only in a checkpoint that was made after them.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts.account_letters import access_log_altered_letter, checkpoint_letter
from accounts.checkpoints import Checkpoint, append_to, checkpoints_in, newest_in, own_checkpoints
from accounts.database_objects import altered_objects
from accounts.identities import (
    Identities,
    known_identities,
    record_earlier_identities,
    recorded_identities,
    renew_identities,
)
from accounts.mail import send_to_address, send_to_person
from accounts.models import NOTHING_BEFORE, AccessChain, AccessEvent, OutgoingMail, User
from accounts.models.access_log import AccessEventQuerySet
from kernel.formats import moment
from kernel.languages import organisation_languages

logger = logging.getLogger(__name__)

# The daily check of the portal is over: `is_whole`.
log_checked = Signal()

# The newest checkpoint covers all events before it, so older ones only narrow down what happened.
MOST_CHECKPOINTS = 2000
MOST_PROBLEMS = 20
WITNESS_KEY = "checkpoint:"


# --- Signing ------------------------------------------------------------------------------


def keep_checkpoint() -> Checkpoint | None:
    """Sign the head of the chain and keep the checkpoint in the file; send the newest one to the
    witness.

    Returns None if nothing happened since the newest one.
    """
    record_earlier_identities()
    newest = newest_in(settings.ACCESS_LOG_CHECKPOINTS)
    state = _sign_head(newest)
    if sent := state or newest:
        send_to_witness(sent)
    return state


def _sign_head(newest: Checkpoint | None) -> Checkpoint | None:
    chain = AccessChain.objects.filter(pk=1).first()
    if chain is None or not chain.number:
        return None
    if newest and (newest.sequence, newest.head) == (chain.number, chain.head):
        return None
    beginning = AccessEvent.objects.beginning()
    if newest and not _agrees(newest, beginning):
        logger.error("The access log has changed since its last checkpoint: check it.")
    state = Checkpoint.signed(sequence=chain.number, head=chain.head)
    append_to(settings.ACCESS_LOG_CHECKPOINTS, state)
    return state


def _agrees(newest: Checkpoint, beginning: Checkpoint | None) -> bool:
    if beginning and newest.sequence <= beginning.sequence:
        return True
    return AccessEvent.objects.filter(number=newest.sequence, hash=newest.head).exists()


def send_to_witness(state: Checkpoint) -> None:
    """Send each once, an hour after the one before at the earliest: it covers all events before it,
    and those at the end of a burst are not left out."""
    latest = OutgoingMail.objects.filter(key__startswith=WITNESS_KEY).order_by("pk").last()
    if latest and latest.requested_at > timezone.now() - timedelta(hours=1):
        return
    send_to_address(
        settings.ACCESS_LOG_WITNESS,
        partial(checkpoint_letter, state),
        language=organisation_languages()[0],
        key=f"{WITNESS_KEY}{state.sequence}:{state.head}",
        about=None,
    )


def warn_administrators() -> None:
    """Once a day: a log that was altered stays so."""
    for person in User.objects.filter(is_staff=True, is_active=True):
        send_to_person(
            person,
            access_log_altered_letter,
            key=f"access-log:{timezone.localdate()}:{person.pk}",
            about=None,
        )


# --- Checking -----------------------------------------------------------------------------


@dataclass
class LogCheck:
    """What a check found. The log is whole if there are no problems."""

    count: int = 0
    first: int = 0
    last: int = 0
    problems: list[str] = field(default_factory=list)
    """What shows that the log was altered."""
    unusable: list[str] = field(default_factory=list)
    """Why parts of the text prove nothing about the log. In the portal's own file, they show that
    somebody altered the file."""
    notes: list[str] = field(default_factory=list)
    compared: int = 0
    newest: Checkpoint | None = None
    """The newest checkpoint that the log agrees with."""
    pruned_before: str = ""
    """Before which day the last events that were deleted had happened, as the log says."""
    identities: Identities = field(default_factory=Identities)

    @property
    def is_whole(self) -> bool:
        return not self.problems

    @property
    def uncovered(self) -> int:
        """How many events came after the newest checkpoint."""
        return self.last - (self.newest.sequence if self.newest else self.first - 1)


def check_log(text: str) -> LogCheck:
    """Check the chain, and whether it agrees with the checkpoints in the text."""
    found, wrong = checkpoints_in(text)
    compared = sorted(found, key=lambda each: each.sequence)[-MOST_CHECKPOINTS:]
    check, hashes = _check_chain({each.sequence for each in compared})
    if wrong:
        sentence = ngettext(
            "%(count)d part of the file begins like a checkpoint but is not one. It was "
            "cut or altered, or was written by another version of the portal.",
            "%(count)d parts of the file begin like checkpoints but are not. They were "
            "cut or altered, or were written by another version of the portal.",
            wrong,
        )
        check.unusable.append(sentence % {"count": wrong})
    if len(compared) < len(found):
        check.notes.append(
            _("The newest %(count)d checkpoints were compared.") % {"count": len(compared)}
        )
    for each in compared:
        _compare(check, each, hashes)
    altered, notes = altered_objects()
    check.problems += altered
    check.notes += notes
    _shorten(check.problems)
    _shorten(check.unusable)
    return check


def _shorten(sentences: list[str]) -> None:
    if more := len(sentences[MOST_PROBLEMS:]):
        sentences[MOST_PROBLEMS:] = [
            ngettext("%(count)d more problem.", "%(count)d more problems.", more) % {"count": more}
        ]


def _check_chain(wanted: Collection[int]) -> tuple[LogCheck, dict[int, str]]:
    """Return what is wrong with the chain, and the hashes of the wanted events."""
    while True:
        beginning = AccessEvent.objects.beginning()
        # Read before the events: others may be recorded meanwhile, but these must be there.
        known = known_identities()
        recorded = AccessChain.objects.filter(pk=1).first() or AccessChain()
        check, hashes = _follow(beginning, wanted, AccessEvent.objects.all())
        # Old events may have been deleted meanwhile, which would seem to be missing.
        if AccessEvent.objects.beginning() == beginning:
            break
    if check.last < recorded.number:
        check.problems.append(_missing(check.last + 1, recorded.number))
    elif not _is_end(check.last, hashes[check.last]):
        check.problems.append(_("The log does not end with the event that was recorded last."))
    check.problems += check.identities.problems(known, known_identities())
    check.notes += check.identities.notes(known)
    return check, hashes


def _follow(
    beginning: Checkpoint | None, wanted: Collection[int], events: AccessEventQuerySet
) -> tuple[LogCheck, dict[int, str]]:
    """Check the events one after the other; return also the hashes of the first state, of the
    wanted events and of the last one, by their numbers."""
    check = LogCheck()
    number, head = (beginning.sequence, beginning.head) if beginning else (0, NOTHING_BEFORE)
    hashes = {number: head}
    check.first = number + 1
    follows = True  # whether the event before the next one is there
    for event in events.order_by("number").iterator():
        if event.number != number + 1:
            check.problems.append(_missing(number + 1, event.number - 1))
            follows = False
        if follows and event.hash != event.computed_hash(head):
            check.problems.append(
                _(
                    "Event %(number)d of %(moment)s is not as it was recorded: it was changed, "
                    "inserted or moved."
                )
                % {"number": event.number, "moment": moment(event.at)}
            )
        number, head, follows = event.number, event.hash, True
        check.count += 1
        check.identities.see(event)
        if event.kind == AccessEvent.Kind.PRUNED:
            check.pruned_before = str(event.details.get("before", ""))
        if number in wanted:
            hashes[number] = head
    check.last = number
    hashes[number] = head
    return check, hashes


def _is_end(number: int, head: str) -> bool:
    chain = AccessChain.objects.filter(pk=1).first() or AccessChain()
    return number < chain.number or (number, head) == (chain.number, chain.head)


def _missing(first: int, last: int) -> str:
    if first >= last:
        return _("Event %(number)d is missing.") % {"number": first}
    return _("Events %(first)d to %(last)d are missing.") % {"first": first, "last": last}


def _compare(check: LogCheck, state: Checkpoint, hashes: dict[int, str]) -> None:
    named = {"sequence": state.sequence, "moment": moment(state.at) if state.at else "–"}
    if not state.is_genuine:
        sentence = _(
            "The checkpoint of event %(sequence)d was not signed by this portal, or was altered."
        )
        check.unusable.append(sentence % named)
        return
    check.compared += 1
    # The event after it was deleted as well, and had happened after it was signed.
    if state.sequence < check.first - 1 and "" < check.pruned_before < state.time[:10]:
        sentence = _(
            "Events newer than the checkpoint of %(moment)s were deleted, although only those "
            "before %(day)s were to go."
        )
        check.problems.append(sentence % (named | {"day": check.pruned_before}))
    elif state.sequence < check.first - 1:
        sentence = _(
            "The checkpoint of %(moment)s is older than the events that are kept: its "
            "signature is valid, and nothing is left to compare."
        )
        check.notes.append(sentence % named)
    elif state.sequence > check.last:
        sentence = _(
            "The checkpoint of %(moment)s names event %(sequence)d, but the log ends with event "
            "%(last)d: the last events are missing."
        )
        check.problems.append(sentence % (named | {"last": check.last}))
    elif hashes.get(state.sequence) != state.head:
        sentence = _(
            "Event %(sequence)d is not the one that was there at the checkpoint of %(moment)s."
        )
        check.problems.append(sentence % named)
    else:
        check.newest = state


# --- Deleting what is old -----------------------------------------------------------------


@transaction.atomic
def forget_events(before: datetime) -> int:
    """Delete the events up to the first that is to be kept, and log that with a signed state from
    which the remaining chain follows. Returns how many were deleted.

    Deletes nothing that does not agree with what was signed: it is evidence, and the new signature
    would cover up for whoever altered it.
    """
    signed = [state for state in checkpoints_in(own_checkpoints())[0] if state.is_genuine]
    chain = AccessChain.locked()
    kept = AccessEvent.objects.filter(at__gte=before).order_by("number").first()
    last = AccessEvent.objects.filter(number=kept.number - 1 if kept else chain.number).first()
    if last is None:
        return 0
    old = AccessEvent.objects.filter(number__lte=last.number)
    wanted = {state.sequence for state in signed}
    check, hashes = _follow(AccessEvent.objects.beginning(), wanted, old)
    identities = Identities.of(recorded_identities())
    known = known_identities()
    if (
        check.problems
        or identities.problems(known, known)
        or any(hashes.get(each.sequence, each.head) != each.head for each in signed)
    ):
        logger.error("Old events of the access log were altered and are kept: check it.")
        return 0
    renew_identities(last.number)
    AccessEvent.record(
        AccessEvent.Kind.PRUNED,
        user=None,
        before=before.astimezone(UTC).date().isoformat(),
        checkpoint=Checkpoint.signed(sequence=last.number, head=last.hash).values,
    )
    # Triggers of the first migration let no other events go.
    return old.delete()[0]

"""Replies by mail to messages about a plan in review: remarks of the institution, with the readers that
their author chose."""

import uuid
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db import transaction

from committees.models import ActionPlan, Audience, Channel, Remark
from committees.permissions.plans import institutions_asked
from committees.plans.services.review import (
    AnswerOrigin,
    give_remark,
    release_answer,
    withdraw_answer,
)
from kernel.refusal import Refusal
from projects.models import MailNote

AUDIENCES = {
    MailNote.Audience.COORDINATION: Audience.COORDINATION,
    MailNote.Audience.COMMITTEE: Audience.COMMITTEE,
}


def keep_as_remark(note: MailNote) -> None:
    """Give the remark, let others read it or withdraw it, as the author of the note chose. What cannot
    be a remark, since the review is over or its author answers for several institutions, stays a note.
    Raises Refusal if somebody has answered what is withdrawn, or if the review is over before more
    people may read the remark."""
    plan = note.thing
    if not isinstance(plan, ActionPlan):
        return
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"projects.mailnote.{note.pk}")
    # Also if it was withdrawn: who lets others read the note again means the same remark.
    given = Remark._base_manager.filter(plan=plan, entry_key=key).first()
    if given and note.audience == MailNote.Audience.NOBODY:
        withdraw_answer(given)
    elif given:
        release_answer(given, AUDIENCES[MailNote.Audience(note.audience)])
    elif note.audience in AUDIENCES:
        asked = institutions_asked(note.by, plan)
        origin = AnswerOrigin(note.by, channel=Channel.REPLY, key=key)
        with suppress(Refusal, ValidationError), transaction.atomic():
            if len(asked) == 1:
                audience = AUDIENCES[MailNote.Audience(note.audience)]
                give_remark(plan, asked[0], text=note.text, audience=audience, origin=origin)

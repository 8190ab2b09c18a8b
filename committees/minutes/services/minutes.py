"""The life of minutes: written, circulated, made final, adopted, sealed, corrected by errata.

Locks are taken in this order: the meeting, then its minutes. Attendance and resolutions are fixed
once the minutes circulate (`Meeting.records_stand`), the notes once the final draft is made
(`Meeting.notes_stand`).
"""

from collections.abc import Iterable
from datetime import date

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.undo import drop_waiting
from committees.agenda.services.agenda import lock_meeting
from committees.agenda.services.carry_over import carry_over
from committees.minutes.services.sentences import put_suggestion, sent_before, why_settled
from committees.minutes.services.text import in_all_languages, names_of, with_words
from committees.models import (
    AgendaItem,
    Erratum,
    Meeting,
    Minutes,
    MinutesRemark,
    MinutesTranslation,
    MinutesVersion,
    Resolution,
)
from kernel.formats import day as written_day
from kernel.refusal import Refusal


def lock_minutes(minutes: Minutes) -> Minutes:
    """Lock the meeting and its minutes, and return the minutes as they are now.

    Also copies the present status and text to the given object: somebody may have changed them
    since it was read.
    """
    lock_meeting(minutes.meeting)
    fresh = Minutes.objects.select_for_update().get(pk=minutes.pk)
    for name in ("status", "language", "opening", "closing"):
        setattr(minutes, name, getattr(fresh, name))
    return fresh


# Writing


@transaction.atomic
def start_minutes(meeting: Meeting, *, language: str) -> Minutes:
    """Start the minutes of a meeting that was held. Two people who do so at once get the same."""
    lock_meeting(meeting)
    if meeting.status not in {Meeting.Status.HELD, Meeting.Status.ADJOURNED}:
        raise Refusal(_("Minutes are written for a meeting that was held: close it first."))
    minutes, _created = Minutes.objects.get_or_create(
        meeting=meeting, defaults={"language": language}
    )
    return minutes


@transaction.atomic
def write_minutes(minutes: Minutes, *, language: str, opening: str, closing: str) -> None:
    lock_minutes(minutes)
    _refuse_unless_written(minutes)
    if language != minutes.language and minutes.is_circulated:
        raise Refusal(
            _(
                "These minutes have been circulated: their authoritative language can no "
                "longer change."
            )
        )
    minutes.language, minutes.opening, minutes.closing = language, opening, closing
    minutes.save(update_fields=["language", "opening", "closing"])


def _refuse_unless_written(minutes: Minutes) -> None:
    if not minutes.may_be_written:
        raise Refusal(
            _("The minutes are “%(status)s”: return them to draft before you change the text.")
            % {"status": minutes.get_status_display()}
        )


@transaction.atomic
def translate_minutes(
    minutes: Minutes, language: str, texts: dict[str, str], *, seen_version: int, by: User
) -> MinutesTranslation:
    """Save a courtesy translation if it is still at the version that its writer saw.

    A translation may come long after the minutes were sealed, and reopens nothing.
    """
    lock_minutes(minutes)
    if language == minutes.language:
        raise Refusal(_("These minutes are written in this language: choose another one."))
    row, _created = MinutesTranslation.objects.get_or_create(
        minutes=minutes, language=language, defaults={"updated_by": by}
    )
    if row.version != seen_version:
        raise Refusal(
            _(
                "Somebody saved this translation since you opened it. Your text is still below: "
                "compare it with the saved one, then save again."
            )
        )
    row.texts, row.updated_by, row.updated_at = texts, by, timezone.now()
    row.version, row.source_sha256 = seen_version + 1, source_hash(minutes)
    row.save()
    if minutes.is_circulated:
        _refresh_courtesy(minutes)
    return row


def source_hash(minutes: Minutes) -> str:
    """Return the hash of the words in the authoritative language, which a translation started from."""
    notes = minutes.meeting.items.on_agenda().order_by("pk").values_list("pk", "notes")
    words = {"opening": minutes.opening, "closing": minutes.closing}
    return Minutes.hash_of(words | {f"item-{pk}": text for pk, text in notes})


def _refresh_courtesy(minutes: Minutes) -> None:
    """Put the translated words into the frozen texts of the other languages; nothing else changes."""
    frozen = Minutes.objects.get(pk=minutes.pk).content or {}
    content = {
        language: text if language == minutes.language else with_words(minutes, language, text)
        for language, text in frozen.items()
    }
    Minutes.objects.filter(pk=minutes.pk).update(content=content)
    minutes.content = content


# Review


@transaction.atomic
def circulate(
    minutes: Minutes, *, by: User, until: date, why: str = "", on: date | None = None
) -> None:
    """Open the minutes to the members' comments until a day. `on` is the day of circulation, if it
    was not today."""
    lock_minutes(minutes)
    _refuse_past(until, on)
    _refuse_drafts(minutes.meeting)
    content = in_all_languages(minutes)
    minutes.take("circulate", by=by, why=why, on=on, comments_until=until, content=content)
    fix_records(minutes.meeting, records=True)
    _keep_version(minutes)


def _refuse_past(until: date, on: date | None = None) -> None:
    if until < (on or timezone.localdate()):
        raise Refusal(_("The deadline is in the past: choose today or a later day."))


def _refuse_drafts(meeting: Meeting) -> None:
    """Refuse to circulate while a decision is a draft, or the session goes on: nothing can be decided
    after the circulation."""
    meeting.refresh_from_db(fields=["status"])
    if meeting.status == Meeting.Status.IN_SESSION:
        sentence = _("The meeting is in session again: close it, and then circulate its minutes.")
        raise Refusal(sentence)
    drafts = meeting.resolutions.filter(status=Resolution.Status.DRAFTED)
    if drafts:
        sentence = _(
            "%(decision)s is still a draft: adopt, reject or defer it before you circulate the minutes."
        )
        raise Refusal(sentence % {"decision": drafts[0]})


@transaction.atomic
def extend_comments(minutes: Minutes, *, by: User, until: date, why: str = "") -> None:
    lock_minutes(minutes)
    _refuse_past(until)
    minutes.take("extend", by=by, why=why, comments_until=until)


@transaction.atomic
def add_remark(remark: MinutesRemark) -> MinutesRemark:
    """Record a member's comment or objection. The same form sent twice records one.

    Comments are taken until their deadline; an objection also while a final draft waits for
    silence.
    """
    minutes = remark.minutes
    lock_minutes(minutes)
    if known := sent_before(remark):
        return known
    waits = minutes.status == Minutes.Status.FINAL_DRAFT and remark.is_objection
    came_otherwise = remark.evidence and minutes.status == Minutes.Status.IN_REVIEW
    if not (minutes.comments_are_open or waits or came_otherwise):
        raise Refusal(
            _(
                "The minutes are not open for comments now. Write to the coordination of the "
                "project."
            )
        )
    remark.full_clean()
    remark.save()
    return remark


@transaction.atomic
def settle_remark(remark: MinutesRemark, *, reply: str, by: User) -> None:
    """Answer a comment. If two people do so at once, the second is refused."""
    _settle(remark, reply=reply, by=by)


def _settle(remark: MinutesRemark, *, reply: str, by: User, outcome: str = "") -> None:
    unsettled = MinutesRemark.objects.filter(pk=remark.pk, settled_at=None)
    now = timezone.now()
    if not unsettled.update(reply=reply, outcome=outcome, settled_at=now, settled_by=by):
        raise Refusal(why_settled(remark))
    remark.refresh_from_db()


@transaction.atomic
def accept_suggestion(remark: MinutesRemark, *, reply: str, by: User) -> None:
    """Write the suggestion into the notes, opening or closing. The text that circulates stays as
    it is: the final draft will have it."""
    minutes = lock_minutes(remark.minutes)
    if remark.agenda_item:
        remark.agenda_item.refresh_from_db()
    put_suggestion(remark, minutes, by=by)
    _settle(remark, reply=reply.strip(), by=by, outcome=MinutesRemark.Outcome.ACCEPTED)


@transaction.atomic
def decline_suggestion(remark: MinutesRemark, *, reply: str, by: User) -> None:
    if not reply.strip():
        raise Refusal(_("Say why it is declined: the seat reads it."))
    _settle(remark, reply=reply.strip(), by=by, outcome=MinutesRemark.Outcome.DECLINED)


@transaction.atomic
def finalise(minutes: Minutes, *, by: User, why: str = "", on: date | None = None) -> None:
    """Make the text the one that the committee is asked to adopt.

    If the terms of reference take silence for consent, their delay begins.
    """
    lock_minutes(minutes)
    if minutes.remarks.open().exists():
        raise Refusal(_("Some comments have no answer yet: answer them first."))
    minutes.take(
        "finalise",
        by=by,
        why=why,
        on=on,
        content=in_all_languages(minutes),
        silence_until=minutes.silence_ends(on or timezone.localdate()),
    )
    fix_records(minutes.meeting, records=True, notes=True)
    _keep_version(minutes)


@transaction.atomic
def revise(minutes: Minutes, *, by: User, why: str) -> None:
    """Return the minutes to draft: the records may be corrected, and the minutes circulate anew."""
    lock_minutes(minutes)
    minutes.take("revise", by=by, why=why, comments_until=None, silence_until=None)
    drop_waiting(minutes)
    fix_records(minutes.meeting)


def fix_records(meeting: Meeting, *, records: bool = False, notes: bool = False) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(records_stand=records, notes_stand=notes)
    meeting.records_stand, meeting.notes_stand = records, notes


def _keep_version(minutes: Minutes) -> None:
    last = minutes.versions.aggregate(last=models.Max("number"))["last"] or 0
    MinutesVersion.objects.create(
        minutes=minutes, number=last + 1, stage=minutes.status, content=minutes.content
    )


# Adoption


@transaction.atomic
def adopt_minutes(minutes: Minutes, *, decision: Resolution, by: User | None) -> None:
    """Record that the committee adopted the final draft, at a later meeting or in writing."""
    lock_minutes(minutes)
    if not decision.is_in_force or decision.committee_id != minutes.meeting.committee_id:
        raise Refusal(_("Only an adopted decision of the same committee can adopt minutes."))
    if decision.meeting_id == minutes.meeting_id:
        raise Refusal(_("A meeting cannot adopt its own minutes: choose a later decision."))
    how = Minutes.Adoption.WRITTEN if decision.consultation_id else Minutes.Adoption.MEETING
    minutes.take(
        "adopt",
        by=by,
        on=decision.resolved_on,
        why=str(decision),
        adopted_how=how,
        adopted_on=decision.resolved_on,
        adopted_by=decision,
    )


def next_meeting(minutes: Minutes) -> Meeting | None:
    """Return the next meeting of the committee that can adopt the minutes."""
    coming = minutes.meeting.committee.meetings.filter(
        status__in=Meeting.TO_COME, ends_at__gt=timezone.now()
    )
    return coming.with_related().order_by("starts_at").first()


def put_on_next_agenda(minutes: Minutes) -> Meeting:
    """Put the adoption on the agenda of the next meeting, and return that meeting."""
    meeting = next_meeting(minutes)
    if meeting is None:
        raise Refusal(_("No meeting is planned: plan the next one, or ask the seats in writing."))
    carry_over(meeting, [AgendaItem.Source.MINUTES])
    return meeting


@transaction.atomic
def adopt_by_silence(minutes: Minutes, *, by: User | None = None) -> None:
    """Adopt the final draft because nobody objected within the delay of the terms of reference."""
    minutes.refresh_from_db()
    lock_minutes(minutes)
    if minutes.silence_until is None:
        raise Refusal(
            _("The terms of reference do not take silence as consent: let the committee decide.")
        )
    if not minutes.silence_is_over:
        raise Refusal(
            _("Objections are possible until %(day)s: wait until then.")
            % {"day": written_day(minutes.silence_until)}
        )
    if minutes.remarks.open().filter(is_objection=True).exists():
        raise Refusal(_("There is an objection: the committee decides at its next meeting."))
    minutes.take(
        "adopt",
        by=by,
        adopted_how=Minutes.Adoption.SILENCE,
        adopted_on=timezone.localdate(),
    )


def adopt_all_by_silence() -> int:
    """Adopt the minutes that waited long enough without an objection, and return how many.

    Running it twice does no harm.
    """
    adopted = 0
    waiting = Minutes.objects.waiting_for_silence()
    for minutes in waiting.filter(meeting__committee__project__closed_on=None).with_related():
        try:
            adopt_by_silence(minutes)
        except Refusal:
            # Somebody objected, another worker was faster, or the day is not over where they met.
            continue
        adopted += 1
    return adopted


@transaction.atomic
def seal_minutes(minutes: Minutes, *, by: User, on: date | None = None) -> None:
    """Close the text for ever.

    The hash covers the text in the authoritative language. Names of persons go into the annex,
    which the hash does not cover, so that it can be destroyed.
    """
    fresh = lock_minutes(minutes)
    text = (fresh.content or {}).get(minutes.language)
    minutes.take(
        "seal",
        by=by,
        on=on,
        sha256=Minutes.hash_of(text) if text else "",
        sealed_on=on or timezone.localdate(),
        annex=names_of(minutes.meeting),
    )


@transaction.atomic
def add_erratum(erratum: Erratum) -> Erratum:
    """Add a numbered erratum after the sealing; the same form sent twice adds one."""
    minutes = lock_minutes(erratum.minutes)
    if not minutes.is_sealed:
        raise Refusal(
            _("An erratum corrects sealed minutes: these are still open, so change them directly.")
        )
    known = Erratum.objects.filter(entry_key=erratum.entry_key).first()
    if erratum.entry_key and known:
        return known
    last = minutes.errata.aggregate(last=models.Max("number"))["last"] or 0
    erratum.number = last + 1
    erratum.full_clean()
    erratum.save()
    return erratum


def texts_to_translate(minutes: Minutes) -> Iterable[tuple[str, str, str]]:
    """Return key, label and text of all words that a courtesy translation may give."""
    yield "opening", _("Opening"), minutes.opening
    for item in minutes.meeting.items.on_agenda():
        yield f"item-{item.pk}", item.title, item.notes
    yield "closing", _("Closing"), minutes.closing

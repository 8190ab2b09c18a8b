"""Composes the text of minutes from the agenda, the notes, the attendance and the resolutions.

The text names seats and never persons: names are in the annex (`names_of`), which the hash does not
cover. The rules of their content are in docs/rules/minutes.md.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Any

from django.db.models import Prefetch
from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from committees.agenda.services.agenda import is_routine
from committees.minutes.services.corrections import corrections_of
from committees.models import AgendaItem, Attendance, Meeting, Minutes, Resolution, Seat, Sitting
from committees.models.minutes import MINUTES_NAME, MINUTES_TEXT
from committees.models.quorum import Quorum
from kernel.formats import clock, day
from kernel.languages import working_in
from kernel.refusal import Refusal
from kernel.text import LANGUAGES, active_language, which_language
from partners.models import Institution
from partners.naming import EVERY_NAME, read_by
from projects.permissions.institutions import without_names

TextInLanguage = dict[str, str]
Row = dict[str, Any]


def in_all_languages(minutes: Minutes) -> dict[str, Row]:
    """Compose the minutes in each language: the authoritative one, and the others as a courtesy.

    Returns by language the data from which page and document are made. It is text only, without
    keys of rows, so that equal minutes give an equal hash. Whoever starts it, it holds all names:
    it is frozen, and its readers are asked for when it is read.
    """
    with read_by(EVERY_NAME), working_in(minutes.meeting.committee.project):
        return {language: in_language(minutes, language) for language in LANGUAGES}


def in_language(minutes: Minutes, language: str) -> Row:
    """Compose the minutes as they read in that language now."""
    row = minutes.translations.filter(language=language).first()
    with translation.override(language):
        return _MinutesComposer(minutes, row.texts if row else {}).compose()


def for_present_readers(text: Row) -> Row:
    """Return a text without the names of institutions that its readers may not know. The label of
    their seats goes as well: it may say whose seat it is."""
    shown = without_names(text)
    instead = {
        before["seat"]: after["institution"]
        for before, after in zip(text["present"], shown["present"], strict=True)
        if before["institution"] != after["institution"]
    }
    for name in ("present", "offices", "declarations"):
        shown = shown | {name: [unlabelled(row, instead) for row in shown[name]]}
    return shown


def unlabelled(row: Row, instead: dict[str, str]) -> Row:
    if (seat := row["seat"]) not in instead:
        return row
    without = {"institution": ""} if "institution" in row else {}
    return row | {"seat": instead[seat]} | without


def with_words(minutes: Minutes, language: str, frozen: Row) -> Row:
    """Return a frozen text with the present words of its courtesy translation.

    Opening, closing and the notes of each item are replaced. Records and resolutions stay as they
    were frozen. Raises Refusal if the agenda has other items by now.
    """
    row = minutes.translations.filter(language=language).first()
    frozen = MINUTES_TEXT.read(frozen)
    items = list(minutes.meeting.items.on_agenda())
    if len(items) != len(frozen["items"]):
        raise Refusal(
            _(
                "The agenda has changed since these minutes were circulated, so the "
                "translation no longer matches their items. First open the minutes for "
                "revision and circulate them again; if they are sealed, add the "
                "translation as a document of the meeting."
            )
        )
    with translation.override(language):
        composer = _MinutesComposer(minutes, row.texts if row else {})
        notes = [composer.notes_of(item) for item in items]
        return frozen | {
            "opening": composer.opening(),
            "closing": composer.closing(),
            "items": [
                item | {"notes": words} for item, words in zip(frozen["items"], notes, strict=True)
            ],
        }


class _MinutesComposer:
    """Minutes in the active language."""

    def __init__(self, minutes: Minutes, translations: dict[str, str]) -> None:
        self.minutes, self.meeting = minutes, minutes.meeting
        self.translations = translations

    def compose(self) -> Row:
        meeting, committee = self.meeting, self.meeting.committee
        seats = list(meeting.committee.seats.on(meeting.day).with_people())
        sitting, declarations = Sitting.of(meeting), self._declarations()
        there = meeting.attendances.select_related("institution")
        there = there.prefetch_related("institution__names")
        # A seat without a row was not recorded.
        rows = {row.seat_id: row for row in there if row.seat_id}
        guests = [row for row in there if row.seat_id is None and row.presence in Attendance.THERE]
        text = {
            "label": self.minutes.label,
            "committee": committee.name,
            "project": str(committee.project),
            "meeting": str(meeting),
            "kind": meeting.get_kind_display(),
            "day": day(sitting.day),
            "time": _time(meeting, sitting),
            "mode": meeting.get_mode_display(),
            "place": meeting.place,
            "second_call": meeting.is_second_call,
            "recorded_afterwards": meeting.recorded_afterwards,
            "offices": _offices(seats),
            "present": [_seat(seat, rows.get(seat.pk)) for seat in seats],
            "institutions": institutions_named(seat.institution for seat in seats),
            "counts": [
                *_counts(meeting, guests),
                *_of_the_sitting(meeting, sitting, has_interests=bool(declarations)),
            ],
            "quorum": _quorum(meeting),
            "declarations": declarations,
            "opening": self.opening(),
            "items": [
                self._item(item, number) for number, item in enumerate(_items(meeting), start=1)
            ],
            "closing": self.closing(),
            "note": meeting.illustrative_note,
        }
        return MINUTES_TEXT.numbered(text)

    def _item(self, item: AgendaItem, number: int) -> Row:
        row: Row = {
            "number": number,
            "title": _in_reading_language(item, "title"),
            "purpose": item.get_purpose_display(),
            "presenter": item.presenter,
            "audience": item.audience,
            "state": item.outcome,
            "notes": self.notes_of(item),
            "resolutions": [_resolution(row) for row in item.resolutions.all()],
        }
        corrections = self.corrections.get(item.pk)
        return row | {"corrections": corrections} if corrections else row

    @cached_property
    def corrections(self) -> dict[int, list[str]]:
        """Only the text that circulates says what was corrected after the session."""
        is_draft = self.minutes.status == Minutes.Status.DRAFT
        return corrections_of(self.meeting) if is_draft else {}

    def opening(self) -> TextInLanguage | None:
        return self._words("opening", self.minutes.opening, self.minutes.language)

    def closing(self) -> TextInLanguage | None:
        return self._words("closing", self.minutes.closing, self.minutes.language)

    def notes_of(self, item: AgendaItem) -> TextInLanguage | None:
        return self._words(f"item-{item.pk}", item.notes, item.notes_language)

    def _words(self, key: str, text: str, language: str) -> TextInLanguage | None:
        """Return words in the reader's language if somebody translated them, else as written."""
        if not text.strip():
            return None
        if language != active_language() and (translated := self.translations.get(key, "").strip()):
            return {"text": translated, "lang": ""}
        return {"text": text, "lang": "" if language == active_language() else language}

    def _declarations(self) -> list[Row]:
        rows = self.meeting.declarations.select_related("seat__institution")
        return [
            {
                "seat": str(row.seat),
                "items": [_in_reading_language(item, "title") for item in row.items.all()],
                "recused": row.recused,
            }
            for row in rows.prefetch_related("items", "seat__institution__names").order_by("pk")
        ]


def _items(meeting: Meeting) -> list[AgendaItem]:
    resolutions = Resolution.objects.with_related().order_by("pk")
    return list(meeting.items.on_agenda().prefetch_related(Prefetch("resolutions", resolutions)))


def _resolution(row: Resolution) -> Row:
    return {
        "name": str(row),
        "kind": row.kind,
        "text": _in_reading_language(row, "text"),
        "how": row.how,
        "was_voted_down": row.was_voted_down,
        "why": row.rule_reason,
        "state": row.get_status_display(),
        **({"standing": row.standing} if row.standing else {}),
        "seats": _seats_of(row),
        "responsible": row.addressee.short_name if row.addressee else "",
        "due": day(row.due_on) if row.due_on else "",
    }


def _seats_of(row: Resolution) -> str:
    if row.seats_present is None:
        return ""
    return _("%(present)s voting seats present, %(required)s required") % {
        "present": row.seats_present,
        "required": row.seats_required,
    }


def _in_reading_language(thing: Any, name: str) -> TextInLanguage:
    language = which_language(thing, name)
    return {
        "text": getattr(thing, f"{name}_{language}"),
        "lang": "" if language == active_language() else language,
    }


def _time(meeting: Meeting, sitting: Sitting) -> str:
    if not meeting.time_is_known:
        return ""
    return _("%(start)s – %(end)s, %(city)s time") % {
        "start": clock(sitting.opened_at or meeting.starts_at, meeting.zone),
        "end": clock(sitting.closed_at or meeting.ends_at, meeting.zone),
        "city": meeting.city,
    }


def _offices(seats: Iterable[Seat]) -> list[Row]:
    held = [seat for seat in seats if seat.office]
    return [{"office": seat.get_office_display(), "seat": str(seat)} for seat in held]


def institutions_named(institutions: Iterable[Institution]) -> list[Row]:
    """Return the acronyms that stand for the institutions, and their full names, as a legend."""
    names = {one.short_name: one.name for one in institutions}
    return [
        {"short": short, "name": name} for short, name in sorted(names.items()) if short != name
    ]


def _seat(seat: Seat, row: Attendance | None) -> Row:
    return {
        "seat": str(seat),
        "institution": seat.institution.short_name if seat.shown_label else "",
        "kind": seat.institution.get_kind_display(),
        "voting": seat.is_voting,
        "presence": row.get_presence_display() if row else _("Not recorded"),
        "is_there": bool(row and row.presence in Attendance.THERE),
        "by_alternate": bool(row and row.by_alternate),
        "by_delegate": bool(row and row.guest_name),
    }


def _counts(meeting: Meeting, guests: Iterable[Attendance]) -> list[str]:
    """Return the number of guests by institution, and the headcount."""
    numbers = Counter(guest.institution.short_name if guest.institution else "" for guest in guests)
    lines = [
        f"{institution or _('Without an institution')}: {count}"
        for institution, count in sorted(numbers.items())
    ]
    if lines:
        lines = [_("Guests: %(guests)s.") % {"guests": "; ".join(lines)}]
    if meeting.headcount:
        count = meeting.headcount
        lines.append(ngettext("%(count)s person", "%(count)s persons", count) % {"count": count})
    return lines


def _of_the_sitting(meeting: Meeting, sitting: Sitting, *, has_interests: bool) -> Iterator[str]:
    if sitting.interests_asked and not has_interests:
        yield _("Members were asked about their interests in an item; nobody declared any.")
    if sitting.informative_since:
        time = clock(sitting.informative_since, meeting.zone)
        yield _("Without a quorum, the meeting continued from %(time)s for information only.") % {
            "time": time
        }


def _quorum(meeting: Meeting) -> str:
    quorum = meeting.recorded_quorum()
    return quorum_sentence(quorum) if quorum else _("The quorum is not stated.")


def quorum_sentence(quorum: Quorum) -> str:
    facts = {
        "present": quorum.present,
        "total": quorum.total,
        "required": quorum.required,
    }
    if quorum.is_reached:
        sentence = _(
            "Quorum reached: %(present)s of %(total)s voting seats present, %(required)s required."
        )
    else:
        sentence = _(
            "No quorum: %(present)s of %(total)s voting seats present, %(required)s "
            "required. The meeting was for information only."
        )
    return f"{sentence % facts} {quorum.kinds_sentence}".strip()


def names_of(meeting: Meeting, without: Collection[int] = ()) -> list[Row]:
    """Compose the annex: everybody present, but for staff of the institutions `without`, for those who
    may read names. Minors are never named.
    """
    rows = meeting.attendances.filter(presence__in=Attendance.THERE)
    rows = rows.exclude(contact__institution__in=without)
    rows = rows.select_related("contact", "seat__institution", "institution")
    people = rows.prefetch_related("seat__institution__names", "institution__names")
    return [MINUTES_NAME.numbered(_there(row)) for row in people.order_by("seat__position", "pk")]


def _there(row: Attendance) -> Row:
    return {
        "seat": str(row.seat) if row.seat else "",
        "institution": _institution(row),
        "name": _name(row),
        "by_alternate": row.by_alternate,
        "may_be_named": bool(row.contact and row.contact.may_be_named),
    }


def _institution(row: Attendance) -> str:
    institution = row.seat.institution if row.seat else row.institution
    return institution.short_name if institution else ""


def _name(row: Attendance) -> str:
    if row.contact is None:
        return row.guest_name
    hidden = row.contact.is_minor or row.contact.is_pseudonymous
    return "" if hidden else str(row.contact)


# What is not written yet


def unfinished(meeting: Meeting) -> list[str]:
    """Return a sentence on each kind of thing that is empty or odd; none of it hinders anybody."""
    numbered = list(enumerate(meeting.items.on_agenda(), start=1))
    resolved = set(meeting.resolutions.values_list("agenda_item", flat=True))
    decided = set(
        meeting.resolutions.exclude(status=Resolution.Status.DRAFTED)
        .filter(kind=Resolution.Kind.DECISION)
        .values_list("agenda_item", flat=True)
    )
    spoken_of = AgendaItem.SPOKEN_OF - {AgendaItem.Status.DEFERRED}
    asked = [pair for pair in numbered if pair[1].status in spoken_of and not is_routine(pair[1])]
    to_decide = [
        (number, item)
        for number, item in asked
        if item.purpose == AgendaItem.Purpose.DECIDE and item.pk not in decided
    ]
    silent = [
        (number, item)
        for number, item in asked
        if item.status == AgendaItem.Status.DISCUSSED
        and not item.notes.strip()
        and item.pk not in resolved
    ]
    found = (
        (_("Presence not recorded: %(names)s."), _seats_without_a_word(meeting)),
        (
            _("Not treated, and not deferred either: %(names)s."),
            _titles(pair for pair in numbered if pair[1].status == AgendaItem.Status.ACCEPTED),
        ),
        (_("For decision, without a decision: %(names)s."), _titles(to_decide)),
        (_("Without notes: %(names)s."), _titles(silent)),
    )
    return [sentence % {"names": "; ".join(names)} for sentence, names in found if names]


def _seats_without_a_word(meeting: Meeting) -> list[str]:
    recorded = meeting.attendances.exclude(seat=None).values("seat")
    seats = meeting.committee.seats.on(meeting.day).with_people()
    return [str(seat) for seat in seats.exclude(pk__in=recorded)]


def _titles(items: Iterable[tuple[int, AgendaItem]]) -> list[str]:
    return [f"{number}. {item.title}" for number, item in items]

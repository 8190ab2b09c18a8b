"""The translation queue of a project: what has a reader in another language and is not in it, in the
order in which documents need it.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts.models import User
from committees.minutes.services.minutes import translate_minutes
from committees.models import ActionPlan, Meeting, MinutesTranslation
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.translating.texts import COLUMN, MINUTES, PAIR, SECTION, TranslatableText, texts_of
from kernel.kinds import MEETING, PLAN, REPORT
from kernel.languages import LANGUAGES, working_in
from kernel.refusal import Refusal
from kernel.text import MAX_LENGTH, StrOrPromise, clean_text, validate_markdown
from projects.models import Project, Result, Translation
from projects.permissions.representations import contacts_placed_today
from projects.permissions.roles import may_edit
from reports.models import Report
from reports.models.report import OF_RESULT
from reports.permissions.reports import may_write
from reports.services.writing import save_section


def may_translate(user: User, project: Project) -> bool:
    """The coordination translates: it reads and edits what is in the queue."""
    return may_edit(user, project)


class State(models.TextChoices):
    MISSING = "missing", pgettext_lazy("of a translation", "Missing")
    STALE = "stale", pgettext_lazy("of a translation", "Outdated")
    DRAFT = "draft", pgettext_lazy("of a translation", "Draft")
    CONFIRMED = "confirmed", pgettext_lazy("of a translation", "Confirmed")


WORDS_OF_NEED: dict[str, StrOrPromise] = {
    MEETING: gettext_lazy("Next meeting"),
    PLAN: gettext_lazy("Plan in review"),
    REPORT: gettext_lazy("Next report"),
}


class Item(NamedTuple):
    """A text that is translated into one language."""

    text: TranslatableText
    language: str
    state: str
    pair: Translation | None
    """What the queue knows of the translation; None if it was typed elsewhere, or is missing."""
    now: str
    """The translation as it is now: confirmed, drafted, or empty."""
    need: str = ""
    day: date | None = None

    @property
    def is_open(self) -> bool:
        return self.state != State.CONFIRMED and self.text.is_open

    @property
    def state_label(self) -> str:
        return str(State(self.state).label)

    @property
    def tone(self) -> str:
        tones = {State.STALE: "warn", State.DRAFT: "info", State.CONFIRMED: "ok"}
        return tones.get(State(self.state), "neutral")

    @property
    def need_label(self) -> str:
        return str(WORDS_OF_NEED[self.need]) if self.need else _("No document soon")

    @property
    def earlier_source(self) -> str:
        """The text from which an outdated translation was made, if it is known."""
        is_known = self.pair and not self.pair.fits(self.text.source)
        return self.pair.source if self.state != State.MISSING and is_known and self.pair else ""

    @property
    def address(self) -> tuple[str, str, int, str]:
        return (self.language, self.text.kind, self.text.thing.pk, self.text.field)

    def rank(self) -> date:
        return self.day or date.max


def languages_read(project: Project) -> list[str]:
    """Return the languages of the project's readers: those in which it works and reports, and those
    of the people who have a place in it."""
    here = Project.objects.filter(pk=project.pk)
    spoken = set(contacts_placed_today(here).values_list("language", flat=True).distinct())
    asked = {*project.languages, *project.report_languages, *spoken}
    order = dict.fromkeys([*project.languages, *LANGUAGES])
    return [each for each in order if each in asked]


def days_of_need(project: Project) -> dict[str, date]:
    """Return the day of the next document of each kind; what is not ahead has none."""
    found: dict[str, date] = {}
    meetings = Meeting.objects.filter(committee__project=project).upcoming().order_by("starts_at")
    if meeting := meetings.first():
        found[MEETING] = meeting.day
    plans = ActionPlan.objects.filter(project=project, status=ActionPlan.Status.IN_REVIEW)
    ends = [day for day in plans.values_list("review_until", flat=True) if day]
    if ends:
        found[PLAN] = min(ends)
    due = Obligation.objects.filter(project=project, kind=ObligationKind.REPORT, done=False)
    if day := due.exclude(on=None).order_by("on").values_list("on", flat=True).first():
        found[REPORT] = day
    return found


class Queue:
    """What a person may translate in a project, and what they may remember: both are read from the
    things themselves, so nobody is shown a text that they may not read."""

    def __init__(self, user: User, project: Project) -> None:
        self.user, self.project = user, project
        self.languages = languages_read(project)

    @cached_property
    def texts(self) -> list[TranslatableText]:
        return list(texts_of(self.user, self.project))

    @cached_property
    def pairs(self) -> dict[tuple[object, ...], Translation]:
        rows = Translation.objects.filter(project=self.project).select_related("by")
        return {row.as_key(): row for row in rows}

    @cached_property
    def needs(self) -> dict[str, date]:
        return days_of_need(self.project)

    def item(self, text: TranslatableText, language: str) -> Item:
        pair = self.pair_of(text, language)
        kept = text.texts.get(language, "")
        if text.kept == PAIR and pair and pair.is_confirmed:
            kept = pair.text
        state = self._state(text, language, pair, kept)
        now = pair.text if pair and state == State.DRAFT else kept
        return Item(text, language, state, pair, now, *self._need(text))

    def pair_of(self, text: TranslatableText, language: str) -> Translation | None:
        kind = ContentType.objects.get_for_model(text.thing)
        return self.pairs.get((kind.pk, text.thing.pk, text.field, language))

    def _state(
        self, text: TranslatableText, language: str, pair: Translation | None, kept: str
    ) -> State:
        if pair and not pair.is_confirmed:
            return State.DRAFT
        if not kept:
            return State.MISSING
        if language in text.stale:
            return State.STALE
        # A column remembers by itself from which text it was made, also where somebody typed it.
        if text.kept != COLUMN and pair and pair.text == kept and not pair.fits(text.source):
            return State.STALE
        return State.CONFIRMED

    def _need(self, text: TranslatableText) -> tuple[str, date | None]:
        if text.day and text.day >= self.project.today:
            return (text.needed_for[0], text.day)
        ahead = [(day, need) for need in text.needed_for if (day := self.needs.get(need))]
        if not ahead:
            return ("", None)
        day, need = min(ahead)
        return (need, day)

    def into(self, language: str) -> list[Item]:
        """Return what is left to translate into a language, what is needed first at the beginning."""
        items = (self.item(text, language) for text in self.texts if text.origin != language)
        return sorted((one for one in items if one.is_open), key=Item.rank)

    def counts(self) -> dict[str, int]:
        """Return how many texts are left by language."""
        return {language: len(self.into(language)) for language in self.languages}

    def states(self, items: Iterable[Item]) -> Counter[str]:
        return Counter(item.state for item in items)

    def find(self, language: str, kind: str, pk: int, field: str) -> Item | None:
        """Return the item at this address, also once it is translated."""
        for text in self.texts:
            if (text.kind, text.thing.pk, text.field) == (kind, pk, field):
                is_of_it = language in LANGUAGES and language != text.origin and text.is_open
                return self.item(text, language) if is_of_it else None
        return None


# --- Writing ---
#
# Writes translations where their readers find them, and remembers from which text they were made.

Address = tuple[str, str, int, str]  # of an item: language, kind, key of the thing, field


class TranslatedMeanwhile(Refusal):
    """Somebody else saved the translation, or the original changed, since the page was opened."""


class NewTranslation(NamedTuple):
    address: Address
    text: str
    seen: str
    """The stamp of what the translator saw (`stamp_of`)."""


def stamp_of(item: Item) -> str:
    """Return a hash of what a translator sees: the original, and the translation as it is saved."""
    shown = "\0".join([item.text.source.strip(), item.now.strip(), item.state])
    return hashlib.sha256(shown.encode()).hexdigest()[:20]


@transaction.atomic
def save_translations(
    project: Project, rows: list[NewTranslation], *, by: User, state: str
) -> list[Item]:
    """Save translations as drafts, or confirm them; all or none. Raises Refusal, and
    TranslatedMeanwhile if somebody saved one of them since the page was opened.

    The project is locked, so of two translators who save at once the second is refused.
    """
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if not may_translate(by, project):
        raise Refusal(_("Only the coordination of the project can translate its texts."))
    queue = Queue(by, project)
    saved = []
    with working_in(project):
        for row in rows:
            item = queue.find(*row.address)
            if item is None:
                raise Refusal(_("This text is no longer there, or can no longer be translated."))
            _save(item, row, project, by, state)
            saved.append(item)
    return saved


def _save(item: Item, row: NewTranslation, project: Project, by: User, state: str) -> None:
    text = clean_text(row.text).strip()
    is_again = item.state == state and item.now.strip() == text
    if stamp_of(item) != row.seen and not is_again:
        raise _moved(item)
    check_text(item, text)
    if state == Translation.State.CONFIRMED:
        PLACES[item.text.kept](item, text, by)
    Translation.objects.update_or_create(
        content_type=ContentType.objects.get_for_model(item.text.thing),
        object_id=item.text.thing.pk,
        field=item.text.field,
        language=item.language,
        defaults={
            "project": project,
            "source_language": item.text.origin,
            "source": item.text.source,
            "text": text,
            "state": state,
            "by": by,
            "at": timezone.now(),
        },
    )


def _moved(item: Item) -> TranslatedMeanwhile:
    if item.pair and item.now:
        sentence = _(
            "%(person)s saved this translation since you opened it. Yours is still below: compare "
            "it with the saved one, then save again."
        )
        return TranslatedMeanwhile(sentence % {"person": item.pair.by})
    return TranslatedMeanwhile(
        _(
            "The original or its translation has changed since you opened it. Yours is still "
            "below: compare it with what is there now, then save again."
        )
    )


def check_text(item: Item, text: str) -> None:
    """Refuse a translation that is empty or does not fit. Raises Refusal."""
    if not text:
        raise Refusal(_("Write the translation before you save it."))
    if item.text.kept == COLUMN:
        column = item.text.thing._meta.get_field(f"{item.text.field}_{item.language}")
        longest = getattr(column, "max_length", None) or MAX_LENGTH
    else:
        longest = MAX_LENGTH
    if len(text) > longest:
        raise Refusal(
            _("This translation has %(length)s characters; shorten it to at most %(limit)s.")
            % {"length": len(text), "limit": longest}
        )
    if item.text.kept in (SECTION, MINUTES):
        try:
            validate_markdown(text)
        except ValidationError as error:
            raise Refusal(" ".join(error.messages)) from error


# Where a confirmed translation goes


def _to_column(item: Item, text: str, by: User) -> None:
    thing, name = item.text.thing, item.text.field
    row = type(thing)._default_manager.select_for_update(of=("self",)).get(pk=thing.pk)
    column = f"{name}_{item.language}"
    # What was there before it is the original, also where nobody noted so.
    row.translation_sources.setdefault(name, {}).setdefault("origin", item.text.origin)
    setattr(row, column, text)
    row.note_translations([column])
    row.mark_translated(item.language, name)
    row.save(update_fields=[column, "translation_sources"])


def _to_section(item: Item, text: str, by: User) -> None:
    report: Report = item.text.thing
    if not may_write(by, report):
        raise Refusal(_("The report is signed off: its text can no longer change."))
    sections = {(one.slug, one.language): one for one in report.sections.select_related("result")}
    original = sections[item.text.field, item.text.origin]
    there = sections.get((item.text.field, item.language))
    result: Result | None = original.result if item.text.field.startswith(OF_RESULT) else None
    save_section(
        report,
        original.kind,
        item.language,
        text,
        seen_version=there.version if there else 0,
        by=by,
        result=result,
    )


def _to_minutes(item: Item, text: str, by: User) -> None:
    minutes = item.text.thing
    there = MinutesTranslation.objects.filter(minutes=minutes, language=item.language).first()
    texts = (there.texts if there else {}) | {item.text.field: text}
    version = there.version if there else 0
    translate_minutes(minutes, item.language, texts, seen_version=version, by=by)


def _to_pair(item: Item, text: str, by: User) -> None:
    """The row of the queue is the translation."""


PLACES: dict[str, Callable[[Item, str, User], Any]] = {
    COLUMN: _to_column,
    SECTION: _to_section,
    MINUTES: _to_minutes,
    PAIR: _to_pair,
}

"""The translation queue of a project: what has a reader in another language and is not in it, in the
order in which documents need it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts.models import User
from committees.models import ActionPlan, Meeting
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.translating.texts import COLUMN, PAIR, TranslatableText, texts_of
from kernel.kinds import MEETING, PLAN, REPORT
from kernel.languages import LANGUAGES
from kernel.text import StrOrPromise
from projects.models import Project, Translation
from projects.permissions.representations import contacts_placed_today
from projects.permissions.roles import may_edit


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

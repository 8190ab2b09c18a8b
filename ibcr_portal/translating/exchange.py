"""The queue as a file for an outside translator, and what of a file that came back would be written."""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core import signing
from django.db import models
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from ibcr_portal.translating.po import (
    Unit,
    UnreadableTranslations,
    read_po,
    read_xliff,
    unit_of,
    write_po,
    write_xliff,
)
from ibcr_portal.translating.queue import (
    Item,
    NewTranslation,
    Queue,
    State,
    check_text,
    save_translations,
    stamp_of,
)
from kernel.languages import LANGUAGES
from kernel.refusal import Refusal
from kernel.xml_text import xml_text
from projects.models import Project, Translation

XLIFF, PO = "xlf", "po"
WRITERS: dict[str, Callable[[list[Unit], str, str], bytes]] = {XLIFF: write_xliff, PO: write_po}
READERS: dict[str, Callable[[bytes], tuple[str, list[Unit]]]] = {XLIFF: read_xliff, PO: read_po}
VALID = 86_400  # seconds in which a preview can be imported


class ImportOutcome(models.TextChoices):
    NEW = "new", gettext_lazy("To be imported")
    SAME = "same", gettext_lazy("There already")
    EMPTY = "empty", gettext_lazy("Not translated")
    CHANGED = "changed", gettext_lazy("The original has changed since: export it again")
    CONFIRMED = "confirmed", gettext_lazy("Confirmed in another wording meanwhile: left as it is")
    UNKNOWN = "unknown", gettext_lazy("Not in this project, or no longer open")
    TWICE = "twice", gettext_lazy("In the file for the second time: left out")
    WRONG = "wrong", gettext_lazy("Does not fit")


class Planned(NamedTuple):
    """One text of a file, and what would be done with it."""

    unit: Unit
    outcome: str
    item: Item | None = None
    why: str = ""

    @property
    def outcome_label(self) -> str:
        return self.why or str(ImportOutcome(self.outcome).label)


class ImportPlan(NamedTuple):
    language: str
    rows: list[Planned]

    @property
    def new(self) -> list[Planned]:
        return [row for row in self.rows if row.outcome == ImportOutcome.NEW]

    @property
    def counts(self) -> list[dict[str, Any]]:
        found = Counter(row.outcome for row in self.rows)
        return [
            {"label": ImportOutcome(each).label, "value": found[each]}
            for each in ImportOutcome.values
            if found[each]
        ]


def export(queue: Queue, language: str, kind: str) -> bytes:
    """Return what is left to translate into a language. Raises KeyError for another kind of file."""
    units = [unit_of(item) for item in queue.into(language)]
    return WRITERS[kind](units, queue.project.code, language)


def plan_import(queue: Queue, content: bytes, kind: str) -> ImportPlan:
    """Return what a file would change. Nothing is written. Raises UnreadableTranslations."""
    language, units = READERS[kind](content)
    if language not in LANGUAGES:
        raise UnreadableTranslations(
            _("The file does not say into which language it translates. Export the queue again.")
        )
    if not units:
        raise UnreadableTranslations(_("This file holds no texts."))
    seen: set[str] = set()
    items = {text.key: text for text in queue.texts}
    rows = []
    for unit in units:
        text = items.get(unit.key)
        is_of_it = text is not None and text.is_open and text.origin != language
        item = queue.item(text, language) if text is not None and is_of_it else None
        rows.append(_planned(unit, item, unit.key in seen))
        seen.add(unit.key)
    return ImportPlan(language, rows)


def _planned(unit: Unit, item: Item | None, is_twice: bool) -> Planned:
    if item is None:
        return Planned(unit, ImportOutcome.UNKNOWN)
    if is_twice:
        return Planned(unit, ImportOutcome.TWICE, item)
    if not unit.target.strip():
        return Planned(unit, ImportOutcome.EMPTY, item)
    if xml_text(item.text.source).strip() != xml_text(unit.source).strip():
        return Planned(unit, ImportOutcome.CHANGED, item)
    if xml_text(item.now).strip() == xml_text(unit.target).strip():
        return Planned(unit, ImportOutcome.SAME, item)
    if item.state == State.CONFIRMED:
        return Planned(unit, ImportOutcome.CONFIRMED, item)
    try:
        check_text(item, unit.target.strip())
    except Refusal as refusal:
        return Planned(unit, ImportOutcome.WRONG, item, str(refusal))
    return Planned(unit, ImportOutcome.NEW, item)


# From the preview to the import: what was shown is signed for the person who saw it.


def sealed(plan: ImportPlan, project: Project, user: User) -> str:
    rows = [(row.item.address, row.unit.target, stamp_of(row.item)) for row in plan.new if row.item]
    return signing.dumps(rows, salt=_salt(project, user), compress=True)


def write_import(project: Project, seal: str, *, by: User, is_confirmed: bool) -> int:
    """Write what the preview showed, all of it or nothing. Raises Refusal."""
    try:
        rows = signing.loads(seal, salt=_salt(project, by), max_age=VALID)
    except signing.BadSignature as error:
        raise Refusal(_("This preview is no longer valid. Upload the file again.")) from error
    states = Translation.State
    state = states.CONFIRMED if is_confirmed else states.DRAFT
    new = [NewTranslation(tuple(address), text, seen) for address, text, seen in rows]
    return len(save_translations(project, new, by=by, state=state))


def _salt(project: Project, user: User) -> str:
    return f"translations:{project.pk}:{user.pk}"

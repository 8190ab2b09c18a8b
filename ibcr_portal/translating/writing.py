"""Writes translations where their readers find them, and remembers from which text they were made."""

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.minutes.services.minutes import translate_minutes
from committees.models import MinutesTranslation
from ibcr_portal.translating.queue import Item, Queue, may_translate
from ibcr_portal.translating.texts import COLUMN, MINUTES, PAIR, SECTION
from kernel.languages import working_in
from kernel.refusal import Refusal
from kernel.text import MAX_LENGTH, clean_text, validate_markdown
from projects.models import Project, Result, Translation
from reports.models import Report
from reports.models.report import OF_RESULT
from reports.permissions.reports import may_write
from reports.services.writing import save_section

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

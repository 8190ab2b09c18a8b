"""Which texts of a project can be translated, in which languages they are there, and where a
translation is kept: of each kind of record what a person may read."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from accounts.models import User
from committees.minutes.services.minutes import texts_to_translate
from committees.models import Minutes
from committees.permissions.meetings import items_seen
from ibcr_portal.kinds import KINDS
from kernel.kinds import MEETING, REPORT, Kind, Need
from kernel.languages import LANGUAGES
from kernel.text import translated_names
from projects.models import Project, Translation
from projects.permissions.roles import roles_of
from projects.translations import language_written_in
from reports.models import Report, Section
from reports.models.preset import SectionKind

# Where a translation is kept.
COLUMN, SECTION, MINUTES, PAIR = "column", "section", "minutes", "pair"
# Notes of the demonstration about itself.
NOT_TRANSLATED = frozenset({"source_note", "illustrative_note"})


class TranslatableText(NamedTuple):
    """A text of a thing, in the languages in which the thing itself has it."""

    thing: Any
    field: str
    label: str
    texts: dict[str, str]
    origin: str
    """The language in which it was written first."""
    url: str
    kept: str = PAIR
    needed_for: tuple[str, ...] = (REPORT,)
    day: date | None = None
    """On which it is needed, if the thing says so itself."""
    is_open: bool = True
    """Whether it can be translated still; what is frozen is only remembered."""
    stale: frozenset[str] = frozenset()
    """The languages in which it was made from an earlier text."""

    @property
    def kind(self) -> str:
        return str(self.thing._meta.label_lower)

    @property
    def source(self) -> str:
        return self.texts[self.origin]

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.thing.pk}:{self.field}"


Texts = Iterator[TranslatableText]


def texts_of(user: User, project: Project) -> Texts:
    """Yield every text of the project that the person may read and that has words."""
    roles = roles_of(user, project)
    for kind in KINDS:
        if kind.need:
            rows = kind.with_related(kind.seen_by(user, project, roles))
            own_way = OWN_WAYS.get(kind.model)
            texts = own_way(user, project, rows) if own_way else _texts_in_fields(kind, rows)
            yield from (text for text in texts if any(map(str.isalpha, text.source)))


def _texts_in_fields(kind: Kind, rows: QuerySet[Any]) -> Texts:
    names = [name for name in translated_names(kind.model) if name not in NOT_TRANSLATED]
    if not names:  # most records have no text that is typed, such as a comment on a value
        rows = rows.exclude(**dict.fromkeys(kind.typed, ""))
    for row in rows:
        label, url, need = kind.label_of(row), kind.url(row), kind.need_of(row)
        yield from _columns(row, names, label, url, need)
        yield from _typed(row, kind, label, url, need)


def _columns(row: Any, names: list[str], label: str, url: str, need: Need) -> Texts:
    """Yield names and other texts with a column for each language."""
    stale = defaultdict(set)
    for name, language in row.stale_translations if names else ():
        stale[name].add(language)
    for name in names:
        if (origin := row.origin_of(name)) is None:
            continue
        texts = {each: text for each in LANGUAGES if (text := getattr(row, f"{name}_{each}"))}
        words = str(getattr(type(row), name)._field.verbose_name or name)
        yield TranslatableText(
            *(row, name, f"{label} · {words}", texts, origin, url, COLUMN, *need),
            stale=frozenset(stale[name]),
        )


def _typed(row: Any, kind: Kind, label: str, url: str, need: Need) -> Texts:
    """Yield texts that were typed in one language."""
    for name in kind.typed:
        if not (text := getattr(row, name).strip()):
            continue
        words = str(row._meta.get_field(name).verbose_name)
        noted = getattr(row, kind.written_in[name]) if name in kind.written_in else ""
        if origin := noted or language_written_in(text):
            texts = {origin: text}
            yield TranslatableText(
                *(row, name, f"{label} · {words}", texts, origin, url, PAIR, *need)
            )


# Texts with rows of their own


def _minutes(user: User, project: Project, rows: QuerySet[Any]) -> Texts:
    """Opening, closing and notes, of items that the person may read."""
    seen = {row.pk: row for row in items_seen(user, project)}
    for row in rows.prefetch_related("translations"):
        kept = {one.language: one for one in row.translations.all()}
        for key, label, source in texts_to_translate(row):
            item = seen.get(int(key.removeprefix("item-"))) if key.startswith("item-") else None
            if (key.startswith("item-") and item is None) or not source.strip():
                continue
            origin = item.notes_language if item else row.language
            texts = {each: one.texts[key] for each, one in kept.items() if one.texts.get(key)}
            named = (row, key, f"{row} · {label}", texts | {origin: source}, origin)
            yield TranslatableText(*named, row.get_absolute_url(), MINUTES, (MEETING,))


def _sections(user: User, project: Project, reports: QuerySet[Any]) -> Texts:
    made = _translated_sections(project)
    for report in reports.prefetch_related("sections__result"):
        report.project = project
        written: dict[str, dict[str, Section]] = defaultdict(dict)
        for section in report.sections.all():
            if section.text.strip():
                written[section.slug][section.language] = section
        for slug, rows in written.items():
            yield _section(report, slug, rows, made)


def _translated_sections(project: Project) -> set[tuple[int, str, str]]:
    """Return report, section and language of what the queue translated: it is no original."""
    kind = ContentType.objects.get_for_model(Report)
    rows = Translation.objects.confirmed().filter(project=project, content_type=kind)
    return set(rows.values_list("object_id", "field", "language"))


def _section(
    report: Report, slug: str, rows: dict[str, Section], made: set[tuple[int, str, str]]
) -> TranslatableText:
    """The original of a section is what nobody translated here; of several, the one in the language
    that the project names first."""
    order = {each: place for place, each in enumerate(report.project.languages)}
    originals = [each for each in rows if (report.pk, slug, each) not in made] or list(rows)
    origin = min(originals, key=lambda each: (order.get(each, len(order)), each))
    first = rows[origin]
    label = SectionKind(first.kind).label
    return TranslatableText(
        *(report, slug, f"{report} · {label}{f' · {first.result.code}' if first.result else ''}"),
        {language: row.text for language, row in rows.items()},
        *(origin, report.get_absolute_url()),
        kept=SECTION,
        is_open=not report.is_frozen,
        stale=frozenset(each for each, row in rows.items() if row.updated_at < first.updated_at),
    )


OWN_WAYS: dict[type, Callable[[User, Project, QuerySet[Any]], Texts]] = {
    Minutes: _minutes,
    Report: _sections,
}

"""What the whole portal knows of a kind of record, declared once, in the `kinds.py` of its app.

The search, the translations and the evidence chain read these entries, and know no subject by
name. What Django knows of a model is not repeated in them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.text import capfirst

from kernel.contents import Content, merged, translated, typed, with_pairs
from kernel.organisation import home_zone
from kernel.text import StrOrPromise

# The documents that need a text in another language.
MEETING, PLAN, REPORT = "meeting", "plan", "report"


class Need(NamedTuple):
    """For which documents the translation of a text is needed."""

    documents: tuple[str, ...] = (REPORT,)
    day: date | None = None
    """On which it is needed, if the record says so itself."""
    is_open: bool = True
    """Whether it can be translated still; what is frozen is only remembered."""


def everybody(roles: frozenset[Any]) -> models.Q:
    """Match all records of a project, for whoever has a role in it (`Kind.read_by`)."""
    return models.Q()


def for_report(row: Any) -> Need:
    return Need()


def for_meeting_and_report(row: Any) -> Need:
    return Need((MEETING, REPORT))


def for_all_documents(row: Any) -> Need:
    return Need((MEETING, PLAN, REPORT))


@dataclass(frozen=True, kw_only=True)
class Kind:
    model: type[models.Model]
    read_by: Callable[[frozenset[Any]], models.Q] | None = None
    """Matches those that people with these roles in the project may read, if roles alone decide."""
    visible: Callable[[Any, Any], models.QuerySet[Any]] | None = None
    """Otherwise: the records of a project that a person may read, `visible(user, project)`."""
    name: str = ""
    """By which addresses and citations know it; by default that of the model."""
    project: str | None = None
    """The way to the project, where it is not the shortest one; empty if they belong to none."""
    related: tuple[str, ...] = ()
    """What is read with a record, beside its project."""
    prefetched: tuple[str, ...] = ()
    read: Callable[[], models.QuerySet[Any]] | None = None
    """How the search reads them, if that is not enough."""

    # --- What it says

    titles: tuple[str, ...] = ()
    """Translated fields by which it is called."""
    texts: tuple[str, ...] = ()
    """Other translated fields that are searched."""
    typed: tuple[str, ...] = ()
    """Fields whose text is typed in one language, and translated in the queue."""
    written_in: Mapping[str, str] = field(default_factory=dict)
    """The field that has the language of such a text, if it was noted."""
    code: str = ""
    """The attribute by which it is cited, such as `code` or `action.reference`."""
    label: Callable[[Any], str] | None = None
    """How its texts are called in a list: by default by the code, else by the kind."""

    # --- Where it is

    page: str = ""
    """The reference to what has the page, if it has none of its own."""
    place: Callable[[Any], list[Any]] = lambda row: []
    """What it is in, from the outside in; the project is shown before."""
    day: Callable[[Any], date | datetime | None] = lambda row: None

    # --- Search and translation

    search: str = ""
    """Its name in the index of the search; what is not searched has none."""
    found_as: StrOrPromise = ""
    """How the search calls it, if not by the name of the model."""
    words: Callable[[Any], Iterable[Content]] | None = None
    """What is searched, if it is more than the fields above."""
    file: Callable[[Any], FieldFile | None] | None = None
    """The file of which the search reads the pages."""
    file_title: Callable[[Any], str] = str
    state: Callable[[Any], str] = lambda row: str(getattr(row, "status", ""))
    need: Callable[[Any], Need] | None = None
    """For which documents its texts are translated; others are not in the queue."""
    step: int = 0
    """On which step of the evidence chain it is, from 1; most kinds are on none."""
    named_by: tuple[str, ...] = ()
    """The columns of which its name and its address are made."""

    @property
    def called(self) -> str:
        return self.name or str(self.model._meta.model_name)

    @cached_property
    def way(self) -> str:
        """The lookup of the project: `committee__project`."""
        if self.project is not None:
            return self.project
        return way_to(self.model, lambda field: field.name == "project")

    def project_of(self, row: Any) -> int | None:
        *names, last = self.way.split("__")
        for name in names:
            row = getattr(row, name)
        key: int | None = getattr(row, last if last == "id" else f"{last}_id") if last else None
        return key

    def with_related(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Return the rows with what their names and addresses need."""
        names = [name for name in (self.way, *self.related) if name not in ("", "id")]
        return rows.select_related(*names) if names else rows

    def seen_by(self, user: Any, project: Any, roles: frozenset[Any]) -> models.QuerySet[Any]:
        """Return the records of the project that the person, who has these roles in it, may read."""
        if self.read_by:
            rows = self.model._default_manager.filter(**{self.way: project.pk})
            return rows.filter(self.read_by(roles))
        assert self.visible, f"Say in its entry who sees a {self.called}."
        return self.visible(user, project)

    def rows(self, keys: Iterable[int]) -> list[Any]:
        every = self.read() if self.read else self.with_related(self.model._default_manager.all())
        pairs = ("pairs",) if hasattr(self.model, "pairs") else ()
        return list(every.filter(pk__in=keys).prefetch_related(*pairs, *self.prefetched))

    def contents(self, row: Any) -> Iterator[Content]:
        """Yield what is searched of a record, part by part; of a file what is said of it."""
        if self.words:
            yield from self.words(row)
            return
        written = typed(*(getattr(row, name) for name in self.typed))
        texts = with_pairs(row, merged(translated(row, *self.texts), written))
        yield Content(translated(row, *self.titles), texts, code=self.code_of(row))

    def code_of(self, row: Any) -> str:
        return str(attrgetter(self.code)(row)) if self.code else ""

    @property
    def search_label(self) -> str:
        return str(self.found_as) or capfirst(str(self.model._meta.verbose_name))

    def label_of(self, row: Any) -> str:
        if self.label:
            return self.label(row)
        return self.code_of(row) if self.code else capfirst(str(row._meta.verbose_name))

    def url(self, row: Any) -> str:
        thing = getattr(row, self.page) if self.page else row
        return str(thing.get_absolute_url())

    def need_of(self, row: Any) -> Need:
        return self.need(row) if self.need else Need(())

    def day_of(self, row: Any) -> date | None:
        day = self.day(row)
        return timezone.localdate(day, home_zone()) if isinstance(day, datetime) else day


def way_to(
    start: type[models.Model], is_goal: "Callable[[models.ForeignKey[Any, Any]], bool]"
) -> str:
    """Return the shortest way along references that are always there, else along any."""
    found = _shortest(start, is_goal, lambda field: not field.null)
    return found or _shortest(start, is_goal, lambda field: True)


def _shortest(
    start: type[models.Model],
    is_goal: "Callable[[models.ForeignKey[Any, Any]], bool]",
    may_follow: "Callable[[models.ForeignKey[Any, Any]], bool]",
) -> str:
    ways: list[tuple[type[models.Model], str]] = [(start, "")]
    seen = {start}
    for model, way in ways:
        for reference in model._meta.concrete_fields:
            if not isinstance(reference, models.ForeignKey) or not may_follow(reference):
                continue
            if is_goal(reference):
                return f"{way}{reference.name}"
            target = reference.related_model
            if isinstance(target, type) and target not in seen:
                seen.add(target)
                ways.append((target, f"{way}{reference.name}__"))
    return ""

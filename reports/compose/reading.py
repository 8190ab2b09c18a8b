"""The reading of a document: which audience it is for, what that audience may see, and as of which
day."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import models

from committees.models import Audience
from kernel.formats import MISSING
from kernel.guessing import guessed_language
from kernel.languages import LANGUAGES
from kernel.lifecycle import Lifecycle, StatusChange
from kernel.text import active_language, read, which_language
from partners.models import Institution
from projects.framework.disclosure import FEWEST_DISCLOSED, is_small
from projects.framework.tree import Node, logic_model
from projects.models import Amendment, DataPoint, Project
from projects.permissions.naming import NamesForAudience, NamingRules, readers_in
from projects.permissions.values import donors_may_see_small_counts
from projects.translations import served
from reports.document_types import LocalText
from reports.models import Report, SectionKind

# The audiences that reports are made for.
AUDIENCES = (
    Audience.DONOR.value,
    Audience.COMMITTEE.value,
    Audience.PARTNERS.value,
    Audience.COORDINATION.value,
)

# The audiences whose texts a document may disclose: its own, the public's and what the whole
# committee heard (its register is open to partners and donor, see `committees.permissions.roles`).
READS = {
    Audience.DONOR: {Audience.DONOR, Audience.COMMITTEE, Audience.PUBLIC},
    Audience.COMMITTEE: {Audience.COMMITTEE, Audience.PUBLIC},
    Audience.PARTNERS: {Audience.PARTNERS, Audience.COMMITTEE, Audience.PUBLIC},
    Audience.VOTING: {Audience.VOTING, Audience.COMMITTEE, Audience.PUBLIC},
    # What may be published: nothing reserved, and only resolutions that were adopted.
    Audience.PUBLIC: {Audience.COMMITTEE, Audience.PUBLIC},
    Audience.COORDINATION: set(Audience),
}

Rows = TypeVar("Rows")


@dataclass(frozen=True)
class DocumentReading:
    """One document to compose: of which project, in which language, for whom, as of which day."""

    project: Project
    language: str
    audience: str
    as_of: date
    names_on: date  # the day whose names of institutions are used
    addressees: frozenset[int] = field(default=frozenset(), kw_only=True)  # keys of institutions
    # Rows that all documents which are composed together share (`once`).
    shared: dict[str, Any] = field(default_factory=dict, kw_only=True, repr=False, compare=False)

    def once(self, name: str, read: Callable[[], Rows]) -> Rows:
        """Read rows that are the same in each language once for all documents of a sign-off.

        The name must say what else of the reading the rows depend on.
        """
        if name not in self.shared:
            self.shared[name] = read()
        rows: Rows = self.shared[name]
        return rows

    def once_for_such_readers(self, name: str, compose: Callable[[], Rows]) -> Rows:
        """Compose once, for all audiences, what depends on nothing of its readers but their
        language, the institutions that they know by name, and whether they see small counts.

        Blocks with links cannot be shared: `document_of` removes those that lead nowhere."""
        hidden = sorted(self.naming.hidden)
        key = f"{name}, {self.language}, {self.discloses_small_counts}, {hidden}"
        return self.once(key, compose)

    @property
    def is_internal(self) -> bool:
        return self.audience == Audience.COORDINATION

    @cached_property
    def naming(self) -> NamesForAudience:
        """Which institutions its readers may know by name. Whoever a letter is addressed to reads
        their own name in it."""
        readers = readers_in(self.project, self.audience, self.addressees)
        return NamesForAudience(self.project, readers, self.once("naming rules", NamingRules))

    @cached_property
    def discloses_small_counts(self) -> bool:
        """Whether its readers see counts of fewer than five persons: the coordination does, and the
        donor if its agreements say so."""
        if self.audience == Audience.DONOR:
            return donors_may_see_small_counts(self.project)
        return self.is_internal

    @cached_property
    def audiences(self) -> set[str]:
        return {str(audience) for audience in READS[Audience(self.audience)]}

    @property
    def amendments(self) -> list[Amendment]:
        """The amendments as of the day of the document: a later answer is not known yet."""
        return self.once("amendments", self._read_amendments)

    @property
    def amendments_shown(self) -> list[Amendment]:
        """Those of which its readers may know: partners of what is in effect, the donor and the public
        of what was submitted. Who recommends or prepares them knows them all."""
        outside = {
            Audience.PARTNERS: {Amendment.Status.EFFECTIVE},
            Audience.DONOR: Amendment.SHOWN_TO_DONOR,
            Audience.PUBLIC: Amendment.SHOWN_TO_DONOR,
        }
        shown = outside.get(Audience(self.audience), Amendment.Status)
        return [each for each in self.amendments if each.status in shown]

    def _read_amendments(self) -> list[Amendment]:
        found = list(self.project.amendments.select_related("project"))
        self.undo_later_steps(found)
        for amendment in found:
            if not self.knows(amendment.donor_decided_on):
                amendment.donor_decided_on, amendment.donor_reference = None, ""
        return found

    @cached_property
    def current_end(self) -> date:
        """The end of the project, without extensions that took effect after the document."""
        undone = [
            amendment.end_before or self.project.original_end
            for amendment in self.amendments
            if amendment.end_after == self.project.current_end
            and amendment.status != Amendment.Status.EFFECTIVE
        ]
        return min([self.project.current_end, *undone])

    def knows(self, day: date | None) -> bool:
        return day is not None and day <= self.as_of

    def undo_later_steps(self, things: Iterable[Lifecycle]) -> set[int]:
        """Undo, in memory only, the steps taken after the day of the document.

        Returns the keys of the things that had taken some. One query for all things of a kind.
        """
        things = list(things)
        if not things:
            return set()
        changes = StatusChange.objects.filter(
            content_type=ContentType.objects.get_for_model(things[0]),
            object_id__in={thing.pk for thing in things},
            happened_on__gt=self.as_of,
        ).order_by("-pk")
        before = {change.object_id: change.from_status for change in changes}
        for thing in things:
            thing.status = before.get(thing.pk, thing.status)
        return set(before)

    def short_name(self, institution: Institution) -> str:
        name = institution.name_on(self.names_on)
        return (name.acronym or name.name) if name else MISSING

    def count_of_persons(self, count: int | None) -> str:
        """Return a number of persons; the smallest are withheld unless its readers see small
        counts."""
        if count is None:
            return ""
        if is_small(count) and not self.discloses_small_counts:
            return f"< {FEWEST_DISCLOSED}"
        return str(count)


@dataclass(frozen=True)
class ReportReading(DocumentReading):
    report: Report

    @classmethod
    def of(
        cls,
        report: Report,
        *,
        language: str,
        audience: str,
        as_of: date,
        shared: dict[str, Any] | None = None,
    ) -> "ReportReading":
        """Return the reading of a report, with the names of institutions on the last day of the
        period.

        `shared` may only come from documents of the same report and day.
        """
        names_on = report.period.end
        shared = {} if shared is None else shared
        return cls(report.project, language, audience, as_of, names_on, report, shared=shared)

    @property
    def start(self) -> date:
        """The first day that the report covers."""
        return self.report.start

    @property
    def end(self) -> date:
        return self.report.end

    def section_name(self, kind: SectionKind) -> str:
        """Return the name of that section in the report, or "" if it has none."""
        rows = self.report.preset.rows
        return next((str(row.name) for row in rows if row.kind == kind), "")

    @cached_property
    def tree(self) -> list[Node]:
        """The results, with the cumulative values of their indicators at the end of the period."""
        return self.once(f"tree, {self.discloses_small_counts}", self._read_tree)

    @property
    def points(self) -> dict[int, list[DataPoint]]:
        """The values that were approved on the day of the document, by their indicator's key."""
        return self.once("points", self._read_points)

    def _read_points(self) -> dict[int, list[DataPoint]]:
        found = DataPoint.objects.filter(indicator__result__project=self.project)
        points = list(found.select_related("period").with_cells())
        self.undo_later_steps(points)
        values: dict[int, list[DataPoint]] = defaultdict(list)
        for point in points:
            if point.status == DataPoint.Status.APPROVED:
                values[point.indicator_id].append(point)
        return values

    def _read_tree(self) -> list[Node]:
        return logic_model(
            self.project,
            [point for points in self.points.values() for point in points],
            through=self.report.period,
            small_counts=self.discloses_small_counts,
        )


def local_text(thing: models.Model | None, name: str) -> LocalText | None:
    """Return a text of three languages as it is read, with its language if it is another one."""
    text = read(thing, name) if thing else ""
    if thing is None or not text:
        return None
    return in_language(text, which_language(thing, name))


def text_of(thing: models.Model | None, name: str) -> LocalText:
    """Return the same, and an empty text where there is none."""
    return local_text(thing, name) or {"text": "", "lang": ""}


def as_written(text: str) -> LocalText:
    """Return a text of a field without languages: the translation into the language of the document
    that somebody confirmed, or else as it was written, with the language that it seems to be in."""
    read = served(text)
    return in_language(read.text, read.language)


def as_named(name: str) -> LocalText:
    """Return who somebody is, as it was written: a proper name has no language, unless some of its
    words tell one."""
    return in_language(name, guessed_language(name, LANGUAGES, ""))


def in_language(text: str, language: str) -> LocalText:
    """Return the text with its language, which is left out where it is the one of the document."""
    return {"text": text, "lang": "" if language in ("", active_language()) else language}

"""Finds the portal's dimensions and categories for the breakdowns of an IATI file, and its organisations
in the register."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from kernel.names import plain
from kernel.text import LANGUAGES
from partners.models import Institution, InstitutionName
from projects import codelists
from projects.framework.disclosure import breakdown_may_be_disclosed, counts_of, may_be_disclosed
from projects.iati.document import IatiOrganisation, MeasuredIndicator, MeasuredValue
from projects.models import Category, DataPoint, Dimension, Indicator, Participation

MOST_DIMENSIONS = 2


class CellCategories(NamedTuple):
    """The categories of a cell: one, or two where it is broken down by two dimensions."""

    category: Category
    second: Category | None = None


class KnownDimensions:
    """The dimensions of the portal and their categories, read once."""

    def __init__(self) -> None:
        self.known: dict[str, list[tuple[Dimension, dict[str, Category]]]] = {}
        for dimension in Dimension.objects.with_categories():
            if name := codelists.dimension_name(dimension.code):
                categories = {each.code.casefold(): each for each in dimension.categories.all()}
                self.known.setdefault(name, []).append((dimension, categories))

    def of(self, indicator: MeasuredIndicator) -> list[Dimension]:
        """Returns the dimensions of an indicator: those of its first breakdown that the portal knows.

        Of several dimensions with the same name it is the one that knows most of the values.
        """
        rows = [each for each in _all_values(indicator) if each.dimensions]
        for names in dict.fromkeys(tuple(_plain(row)) for row in rows):
            if len(names) > MOST_DIMENSIONS or not all(name in self.known for name in names):
                continue
            values = {name: [_plain(row).get(name) for row in rows] for name in names}
            return [self._best(name, values[name]) for name in names]
        return []

    def _best(self, name: str, values: Iterable[str | None]) -> Dimension:
        values = list(values)

        def count_known(each: tuple[Dimension, dict[str, Category]]) -> int:
            return sum(1 for value in values if value in each[1])

        return max(self.known[name], key=count_known)[0]

    def categories(
        self, dimensions: list[Dimension], value: MeasuredValue
    ) -> CellCategories | None:
        """Returns the categories of a value; None if its dimensions are others, or a category is
        unknown."""
        values = _plain(value)
        names = [codelists.dimension_name(each.code) for each in dimensions]
        if not names or {*values} != {*names} or len(value.dimensions) != len(names):
            return None
        known = [
            category
            for dimension, name in zip(dimensions, names, strict=True)
            for other, categories in self.known[name]
            if other is dimension and (category := categories.get(values[name]))
        ]
        return CellCategories(*known) if len(known) == len(names) else None


def counts_things(indicator: Indicator, points: Iterable[DataPoint]) -> bool:
    """Returns whether an indicator counts things, since small counts of persons are not published.

    It counts things if it has a number below five, or cells without their total
    (`projects.framework.disclosure`). A breakdown by sex or age always counts persons.
    """
    if {codelists.SEX, codelists.AGE} & {
        codelists.dimension_name(each.code) for each in indicator.dimensions
    }:
        return False
    values: dict[tuple[str, int], list[DataPoint]] = {}
    for each in points:
        if each.kind != DataPoint.Kind.TARGET and each.numerator is not None:
            values.setdefault((each.kind, id(each.period)), []).append(each)
    return not all(_may_count_persons(indicator, rows) for rows in values.values())


def _may_count_persons(indicator: Indicator, rows: list[DataPoint]) -> bool:
    """Returns whether a total and its cells could be published if they counted persons; a
    percentage without its parts could."""
    total = next((each for each in rows if each.is_total), None)
    if total is None:
        return False
    whole = counts_of(indicator, total)
    cells = [
        counts for each in rows if not each.is_total and (counts := counts_of(indicator, each))
    ]
    return may_be_disclosed(whole or ()) and (not cells or breakdown_may_be_disclosed(cells, whole))


def _all_values(indicator: MeasuredIndicator) -> list[MeasuredValue]:
    rows = [each.measured for each in indicator.baselines]
    for period in indicator.periods:
        rows += [*period.targets, *period.actuals]
    return rows


def _plain(measured: MeasuredValue) -> dict[str, str]:
    return {
        name.strip().casefold(): value.strip().casefold() for name, value in measured.dimensions
    }


# --- Organisations ---


@dataclass
class DraftParticipation:
    """The role of an institution in the draft. `name`: its name if it is new in the register."""

    institution: Institution
    role: str
    name: InstitutionName | None = None

    @property
    def is_new(self) -> bool:
        return self.name is not None

    @property
    def role_label(self) -> str:
        return str(Participation.Role(self.role).label)


@dataclass
class RegisteredInstitution:
    """An institution of the register, or a new one with its name."""

    institution: Institution
    name: InstitutionName | None = None


class InstitutionRegister:
    """The institutions by identifier and by each of their names, read once."""

    def __init__(self) -> None:
        self.by_ref: dict[str, RegisteredInstitution] = {}
        self.by_name: dict[str, RegisteredInstitution] = {}
        for institution in Institution.objects.with_names().order_by("-pk"):
            entry = RegisteredInstitution(institution)
            if institution.identifier:
                self.by_ref[institution.identifier.casefold()] = entry
            for name in institution.names.all():
                for language in LANGUAGES:
                    self._add_name(getattr(name, f"name_{language}"), entry)

    def institution(self, organisation: IatiOrganisation) -> RegisteredInstitution | None:
        """Returns the institution with the organisation's identifier, or else one of its names."""
        if known := self.by_ref.get(organisation.ref.casefold()):
            return known
        for name in organisation.names.values():
            if known := self.by_name.get(plain(name)):
                return known
        return None

    def enter(
        self, organisation: IatiOrganisation, institution: Institution, name: InstitutionName
    ) -> RegisteredInstitution:
        """Adds a new institution, which the same file may name again."""
        entry = RegisteredInstitution(institution, name)
        if organisation.ref:
            self.by_ref[organisation.ref.casefold()] = entry
        for text in organisation.names.values():
            self._add_name(text, entry)
        return entry

    def _add_name(self, name: str, entry: RegisteredInstitution) -> None:
        if name:
            self.by_name[plain(name)] = entry

"""Synthetic projects of any size, equal for an equal seed, without real people.

Every text says that it is synthetic; institutions have numbers for names, and there are no persons.
Rows are made in bulk, without the rows of their history.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from itertools import pairwise

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image

from accounts.models import User
from bench.builder import ProjectParts
from bench.money import run_risks, spend
from bench.sizes import FIRST_DAY, PHOTO, REPORTED, SIZES, YEARS, Size
from bench.steering import plan_years, steer
from bench.words import markdown, sentence, title
from committees.models import Meeting
from kernel.files import sha256_of
from partners.models import Institution, InstitutionName
from projects.models import (
    Activity,
    Assignment,
    Category,
    DataPoint,
    Dimension,
    Evidence,
    Indicator,
    ParticipantGroup,
    Participation,
    Period,
    Project,
    Result,
)
from reports.models import Report, ReportPreset, Section, SectionKind
from reports.presets import DEFAULT

# Chapters alone, so that a report is as long as when the figures in docs/figures.md were taken.
WRITTEN = [
    kind.value for kind in SectionKind if kind.home == kind and kind != SectionKind.ANNEX_SUMMARY
]


@dataclass
class SyntheticProject:
    """The parts of a synthetic project that the measurements use."""

    project: Project
    report: Report
    meeting: Meeting


def institutions(count: int) -> list[Institution]:
    kinds = list(Institution.Kind)
    made = [Institution(kind=kinds[n % len(kinds)], illustrative=True) for n in range(count)]
    Institution.objects.bulk_create(made)
    InstitutionName.objects.bulk_create(
        InstitutionName(
            institution=institution,
            name_fr=f"Institution synthétique {n:03}",
            name_es=f"Institución sintética {n:03}",
            name_en=f"Synthetic institution {n:03}",
            acronym=f"SYN{n:03}",
        )
        for n, institution in enumerate(made, 1)
    )
    return made


def portfolio(count: int, partners: list[Institution], by: User) -> list[SyntheticProject]:
    """Many small projects."""
    return [build(SIZES["XS"], f"SYN-{n:03}", partners, by, seed=n) for n in range(1, count + 1)]


@transaction.atomic
def build(
    size: Size,
    code: str,
    partners: list[Institution],
    by: User,
    *,
    seed: int = 0,
    photo: Callable[[int], bytes] | None = None,
) -> SyntheticProject:
    """A project with a report in writing on its second year.

    by: who coordinates it and wrote the report. photo: the content of the nth photograph; without
    it there are none.
    """
    return _Builder(size, code, partners, by, random.Random(f"{code} {seed}")).build(photo)


class _Builder(ProjectParts):
    def build(self, photo: Callable[[int], bytes] | None) -> SyntheticProject:
        self.project = self._project()
        self.periods = self._periods()
        self.results = self._results()
        self.indicators = self._indicators()
        self._values()
        self.activities = self._activities()
        self._photos(photo)
        spend(self)
        run_risks(self)
        meetings = steer(self)
        plan_years(self)
        return SyntheticProject(self.project, self._report(), meetings[-1])

    # The project and its framework

    def _project(self) -> Project:
        end = FIRST_DAY.replace(year=FIRST_DAY.year + YEARS) - timedelta(1)
        project = Project.objects.create(
            code=self.code,
            starts_on=FIRST_DAY,
            original_end=end,
            current_end=end,
            illustrative=True,
            short_title_fr=f"Projet synthétique {self.code}",
            short_title_es=f"Proyecto sintético {self.code}",
            short_title_en=f"Synthetic project {self.code}",
            **self.texts("title", title),
            **self.texts("description", sentence, 40),
        )
        roles = Participation.Role
        of_all = [roles.FUNDING, roles.ACCOUNTABLE, roles.IMPLEMENTING]
        Participation.objects.bulk_create(
            Participation(
                project=project,
                institution=institution,
                role=of_all[n] if n < len(of_all) else roles.PARTNER,
            )
            for n, institution in enumerate(self.partners[: self.size.seats + 3])
        )
        Assignment.objects.create(project=project, user=self.by, role=Assignment.Role.COORDINATOR)
        return project

    def _periods(self) -> list[Period]:
        edges = [FIRST_DAY.replace(year=FIRST_DAY.year + n) for n in range(YEARS + 1)]
        return Period.objects.bulk_create(
            Period(project=self.project, number=n, start=start, end=end - timedelta(1))
            for n, (start, end) in enumerate(pairwise(edges), 1)
        )

    def _results(self) -> list[Result]:
        """Level by level, since a child names its parent; in the order of their codes."""
        size = self.size
        above = [self._result("ultimate", None, "1000")]
        Result.objects.bulk_create(above)
        made = list(above)
        for level, count, code in (
            ("intermediate", size.intermediate, "{parent:.1}{n}00"),
            ("immediate", size.immediate, "{parent:.2}{n}0"),
            ("output", size.outputs, "{parent:.3}{n}"),
        ):
            above = [
                self._result(level, parent, code.format(parent=parent.code, n=n))
                for parent in above
                for n in range(1, count + 1)
            ]
            Result.objects.bulk_create(above)
            made += above
        return sorted(made, key=lambda result: result.code)

    def _result(self, level: str, parent: Result | None, code: str) -> Result:
        return Result(
            project=self.project,
            level=level,
            parent=parent,
            code=code,
            **self.texts("statement", sentence, 16),
        )

    def _indicators(self) -> list[Indicator]:
        """Of three kinds in turn, the first of each kind broken down by sex."""
        sex = Dimension.objects.filter(code="sex").first() if self.size.broken_down else None
        measures = [Indicator.Measure.UNIT, Indicator.Measure.PERCENTAGE, Indicator.Measure.UNIT]
        return Indicator.objects.bulk_create(
            Indicator(
                result=(result := self.results[n % len(self.results)]),
                code=f"{result.code}.{n // len(self.results) + 1}",
                measure=measures[n % 3],
                counts_persons=n % 2 == 0,
                dimension=sex if n % 3 == 0 else None,
                source="Source synthétique",
                method="Méthode synthétique",
                frequency="Annuelle",
                responsible=self.partners[n % len(self.partners)],
                **self.texts("name", title),
            )
            for n in range(self.size.indicators)
        )

    def _values(self) -> None:
        """A baseline, a target for each year, an actual for each that is over, cells as well."""
        cells = {
            dimension: list(Category.objects.filter(dimension=dimension))
            for dimension in {each.dimension_id for each in self.indicators} - {None}
        }
        DataPoint.objects.bulk_create(
            (
                point
                for indicator in self.indicators
                for point in self._values_of(indicator, cells.get(indicator.dimension_id, []))
            ),
            batch_size=1000,
        )

    def _values_of(self, indicator: Indicator, categories: list[Category]) -> Iterator[DataPoint]:
        kinds = DataPoint.Kind
        yield self._value(indicator, kinds.BASELINE, None, 5)
        for period in self.periods:
            yield self._value(indicator, kinds.TARGET, period, self.chance.randrange(30, 80))
            if period.number > REPORTED:
                continue
            parts = [self.chance.randrange(8, 25) for _category in categories]
            whole = sum(parts) or self.chance.randrange(10, 90)
            yield self._value(indicator, kinds.ACTUAL, period, whole)
            for category, part in zip(categories, parts, strict=True):
                yield self._value(indicator, kinds.ACTUAL, period, part, category)

    def _value(
        self,
        indicator: Indicator,
        kind: str,
        period: Period | None,
        number: int,
        category: Category | None = None,
    ) -> DataPoint:
        is_share = indicator.measure == Indicator.Measure.PERCENTAGE
        has_comment = kind == DataPoint.Kind.ACTUAL and category is None
        return DataPoint(
            indicator=indicator,
            kind=kind,
            period=period,
            category=category,
            numerator=number,
            denominator=100 if is_share and kind == DataPoint.Kind.ACTUAL else None,
            comment=sentence(self.chance, "fr", 14) if has_comment else "",
            status=DataPoint.Status.APPROVED,
            entered_by=self.by,
        )

    # What was done

    def _activities(self) -> list[Activity]:
        outputs = [result for result in self.results if result.level == "output"]
        made = []
        for n in range(self.size.activities):
            start = self.day(self.year)
            made.append(
                Activity(
                    project=self.project,
                    result=outputs[n % len(outputs)],
                    kind=list(Activity.Kind)[n % len(Activity.Kind)],
                    place=f"Lieu synthétique {n % 9}",
                    planned_start=start,
                    planned_end=start + timedelta(20),
                    actual_start=start,
                    actual_end=start + timedelta(22) if n % 3 else None,
                    share_done=100 if n % 3 else 60,
                    participants=20 + n % 60,
                    responsible=self.partners[n % len(self.partners)],
                    **self.texts("title", title),
                    **self.texts("description", sentence, 20),
                )
            )
        Activity.objects.bulk_create(made)
        ParticipantGroup.objects.bulk_create(
            ParticipantGroup(activity=activity, women=12, men=7, unsaid=1) for activity in made
        )
        return made

    def _photos(self, photo: Callable[[int], bytes] | None) -> None:
        if photo is None:
            return
        for n in range(self.size.photos):
            content = ContentFile(photo(n), name="photo.jpg")
            evidence = Evidence(
                activity=self.activities[n % len(self.activities)],
                title=f"Photo synthétique {n + 1}",
                original_name="photo.jpg",
                kind="jpeg",
                size=content.size,
                sha256=sha256_of(content),
                consent=Evidence.Consent.NOBODY,
                audience=Evidence.Audience.SHARED,
                accepted_on=self.year.end,
            )
            evidence.file.save("photo.jpg", content)

    # Its report

    def _report(self) -> Report:
        report = Report.objects.create(
            project=self.project,
            period=self.year,
            preset=ReportPreset.objects.get(key=DEFAULT),
            written_by=self.by,
            illustrative=True,
        )
        Section.objects.bulk_create(
            Section(
                report=report,
                kind=kind,
                language=language,
                text=text,
                version=1,
                updated_by=self.by,
            )
            for kind in WRITTEN
            for language, text in self._narrative().items()
        )
        return report

    def _narrative(self) -> dict[str, str]:
        texts = self.texts("text", markdown, self.size.paragraphs)
        return {name.removeprefix("text_"): text for name, text in texts.items()}


def photograph(seed: int, size: tuple[int, int] = PHOTO) -> bytes:
    """A JPEG of nothing, as heavy as one of something: slopes of colour under the grain of a
    sensor."""
    chance = random.Random(seed)

    def noise(width: int, height: int) -> Image.Image:
        few = Image.frombytes("RGB", (width, height), chance.randbytes(3 * width * height))
        return few.resize(size, Image.Resampling.BICUBIC)

    target = BytesIO()
    picture = Image.blend(noise(8, 6), noise(size[0] // 4, size[1] // 4), 0.15)
    picture.save(target, "JPEG", quality=92)
    return target.getvalue()

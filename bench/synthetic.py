"""Synthetic projects: as large as is asked for, equal for an equal seed, and of nobody.

Every text says that it is synthetic; institutions have numbers for names, and there are no
persons. Rows are made in bulk, as they are in a portal that has been used for years: without the
rows of their history.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image

from accounts.models import User
from bench.sizes import SIZES, Size
from bench.words import LANGUAGES, markdown, sentence, title
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Attendance,
    Committee,
    Meeting,
    Resolution,
    Seat,
    Subject,
)
from committees.models.quorum import Quorum, QuorumRules
from kernel.files import sha256_of
from partners.models import Institution, InstitutionName
from projects.models import (
    Activity,
    Amendment,
    Assignment,
    Budget,
    BudgetCategory,
    BudgetLine,
    Category,
    DataPoint,
    Dimension,
    Evidence,
    Expenditure,
    Indicator,
    ParticipantGroup,
    Participation,
    Period,
    Project,
    Result,
    Risk,
    RiskRating,
)
from reports.models import Report, ReportPreset, Section
from reports.presets import DEFAULT

FIRST_DAY = date(2019, 4, 1)
YEARS = 3
REPORTED = 2  # the year reported on: with one before and one to come
PHOTO = (4000, 3000)  # as a telephone takes it


@dataclass
class Made:
    """What measures need of a synthetic project."""

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


def portfolio(count: int, partners: list[Institution], by: User) -> list[Made]:
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
) -> Made:
    """A project with a report in writing on its second year.

    by: who coordinates it and wrote the report. photo: the content of the nth photograph; without
    it there are none.
    """
    return _Builder(size, code, partners, by, random.Random(f"{code} {seed}")).build(photo)


@dataclass
class _Builder:
    size: Size
    code: str
    partners: list[Institution]
    by: User
    chance: random.Random

    def build(self, photo: Callable[[int], bytes] | None) -> Made:
        self.project = self._project()
        self.periods = self._periods()
        self.results = self._results()
        self.indicators = self._indicators()
        self._values()
        self.activities = self._activities()
        self._photos(photo)
        self._money()
        self._risks()
        meetings = self._committee()
        self._plans()
        return Made(self.project, self._report(), meetings[-1])

    # What is written

    def _texts(self, name: str, make: Callable[..., str], *args: Any) -> dict[str, str]:
        """The columns of a text in three languages, of the same length in each."""
        seed = self.chance.random()
        return {
            f"{name}_{language}": make(random.Random(seed), language, *args)
            for language in LANGUAGES
        }

    def _day(self, period: Period) -> date:
        return period.start + timedelta(self.chance.randrange((period.end - period.start).days))

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
            **self._texts("title", title),
            **self._texts("description", sentence, 40),
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

    @property
    def year(self) -> Period:
        return self.periods[REPORTED - 1]

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
            **self._texts("statement", sentence, 16),
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
                **self._texts("name", title),
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
        is_told = kind == DataPoint.Kind.ACTUAL and category is None
        return DataPoint(
            indicator=indicator,
            kind=kind,
            period=period,
            category=category,
            numerator=number,
            denominator=100 if is_share and kind == DataPoint.Kind.ACTUAL else None,
            comment=sentence(self.chance, "fr", 14) if is_told else "",
            status=DataPoint.Status.APPROVED,
            entered_by=self.by,
        )

    # What was done

    def _activities(self) -> list[Activity]:
        outputs = [result for result in self.results if result.level == "output"]
        made = []
        for n in range(self.size.activities):
            start = self._day(self.year)
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
                    **self._texts("title", title),
                    **self._texts("description", sentence, 20),
                )
            )
        Activity.objects.bulk_create(made)
        ParticipantGroup.objects.bulk_create(
            ParticipantGroup(activity=activity, women=12, men=7, unsaid=1) for activity in made
        )
        return made

    def _photos(self, photo: Callable[[int], bytes] | None) -> None:
        for n in range(self.size.photos if photo else 0):
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

    def _money(self) -> None:
        Budget.objects.create(project=self.project, approved_on=FIRST_DAY)
        categories = BudgetCategory.objects.bulk_create(
            BudgetCategory(
                project=self.project,
                code=f"{n:02}",
                name_fr=f"Catégorie synthétique {n:02}",
                name_es=f"Categoría sintética {n:02}",
                name_en=f"Synthetic category {n:02}",
                position=n,
            )
            for n in range(1, self.size.categories + 1)
        )
        BudgetLine.objects.bulk_create(
            BudgetLine(
                project=self.project,
                category=category,
                period=period,
                result=result,
                original=Decimal(self.chance.randrange(2_000, 90_000)),
            )
            for category in categories
            for period in self.periods
            for result in (None, *self.results[:3])
        )
        Expenditure.objects.bulk_create(
            (
                Expenditure(
                    project=self.project,
                    category=categories[n % len(categories)],
                    spent_on=self._day(self.periods[n % REPORTED]),
                    amount=Decimal(self.chance.randrange(100, 900_000)) / 100,
                    currency=self.project.currency,
                    description=f"Dépense synthétique {n + 1}",
                    voucher=f"SYN-{n + 1:05}",
                )
                for n in range(self.size.expenditures)
            ),
            batch_size=1000,
        )

    def _risks(self) -> None:
        risks = Risk.objects.bulk_create(
            Risk(
                project=self.project,
                number=n + 1,
                kind=list(Risk.Kind)[n % len(Risk.Kind)],
                owner_role=Assignment.Role.COORDINATOR,
                identified_on=FIRST_DAY,
                is_shared=n % 2 == 0,
                **self._texts("definition", sentence, 18),
                **self._texts("cause", sentence, 12),
                **self._texts("response", sentence, 24),
            )
            for n in range(self.size.risks)
        )
        RiskRating.objects.bulk_create(
            RiskRating(
                risk=risk,
                rated_on=period.start + timedelta(30),
                likelihood=self.chance.randint(1, 4),
                impact=self.chance.randint(1, 4),
                by=self.by,
            )
            for risk in risks
            for period in self.periods[:REPORTED]
        )

    # How it is steered

    def _committee(self) -> list[Meeting]:
        self.committee = Committee.objects.create(
            project=self.project,
            status=Committee.Status.ACTIVE,
            name_fr="Comité synthétique",
            name_es="Comité sintético",
            name_en="Synthetic committee",
            **self._texts("mandate", sentence, 60),
        )
        self.seats = Seat.objects.bulk_create(
            Seat(
                committee=self.committee,
                institution=self.partners[n % len(self.partners)],
                is_voting=n % 4 != 3,
                position=n,
            )
            for n in range(self.size.seats)
        )
        meetings = Meeting.objects.bulk_create(self._meetings())
        Attendance.objects.bulk_create(
            Attendance(
                meeting=meeting,
                seat=seat,
                presence=Attendance.Presence.ABSENT if n % 5 == 4 else Attendance.Presence.ONLINE,
            )
            for meeting in meetings
            for n, seat in enumerate(self.seats)
        )
        self.decisions = self._resolutions(meetings)
        self._amendments()
        return meetings

    def _meetings(self) -> Iterator[Meeting]:
        voting = [n for n, seat in enumerate(self.seats) if seat.is_voting]
        present = sum(n % 5 != 4 for n in voting)
        rules = QuorumRules()
        facts = Quorum(present, 0, len(voting), rules.seats_required(len(voting)))
        kept = {"rules": rules.written(), "facts": facts.written()}
        for n in range(self.size.meetings * REPORTED):
            period = self.periods[n // self.size.meetings]
            day = period.start + timedelta(
                10 + 340 * (n % self.size.meetings) // self.size.meetings
            )
            start = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
            yield Meeting(
                committee=self.committee,
                number=n + 1,
                starts_at=start,
                ends_at=start + timedelta(hours=2),
                mode=Meeting.Mode.ONLINE,
                status=Meeting.Status.HELD,
                quorum_kept=kept,
            )

    def _resolutions(self, meetings: list[Meeting]) -> list[Resolution]:
        """Two decisions, then a recommendation, on an item each; each speaks of a result."""
        items = AgendaItem.objects.bulk_create(
            AgendaItem(
                meeting=meeting,
                position=n,
                purpose=AgendaItem.Purpose.DECIDE,
                status=AgendaItem.Status.DISCUSSED,
                **self._texts("title", title),
            )
            for meeting in meetings
            for n in range(self.size.resolutions)
        )
        kinds = Resolution.Kind
        made = Resolution.objects.bulk_create(
            Resolution(
                committee=self.committee,
                meeting=item.meeting,
                agenda_item=item,
                number=f"{item.meeting.starts_at.year}-{'R' if n % 3 == 2 else ''}{n + 1}",
                kind=kinds.RECOMMENDATION if n % 3 == 2 else kinds.DECISION,
                status=Resolution.Status.ISSUED if n % 3 == 2 else Resolution.Status.ADOPTED,
                rule="" if n % 3 == 2 else Resolution.Rule.CONSENSUS,
                resolved_on=item.meeting.starts_at.date(),
                addressee=self.partners[n % len(self.partners)],
                due_on=item.meeting.starts_at.date() + timedelta(90),
                **self._texts("text", sentence, 28),
            )
            for n, item in enumerate(items)
        )
        Subject.objects.bulk_create(
            Subject(resolution=resolution, result=self.results[n % len(self.results)])
            for n, resolution in enumerate(made)
        )
        return [resolution for resolution in made if resolution.is_decision]

    def _amendments(self) -> None:
        amendments = Amendment.objects.bulk_create(
            Amendment(
                project=self.project,
                number=n + 1,
                kind=Amendment.Kind.OTHER,
                status=Amendment.Status.EFFECTIVE,
                donor_decided_on=self.year.start + timedelta(60),
                **self._texts("title", title),
                **self._texts("reason", sentence, 24),
            )
            for n in range(self.size.amendments)
        )
        Subject.objects.bulk_create(
            Subject(resolution=self.decisions[n % len(self.decisions)], amendment=amendment)
            for n, amendment in enumerate(amendments)
        )

    def _plans(self) -> None:
        """The year's plan in execution, and next year's, validated, a quarter as long."""
        statuses = [ActionPlan.Status.IN_EXECUTION, ActionPlan.Status.VALIDATED]
        plans = ActionPlan.objects.bulk_create(
            ActionPlan(
                project=self.project, period=period, status=status, validated_by=self.decisions[0]
            )
            for period, status in zip(self.periods[REPORTED - 1 :], statuses, strict=True)
        )
        actions = Action.objects.bulk_create(
            Action(
                project=self.project,
                reference=f"{n % 9 + 1}.{n // 9 + 1}",
                status=Action.Status.IN_PROGRESS if n % 3 == 0 else Action.Status.DONE,
                share_done=50 if n % 3 == 0 else 100,
            )
            for n in range(self.size.actions)
        )
        terms = [self._terms(plans[0], action) for action in actions]
        terms += [self._terms(plans[1], action) for action in actions[::4]]
        ActionTerms.objects.bulk_create(terms, batch_size=500)

    def _terms(self, plan: ActionPlan, action: Action) -> ActionTerms:
        start = self._day(plan.period)
        n = self.chance.randrange(1000)
        return ActionTerms(
            plan=plan,
            action=action,
            starts_on=start,
            ends_on=min(start + timedelta(40), plan.period.end),
            responsible=self.partners[n % len(self.partners)],
            result=self.results[n % len(self.results)],
            activity=self.activities[n % len(self.activities)],
            budget=Decimal(500 + n),
            **self._texts("title", title),
            **self._texts("deliverable", title),
        )

    # What is told of it

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
            for kind in Section.Kind.values
            for language, text in self._narrative().items()
        )
        return report

    def _narrative(self) -> dict[str, str]:
        texts = self._texts("text", markdown, self.size.paragraphs)
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

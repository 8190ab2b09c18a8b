"""Reads all that the portfolio shows: of each project what its reader may see, in as many
statements for five hundred projects as for one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, cast

from django.db.models import Count, DecimalField, F, Min, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _
from django_countries.fields import Country

from ibcr_portal.models import ObligationKind, ProjectStanding
from ibcr_portal.obligations.due import DueState, lateness
from ibcr_portal.obligations.rights import Scope
from ibcr_portal.obligations.writing import Obligations
from ibcr_portal.portfolio.standing import ALL_RISKS, DISCLOSED, DONOR, EVERYTHING, SHARED, TEAM
from ibcr_portal.reader import Reader
from kernel.entering import days_late
from kernel.keys import Keys
from kernel.text import columns_of
from partners.models import Institution
from partners.naming import is_hidden
from projects.models import BudgetLine, Expenditure, Indicator, Participation, Project
from projects.models.project import ProjectQuerySet
from projects.money.budget_figures import cents
from projects.permissions.money import sees_budget
from projects.permissions.risks import SEES_ALL
from projects.permissions.roles import TEAM as TEAM_ROLES, Role, represented_in
from projects.permissions.values import agreement_tells_small_counts
from reports.models import Report
from reports.permissions.reports import every_visible_report


class LastReport(NamedTuple):
    key: int
    title: str
    status: str
    label: str
    until: date


class ProjectFigures(NamedTuple):
    """What the reader may see of one project. None: nothing is there, or it is not for
    them."""

    project: Project
    donors: list[Institution]
    sees_money: bool
    budget: Decimal | None
    spent: Decimal | None
    ratings: dict[str, int]
    common: list[dict[str, Any]]
    risks: dict[str, int] | None
    waiting: int | None
    late: int
    report_late_since: date | None
    next: tuple[date, ObligationKind] | None
    last_report: LastReport | None

    @property
    def share_spent(self) -> Decimal | None:
        return self.spent / self.budget if self.budget and self.spent is not None else None

    @property
    def percent_spent(self) -> int | None:
        return None if self.share_spent is None else round(self.share_spent * 100)

    @property
    def report_late(self) -> str:
        """How late a report to the donor is, in words."""
        since = self.report_late_since
        return lateness(days_late(since, since, self.project.today)) if since else ""

    @property
    def country(self) -> Country:
        return cast(Country, self.project.country)

    @property
    def url(self) -> str:
        return self.project.get_absolute_url()

    @property
    def late_url(self) -> str:
        return f"{reverse('projects:due', args=[self.project.code])}?state={DueState.LATE.value}"

    @property
    def rated(self) -> int:
        return sum(self.ratings.values())

    @property
    def on_track(self) -> int:
        return self.ratings.get("met", 0) + self.ratings.get("close", 0)


def project_figures(obligations: Obligations) -> list[ProjectFigures]:
    """Return the figures of all projects of a reader, by their titles."""
    obligations.write_changed()  # changes the figures, too
    reader, keys = obligations.reader, obligations.reader.keys
    paid = {pk for pk, roles in reader.roles_by_project.items() if sees_budget(roles)}
    standings, budgets = dict(_standings(keys)), dict(_budgets(paid))
    spent = {pk: cents(amount) for pk, amount in _spent(paid)}
    late = {pk: rest for pk, *rest in _late(obligations.scope)}
    following = {pk: (on, ObligationKind(kind)) for pk, on, kind in _next(obligations.scope)}
    reports = {row.project_id: _last_report(row) for row in _reports(reader)}
    donors = _donors(reader)
    found = []
    for project in _counted(list(_projects(keys))):
        pk = project.pk
        number, since = late.get(pk, (0, None))
        found.append(
            ProjectFigures(
                project=project,
                donors=donors[pk],
                sees_money=pk in paid,
                budget=budgets.get(pk),
                spent=spent.get(pk),
                late=number,
                report_late_since=since,
                next=following.get(pk),
                last_report=reports.get(pk),
                **_seen(reader, pk, standings.get(pk, {})),
            )
        )
    return found


def _counted(projects: list[Project]) -> list[Project]:
    """What is for learning is no part of a portfolio, unless the reader has nothing else."""
    return [one for one in projects if not one.training] or projects


def _donors(reader: Reader) -> dict[int, list[Institution]]:
    funding = _funding(reader.keys)
    named = reader.institutions({institution for _pk, institution in funding})
    found: dict[int, list[Institution]] = defaultdict(list)
    for pk, institution in funding:
        if not is_hidden(named[institution]):
            found[pk].append(named[institution])
    return found


def _seen(reader: Reader, pk: int, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the stored figures of a project that are for this reader."""
    roles = reader.roles_by_project[pk]
    own = represented_in(reader.user, [pk]).get(pk, [])
    in_full = bool(roles & TEAM_ROLES) or agreement_tells_small_counts(own)
    values = facts.get("values", {}).get(EVERYTHING if in_full else DISCLOSED, {})
    risks = ALL_RISKS if roles & SEES_ALL else SHARED if Role.MEMBER in roles else ""
    waiting = TEAM if roles & TEAM_ROLES else DONOR if Role.DONOR in roles else ""
    return {
        "ratings": values.get("ratings", {}),
        "common": values.get("common", []),
        "risks": facts.get("risks", {}).get(risks),
        "waiting": facts.get("waiting", {}).get(waiting),
    }


def _last_report(row: Any) -> LastReport:
    status = Report.Status(row.status)
    return LastReport(row.pk, str(row), status.value, str(status.label), row.period.end)


def _projects(keys: list[int]) -> ProjectQuerySet:
    columns = ("code", "country", "status", "currency", "starts_on", "current_end", "illustrative")
    found = Project.objects.filter(pk__in=Keys(keys)).order_by("-starts_on", "code")
    return found.only(*columns, "training", "donor_number", *columns_of("short_title"))


def _standings(keys: list[int]) -> QuerySet[ProjectStanding, tuple[int, Any]]:
    return ProjectStanding.objects.filter(project__in=Keys(keys)).values_list("project", "facts")


def _funding(keys: list[int]) -> QuerySet[Participation, tuple[int, int]]:
    rows = Participation.objects.filter(role=Participation.Role.FUNDING, project__in=Keys(keys))
    return rows.order_by("pk").values_list("project", "institution")


def _budgets(keys: Collection[int]) -> QuerySet[BudgetLine, tuple[int, Decimal]]:
    """Return the approved budget of each project, as revised since."""
    lines = BudgetLine.objects.filter(project__in=Keys(keys)).order_by().values_list("project")
    return lines.annotate(total=Sum(Coalesce("revised", "original")))


def _spent(keys: Collection[int]) -> QuerySet[Expenditure, tuple[int, Decimal]]:
    """Return what was spent of each, in its currency: exact, and rounded once by the caller."""
    exact = DecimalField(max_digits=40, decimal_places=14)
    rows = Expenditure.objects.filter(project__in=Keys(keys), status__in=Expenditure.COUNTED)
    amounts = Sum(F("amount") * F("rate"), output_field=exact)
    return rows.order_by().values_list("project").annotate(total=amounts)


def _reports(reader: Reader) -> QuerySet[Any]:
    """Return the report on the latest period of each project, in its latest version."""
    last = (F("period__end").desc(), F("version").desc(), F("pk").desc())
    place = Window(RowNumber(), partition_by=F("project"), order_by=last)
    rows: Any = every_visible_report(reader.user, reader.keys).order_by().annotate(place=place)
    rows = rows.filter(place=1).select_related("preset", "period")
    found: QuerySet[Any] = rows.only(
        *("project", "version", "status", "period__kind", "period__number", "period__end"),
        *("preset__type", *columns_of("preset__title")),
    )
    return found


def _late(scope: Scope) -> QuerySet[Any, tuple[Any, ...]]:
    """Return of each project how much is late, and since when a report to its donor is."""
    late = scope.in_state(DueState.LATE)
    report = late & Q(kind=ObligationKind.REPORT)
    rows = scope.rows.filter(late).order_by().values_list("project")
    return rows.annotate(number=Count("pk"), late_since=Min("on", filter=report))


def _next(scope: Scope) -> QuerySet[Any, tuple[Any, ...]]:
    """Return the next day of each project, and what falls due on it."""
    place = Window(RowNumber(), partition_by=F("project"), order_by=(F("on"), F("pk")))
    rows: Any = scope.rows.filter(done=False, on__gte=scope.today).order_by()
    found: QuerySet[Any, tuple[Any, ...]] = rows.annotate(place=place).filter(place=1)
    return found.values_list("project", "on", "kind")


# --- Indicators that several projects share ---
#
# Only numbers whose periods add up are added, of the same kind (persons, or things) and in the
# same direction. Of all others the lowest and the highest value is shown. A value that is withheld
# from the reader is counted nowhere.

Measure, Rule = Indicator.Measure, Indicator.Cumulative
KIND = ("measure", "persons", "rule", "ascending")


@dataclass(frozen=True)
class CommonValue:
    """The indicator of one project, with its actual value and its target at the end."""

    project: Project
    indicator: int
    actual: Decimal | None
    target: Decimal | None
    is_withheld: bool
    kind: tuple[Any, ...]  # by `KIND`

    @property
    def measure(self) -> str:
        return str(self.kind[0])


@dataclass(frozen=True)
class CommonIndicator:
    """An indicator of a standard list, in all projects that have it."""

    standard: Indicator.Standard
    code: str
    values: Sequence[CommonValue]
    name: str = ""

    @property
    def reference(self) -> str:
        return f"{self.standard.label} · {self.code}"

    @property
    def measured(self) -> list[Decimal]:
        return [one.actual for one in self.values if one.actual is not None]

    @property
    def measure(self) -> str:
        return str(self.values[0].kind[0])

    @property
    def adds_up(self) -> bool:
        """Whether the values may be added: the same kind, and a rule by which numbers add up. The
        unit is what the list says of its code: an indicator has none."""
        kinds = {one.kind for one in self.values}
        measure, _persons, rule, _ascending = next(iter(kinds))
        return len(kinds) == 1 and measure == Measure.UNIT and rule == Rule.SUM

    @property
    def total(self) -> Decimal | None:
        return sum(self.measured, Decimal(0)) if self.adds_up and self.measured else None

    @property
    def target(self) -> Decimal | None:
        """The sum of the targets of those projects that have a value, so that both compare."""
        targets = [one.target for one in self.values if one.actual is not None]
        known = [target for target in targets if target is not None]
        complete = known and len(known) == len(targets)
        return sum(known, Decimal(0)) if self.adds_up and complete else None

    @property
    def range(self) -> tuple[Decimal, Decimal] | None:
        """The lowest and the highest value, where all are measured alike."""
        alike = len({one.kind[:2] for one in self.values}) == 1
        measured = self.measured
        return (min(measured), max(measured)) if alike and measured else None

    @property
    def why_not_added(self) -> str:
        """Why there is no sum, in a sentence."""
        if self.adds_up:
            return "" if self.measured else _("No project has measured it yet.")
        kinds = {one.kind for one in self.values}
        if len({kind[:2] for kind in kinds}) > 1:
            return _("Not added: the projects count different things.")
        if self.measure == Measure.PERCENTAGE:
            return _("Not added: percentages have different wholes.")
        if self.measure == Measure.QUALITATIVE:
            return _("Not added: it is measured in words.")
        return _("Not added: its values do not add up over time.")


def common_indicators(figures: Iterable[ProjectFigures]) -> list[CommonIndicator]:
    """Return the standard indicators of these projects: those of most projects first."""
    by_code: dict[tuple[str, str], list[CommonValue]] = defaultdict(list)
    for one in figures:
        for facts in one.common:
            by_code[facts["list"], facts["code"]].append(_value(one.project, facts))
    found = [
        CommonIndicator(Indicator.Standard(standard), code, values)
        for (standard, code), values in by_code.items()
    ]
    return sorted(found, key=lambda one: (-projects_of(one), one.standard, one.code))


def projects_of(common: CommonIndicator) -> int:
    return len({value.project.pk for value in common.values})


def _value(project: Project, facts: dict[str, Any]) -> CommonValue:
    actual, target = (
        None if facts[name] is None else Decimal(facts[name]) for name in ("actual", "target")
    )
    kind = tuple(facts[name] for name in KIND)
    return CommonValue(project, facts["indicator"], actual, target, facts["withheld"], kind)


def with_names(rows: Iterable[CommonIndicator]) -> list[CommonIndicator]:
    """Return them with the words of the first project, which are not stored with the figures."""
    rows = list(rows)
    keys = [row.values[0].indicator for row in rows]
    names = {indicator.pk: indicator.name for indicator in _names(keys)} if keys else {}
    return [
        CommonIndicator(row.standard, row.code, row.values, names.get(row.values[0].indicator, ""))
        for row in rows
    ]


def _names(keys: list[int]) -> QuerySet[Indicator]:
    return Indicator.objects.filter(pk__in=keys).order_by().only("code", *columns_of("name"))

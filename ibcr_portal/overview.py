"""The overview on a project's page: its state in one screen.

Each card is one function from a `ProjectView` to the context of its template, or None if it has
nothing for this reader. A new card is one more function in `CARDS` and one template in
`ibcr_portal/cards/`. The view reads once what several cards need.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Action, ActionPlan, Meeting
from ibcr_portal.checklist import checklist
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import Due, ResponsibleParty
from ibcr_portal.obligations.writing import Obligations
from ibcr_portal.overview_reading import SHOWN, OverviewRows
from ibcr_portal.reader import Reader
from kernel.charts import bars, stacked
from projects.framework.figures import Rating
from projects.framework.tree import IndicatorStanding, Node
from projects.models import Project
from projects.money.budget_tables import current_figures, current_figures_chart
from projects.permissions.money import may_see_budget
from projects.permissions.risks import may_see_risks
from projects.permissions.values import may_approve_values
from projects.risk_levels import Band
from projects.risks.register import gravest_risks
from reports.models import Report

TOP = 3  # risks
TONES = {Band.VERY_HIGH: "bad", Band.HIGH: "warn", Band.LOW: "info", Band.VERY_LOW: "neutral"}


@dataclass(frozen=True)
class ProjectCard:
    """A card. `name` is that of its template and of its heading's id, `facts` the template's
    context."""

    name: str
    title: str
    facts: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    action: str = ""

    @property
    def template(self) -> str:
        return f"ibcr_portal/cards/{self.name}.html"


Versioned = TypeVar("Versioned", ActionPlan, Report)


class ProjectView:
    """The parts of a project that a person sees. Each is read when the first card asks for it."""

    def __init__(self, user: User, project: Project, facts: dict[str, Any]) -> None:
        self.user, self.project, self.facts = user, project, facts
        self.periods = {period.pk: period for period in facts["periods"]}
        self.reader = Reader(
            user, [project], facts["participations"], {project.pk: facts["periods"]}
        )
        self.obligations = Obligations(self.reader, [project])

    @cached_property
    def rows(self) -> OverviewRows:
        return OverviewRows(self.user, self.project, self.obligations)

    @cached_property
    def plans(self) -> list[ActionPlan]:
        return self._of_periods(self.rows.plans)

    @cached_property
    def reports(self) -> list[Report]:
        return self._of_periods(self.rows.reports)

    def _of_periods(self, rows: list[Versioned]) -> list[Versioned]:
        """Return versions of periods, the latest period and version first."""
        for row in rows:
            row.project, row.period = self.project, self.periods[row.period_id]
        return sorted(rows, key=lambda row: (row.period.start, row.version), reverse=True)

    @property
    def indicators(self) -> list[IndicatorStanding]:
        return list(_all_of(self.facts["tree"]))

    @cached_property
    def due(self) -> tuple[list[Due], list[Due]]:
        """The first that are late, and what falls due in the next weeks, of what the person may see."""
        late = self.rows.late[:SHOWN]
        keys = {row.key for row in late}
        shown = self.obligations.shown([*late, *self.rows.soon])
        return (
            [due for due in shown if due.key in keys],
            [due for due in shown if due.key not in keys],
        )


def _all_of(nodes: Iterable[Node]) -> Iterator[IndicatorStanding]:
    for node in nodes:
        yield from node.indicators
        yield from _all_of(node.children)


# The cards


def progress(view: ProjectView) -> ProjectCard | None:
    """Time elapsed against what is done: each activity counts the same, by the share done that
    was noted; so does each action of the plans in execution, but those that were cancelled. None
    as long as there is no activity and no action."""
    project = view.project
    elapsed = round(project.share_elapsed * 100)
    of_activities = view.facts["numbers"].mean_share_done
    of_actions_done = share_of_actions(view.rows.actions)
    if of_activities is None and of_actions_done is None:
        return None
    shares = [elapsed, _whole(of_activities), _whole(of_actions_done)]
    chart = bars(
        _("Time elapsed and what is done"),
        [_("Time elapsed"), _("Activities"), _("Actions of the plan")],
        shares,
        unit="%",
        key="progress",
    )
    done = shares[1] if shares[1] is not None else shares[2]
    behind = None if done is None else max(elapsed - done, 0)
    return ProjectCard(
        "progress",
        _("Time and progress"),
        {"chart": chart, "behind": behind},
        url=reverse("projects:activities", args=[project.code]),
        action=_("Activities"),
    )


def share_of_actions(actions: Iterable[tuple[int, str, int]]) -> Decimal | None:
    """The mean of the shares done, 0 to 100, of actions (key, status, share done) that were not
    cancelled; finished ones are 100. None without any."""
    finished = {Action.Status.DONE, Action.Status.VERIFIED}
    shares = {
        key: 100 if status in finished else share_done
        for key, status, share_done in actions
        if status != Action.Status.CANCELLED
    }
    return Decimal(sum(shares.values())) / len(shares) if shares else None


def _whole(share: Any) -> int | None:
    return None if share is None else round(share)


def indicators(view: ProjectView) -> ProjectCard | None:
    """Show how many indicators are on track, by the ratings of the tree. Indicators in words have
    none."""
    rated = [each for each in view.indicators if each.standing.rating is not None]
    waiting = view.facts["waiting"] if may_approve_values(view.user, view.project) else 0
    if not rated and not waiting:
        return None
    numbers = {
        rating: sum(1 for each in rated if each.standing.rating == rating) for rating in Rating
    }
    shown = [rating for rating in Rating if numbers[rating]]
    tones = {Rating.MET: "ok", Rating.CLOSE: "warn", Rating.BEHIND: "bad"}
    chart = stacked(
        _("Indicators by rating"),
        [rating.label for rating in shown],
        [numbers[rating] for rating in shown],
        tones=[tones.get(rating, "neutral") for rating in shown],
        key="indicators",
    )
    return ProjectCard(
        "indicators",
        _("Indicators"),
        {
            "chart": chart,
            "on_track": numbers[Rating.MET] + numbers[Rating.CLOSE],
            "total": len(rated),
            "behind": [each.indicator for each in rated if each.standing.rating == Rating.BEHIND][
                :SHOWN
            ],
            "waiting": waiting,
            "project": view.project,
        },
        url=reverse("projects:framework", args=[view.project.code]),
        action=_("Framework"),
    )


def money(view: ProjectView) -> ProjectCard | None:
    """Show amounts approved, spent and expected to those who may see the budget."""
    project = view.project
    if not may_see_budget(view.user, project):
        return None
    row = current_figures(project, view.facts["periods"])
    if row.revised is None and not row.cumulative:
        return None
    return ProjectCard(
        "money",
        _("Budget against spending"),
        {
            "chart": current_figures_chart(row, project.currency),
            "row": row,
            "elapsed": project.percent_elapsed,
            "currency": project.currency,
        },
        url=reverse("projects:budget", args=[project.code]),
        action=_("Budget"),
    )


def risks(view: ProjectView) -> ProjectCard | None:
    """The gravest that the person may see."""
    if not may_see_risks(view.user, view.project):
        return None
    found = gravest_risks(view.project, view.rows.ratings, TOP)
    if not found:
        return None
    view.reader.with_names([grave.risk for grave in found], "owner")
    return ProjectCard(
        "risks",
        _("Top risks"),
        {"risks": [(grave, TONES[grave.band]) for grave in found]},
        url=reverse("projects:risks", args=[view.project.code]),
        action=_("Risks"),
    )


def committee(view: ProjectView) -> ProjectCard | None:
    found = next(iter(view.rows.committees), None)
    if found is None:
        return None
    today, meetings = view.project.today, view.rows.meetings
    to_come = [one for one in meetings if one.status not in Meeting.OVER and one.day >= today]
    held = [one for one in meetings if one.status == Meeting.Status.HELD]
    return ProjectCard(
        "committee",
        _("Steering committee"),
        {
            "committee": found,
            "next": to_come[0] if to_come else None,
            "last": held[-1] if held else None,
        },
        url=found.get_absolute_url(),
        action=_("Open"),
    )


def late(view: ProjectView) -> ProjectCard | None:
    rows, _soon = view.due
    if not rows:
        return None
    return ProjectCard(
        "late",
        _("Late"),
        {"rows": together(rows), "number": len(view.rows.late), "project": view.project},
        url=reverse("projects:due", args=[view.project.code]),
        action=_("Everything due"),
    )


def together(rows: list[Due]) -> list[Due]:
    """Return the lines with a single one for the policies that several institutions have to sign by
    the same day. Their titles end with the institution, after a colon."""
    shown: dict[object, Due] = {}
    for due in rows:
        title, _colon, name = due.title.partition(":")
        key = (due.on, title) if due.kind == ObligationKind.SAFEGUARDING else due.key
        if first := shown.get(key):
            shown[key] = replace(
                first,
                title=f"{first.title},{name}",
                owner=ResponsibleParty(_("Institutions")),
                url=reverse("projects:due", args=[due.project.code]),
            )
        else:
            shown[key] = due
    return list(shown.values())


def coming(view: ProjectView) -> ProjectCard | None:
    _late, rows = view.due
    if not rows:
        return None
    return ProjectCard(
        "coming",
        _("What comes next"),
        {"rows": together(rows), "project": view.project},
        url=reverse("projects:due", args=[view.project.code]),
        action=_("Everything due"),
    )


def decisions(view: ProjectView) -> ProjectCard | None:
    if not view.rows.resolutions:
        return None
    return ProjectCard(
        "decisions",
        _("Decisions and recommendations"),
        {"resolutions": view.rows.resolutions},
        url=reverse("projects:resolutions", args=[view.project.code]),
        action=_("All of them"),
    )


# In the order of the page: what waits, what is new, where the project stands.
CARDS: list[Callable[[ProjectView], ProjectCard | None]] = [
    late,
    coming,
    decisions,
    committee,
    progress,
    indicators,
    money,
    risks,
]


def project_overview(user: User, project: Project, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the project's page beside the project's own facts."""
    view = ProjectView(user, project, facts)
    cards = [card for make in CARDS if (card := make(view))]
    steps = checklist(view)
    return {
        "checklist": steps,
        "next_step": next((step for step in steps if step["url"] and not step["done"]), None),
        "cards": cards,
        "plans": view.plans[:SHOWN],
        "reports": view.reports[:SHOWN],
    }

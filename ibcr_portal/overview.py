"""A project's own page: where it stands in four figures, what is late and what comes next, the next
meeting and the last decision."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _, ngettext, pgettext

from accounts.models import User
from committees.models import Committee, Meeting, Resolution
from committees.permissions.meetings import meetings_seen
from committees.permissions.resolutions import visible_resolutions
from ibcr_portal.checklist import checklist
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, DueState
from ibcr_portal.obligations.writing import Chosen, Obligations
from ibcr_portal.reader import Reader
from kernel.formats import number, percent
from kernel.text import columns_of
from projects.framework.figures import Rating
from projects.framework.tree import IndicatorStanding, Node
from projects.models import Project
from projects.money.budget_tables import current_figures
from projects.pages import reverse_in
from projects.permissions.money import may_see_budget
from projects.permissions.roles import Role, roles_of

LATE, SOON = Chosen(state=DueState.LATE.value), Chosen(state=DueState.SOON.value)
LATE_SHOWN, SOON_SHOWN = 3, 5
LONG_LATE = timedelta(days=90)


@dataclass(frozen=True)
class ProjectFigure:
    """One of the figures at the top. `of`: what it is a part of, in words; `share`: how far its bar is
    filled, 0 to 100; None: it has none. `note`, `more`: lines below it."""

    label: str
    value: str
    url: str
    of: str = ""
    share: int | None = None
    note: str = ""
    more: str = ""
    is_bad: bool = False


class ProjectView:
    """The parts of a project that a person sees. Each is read when it is first asked for."""

    def __init__(self, user: User, project: Project, facts: dict[str, Any]) -> None:
        self.user, self.project, self.facts = user, project, facts
        self.periods = {period.pk: period for period in facts["periods"]}
        reader = Reader(user, [project], facts["participations"], {project.pk: facts["periods"]})
        self.obligations = Obligations(reader, [project])

    @cached_property
    def committee(self) -> Committee | None:
        """Whoever sees the project sees its committee."""
        rows = Committee.objects.filter(project=self.project)
        return rows.only("project", "status", *columns_of("name")).first()

    @cached_property
    def meetings(self) -> list[Meeting]:
        return list(_meetings(self.project.pk, roles_of(self.user, self.project)))

    @property
    def next_meeting(self) -> Meeting | None:
        today = self.project.today
        to_come = (one for one in self.meetings if one.status not in Meeting.OVER)
        return next((one for one in to_come if one.day >= today), None)

    @cached_property
    def last_decision(self) -> Resolution | None:
        rows = visible_resolutions(self.user, self.project).filter(kind=Resolution.Kind.DECISION)
        return rows.only("kind", "number", "status", *columns_of("text")).first()

    @property
    def indicators(self) -> list[IndicatorStanding]:
        return list(_all_of(self.facts["tree"]))

    @cached_property
    def late(self) -> list[Obligation]:
        return self.obligations.rows(LATE)

    @cached_property
    def due(self) -> tuple[list[Due], list[Due]]:
        """What has been late for longest, and what falls due next, of what the person may see."""
        late = self.late[:LATE_SHOWN]
        keys = {row.key for row in late}
        shown = self.obligations.shown([*late, *self.obligations.rows(SOON, 0, SOON_SHOWN)])
        return (
            [due for due in shown if due.key in keys],
            [due for due in shown if due.key not in keys],
        )


def _meetings(project: int, roles: frozenset[Role]) -> QuerySet[Meeting]:
    rows = meetings_seen([project], roles).order_by("starts_at")
    columns = ("committee", "number", "status", "starts_at", "time_zone", "recorded_afterwards")
    return rows.only(*columns, "kind", "place", "time_is_known")


def _all_of(nodes: Iterable[Node]) -> Iterator[IndicatorStanding]:
    for node in nodes:
        yield from node.indicators
        yield from _all_of(node.children)


# The figures


def time(view: ProjectView) -> ProjectFigure:
    """The time elapsed. Each activity counts the same, by the share done that was noted."""
    project = view.project
    total = (project.current_end - project.starts_on).days + 1  # with its first and its last day
    elapsed = min(max((project.today - project.starts_on).days, 0), total)
    days = {"number": number(elapsed), "total": number(total)}
    return ProjectFigure(
        pgettext("of a project", "Time"),
        percent(project.share_elapsed),
        reverse_in(project, "activities"),
        share=project.percent_elapsed,
        note=_("%(number)s of %(total)s days") % days,
        more=_done_so_far(view),
    )


def _done_so_far(view: ProjectView) -> str:
    done = view.facts["numbers"].mean_share_done
    return "" if done is None else _("activities: %(share)s done") % {"share": percent(done / 100)}


def money(view: ProjectView) -> ProjectFigure | None:
    """What was spent, to those who may see the budget."""
    project = view.project
    if not may_see_budget(view.user, project):
        return None
    figures = current_figures(project, view.facts["periods"])
    spent, budget = figures.cumulative or 0, figures.revised
    if not spent and budget is None:
        return None
    share = spent / budget if budget else None
    amounts = {"number": number(spent, 0), "total": number(budget, 0)}
    return ProjectFigure(
        _("Spent, in %(currency)s") % {"currency": project.currency},
        number(spent, 0) if share is None else percent(share),
        reverse_in(project, "budget"),
        share=None if share is None else min(round(share * 100), 100),
        note=_("without a budget") if share is None else _("%(number)s of %(total)s") % amounts,
    )


def indicators(view: ProjectView) -> ProjectFigure | None:
    """How many indicators met their target or came close. Indicators in words are not rated."""
    ratings = [each.standing.rating for each in view.indicators if each.standing.rating is not None]
    if not ratings:
        return None
    on_track = sum(rating in {Rating.MET, Rating.CLOSE} for rating in ratings)
    return ProjectFigure(
        _("Indicators"),
        number(on_track),
        reverse_in(view.project, "framework"),
        of=_("of %(total)s") % {"total": number(len(ratings))},
        share=round(100 * on_track / len(ratings)),
        note=_("on track"),
    )


def late(view: ProjectView) -> ProjectFigure:
    limit = view.project.today - LONG_LATE
    long_late = sum(1 for row in view.late if row.on and row.on < limit)
    note = ngettext(
        "%(number)s for more than %(days)s days",
        "%(number)s for more than %(days)s days",
        long_late,
    ) % {"number": number(long_late), "days": LONG_LATE.days}
    return ProjectFigure(
        _("Late"),
        number(len(view.late)),
        f"{reverse_in(view.project, 'due')}?state={DueState.LATE.value}",
        note=note if long_late else "",
        is_bad=bool(view.late),
    )


FIGURES = (time, money, indicators, late)


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
                owner=replace(first.owner, label=_("Institutions")),
                url=reverse_in(due.project, "due"),
            )
        else:
            shown[key] = due
    return list(shown.values())


def project_overview(user: User, project: Project, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the project's page beside the project's own facts."""
    view = ProjectView(user, project, facts)
    steps = checklist(view)
    late_rows, next_rows = view.due
    return {
        "checklist": steps,
        "next_step": next((step for step in steps if step["url"] and not step["done"]), None),
        "figures": [figure for make in FIGURES if (figure := make(view))],
        "late": together(late_rows),
        "more_late": len(view.late) - len(late_rows),
        "next": together(next_rows),
        "committee": view.committee,
        "meeting": view.next_meeting,
        "decision": view.last_decision,
    }

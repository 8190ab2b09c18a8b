"""The kinds of records of a project's content."""

from collections.abc import Iterator
from operator import attrgetter

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.contents import (
    Content,
    in_each_language,
    merged,
    names_of,
    translated,
    typed,
    with_pairs,
)
from kernel.kinds import Kind, everybody, for_all_documents, for_meeting_and_report, for_report
from kernel.text import columns_of
from projects.models import (
    Activity,
    Amendment,
    BudgetCategory,
    CallForProposals,
    DataPoint,
    Deliverable,
    HandoverNote,
    Indicator,
    Lesson,
    Project,
    ReportingDuty,
    Result,
    Risk,
    RiskRating,
)
from projects.permissions.amendments import amendments_seen
from projects.permissions.calls import visible_calls
from projects.permissions.risks import risks_seen
from projects.permissions.roles import TEAM
from projects.permissions.values import visible_values


def _project(row: Project) -> Iterator[Content]:
    titles = translated(row, "short_title", "title")
    yield Content(titles, translated(row, "description"), code=row.code, is_name=True)


def _value(row: DataPoint) -> Iterator[Content]:
    """What is said of the total: a page shows no more than the numbers of its breakdown."""
    if row.is_total and (row.comment or row.source):
        yield Content(names_of(row), with_pairs(row, typed(row.comment, row.source)))


def _activity(row: Activity) -> Iterator[Content]:
    texts = merged(translated(row, "description"), typed(row.place, row.department))
    yield Content(translated(row, "title"), texts, code=row.code)


def _amendment(row: Amendment) -> Iterator[Content]:
    texts = translated(row, "reason", "before", "after")
    yield Content(translated(row, "title"), merged(texts, in_each_language(row.donor_reference)))


KINDS = (
    Kind(
        model=Project,
        read_by=everybody,
        project="id",
        code="code",
        search="project",
        words=_project,
        need=for_all_documents,
    ),
    Kind(
        model=Result,
        step=1,
        named_by=("project", "code"),
        read_by=everybody,
        titles=("statement",),
        code="code",
        search="result",
        need=for_all_documents,
    ),
    Kind(
        model=Indicator,
        step=2,
        named_by=("result", "code", "result__project", "result__code"),
        read_by=everybody,
        titles=("name",),
        typed=("method", "source"),
        code="code",
        place=lambda row: [row.result],
        search="indicator",
        need=for_report,
    ),
    Kind(
        model=DataPoint,
        visible=visible_values,
        typed=("comment", "source"),
        label=lambda row: f"{row.indicator.code} · {capfirst(str(row._meta.verbose_name))}",
        place=lambda row: [row.indicator],
        day=attrgetter("entered_at"),
        search="value",
        found_as=pgettext_lazy("of an indicator", "Value"),
        words=_value,
        need=for_report,
    ),
    Kind(
        model=Activity,
        titles=("title",),
        step=2,
        named_by=("project", "code", *columns_of("title")),
        read_by=everybody,
        related=("result",),
        code="code",
        place=lambda row: [row.result] if row.result else [],
        day=lambda row: row.actual_start or row.planned_start,
        search="activity",
        words=_activity,
        need=for_report,
    ),
    Kind(
        model=Deliverable,
        read_by=everybody,
        code="activity.code",
        page="activity",
        need=for_report,
    ),
    Kind(
        model=Risk,
        step=2,
        named_by=("project", "number"),
        read_by=risks_seen,
        titles=("definition",),
        texts=("cause", "response"),
        day=attrgetter("identified_on"),
        search="risk",
        need=for_report,
    ),
    Kind(
        model=RiskRating,
        read_by=lambda roles: risks_seen(roles, "risk__"),
        typed=("note",),
        written_in={"note": "language"},
        page="risk",
        need=for_report,
    ),
    Kind(
        model=Lesson,
        read_by=everybody,
        titles=("learned",),
        texts=("happened", "change"),
        day=attrgetter("noted_on"),
        search="lesson",
        need=for_report,
    ),
    Kind(
        model=HandoverNote,
        read_by=lambda roles: Q() if roles & TEAM else Q(pk__in=[]),
        typed=("text",),
    ),
    Kind(
        model=Amendment,
        titles=("title",),
        step=8,
        named_by=("project", "number"),
        read_by=amendments_seen,
        day=attrgetter("donor_decided_on"),
        search="amendment",
        words=_amendment,
        need=for_meeting_and_report,
    ),
    Kind(
        model=CallForProposals,
        visible=lambda user, project: visible_calls(user).filter(project=project),
        titles=("title",),
        texts=("theme", "eligibility"),
        code="code",
        day=attrgetter("opens_at"),
        search="call",
        found_as=_("Call for proposals"),
        need=for_report,
    ),
    Kind(
        model=BudgetCategory,
        read_by=everybody,
        code="code",
        page="project",
        need=for_report,
    ),
    Kind(
        model=ReportingDuty,
        read_by=everybody,
        page="project",
        need=for_report,
    ),
)

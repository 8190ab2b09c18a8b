"""The kinds of records of the committee."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Committee,
    Document,
    Meeting,
    Minutes,
    MinutesRemark,
    ProgressNote,
    ProposedChange,
    Remark,
    Resolution,
    Seat,
    WrittenConsultation,
)
from committees.models.minutes import MINUTES_TEXT
from committees.permissions.meetings import items_seen, meeting_seen, visible_documents
from committees.permissions.minutes import consultations_seen, visible_minutes
from committees.permissions.plans import (
    answers_for_roles,
    answers_seen,
    plans_seen,
    visible_actions,
    visible_plans,
)
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.roles import audiences_of
from kernel.contents import Content, merged, names_of, translated, typed, with_pairs
from kernel.kinds import (
    MEETING,
    PLAN,
    REPORT,
    Kind,
    Need,
    everybody,
    for_meeting_and_report,
    for_report,
)
from projects.models import Project
from projects.permissions.roles import roles_of, speaks_for

# Who sees them


def _remarks_seen(user: User, project: Project) -> QuerySet[Remark]:
    given = Remark.objects.filter(plan__in=visible_plans(user, project))
    rights = answers_for_roles(roles_of(user, project), list(speaks_for(user, project)))
    return answers_seen(given, *rights)


def _proposals_seen(user: User, project: Project) -> QuerySet[ProposedChange]:
    given = ProposedChange.objects.filter(plan__in=visible_plans(user, project))
    rights = answers_for_roles(roles_of(user, project), list(speaks_for(user, project)))
    return answers_seen(given, *rights)


def _comments_seen(user: User, project: Project) -> QuerySet[MinutesRemark]:
    given = MinutesRemark.objects.filter(minutes__in=visible_minutes(user, project))
    return given.for_audiences(audiences_of(user, project))


# What they say


def _meeting(row: Meeting) -> Iterator[Content]:
    yield Content(names_of(row), merged(translated(row.committee, "name"), typed(row.place)))


def _item(row: AgendaItem) -> Iterator[Content]:
    """Of what is only proposed, or was declined, the meeting shows the title."""
    texts = (translated(row, "briefing"), typed(row.notes, language=row.notes_language))
    yield Content(translated(row, "title"), merged(*texts) if row.is_on_agenda else {})


def _minutes(row: Minutes) -> Iterator[Content]:
    """As they were circulated: the agenda is fixed since then, so its order is that of the text."""
    frames = typed(row.opening, row.closing, language=row.language)
    yield Content(merged(names_of(row.label), names_of(row.meeting)), frames)
    if not row.content:
        return
    texts = {language: MINUTES_TEXT.read(text) for language, text in row.content.items()}
    items = [item.pk for item in row.meeting.items.all() if item.status not in item.NOT_ON_AGENDA]
    for number, pk in enumerate(items):
        parts = {
            language: text["items"][number]
            for language, text in texts.items()
            if number < len(text["items"])
        }
        yield Content(
            {language: part["title"]["text"] for language, part in parts.items()},
            {language: part["notes"]["text"] for language, part in parts.items() if part["notes"]},
            part=pk,
        )


def _comment(row: MinutesRemark) -> Iterator[Content]:
    yield Content({}, with_pairs(row, typed(row.text, row.suggestion)))


def _paper(row: Document) -> Iterator[Content]:
    yield Content({row.language: row.title})


# For which documents their translations are needed


def _for_its_meeting(row: AgendaItem) -> Need:
    meeting = row.meeting
    is_ahead = meeting.day >= meeting.committee.project.today
    if is_ahead and meeting.status not in meeting.OVER:
        return Need((MEETING,), meeting.day)
    return Need()


def _for_plan(row: Remark | ProposedChange) -> Need:
    return Need((PLAN,), _end_of_review(row.plan))


def _for_plan_and_report(row: ActionTerms) -> Need:
    is_open = row.plan.status in ActionPlan.OPEN_TERMS
    return Need((PLAN, REPORT), _end_of_review(row.plan), is_open)


def _end_of_review(plan: ActionPlan) -> Any:
    return plan.review_until if plan.status == ActionPlan.Status.IN_REVIEW else None


def _label_in_plan(row: Remark | ProposedChange) -> str:
    return f"{row.plan} · {capfirst(str(row._meta.verbose_name))}"


KINDS = (
    Kind(
        model=Committee,
        read_by=everybody,
        titles=("name",),
        texts=("mandate", "terms_text"),
        search="committee",
        need=for_meeting_and_report,
    ),
    Kind(
        model=Seat,
        read_by=everybody,
        page="committee",
        need=for_meeting_and_report,
    ),
    Kind(
        model=Meeting,
        step=3,
        named_by=("committee", "number"),
        read_by=meeting_seen,
        place=lambda row: [row.committee],
        day=attrgetter("day"),
        search="meeting",
        words=_meeting,
    ),
    Kind(
        model=AgendaItem,
        name="item",
        step=4,
        visible=lambda user, project: items_seen(user, project).exclude(
            status__in=AgendaItem.NOT_ON_AGENDA
        ),
        label=lambda row: str(row.meeting),
        place=lambda row: [row.meeting.committee, row.meeting],
        day=attrgetter("meeting.day"),
        search="item",
        words=_item,
        need=_for_its_meeting,
    ),
    Kind(
        model=Resolution,
        step=5,
        named_by=("committee", "kind", "number"),
        visible=visible_resolutions,
        titles=("text",),
        typed=("answer",),
        code="number",
        # Not its agenda item: whoever reads the register may not see the agenda.
        place=lambda row: [row.committee],
        day=attrgetter("resolved_on"),
        search="resolution",
        found_as=_("Decision or recommendation"),
        need=for_meeting_and_report,
    ),
    Kind(
        model=WrittenConsultation,
        read_by=consultations_seen,
        titles=("title",),
        texts=("text",),
        place=lambda row: [row.committee],
        day=attrgetter("opened_on"),
        search="consultation",
        need=for_meeting_and_report,
    ),
    Kind(
        model=Minutes,
        visible=visible_minutes,
        prefetched=("meeting__items",),
        place=lambda row: [row.meeting.committee, row.meeting],
        day=attrgetter("meeting.day"),
        search="minutes",
        words=_minutes,
        need=lambda row: Need((MEETING,)),
    ),
    Kind(
        model=MinutesRemark,
        visible=_comments_seen,
        project="minutes__meeting__committee__project",
        typed=("text", "suggestion", "reply"),
        label=lambda row: str(row.minutes),
        page="minutes",
        place=lambda row: [row.minutes.meeting],
        day=attrgetter("recorded_at"),
        search="comment",
        found_as=_("Comment on minutes"),
        words=_comment,
        need=lambda row: Need((MEETING,)),
    ),
    Kind(
        model=ActionPlan,
        name="plan",
        read_by=plans_seen,
        related=("period",),
        step=6,
        named_by=("project", "period", "version", "period__number"),
    ),
    Kind(
        model=Action,
        visible=visible_actions,
        step=7,
        named_by=("project", "reference"),
    ),
    Kind(
        model=ActionTerms,
        read_by=lambda roles: plans_seen(roles, "plan__"),
        related=("action", "plan__period"),
        titles=("title",),
        texts=("deliverable",),
        code="action.reference",
        page="action",
        place=lambda row: [row.plan],
        day=attrgetter("ends_on"),
        search="action",
        found_as=_("Action"),
        state=lambda row: str(row.action.status),
        need=_for_plan_and_report,
    ),
    Kind(
        model=Remark,
        visible=_remarks_seen,
        related=("plan__period", "action"),
        typed=("text",),
        label=_label_in_plan,
        page="plan",
        place=lambda row: [row.plan, *([row.action] if row.action else [])],
        day=attrgetter("given_on"),
        search="remark",
        found_as=_("Remark on a plan"),
        need=_for_plan,
    ),
    Kind(
        model=ProposedChange,
        visible=_proposals_seen,
        related=("plan__period", "action"),
        typed=("reason", "answer"),
        label=_label_in_plan,
        page="plan",
        place=lambda row: [row.plan, row.action],
        day=attrgetter("given_on"),
        search="proposal",
        need=_for_plan,
    ),
    Kind(
        model=ProgressNote,
        read_by=everybody,
        typed=("text",),
        written_in={"text": "language"},
        code="action.reference",
        page="action",
        need=for_report,
    ),
    Kind(
        model=Document,
        visible=visible_documents,
        related=("meeting",),
        place=lambda row: [row.committee, *([row.meeting] if row.meeting else [])],
        day=attrgetter("uploaded_at"),
        search="paper",
        found_as=_("Committee paper"),
        words=_paper,
        file=attrgetter("file"),
        file_title=attrgetter("title"),
    ),
)

"""The obligations on the home page: those that wait for the person, what is late in each project, and
coming events."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, Count, F, Q, QuerySet, SmallIntegerField, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.models import Alert, Obligation, ObligationKind, PersonRequest
from ibcr_portal.obligations.due import Due, DueState, lateness, tone_of
from ibcr_portal.obligations.rights import Scope
from ibcr_portal.obligations.writing import Obligations
from ibcr_portal.observing.words import WORDS
from ibcr_portal.reader import Reader
from kernel.entering import days_late
from kernel.formats import day
from kernel.keys import Keys
from kernel.prepared import prepared
from projects.models import InstitutionChange, Project, Representation
from projects.permissions.institutions import changes_to_settle
from projects.permissions.representations import to_confirm
from projects.permissions.roles import OwnParticipation, Role, represented_in
from reports.models import SealCertificate
from reports.sealing.documents import waiting

# --- A line of a list on the home page ---

SHOWN = 8  # lines of a list on the home page
WAITING = SHOWN * 2  # of the list of what waits
LATE_PROJECTS = 6  # with up to `SHOWN` late things of each


@dataclass(frozen=True)
class HomeLine:
    title: str
    url: str
    meta: str = ""
    when: str = ""
    tone: str = ""
    label: str = ""
    on: date | None = None

    @classmethod
    def of(cls, due: Due) -> "HomeLine":
        late = due.state == DueState.LATE
        return cls(
            title=due.title,
            url=due.url,
            meta=" · ".join(part for part in (str(due.project), due.note) if part),
            when=day(due.on) if due.on else "",
            tone=due.tone if late else "",
            label=due.countdown if late else "",
            on=due.on,
        )


@dataclass(frozen=True)
class LateProject:
    """What is late in one project, the oldest first. `number`: of all, also those not in `lines`."""

    project: Project
    lines: list[HomeLine]
    number: int

    @property
    def url(self) -> str:
        return f"{reverse('due')}?state={DueState.LATE.value}&project={self.project.code}"


# --- Due ---

# The groups of obligations on the page.
SINGLE, COMING, ACTIONS, POLICIES, LATE = range(5)


@dataclass
class DueOnHome:
    """The lines of what waits for the reader; what is late, by project; meetings and ends of reviews to
    come, whether or not the person has to do something for them. `late_projects`: how many there are."""

    waiting: list[HomeLine]
    late: list[LateProject]
    late_projects: int
    coming: list[HomeLine]


def due_on_home(obligations: Obligations) -> DueOnHome:
    obligations.write_changed()
    rows = [FirstOfGroup(*row) for row in _first_of_each_group(*obligations.scope.values)]
    late = {row.project: row.number for row in rows if row.group == LATE}  # the oldest first
    shown_late = dict(list(late.items())[:LATE_PROJECTS])
    groups = [
        row
        for row in rows
        if row.group in LINES and row.place == 1 and (row.number > 1 or row.group == ACTIONS)
    ]
    in_one_line = {group.group for group in groups}
    single = [
        row.pk
        for row in rows
        if (row.project in shown_late if row.group == LATE else row.group not in in_one_line)
    ]
    found = obligations.shown(Obligation.objects.in_bulk(single).values(), with_owners=False)
    behind = [due for due in found if _is_late(due)]
    waiting = [HomeLine.of(due) for due in found if not due.is_event and due not in behind]
    waiting += [group.line(obligations.scope.today) for group in groups]
    return DueOnHome(
        waiting,
        _by_project(behind, shown_late),
        len(late),
        [HomeLine.of(due) for due in found if due.is_event],
    )


def _is_late(due: Due) -> bool:
    return due.state == DueState.LATE and not (due.is_event or due.key.startswith(REVIEW_OVER))


def _by_project(late: list[Due], numbers: dict[int, int]) -> list[LateProject]:
    found: dict[Project, list[HomeLine]] = {}
    for due in late:
        found.setdefault(due.project, []).append(HomeLine.of(due))
    return [
        LateProject(project, lines, numbers.get(project.pk, len(lines)))
        for project, lines in found.items()
    ]


# Whoever moves a plan on after its review is not late.
REVIEW_OVER = "move-"


@prepared
def _first_of_each_group(*values: Any) -> QuerySet[Any, Any]:
    """Return the first rows of each `group`, with their `place` in it and the `number` of all.

    Coming events are one group. What waits for the reader is in others: for everybody their own
    obligations, if they are late, due soon or without a day; a recommendation from its first day,
    as an invitation of theirs. For the coordination also those of others that are late. What is late
    is a group of its own in each project.
    """
    scope = Scope.of_values(*values)
    late, later = scope.in_state(DueState.LATE), scope.in_state(DueState.LATER)
    coordinates = Q(pk__in=[])
    for rights, projects, *_institutions in scope.groups:
        if Role.COORDINATOR in rights.roles:
            coordinates |= Q(project__in=Keys(projects))
    from_first_day = Q(kind=ObligationKind.RESOLUTION) | Q(user__isnull=False)
    waits = (late & coordinates) | (scope.theirs & (~later | from_first_day))
    group = Case(
        When(is_event=True, then=COMING),
        When(Q(kind=ObligationKind.ACTION) & ~coordinates, then=ACTIONS),
        When(late & ~Q(key__startswith=REVIEW_OVER), then=LATE),
        When(kind=ObligationKind.SAFEGUARDING, then=POLICIES),
        default=SINGLE,
        output_field=SmallIntegerField(),
    )
    part = Case(When(group=LATE, then=F("project")), default=0)
    # By numbers alone: of somebody with hundreds of projects tens of thousands are sorted.
    order = (F("on").asc(nulls_last=True), F("is_listed").desc(), F("project"), F("pk"))
    shown = Q(is_event=True, is_listed=True) & ~late | (Q(is_event=False) & waits)
    rows: Any = scope.everything.filter(shown, done=False).annotate(group=group)
    parts = [F("group"), F("part")]
    found: QuerySet[Any, Any] = rows.annotate(part=part).annotate(
        number=Window(Count("pk"), partition_by=parts),
        place=Window(RowNumber(), partition_by=parts, order_by=order),
    )
    few = Q(place=1) | Q(group__in=[COMING, LATE], place__lte=SHOWN)
    few |= Q(group=SINGLE, place__lte=WAITING)
    return found.filter(few).order_by("place", *order).values_list(*FirstOfGroup._fields)


class FirstOfGroup(NamedTuple):
    """An obligation, its `place` in its group, and the `number` of all. The group becomes one line
    if they are many; a person's own actions always do."""

    pk: int
    project: int
    group: int
    number: int
    place: int
    on: date | None
    in_time_until: date | None

    def line(self, today: date) -> HomeLine:
        """Return the line, with the day of the first, and how late it is."""
        line = LINES[self.group](self.number)
        if self.on is None or self.group == POLICIES:
            return line
        line = replace(line, when=day(self.on), on=self.on)
        late = days_late(self.on, self.in_time_until or self.on, today)
        return replace(line, tone=tone_of(DueState.LATE), label=lateness(late)) if late else line


def _policies_to_sign(number: int) -> HomeLine:
    title = ngettext(
        "Have %(number)s safeguarding policy signed",
        "Have %(number)s safeguarding policies signed",
        number,
    )
    return HomeLine(
        title=title % {"number": number},
        url=f"{reverse('due')}?kind={ObligationKind.SAFEGUARDING.value}",
        meta=_("Never signed, or no longer valid"),
    )


def _actions_to_note(number: int) -> HomeLine:
    title = ngettext(
        "Note the progress of %(number)s action", "Note the progress of %(number)s actions", number
    )
    return HomeLine(
        title=title % {"number": number},
        url=reverse("committees:actions"),
        meta=_("Of your institution: overdue, or to be done within 30 days"),
    )


LINES: dict[int, Callable[[int], HomeLine]] = {
    ACTIONS: _actions_to_note,
    POLICIES: _policies_to_sign,
}

# --- Waiting ---
#
# The tasks that wait for a person: obligations (`ibcr_portal.home.due`), and what does not follow
# from their roles in one project.


def waiting_lines(reader: Reader, due: list[HomeLine]) -> list[HomeLine]:
    """Return the lines of all that waits for the reader. `due`: those of obligations."""
    lines = [*due, *_people_to_confirm(reader), *_facts_to_settle(reader)]
    if reader.user.is_staff:
        lines = [*_what_needs_mending(), *lines, *_requests_to_answer(), *_documents_to_seal()]
    return sorted(lines, key=lambda line: line.on or date.max)[:WAITING]


def _represented(reader: Reader) -> list[OwnParticipation]:
    """Return what the reader represents, in all projects."""
    found = represented_in(reader.user, reader.keys).values()
    return [one for rows in found for one in rows if one.is_confirmed]


def _people_to_confirm(reader: Reader) -> Iterator[HomeLine]:
    """Yields the people entered for a funding or accountable institution who see nothing yet."""
    user = reader.user
    participations = [one.participation for one in _represented(reader)]
    everywhere = reader.keys if user.is_staff else []
    found = _to_confirm(user.pk, user.is_staff, participations, everywhere)
    reader.with_names([row.participation for row in found])
    projects = reader.projects_by_key({row.participation.project_id for row in found})
    for row in found:
        row.participation.project = projects[row.participation.project_id]
        institution = row.participation.institution.short_name
        yield HomeLine(
            title=_("Confirm: does %(person)s represent %(institution)s?")
            % {"person": row.contact, "institution": institution},
            url=row.get_absolute_url(),
            meta=str(row.participation.project),
        )


def _facts_to_settle(reader: Reader) -> Iterator[HomeLine]:
    """Yields changes that a coordinator proposes, for the institution and for administrators."""
    institutions = sorted({one.institution for one in _represented(reader)})
    for change in reader.with_names(_changes(reader.user.is_staff, institutions)):
        yield HomeLine(
            title=_("A change is proposed: %(institution)s")
            % {"institution": change.institution.short_name},
            url=change.institution.get_absolute_url(),
            meta=change.text,
        )


def _what_needs_mending() -> Iterator[HomeLine]:
    """Yields parts of the portal that do not work, which administrators read here even if the
    portal cannot send mail."""
    for alert in Alert.objects.told():
        if alert.kind not in WORDS:  # of an earlier version
            continue
        yield HomeLine(
            title=str(WORDS[alert.kind].trouble),
            url=reverse("system"),
            tone="bad",
            label=_("Needs you"),
            on=date.min,
        )


def _requests_to_answer() -> Iterator[HomeLine]:
    """Yields what persons asked about their data, for administrators."""
    for request in PersonRequest.objects.filter(answered_on=None).select_related("user"):
        yield HomeLine(
            title=_("Answer a request: %(request)s") % {"request": request},
            url=request.get_absolute_url(),
            when=day(request.due_on),
            tone="bad" if request.is_late else "",
            label=str(_("late")) if request.is_late else "",
            on=request.due_on,
        )


def _documents_to_seal() -> Iterator[HomeLine]:
    """Yields that the key is missing, and that documents wait for one which cannot be read, for
    administrators."""
    if settings.SEAL_OFF:
        return
    if not settings.SEAL_KEY and SealCertificate.objects.exists():
        yield HomeLine(title=_("The key of the seal is missing"), url=reverse("reports:seal"))
    if count := waiting().count():
        waits = ngettext(
            "%(count)s document waits for its seal",
            "%(count)s documents wait for their seal",
            count,
        )
        yield HomeLine(title=waits % {"count": count}, url=reverse("reports:seal"))


def _to_confirm(
    person: int, is_staff: bool, participations: list[int], projects: list[int]
) -> QuerySet[Representation]:
    rows = to_confirm(person, is_staff, participations).select_related("contact", "participation")
    rows = rows.filter(participation__project__in=projects) if is_staff else rows
    return rows.only("contact__full_name", "participation__institution", "participation__project")


def _changes(is_staff: bool, institutions: list[int]) -> QuerySet[InstitutionChange]:
    return changes_to_settle(is_staff, institutions).only("institution", "text")

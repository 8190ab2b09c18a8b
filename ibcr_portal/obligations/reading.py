"""Reads the obligations that a person may see: filtered, counted and cut by the database, then
given words.

The stored rows say which roles, institutions and people see them. What they show is read again
through the `visible_…` functions of each kind where more than the role decides.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from committees.models import Audience, Resolution
from committees.permissions.roles import audiences_of, items_left
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations import calls, donor, follow_up, partners, steering, work
from ibcr_portal.obligations.due import HORIZON, SOON, Due, DueState
from ibcr_portal.obligations.page import DuePage
from ibcr_portal.obligations.role_sets import has_one_of
from ibcr_portal.obligations.writing import AT_ONCE, write_changed
from ibcr_portal.reader import Reader
from projects.models import Participation, Project
from projects.permissions.roles import TEAM, Role, own_participations, speaks_for

# By the first word of their keys.
SHOWN: dict[str, Callable[[DuePage, list[Obligation]], Iterator[Due]]] = {
    "duty": donor.show_duties,
    "period": donor.show_periods_to_open,
    "meeting": steering.show_meetings,
    "convene": steering.show_convening,
    "meet": steering.show_meetings_missing,
    "minutes": steering.show_minutes,
    "accreditation": steering.show_accreditations,
    "resolution": steering.show_resolutions,
    "seat": steering.show_seats,
    "action": work.show_actions,
    "review": work.show_reviews,
    "closes": work.show_ends_of_reviews,
    "plan": work.show_next_plans,
    "values": follow_up.show_values,
    "contribution": follow_up.show_contributions,
    "amendment": follow_up.show_amendments,
    "risks": follow_up.show_risks,
    "call": calls.show_calls,
    "scores": calls.show_scores,
    "panel": calls.show_scores,
    "instalment": calls.show_instalments,
    "grantreport": calls.show_grant_reports,
    "agreement": partners.show_agreements,
    "safeguarding": partners.show_safeguarding,
    "access": partners.show_roles_ending,
    "invitation": partners.show_invitations,
}
# What an institution has to do is for those who represent it, and not for its seat.
BY_REPRESENTATION = (ObligationKind.REPORT, ObligationKind.GRANT, ObligationKind.AGREEMENT)


class Rights(NamedTuple):
    """What a person may see and has to do in a project: the same in many projects, mostly."""

    roles: frozenset[Role]
    audiences: frozenset[str]
    spoken_for: frozenset[int]  # institutions
    represented: frozenset[int]
    represents_donor: bool


class Obligations:
    """The obligations of one reader: querysets of rows, and their words."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.now = timezone.now()
        self.today = Project().today
        write_changed(reader.concerning, AT_ONCE)

    @cached_property
    def groups(self) -> dict[Rights, list[int]]:
        found: dict[Rights, list[int]] = defaultdict(list)
        for project in self.reader.projects:
            found[_rights(self.reader, project)].append(project.pk)
        return found

    @cached_property
    def theirs(self) -> Q:
        """Match what the reader has to do."""
        own = Q(user=self.reader.user)
        for rights, projects in self.groups.items():
            has_to = _of_their_institutions(rights) | (
                has_one_of("owners", rights.roles) & ~Q(but_not=self.reader.user)
            )
            own |= Q(project__in=projects) & has_to & self._for_audiences(rights)
        return own

    @cached_property
    def seen(self) -> Q:
        """Match what the reader sees: the team everything, others what they have to do, and the
        donor what it expects."""
        seen = Q(user=self.reader.user)
        for rights, projects in self.groups.items():
            sees = has_one_of("owners", rights.roles) | has_one_of("readers", rights.roles - DONOR)
            sees |= _of_their_institutions(rights)
            if Role.DONOR in rights.roles:
                sees |= has_one_of("readers", DONOR) & _expected_by(rights)
            seen |= Q(project__in=projects) & sees & self._for_audiences(rights)
        return seen

    def _for_audiences(self, rights: Rights) -> Q:
        if rights.roles & ALL_AUDIENCES:
            return Q()
        found = Q(audience__in=["", *rights.audiences])
        if Role.MEMBER in rights.roles and not rights.roles & TEAM:
            # A recused seat leaves what was resolved on a reserved item.
            left = Resolution.objects.filter(agenda_item__in=items_left(self.reader.user))
            found &= ~Q(audience=Audience.VOTING, thing__in=left.values("pk"))
        return found

    @cached_property
    def rows(self) -> QuerySet[Obligation]:
        """All rows that the reader sees, up to a year ahead."""
        listed = Q(on=None) | Q(on__lte=self.today + timedelta(days=HORIZON))
        begun = Q(since=None) | Q(since__lte=self.now)
        not_over = Q(until=None) | Q(until__gt=self.now)
        return Obligation.objects.filter(self.seen, listed, begun, not_over)

    def in_state(self, state: DueState) -> Q:
        if state == DueState.DONE:
            return Q(done=True)
        soon = self.today + timedelta(days=SOON)
        days = {
            DueState.LATE: Q(on__lt=self.today),
            DueState.SOON: Q(on=None) | Q(on__gte=self.today, on__lte=soon),
            DueState.LATER: Q(on__gt=soon),
        }
        return Q(days[state], done=False)

    def shown(self, rows: Iterable[Obligation]) -> list[Due]:
        """Give the rows their words, sorted by day. What the reader may not see after all is left
        out."""
        rows = list(rows)
        if not rows:
            return []
        page = DuePage(self.reader, rows)
        by_word: dict[str, list[Obligation]] = defaultdict(list)
        for row in rows:
            word, _dash, rest = row.key.partition("-")
            by_word["closes" if rest.startswith("closes") else word].append(row)
        found = [due for word, group in by_word.items() for due in SHOWN[word](page, group)]
        return sorted(found, key=lambda due: due.place)


DONOR = frozenset({Role.DONOR})
ALL_AUDIENCES = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR})


def _rights(reader: Reader, project: Project) -> Rights:
    roles = reader.roles_by_project[project.pk]
    audiences = audiences_of(reader.user, project)
    if roles and not roles & (TEAM | {Role.MEMBER}):
        audiences |= {Audience.COMMITTEE}  # partners and donors read what was adopted
    own = own_participations(reader.user, project)
    return Rights(
        roles,
        audiences,
        spoken_for=speaks_for(reader.user, project),
        represented=frozenset(row.institution for row in own),
        represents_donor=any(row.role == Participation.Role.REPRESENTING for row in own),
    )


def _of_their_institutions(rights: Rights) -> Q:
    """Match what is of the institutions for which the person speaks, as far as their role goes."""
    if not rights.spoken_for:
        return Q(pk__in=[])
    found = Q(institution__in=rights.spoken_for)
    if rights.spoken_for != rights.represented:
        found &= ~Q(kind__in=BY_REPRESENTATION) | Q(institution__in=rights.represented)
    if not rights.roles & {Role.PARTNER, Role.MEMBER}:
        found &= ~Q(kind=ObligationKind.PLAN)  # the donor is not asked in reviews
    if not rights.roles & ({Role.PARTNER} | TEAM):
        found &= ~Q(kind=ObligationKind.VALUE)
    return found


def _expected_by(rights: Rights) -> Q:
    """Match what is expected by every donor, or by the one that the person represents. Whoever
    represents the donor in the country sees all."""
    if rights.represents_donor:
        return Q()
    return Q(donor=None) | Q(donor__in=rights.represented)


def obligations_of(reader: Reader) -> list[Due]:
    """Return everything that is due and that the reader may see, by its day, up to a year ahead."""
    found = Obligations(reader)
    return found.shown(found.rows)

"""Obligations of partners and people that end or expire: agreements, safeguarding policies, roles."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, DuePage, by_key
from ibcr_portal.obligations.facts import COORDINATION, ProjectFacts, moment
from partners.models import Agreement
from projects.models import Assignment, Participation, TeamInvitation
from projects.permissions.roles import TEAM, Role


def find_agreements(facts: ProjectFacts) -> Iterator[Obligation]:
    """Those that end before the project does, and those that are in force but not signed."""
    for row in facts.participations if facts.is_running else ():
        agreement: Agreement | None = row.agreement
        if agreement is None:
            continue
        ends = agreement.ends_on and agreement.ends_on < facts.project.current_end
        if agreement.signed_on and not ends:
            continue
        yield facts.row(
            ObligationKind.AGREEMENT,
            f"agreement-{row.pk}-{agreement.pk}",
            agreement.ends_on if agreement.signed_on else agreement.starts_on,
            thing=agreement.pk,
            owners=COORDINATION,
            institution=row.institution_id,
            readers=TEAM - {Role.DIRECTION},
            entered=(row.entered_on,),
        )


@by_key
def agreements(keys: list[int]) -> QuerySet[Agreement]:
    rows = Agreement.objects.filter(pk__in=keys).order_by()
    return rows.only("kind", "reference", "signed_on", "institution")


def show_agreements(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    found = agreements(rows)
    for row in rows:
        agreement = found.get(row.thing)
        if agreement is None or row.institution_id is None:
            continue
        institution = page.institution(row.institution_id)
        title = (
            _("Agreement ends: %(institution)s")
            if agreement.signed_on
            else _("Agreement to be signed: %(institution)s")
        )
        yield page.due(
            row,
            title=title % {"institution": institution.short_name},
            url=page.address("partners:agreement", agreement.institution_id, key=agreement.pk),
            note=str(agreement),
        )


def find_safeguarding(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find policies that partners have to sign again, or have never signed."""
    if not facts.is_running:
        return
    rows = facts.participations
    places = {row.institution_id: row for row in rows if row.role in Participation.SIGNS_POLICY}
    for place in places.values():
        institution = place.institution
        expires = institution.safeguarding_expires_on
        yield facts.row(
            ObligationKind.SAFEGUARDING,
            f"safeguarding-{facts.project.pk}-{institution.pk}",
            expires or facts.project.starts_on,
            owners=COORDINATION,
            institution=institution.pk,
            entered=(place.entered_on,),
            facts={"signed": bool(expires)},
        )


def show_safeguarding(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        if row.institution_id is None:
            continue
        title = (
            _("Safeguarding policy to be signed again: %(institution)s")
            if row.facts["signed"]
            else _("Safeguarding policy never signed: %(institution)s")
        )
        institution = page.institution(row.institution_id)
        yield page.due(
            row,
            title=title % {"institution": institution.short_name},
            url=page.address("partners:detail", key=row.institution_id),
        )


def find_roles_ending(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find the roles that end on a day, such as an auditor's, without the person's name."""
    if not facts.is_running:
        return
    for pk, role, ends_on in _roles_ending(facts.project.pk):
        assert ends_on is not None  # as filtered
        yield facts.row(
            ObligationKind.ACCESS,
            f"access-{pk}",
            ends_on,
            owners=COORDINATION,
            until=facts.end_of(ends_on),
            facts={"role": role},
        )


def _roles_ending(project: int) -> QuerySet[Assignment, tuple[Any, ...]]:
    rows = Assignment.objects.current().filter(project=project, ends_on__isnull=False)
    return rows.values_list("pk", "role", "ends_on")


def show_roles_ending(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        yield page.due(
            row,
            title=_("A role ends: %(role)s") % {"role": Assignment.Role(row.facts["role"]).label},
            url=page.address("projects:team", page.project(row).code),
        )


def find_invitations(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find the invitations to the team that wait for an answer. The invited may not see the project
    before they accept."""
    rows = TeamInvitation.objects.open().filter(project=facts.project)
    for row in rows:
        yield facts.row(
            ObligationKind.ACCESS,
            f"invitation-{row.pk}-{row.sent_at:%Y%m%d}",
            timezone.localdate(row.expires_at, facts.project.zone),
            thing=row.pk,
            readers=(),
            user_id=row.user_id,
            until=moment(row.expires_at),
            facts={"role": row.role},
        )


def show_invitations(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        role = Assignment.Role(row.facts["role"]).label
        yield page.due(
            row,
            title=_("Answer the invitation to the team: %(role)s") % {"role": role},
            url=page.address("projects:team-invitation", page.project(row).code, key=row.thing),
            label=_("You"),
        )

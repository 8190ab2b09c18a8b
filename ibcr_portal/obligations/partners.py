"""Obligations of partners and people that end or expire: agreements, safeguarding policies, roles."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import Due, ResponsibleParty, of_institution, team
from ibcr_portal.reader import Reader, running
from projects.models import Assignment, Participation, TeamInvitation
from projects.permissions.agreements import visible_agreements
from projects.permissions.roles import Role

ROLES = Participation.Role
# The donor and who represents it have their own rules, the accountable institution keeps these.
SIGNS_POLICY = (ROLES.IMPLEMENTING, ROLES.PARTNER, ROLES.BENEFICIARY)


def _participations(reader: Reader) -> list[Participation]:
    return [row for row in reader.participations if not row.project.is_over]


def agreements(reader: Reader) -> Iterator[Due]:
    """Those that end before the project does, and those that are in force but not signed."""
    rows = [row for row in _participations(reader) if row.agreement_id]
    known = visible_agreements(reader.user).in_bulk({row.agreement_id for row in rows})
    for row in rows:
        agreement, project = known.get(row.agreement_id), row.project
        if agreement is None:
            continue
        reader.with_names([agreement])
        if not agreement.signed_on:
            title, on = _("Agreement to be signed: %(institution)s"), agreement.starts_on
        elif agreement.ends_on and agreement.ends_on < project.current_end:
            title, on = _("Agreement ends: %(institution)s"), agreement.ends_on
        else:
            continue
        own = of_institution(reader, row.institution, project.pk)
        yield Due(
            project=project,
            kind=ObligationKind.AGREEMENT,
            key=f"agreement-{row.pk}-{agreement.pk}",
            title=title % {"institution": row.institution.short_name},
            url=agreement.get_absolute_url(),
            on=on,
            owner=ResponsibleParty(own.label, own.roles | {Role.COORDINATOR}, own.institutions),
            note=str(agreement),
        )


def safeguarding(reader: Reader) -> Iterator[Due]:
    """Yield policies that partners have to sign again, or have never signed."""
    rows = [row for row in _participations(reader) if row.role in SIGNS_POLICY]
    if not reader.inside:
        rows = [row for row in rows if (row.project_id, row.institution_id) in reader.own]
    seen = set()
    for row in rows:
        institution, project = row.institution, row.project
        if (project.pk, institution.pk) in seen:
            continue
        seen.add((project.pk, institution.pk))
        expires = institution.safeguarding_expires_on
        title = (
            _("Safeguarding policy to be signed anew: %(institution)s")
            if expires
            else _("Safeguarding policy never signed: %(institution)s")
        )
        own = of_institution(reader, institution, project.pk)
        yield Due(
            project=project,
            kind=ObligationKind.SAFEGUARDING,
            key=f"safeguarding-{project.pk}-{institution.pk}",
            title=title % {"institution": institution.short_name},
            url=institution.get_absolute_url(),
            on=expires or project.starts_on,
            owner=ResponsibleParty(own.label, own.roles | {Role.COORDINATOR}, own.institutions),
        )


def roles_ending(reader: Reader) -> Iterator[Due]:
    """Yield the roles that end on a day, such as an auditor's, without the person's name."""
    rows = Assignment.objects.current().filter(
        project__in=running(reader.inside), ends_on__isnull=False
    )
    for row in rows.select_related("project"):
        yield Due(
            project=row.project,
            kind=ObligationKind.ACCESS,
            key=f"access-{row.pk}",
            title=_("A role ends: %(role)s") % {"role": row.get_role_display()},
            url=reverse("projects:team", args=[row.project.code]),
            on=row.ends_on,
            owner=team(),
        )


def invitations(reader: Reader) -> Iterator[Due]:
    """Yield the invitations to teams that the reader has not answered yet.

    They may not see the project before they accept, so this starts from their invitations.
    """
    rows = TeamInvitation.objects.open().filter(user=reader.user)
    for row in rows.select_related("project"):
        yield Due(
            project=row.project,
            kind=ObligationKind.ACCESS,
            key=f"invitation-{row.pk}-{row.sent_at:%Y%m%d}",
            title=_("Answer the invitation to the team: %(role)s")
            % {"role": row.get_role_display()},
            url=row.get_absolute_url(),
            on=timezone.localdate(row.expires_at, row.project.zone),
            owner=ResponsibleParty(_("You"), people=frozenset({reader.user.pk})),
        )

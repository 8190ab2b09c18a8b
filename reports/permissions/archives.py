"""Which files of a project somebody may download, and who may still have an archive of them."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from accounts.models import User
from committees.permissions.roles import audiences_of
from projects.models import NamedTo, NamingChoice, NamingPrecaution, Participation, Project
from projects.permissions.money import may_see_budget
from projects.permissions.naming import person_as_readers
from projects.permissions.risks import may_see_risks, may_see_unshared_risks
from projects.permissions.roles import TEAM, OwnParticipation, Role, may_edit, roles_of
from projects.permissions.values import may_see_small_counts
from reports.models import (
    Archive,
    DocumentKind,
    FiledDocument,
    Rendition,
    RenditionQuerySet,
    Report,
)
from reports.permissions.documents import PERSONAL, WITH_NAMES, every_visible_rendition


def final_renditions(user: User, projects: Iterable[Project]) -> RenditionQuerySet:
    """Return the final files of these projects that the person may see.

    Of a report that is the text that was signed last. Certificates, letters and handover sheets
    concern one person and are left out.
    """
    is_final = Q(snapshot__report__snapshot=F("snapshot")) | Q(snapshot__is_final=True)
    ready = every_visible_rendition(user, projects).filter(state=Rendition.State.READY)
    ready = ready.filter(is_final, is_draft=False, snapshot__project__in=projects)
    return ready.exclude(snapshot__kind__in=[*PERSONAL, *WITH_NAMES])


def final_files_for(user: User, reports: Iterable[Report]) -> RenditionQuerySet:
    """Return the files of the signed texts of reports that a person sees (`final_renditions`, of
    reports alone), as far as they are meant for an audience that is the person's."""
    alike: dict[frozenset[str], list[int]] = defaultdict(list)
    for report in reports:
        alike[audiences_of(user, report.project)].append(report.pk)
    meant = Q(pk__in=[])
    for names, keys in alike.items():
        meant |= Q(snapshot__report__in=keys, audience__in=sorted(names))
    signed = Q(snapshot__report__snapshot=F("snapshot"), is_draft=False)
    ready = Rendition.objects.current().filter(meant, signed, state=Rendition.State.READY)
    return ready.filter(snapshot__kind=DocumentKind.ANNUAL_REPORT)


def rights_in(user: User, project: Project) -> set[str]:
    """Return the rights that decide how much of a project's data a person sees, to compare them
    later."""
    roles = roles_of(user, project)
    rights = {
        "values": bool(roles & TEAM),
        "small counts": may_see_small_counts(user, project),
        "money": may_see_budget(user, project),
        "risks": may_see_risks(user, project),
        "all risks": may_see_unshared_risks(user, project),
    }
    readers = person_as_readers(user, project)
    named_to = ["coordination", *NamedTo.values] if readers.is_coordination else readers.audiences
    names = {f"names for {audience}" for audience in named_to}
    return names | {name for name, held in rights.items() if held}


def may_request_editions(user: User, project: Project) -> bool:
    """The coordination makes the archives of the project that are kept and handed over."""
    return may_edit(user, project)


def reader_of(archive: Archive) -> User:
    """Return the person as whom it is written: its owner, or the donor of its project."""
    if archive.edition == Archive.Edition.DONOR:
        return the_donor(archive.project)
    return archive.user


def has_several_donors(project: Project) -> bool:
    """Whether what is of one donor alone is of no concern to another one."""
    funding = project.participations.filter(role=Participation.Role.FUNDING)
    return funding.order_by().values("institution").distinct().count() > 1


def the_donor(project: Project) -> User:
    """Return a reader who represents all donors of the project, and has no other place: what each of
    them may see, and nobody else. No such account exists."""
    reader = User(pk=0, language=project.languages[0])
    rows = project.participations.filter(role__in=Participation.DONOR_ROLES)
    if has_several_donors(project):
        rows = rows.none()
    own = [
        OwnParticipation(
            row.pk,
            row.institution_id,
            row.role,
            sees_small_counts=bool(row.agreement and row.agreement.tells_small_counts),
            accepts=False,
            is_confirmed=True,
        )
        for row in rows.select_related("agreement")
    ]
    if not all(one.sees_small_counts for one in own):
        own = [one._replace(sees_small_counts=False) for one in own]
    roles = {project.pk: frozenset({Role.DONOR})}
    kinds = rows.values_list("institution", "institution__kind")
    reader.__dict__ |= {
        "_project_roles": dict(roles),
        "_roles_everywhere": dict(roles),
        "_own_participations": {project.pk: own},
        "_institutions_by_seat": {},
        "_kinds_of_institutions": dict(kinds),
    }
    return reader


def _filed_changed_since(archive: Archive) -> bool:
    """Whether a document was removed since, or is for others now."""
    changes = FiledDocument.history.filter(
        project=archive.project_id, history_type="~", history_date__gte=archive.requested_at
    )
    return bool(changes.exists())


def usable_archives(user: User) -> QuerySet[Archive]:
    """Return the person's own archives, of projects that they still see."""
    return Archive.objects.filter(user=user.pk, project__in=Project.objects.visible_to(user))


def may_download(user: User, archive: Archive) -> bool:
    """Whether the person may still see all that the archive holds."""
    if archive.user_id != user.pk:
        return False
    is_edition = archive.edition != Archive.Edition.OWN
    if is_edition and not may_request_editions(user, archive.project):
        return False
    reader = reader_of(archive) if is_edition else user
    if not set(archive.rights) <= rights_in(reader, archive.project):
        return False
    # Since then fewer may know the name of an institution: a new archive has what is right.
    said = NamingChoice.objects.filter(recorded_at__gte=archive.requested_at)
    if said.filter(Q(project=None) | Q(project=archive.project_id)).exists():
        return False
    # A precaution holds in all projects, also where texts name an institution that takes no part.
    if NamingPrecaution.objects.filter(taken_at__gte=archive.requested_at).exists():
        return False
    if is_edition and _filed_changed_since(archive):
        return False
    packed = set(archive.renditions)
    visible = final_renditions(reader, [archive.project]).filter(pk__in=packed)
    return set(visible.values_list("pk", flat=True)) == packed

"""Which files of a project somebody may take away at once, and who may have what was packed."""

from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from accounts.models import User
from projects.models import Project
from projects.permissions.money import may_see_budget
from projects.permissions.risks import may_see_risks, may_see_unshared_risks
from projects.permissions.roles import TEAM, Role, roles_of
from projects.permissions.values import may_see_small_counts
from reports.models import Archive, Rendition
from reports.permissions.documents import PERSONAL, WITH_NAMES, every_visible_rendition


def standing_renditions(user: User, projects: Iterable[Project]) -> QuerySet[Rendition]:
    """The files of these projects that stand and that the person sees: of reports the last text
    that was signed, of all else what is final. Certificates, letters and handover sheets are of
    one person and are not among them."""
    stands = Q(snapshot__report__snapshot=F("snapshot")) | Q(snapshot__is_final=True)
    ready = every_visible_rendition(user, projects).filter(state=Rendition.State.READY)
    ready = ready.filter(stands, is_draft=False, snapshot__project__in=projects)
    return ready.exclude(snapshot__kind__in=[*PERSONAL, *WITH_NAMES])


def rights_in(user: User, project: Project) -> set[str]:
    """What decides how much a person is told by the data of a project, to be compared later."""
    roles = roles_of(user, project)
    rights = {
        "values": bool(roles & TEAM),
        "small counts": may_see_small_counts(user, project),
        "money": may_see_budget(user, project),
        "risks": may_see_risks(user, project),
        "names at risk": tells_names_at_risk(user, project),
        "all risks": may_see_unshared_risks(user, project),
    }
    return {name for name, held in rights.items() if held}


def tells_names_at_risk(user: User, project: Project) -> bool:
    """Whether files for this person name institutions that could be harmed by it, as documents for
    donor and committee do (`reports.compose.reading`)."""
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR, Role.MEMBER}))


def usable_archives(user: User) -> QuerySet[Archive]:
    """One's own, of projects that one still sees."""
    return Archive.objects.filter(user=user.pk, project__in=Project.objects.visible_to(user))


def may_download(user: User, archive: Archive) -> bool:
    """Whether the person may still have all that was put into it."""
    if archive.user_id != user.pk or not set(archive.rights) <= rights_in(user, archive.project):
        return False
    held = set(archive.renditions)
    seen = standing_renditions(user, [archive.project]).filter(pk__in=held)
    return set(seen.values_list("pk", flat=True)) == held

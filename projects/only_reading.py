"""Somebody whose access is going to end reads until then, and neither accepts nor answers nor downloads:
signed in (`ibcr_portal.only_reading`), by link and by mail (`accounts.acting`)."""

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.formats import moment
from projects.institutions.services.links import project_of
from projects.models import Project
from projects.permissions.representations import announced_end
from projects.permissions.roles import only_reads, own_participations, set_acting


class OnlyReads(PermissionDenied):
    """Raised where somebody who only reads sends or takes something."""

    def __init__(self, user: User, project: Project) -> None:
        super().__init__(sentence_for(user, project))


def sentence_for(user: User, project: Project) -> str:
    return _(
        "On %(moment)s your access to this project ends. Until then you can read, but not accept, "
        "answer or download. If that is wrong, inform your institution or an administrator."
    ) % {"moment": moment(announced_end(user, project))}


def ends_beside_others(user: User, project: Project) -> bool:
    """Whether the end of a representation was announced to somebody who has another place in the
    project, and keeps what that lets them do."""
    own = own_participations(user, project)
    return any(each.is_ending for each in own) and not only_reads(user, project)


def sentence_beside_others(user: User, project: Project) -> str:
    return _(
        "On %(moment)s a representation of yours in this project ends. Until then you act here only in "
        "your other roles. If that is wrong, inform your institution or an administrator."
    ) % {"moment": moment(announced_end(user, project))}


def refusal_about(user: User, thing: Model) -> str:
    """Return why the person cannot answer about the thing, by link or mail, or nothing if they can."""
    set_acting(user)
    project = project_of(thing)
    return sentence_for(user, project) if project and only_reads(user, project) else ""

"""Decides who sees advances and their vouchers: the team those of its project, an institution its
own."""

from accounts.models import User
from projects.models import Advance, AdvanceVoucher, Project
from projects.models.advance import AdvanceQuerySet
from projects.permissions.money import APPROVERS, KEEPERS, may_read_voucher_files
from projects.permissions.roles import (
    TEAM,
    Role,
    of_own_institutions,
    own_institutions,
    roles_of,
)


def visible_advances(user: User, project: Project) -> AdvanceQuerySet:
    roles = roles_of(user, project)
    if roles & TEAM:
        return Advance.objects.filter(project=project)
    if Role.PARTNER in roles:
        return Advance.objects.filter(of_own_institutions(user, [project]))
    return Advance.objects.none()


def may_keep_advances(user: User, project: Project) -> bool:
    """Coordination and finance enter advances and what is returned of them."""
    return bool(roles_of(user, project) & KEEPERS)


def is_recipient(user: User, advance: Advance) -> bool:
    return advance.institution_id in own_institutions(user, advance.project)


def may_send_voucher(user: User, advance: Advance) -> bool:
    """The institution sends its vouchers, or finance enters those that came on paper."""
    return is_recipient(user, advance) or may_keep_advances(user, advance.project)


def may_accept_voucher(user: User, voucher: AdvanceVoucher) -> bool:
    """Accepting needs a role in the project, and nobody accepts what they sent."""
    if voucher.status != AdvanceVoucher.Status.SENT or voucher.submitted_by_id == user.pk:
        return False
    return bool(roles_of(user, voucher.advance.project) & APPROVERS)


def may_see_voucher_files(user: User, advance: Advance) -> bool:
    """As scans of the project's own vouchers, and the institution that sent them."""
    return may_read_voucher_files(user, advance.project) or is_recipient(user, advance)

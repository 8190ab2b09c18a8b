from collections.abc import Callable, Collection

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import User

_auditors: list[Callable[[User], bool]] = []
_roles: list[Callable[[User], Collection[str]]] = []
_helpers: list[Callable[[User], QuerySet[User]]] = []


def add_auditors(source: Callable[[User], bool]) -> None:
    """Let an app above this one say who audits something, once, when it is loaded."""
    _auditors.append(source)


def add_roles(source: Callable[[User], Collection[str]]) -> None:
    """Let an app above this one say which roles somebody holds anywhere, once, when it is
    loaded."""
    _roles.append(source)


def needs_second_factor(user: User) -> bool:
    """Whether a role of theirs asks for a second factor (SECOND_FACTOR_ROLES)."""
    asking = set(settings.SECOND_FACTOR_ROLES)
    if user.is_staff and "administrator" in asking:
        return True
    return bool(asking) and any(asking.intersection(source(user)) for source in _roles)


def add_helpers(source: Callable[[User], QuerySet[User]]) -> None:
    """Let an app above this one say who helps a person that lost their second factor, once, when it
    is loaded."""
    _helpers.append(source)


def helpers_of(person: User) -> QuerySet[User]:
    """Return who may ask for the removal of this person's lost second factor, or confirm it:
    administrators and, unless the person is one, the coordination of their projects."""
    helpers = Q(is_staff=True)
    if not person.is_staff:
        for source in _helpers:
            helpers |= Q(pk__in=source(person).order_by().values("pk"))
    return User.objects.filter(helpers, is_active=True).exclude(pk=person.pk)


def helps_anybody(user: User) -> bool:
    """Whether the page of lost second factors has a form for this person."""
    return user.is_staff or any("coordinator" in source(user) for source in _roles)


def may_help(user: User, person: User) -> bool:
    return helpers_of(person).filter(pk=user.pk).exists()


def may_read_access_log(user: User) -> bool:
    return user.is_staff


def may_check_access_log(user: User) -> bool:
    """Administrators and auditors. A check tells whether the log is whole, and names nobody."""
    return user.is_staff or any(source(user) for source in _auditors)


def may_read_incoming_mail(user: User) -> bool:
    """Administrators, who see to it that it comes in."""
    return user.is_staff


def may_read_mailbox(user: User) -> bool:
    """Only administrators may: codes and links in the mail folder open every account.

    A portal with a mail server has no such folder.
    """
    return not settings.SENDS_MAIL and user.is_staff

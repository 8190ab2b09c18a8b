from collections.abc import Callable

from django.conf import settings

from accounts.models import User

_auditors: list[Callable[[User], bool]] = []


def add_auditors(source: Callable[[User], bool]) -> None:
    """Let an app above this one say who audits something, once, when it is loaded."""
    _auditors.append(source)


def may_read_access_log(user: User) -> bool:
    return user.is_staff


def may_check_access_log(user: User) -> bool:
    """Administrators and auditors. A check tells whether the log is whole, and names nobody."""
    return user.is_staff or any(source(user) for source in _auditors)


def may_read_mailbox(user: User) -> bool:
    """Only administrators may: codes and links in the mail folder open every account.

    A portal with a mail server has no such folder.
    """
    return settings.EMBEDDED and user.is_staff

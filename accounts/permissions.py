from django.conf import settings

from accounts.models import User


def may_read_access_log(user: User) -> bool:
    return user.is_staff


def may_read_mailbox(user: User) -> bool:
    """Only administrators may: codes and links in the mail folder open every account.

    A portal with a mail server has no such folder.
    """
    return settings.EMBEDDED and user.is_staff

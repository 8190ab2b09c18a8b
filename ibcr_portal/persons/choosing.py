"""People, and what else a hold may cover, as forms of the registers let somebody choose them."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import User
from kernel.choosing import Candidate
from kernel.text import columns_of
from partners.models import Contact
from projects.models import Project


def accounts() -> list[User]:
    return list(User.objects.order_by("full_name", "pk").only("full_name", "email"))


def entries() -> list[Contact]:
    """Return the entries of the directory of people who have no account."""
    without = Contact.objects.filter(user=None).order_by("full_name", "pk")
    return list(without.only("full_name", "email"))


def in_words(row: User | Contact) -> str:
    """Return the name with the address, since several people may have one name."""
    return f"{row.full_name} ({row.email})" if row.email else row.full_name


def account_candidates() -> list[Candidate]:
    return [Candidate(str(row.pk), in_words(row)) for row in accounts()]


def held_candidates() -> Iterator[Candidate]:
    """Return what one hold may cover."""
    yield Candidate("everything", _("Everything"))
    for project in Project.objects.order_by("code").only("code", *columns_of("short_title")):
        yield Candidate(f"project-{project.pk}", f"{project.code} · {project}")
    for user in accounts():
        yield Candidate(f"user-{user.pk}", in_words(user))
    for entry in entries():
        yield Candidate(f"entry-{entry.pk}", in_words(entry))

"""People as an auditor reads of them: by their roles in the project, and by the first characters of
their key in the access log. An auditor needs to know the role that
acted, not the name of the person."""

from collections import defaultdict
from collections.abc import Collection

from django.utils.translation import gettext as _

from accounts.models import Pseudonym, User
from committees.models import SeatTerm
from kernel.formats import join_list
from projects.models import Assignment, PanelMember, Participation, Project, Representation

SIGNS = 8


class Actors:
    """The people of a project by their keys, with the roles that they have or had in it."""

    def __init__(self, project: Project, people: Collection[int]) -> None:
        self._roles = _roles(project, people)
        keys = Pseudonym.objects.filter(user__in=people).values_list("user", "key")
        self._keys = {person: str(key) for person, key in keys}

    def of(self, person: int | None) -> str:
        """Return the role of a person and the beginning of their key; “The portal” for nobody."""
        if person is None:
            return _("The portal")
        role = join_list(self._roles[person]) or _("No role in this project")
        key = self._keys.get(person, "")
        return f"{role} · {key[:SIGNS]}" if key else role


def _roles(project: Project, people: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)

    def add(person: int, role: str) -> None:
        if role not in found[person]:
            found[person].append(role)

    for pk in User.objects.filter(pk__in=people, is_staff=True).values_list("pk", flat=True):
        add(pk, _("Administrator"))
    for assignment in Assignment.objects.filter(project=project, user__in=people):
        add(assignment.user_id, assignment.get_role_display())
    terms = SeatTerm.objects.filter(seat__committee__project=project, contact__user__in=people)
    for person in terms.order_by("pk").values_list("contact__user", flat=True):
        add(person, _("Member"))
    rows = Representation.objects.filter(
        participation__project=project, contact__user__in=people
    ).order_by("pk")
    for person, role in rows.values_list("contact__user", "participation__role"):
        add(person, _("Donor") if role in Participation.DONOR_ROLES else _("Partner"))
    panel = PanelMember.objects.filter(call__project=project, user__in=people)
    for person in panel.order_by("pk").values_list("user", flat=True):
        add(person, _("Panel"))
    return found

"""An institution hides itself at once."""

from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.mail import send_to_person
from accounts.models import User
from partners.models import Institution
from projects.institutions.letters import hidden_letter
from projects.institutions.services.naming import record_narrowest
from projects.institutions.services.precautions import people_concerned
from projects.models import NamingChoice, Project


@transaction.atomic
def hide_now(institution: Institution, projects: Iterable[Project], *, by: User) -> int:
    """Record that the institution may be named to nobody but the coordination: in these projects, or
    without any in all. Everybody concerned is notified. Returns how many files give way.

    The caller knows that the person speaks for it there.
    """
    replaced = 0
    places: list[Project | None] = [*projects]
    for project in places or [None]:
        choice = NamingChoice(
            institution=institution,
            project=project,
            said_on=timezone.localdate(),
            channel=NamingChoice.Channel.PORTAL,
        )
        replaced += record_narrowest(choice, by=by)
        for person in people_concerned(institution, project):
            letter = partial(hidden_letter, institution)
            send_to_person(person, letter, about=institution)
    return replaced

"""Obligations: one list of everything that falls due in all apps, for one reader.

Each source is a function from a `Reader` to obligations. It starts from what that person may see,
and its number of queries does not depend on the number of projects. A new kind of obligation is one
more function in `SOURCES`.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from ibcr_portal.obligations import calls, donor, follow_up, partners, steering, work
from ibcr_portal.obligations.due import HORIZON, Due
from ibcr_portal.reader import Reader

Source = Callable[[Reader], Iterable[Due]]

SOURCES: list[Source] = [
    donor.reporting_duties,
    donor.periods_to_open,
    steering.meetings,
    steering.meetings_missing,
    steering.minutes,
    steering.accreditations,
    steering.resolutions,
    steering.seats,
    work.actions,
    work.reviews,
    work.next_plans,
    follow_up.values,
    follow_up.contributions,
    follow_up.amendments,
    follow_up.risks,
    calls.calls,
    calls.scores,
    calls.instalments,
    calls.grant_reports,
    partners.agreements,
    partners.safeguarding,
    partners.roles_ending,
    partners.invitations,
]


def obligations_of(reader: Reader, sources: Iterable[Source] = SOURCES) -> list[Due]:
    """Return everything that is due and that the reader may see, by its day, up to a year ahead."""
    far = timedelta(days=HORIZON)
    found = (due for source in sources for due in source(reader) if due.is_seen_by(reader))
    listed = [due for due in found if due.on is None or due.on <= due.project.today + far]
    return sorted(listed, key=lambda due: due.place)


def mine(reader: Reader, found: Iterable[Due]) -> list[Due]:
    """Keep the open obligations of the reader: those they have to fulfil themselves."""
    return [due for due in found if not due.done and due.is_of(reader)]

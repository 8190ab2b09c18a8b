"""What is owed: one list of all that falls due, over all apps, for one reader.

Each source is a function from a `Reader` to what is due; it starts from what that person may see
and asks as many queries for one project as for a hundred. Another kind of thing is one more
function in `SOURCES`.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from ibcr_portal.obligations import calls as granting, donor, following, partners, steering, work
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
    following.values,
    following.contributions,
    following.amendments,
    following.risks,
    granting.calls,
    granting.scores,
    granting.instalments,
    granting.grant_reports,
    partners.agreements,
    partners.safeguarding,
    partners.roles_ending,
]


def obligations_of(reader: Reader, sources: Iterable[Source] = SOURCES) -> list[Due]:
    """All that is due and that the reader may see, by its day, up to a year ahead."""
    far = timedelta(days=HORIZON)
    found = (due for source in sources for due in source(reader) if due.is_seen_by(reader))
    listed = [due for due in found if due.on is None or due.on <= due.project.today + far]
    return sorted(listed, key=lambda due: due.place)


def mine(reader: Reader, found: Iterable[Due]) -> list[Due]:
    """What the reader has to do, or expects, of these; not what is done."""
    return [due for due in found if not due.done and due.is_of(reader)]

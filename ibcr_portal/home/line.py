"""A line of a list on the home page."""

from dataclasses import dataclass
from datetime import date

from ibcr_portal.obligations.due import Due, DueState
from kernel.formats import day

SHOWN = 8  # lines of a list on the home page
WAITING = SHOWN * 2  # of the list of what waits


@dataclass(frozen=True)
class HomeLine:
    title: str
    url: str
    meta: str = ""
    when: str = ""
    tone: str = ""
    label: str = ""
    on: date | None = None

    @classmethod
    def of(cls, due: Due, *, meta: str = "") -> "HomeLine":
        late = due.state == DueState.LATE
        return cls(
            title=due.title,
            url=due.url,
            meta=meta or " · ".join(part for part in (str(due.project), due.note) if part),
            when=day(due.on) if due.on else "",
            tone=due.tone if late else "",
            label=due.countdown if late else "",
            on=due.on,
        )

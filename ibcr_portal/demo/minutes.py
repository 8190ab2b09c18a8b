"""Minutes of the demonstration and what it decides in writing, on their days."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from committees.consultations.services import (
    cast_ballot,
    close_consultation,
    keep_consultation,
    open_consultation,
)
from committees.minutes.services import minutes as service
from committees.models import Ballot, Channel, MinutesRemark, WrittenConsultation
from ibcr_portal.demo.meetings import DemoMeetings
from ibcr_portal.demo.reports import LETTER, Event
from ibcr_portal.demo.texts import Data, columns, day, save_translated


class DemoMinutes:
    def __init__(self, steering: DemoMeetings) -> None:
        self.steering, self.loaded = steering, steering.loaded
        self.committee, self.by = steering.committee, steering.by

    def events(self) -> Iterator[Event]:
        for row in self.loaded.data.get("minutes", []):
            yield from self._minutes(row)
        for row in self.loaded.data.get("consultation", []):
            yield from self._consultation(row)

    # Minutes

    def _minutes(self, row: Data) -> Iterator[Event]:
        circulated = day(row["circulated_on"])
        yield circulated, lambda: self._write(row, circulated)
        for remark in row.get("remark", []):
            yield day(remark["on"]), self._commenting(row["meeting"], remark)
        for name, happen in (("final_on", service.finalise), ("sealed_on", service.seal_minutes)):
            if name in row:
                yield day(row[name]), self._step(row["meeting"], happen, day(row[name]))

    def _write(self, row: Data, on: date) -> None:
        """Written from what the meeting recorded, then open to comments."""
        meeting = self.steering.meetings[row["meeting"]]
        minutes = service.start_minutes(meeting, language="fr")
        service.write_minutes(
            minutes, language="fr", opening=row["opening"], closing=row["closing"]
        )
        service.circulate(minutes, by=self.by, until=day(row["comments_until"]), on=on)
        self.steering.minutes[row["meeting"]] = minutes

    def _step(self, number: int, happen: Callable, on: date) -> Callable[[], Any]:
        return lambda: happen(self.steering.minutes[number], by=self.by, on=on)

    def _commenting(self, number: int, entry: Data) -> Callable[[], None]:
        return lambda: self._comment(number, entry)

    def _comment(self, number: int, entry: Data) -> None:
        """A comment that came by letter, and the coordination's reply."""
        remark = service.add_remark(
            MinutesRemark(
                minutes=self.steering.minutes[number],
                agenda_item=self.steering.items[number][entry["item"] - 1],
                seat=self.loaded.seats[entry["seat"]],
                text=entry["text"],
                channel=Channel.LETTER,
                evidence=LETTER,
                by=self.by,
            )
        )
        service.settle_remark(remark, reply=entry["reply"], by=self.by)

    # Decided in writing

    def _consultation(self, row: Data) -> Iterator[Event]:
        opened = day(row["opened_on"])
        yield opened, lambda: self._open(row, opened)
        for ballot in row["ballot"]:
            yield day(ballot["on"]), self._answering(row, ballot)
        if "closed_on" in row:
            closed = day(row["closed_on"])
            yield closed, lambda: self._close(row["consultation"], closed)

    def _open(self, row: Data, on: date) -> None:
        consultation = WrittenConsultation(
            committee=self.committee,
            why_written=row["why"],
            rule=row["rule"],
            answers_until=day(row["answers_until"]),
            adopts_minutes=self.steering.minutes.get(row.get("adopts", 0)),
            **columns("title", row["title"]),
            **columns("text", row["text"]),
        )
        row["consultation"] = keep_consultation(save_translated(consultation))
        open_consultation(consultation, by=self.by, on=on)

    def _close(self, consultation: WrittenConsultation, on: date) -> None:
        resolution = close_consultation(consultation, by=self.by, on=on)
        if resolution:
            resolution.illustrative = True
            resolution.save(update_fields=["illustrative"])

    def _answering(self, row: Data, entry: Data) -> Callable[[], Any]:
        return lambda: self._answer(row, entry)

    def _answer(self, row: Data, entry: Data) -> None:
        """Answers online for people with an account, otherwise as entered by the coordination."""
        account = entry.get("account")
        users = self.loaded.people.users
        came = {"by": users[account]} if account else {"by": self.by, "evidence": LETTER}
        cast_ballot(
            Ballot(
                consultation=row["consultation"],
                seat=self.loaded.seats[entry["seat"]],
                choice=entry["choice"],
                reason=entry.get("reason", ""),
                channel=Channel.PORTAL if account else Channel.LETTER,
                given_on=day(entry["on"]),
                **came,
            )
        )

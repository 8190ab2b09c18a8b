"""Prints what the portal reads in a participants file: for operators who help a coordinator."""

import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from committees.meetings.participants_file import (
    ParticipantsReading,
    read_participants,
)
from committees.meetings.participants_rows import CallParticipant
from kernel.days import ORDERS
from kernel.refusal import Refusal


class Command(BaseCommand):
    help = "Reads the participants file of Zoom, Teams or Meet and prints it as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--date-order", choices=ORDERS, help="Needed where the file itself does not tell."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reading = self._read(options["file"], options["date_order"])
        except Refusal as refusal:
            self.stderr.write(str(refusal))
            sys.exit(1)
        self.stdout.write(json.dumps(reading_as_json(reading), ensure_ascii=False, indent=2))

    @staticmethod
    def _read(path: Path, order: str | None) -> ParticipantsReading:
        try:
            with path.open("rb") as file:
                return read_participants(file, date_order=order)
        except OSError:
            raise Refusal(_("This file cannot be opened; check its name and folder.")) from None


def reading_as_json(reading: ParticipantsReading) -> dict[str, Any]:
    return {
        "people": [person_as_json(person, reading) for person in reading.people],
        "needs_date_order": reading.needs_date_order,
    }


def person_as_json(person: CallParticipant, reading: ParticipantsReading) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "joined": written_moment(person.joined, reading),
        "left": written_moment(person.left, reading),
        "minutes": person.minutes,
    }


def written_moment(moment: datetime | None, reading: ParticipantsReading) -> str | None:
    """Return a moment as ISO 8601, as exactly as the file has it: a time alone, without a zone, or
    in UTC."""
    if moment is None:
        return None
    if not reading.has_days:
        return moment.time().isoformat()
    return (moment.replace(tzinfo=UTC) if reading.is_utc else moment).isoformat()

"""Makes a project draft of an IATI activity file, and prints as JSON what it took, what it left out
and why. With --dry-run nothing is written."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.exchange.services.draft import Answers, ProjectDraft, draft_project
from projects.exchange.services.importing import create_project, fingerprint
from projects.iati.read import ActivityReading, OpenedFile, open_file, read_activity
from projects.iati.safe_xml import MAX_BYTES, UnreadableFile


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="an IATI file, or - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--activity", help="its identifier, where the file has several")
        parser.add_argument("--country", default="", help="such as HN, where the file has none")
        parser.add_argument(
            "--currency", default="", help="such as HNL, where it has no single one"
        )

    def handle(self, *, file: str, dry_run: bool, activity: str | None, **options: Any) -> None:
        answers = Answers(options["country"].upper(), options["currency"].upper())
        content = self._content(file)
        try:
            opened = open_file(content)
        except UnreadableFile as error:
            self._end({"problems": [{"line": error.line, "sentence": error.sentence}]})
        reading = self._reading(opened, activity, answers.currency)
        if reading.document is None:
            self._end(summary(reading))
        draft = draft_project(reading, answers)
        created = None
        if draft.problem:
            self._end(summary(reading, draft) | {"refused": draft.problem})
        if not dry_run:
            try:
                sha256 = fingerprint(content)
                created = create_project(
                    draft, file_name=Path(file).name[:150], sha256=sha256, by=None
                )
            except ValidationError as error:
                self._end(summary(reading, draft) | {"refused": " ".join(error.messages)})
        self._print(summary(reading, draft) | {"created": created.code if created else None})

    def _content(self, file: str) -> bytes:
        """Read one byte more than the limit, so that a file that is too long is refused."""
        try:
            if file == "-":
                return sys.stdin.buffer.read(MAX_BYTES + 1)
            with Path(file).open("rb") as source:
                return source.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None

    def _reading(
        self, opened: OpenedFile, identifier: str | None, currency: str
    ) -> ActivityReading:
        names = [each.identifier for each in opened.activities]
        if identifier is None and len(names) > 1:
            sentence = "The file has several activities: choose one with --activity."
            self._end({"problems": [{"line": None, "sentence": sentence}], "activities": names})
        wanted = names[0] if identifier is None else identifier
        if wanted not in names:
            raise CommandError(f"There is no activity {wanted} in this file.")
        activity = opened.activities[names.index(wanted)]
        return read_activity(opened, activity, currency=currency)

    def _print(self, answer: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2, default=str))

    def _end(self, answer: dict[str, Any]) -> None:
        """Print why nothing was imported, and end with an exit code for failure."""
        self._print(answer)
        raise CommandError("Nothing was imported.")


def summary(reading: ActivityReading, draft: ProjectDraft | None = None) -> dict[str, Any]:
    """Return what was imported, left out and wrong. Contacts are omitted: they may be persons."""
    answer: dict[str, Any] = {
        "version": reading.version,
        "took": None,
        "left_out": [asdict(each) for each in (draft.notes if draft else reading.left_out)],
        "problems": [asdict(each) for each in reading.findings],
    }
    if draft:
        answer["took"] = asdict(draft.document) | {
            "code": draft.project.code,
            "institutions": [
                {
                    "name": str(each.name) if each.name else each.institution.name,
                    "role": each.role,
                    "is_new": each.is_new,
                }
                for each in draft.participations
            ],
            "values": {str(kind): count for kind, count in draft.results.counts.items()},
            "cells": draft.results.cells,
            "asked": draft.asked,
            "budget_lines": len(draft.money.lines),
            "contributions": len(draft.money.contributions),
        }
        del answer["took"]["contact"]
    return answer

"""Keeps tables of measures in docs/figures.md, with the machine and the day."""

import os
import re
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

FIGURES = Path(__file__).resolve().parent.parent / "docs" / "figures.md"


def machine(command: str, *packages: str) -> str:
    """Return the line that says how, when and on what it was measured."""
    python = ".".join(map(str, sys.version_info[:3]))
    versions = "".join(f", {name} {version(name.lower())}" for name in packages)
    day = f"{date.today():%-d %B %Y}"
    return f"`{command}`, {day}, {os.cpu_count()} cores, Python {python}{versions}."


def keep(command: str, text: str, page: Path = FIGURES) -> None:
    """Write the text between the marks of this command, in place of what was there."""
    begin, end = (f"<!-- {command}: {word} -->" for word in ("begin", "end"))
    marked = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    kept = page.read_text("utf-8")
    if not marked.search(kept):
        sys.exit(f"{page} has no place for the table: {begin} … {end}.")
    page.write_text(marked.sub(lambda _old: f"{begin}\n{text}\n{end}", kept), "utf-8")

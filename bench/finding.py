#!/usr/bin/env python3
"""Measures how well the search finds, in nine directions between languages: `make bench-finding`.

It loads the demonstration and the texts and names of `bench/finding/` into an empty database of each
engine, indexes them, and asks for each as the coordinator. It prints how often the right one is among
the first five and how often it is the first.

`--held` also asks those that are held back from whoever improves the search: once, at the end.
`--misses` prints what was not found among the first five, but never one of those.
`--write` writes the tables into docs/figures.md, with those held back.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.clock import table  # noqa: E402  (the path comes first)
from bench.ground import database, environment, redis  # noqa: E402
from bench.record import keep, machine  # noqa: E402
from scripts.services import read_env_file  # noqa: E402

COMMAND = "make bench-finding"
ENGINES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
LANGUAGES = {"fr": "French", "es": "Spanish", "en": "English"}
PARTS = {"tune": "", "held": "held back: "}
ERRORS = {
    "dropped": "a letter left out",
    "doubled": "a letter doubled",
    "swapped": "two letters swapped",
    "wrong": "a wrong letter",
    "accent": "without accents",
}
FIVE, FIRST, NAMES = 95, 80, 95  # per cent, at least


class CaseAnswer(NamedTuple):
    group: str
    part: str
    place: int
    """Of the right record, counted from 1; 0 where it was not found."""
    said: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, help="only this one")
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    os.environ |= {key: value for key, value in read_env_file().items() if key not in os.environ}
    if "DATABASE_URL" not in os.environ:
        sys.exit(f"Run `{COMMAND}`, or `scripts/services.py start` first.")
    tables = []
    for engine in [chosen.engine] if chosen.engine else ENGINES:
        found = answers_of(engine, *(["--held"] if chosen.held or chosen.write else []))
        tables.append(described(found))
        print(f"\n{tables[-1]}", flush=True)
        if chosen.misses:
            print("\n".join(misses(found)))
    if chosen.write:
        keep(COMMAND, "\n\n".join([machine(COMMAND, "Django"), *tables]))
    return 0


def answers_of(engine: str, *options: str) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as folder,
        settings(engine, folder) as env,
    ):
        file = Path(folder, "answers.json")
        command = [sys.executable, "-m", "bench.finding_stage", str(file), *options]
        subprocess.run(command, cwd=ROOT, env=env, check=True)
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


@contextmanager
def settings(engine: str, folder: str) -> Iterator[dict[str, str]]:
    if engine == "sqlite":
        given = environment(folder, "", "")
        production = ("DATABASE_URL", "REDIS_URL", "STATIC_ROOT", "SITE_URL", "TRUSTED_PROXIES")
        yield {k: v for k, v in given.items() if k not in production} | {"PORTAL_EMBEDDED": "1"}
        return
    with database() as url, redis() as broker:
        yield environment(folder, url, broker)


def text_answers(found: dict[str, Any]) -> list[CaseAnswer]:
    rows = []
    for (part, _kind, language, text, asked, query), place in found["texts"]:
        said = f"{query}  →  {text}"
        rows.append(CaseAnswer(f"{LANGUAGES[asked]} → {LANGUAGES[language]}", part, place, said))
    return rows


def name_answers(found: dict[str, Any]) -> list[CaseAnswer]:
    return [
        CaseAnswer(ERRORS[error], part, place, f"{query}  →  {name}")
        for (part, _kind, _language, name, error, query), place in found["names"]
    ]


def described(found: dict[str, Any]) -> str:
    translator = "with" if found["translator"] else "without"
    said = (
        f"{ENGINES[found['engine']]}, {translator} the translator, among {found['things']} things:"
    )
    return "\n\n".join(
        [
            said,
            tabled("query → text", text_answers(found), f"{FIVE} %, {FIRST} %"),
            tabled("name", name_answers(found), f"{NAMES} %, –"),
        ]
    )


def tabled(what: str, answers: list[CaseAnswer], goal: str) -> str:
    parts = [part for part in PARTS if any(each.part == part for each in answers)]
    heads = [f"{PARTS[part]}{of}" for part in parts for of in ("asked", "first five", "first")]
    groups: dict[str, list[CaseAnswer]] = defaultdict(list)
    for each in sorted(answers, key=lambda each: each.group):
        groups[each.group].append(each)
    rows = [
        (name, *(figure for part in parts for figure in shares(rows, part)), goal)
        for name, rows in [*groups.items(), ("all", answers)]
    ]
    return table((what, *heads, "goal"), rows)


def shares(answers: Iterable[CaseAnswer], part: str) -> tuple[str, str, str]:
    """Return how many there are, and how many per cent are among the first five and first."""
    places = [each.place for each in answers if each.part == part]
    five, first = (sum(0 < place <= most for place in places) for most in (5, 1))
    of = max(len(places), 1)
    return str(len(places)), f"{100 * five / of:.0f} %", f"{100 * first / of:.0f} %"


def misses(found: dict[str, Any]) -> Iterator[str]:
    for each in [*text_answers(found), *name_answers(found)]:
        if each.part != "held" and not 0 < each.place <= 5:
            yield f"{each.group}  {each.place or '–'}  {each.said}"


if __name__ == "__main__":
    sys.exit(main())

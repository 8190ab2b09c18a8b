#!/usr/bin/env python3
"""The words of the portal before and after a change: which of them changed, where, and for whom.

    scripts/words.py write FOLDER            write the words of all pages as every role reads them, of
                                             all messages and documents, in three languages
    scripts/words.py compare BEFORE AFTER    print what differs between two such folders; fails if
                                             anything does

Files of a folder are named after the reader and the language. Equal code writes equal folders.
`tests/words/writing.py` says what is written.
"""

import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADING = "=== "
STATUS = re.compile(r"\d{3}\b")  # the first line of a page
NAMED = 12  # addresses of one difference that are printed

Sections = dict[tuple[str, str, str], list[str]]
"""The lines of a text, by its reader ("world/finance"), its language and its address."""

Change = tuple[str, ...]
"""Lines that begin with - or +."""


@dataclass(frozen=True, order=True)
class Occurrence:
    address: str
    reader: str


def main(arguments: list[str]) -> int:
    match arguments:
        case ["write", folder]:
            return write(Path(folder))
        case ["compare", before, after]:
            return compare(read(Path(before)), read(Path(after)))
    sys.exit(__doc__)


def write(folder: Path) -> int:
    folder = folder.resolve()
    if folder.is_dir() and any(folder.iterdir()):
        sys.exit(f"{folder} is not empty.")
    command = ["scripts/services.py", "run", "--", sys.executable, "-m", "pytest", "-q"]
    # A page that warns of something is written all the same.
    command += ["-p", "no:cacheprovider", "-p", "no:logging", "-W", "ignore"]
    command += [f"--write-words={folder}", "tests/words/writing.py"]
    # What is not put in order comes in the same one all the same.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


def read(folder: Path) -> Sections:
    found: Sections = {}
    for path in sorted(folder.rglob("*.txt")):
        reader, language = path.relative_to(folder).as_posix().removesuffix(".txt").rsplit(".", 1)
        lines: list[str] = []
        for line in path.read_text("utf-8").split("\n"):
            if line.startswith(HEADING):
                lines = found[reader, language, line.removeprefix(HEADING)] = []
            elif line:
                lines.append(line)
    if not found:
        sys.exit(f"{folder} has no words: scripts/words.py write {folder}")
    return found


def compare(before: Sections, after: Sections) -> int:
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    print(f"{len(before)} texts before, {len(after)} after: {len(changed)} differ,")
    print(f"{len(gone)} are gone, {len(new)} are new.")
    for what, keys in (("Gone", gone), ("New", new)):
        for readers, addresses in sorted(only_there(keys).items()):
            print(f"\n{what} for {readers}:")
            print(*(f"    {address}" for address in addresses), sep="\n")
    for places, changes in bundles(before, after):
        print(f"\n{heading(places)}")
        for change, languages in changes:
            print(f"  {', '.join(languages)}:")
            print(*(f"    {line}" for line in change), sep="\n")
    return 1 if changed or gone or new else 0


def only_there(keys: set[tuple[str, str, str]]) -> dict[str, list[str]]:
    """The addresses, by the readers and languages for whom they are on one side alone."""
    readers = defaultdict(set)
    for reader, language, address in keys:
        readers[address].add(f"{reader}.{language}")
    found = defaultdict(list)
    for address, names in sorted(readers.items()):
        found[", ".join(sorted(names))].append(address)
    return found


def bundles(
    before: Sections, after: Sections
) -> list[tuple[list[Occurrence], list[tuple[Change, list[str]]]]]:
    """Equal changes together, and with them what changed in other languages at the same places. Those
    at most places come first."""
    where: dict[tuple[Change, str], set[Occurrence]] = defaultdict(set)
    known: dict[tuple[Change, Change], list[Change]] = {}
    for key in sorted(before.keys() & after.keys()):
        reader, language, address = key
        texts = tuple(before[key]), tuple(after[key])
        if texts not in known:
            known[texts] = [*changes_between(*texts)]
        for change in known[texts]:
            where[change, language].add(Occurrence(address, reader))
    at: dict[tuple[Occurrence, ...], dict[Change, list[str]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for (change, language), places in where.items():
        at[tuple(sorted(places))][change].append(language)
    ordered = sorted(at.items(), key=lambda each: (-len(each[0]), each[0]))
    return [([*places], [*changes.items()]) for places, changes in ordered]


def changes_between(before: Change, after: Change) -> Iterator[Change]:
    """Yields each passage that differs, its old lines before its new ones. Where the status of the answer
    differs, yields the two statuses alone."""
    old_head, new_head = "".join(before[:1]), "".join(after[:1])
    if old_head != new_head and STATUS.match(old_head) and STATUS.match(new_head):
        yield f"-{old_head}", f"+{new_head}"
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        old, new = before[start:end], after[new_start:new_end]
        # Line by line, so that a line that changed on many pages is found equal on all of them.
        if len(old) == len(new):
            yield from ((f"-{one}", f"+{other}") for one, other in zip(old, new, strict=True))
        else:
            yield (*(f"-{line}" for line in old), *(f"+{line}" for line in new))


def heading(places: list[Occurrence]) -> str:
    """Returns where a difference was found: the number of texts, their addresses, and their readers."""
    addresses = list(dict.fromkeys(place.address for place in places))
    readers = sorted({place.reader for place in places})
    more = f" and {len(addresses) - NAMED} more" if len(addresses) > NAMED else ""
    return (
        f"{len(places)} × {', '.join(addresses[:NAMED])}{more}\n"
        f"  as {len(readers)} readers: {', '.join(readers)}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

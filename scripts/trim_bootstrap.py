"""Leaves out of Bootstrap what no page uses: `python scripts/trim_bootstrap.py`.

Most rules of Bootstrap are for components and utilities that the portal does not have, and were 13
of the 23 kB that somebody loads on a first visit. `static/css/bootstrap.css` has the others, in
their order. A class counts as used if a template, script or module contains it as a word, so that
a class put together of parts (`text-` and a tone) is found only if it is in `COMPOSED`.
`tests/test_look.py` says when this must run again.
"""

import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHOLE = ROOT / "static/vendor/bootstrap/bootstrap.min.css"
TRIMMED = ROOT / "static/css/bootstrap.css"
FOLDERS = "accounts committees ibcr_portal kernel partners projects reports templates static/js"
# Forms and the pages of the way in are also written by templates of these.
PACKAGES = ["crispy_bootstrap5", "crispy_forms", "allauth"]
COMPOSED = {"alert-danger", "alert-info", "alert-success", "alert-warning"}
NAME = re.compile(r"\.((?:[\w-]|\\.)+)")


def sources() -> Iterator[Path]:
    """Yield every file that may name a class of a page."""
    for folder in FOLDERS.split():
        for suffix in ("html", "py", "js"):
            for path in (ROOT / folder).rglob(f"*.{suffix}"):
                if path.parent.name != "email":  # messages have their styles in themselves
                    yield path
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        yield from Path(spec.origin).parent.rglob("*.html")


def words() -> set[str]:
    found = set(COMPOSED)
    for path in sources():
        found |= set(re.findall(r"[\w-]+", path.read_text()))
    return found


def classes(css: str) -> set[str]:
    """Return the names of the classes for which there are rules."""
    heads = re.findall(r"[^{}]+(?={)", css)
    return {name.replace("\\", "") for head in heads for name in NAME.findall(without_notes(head))}


def without_notes(css: str) -> str:
    return re.sub(r"/\*.*?\*/|@charset[^;]+;", "", css, flags=re.DOTALL)


def rules(css: str) -> Iterator[tuple[str, str]]:
    """Yield the head and the body of each rule; that of `@media` has rules in its body."""
    start = 0
    while (opened := css.find("{", start)) >= 0:
        depth, end = 1, opened + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[start:opened], css[opened + 1 : end - 1]
        start = end


def trimmed(css: str, used: set[str]) -> str:
    """Return the rules that may apply: no page has a dark theme, or a class that nobody names."""
    kept = []
    for head, body in rules(css):
        if head.startswith("@media"):
            body = trimmed(body, used)
        elif not head.startswith("@"):
            selectors = re.split(r",(?![^(]*\))", head)
            head = ",".join(one for one in selectors if may_apply(one, used))
        if head and body:
            kept.append(f"{head}{{{body}}}")
    return "".join(kept)


def may_apply(selector: str, used: set[str]) -> bool:
    names = {name.replace("\\", "") for name in NAME.findall(selector)}
    return names <= used and "[data-bs-theme=dark]" not in selector


def needed() -> str:
    """Return the rules for what the pages name now."""
    return trimmed(without_notes(WHOLE.read_text()), words())


def write() -> None:
    licence = re.search(r"/\*!.*?\*/", WHOLE.read_text(), re.DOTALL)
    assert licence is not None  # its text asks to be kept
    kept = needed()
    for name in re.findall(r"@keyframes ([\w-]+)", kept):
        if kept.count(name) == 1:
            kept = re.sub(rf"@keyframes {name}{{(?:[^{{}}]*{{[^}}]*}})*}}", "", kept)
    TRIMMED.write_text(f"{licence[0]}\n{kept}\n")


if __name__ == "__main__":
    write()
    sys.stdout.write(f"{TRIMMED.relative_to(ROOT)}: {TRIMMED.stat().st_size} bytes\n")

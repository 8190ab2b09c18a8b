"""Catalogues of translated strings: `update` takes new strings in, `check` finds what is wrong,
`compile` makes the files that the portal reads."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("fr", "es")  # the source is English
# Without places in the code and without dates, a catalogue changes only where its strings do.
OPTIONS = ["--no-location", "--no-obsolete", "--ignore=var", "--ignore=.venv", "--ignore=tests"]
COMPILED = ROOT / "var" / "catalogues.sha256"
GLOSSARY = ROOT / "ibcr_portal" / "help" / "glossary.toml"
# The portal says "usted" and "vous" to everybody.
FAMILIAR = {
    "es": ["tú", "tu", "tus", "ti", "contigo", "puedes", "tienes", "debes", "quieres", "vos"],
    "fr": ["toi", "tes", "peux-tu", "veux-tu", "dois-tu"],
}
# In French, where a line breaks at it, a sign begins the next one.
LOOSE = re.compile(r" [:;?!»]|« ")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}|</?\w+")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["update"]:
            extract(ROOT)
        case ["check"]:
            complaints = list(check())
            print("\n".join(complaints) or "Catalogues are complete.")
            sys.exit(bool(complaints))
        case ["compile"]:
            compile_changed(ROOT, COMPILED)
        case _:
            sys.exit(__doc__)


def check() -> Iterator[str]:
    """Returns the faults of the catalogues, a sentence each."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "portal"
        skipped = shutil.ignore_patterns(".*", "var", "vendor", "node_modules", "tests")
        shutil.copytree(ROOT, fresh, ignore=skipped)
        extract(fresh)
        for language in LANGUAGES:
            if not path(ROOT, language).exists():
                yield f"{language}: there is no catalogue. Run: make messages"
                continue
            kept, wanted = read(ROOT, language), read(fresh, language)
            yield from (f"{language}: not taken in: {id!r}" for id in ids(wanted) - ids(kept))
            yield from (f"{language}: no longer used: {id!r}" for id in ids(kept) - ids(wanted))
            for message in kept:
                found = [
                    *faults(message),
                    *wrong_words(message, language),
                    *loose_signs(message, language),
                ]
                yield from (f"{language}: {fault}: {message.id!r}" for fault in found)


def compile_changed(folder: Path, kept: Path) -> None:
    """With Babel, since `make run` asks for no gettext. `kept` says of which contents the compiled
    files are: times say nothing where files came from an archive."""
    if kept.exists() and kept.read_text() == digest(folder):
        return
    for language in LANGUAGES:
        source = path(folder, language)
        with source.open("rb") as file, source.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(file, locale=language))
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(digest(folder))


def digest(folder: Path) -> str:
    """Returns a hash of the catalogues and of the files compiled from them."""
    found = hashlib.sha256()
    for file in sorted(folder.glob("locale/*/LC_MESSAGES/*.?o")):
        found.update(f"{file.name} {file.stat().st_size} ".encode())
        found.update(file.read_bytes())
    return found.hexdigest()


def extract(folder: Path) -> None:
    for language in LANGUAGES:
        path(folder, language).parent.mkdir(parents=True, exist_ok=True)
    locales = [f"--locale={language}" for language in LANGUAGES]
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--verbosity=0", *locales, *OPTIONS],
        cwd=folder,
        check=True,
        env=os.environ | {"PORTAL_EMBEDDED": "1", "PORTAL_VAR": str(folder / "var")},
    )
    for language in LANGUAGES:
        file = path(folder, language)
        # The words that a string had before are in the history of the repository.
        dated = r'"POT-Creation-Date: .*\n|^# ?\|.*\n'
        file.write_text(re.sub(dated, "", file.read_text("utf-8"), flags=re.MULTILINE), "utf-8")


def path(folder: Path, language: str) -> Path:
    return folder / "locale" / language / "LC_MESSAGES" / "django.po"


def read(folder: Path, language: str) -> Catalog:
    with path(folder, language).open("rb") as file:
        return read_po(file, locale=language)


def ids(catalogue: Catalog) -> set[tuple[str | None, str | tuple[str, ...] | list[str]]]:
    return {(message.context, message.id) for message in catalogue if message.id}


def faults(message: Message) -> Iterator[str]:
    if not message.id:
        return
    sources, texts = strings(message.id), strings(message.string or "")
    if not all(texts):
        yield "not translated"
        return
    if message.fuzzy:
        yield "fuzzy"
    # A plural may leave its number out ("one day"), but no form invents a placeholder.
    allowed = placeholders(*sources)
    if placeholders(*texts) != allowed or not all(placeholders(text) <= allowed for text in texts):
        yield "placeholders differ"


def wrong_words(message: Message, language: str) -> Iterator[str]:
    """Returns the words that the glossary gave up, and those that are too familiar."""
    source = " ".join([message.context or "", *strings(message.id)])
    text = " ".join(strings(message.string))
    for term in glossary():
        for word in term.get("never", {}).get(language, []):
            if has(text, word) and speaks_of(source, term):
                yield f"“{word}” instead of “{term['word'][language]}”"
    yield from (f"“{word}” is too familiar" for word in FAMILIAR[language] if has(text, word))


def loose_signs(message: Message, language: str) -> Iterator[str]:
    """Say where a sign of French may begin a line, or a quotation mark end one."""
    if language == "fr" and any(LOOSE.search(text) for text in strings(message.string or "")):
        yield "an ordinary space beside a sign, where a no-break space belongs"


def speaks_of(source: str, term: dict[str, Any]) -> bool:
    """Whether an English text has the term, in that meaning."""
    names = [term["word"]["en"], *term.get("english", [])]
    means_else = any(phrase in source for phrase in term.get("unless", []))
    return not means_else and any(has(source, name) or has(source, f"{name}s") for name in names)


def has(text: str, word: str) -> bool:
    """Whether a text has a word; the names of placeholders are none."""
    return re.search(rf"(?<!\w)(?<!%\(){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


@cache
def glossary() -> list[dict[str, Any]]:
    return list(tomllib.loads(GLOSSARY.read_text("utf-8")).values())


def strings(text: Any) -> tuple[str, ...]:
    """Returns the forms of a string, which may be a plural."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def placeholders(*texts: str) -> set[str]:
    return {found for text in texts for found in PLACEHOLDER.findall(text)}


if __name__ == "__main__":
    main(sys.argv[1:])

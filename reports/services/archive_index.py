"""The index of an archive: pages that any browser shows without the portal and without a network, a
list for spreadsheets, and the sums by which others check that nothing was changed."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from kernel.languages import LANGUAGES
from kernel.organisation import organisation
from kernel.workbooks import CellValue
from reports.models import Archive
from reports.services.archive_files import ArchivedFile

SUMS = "SHA256SUMS"
PAGES = Path(__file__).parent.parent / "archive_page"


@dataclass(frozen=True)
class Packed:
    """A file that was written into the archive, or that the storage has lost (without a size)."""

    entry: ArchivedFile
    size: int | None
    sha256: str


def index_languages(archive: Archive) -> list[str]:
    """Return the languages of the pages of the index: first that of the archive, then the others in
    which the project works."""
    others = (language for language in archive.project.languages if language != archive.language)
    return [archive.language, *others]


def index_head() -> list[str]:
    return [
        _("File"),
        _("Document"),
        _("Version"),
        _("Language"),
        _("Audience"),
        _("Day"),
        _("Pages"),
        _("Size in bytes"),
        "SHA-256",
        _("Verification code"),
    ]


def index_row(packed: Packed) -> list[CellValue]:
    entry = packed.entry
    missing = packed.size is None
    return [
        entry.name,
        next(iter(entry.titles.values())),
        entry.version,
        entry.language,
        entry.audience,
        entry.day,
        entry.pages,
        packed.size,
        _("This file is missing; tell the coordination.") if missing else packed.sha256,
        entry.code,
    ]


def sums_file(written: Iterable[tuple[str, str]]) -> bytes:
    """Return the sums as `sha256sum -c` reads them."""
    return "".join(f"{digest}  {name}\n" for name, digest in written).encode()


def index_page(
    archive: Archive, packed: list[Packed], language: str, languages: list[str], *, is_signed: bool
) -> bytes:
    style, script = (_text(name) for name in ("page.css", "page.js"))
    with translation.override(language):
        chapters = [
            (title, [(one, one.entry.titles[language]) for one in group])
            for title, group in groupby(packed, key=lambda one: one.entry.chapters[language])
        ]
        content = render_to_string(
            "reports/archive/index.html",
            {
                "archive": archive,
                "project": archive.project,
                "organisation": organisation(),
                "language": language,
                "others": [
                    (
                        other,
                        _own_name(other),
                        "index.html" if other == languages[0] else f"index-{other}.html",
                    )
                    for other in languages
                    if other != language
                ],
                "chapters": chapters,
                "count": len(packed),
                "bytes": sum(one.size or 0 for one in packed),
                "is_signed": is_signed,
                "sums": SUMS,
                "style": style,
                "script": script,
                "style_hash": _hash(style),
                "script_hash": _hash(script),
            },
        )
    return content.encode()


def _own_name(language: str) -> str:
    """Return what a language calls itself."""
    with translation.override(language):
        return str(LANGUAGES[language]).capitalize()


def _text(name: str) -> str:
    return (PAGES / name).read_text().strip()


def _hash(text: str) -> str:
    """Return by what the page's own policy knows its style and script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

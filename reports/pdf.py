"""Makes PDFs of documents: their HTML, and the process that renders it.

The same document, renderer and address of the portal give the same bytes in any process, so
`RENDERER` is a fingerprint of everything that could change them.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe

from kernel.organisation import organisation
from reports import libraries
from reports.document_types import ComposedDocument
from reports.figures import code_to_scan, numbered_blocks, numbered_chapters
from reports.glance import printed_glance
from reports.pictures import donor_logos, printed_logo
from reports.render_process import OnProgress, RenderProcess

BASE = settings.BASE_DIR
STYLE = BASE / "static" / "css" / "print.css"
LETTER = BASE / "static" / "css" / "print-letter.css"  # what differs on the paper of that size
FONTS = BASE / "static" / "fonts"
REPLACEMENT = "\ufffd"  # replaces a sign that the fonts do not have


# The HTML


def html_of(document: ComposedDocument, *, code: str, is_draft: bool) -> str:
    """Return the whole document as HTML with style and pictures, so that nothing needs to be
    fetched.

    `code` is the verification code; a draft has none.
    """
    address = settings.SITE_URL + reverse("reports:verify-code", args=[code]) if code else ""
    with translation.override(document["language"]):
        context: dict[str, object] = {
            "document": document,
            "logo": printed_logo(document),
            "css": mark_safe(_style(document["paper"])),  # noqa: S308  files of this project
            "code": code,
            "as_of": date.fromisoformat(document["as_of"]),
            "is_draft": is_draft,
            "address": address,
            "site": settings.SITE_URL,
            "qr": code_to_scan(address) if code and not is_draft else "",
        }
        if "chapters" in document:
            name = "annual_report"
            context["donor_logos"] = donor_logos(document)
            if any((glance := document["glance"]).values()):
                context |= {"glance": glance, "drawn": printed_glance(glance)}
            context["acronyms"] = numbered_blocks(document["acronyms"])
            context["chapters"] = numbered_chapters(document["chapters"])
        else:
            name = "document"
            context["blocks"] = numbered_blocks(document["blocks"])
        return printable(render_to_string(f"reports/pdf/{name}.html", context))


def _style(paper: str) -> str:
    files = [STYLE, LETTER] if paper == "letter" else [STYLE]
    return "".join(file.read_text("utf-8") for file in files)


def printable(html: str) -> str:
    """Return the text with a visible mark for each sign that the fonts cannot print."""
    missing = {sign for sign in set(html) if ord(sign) > 126 and ord(sign) not in glyphs()}
    return html.translate({ord(sign): REPLACEMENT for sign in missing})


@cache
def glyphs() -> frozenset[int]:
    """Return the signs that every one of the fonts can print."""
    return frozenset.intersection(*map(_glyphs_of, sorted(FONTS.glob("*.ttf"))))


def _glyphs_of(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as face:
        return frozenset(face.getBestCmap())


# The file


@dataclass
class RenderedPdf:
    """A PDF in a file without a name, which is deleted when it is closed."""

    content: BinaryIO
    pages: int = 0


@contextmanager
def rendered(html: str, on_progress: OnProgress) -> Iterator[RenderedPdf]:
    """Return the PDF of the HTML, made by a process with limits.

    `on_progress` is called with the stage and the page. Raises RenderFailed, and passes on whatever
    `on_progress` raises, which ends the process.
    """
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(html.encode())
        source.seek(0)
        pages = RenderProcess(source, target).run(on_progress)
        target.seek(0)
        yield RenderedPdf(target, pages)


# The fingerprint


PACKAGES = (
    *("weasyprint", "pydyf", "fonttools", "pyphen", "tinycss2", "qrcode", "babel"),
    *("pypdf", "pillow"),
)


def fingerprint() -> str:
    """Return a hash of everything that decides on the bytes beside the data: libraries, templates,
    style, fonts, texts."""
    digest = hashlib.sha256(settings.SITE_URL.encode())
    for package in PACKAGES:
        digest.update(f"{package} {version(package)}".encode())
    for library in libraries.ask().versions:  # no fonts if they are missing
        digest.update(library.encode())
    for path in sorted(_sources()):
        digest.update(path.relative_to(BASE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> list[Path]:
    code = [f"reports/{name}.py" for name in ("pdf", "figures", "decimals", "pictures")]
    code += ["reports/glance.py", "reports/templatetags/reports_tags.py"]
    code += ["reports/render.py", "reports/fonts.conf"]
    code += [f"reports/{name}.py" for name in ("annexes", "append", "paper_pages")]
    code += [f"kernel/{name}.py" for name in ("charts", "svg", "horizontal_bars", "columns")]
    code += [f"kernel/{name}.py" for name in ("text", "formats", "timeline", "tree_columns", "qr")]
    code += ["kernel/stacked_bars.py", "kernel/heat_map.py"]
    return [
        *(BASE / name for name in code),
        *(BASE / "reports" / "frozen").glob("*.py"),  # converters change how older data is printed
        STYLE,
        LETTER,
        *FONTS.glob("*.ttf"),
        *(BASE / "templates" / "reports" / "pdf").glob("*.html"),
        *(BASE / "locale").glob("*/LC_MESSAGES/*.po"),
    ]


RENDERER = fingerprint()


def renderer() -> str:
    """Return the fingerprint with that of the logo, which documents show as well."""
    logo = organisation().logo_sha256
    return hashlib.sha256(f"{RENDERER} {logo}".encode()).hexdigest()[:16] if logo else RENDERER

"""Makes PDFs of documents: their HTML, and the process that renders it.

The same document, renderer and address of the portal give the same bytes in any process, so
`RENDERER` is a fingerprint of everything that could change them.
"""

import hashlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from fontTools.ttLib import TTFont

from kernel.jobs import Job
from reports import libraries
from reports.document_types import ComposedDocument
from reports.figures import code_to_scan, numbered_blocks, numbered_chapters

logger = logging.getLogger(__name__)

BASE = settings.BASE_DIR
STYLE = BASE / "static" / "css" / "print.css"
FONTS = BASE / "static" / "fonts"
REPLACEMENT = "\ufffd"  # replaces a sign that the fonts do not have

# How often the renderer's progress is passed on, and after how long a silence its lease is
# renewed nevertheless.
NEWS_SECONDS = 0.4
HEARTBEAT_SECONDS = 5.0

OnProgress = Callable[[str, int], None]


class RenderFailed(Exception):
    """A document that could not be made; `reason` is one of `kernel.jobs.Job.Failure`, or what the
    program reported."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
            "css": mark_safe(STYLE.read_text("utf-8")),  # noqa: S308  a file of this project
            "code": code,
            "as_of": date.fromisoformat(document["as_of"]),
            "is_draft": is_draft,
            "address": address,
            "qr": code_to_scan(address) if code and not is_draft else "",
        }
        if "chapters" in document:
            name = "annual_report"
            context["acronyms"] = numbered_blocks(document["acronyms"])
            context["chapters"] = numbered_chapters(document["chapters"])
        else:
            name = "document"
            context["blocks"] = numbered_blocks(document["blocks"])
        return printable(render_to_string(f"reports/pdf/{name}.html", context))


def printable(html: str) -> str:
    """Return the text with a visible mark for each sign that the fonts cannot print."""
    missing = {sign for sign in set(html) if ord(sign) > 126 and ord(sign) not in glyphs()}
    return html.translate({ord(sign): REPLACEMENT for sign in missing})


@cache
def glyphs() -> frozenset[int]:
    """Return the signs that every one of the fonts can print."""
    return frozenset.intersection(*map(_glyphs_of, sorted(FONTS.glob("*.ttf"))))


def _glyphs_of(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as face:
        return frozenset(face.getBestCmap())


# The renderer


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


@dataclass
class RenderProcess:
    source: BinaryIO
    target: BinaryIO
    pages: int = 0
    failure: str = ""
    stage: str = "layout"
    # The program, its options beside the limits, the files it inherits, and the time it may take.
    program: str = "reports.render"
    options: dict[str, Any] = field(default_factory=dict)
    files: list[BinaryIO] = field(default_factory=list)
    seconds: float | None = None
    page: int = 0
    unread: bytes = b""
    news: bool = field(default=False, init=False)

    def run(self, on_progress: OnProgress) -> int:
        for file in (self.source, *self.files):  # both continue reading at the present position
            file.flush()
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        messages, sender = os.pipe()
        with tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(
                [sys.executable, "-m", self.program, json.dumps(options(sender) | self.options)],
                stdin=self.source,
                stdout=self.target,
                stderr=complaints,
                pass_fds=[sender, *(file.fileno() for file in self.files)],
                cwd=BASE,
                env=environment(),
            )
            os.close(sender)
            try:
                in_time = self._listen(messages, on_progress)
                if in_time:  # its output is complete, and it ends
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(HEARTBEAT_SECONDS)
            finally:
                os.close(messages)
                process.kill()
                process.wait()
            self._judge(process.returncode, in_time, complaints)
        return self.pages

    def _listen(self, messages: int, on_progress: OnProgress) -> bool:
        """Pass on the progress of the process until it ends; return False if it took too long."""
        seconds = settings.RENDER_SECONDS if self.seconds is None else self.seconds
        deadline = time.monotonic() + seconds
        spoken = 0.0
        while (now := time.monotonic()) < deadline:
            quiet = now - spoken
            if quiet >= HEARTBEAT_SECONDS or (self.news and quiet >= NEWS_SECONDS):
                on_progress(self.stage, self.page)
                spoken, self.news = now, False
            ready, _w, _x = select.select([messages], [], [], NEWS_SECONDS)
            if ready and not self._read(messages):
                return True
        return False

    def _read(self, messages: int) -> bool:
        """Read some lines; return False at the end of the output."""
        more = os.read(messages, 1 << 16)
        *lines, self.unread = (self.unread + more).split(b"\n")
        for line in lines:
            message = json.loads(line)
            self.pages = message.get("pages", self.pages)
            self.failure = message.get("failure", self.failure)
            self.stage = message.get("stage", self.stage)
            self.page = max(message.get("page", 0), self.page)
            self.news = True
        return bool(more)

    def _judge(self, code: int, in_time: bool, complaints: BinaryIO) -> None:
        if self.pages and not self.failure:
            return
        complaints.seek(0)
        last = complaints.read()[-2000:].decode(errors="replace")
        logger.error("The renderer ended with %s (in time: %s): %s", code, in_time, last)
        if not in_time or code == -signal.SIGXCPU:
            raise RenderFailed(Job.Failure.TOO_LONG)
        # Ways in which libraries end without memory, and Python if it cannot even report it.
        if code == -signal.SIGABRT or last.rstrip().endswith("MemoryError"):
            raise RenderFailed(Job.Failure.TOO_LARGE)
        raise RenderFailed(self.failure or Job.Failure.BROKEN)


def options(sender: int) -> dict[str, int]:
    return {
        "parent": os.getpid(),
        "messages": sender,
        "cpu_seconds": settings.RENDER_CPU_SECONDS,
        "memory_mb": settings.RENDER_MEMORY_MB,
    }


def environment() -> dict[str, str]:
    """Return only the variables that fonts and libraries need, so that the renderer's memory holds
    no secret."""
    folder = Path(settings.VAR) / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "XDG_CACHE_HOME": str(folder),
        "FONTCONFIG_FILE": str(BASE / "reports" / "fonts.conf"),
        "PYTHONDONTWRITEBYTECODE": "1",
    } | libraries.environment()


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
    code += ["reports/render.py", "reports/fonts.conf"]
    code += [f"reports/{name}.py" for name in ("annexes", "append", "paper_pages")]
    code += [f"kernel/{name}.py" for name in ("charts", "svg", "horizontal_bars", "columns")]
    code += [f"kernel/{name}.py" for name in ("text", "formats", "timeline", "tree_diagram", "qr")]
    code += [f"kernel/{name}.py" for name in ("stacked_bars", "heat_map")]
    return [
        *(BASE / name for name in code),
        *(BASE / "reports" / "frozen").glob("*.py"),  # converters change how older data is printed
        STYLE,
        *FONTS.glob("*.ttf"),
        *(BASE / "templates" / "reports" / "pdf").glob("*.html"),
        *(BASE / "locale").glob("*/LC_MESSAGES/*.po"),
    ]


RENDERER = fingerprint()

"""Apertium, the translator that runs on this machine: Debian's `apertium-fr-es` and
`apertium-eng-spa`.

It needs only the standard library, since `make run` asks for it before anything is installed.

A direction is a chain of about ten programs. Starting them takes several times as long as a sentence
(some 30 ms against 1), and they keep 100 MB in memory; so they stay open between texts that follow
each other, and are closed when nobody has asked for a minute.
"""

import os
import select
import shlex
import subprocess
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["apertium-fr-es", "apertium-eng-spa"]
SHARE = "usr/share/apertium"
# `make run` puts the programs here on a machine where it cannot install packages.
FETCHED = ROOT / "var" / "translator"
# By source and target. Between English and French there is none: Spanish stands between them.
DIRECTIONS = {
    ("fr", "es"): "fr-es",
    ("es", "fr"): "es-fr",
    ("en", "es"): "eng-spa",
    ("es", "en"): "spa-eng",
}
SECONDS = 3.0  # for one text
WAIT = 1.0  # seconds behind the texts of others
IDLE = 60.0  # seconds after which the programs are closed
END = b"\0"


class TranslatorFailed(Exception):
    """The programs gave no answer."""


def has_all_directions(home: Path) -> bool:
    """Return whether the programs and data are below this folder, `/` or where they were fetched."""
    modes = [home / SHARE / "modes" / f"{name}.mode" for name in DIRECTIONS.values()]
    return all(file.exists() for file in [home / "usr/bin/lt-proc", *modes])


@cache
def home() -> Path | None:
    """Return the folder below which the translator is installed, or None if it is not; found out
    once in each process."""
    return next((each for each in (Path("/"), FETCHED) if has_all_directions(each)), None)


def is_installed() -> bool:
    return home() is not None


def environment() -> dict[str, str]:
    found = home() or Path("/")
    libraries = ":".join(map(str, sorted(found.glob("usr/lib/*-linux-gnu"))))
    return {
        "PATH": f"{found / 'usr/bin'}:{os.defpath}",
        "LC_ALL": "C.UTF-8",
        **({"LD_LIBRARY_PATH": libraries} if found == FETCHED else {}),
    }


class Pipeline:
    """The programs of one direction, which take one text after the other. One that gave no answer is
    closed and never used again: its late answer would be taken for that to the next text."""

    def __init__(self, name: str) -> None:
        self.lock = threading.Lock()
        self.used_at = monotonic()
        self.is_closed = False
        self._programs: list[subprocess.Popen[bytes]] = []
        source: int = subprocess.PIPE
        for command in commands(name):
            program = subprocess.Popen(
                command,
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
                start_new_session=True,
            )
            if self._programs:
                os.close(source)
            self._programs.append(program)
            assert program.stdout is not None  # it is a pipe
            source = os.dup(program.stdout.fileno())
            program.stdout.close()
        self._answers = source

    def translate(self, text: str) -> str:
        """Return the translation of one text in Apertium's stream format. Raises TranslatorFailed,
        also if others keep the programs busy."""
        if not self.lock.acquire(timeout=WAIT):
            raise TranslatorFailed
        try:
            if self.is_closed:
                raise TranslatorFailed
            self.used_at = monotonic()
            return self._said(text).decode(errors="replace")
        except (OSError, ValueError) as error:
            self._close()
            raise TranslatorFailed from error
        except TranslatorFailed:
            self._close()
            raise
        finally:
            self.lock.release()

    def _said(self, text: str) -> bytes:
        first = self._programs[0].stdin
        assert first is not None  # it is a pipe
        first.write(text.encode() + END)
        first.flush()
        answer = b""
        until = monotonic() + SECONDS
        while not answer.endswith(END):
            left = until - monotonic()
            ready, _none, _nothing = select.select([self._answers], [], [], max(left, 0))
            part = os.read(self._answers, 65_536) if ready else b""
            if not part:
                raise TranslatorFailed
            answer += part
        return answer.removesuffix(END)

    def close(self) -> None:
        with self.lock:
            self._close()

    def _close(self) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        os.close(self._answers)
        for program in self._programs:
            program.kill()
        for program in self._programs:
            program.wait()
        first = self._programs[0].stdin
        with suppress(OSError):  # it flushes what the program did not take any more
            if first is not None:
                first.close()


def commands(name: str) -> list[list[str]]:
    """Return the programs of a direction, which Apertium describes as a line of the shell: each
    flushes after a zero byte, and leaves unknown words without a mark."""
    share = (home() or Path("/")) / SHARE
    line = (share / "modes" / f"{name}.mode").read_text(encoding="utf-8").strip()
    found = []
    # The data are named by where the package would have put them.
    for part in line.replace(f"/{SHARE}", str(share)).split("|"):
        program, *arguments = shlex.split(part)
        given = {"$1": "-n", "$2": ""}
        found.append([program, "-z", *filter(None, (given.get(each, each) for each in arguments))])
    return found


_open: dict[str, Pipeline] = {}
_opening = threading.Lock()


def run(name: str, text: str) -> str:
    """Translate a text in the stream format by a direction. Raises TranslatorFailed."""
    return _pipeline(name).translate(text)


def _pipeline(name: str) -> Pipeline:
    with _opening:
        if name not in _open or _open[name].is_closed:
            _open[name] = Pipeline(name)
            _close_later()
        return _open[name]


def _close_later() -> None:
    timer = threading.Timer(IDLE, close_idle)
    timer.daemon = True
    timer.start()


def close_idle(after: float = IDLE) -> None:
    """Close the programs that nobody has used for so many seconds."""
    with _opening:
        now = monotonic()
        idle = [name for name, pipeline in _open.items() if now - pipeline.used_at >= after]
        closed = [_open.pop(name) for name in idle]
        if _open:
            _close_later()
    for pipeline in closed:
        pipeline.close()

"""A command whose processes all see another time of day: its children, servers and browsers, too.

`clock_shim.c` answers their questions about the time. The times of files stay those of the machine.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from scripts import machine

SOURCE = Path(__file__).with_name("clock_shim.c")


@contextmanager
def clock_at(moment: datetime) -> Iterator[dict[str, str]]:
    """The environment of a command that begins at the moment; from there its clock goes on."""
    if not compiler():
        machine.install(["gcc", "libc6-dev"])
    with tempfile.TemporaryDirectory(prefix="portal-clock-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database's own user reads it
        environment = compile_shim(folder)
        if not environment:
            sys.exit("A shifted clock needs a C compiler: install gcc and libc6-dev.")
        set_clock(folder / "clock", round(moment.timestamp() - time_of_machine()))
        yield environment


def time_of_machine() -> float:
    """Also where this process sees a shifted clock itself."""
    shift = os.environ.get("CLOCK_SHIM")
    return time.time() - (seconds_of(Path(shift)) if shift else 0)


def compile_shim(folder: Path) -> dict[str, str]:
    """Make the library, and return the environment that loads it; an empty one without a compiler.
    The time is right until `set_clock` changes the file `clock` of the folder."""
    if not (program := compiler()):
        return {}
    shim, offset = folder / "shim.so", folder / "clock"
    subprocess.run([program, "-shared", "-fPIC", "-O2", "-o", shim, SOURCE, "-ldl"], check=True)
    set_clock(offset, 0)
    return {"LD_PRELOAD": str(shim), "CLOCK_SHIM": str(offset)}


def compiler() -> str | None:
    return shutil.which("cc") or shutil.which("gcc")


def set_clock(path: Path, seconds: int) -> None:
    """Write in place: the processes have the file mapped."""
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(seconds.to_bytes(8, "little", signed=True))


def seconds_of(path: Path) -> int:
    return int.from_bytes(path.read_bytes(), "little", signed=True)

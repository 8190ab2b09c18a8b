"""Checks the system's libraries with which WeasyPrint shapes the letters of a document.

`python -m reports.libraries` prints as JSON which packages are missing and the versions of the
others. It runs in a process of its own, since a process learns only at its start where libraries
are. It needs only the standard library, because `make run` calls it before anything is installed.
"""

import ctypes
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# `make run` puts the libraries here on a machine where it cannot install packages.
FETCHED = ROOT / "var" / "libraries"

# The libraries that WeasyPrint requires, and the Debian packages that contain them.
NEEDED = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libfontconfig.so.1": "libfontconfig1",
}
# Without it WeasyPrint reduces fonts by itself, more slowly, and warns that it may require it one
# day.
USEFUL = {"libharfbuzz-subset.so.0": "libharfbuzz-subset0"}
PACKAGES = [*NEEDED.values(), *USEFUL.values()]


@dataclass(frozen=True)
class Libraries:
    missing: list[str]  # Debian packages that are required but missing
    versions: list[str]  # of all libraries that influence the bytes of a document

    @property
    def advice(self) -> str:
        return (
            "PDF documents cannot be made before Pango, HarfBuzz and Fontconfig are installed; on "
            f"Debian or Ubuntu: sudo apt-get install {' '.join(self.missing)}"
        )


def ask(*, with_fetched: bool = True) -> Libraries:
    """Return what a process that starts now will find."""
    path = environment() if with_fetched else {}
    done = subprocess.run(
        [sys.executable, "-m", "reports.libraries"],
        cwd=ROOT,
        env=os.environ | path,
        check=True,
        capture_output=True,
        text=True,
    )
    return Libraries(**json.loads(done.stdout))


def environment() -> dict[str, str]:
    """Return the variable that leads a child process to the libraries; an existing value comes
    first."""
    folders = [os.environ.get("LD_LIBRARY_PATH", ""), str(FETCHED) if FETCHED.is_dir() else ""]
    path = os.pathsep.join(filter(None, folders))
    return {"LD_LIBRARY_PATH": path} if path else {}


def missing() -> list[str]:
    """Return the missing packages. Only Linux is checked: elsewhere the libraries have other
    names."""
    if sys.platform != "linux":
        return []
    return [package for library, package in NEEDED.items() if not opened(library)]


def versions() -> list[str]:
    pango, harfbuzz = opened("libpango-1.0.so.0"), opened("libharfbuzz.so.0")
    if pango is None or harfbuzz is None:
        return []
    harfbuzz.hb_version_string.restype = ctypes.c_char_p
    found = [f"pango {pango.pango_version()}", f"harfbuzz {harfbuzz.hb_version_string().decode()}"]
    return found + [name for library, name in USEFUL.items() if opened(library)]


def opened(library: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(library)
    except OSError:
        return None


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(Libraries(missing(), versions()))))

"""What is missing of the machine is said at start, not at the first report."""

import sys
from typing import Any

from cffi import FFI
from django.core.checks import CheckMessage, Error, register

# What WeasyPrint opens, and the Debian packages that hold it.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libfontconfig.so.1": "libfontconfig1",
}


@register()
def document_libraries(**kwargs: Any) -> list[CheckMessage]:
    packages = missing_packages()
    if not packages:
        return []
    return [
        Error(
            "PDF documents cannot be made: libraries of the system are missing.",
            hint=f"On Debian or Ubuntu, run: sudo apt-get install {' '.join(packages)}",
            id="portal.E001",
        )
    ]


def missing_packages() -> list[str]:
    """Only looked for on Linux: elsewhere the same libraries have other names."""
    if sys.platform != "linux":
        return []
    return [package for library, package in LIBRARIES.items() if not opens(library)]


def opens(library: str) -> bool:
    try:
        FFI().dlopen(library)
    except OSError:
        return False
    return True

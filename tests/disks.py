"""A real disk that is small, for tests of what happens when it is full."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount one in memory. Skips the test where this user may not."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("A small disk needs the program mount.")
    if done.returncode:
        pytest.skip(f"A small disk needs the rights to mount one: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the room that is left; return the file that takes it."""
    taking = folder / "takes-all-room"
    with taking.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1_000_000))
        except OSError:
            return taking

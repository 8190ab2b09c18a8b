"""Install the locked packages into .venv: `python -m scripts.venv base` or `… dev`.

A copy of the lock in .venv says what is installed. The contents are compared and not the times:
an archive or rsync brings files that are older than what they replace.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

from scripts.machine import ROOT, fetched, install, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
DEBIAN_WHEELS = "usr/share/python-wheels"


def main(name: str) -> None:
    if not works():
        make()
    if not is_installed(name):
        install_lock(name)


def works() -> bool:
    """Not after the system's Python went away or became another version."""
    try:
        return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0
    except OSError:
        return False


def is_installed(name: str) -> bool:
    kept = VENV / f"{name}.txt"
    return kept.exists() and kept.read_bytes() == lock(name).read_bytes()


def lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def make() -> None:
    if not has_ensurepip():
        install(["python3-venv"])
    say(f"Making .venv with Python {sys.version.split()[0]} …")
    make_venv = [sys.executable, "-m", "venv", "--clear"]
    if has_ensurepip():
        subprocess.run([*make_venv, VENV], check=True)
    else:
        subprocess.run([*make_venv, "--without-pip", VENV], check=True)
        add_pip()


def has_ensurepip() -> bool:
    importlib.invalidate_caches()
    return importlib.util.find_spec("ensurepip") is not None


def add_pip() -> None:
    """From the wheel that Debian has for `ensurepip`, whether or not it is installed."""
    if wheel := wheel_in(Path("/")):
        return pip_from(wheel)
    with fetched(["python3-pip-whl"]) as tree:
        if wheel := wheel_in(tree):
            return pip_from(wheel)
    sys.exit("Python cannot make a virtual environment: install the package python3-venv.")


def wheel_in(folder: Path) -> Path | None:
    return next((folder / DEBIAN_WHEELS).glob("pip-*.whl"), None)


def pip_from(wheel: Path) -> None:
    """A wheel of pip is a program that can install itself."""
    command: list[str | Path] = [PYTHON, wheel / "pip", "install", "--quiet", "--no-index", wheel]
    subprocess.run(command, check=True)


def install_lock(name: str) -> None:
    say(f"Installing the packages of requirements/{name}.txt …")
    for kept in (VENV / "base.txt", VENV / "dev.txt"):
        kept.unlink(missing_ok=True)  # an interrupted installation must not count as done
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    pip += ["--root-user-action=ignore", "--require-hashes", "--requirement", lock(name)]
    done = subprocess.run(pip)
    if done.returncode:
        sys.exit(done.returncode)
    # Those of `dev` are those of `base` and more.
    for installed in ("base", "dev") if name == "dev" else ("base",):
        (VENV / f"{installed}.txt").write_bytes(lock(installed).read_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])

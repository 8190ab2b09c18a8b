"""Provides the programs and libraries that the project needs: installed where allowed, else fetched
without root.

`python -m scripts.machine` prepares the machine for tests, or says what to install; `make run` uses
the functions. Only the standard library is used, since nothing may be installed yet.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel import apertium
from reports import libraries

ROOT = Path(__file__).resolve().parent.parent

# Fail within seconds on a machine without a network.
PATIENCE = [
    "-o=Acquire::Retries=0",
    "-o=Acquire::http::Timeout=15",
    "-o=Acquire::https::Timeout=15",
]


def main() -> None:
    provide_libraries()
    provide_translator()
    if packages := missing_programs():
        install(packages)
    if packages := missing_programs() + libraries.ask().missing:
        sys.exit(f"Tests need these packages of the system: install {' '.join(packages)}")


def missing_programs() -> list[str]:
    programs = {
        "postgresql": any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or there("initdb"),
        "redis-server": there("redis-server", "valkey-server"),
        "chromium": there("chromium", "chromium-browser", "google-chrome"),
        "gettext": there("xgettext") and there("msgmerge"),
    }
    return [name for name, found in programs.items() if not found]


def there(*names: str) -> bool:
    return any(map(shutil.which, names))


def provide_libraries() -> None:
    """Provides the libraries of documents by the first way that this machine allows. The portal
    also runs without them, and says what to install."""
    if not libraries.ask(with_fetched=False).missing:
        # Those of the system get security updates.
        shutil.rmtree(libraries.FETCHED, ignore_errors=True)
    elif libraries.ask().missing:
        install(libraries.PACKAGES)
        if libraries.ask().missing:
            fetch_libraries()


def install(packages: list[str]) -> None:
    """With apt-get, where this person is root or may become it without a password."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if not there("apt-get") or run([*sudo, "true"]).returncode:
        return
    say(f"Installing {', '.join(packages)} …")
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes", *PATIENCE]
    for step in (["update"], ["install", "--no-install-recommends", *packages]):
        complain(run([*apt, *step]))


def fetch_libraries() -> None:
    with fetched(libraries.PACKAGES) as tree:
        files = [file for file in tree.rglob("*.so.*") if "-linux-" in file.parent.name]
        if files:
            shutil.rmtree(libraries.FETCHED, ignore_errors=True)
            libraries.FETCHED.mkdir(parents=True)
            for file in files:
                shutil.copy2(file, libraries.FETCHED, follow_symlinks=False)


def provide_translator() -> None:
    """Provides Apertium, which the search and the drafts of translations use. The portal also runs
    without it, and says so."""
    if apertium.has_all_directions(Path("/")):
        shutil.rmtree(apertium.FETCHED, ignore_errors=True)
    elif not apertium.has_all_directions(apertium.FETCHED):
        install(apertium.PACKAGES)
        if not apertium.has_all_directions(Path("/")):
            with fetched(apertium.PACKAGES) as tree:
                if apertium.has_all_directions(tree):
                    shutil.copytree(tree, apertium.FETCHED, dirs_exist_ok=True, symlinks=True)


@contextmanager
def fetched(packages: list[str]) -> Iterator[Path]:
    """Fetches Debian packages with the dependencies that this system lacks, into a temporary
    folder.

    The folder and the lists of packages are deleted afterwards. It is empty if nothing can be
    fetched.
    """
    var = ROOT / "var"
    var.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="packages-", dir=var) as folder:
        state, cache, tree = (Path(folder) / name for name in ("state", "cache", "tree"))
        for needed in (state / "lists" / "partial", cache / "archives" / "partial", tree):
            needed.mkdir(parents=True)
        if there("apt-get") and there("dpkg-deb"):
            say(f"Fetching {', '.join(packages)} …")
            apt = ["apt-get", "--quiet", "--yes", *PATIENCE, "-o=Debug::NoLocking=true"]
            apt += [f"-o=Dir::State={state}", f"-o=Dir::Cache={cache}"]
            apt += ["-o=Dir::State::status=/var/lib/dpkg/status", "-o=APT::Sandbox::User="]
            complain(run([*apt, "update"]))
            step = ["install", "--download-only", "--no-install-recommends", *packages]
            complain(run([*apt, *step]))
            for package in (cache / "archives").glob("*.deb"):
                complain(run(["dpkg-deb", "--extract", str(package), str(tree)]))
        yield tree


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def complain(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        say(f"{done.stdout}{done.stderr}".strip().rpartition("\n")[2])


def say(sentence: str) -> None:
    print(sentence, flush=True)  # at once, also where the output is a file


if __name__ == "__main__":
    main()

"""Install what tests need of the system, where that is allowed; otherwise say what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ibcr_portal.checks import missing_packages


def main() -> None:
    packages = missing()
    if packages and may_install():
        print(f"Installing {', '.join(packages)} …")
        install(packages)
    if packages := missing():
        sys.exit(f"Tests need these packages of the system: install {' '.join(packages)}")


def missing() -> list[str]:
    programs = {
        "postgresql": any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or there("initdb"),
        "redis-server": there("redis-server", "valkey-server"),
        "chromium": there("chromium", "chromium-browser", "google-chrome"),
        "gettext": there("xgettext") and there("msgmerge"),
    }
    return [name for name, found in programs.items() if not found] + missing_packages()


def there(*names: str) -> bool:
    return any(map(shutil.which, names))


def may_install() -> bool:
    if not there("apt-get"):
        return False
    return os.geteuid() == 0 or run([*sudo(), "true"]).returncode == 0


def install(packages: list[str]) -> None:
    apt = [*sudo(), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes"]
    for step in (["update"], ["install", "--no-install-recommends", *packages]):
        done = run([*apt, *step])
        if done.returncode:
            print(done.stdout, done.stderr, file=sys.stderr)


def sudo() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


if __name__ == "__main__":
    main()

"""Make a release of the version in pyproject.toml into release/VERSION/ (`make release`).

    ARGS=--no-checks    the checks were run already
    ARGS=--offline      no registry and no database of vulnerabilities can be reached: says so in the
                        files, and goes on
    ARGS=--try          with changes that are not committed; not to be given away

It builds the image, lists what is in it with licences and as a bill of materials, looks for known
vulnerabilities, and writes notes and checksums. It publishes nothing.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from scripts.bill import Contents, bill_of_materials, list_of_licences
from scripts.pin_images import digest_of, images

ROOT = Path(__file__).resolve().parent.parent
CHANGELOG = ROOT / "CHANGELOG.md"
UNRELEASED = "not released yet"
NOT_SCANNED = "NOT SCANNED: no database of vulnerabilities could be reached."
# The ids of vulnerabilities by package.
Audit = dict[str, list[str]]


def main() -> None:
    options = argparse.ArgumentParser(usage=__doc__)
    for name in ("--no-checks", "--offline", "--try"):
        options.add_argument(name, action="store_true")
    chosen = vars(options.parse_args())
    version = read_version()
    if not chosen["try"]:
        refuse_what_is_not_ready(version)
    if not chosen["no_checks"]:
        run("make", "check")
    folder = ROOT / "release" / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "NOTES.md").write_text(notes(CHANGELOG.read_text("utf-8"), version), "utf-8")
    pins = pin(folder, is_offline=chosen["offline"])
    image = build(version, pins)
    write_contents(folder, version, image)
    scan(folder, image, is_offline=chosen["offline"])
    archive(folder, version)
    write_checksums(folder)
    say(f"release/{version}/ is ready: look at it, then tag v{version}.")


def read_version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def refuse_what_is_not_ready(version: str) -> None:
    """Write what a release changes, and refuse it before that is committed: the archive has it."""
    run(sys.executable, "-m", "scripts.kept_databases", "--record")
    stamp(version, datetime.now(UTC).strftime("%Y-%m-%d"))
    refuse_changes()


def stamp(version: str, day: str) -> None:
    """Write the day of the release into the changelog, unless an earlier attempt did."""
    text = CHANGELOG.read_text("utf-8")
    notes(text, version)  # there are some
    CHANGELOG.write_text(stamped(text, version, day), "utf-8")


def refuse_changes() -> None:
    if changes := output("git", "status", "--porcelain", "--untracked-files=no"):
        sys.exit(f"Commit these changes, then run it again:\n{changes}")


# --- Notes --------------------------------------------------------------------------------


def stamped(text: str, version: str, day: str) -> str:
    return text.replace(f"## {version} ({UNRELEASED})", f"## {version} ({day})")


def notes(text: str, version: str) -> str:
    """The section of a version."""
    found = re.search(rf"^## {re.escape(version)} \(.*?(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    if not found:
        sys.exit(f"CHANGELOG.md has no section ## {version}.")
    return found[0].replace("## ", "# ", 1).strip() + "\n"


# --- Image --------------------------------------------------------------------------------


def pin(folder: Path, *, is_offline: bool) -> dict[str, str]:
    """Write which images belong to this release, by their digests."""
    pins = {}
    try:
        for name, image in images():
            pins[name] = f"{image}@{digest_of(image)}"
    except LookupError as error:
        if not is_offline:
            sys.exit(
                f"The registry gives no digest ({error}): --offline leaves images without one."
            )
        say("NOT PINNED: the registry could not be reached, so images are named by their tags.")
    lines = "".join(f"{name}={value}\n" for name, value in pins.items())
    (folder / "images.env").write_text(lines or "# NOT PINNED: no registry could be reached.\n")
    return pins


def build(version: str, pins: dict[str, str]) -> str:
    image = f"ibcr-portal:{version}"
    arguments = {"VERSION": version} | {k: v for k, v in pins.items() if k == "PYTHON_IMAGE"}
    options = [f"--build-arg={name}={value}" for name, value in arguments.items()]
    run("docker", "build", *options, f"--tag={image}", ".")
    return image


def write_contents(folder: Path, version: str, image: str) -> None:
    contents = contents_of(image)
    digest = output("docker", "image", "inspect", "--format={{.Id}}", image).strip()
    bill = bill_of_materials(contents, version, digest)
    (folder / "bom.cdx.json").write_text(json.dumps(bill, indent=1) + "\n")
    (folder / "LICENCES.md").write_text(list_of_licences(contents, version), "utf-8")
    (folder / "image.txt").write_text(f"{image} {digest}\n{sizes(image)}")


def contents_of(image: str) -> Contents:
    command = ["docker", "run", "--rm", "--interactive", "--network=none", "--entrypoint=python"]
    with (ROOT / "scripts" / "contents.py").open() as script:
        done = subprocess.run([*command, image, "-"], stdin=script, check=True, capture_output=True)
    found: Contents = json.loads(done.stdout)
    return found


def sizes(image: str) -> str:
    """Of each layer, the newest first."""
    return output("docker", "history", "--format={{.Size}}\t{{.CreatedBy}}", image)


# --- Vulnerabilities ----------------------------------------------------------------------


def scan(folder: Path, image: str, *, is_offline: bool) -> None:
    """With pip-audit, which `uv` fetches, and trivy for Debian's packages where it is installed."""
    found: Audit = {}
    for service in () if is_offline else ("pypi", "osv"):
        found = found or audited(service)
    lines = judged(found)
    if shutil.which("trivy") and not is_offline:
        done = attempted(["trivy", "image", "--pkg-types=os", "--exit-code=0", image])
        lines += ["", "The packages of Debian, by trivy:", "", done.stdout, done.stderr]
    else:
        lines += ["", "The packages of Debian were NOT SCANNED: install trivy, and scan online."]
    (folder / "vulnerabilities.txt").write_text("\n".join(lines) + "\n")
    if not found:
        say(NOT_SCANNED)
        if not is_offline:
            sys.exit("Try again, or go on without: --offline")
    if any(found.values()):
        sys.exit("\n".join([*lines, "Update them (make lock), or say in CHANGELOG.md why not."]))


def audited(service: str) -> Audit:
    """The ids of known vulnerabilities by package; empty where the service could not be asked.

    pip-audit skips a package that the service does not answer about, and calls that no failure.
    """
    command = [sys.executable, "-m", "uv", "tool", "run", "pip-audit", "--disable-pip"]
    command += ["--require-hashes", "--requirement=requirements/base.txt", "--format=json"]
    command += ["--progress-spinner=off", f"--vulnerability-service={service}"]
    return read_audit(attempted(command).stdout)


def read_audit(text: str) -> Audit:
    try:
        packages = json.loads(text)["dependencies"]
    except (ValueError, KeyError):
        return {}
    asked = [each for each in packages if "skip_reason" not in each]
    if len(asked) < len(packages):
        return {}
    return {
        f"{each['name']} {each['version']}": [one["id"] for one in each["vulns"]] for each in asked
    }


def judged(found: Audit) -> list[str]:
    if not found:
        return [NOT_SCANNED]
    known = [f"{name}: {', '.join(ids)}" for name, ids in found.items() if ids]
    return [
        f"{len(found)} packages of Python were looked up, {len(known)} with vulnerabilities.",
        *known,
    ]


def attempted(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


# --- Files --------------------------------------------------------------------------------


def archive(folder: Path, version: str) -> None:
    name = f"ibcr-portal-{version}"
    target = folder / f"{name}.tar.gz"
    run("git", "archive", f"--prefix={name}/", f"--output={target}", "HEAD")


def write_checksums(folder: Path) -> None:
    """In the form that `sha256sum --check` reads."""
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
        for file in sorted(folder.iterdir())
        if file.name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT)
    if done.returncode:
        sys.exit(done.returncode)


def output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


say: Callable[[str], None] = print

if __name__ == "__main__":
    main()

"""Print as JSON what an image contains: packages of Python and of Debian, with their licences.

It runs inside the image (`python - < scripts/contents.py`), so it needs only the standard library.
"""

import json
import platform
import re
import subprocess
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

DEBIAN_FIELDS = "${Package}\t${Version}\t${Architecture}\t${db:Status-Abbrev}\n"
# As they are called in old classifiers.
SHORT = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.1",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
}


def python_packages() -> list[dict[str, str]]:
    found = {
        each.metadata["Name"].lower().replace("_", "-"): {
            "name": each.metadata["Name"],
            "version": each.version,
            "licence": licence_of(each),
        }
        for each in distributions()
    }
    return [found[name] for name in sorted(found)]


def licence_of(package: Distribution) -> str:
    about: Any = package.metadata  # a message of e-mail, which its type does not say
    if expression := about.get("License-Expression"):
        return str(expression)
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or []
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    if classifiers:
        return " OR ".join(SHORT.get(each, each) for each in classifiers)
    written = (about.get("License") or "").strip().split("\n")[0]
    return written[:80] or "see its files"


def debian_packages() -> list[dict[str, str]]:
    try:
        command = ["dpkg-query", "--show", f"--showformat={DEBIAN_FIELDS}"]
        listed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    except OSError:
        return []
    found = []
    for line in listed.splitlines():
        name, version, architecture, status = line.split("\t")
        if status.startswith("ii"):
            found.append(
                {
                    "name": name,
                    "version": version,
                    "architecture": architecture,
                    "licence": debian_licence(Path("/usr/share/doc") / name / "copyright"),
                }
            )
    return found


def debian_licence(file: Path) -> str:
    """The short names that a copyright file in the usual form has; else where to read it."""
    try:
        text = file.read_text("utf-8", errors="replace")
    except OSError:
        return "see its source package"
    names = re.findall(r"^License:[ \t]*(\S[^\n]*)$", text, re.MULTILINE)
    if names:
        return ", ".join(sorted({name.strip() for name in names}))
    common = re.findall(r"/usr/share/common-licenses/([A-Za-z]+(?:-[\d.]+\d)?)", text)
    return ", ".join(sorted(set(common))) or str(file)


if __name__ == "__main__":
    contents = {
        "python": platform.python_version(),
        "packages": python_packages(),
        "debian": debian_packages(),
    }
    print(json.dumps(contents, indent=1))

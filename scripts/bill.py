"""A bill of materials (CycloneDX 1.6) and a list of licences of what `scripts/contents.py` found."""

import re
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

Contents = dict[str, Any]
Package = dict[str, str]

COPYLEFT = re.compile(r"\b(A?L?GPL|MPL|EPL|CDDL)\b|GPL|MPL|Lesser|Mozilla", re.IGNORECASE)
HEAD = """\
# Licences of version {version}

The portal itself is under the MIT licence. Its image holds these packages, unchanged but for parts that
were left out (`scripts/trim_image.py`). Their texts are in the image, in the folders
`/opt/venv/lib/python3*/site-packages/*.dist-info` and `/usr/share/doc/*/copyright`.

## Under conditions for whoever passes them on (GPL, LGPL, MPL)

They are used as they are: the portal calls their functions, or starts them as programs of their own,
and each can be replaced by another version. Whoever passes the image on also offers their sources:
those of Python are in the Python Package Index, those of Debian in its archive of snapshots, under
the versions below.
"""


def bill_of_materials(contents: Contents, version: str, digest: str = "") -> dict[str, Any]:
    portal = {
        "type": "application",
        "bom-ref": "portal",
        "name": "ibcr-portal",
        "version": version,
        "licenses": [{"license": {"id": "MIT"}}],
    }
    if digest:
        portal["properties"] = [{"name": "image", "value": digest}]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": portal,
        },
        "components": [
            {
                "type": "application",
                "bom-ref": "python",
                "name": "python",
                "version": contents["python"],
                "licenses": [{"license": {"id": "PSF-2.0"}}],
            },
            *(component(each, python_address(each)) for each in contents["packages"]),
            *(component(each, debian_address(each)) for each in contents["debian"]),
        ],
    }


def component(package: Package, address: str) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": address,
        "name": package["name"],
        "version": package["version"],
        "purl": address,
        "licenses": [{"license": {"name": package["licence"]}}],
    }


def python_address(package: Package) -> str:
    name = re.sub(r"[-_.]+", "-", package["name"]).lower()
    return f"pkg:pypi/{name}@{quote(package['version'])}"


def debian_address(package: Package) -> str:
    version, architecture = quote(package["version"]), package["architecture"]
    return f"pkg:deb/debian/{quote(package['name'])}@{version}?arch={architecture}"


def list_of_licences(contents: Contents, version: str) -> str:
    lines = [HEAD.format(version=version), *TITLES]
    found = [
        (place, each)
        for place, packages in (("Python", contents["packages"]), ("Debian", contents["debian"]))
        for each in packages
    ]
    with_conditions = [one for one in found if COPYLEFT.search(one[1]["licence"])]
    lines += [row(*one) for one in with_conditions]
    lines += ["", "## Others", "", *TITLES]
    lines += [row(*one) for one in found if one not in with_conditions]
    return "\n".join(lines) + "\n"


TITLES = ("| From | Package | Version | Licence |", "| --- | --- | --- | --- |")


def row(place: str, package: Package) -> str:
    licence = package["licence"].replace("|", "or")
    return f"| {place} | {package['name']} | {package['version']} | {licence} |"

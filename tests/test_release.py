"""`make release`: notes, a bill of materials, licences and checksums of what is given away."""

import json
import re
import subprocess
import sys

import pytest
from django.conf import settings

from ibcr_portal.version import VERSION
from scripts import bill, contents, pin_images, release

CONTENTS = {
    "python": "3.13.5",
    "packages": [
        {"name": "Django", "version": "5.2.19", "licence": "BSD-3-Clause"},
        {"name": "psycopg2-binary", "version": "2.9.13", "licence": "LGPL"},
        {"name": "certifi", "version": "2026.1", "licence": "MPL-2.0"},
    ],
    "debian": [
        {"name": "libpango-1.0-0", "version": "1:1.56-1", "architecture": "amd64", "licence": "X"},
        {"name": "apertium", "version": "3.9", "architecture": "amd64", "licence": "GPL-2+"},
    ],
}


def test_the_changelog_has_a_section_for_this_version():
    text = release.CHANGELOG.read_text("utf-8")

    assert release.notes(text, VERSION).startswith(f"# {VERSION} (")
    assert release.read_version() == VERSION


def test_the_notes_are_the_section_of_the_version_alone():
    text = "# Changes\n\n## 1.1.0 (2027-01-01)\n\nNew.\n\n## 1.0.0 (2026-12-01)\n\nFirst.\n"

    assert release.notes(text, "1.1.0") == "# 1.1.0 (2027-01-01)\n\nNew.\n"
    assert release.notes(text, "1.0.0") == "# 1.0.0 (2026-12-01)\n\nFirst.\n"
    with pytest.raises(SystemExit):
        release.notes(text, "1.2.0")


def test_a_release_writes_its_day_once():
    text = f"## 1.0.0 ({release.UNRELEASED})\n"

    dated = release.stamped(text, "1.0.0", "2026-12-01")

    assert dated == "## 1.0.0 (2026-12-01)\n"
    assert release.stamped(dated, "1.0.0", "2026-12-24") == dated


@pytest.fixture
def changelog(tmp_path, monkeypatch):
    """That of a clean tree, before the release."""
    file = tmp_path / "CHANGELOG.md"
    file.write_text(f"# Changes\n\n## 1.0.0 ({release.UNRELEASED})\n\nFirst.\n")
    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setattr(release, "CHANGELOG", file)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "CHANGELOG.md")
    commit(tmp_path)
    return file


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True)


def commit(folder):
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    git(folder, *who, "commit", "--quiet", "--all", "--message=Change")


def test_a_release_asks_for_its_day_to_be_committed_and_goes_on_then(changelog):
    release.refuse_changes()  # nothing yet

    release.stamp("1.0.0", "2026-12-01")
    with pytest.raises(SystemExit, match=r"Commit these changes, then run it again:\n M CHANGELOG"):
        release.refuse_changes()
    commit(changelog.parent)
    release.stamp("1.0.0", "2026-12-24")
    release.refuse_changes()

    assert changelog.read_text() == "# Changes\n\n## 1.0.0 (2026-12-01)\n\nFirst.\n"


def test_a_release_without_notes_is_refused_before_anything_else(changelog):
    with pytest.raises(SystemExit, match=r"no section ## 1\.1\.0"):
        release.stamp("1.1.0", "2026-12-01")


def test_the_bill_of_materials_names_every_package_by_its_address():
    made = bill.bill_of_materials(CONTENTS, "1.0.0", "sha256:1")

    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert made["metadata"]["component"]["version"] == "1.0.0"
    assert [each["bom-ref"] for each in made["components"]] == [
        "python",
        "pkg:pypi/django@5.2.19",
        "pkg:pypi/psycopg2-binary@2.9.13",
        "pkg:pypi/certifi@2026.1",
        "pkg:deb/debian/libpango-1.0-0@1%3A1.56-1?arch=amd64",
        "pkg:deb/debian/apertium@3.9?arch=amd64",
    ]
    assert json.loads(json.dumps(made)) == made


def test_licences_with_conditions_come_first():
    with_conditions, others = bill.list_of_licences(CONTENTS, "1.0.0").split("## Others")

    assert re.findall(r"^\| (?:Python|Debian) \| (\S+)", with_conditions, re.MULTILINE) == [
        "psycopg2-binary",
        "certifi",
        "apertium",
    ]
    assert re.findall(r"^\| (?:Python|Debian) \| (\S+)", others, re.MULTILINE) == [
        "Django",
        "libpango-1.0-0",
    ]


def test_what_an_image_contains_is_asked_of_the_image():
    with open(contents.__file__) as script:
        done = subprocess.run(
            [sys.executable, "-"], stdin=script, capture_output=True, text=True, check=True
        )
    found = {each["name"].lower(): each for each in json.loads(done.stdout)["packages"]}

    lock = (settings.BASE_DIR / "requirements" / "base.txt").read_text()
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+) \\$", lock, re.MULTILINE))
    assert {name: found[name]["version"] for name in ("django", "weasyprint")} == {
        name: locked[name] for name in ("django", "weasyprint")
    }
    for name in ("psycopg2-binary", "certifi", "docxtpl", "pyphen"):
        assert bill.COPYLEFT.search(found[name]["licence"]), found[name]


def test_every_image_of_others_can_be_pinned():
    assert {name for name, _image in pin_images.images()} == {
        *("PYTHON_IMAGE", "POSTGRES_IMAGE", "REDIS_IMAGE", "CADDY_IMAGE", "CLAMAV_IMAGE")
    }


def test_without_a_registry_nothing_is_pinned_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert release.pin(tmp_path, is_offline=True) == {}
    assert (tmp_path / "images.env").read_text().startswith("# NOT PINNED")
    with pytest.raises(SystemExit, match="no digest"):
        release.pin(tmp_path, is_offline=False)


def test_a_scan_that_reached_nothing_says_so(tmp_path):
    release.scan(tmp_path, "ibcr-portal:0", is_offline=True)

    said = (tmp_path / "vulnerabilities.txt").read_text()
    assert said.startswith(release.NOT_SCANNED)
    assert "Debian were NOT SCANNED" in said


def test_packages_that_a_database_does_not_answer_about_are_not_scanned():
    known = {"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}
    fine = {"name": "b", "version": "2", "vulns": []}
    skipped = {"name": "c", "skip_reason": "Dependency not found"}

    def read(*packages):
        return release.read_audit(json.dumps({"dependencies": packages}))

    assert read(known, fine) == {"a 1": ["CVE-1"], "b 2": []}
    assert read(fine, skipped) == read(skipped) == release.read_audit("no network") == {}
    assert release.judged(read(known, fine)) == [
        "2 packages of Python were looked up, 1 with vulnerabilities.",
        "a 1: CVE-1",
    ]


def test_checksums_are_as_sha256sum_reads_them(tmp_path):
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_text(name)

    release.write_checksums(tmp_path)

    done = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "a.txt: OK\nb.txt: OK\n")

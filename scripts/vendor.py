"""Takes Bootstrap, icons and the fonts of documents out of their npm packages, and the schema of
IATI out of its Python package: `python scripts/vendor.py`.

`--check` only compares the files in the repository with static/vendor/CHECKSUMS; it needs
neither network nor npm nor pip. Taking them again must leave `git status` clean.
"""

import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
CHECKSUMS = ROOT / "static/vendor/CHECKSUMS"
BOOTSTRAP = "bootstrap@5.3.9"
ICONS = "bootstrap-icons@1.13.2"
FONTS = "@expo-google-fonts/noto-sans@0.4.2"
FONT_FOLDER = Path("static/fonts")
FONT_NAMES = {
    "Regular": "400Regular",
    "Italic": "400Regular_Italic",
    "Bold": "700Bold",
    "BoldItalic": "700Bold_Italic",
}
# Latin with all its accents, punctuation, currencies, what arithmetic needs, and the sign for
# what is missing: a quarter of the size of the whole font.
FONT_RANGES = "0020-024F,0259,02B0-036F,1E00-1EFF,2000-20CF,2100-22FF,25A0-25FF,FFFD"
# Too old to be a dependency; it ships the four files of the schema as the standard published them.
IATI = "pyIATI==0.4.1"
SCHEMA_FOLDER = Path("projects/iati/schema")
SCHEMA_NAMES = ["iati-activities-schema", "iati-common", "iati-organisations-schema", "xml"]
SCHEMA_LICENCE = """\
The schema files of IATI 2.03 in this folder are part of the IATI Standard
(http://iatistandard.org/), used under the Creative Commons Attribution 4.0 International licence
(CC BY 4.0, https://creativecommons.org/licenses/by/4.0/). They are unchanged.

They were taken from the Python package pyIATI 0.4.1 (iati/resources/standard/2-03/schemas), by the
IATI Technical Team and other authors, which is available under the MIT License:

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
ICON_FOLDER = Path("templates/components/icons")
ICON_NAMES = [
    "arrow-down",
    "arrow-repeat",
    "arrow-right",
    "arrow-up",
    "bank",
    "box-arrow-right",
    "calendar-event",
    "chat-left-text",
    "check-circle",
    "check-lg",
    "check-square",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "clock",
    "download",
    "envelope",
    "exclamation-triangle",
    "eye",
    "file-earmark-pdf",
    "file-earmark-text",
    "folder2-open",
    "funnel",
    "hourglass-split",
    "house",
    "inbox",
    "info-circle",
    "key",
    "link-45deg",
    "list-ol",
    "list-ul",
    "lock",
    "paperclip",
    "pencil",
    "people",
    "person-circle",
    "phone",
    "plus-lg",
    "search",
    "shield-check",
    "square",
    "trash3",
    "type-bold",
    "type-h2",
    "type-italic",
    "upload",
    "x-circle",
]


def package(name: str) -> tarfile.TarFile:
    """Fetch a package with the npm client, wherever that client is told to look."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", name, "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        return tarfile.open(fileobj=io.BytesIO(archive.read_bytes()))


def member(archive: tarfile.TarFile, path: str) -> bytes:
    file = archive.extractfile(f"package/{path}")
    if file is None:
        sys.exit(f"{path} is not a file of the package.")
    return file.read()


def without_source_map(css: bytes) -> bytes:
    """The map is not shipped, and the manifest storage refuses references to missing files."""
    return re.sub(rb"\s*/\*# sourceMappingURL=.*?\*/\s*", b"\n", css)


def inlined(svg: bytes) -> bytes:
    """Returns an icon for use inside a page: as large as its text, in its colour, not read aloud."""
    drawing = re.sub(rb"\s*\n\s*", b"", svg)
    return re.sub(
        rb'<svg [^>]*?viewBox="([^"]+)"[^>]*>',
        rb'<svg class="icon" width="16" height="16" viewBox="\1" fill="currentColor"'
        rb' aria-hidden="true" focusable="false">',
        drawing,
    )


def latin(font: bytes) -> bytes:
    """The letters that the three languages may need, with all that typography does to them."""
    face = TTFont(io.BytesIO(font), recalcTimestamp=False)
    options = subset.Options(layout_features=["*"], hinting=False, name_IDs=["*"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(FONT_RANGES))
    subsetter.subset(face)
    smaller = io.BytesIO()
    face.save(smaller)
    return smaller.getvalue()


def fonts() -> dict[Path, bytes]:
    archive = package(FONTS)
    files = {FONT_FOLDER / "LICENSE": member(archive, "LICENSE_FONT")}
    for name, folder in FONT_NAMES.items():
        font = member(archive, f"{folder}/NotoSans_{folder}.ttf")
        files[FONT_FOLDER / f"NotoSans-{name}.ttf"] = latin(font)
    return files


def schema() -> dict[Path, bytes]:
    """Fetch the source package with pip, wherever pip is told to look; nothing of it is installed."""
    files = {SCHEMA_FOLDER / "LICENSE": SCHEMA_LICENCE.encode()}
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            folder,
        ]
        subprocess.run([*command, IATI], check=True)
        (path,) = Path(folder).glob("*.tar.gz")
        with tarfile.open(path) as archive:
            for name in SCHEMA_NAMES:
                inside = f"{path.name.removesuffix('.tar.gz')}/iati/resources/standard/2-03/schemas"
                schema = archive.extractfile(f"{inside}/{name}.xsd")
                assert schema is not None  # a regular file; folders and devices have no content
                files[SCHEMA_FOLDER / f"{name}.xsd"] = schema.read()
    return files


def take() -> dict[Path, bytes]:
    bootstrap, icons = package(BOOTSTRAP), package(ICONS)
    folder = Path("static/vendor/bootstrap")
    css = without_source_map(member(bootstrap, "dist/css/bootstrap.min.css"))
    files = {
        folder / "bootstrap.min.css": css,
        folder / "LICENSE": member(bootstrap, "LICENSE"),
        ICON_FOLDER / "LICENSE": member(icons, "LICENSE"),
    }
    for name in ICON_NAMES:
        files[ICON_FOLDER / f"{name}.svg"] = inlined(member(icons, f"icons/{name}.svg"))
    return files | fonts() | schema()


def write(files: dict[Path, bytes]) -> None:
    lines = []
    for path, content in sorted(files.items()):
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_bytes(content)
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {path.as_posix()}\n")
    CHECKSUMS.write_text("".join(lines))


def altered() -> list[str]:
    """Name the vendored files that are missing or not as they were taken."""
    wrong = []
    for line in CHECKSUMS.read_text().splitlines():
        checksum, path = line.split("  ", 1)
        file = ROOT / path
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != checksum:
            wrong.append(path)
    return wrong


if __name__ == "__main__":
    if "--check" not in sys.argv:
        write(take())
    if wrong := altered():
        sys.exit("Not as taken from their packages: " + ", ".join(wrong))

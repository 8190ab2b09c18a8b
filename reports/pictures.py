"""Fetches the photographs and logos of documents when a document is rendered; its data never holds them.

A snapshot has the key of the evidence and its hash. People may withdraw their consent until the
file is made: a picture that may no longer be shown, or whose file was replaced, gives way to a
sentence.

The logo of the organisation is no part of a snapshot: a document that is made anew has the logo of that
day, and one that names another organisation has none. Of a donor's the snapshot has the hash: if the
donor has another logo or name since, the cover has none.
"""

import hashlib
import io
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from kernel.files import PICTURES
from kernel.names import plain
from kernel.organisation import organisation
from kernel.text import columns_of
from partners.models import InstitutionLogo, InstitutionName
from projects.models import Evidence
from reports.document_types import (
    Block,
    BoxBlock,
    ComposedDocument,
    FigureBlock,
    PictureBlock,
    PlacedLogo,
    PlainBlock,
    TableBlock,
)

# Enough for a sharp print on half the width of a page, and a tenth of the size of an upload.
BOX = (1000, 1000)
QUALITY = 82


@dataclass(frozen=True)
class PrintedPhoto:
    """A JPEG with its size in pixels."""

    content: bytes
    width: int
    height: int

    @property
    def address(self) -> str:
        """The picture itself as a data URL, since the renderer fetches nothing."""
        return f"data:image/jpeg;base64,{b64encode(self.content).decode()}"


class PrintedPicture(PictureBlock):
    """A picture with its photograph; None if consent was withdrawn."""

    photo: PrintedPhoto | None


IllustratedBlock = PlainBlock | BoxBlock | TableBlock | FigureBlock | PrintedPicture


def with_pictures(blocks: Iterable[Block]) -> list[IllustratedBlock]:
    """Return the blocks of a document, with the photographs of its pictures."""
    blocks = list(blocks)
    wanted = {block["evidence"] for block in blocks if block["type"] == "picture"}
    # Without pictures there is no query.
    shown = Evidence.objects.shared().filter(pk__in=wanted, kind__in=PICTURES) if wanted else []
    found = {one.pk: one for one in shown}
    return [
        {**block, "photo": _photo(found.get(block["evidence"]), block["sha256"])}
        if block["type"] == "picture"
        else block
        for block in blocks
    ]


def photograph_of(block: PictureBlock) -> PrintedPhoto | None:
    """Return the photograph of a picture; None if it may not be shown any more, or is missing."""
    shown = Evidence.objects.shared().filter(pk=block["evidence"], kind__in=PICTURES)
    return _photo(shown.first(), block["sha256"])


def photograph_now(project: int, evidence: int) -> PrintedPhoto | None:
    """Return a photograph of a project as drafts show it; None if it may not be shown, or is missing."""
    shown = Evidence.objects.shared().filter(activity__project=project, kind__in=PICTURES)
    found = shown.filter(pk=evidence).first()
    return _photo(found, found.sha256) if found else None


def _photo(evidence: Evidence | None, sha256: str) -> PrintedPhoto | None:
    if evidence is None or evidence.sha256 != sha256:
        return None
    try:
        with evidence.file.open() as file:
            content = file.read()
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != sha256:
        return None
    return scaled(content)


def scaled(content: bytes, quality: int = QUALITY) -> PrintedPhoto | None:
    """Return the picture as it is printed, always the same bytes; None if it is damaged."""
    from PIL import Image, ImageFile  # noqa: PLC0415  (few requests print a picture)

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint, where it is imported, allows halves
    try:
        with Image.open(io.BytesIO(content), formats=[kind.upper() for kind in PICTURES]) as opened:
            small = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    small.thumbnail(BOX)
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small).convert("RGB")
    written = io.BytesIO()
    small.save(written, "JPEG", quality=quality, optimize=True)
    return PrintedPhoto(written.getvalue(), *small.size)


# Logos


LOGO_QUALITY = 95  # plain areas of colour show what JPEG leaves out


@dataclass(frozen=True)
class DonorLogo:
    name: str
    picture: PrintedPhoto


def printed_logo(document: ComposedDocument) -> PrintedPhoto | None:
    row = organisation()
    known, told = plain(row.name), plain(document["organisation"])
    if not row.logo or not told or (known not in told and told not in known):
        return None
    return scaled(bytes(row.logo), quality=LOGO_QUALITY)


def donor_logos(document: ComposedDocument) -> list[DonorLogo]:
    placed = document["logos"] if "chapters" in document else []
    rows = InstitutionLogo.objects.filter(institution__in=[one["institution"] for one in placed])
    found = {(row.institution_id, row.sha256): bytes(row.content) for row in rows} if placed else {}
    shown = [(one, found.get((one["institution"], one["sha256"]))) for one in placed]
    logos = [(one, scaled(content, quality=LOGO_QUALITY)) for one, content in shown if content]
    return [DonorLogo(one["name"], logo) for one, logo in logos if logo and _is_named(one)]


def _is_named(placed: PlacedLogo) -> bool:
    """Whether the document names the donor: a name that readers may no longer know was replaced."""
    names = InstitutionName.objects.filter(institution=placed["institution"])
    every = names.values_list(*columns_of("name"))
    return any(placed["name"] in row for row in every)

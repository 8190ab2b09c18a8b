"""The logos in documents: of the organisation, and of the donors on the cover of a report.

That of the organisation is no part of a snapshot: a document that is made anew has the logo of that
day, and one that names another organisation has none. Of a donor's the snapshot has the hash: if the
donor has another logo or name since, the cover has none.
"""

from dataclasses import dataclass

from kernel.names import plain
from kernel.organisation import organisation
from kernel.text import columns_of
from partners.models import InstitutionLogo, InstitutionName
from reports.document_types import ComposedDocument, PlacedLogo
from reports.pictures import PrintedPhoto, scaled

QUALITY = 95  # plain areas of colour show what JPEG leaves out


@dataclass(frozen=True)
class DonorLogo:
    name: str
    picture: PrintedPhoto


def printed_logo(document: ComposedDocument) -> PrintedPhoto | None:
    row = organisation()
    known, told = plain(row.name), plain(document["organisation"])
    if not row.logo or not told or (known not in told and told not in known):
        return None
    return scaled(bytes(row.logo), quality=QUALITY)


def donor_logos(document: ComposedDocument) -> list[DonorLogo]:
    placed = document["logos"] if "chapters" in document else []
    rows = InstitutionLogo.objects.filter(institution__in=[one["institution"] for one in placed])
    found = {(row.institution_id, row.sha256): bytes(row.content) for row in rows} if placed else {}
    shown = [(one, found.get((one["institution"], one["sha256"]))) for one in placed]
    logos = [(one, scaled(content, quality=QUALITY)) for one, content in shown if content]
    return [DonorLogo(one["name"], logo) for one, logo in logos if logo and _is_named(one)]


def _is_named(placed: PlacedLogo) -> bool:
    """Whether the document names the donor: a name that readers may no longer know was replaced."""
    names = InstitutionName.objects.filter(institution=placed["institution"])
    every = names.values_list(*columns_of("name"))
    return any(placed["name"] in row for row in every)

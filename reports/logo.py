"""The logo of the organisation in documents. It is no part of a snapshot: a document that is made anew
has the logo of that day, and one that names another organisation has none."""

from kernel.names import plain
from kernel.organisation import organisation
from reports.document_types import ComposedDocument
from reports.pictures import PrintedPhoto, scaled

QUALITY = 95  # plain areas of colour show what JPEG leaves out


def printed_logo(document: ComposedDocument) -> PrintedPhoto | None:
    row = organisation()
    known, told = plain(row.name), plain(document["organisation"])
    if not row.logo or not told or (known not in told and told not in known):
        return None
    return scaled(bytes(row.logo), quality=QUALITY)

"""Makes clean pages of an uploaded paper, for `reports.append`.

A paper is hostile input: only what is drawn on its pages is copied, so that no script, form,
action, link or attachment comes along.
"""

import io
import math
from typing import Any

from PIL import Image
from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    EncodedStreamObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NullObject,
    PdfObject,
    StreamObject,
)

# Reasons why a paper is not appended; `reports.annexes` has the sentences.
ENCRYPTED, DAMAGED, TOO_MANY_PAGES, HIDDEN, COMPLEX = (
    "encrypted",
    "damaged",
    "too_many_pages",
    "hidden",
    "complex",
)
MAX_PARTS = 1_000_000  # all objects, numbers and names included
LARGEST_SIDE = 14_400  # the largest page that PDF readers show, in points
PICTURE_BOX = (482, 680)  # a picture fits on a sheet of A4, in points

# Keys of a picture or a drawn form that are never shown, or that refer to other places.
_BESIDE = frozenset(
    [
        *("/AF", "/Alternates", "/LastModified", "/Measure", "/Metadata", "/OC", "/OPI"),
        *("/PieceInfo", "/PtData", "/Ref", "/StructParent", "/StructParents"),
    ]
)
_NO_DRAWING = frozenset(
    ["/Catalog", "/Pages", "/Page", "/Annot", "/Action", "/Filespec", "/EmbeddedFile", "/Sig"]
)
_ACTIONS = frozenset(
    [
        *("/JavaScript", "/Launch", "/GoToR", "/GoToE", "/URI", "/SubmitForm", "/ImportData"),
        *("/Named", "/Rendition", "/Movie", "/Sound", "/ResetForm", "/Hide", "/Thread", "/Trans"),
    ]
)
# Marks on a page beside its own drawing that are printed: entries in forms, and stamps.
_SEEN = frozenset(
    [
        *("/Widget", "/Stamp", "/FreeText", "/Ink", "/Highlight", "/Underline", "/StrikeOut"),
        *("/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Squiggly", "/Caret"),
    ]
)
_HIDDEN_FLAGS = 2 | 32


class PaperRefused(Exception):
    """A paper that is not appended; the argument is the reason."""


def add_pages(writer: PdfWriter, content: bytes, most: int) -> None:
    """Add the pages of a PDF to the writer, each drawn by one clean form. Raises PaperRefused."""
    try:
        copier = DrawingCopier(writer)
        for page in _pages_of(content, most):
            writer.add_page(_drawn(page, copier))
    except (RecursionError, MemoryError):
        raise PaperRefused(COMPLEX) from None
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError):
        raise PaperRefused(DAMAGED) from None


def from_picture(content: bytes) -> bytes:
    """Return a PDF of one page, as large as the picture is on paper. The picture was checked on
    upload."""
    with Image.open(io.BytesIO(content)) as picture:
        width, height = picture.size
        dots = max(72 * width / PICTURE_BOX[0], 72 * height / PICTURE_BOX[1], 72)
        made = io.BytesIO()
        picture.convert("RGB").save(made, "PDF", resolution=dots, quality=85)
    return made.getvalue()


def _pages_of(content: bytes, most: int) -> list[PageObject]:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise PaperRefused(ENCRYPTED)
    root = dictionary_of(reader.trailer["/Root"])
    count = dictionary_of(root["/Pages"]).get("/Count", 0)
    if isinstance(count, int) and count > most:
        raise PaperRefused(TOO_MANY_PAGES)
    if _has_hidden_layers(root):
        raise PaperRefused(HIDDEN)
    pages = list(reader.pages)
    if len(pages) > most:
        raise PaperRefused(TOO_MANY_PAGES)
    if not pages:
        raise PaperRefused(DAMAGED)
    return pages


def dictionary_of(thing: PdfObject | None) -> DictionaryObject:
    """Return the dictionary that an entry of a PDF holds or refers to; raises TypeError if it is
    none."""
    found = thing.get_object() if thing is not None else None
    if not isinstance(found, DictionaryObject):
        raise TypeError("This PDF has no dictionary where there must be one")
    return found


def _numbers(things: Any) -> list[float]:
    return [float(each) for each in things]


def _has_hidden_layers(root: DictionaryObject) -> bool:
    """Whether the page has hidden layers; without its layers it would show what its author hid."""
    layers = root.get("/OCProperties")
    shown = layers.get_object().get("/D") if layers else None
    return bool(shown and shown.get_object().get("/OFF"))


def _drawn(page: PageObject, copier: "DrawingCopier") -> PageObject:
    """Return a new page that draws the old one, upright, as large as its visible part."""
    box = page.cropbox
    left, bottom, right, top = (float(side) for side in (*box.lower_left, *box.upper_right))
    width, height = right - left, top - bottom
    if not (1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE):
        raise PaperRefused(DAMAGED)
    turned = page.rotation % 360
    upright = Transformation().translate(-left, -bottom).rotate(-turned)
    moves = {0: (0, 0), 90: (0, width), 180: (width, height), 270: (height, 0)}
    if turned not in moves:
        raise PaperRefused(DAMAGED)
    upright = upright.translate(*moves[turned])
    if turned in (90, 270):
        width, height = height, width
    forms = [_form(_content(page), page.get("/Resources"), (left, bottom, right, top), copier)]
    places = [upright]
    for form, place in _seen_on(page, copier):
        forms.append(form)
        places.append(place.transform(upright))
    return _page(forms, places, width, height)


def _content(page: PageObject) -> StreamObject:
    """Return the content as one stream; if it is one already, unchanged."""
    content = page["/Contents"].get_object() if "/Contents" in page else NullObject()
    if isinstance(content, StreamObject):
        return content
    whole = DecodedStreamObject()
    parts = content if isinstance(content, ArrayObject) else []
    whole.set_data(b"\n".join(part.get_object().get_data() for part in parts))
    return whole.flate_encode()


def _form(
    content: StreamObject, resources: Any, box: tuple[float, ...], copier: "DrawingCopier"
) -> PdfObject:
    form = copier.stream(content, keep=("/Filter", "/DecodeParms"))
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(FloatObject(round(side, 4)) for side in box),
            NameObject("/Resources"): copier.copy(resources or DictionaryObject()),
        }
    )
    return copier.writer._add_object(form)


def _seen_on(page: PageObject, copier: "DrawingCopier") -> list[tuple[PdfObject, Transformation]]:
    """Return entries in forms and stamps as drawings, without their fields or notes."""
    found = []
    marks = page.get("/Annots")
    for mark in marks.get_object() if marks else []:
        mark = mark.get_object()
        if mark.get("/Subtype") not in _SEEN or int(mark.get("/F", 0)) & _HIDDEN_FLAGS:
            continue
        shown = mark.get("/AP")
        shown = shown.get_object().get("/N") if shown else None
        shown = shown.get_object() if shown else None
        if not isinstance(shown, StreamObject) and isinstance(shown, DictionaryObject):
            shown = shown.get(mark.get("/AS"), NullObject()).get_object()
        if isinstance(shown, StreamObject) and (place := _place(mark, shown)):
            found.append((copier.copy(shown), place))
    return found


def _place(mark: DictionaryObject, shown: StreamObject) -> Transformation | None:
    """Return where the appearance is drawn: its box, fitted to the rectangle of the mark."""
    box = _numbers(shown["/BBox"])
    a, b, c, d, e, f = _numbers(shown.get("/Matrix", (1, 0, 0, 1, 0, 0)))
    turn = Transformation((a, b, c, d, e, f))
    corners = [turn.apply_on((x, y)) for x in (box[0], box[2]) for y in (box[1], box[3])]
    left, right = min(x for x, _y in corners), max(x for x, _y in corners)
    bottom, top = min(y for _x, y in corners), max(y for _x, y in corners)
    rect = _numbers(mark["/Rect"])
    if not (right > left and top > bottom):
        return None
    across = abs(rect[2] - rect[0]) / (right - left)
    up = abs(rect[3] - rect[1]) / (top - bottom)
    moved = (min(rect[0], rect[2]) - left * across, min(rect[1], rect[3]) - bottom * up)
    return Transformation().scale(across, up).translate(*moved)


def _page(
    forms: list[PdfObject], places: list[Transformation], width: float, height: float
) -> PageObject:
    page = PageObject.create_blank_page(width=round(width, 4), height=round(height, 4))
    drawn, named = [], DictionaryObject()
    for number, (form, place) in enumerate(zip(forms, places, strict=True)):
        numbers = [round(value, 6) for value in place.ctm]
        if not all(map(math.isfinite, numbers)):
            raise PaperRefused(DAMAGED)
        drawn.append(f"q {' '.join(f'{value:.6f}' for value in numbers)} cm /F{number} Do Q")
        named[NameObject(f"/F{number}")] = form
    resources = DictionaryObject({NameObject("/XObject"): named})
    content = DecodedStreamObject()
    content.set_data("\n".join(drawn).encode())
    page[NameObject("/Resources")] = resources
    page[NameObject("/Contents")] = content
    return page


class DrawingCopier:
    """Copies drawings into a writer, each object once, without anything that acts or leads
    elsewhere."""

    def __init__(self, writer: PdfWriter) -> None:
        self.writer = writer
        self.known: dict[tuple[int, int], IndirectObject] = {}
        self.count = 0

    def copy(self, thing: Any) -> PdfObject:
        if isinstance(thing, IndirectObject):
            return self._once(thing)
        self.count += 1
        if self.count > MAX_PARTS:
            raise PaperRefused(COMPLEX)
        if isinstance(thing, DictionaryObject) and not _is_drawing(thing):
            return NullObject()
        if isinstance(thing, StreamObject):
            return self.writer._add_object(self.stream(thing))
        if isinstance(thing, DictionaryObject):
            return DictionaryObject(
                {NameObject(key): self.copy(thing.raw_get(key)) for key in thing}
            )
        if isinstance(thing, ArrayObject):
            return ArrayObject(self.copy(each) for each in list.__iter__(thing))
        return NullObject() if thing is None else thing

    def _once(self, thing: IndirectObject) -> PdfObject:
        key = (thing.idnum, thing.generation)
        if key not in self.known:
            place = self.known[key] = self.writer._add_object(NullObject())
            found = thing.get_object()
            if isinstance(found, StreamObject) and _is_drawing(found):
                copied: PdfObject = self.stream(found)
            else:
                copied = self.copy(found)
            copied.indirect_reference = place
            self.writer._objects[place.idnum - 1] = copied
        return self.known[key]

    def stream(self, thing: StreamObject, keep: tuple[str, ...] | None = None) -> StreamObject:
        """Copy a stream as it is, still compressed, with the keys in `keep` only."""
        if "/F" in thing:  # its content is in another file
            raise PaperRefused(DAMAGED)
        copied = EncodedStreamObject() if "/Filter" in thing else DecodedStreamObject()
        copied._data = thing._data
        for key in thing:
            is_kept = key in keep if keep else key not in _BESIDE
            if is_kept and key != "/Length":
                copied[NameObject(key)] = self.copy(thing.raw_get(key))
        return copied


def _is_drawing(thing: DictionaryObject) -> bool:
    """Whether the object is part of a drawing, and neither acts nor belongs to the structure of the
    paper."""
    if thing.get("/Type") in _NO_DRAWING or "/JS" in thing or thing.get("/Subtype") == "/PS":
        return False
    return not (thing.get("/S") in _ACTIONS and "/Type" not in thing)

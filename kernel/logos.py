"""Logos: small enough to be on every page, or sharp enough to be printed."""

import hashlib
import io

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from kernel.editing import EditingForm
from kernel.files import MEGABYTE, PICTURES, CheckedFile, UploadField

BOX = (320, 64)  # twice the size that the bar at the top shows, for fine screens
MOST_BYTES = 25_000
PRINTED_BOX = (1000, 200)  # more than 400 dots an inch in the height of a cover's logos
MOST_PRINTED_BYTES = 60_000


def small_logo(checked: CheckedFile) -> tuple[bytes, str]:
    """Return the picture as a small PNG, and its hash. Raises ValidationError."""
    return _fitted(checked, [BOX], MOST_BYTES)


def printable_logo(checked: CheckedFile) -> tuple[bytes, str]:
    """Return the picture as a PNG for print, or a small one if it has many colours, and its hash.
    Raises ValidationError."""
    return _fitted(checked, [PRINTED_BOX, BOX], MOST_PRINTED_BYTES)


def _fitted(
    checked: CheckedFile, boxes: list[tuple[int, int]], most_bytes: int
) -> tuple[bytes, str]:
    from PIL import Image  # noqa: PLC0415  (3 MB, for few requests)

    checked.content.seek(0)
    with Image.open(io.BytesIO(checked.content.read())) as picture:
        small = picture.convert("RGBA")
    for box in boxes:
        small.thumbnail(box, Image.Resampling.LANCZOS)
        for colours in (0, 256, 64):
            written = io.BytesIO()
            kept = small.quantize(colours) if colours else small
            kept.save(written, "PNG", optimize=True)
            if len(content := written.getvalue()) <= most_bytes:
                return content, hashlib.sha256(content).hexdigest()
    raise ValidationError(
        _("This picture has too many colours for a logo: upload one with plain areas of colour.")
    )


# --- Forms with a logo that can be uploaded, replaced and removed ---


class LogoForm(EditingForm):
    """`new_logo` is cleaned to the picture as it is stored, and its hash."""

    new_logo = UploadField(
        label=gettext_lazy("Logo"),
        allowed=PICTURES,
        max_bytes=2 * MEGABYTE,
        required=False,
    )
    no_logo = forms.BooleanField(label=gettext_lazy("Remove the logo"), required=False)

    def clean_new_logo(self) -> tuple[bytes, str] | None:
        checked: CheckedFile | None = self.cleaned_data["new_logo"]
        return self.fitted(checked) if checked else None

    def fitted(self, checked: CheckedFile) -> tuple[bytes, str]:
        """Return the picture in the size in which it is needed."""
        return small_logo(checked)

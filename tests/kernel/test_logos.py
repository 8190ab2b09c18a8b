"""Logos are small on every page, and sharp where they are printed."""

import io
import random

import pytest
from django.core.files import File
from PIL import Image

from kernel.files import CheckedFile
from kernel.logos import BOX, MOST_PRINTED_BYTES, PRINTED_BOX, printable_logo, small_logo


def uploaded(picture: Image.Image) -> CheckedFile:
    written = io.BytesIO()
    picture.save(written, "PNG")
    written.seek(0)
    return CheckedFile(File(written), "logo.png", "png", len(written.getvalue()), "0" * 64)


def size_of(content: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.size


@pytest.mark.parametrize(
    ("make", "size"), [(small_logo, BOX), (printable_logo, PRINTED_BOX)], ids=["page", "print"]
)
def test_a_logo_is_as_large_as_its_place_needs(make, size):
    content, _sha256 = make(uploaded(Image.new("RGB", (2000, 400), "teal")))

    assert size_of(content) == size


def test_a_logo_with_many_colours_is_printed_small_before_it_is_refused():
    noise = Image.frombytes("RGB", (1000, 200), random.Random(1).randbytes(600_000))

    content, _sha256 = printable_logo(uploaded(noise))

    assert size_of(content) == BOX
    assert len(content) <= MOST_PRINTED_BYTES

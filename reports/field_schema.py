"""Which fields a Word template may name, apart from `reports.template_fields`, which imports jinja.

The names are given by a *schema*: "" is a text, PICTURE a picture, FORMATTED a text in paragraphs of
its own, [x] a list of x, {name: x} a group of parts.
"""

from typing import Any, TypedDict

Schema = Any
Names = dict[str, Schema]
TEXT = ""
PICTURE = "picture"  # its value is "", or {"svg" or "jpeg", "spoken"}
FORMATTED = "formatted"  # its value is a list of paragraphs

# What a template contains that is not accepted: its code, and a part of the template.
Problem = dict[str, str]


class Piece(TypedDict):
    text: str
    bold: bool
    italic: bool


class Paragraph(TypedDict):
    """A paragraph of a formatted text. `mark` is what begins an item of a list, `depth` is 0 outside
    of lists."""

    heading: bool
    mark: str
    depth: int
    lang: str
    pieces: list[Piece]

"""The words of a thing as its source gives them."""

from typing import NamedTuple

Texts = dict[str, str]  # by language


class Content(NamedTuple):
    """The words of a thing, or of one of its parts."""

    titles: Texts
    texts: Texts = {}
    part: int = 0
    code: str = ""
    is_name: bool = False
    # Of a part that has an address of its own on the page of the thing.
    anchor: str = ""
    # The text of a part of a file, which is kept: a page cannot read the file again.
    file_text: str = ""

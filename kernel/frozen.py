"""Content that is frozen as JSON, and read by code that was written years later.

Frozen content is kept as it was stored: its hash and its verification code are computed over that.
So it says in which format it is, and whoever changes a format writes the function that converts the
one before (docs/frozen-content.md). Converting happens on reading and changes nothing that is
stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

Content = dict[str, Any]

KEY = "format"
UNKNOWN = _(
    "This was saved in a format that this version of the portal does not know, probably "
    "by a later version. Nothing is lost: ask your administrator to update the portal, "
    "then try again."
)


class UnknownFormat(Exception):
    """Content that this version of the portal cannot read.

    It is no Refusal: no form can mend it, so it has a page of its own (409) from every address.
    """

    def __init__(self) -> None:
        super().__init__(UNKNOWN)


FORMATS: dict[str, "Format"] = {}  # all there are, for the tests that hold them to the rule


def _first(content: Content) -> int:
    """Formats have numbers since they have converters: what was frozen before is in the first."""
    return 1


@dataclass(frozen=True)
class Format:
    """The format of one kind of frozen content, with all that it was before.

    `name`: of the folder with a fixture of each format (`tests/frozen`). `converters`: by the number of a format, the function that gives the same content in the next
    one. It changes nothing of what it is given. `unnumbered`: in which format content is that has
    no number.
    """

    name: str
    converters: Mapping[int, Callable[[Content], Content]] = field(default_factory=dict)
    unnumbered: Callable[[Content], int] = _first

    def __post_init__(self) -> None:
        FORMATS[self.name] = self

    @property
    def current(self) -> int:
        return len(self.converters) + 1

    def numbered(self, content: Content) -> Content:
        """New content, as it is stored."""
        return content | {KEY: self.current}

    def read(self, content: Content) -> Content:
        """Stored content in the current format. Raises UnknownFormat."""
        number = content[KEY] if KEY in content else self.unnumbered(content)
        # What no code of ours wrote is no number, such as 0, true or "3".
        if type(number) is not int or not 1 <= number <= self.current:
            raise UnknownFormat
        for each in range(number, self.current):
            content = self.converters[each](content)
        return content | {KEY: self.current}

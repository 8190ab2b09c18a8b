"""The place of a text in a report: a section of its preset, or one result within that section."""

from dataclasses import dataclass
from typing import Any

from projects.models import Result
from reports.models.kinds import SectionKind

OF_RESULT = "result-"


def slug_of(kind: str, result: int | None) -> str:
    """Return what addresses name the place by."""
    return f"{OF_RESULT}{result}" if result else kind


def home_of(result: Result) -> SectionKind:
    """Return the kind of the chapter in which a result stands: outputs, the lowest level of the
    donor's preset, with the activities, all others with the progress."""
    is_output = result.level == result.project.donor_preset.results[-1].key
    return SectionKind.ACTIVITIES if is_output else SectionKind.PROGRESS


@dataclass(frozen=True)
class SectionPlace:
    """`kind` is the chapter; with a `result` it is the text beside the figures of that result."""

    kind: str
    result: Result | None = None

    @property
    def slug(self) -> str:
        return slug_of(self.kind, self.result.pk if self.result else None)

    @property
    def columns(self) -> dict[str, Any]:
        """What the rows of its texts have, in every language."""
        return {"result": self.result} if self.result else {"kind": self.kind, "result": None}

"""Errors and warnings about an IATI file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IatiFinding:
    """A sentence about a line of a file. `is_error`: whether it makes the file invalid by IATI's
    schema or rules; otherwise it is a warning."""

    sentence: str
    line: int | None = None
    is_error: bool = True

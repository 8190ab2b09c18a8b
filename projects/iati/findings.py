"""What is wrong with a file, in sentences with line numbers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IatiFinding:
    """`is_error`: by the rules of IATI the file is not valid; else a reader should know."""

    sentence: str
    line: int | None = None
    is_error: bool = True

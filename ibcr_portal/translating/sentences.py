"""Divides texts into sentences, and finds which sentence of a translation is which of its original."""

import re
from collections.abc import Iterator

# A sentence ends with its stop before a capital, a number, a quotation or a mark of Markdown; after
# “art. 5” or “M. X” it does not, and one letter is an abbreviation.
_END = re.compile(r"(?<=[.!?…])(?<!\b\w\.)[»”\"]?\s+(?=[«“\"¿¡*_\[(]*[A-ZÀ-ÖØ-Þ0-9«“¿¡])")
_ABBREVIATIONS = re.compile(
    r"\b(?:art|no|núm|n|p|pp|Sr|Sra|Dr|Dra|Mr|Mrs|Ms|Mme|M|etc|ex|ej|cf|vs)\.$", re.IGNORECASE
)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text in their order; a line break ends one as well."""
    return [sentence for line in lines_of(text) for sentence in _of_line(line)]


def _of_line(line: str) -> Iterator[str]:
    begin = 0
    for end in _END.finditer(line):
        part = line[begin : end.end()].strip()
        if _ABBREVIATIONS.search(part):
            continue
        yield part
        begin = end.end()
    if rest := line[begin:].strip():
        yield rest


def aligned(source: str, target: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences of a text with those of its translation. Where a line has not as many in
    both, the lines belong to each other as a whole; where the lines differ, the texts do."""
    sources, targets = lines_of(source), lines_of(target)
    if len(sources) != len(targets):
        yield source.strip(), target.strip()
        return
    for one, other in zip(sources, targets, strict=True):
        first, second = list(_of_line(one)), list(_of_line(other))
        if len(first) == len(second):
            yield from zip(first, second, strict=True)
        else:
            yield one, other

"""The public summary of results that the file contains: an app above this one has the texts.

`reports` registers where it finds them, so that the file says what the latest report said.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kernel.prepared import Question
from projects.iati.document import Texts


@dataclass(frozen=True)
class SummarySource:
    """`ask` takes the key of a project, `read` the rows of the answer."""

    ask: Callable[[int], Question[Any]]
    read: Callable[[list[Any]], Texts]


SOURCES: list[SummarySource] = []


def add_summary_source(source: SummarySource) -> None:
    SOURCES.append(source)


class SummaryToAsk:
    """The summary of a project: its questions are asked with what else a page asks."""

    def __init__(self, project: int) -> None:
        self._asked = [(source, source.ask(project)) for source in SOURCES]

    @property
    def questions(self) -> list[Question[Any]]:
        return [question for _source, question in self._asked]

    @property
    def texts(self) -> Texts:
        found: Texts = {}
        for source, question in self._asked:
            found |= source.read(question.rows)
        return found

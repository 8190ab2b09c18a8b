"""The public summary of results in an IATI file. Its texts are in reports, an app above this one,
which registers a source for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kernel.prepared import Question
from projects.iati.document import Texts


@dataclass(frozen=True)
class SummarySource:
    """Where the texts are: `ask` takes the key of a project and returns a question, `read` makes the
    texts of its rows."""

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

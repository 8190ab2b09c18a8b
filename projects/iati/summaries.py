"""The public summary of results in an IATI file. Its texts are in reports, an app above this one,
which registers a source for them."""

from collections.abc import Callable

from projects.iati.document import Texts

# Returns the texts for the key of a project.
SummarySource = Callable[[int], Texts]
SOURCES: list[SummarySource] = []


def add_summary_source(source: SummarySource) -> None:
    SOURCES.append(source)


def public_summary(project: int) -> Texts:
    """Return the summary of the project with this key, by language."""
    found: Texts = {}
    for source in SOURCES:
        found |= source(project)
    return found

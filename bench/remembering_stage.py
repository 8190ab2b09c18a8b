"""Looks up the sentences of `bench.remembering`, in a process with the portal's settings."""

import sys
from time import perf_counter

import django

django.setup()

from bench.remembering import texts  # noqa: E402  (the settings come first)
from ibcr_portal.translating.memory import Memory  # noqa: E402
from ibcr_portal.translating.queue import Queue  # noqa: E402
from projects.models import Assignment, Project  # noqa: E402

PROJECT = "HN-TRATA"
CLOSE = 85  # per cent: one or two words of a sentence differ
HEAD = "into   sentences  remembered   exact  85–99 %  70–84 %   none   known  ms a text"


def measured(queue: Queue, language: str) -> str:
    memory = Memory(queue, "fr", language)
    known, written = len(memory.pairs), list(texts())
    begun = perf_counter()
    sentences = [one for text in written for one in memory.sentences(text)]
    took = (perf_counter() - begun) * 1_000 / len(written)
    best = [one.matches[0].percent if one.matches else 0 for one in sentences]
    counts = (
        best.count(100),
        sum(CLOSE <= percent < 100 for percent in best),
        sum(0 < percent < CLOSE for percent in best),
        best.count(0),
    )
    share = 100 * (len(best) - counts[3]) / len(best)
    columns = "".join(f"{number:8}" for number in (*counts, known))
    return f"{language}     {len(best):9}  {share:8.1f} %{columns}  {took:8.1f}"


def main() -> None:
    project = Project.objects.filter(code=PROJECT).first()
    lead = Assignment.objects.filter(project=project, role="coordinator").first()
    if project is None or lead is None:
        sys.exit("Load the demonstration first: `make run`.")
    queue = Queue(lead.user, project)
    sys.stdout.write(f"{HEAD}\n")
    for language in ("es", "en"):
        sys.stdout.write(f"{measured(queue, language)}\n")


main()

"""What `bench/searching.py` measures, in a process with the settings of production."""

import argparse
import itertools
import logging
import random
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time, sleep, time_ns
from typing import NamedTuple

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone, translation  # noqa: E402

from accounts.models import User  # noqa: E402
from bench.clock import p95, table  # noqa: E402
from bench.reading import EMAIL, prepare  # noqa: E402
from bench.record import keep, machine  # noqa: E402
from ibcr_portal.kinds import SOURCES  # noqa: E402
from ibcr_portal.management.commands.portal import BEAT, MAILER, WORKER  # noqa: E402
from ibcr_portal.models import ObligationsWritten, SearchEntry  # noqa: E402
from ibcr_portal.processes import Child  # noqa: E402
from ibcr_portal.search.showing import results, search  # noqa: E402
from ibcr_portal.search.tables import having  # noqa: E402
from ibcr_portal.search.views import first_of_each  # noqa: E402
from ibcr_portal.search.words import anywhere, stems  # noqa: E402
from ibcr_portal.search.writing import contents_of, reindex  # noqa: E402
from ibcr_portal.web_server import when_ready  # noqa: E402
from kernel.apertium import is_installed  # noqa: E402
from kernel.refusal import Refusal  # noqa: E402
from partners.naming import read_by  # noqa: E402
from projects.models import Risk  # noqa: E402
from projects.permissions.naming import NamesForPerson  # noqa: E402

QUESTIONS = 200
CHANGES = 41
PATIENCE = 120  # seconds for a change
READERS = {
    "of all projects": EMAIL,
    "coordinator of a few": "coordination@example.org",
    "partner": "collectif@example.org",
}


def questions() -> Iterator[tuple[str, str]]:
    """Yield language and question: pairs of words of real texts, frequent and rare, in turn."""
    words = {
        "es": "capacitación jueces trata presupuesto talleres policía riesgo acuerdo reunión colectiva"
        " informe indicador género niñez desembolso prórroga enlace protocolo refugio asistencia",
        "fr": "formation juges traite budget ateliers police risque décision réunion collectif rapport"
        " indicateur genre enfance versement prolongation liaison protocole refuge présence",
        "en": "training judges trafficking budget workshops police risk decision meeting collective report"
        " indicator gender children instalment extension focal protocol shelter attendance",
    }
    for language in itertools.cycle(words):
        listed = words[language].split()
        for one, other in itertools.permutations(listed, 2):
            yield language, f"{one} {other}"
            break
        words[language] = " ".join([*listed[1:], listed[0]])


class Took(NamedTuple):
    """Milliseconds of a search: by the clock, and of the processor, in this process and in that of
    the database. On a machine where others work as well, the second says more."""

    clock: float
    cpu: float


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def cpu(process: int) -> float:
    """Return the milliseconds that this process and a backend of the database have worked."""
    worked = Path(f"/proc/{process}/schedstat").read_text().split()[0]
    return process_time() * 1000 + int(worked) / 1e6


def timed(email: str) -> list[Took]:
    user, process = User.objects.get(email=email), backend()
    found = []
    for language, text in itertools.islice(questions(), QUESTIONS):
        person = User.objects.get(pk=user.pk)  # a page reads its reader anew
        started, worked = perf_counter(), cpu(process)
        with translation.override(language), read_by(NamesForPerson(person, None)):
            try:
                done = search(person, text)
                results(first_of_each(done.hits), done.question)
            except Refusal:
                pass
        found.append(Took((perf_counter() - started) * 1000, cpu(process) - worked))
    return found


def lags() -> list[float]:
    """Return the seconds from a change until the index has it, with the processes that `portal`
    starts, on a morning on which the obligations of all projects are to be written."""
    Path(settings.CELERY_BEAT_SCHEDULE_FILENAME).parent.mkdir(parents=True, exist_ok=True)
    ObligationsWritten.objects.update(day=timezone.localdate() - timedelta(days=1))
    with ExitStack() as stack:
        log = stack.enter_context((Path(settings.VAR) / "lags.log").open("a"))
        for command in (WORKER, MAILER, BEAT):
            child = Child(*command, stdout=log, stderr=log)
            stack.callback(child.wait, 5)
            stack.callback(child.terminate)
        rows = Risk.objects.order_by("pk").values_list("pk", flat=True)[:CHANGES]
        found = [_lag(pk) for pk in rows]
    return found[1:]  # the first waits for the processes to start


def _lag(risk: int) -> float:
    sleep(random.uniform(0, 4))
    word = f"cambio{time_ns()}"  # that no earlier run wrote
    Risk.objects.filter(pk=risk).update(definition_es=word)
    started = perf_counter()
    while not having((anywhere(stems(word, "es")),)):
        if perf_counter() - started > PATIENCE:
            raise SystemExit("No worker writes the index.")
        sleep(0.05)
    return perf_counter() - started


def texts() -> int:
    """Return how many bytes of text the index stands for."""
    size = 0
    for kind, source in SOURCES.items():
        keys = set(SearchEntry.objects.filter(kind=kind).values_list("thing", flat=True))
        for row in source.rows(sorted(keys)):
            for content in contents_of(source, row):
                said = {*content.titles.values(), *content.texts.values()}
                size += sum(len(text.encode()) for text in said)
    return size


def index_size() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
            " WHERE relname IN ('ibcr_portal_searchwords', 'ibcr_portal_searchentry')"
        )
        return int(cursor.fetchone()[0])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    prepare(is_large=True)
    started = perf_counter()
    number = sum(count for _kind, count in reindex())
    took = perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as PostgreSQL does by itself, but not for tests
    rows = [("things in the index", f"{number}", "", f"written in {took:.0f} s")]
    when_ready(None)  # as in a process of the web server
    for name, email in READERS.items():
        times = timed(email)
        worked, clock = [each.cpu for each in times], [each.clock for each in times]
        missed = "" if p95(worked) <= 100 else "missed; "
        how = f"{missed}median {statistics.median(worked):.0f} ms; by the clock {p95(clock):.0f} ms"
        what = f"95 % of {QUESTIONS} questions, {name}: processor"
        rows.append((what, f"{p95(worked):.0f} ms", "100 ms", how))
        print(rows[-1], flush=True)
    late = lags()
    how = f"median {statistics.median(late):.1f} s of {len(late)}, with the processes of `portal`"
    rows.append(("95 % of changes are in the index after", f"{p95(late):.1f} s", "5 s", how))
    text = texts()
    share = index_size() / text
    rows.append(
        ("index beside its text", f"{share:.2f} ×", "1.5 ×", f"{text / 1e6:.1f} MB of text")
    )
    rows.append(("translator", "yes" if is_installed() else "no", "", ""))
    written = table(("what", "figure", "goal", "how"), rows)
    print(f"\n{written}")
    if chosen.write:
        keep("make bench-search", f"{machine('make bench-search', 'Django')}\n\n{written}")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()

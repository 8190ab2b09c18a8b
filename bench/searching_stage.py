"""What `bench/searching.py` measures, in a process with the settings of production."""

import argparse
import itertools
import logging
import statistics
from collections.abc import Iterator
from time import perf_counter

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import translation  # noqa: E402

from accounts.models import User  # noqa: E402
from bench.clock import table  # noqa: E402
from bench.reading import EMAIL, prepare  # noqa: E402
from bench.record import keep, machine  # noqa: E402
from ibcr_portal.models import SearchEntry  # noqa: E402
from ibcr_portal.search.searching import search  # noqa: E402
from ibcr_portal.search.showing import results  # noqa: E402
from ibcr_portal.search.sources import SOURCES  # noqa: E402
from ibcr_portal.search.writing import GuardedNames, reindex  # noqa: E402
from kernel.apertium import is_installed  # noqa: E402
from kernel.refusal import Refusal  # noqa: E402
from partners.naming import read_by  # noqa: E402
from projects.permissions.naming import NamesForPerson  # noqa: E402

QUESTIONS = 200
READERS = {
    "of all projects": EMAIL,
    "coordinator of a few": "coordination@example.org",
    "partner": "collectif@example.org",
}
SHOWN = 60


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


def timed(email: str) -> list[float]:
    user = User.objects.get(email=email)
    found = []
    for language, text in itertools.islice(questions(), QUESTIONS):
        person = User.objects.get(pk=user.pk)  # a page reads its reader anew
        started = perf_counter()
        with translation.override(language), read_by(NamesForPerson(person, None)):
            try:
                done = search(person, text)
                results(done.hits[:SHOWN], done.question)
            except Refusal:
                pass
        found.append((perf_counter() - started) * 1000)
    return found


def texts() -> int:
    """Return how many bytes of text the index stands for."""
    size = 0
    for kind, source in SOURCES.items():
        keys = set(SearchEntry.objects.filter(kind=kind).values_list("thing", flat=True))
        for row in source.rows(sorted(keys)):
            for content in source.contents(row):
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
        cursor.execute("ANALYZE")
    GuardedNames()
    rows = [("things in the index", f"{number}", "", f"written in {took:.0f} s")]
    for name, email in READERS.items():
        times = timed(email)
        ordered = sorted(times)
        p95 = ordered[int(len(ordered) * 0.95)]
        missed = "" if p95 <= 100 else "missed"
        how = f"median {statistics.median(times):.0f} ms, longest {ordered[-1]:.0f} ms"
        rows.append(
            (f"95 % of {QUESTIONS} questions, {name}", f"{p95:.0f} ms", "100 ms", f"{missed} {how}")
        )
        print(rows[-1], flush=True)
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

"""Measures the time, memory and size of a document, compared with raw and naive WeasyPrint."""

import json
import os
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from statistics import median as middle

from bench.clock import Measurement, median, ratio, run_here, run_process, spread
from bench.raw import naive_html
from bench.synthetic import SyntheticProject, photograph
from kernel.file_contents import check_picture
from reports.models import About, Rendition, Snapshot
from reports.pdf import html_of
from reports.render_process import environment, options
from reports.sealing.apply import seal
from reports.sealing.keys import SealKey
from reports.sealing.making import new_key
from reports.services.producing import produce
from reports.services.requesting import data_of, request_rendition

LEASE = timedelta(minutes=10)
LANGUAGE, AUDIENCE = "fr", "donor"
KINDS = ("raw", "job", "ours", "naive", "compose", "template", "seal")
# Of the cold process against naive, as docs/figures.md says.
COLD = {"S": 1.0, "M": 0.68, "L": 0.73}


@dataclass
class Photographs:
    """As they were taken, in a folder; the projects have them as the portal keeps them."""

    folder: Path
    taken: list[Path] = field(default_factory=list)

    def take(self, count: int) -> None:
        for n in range(len(self.taken), count):
            self.taken.append(self.folder / f"photo-{n}.jpg")
            self.taken[n].write_bytes(photograph(n + 1))


def kept(number: int) -> bytes:
    """Returns what the portal keeps of the nth photograph: scaled and encoded anew."""
    return check_picture(BytesIO(photograph(number + 1)), "jpeg")[0]


@dataclass
class ReportMeasures:
    """All runs of one size, by kind, and how many pages its document has."""

    name: str
    pages: int = 0
    seal_bytes: int = 0
    runs: dict[str, list[Measurement]] = field(default_factory=lambda: {kind: [] for kind in KINDS})


def forget(made: SyntheticProject) -> None:
    """Deletes the renditions of the report, so that it is rendered again."""
    Rendition.objects.filter(snapshot__report=made.report).delete()
    Snapshot.objects.filter(report=made.report).delete()


def whole_job(made: SyntheticProject) -> Rendition:
    """Does what a worker does with a request: queries, templates, rendering, storing."""
    forget(made)
    requested = request_rendition(About(made.report), language=LANGUAGE, audience=AUDIENCE, by=None)
    claimed = Rendition.objects.claim(requested.pk, lease=LEASE)
    assert claimed is not None  # no worker runs meanwhile
    produce(claimed)
    claimed.refresh_from_db()
    if not claimed.is_ready:
        raise SystemExit(f"{made.project.code}: {claimed.state} {claimed.failure}")
    return claimed


def html_of_report(made: SyntheticProject) -> tuple[Measurement, Measurement, str]:
    """Measures composing and the template, and returns both measurements with the HTML."""
    about = About(made.report)
    composing, data = run_here(lambda: data_of(about, language=LANGUAGE, audience=AUDIENCE))
    document = data[AUDIENCE][LANGUAGE]
    filling, html = run_here(lambda: html_of(document, code="", is_draft=True))
    return composing, filling, html


def measure(
    made: SyntheticProject, photographs: Photographs, count: int, rounds: int
) -> ReportMeasures:
    """The kinds in turn, so that the machine is the same to each."""
    measured = ReportMeasures(made.project.code.removeprefix("SYN-"))
    # This first run also reads what a process reads only once.
    measured.pages = whole_job(made).pages or 0
    photographs.take(count)
    key = new_key("portal.example.org", "Bench", years=1)
    sealing(made, key)  # which also imports the library
    for _round in range(rounds):
        compose, template, html = html_of_report(made)
        found = {
            "compose": compose,
            "template": template,
            "raw": beside("bench.raw", "raw", html=html, folder=photographs.folder),
            "job": run_here(lambda: whole_job(made))[0],
            "seal": sealing(made, key)[0],
            "ours": ours(html, photographs.folder),
            "naive": beside(
                "bench.raw",
                "naive",
                html=naive_html(html, photographs.taken[:count]),
                folder=photographs.folder,
            ),
        }
        for kind, run in found.items():
            measured.runs[kind].append(run)
    measured.seal_bytes = sealing(made, key)[1]
    return measured


def sealing(made: SyntheticProject, key: SealKey) -> tuple[Measurement, int]:
    """Seal the file that the last job stored; return by how much it grew as well."""
    with Rendition.objects.ready().get(snapshot__report=made.report).file.open() as file:
        content, target = BytesIO(file.read()), BytesIO()
    run, _none = run_here(lambda: seal(content, target, key, language=LANGUAGE))
    return run, len(target.getvalue()) - len(content.getvalue())


def ours(html: str, folder: Path) -> Measurement:
    """The program that renders, alone, in a process that starts for it."""
    progress = os.open(os.devnull, os.O_WRONLY)
    try:
        return run_process(
            "bench.cold",
            json.dumps(options(progress)),
            source=html.encode(),
            folder=folder,
            pass_fds=[progress],
            env=environment(),
        )
    finally:
        os.close(progress)


def beside(module: str, variant: str, *, html: str, folder: Path) -> Measurement:
    """With the fonts of ours, and as polite: pages of the portal come first for it as well."""
    return run_process(
        module,
        variant,
        source=html.encode(),
        folder=folder,
        env=environment(),
        preexec_fn=lambda: os.nice(10),
    )


def rows_of(measured: ReportMeasures) -> list[list[str]]:
    runs, name = measured.runs, f"{measured.name}, {measured.pages} pages"
    raw, job, cold, naive = (runs[kind] for kind in ("raw", "job", "ours", "naive"))
    composing, template = (
        middle(run.seconds * 1000 for run in runs[kind]) for kind in ("compose", "template")
    )
    rows = [
        [
            f"{name}: whole job ÷ raw `write_pdf` of the same HTML",
            _ratio(job, raw),
            "1.15",
            f"{median(job):.2f} s ÷ {median(raw):.2f} s, {spread(job, raw)}; of the job "
            f"{composing:.0f} ms composing, {template:.0f} ms template",
        ],
        [
            f"{name}: cold and tagged ÷ naive, untagged",
            _ratio(cold, naive),
            f"{COLD[measured.name]:.2f}",
            f"{median(cold):.2f} s ÷ {median(naive):.2f} s, {spread(cold, naive)}",
        ],
        [
            f"{name}: peak memory ÷ raw",
            f"{ratio(cold, raw, 'peak_mb'):.2f}",
            "1.20",
            f"{median(cold, 'peak_mb'):.0f} MB ÷ {median(raw, 'peak_mb'):.0f} MB",
        ],
        [
            f"{name}: file ÷ naive",
            f"{ratio(cold, naive, 'size'):.2f}",
            "0.20" if measured.name == "M" else "–",
            f"{median(cold, 'size') / 1e6:.2f} MB ÷ {median(naive, 'size') / 1e6:.2f} MB",
        ],
    ]
    rows.append(_seal_row(measured, name))
    if measured.name == "M":
        rows.insert(
            3, [f"{name}: peak memory", f"{median(cold, 'peak_mb'):.0f} MB", "300 MB", "renderer"]
        )
    return rows


def _seal_row(measured: ReportMeasures, name: str) -> list[str]:
    return [
        f"{name}: seal, where final documents are sealed",
        f"{median(measured.runs['seal'], 'cpu'):.2f} s, {measured.seal_bytes / 1000:.1f} kB",
        "0.3 s, 20 kB",
        "processor time; the portal's own key",
    ]


def _ratio(ours: list[Measurement], theirs: list[Measurement]) -> str:
    return f"{ratio(ours, theirs):.2f} (CPU {ratio(ours, theirs, 'cpu'):.2f})"

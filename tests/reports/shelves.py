"""Reports with files that are there, for tests of what readers find and take away."""

import hashlib
from datetime import date

from django.core.files.base import ContentFile
from django.utils import timezone

from kernel.jobs import Job
from kernel.text import LANGUAGES
from reports.compose import AUDIENCES
from reports.frozen import DOCUMENT
from reports.models import FOLDER, About, DocumentKind, Rendition, Report, Snapshot
from tests.factories import PeriodFactory, ReportFactory
from tests.frozen.fixtures import fixtures, numbers


def standing_report(world, period=None, *, status="published", version=1, project=None) -> Report:
    """A report that was signed, as if its data were one line."""
    period = period or world.year
    report = ReportFactory(period=period, written_by=world.people["coordinator"], version=version)
    document = DOCUMENT.numbered({"title": f"v{version}"})
    data = {
        audience: dict.fromkeys(("fr", "es", "en"), document)
        for audience in ("donor", "committee", "partners")
    }
    Report.objects.filter(pk=report.pk).update(
        status=status,
        snapshot=Snapshot.keep(About(report), data, is_final=True),
        signed_off_by=world.people["monitoring"],
        signed_off_on=date(2020, 9, 30),
        published_on=date(2020, 10, 26) if status == "published" else None,
    )
    report.refresh_from_db()
    return report


def sign_plainly(report, *, by, on, document=None) -> Report:
    """Signed off as by `sign_off`, but with that data, or else with one line."""
    document = document or DOCUMENT.numbered({"title": f"{report} · {report.pk}"})
    data = {audience: dict.fromkeys(LANGUAGES, document) for audience in AUDIENCES}
    report.take(
        "sign_off",
        by=by,
        on=on,
        signed_off_by=by,
        signed_off_on=on,
        snapshot=Snapshot.keep(About(report), data, is_final=True),
    )
    return report


def sign_briefly(report, *, by, on) -> Report:
    """Signed off as by `sign_off`, but with the first chapter of a kept report: to render all chapters
    takes ten times as long."""
    kept = next(one for one in fixtures("document", numbers("document")[-1]) if "chapters" in one)
    whole = DOCUMENT.read(kept)
    glance = {part: [] for part in whole["glance"]}
    brief = whole | {"chapters": whole["chapters"][:1], "glance": glance}
    return sign_plainly(report, by=by, on=on, document=brief)


def ready_file(snapshot: Snapshot, language="fr", audience="donor", **fields) -> Rendition:
    content = f"%PDF-1.7 {snapshot.pk} {language} {audience}".encode()
    return Rendition.objects.create(
        snapshot=snapshot,
        language=language,
        audience=audience,
        renderer="test",
        state=Job.State.READY,
        finished_at=timezone.now(),
        file=ContentFile(content, name=f"{FOLDER}/{snapshot.pk}-{language}-{audience}.pdf"),
        pages=14,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        **fields,
    )


def finish_files(report: Report) -> None:
    """Let all files that were requested of a report be there, as if a worker had made them."""
    for file in Rendition.objects.filter(snapshot=report.snapshot, state=Job.State.QUEUED):
        Rendition.objects.filter(pk=file.pk).update(
            state=Job.State.READY,
            finished_at=timezone.now(),
            file=f"{FOLDER}/{file.pk}.pdf",
            pages=9,
            size=900,
        )


def published_years(world, numbers: range) -> list[Report]:
    """A year for each number, with its report in three languages."""
    reports = []
    for year in numbers:
        period = PeriodFactory(
            project=world.project,
            number=20 + year,
            start=date(2030 + year, 4, 1),
            end=date(2031 + year, 3, 31),
        )
        report = standing_report(world, period)
        for language in ("fr", "es", "en"):
            ready_file(report.snapshot, language)
        reports.append(report)
    return reports


def final_document(thing, kind=DocumentKind.PLAN, audience="donor", language="fr") -> Rendition:
    data = {audience: {language: {"title": str(thing)}}}
    snapshot = Snapshot.keep(About(thing, kind), data, is_final=True)
    return ready_file(snapshot, language, audience)

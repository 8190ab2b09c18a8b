"""What a verification code or a file stands for: told to anybody who holds a document, and no more
than it says itself on its first page.

Both ways tell of the same documents: reports that are published, minutes that are sealed, other
documents that are final. What is signed but not published is unknown here also to the donor who
has it already: the page knows nobody, and would tell everybody else that it exists.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from committees.models import ActionPlan, Audience, Minutes
from kernel.formats import day, day_range, join_list
from reports.models import About, Kind, Rendition, Report, Snapshot

Facts = list[dict[str, str]]


@dataclass(frozen=True)
class Found:
    """A genuine document: what is told of it, and what replaced it, or nothing."""

    facts: Facts
    superseded: str = ""


def found_under(code: str) -> Found | None:
    """The document of a code such as 7F3A-91C2-D04E; None where nothing that stands has it."""
    start = code.replace("-", "").lower()
    if report := _reports().filter(snapshot__sha256__startswith=start).first():
        return _told_of_report(report)
    sealed = Minutes.objects.filter(status=Minutes.Status.SEALED, sha256__startswith=start)
    if minutes := sealed.with_related().first():
        return _told_of_minutes(minutes)
    final = Snapshot.objects.filter(is_final=True, report=None, sha256__startswith=start)
    snapshot = final.select_related(*OTHERS).first()
    if snapshot and _for_whom(snapshot)[0] != Audience.COORDINATION:
        return _told_of_other(snapshot)
    return None


def found_as(sha256: str) -> Found | None:
    """The document that this very file is, by its SHA-256 in hexadecimal; None where no file of a
    document that stands has it.

    Not what is reserved to the coordination: that leaves the house with no code either.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return None
    equal = Rendition.objects.ready().filter(sha256=sha256, is_draft=False, snapshot__is_final=True)
    rows = equal.exclude(audience=Audience.COORDINATION).order_by("pk").with_related()
    return next((found for file in rows if (found := _told_of_file(file))), None)


OTHERS = ("project", "meeting__committee__project", "plan__period")


def _reports() -> Any:
    return Report.objects.published().with_related()


def _told_of_file(file: Rendition) -> Found | None:
    snapshot = file.snapshot
    if snapshot.kind == Kind.ANNUAL_REPORT:
        report = _reports().filter(snapshot=snapshot).first()
        return report and _told_of_report(report, file)
    if snapshot.kind == Kind.MINUTES:
        sealed = Minutes.objects.filter(status=Minutes.Status.SEALED, meeting=snapshot.meeting)
        minutes = sealed.with_related().first()
        return minutes and _told_of_minutes(minutes, file)
    return _told_of_other(snapshot, file)


def _told_of_report(report: Report, file: Rendition | None = None) -> Found:
    newer = Report.objects.published().newer_than(report)
    superseded = newer and _("version %(number)s, published on %(day)s") % {
        "number": newer.version,
        "day": day(newer.published_on),
    }
    name = _("%(document)s, version %(number)s") % {"document": report, "number": report.version}
    return _found(
        superseded,
        (_("Document"), name),
        (_("Project"), report.project),
        (_("Period"), day_range(report.start, report.end)),
        *_of_file(file),
        (_("Signed off on"), day(report.signed_off_on)),
        (_("Published on"), day(report.published_on)),
        (_("Languages"), "" if file else _languages(report)),
        (_("Code"), report.snapshot.code),
    )


def _languages(report: Report) -> str:
    ready = report.snapshot.renditions.ready().exclude(audience=Audience.COORDINATION)
    return join_list(sorted({document.get_language_display() for document in ready}))


def _told_of_minutes(minutes: Minutes, file: Rendition | None = None) -> Found:
    return _found(
        file and _newer_file(file),
        (_("Document"), minutes),
        (_("Project"), minutes.meeting.committee.project),
        (_("Day of the meeting"), day(minutes.meeting.day)),
        *_of_file(file),
        (_("Sealed on"), day(minutes.sealed_on)),
        (_("Authoritative language"), minutes.get_language_display()),
        (_("Code"), minutes.code),
        (_("Errata"), minutes.errata.count() or ""),
    )


def _told_of_other(snapshot: Snapshot, file: Rendition | None = None) -> Found:
    audience, language = _for_whom(snapshot)
    thing = snapshot.about.thing
    newer = snapshot.plan and _newer_plan(snapshot.plan)
    return _found(
        newer or _newer(snapshot, audience, language),
        (_("Document"), Kind(snapshot.kind).label),
        (_("Of"), thing),
        (_("Project"), snapshot.project),
        (_("Day of the meeting"), day(thing.day) if snapshot.meeting else ""),
        (_("Language"), dict(settings.LANGUAGES)[language]),
        (_("Prepared for"), Audience(audience).label),
        (_("Pages"), (file and file.pages) or ""),
        (_("Code"), snapshot.code),
    )


def _of_file(file: Rendition | None) -> list[tuple[str, Any]]:
    """What a code leaves open, since it stands on the files in all languages."""
    if file is None:
        return []
    return [
        (_("Language"), file.get_language_display()),
        (_("Prepared for"), file.get_audience_display()),
        (_("Pages"), file.pages),
    ]


def _newer_plan(plan: ActionPlan) -> str:
    """The latest version of that year that the committee validated later."""
    later = ActionPlan.objects.filter(period=plan.period_id, version__gt=plan.version)
    valid = later.filter(status__in=ActionPlan.AFTER_VALIDATION).exclude(validated_by=None)
    newest = valid.select_related("validated_by").order_by("version").last()
    if newest is None:
        return ""
    return _("version %(number)s, validated on %(day)s") % {
        "number": newest.version,
        "day": day(newest.validated_by.resolved_on),
    }


def _newer_file(file: Rendition) -> str:
    return _newer(file.snapshot, file.audience, file.language)


def _newer(snapshot: Snapshot, audience: str, language: str) -> str:
    """The same document, for the same readers and in the same language, of later data."""
    same = _same(snapshot.about)
    later = Snapshot.objects.filter(**same, is_final=True, pk__gt=snapshot.pk).order_by("-pk")
    newer = next((one for one in later if _for_whom(one) == (audience, language)), None)
    if newer is None:
        return ""
    return _("the same document of %(day)s: ask for it") % {"day": day(newer.created_at)}


def _same(about: About) -> dict[str, Any]:
    return {name: value for name, value in about.fields.items() if value is not None}


def _for_whom(snapshot: Snapshot) -> tuple[str, str]:
    """What does not come from a sign-off holds one document: for whom, and in which language."""
    audience, documents = next(iter(snapshot.data.items()))
    return audience, next(iter(documents))


def _found(superseded: str | None, *rows: tuple[str, Any]) -> Found:
    facts = [*rows, (_("Superseded by"), superseded)]
    return Found(
        [{"label": label, "value": str(value)} for label, value in facts if value],
        superseded or "",
    )

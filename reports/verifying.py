"""What a verification code stands for: told to anybody who holds a document, and no more than it
says itself on its first page."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from committees.models import Audience, Minutes
from kernel.formats import day, day_range, join_list
from reports.models import About, Kind, Report, Snapshot

Facts = list[dict[str, str]]


@dataclass(frozen=True)
class Found:
    facts: Facts


def found_under(code: str) -> Found | None:
    """The document of a code such as 7F3A-91C2-D04E; None where nothing that stands has it."""
    start = code.replace("-", "").lower()
    if report := _report(start):
        return Found(_facts_of_report(report))
    if minutes := _minutes(start):
        return Found(_facts_of_minutes(minutes))
    if snapshot := _other(start):
        return Found(_facts_of_other(snapshot))
    return None


def _report(start: str) -> Report | None:
    snapshots = Snapshot.objects.filter(sha256__startswith=start)
    return Report.objects.published().with_related().filter(snapshot__in=snapshots).first()


def _minutes(start: str) -> Minutes | None:
    sealed = Minutes.objects.filter(status=Minutes.Status.SEALED, sha256__startswith=start)
    return sealed.with_related().first()


def _other(start: str) -> Snapshot | None:
    """Not what is reserved to the coordination: that leaves the house with no code."""
    final = Snapshot.objects.filter(is_final=True, report=None, sha256__startswith=start)
    found = final.select_related("project", "meeting", "plan__period").first()
    return found if found and _for_whom(found)[0] != Audience.COORDINATION else None


def _facts_of_report(report: Report) -> Facts:
    ready = report.snapshot.renditions.ready().exclude(audience=Audience.COORDINATION)
    languages = sorted({document.get_language_display() for document in ready})
    newer = Report.objects.published().newer_than(report)
    superseded = newer and _("version %(number)s, published on %(day)s") % {
        "number": newer.version,
        "day": day(newer.published_on),
    }
    name = _("%(document)s, version %(number)s") % {"document": report, "number": report.version}
    return _facts(
        (_("Document"), name),
        (_("Project"), report.project),
        (_("Period"), day_range(report.period.start, report.period.end)),
        (_("Signed off on"), day(report.signed_off_on)),
        (_("Published on"), day(report.published_on)),
        (_("Languages"), join_list(languages)),
        (_("Code"), report.snapshot.code),
        (_("Superseded by"), superseded),
    )


def _facts_of_minutes(minutes: Minutes) -> Facts:
    return _facts(
        (_("Document"), minutes),
        (_("Project"), minutes.meeting.committee.project),
        (_("Day of the meeting"), day(minutes.meeting.day)),
        (_("Sealed on"), day(minutes.sealed_on)),
        (_("Authoritative language"), minutes.get_language_display()),
        (_("Code"), minutes.code),
        (_("Errata"), minutes.errata.count() or ""),
    )


def _facts_of_other(snapshot: Snapshot) -> Facts:
    about = snapshot.about
    audience, language = _for_whom(snapshot)
    newest = Snapshot.objects.filter(**_same(about), is_final=True, pk__gt=snapshot.pk)
    newer = next((one for one in newest if _for_whom(one) == (audience, language)), None)
    thing = about.thing
    return _facts(
        (_("Document"), Kind(snapshot.kind).label),
        (_("Of"), thing),
        (_("Project"), snapshot.project),
        (_("Day of the meeting"), day(thing.day) if snapshot.meeting else ""),
        (_("Language"), dict(settings.LANGUAGES)[language]),
        (_("Prepared for"), Audience(audience).label),
        (_("Code"), snapshot.code),
        (_("Superseded by"), newer and _("the same document of a later day: ask for it")),
    )


def _same(about: About) -> dict[str, Any]:
    return {name: value for name, value in about.fields.items() if value is not None}


def _for_whom(snapshot: Snapshot) -> tuple[str, str]:
    """What does not come from a sign-off holds one document: for whom, and in which language."""
    audience, documents = next(iter(snapshot.data.items()))
    return audience, next(iter(documents))


def _facts(*rows: tuple[str, Any]) -> Facts:
    return [{"label": label, "value": str(value)} for label, value in rows if value]

"""Finds the final document, or the certificate of attendance, that a verification code or a file belongs
to.

Anybody who holds a document may ask, so the answer says no more than the first page of the
document, and how far it has come. Signed reports, sealed minutes and other final documents are known.
Nobody guesses a code, and whoever has one has the document: so a donor whose report is not published
yet reads that it is genuine, and everybody else nothing. Documents of projects for training are known
to nobody: what somebody made for practice must not pass for genuine elsewhere.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from committees.models import ActionPlan, Attendance, Audience, Minutes
from kernel.formats import day, day_range, join_list
from kernel.text import LANGUAGES
from partners.models import Contact
from reports.models import (
    AttendanceCertificate,
    DocumentKind,
    Rendition,
    RenditionQuerySet,
    Report,
    ReportQuerySet,
    SealCertificate,
    Snapshot,
)

# Certificates of attendance
#
# The file and data of one are deleted after some days, since a person is named in them. The code is
# therefore made with a secret: nobody finds out from it whose certificate it was.

# It never changes: the codes on paper are made with it.
SALT = "reports.certificates"


def code_of(snapshot: Snapshot) -> str:
    """Return the code that is printed on the certificate, such as 7F3A-91C2-D04E."""
    digits = salted_hmac(SALT, snapshot.sha256, algorithm="sha256").hexdigest().upper()
    return "-".join(digits[start : start + 4] for start in (0, 4, 8))


def note_issued(snapshot: Snapshot, sha256: str) -> None:
    """Keep what the page of verification needs of the file with this hash, if it is a certificate."""
    if snapshot.attendance:
        AttendanceCertificate.objects.get_or_create(
            attendance=snapshot.attendance,
            sha256=sha256,
            defaults={"code": code_of(snapshot), "issued_on": timezone.localdate()},
        )


RELATED = ("attendance__meeting__committee__project", "attendance__contact")


def issued_under(code: str) -> AttendanceCertificate | None:
    return _first(AttendanceCertificate.objects.filter(code=code))


def issued_as(sha256: str) -> AttendanceCertificate | None:
    return _first(AttendanceCertificate.objects.filter(sha256=sha256))


def _first(rows: QuerySet[AttendanceCertificate]) -> AttendanceCertificate | None:
    """Return the certificate, unless its project is for training."""
    real = rows.filter(attendance__meeting__committee__project__training=False)
    return real.select_related(*RELATED).first()


def facts_of(certificate: AttendanceCertificate) -> list[tuple[str, Any]]:
    """Return what tells whether it is the certificate that somebody shows: of the name no more than
    its initials, and nothing once the person was forgotten."""
    row = certificate.attendance
    meeting = row.meeting
    return [
        (_("Document"), DocumentKind.CERTIFICATE.label),
        (_("Of"), meeting),
        (_("Project"), meeting.committee.project),
        (_("Day of the meeting"), day(meeting.day)),
        (_("Initials of the person"), initials(row)),
        (_("Took part"), row.get_presence_display()),
        (_("Issued on"), day(certificate.issued_on)),
        (_("Code"), certificate.code),
    ]


def initials(row: Attendance) -> str:
    """Return “R. E.” for Rol Ejemplar."""
    contact: Contact | None = row.contact
    if contact is None or contact.is_minor or contact.is_pseudonymous:
        return ""
    words = contact.full_name.split()
    return " ".join(f"{word[0].upper()}." for word in words if word[0].isalpha())


def withdrawn_on(certificate: AttendanceCertificate) -> str:
    """Return the day on which its file was superseded, while that is known."""
    files = Rendition.objects.filter(
        sha256=certificate.sha256, snapshot__kind=DocumentKind.CERTIFICATE
    )
    moments = files.exclude(superseded_at=None).values_list("superseded_at", flat=True)
    latest = max((moment for moment in moments if moment), default=None)
    return day(timezone.localdate(latest)) if latest else ""


# Verifying

Facts = list[dict[str, str]]


@dataclass(frozen=True)
class VerifiedDocument:
    """A genuine document: what the page shows of it, what newer version replaced it, if any, and
    the day on which a file with this code was superseded by one without something.

    `state` is how far a report has come: signed, submitted or published; `state_on` since when.
    `seal` is the certificate with which the file was sealed, and `sealed_at` when."""

    facts: Facts
    superseded: str = ""
    withdrawn_on: str = ""
    state: str = ""
    state_on: str = ""
    seal: SealCertificate | None = None
    sealed_at: datetime | None = None


def found_under(code: str) -> VerifiedDocument | None:
    """Return the final document with a code such as 7F3A-91C2-D04E, or None."""
    start = code.replace("-", "").lower()
    signed = Snapshot.objects.filter(is_final=True, report__in=_reports())
    if of_report := signed.filter(sha256__startswith=start).first():
        return _of_report(_reports().get(snapshots=of_report), of_report)
    if minutes := _sealed_minutes().filter(sha256__startswith=start).first():
        return _of_minutes(minutes)
    real = Snapshot.objects.filter(is_final=True, report=None, project__training=False)
    final = real.filter(sha256__startswith=start)
    snapshot = final.select_related(*OTHER_RELATED).first()
    if snapshot and _for_whom(snapshot)[0] != Audience.COORDINATION:
        return _of_other(snapshot)
    return _of_certificate(issued_under(code))


def found_as(sha256: str) -> VerifiedDocument | None:
    """Return the final document whose file has this SHA-256, in hexadecimal, or None.

    Files for the coordination are unknown here, as they have no code either.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return None
    equal = Rendition.objects.ready().filter(sha256=sha256, is_draft=False, snapshot__is_final=True)
    real = equal.filter(snapshot__project__training=False)
    rows = real.exclude(audience=Audience.COORDINATION).order_by("pk").with_related()
    for file in rows.select_related("seal"):
        if found := _of_file(file):
            return replace(found, seal=file.seal, sealed_at=file.finished_at if file.seal else None)
    return _of_certificate(issued_as(sha256))


OTHER_RELATED = ("project", "meeting__committee__project", "plan__period")


def _reports() -> ReportQuerySet:
    return Report.objects.filter(status__in=Report.FROZEN, project__training=False).with_related()


def _sealed_minutes() -> QuerySet[Minutes]:
    sealed = Minutes.objects.filter(status=Minutes.Status.SEALED).with_related()
    return sealed.filter(meeting__committee__project__training=False)


def _of_file(file: Rendition) -> VerifiedDocument | None:
    snapshot = file.snapshot
    if snapshot.kind == DocumentKind.ANNUAL_REPORT:
        report = _reports().filter(snapshots=snapshot).first()
        return _of_report(report, snapshot, file) if report else None
    if snapshot.kind == DocumentKind.MINUTES:
        minutes = _sealed_minutes().filter(meeting=snapshot.meeting).first()
        return _of_minutes(minutes, file) if minutes else None
    return _of_other(snapshot, file)


def _of_report(
    report: Report, snapshot: Snapshot, file: Rendition | None = None
) -> VerifiedDocument:
    state, since = _state_of(report)
    public = _public(Snapshot.objects.filter(pk=snapshot.pk))
    name = _("%(document)s, version %(number)s") % {"document": report, "number": report.version}
    found = _document(
        _newer_version(report, state),
        _withdrawn_on(file, public),
        (_("Document"), name),
        (_("Project"), report.project),
        (_("Period"), day_range(report.start, report.end)),
        *_file_facts(file),
        (_("Signed off on"), day(report.signed_off_on)),
        (_("Submitted to the donor on"), since if state == SUBMITTED else ""),
        (_("Published on"), day(report.published_on) if report.published_on else ""),
        (_("Languages"), "" if file else _languages(public)),
        (_("Code"), snapshot.code),
    )
    return replace(found, state=state, state_on=since)


SIGNED, SUBMITTED, PUBLISHED = "signed", "submitted", "published"
# In which statuses a later version takes the place of one in each state: for whoever has this one, no
# other version exists before.
_REPLACING = {
    SIGNED: Report.FROZEN,
    SUBMITTED: Report.SHOWN_TO_DONOR,
    PUBLISHED: frozenset({Report.Status.PUBLISHED}),
}


def _state_of(report: Report) -> tuple[str, str]:
    """Return how far the report has come, and since which day. What the donor answered is not said."""
    if report.status == Report.Status.PUBLISHED:
        return PUBLISHED, day(report.published_on)
    if report.status in Report.SHOWN_TO_DONOR:
        submitted = report.status_changes.filter(to_status=Report.Status.SUBMITTED).last()
        return SUBMITTED, day(submitted.happened_on) if submitted else ""
    return SIGNED, day(report.signed_off_on)


def _newer_version(report: Report, state: str) -> str:
    """Return the later version that took the place of this one, in words."""
    newer = Report.objects.filter(status__in=_REPLACING[state]).newer_than(report)
    if newer is None:
        return ""
    words = {
        SIGNED: _("version %(number)s, signed off on %(day)s"),
        SUBMITTED: _("version %(number)s, submitted on %(day)s"),
        PUBLISHED: _("version %(number)s, published on %(day)s"),
    }
    newer_state, since = _state_of(newer)
    return words[newer_state] % {"number": newer.version, "day": since}


def _languages(public: RenditionQuerySet) -> str:
    languages = {file.language for file in public}
    return join_list(name for code, name in LANGUAGES.items() if code in languages)


def _of_minutes(minutes: Minutes, file: Rendition | None = None) -> VerifiedDocument:
    return _document(
        _newer(file.snapshot, file.audience, file.language) if file else "",
        _withdrawn_on(file, _public(_sealed(minutes))),
        (_("Document"), minutes),
        (_("Project"), minutes.meeting.committee.project),
        (_("Day of the meeting"), day(minutes.meeting.day)),
        *_file_facts(file),
        (_("Sealed on"), day(minutes.sealed_on)),
        (_("Authoritative language"), minutes.get_language_display()),
        (_("Code"), minutes.code),
        (_("Errata"), minutes.errata.count() or ""),
    )


def _of_other(snapshot: Snapshot, file: Rendition | None = None) -> VerifiedDocument:
    audience, language = _for_whom(snapshot)
    newer = _newer_plan(snapshot.plan) if snapshot.plan else ""
    return _document(
        newer or _newer(snapshot, audience, language),
        _withdrawn_on(file, _public(Snapshot.objects.filter(pk=snapshot.pk))),
        (_("Document"), DocumentKind(snapshot.kind).label),
        (_("Of"), snapshot.about.thing),
        (_("Project"), snapshot.project),
        (_("Day of the meeting"), day(snapshot.meeting.day) if snapshot.meeting else ""),
        (_("Language"), dict(settings.LANGUAGES)[language]),
        (_("Prepared for"), Audience(audience).label),
        (_("Pages"), (file and file.pages) or ""),
        (_("Code"), snapshot.code),
        (_("Since then"), _since(snapshot.plan) if snapshot.plan else ""),
    )


def _since(plan: ActionPlan) -> str:
    """Return what became of a plan after its validation, which is the day of its document."""
    validated_on = plan.validated_by.resolved_on if plan.validated_by else None
    if validated_on is None:
        return ""
    told = []
    if plan.donor_approved_on and plan.donor_approved_on > validated_on:
        words = _("approved by the donor on %(day)s")
        told.append((plan.donor_approved_on, words % {"day": day(plan.donor_approved_on)}))
    steps = plan.status_changes.filter(happened_on__gt=validated_on, to_status__in=LATER_STATES)
    steps = steps.exclude(from_status=F("to_status"))  # the donor's answer while it is under way
    told += [
        (step.happened_on, f"{LATER_STATES[step.to_status]} ({day(step.happened_on)})")
        for step in steps
    ]
    return " · ".join(words for _on, words in sorted(told))


LATER_STATES = {
    state.value: state.label for state in (ActionPlan.Status.IN_EXECUTION, ActionPlan.Status.CLOSED)
}


def _of_certificate(certificate: AttendanceCertificate | None) -> VerifiedDocument | None:
    if certificate is None:
        return None
    return _document("", withdrawn_on(certificate), *facts_of(certificate))


def _sealed(minutes: Minutes) -> QuerySet[Snapshot]:
    """Return the data of all files that carry the code of these minutes."""
    return Snapshot.objects.filter(
        kind=DocumentKind.MINUTES, meeting=minutes.meeting_id, is_final=True
    )


def _public(snapshots: QuerySet[Snapshot]) -> RenditionQuerySet:
    """Return the files of this data, without the coordination's: nobody else knows of them."""
    ready = Rendition.objects.ready().filter(snapshot__in=snapshots)
    return ready.exclude(audience=Audience.COORDINATION)


def _withdrawn_on(file: Rendition | None, public: RenditionQuerySet) -> str:
    """Return the day on which the file, or a file with the same code, was superseded; no word of
    why."""
    moments = [one.superseded_at for one in ([file] if file else public) if one.superseded_at]
    return day(timezone.localdate(max(moments))) if moments else ""


def _file_facts(file: Rendition | None) -> list[tuple[str, Any]]:
    """Return what only a file can show, since the same code is on the files of all languages."""
    if file is None:
        return []
    return [
        (_("Language"), file.get_language_display()),
        (_("Prepared for"), file.get_audience_display()),
        (_("Pages"), file.pages),
    ]


def _newer_plan(plan: ActionPlan) -> str:
    """Return the latest version of the year's plan that the committee validated later, in words."""
    later = ActionPlan.objects.filter(period=plan.period_id, version__gt=plan.version)
    valid = later.filter(status__in=ActionPlan.AFTER_VALIDATION).exclude(validated_by=None)
    newest = valid.select_related("validated_by").order_by("version").last()
    if newest is None or newest.validated_by is None:
        return ""
    return _("version %(number)s, validated on %(day)s") % {
        "number": newest.version,
        "day": day(newest.validated_by.resolved_on),
    }


def _newer(snapshot: Snapshot, audience: str, language: str) -> str:
    """Return the same document of later data, for the same audience and language, in words."""
    fields = {name: value for name, value in snapshot.about.fields.items() if value is not None}
    later = Snapshot.objects.filter(**fields, is_final=True, pk__gt=snapshot.pk).order_by("-pk")
    newer = next((one for one in later if _for_whom(one) == (audience, language)), None)
    if newer is None:
        return ""
    return _("the same document of %(day)s: request it") % {"day": day(newer.created_at)}


def _for_whom(snapshot: Snapshot) -> tuple[str, str]:
    """Return audience and language of the only document in a snapshot that no sign-off made."""
    audience, documents = next(iter(snapshot.data.items()))
    return audience, next(iter(documents))


def _document(superseded: str, withdrawn_on: str, *rows: tuple[str, Any]) -> VerifiedDocument:
    facts = [*rows, (_("Superseded by"), superseded)]
    return VerifiedDocument(
        [{"label": label, "value": str(value)} for label, value in facts if value],
        superseded,
        withdrawn_on,
    )

"""What a report's steps bring about beyond its status: data is frozen, documents are asked for,
people are told."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Audience, Meeting, Resolution
from kernel.files import CheckedFile
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from projects.models import Period
from reports.compose import freeze
from reports.models import About, Report, ReportFile, ReportRemark, Snapshot
from reports.services.remarks import Given, give_remark, keep_file
from reports.services.requesting import LANGUAGES, request_renditions
from reports.services.telling import ReportNoticeKind, tell_donor, tell_team
from reports.services.writing import writers_of


@transaction.atomic
def sign_off(
    report: Report,
    *,
    by: User,
    on: date | None = None,
    exception: str = "",
    note: Mapping[str, str] | None = None,
) -> None:
    """Freeze the report as it is known on that day. Whoever wrote does not sign, unless a
    small team has nobody else and says so (`exception`). `note`: what is different in this
    version, by the name of its field."""
    Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if by.pk in writers_of(report) and not exception.strip():
        raise Refusal(
            _(
                "You wrote in this report: somebody else signs it off. Where there is nobody, "
                "write down why you sign it yourself."
            )
        )
    if not report.may_take("sign_off"):
        raise TransitionError(_("The report must be in review before it is signed off."))
    day = on or timezone.localdate()
    report.signed_off_by, report.signed_off_on = by, day  # what is frozen names both
    note = dict(note or {})
    for name, words in note.items():  # and says what is different
        setattr(report, name, words)
    report.take(
        "sign_off",
        by=by,
        on=day,
        why=exception,
        signed_off_by=by,
        signed_off_on=day,
        four_eyes_exception=exception.strip(),
        snapshot=Snapshot.keep(About(report), freeze(report, as_of=day), is_final=True),
        **note,
    )


@transaction.atomic
def present_report(report: Report, *, by: User, on: date | None = None, why: str = "") -> None:
    """From here the members of the committee see it."""
    report.take("present", by=by, on=on, why=why)
    request_renditions(About(report), LANGUAGES, audience=Audience.COMMITTEE, by=by)


@transaction.atomic
def record_outcome(
    report: Report,
    outcome: str,
    *,
    by: User,
    resolution: Resolution | None = None,
    meeting: Meeting | None = None,
    seen: datetime | None = None,
) -> None:
    """What the committee made of a report that it was shown: validated by a decision; noted by
    one, or at a meeting. It may be put right until the report is published.

    `seen`: when the outcome that the person had before their eyes was recorded. Raises
    Refusal with a sentence, also where somebody recorded another one meanwhile.
    """
    if reason := why_no_outcome(report, outcome, resolution, meeting):
        raise Refusal(reason)
    if report.status == Report.Status.PUBLISHED and report.committee_outcome:
        raise Refusal(_("The report is published with this outcome: it stands."))
    changes = {
        "committee_outcome": outcome,
        "resolution": resolution,
        "noted_at": None if resolution else meeting,
        "outcome_on": resolution.resolved_on if resolution else meeting.day,
        "outcome_recorded_at": timezone.now(),
        "outcome_recorded_by": by,
    }
    unmoved = Report.objects.filter(pk=report.pk, status__in=Report.SHOWN_TO_MEMBERS)
    if not unmoved.filter(outcome_recorded_at=seen).update(**changes):
        raise Refusal(
            _(
                "The outcome was recorded meanwhile, or the report is not before the committee. "
                "Reload the page to see what has changed."
            )
        )
    report.refresh_from_db(fields=list(changes))


def why_no_outcome(
    report: Report, outcome: str, resolution: Resolution | None, meeting: Meeting | None
) -> str:
    """The sentence that says why this cannot be the outcome, or nothing."""
    if outcome == Report.Outcome.VALIDATED and not resolution:
        return _("Choose the decision by which the committee validated the report.")
    if not (resolution or meeting):
        return _("Choose the decision, or the meeting at which the committee noted the report.")
    if resolution and not decisions_for(report).filter(pk=resolution.pk).exists():
        return _("Choose a decision that the committee of this project adopted.")
    if not resolution and not meetings_for(report).filter(pk=meeting.pk).exists():
        return _("Choose a meeting that the committee of this project held.")
    return ""


def decisions_for(report: Report):
    """The adopted decisions of the project's committee, without those on reserved items: their
    number stands on a page that others read."""
    found = Resolution.objects.decisions().filter(
        committee__project=report.project_id,
        status__in=[Resolution.Status.ADOPTED, Resolution.Status.EXECUTED],
        resolved_on__isnull=False,
    )
    reserved = {Audience.VOTING, Audience.COORDINATION}
    return found.for_audiences(set(Audience.values) - reserved).order_by("-resolved_on", "-pk")


def meetings_for(report: Report):
    held = Meeting.objects.filter(committee__project=report.project_id).held()
    return held.select_related("committee").order_by("-starts_at")


@transaction.atomic
def submit_report(report: Report, *, by: User, on: date | None = None, why: str = "") -> None:
    """From here the donor sees it: the documents are asked for in the same step."""
    again = report.status == Report.Status.RETURNED
    refuse_superseded(report, "resubmit" if again else "submit")
    report.take("resubmit" if again else "submit", by=by, on=on, why=why)
    request_renditions(About(report), LANGUAGES, audience=Audience.DONOR, by=by)
    tell_donor(
        report, ReportNoticeKind.RESUBMITTED if again else ReportNoticeKind.SUBMITTED, by=by, on=on
    )


@transaction.atomic
def return_report(
    report: Report,
    *,
    given: Given,
    language: str,
    text: str = "",
    file: CheckedFile | None = None,
) -> None:
    """The donor asks for changes; its words are a comment of their own, which is answered as the
    others are. The text of the report stands."""
    refuse_superseded(report, "comment")
    if text.strip() or file:
        give_remark(
            report,
            ReportRemark.Origin.DONOR,
            text=text,
            language=language,
            file=file,
            given=given,
        )
    report.take("comment", by=given.by, on=given.on, why=text.strip())
    tell_team(report, ReportNoticeKind.RETURNED, by=given.by, on=given.on)


@transaction.atomic
def accept_report(
    report: Report,
    *,
    by: User,
    on: date | None = None,
    reference: str = "",
    why: str = "",
    letter: CheckedFile | None = None,
) -> None:
    """The donor accepts: in person, or by a letter which the coordination received."""
    refuse_superseded(report, "accept")
    day = on or timezone.localdate()
    words = reference.strip()
    report.take(
        "accept",
        by=by,
        on=day,
        why=" · ".join(part for part in (words, why.strip()) if part),
        accepted_on=day,
        acceptance_reference=words,
    )
    if letter:
        keep_file(report, letter, ReportFile.Category.ACCEPTANCE, by=by)
    tell_team(report, ReportNoticeKind.ACCEPTED, by=by, on=day)


@transaction.atomic
def publish_report(report: Report, *, by: User, on: date | None = None, why: str = "") -> None:
    refuse_superseded(report, "publish")
    day = on or timezone.localdate()
    report.take("publish", by=by, on=day, why=why, published_on=day)
    batch = uuid.uuid4()
    for audience in (Audience.DONOR, Audience.PARTNERS):
        request_renditions(About(report), LANGUAGES, audience=audience, by=by, batch=batch)
    tell_donor(report, ReportNoticeKind.PUBLISHED, by=by, on=day)


def refuse_superseded(report: Report, verb: str) -> None:
    """Raises Refusal where a later version takes the place of this one. The period is held:
    nobody begins a version meanwhile."""
    Period.objects.select_for_update().get(pk=report.period_id)
    if later := superseding(report, verb):
        raise Refusal(
            _("Version %(number)s takes the place of this one: go on with that version.")
            % {"number": later.version}
        )


def superseding(report: Report, verb: str) -> Report | None:
    """The later version because of which this step is not taken any more: for submitting again
    one that was begun, for all else one that the donor has."""
    later = Report.objects.versions_of(report).filter(version__gt=report.version)
    if verb != "resubmit":
        later = later.filter(status__in=Report.SHOWN_TO_DONOR)
    return later.order_by("version").last()

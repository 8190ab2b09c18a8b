"""The steps of a report, and the mails about them to the donor's people and the team. Comments and
answers are in the daily message (`ibcr_portal.news`).

Each message is in the language of its reader and leads to the page.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import User
from accounts.undo import messages_wait
from committees.models import Audience, Meeting, Resolution
from kernel.files import CheckedFile
from kernel.formats import day as written_day, join_list
from kernel.languages import language_names
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from projects.models import Assignment, Period, Project
from projects.sending.donor import is_old_news, write_to_donor
from projects.sending.recipients import NoticeReceipt
from projects.training import refuse_in_training
from reports.compose import freeze
from reports.letters import report_letter
from reports.models import About, Report, ReportFile, ReportRemark, Snapshot
from reports.permissions.reports import speaks_for_donor
from reports.reading import donor_has_files
from reports.services.remarks import RemarkEntry, add_report_remark, store_file
from reports.services.requesting import document_languages, request_renditions
from reports.services.writing import languages_lacking, sections_lacking, writers_of

# The members of the team who answer for the report; the others find the news on its page.
ANSWERING = (Assignment.Role.COORDINATOR, Assignment.Role.MONITORING)


class ReportNoticeKind(StrEnum):
    # To the donor.
    SUBMITTED = "submitted"
    RESUBMITTED = "resubmitted"
    PUBLISHED = "published"
    # To the team.
    RETURNED = "returned"
    ACCEPTED = "accepted"


# The steps of which the donor's people get a message, and which.
DONOR_NEWS = {
    "submit": ReportNoticeKind.SUBMITTED,
    "resubmit": ReportNoticeKind.RESUBMITTED,
    "publish": ReportNoticeKind.PUBLISHED,
}


def notify_team(
    report: Report, news: ReportNoticeKind, *, by: User | None, on: date | None = None
) -> int:
    return 0 if is_old_news(on) else _notify(people_of_team(report.project), report, news, by=by)


def people_of_team(project: Project) -> list[User]:
    assigned = Assignment.objects.current().filter(project=project, role__in=ANSWERING)
    return list(User.objects.filter(assignments__in=assigned, is_active=True).distinct())


def _notify(
    people: Iterable[User], report: Report, news: ReportNoticeKind, *, by: User | None
) -> int:
    """Write to all but the person who took the step; return the number of messages."""
    messages = 0
    for person in people:
        if by is not None and person.pk == by.pk:
            continue
        messages += bool(
            send_to_person(person, partial(report_letter, report, news.value), by=by, about=report)
        )
    return messages


# The steps


@transaction.atomic
def sign_off(
    report: Report,
    *,
    by: User,
    on: date | None = None,
    why: str = "",
    note: Mapping[str, str] | None = None,
) -> None:
    """Freeze the data of the report as of the day, and record who signed it off.

    Whatever speaks against it needs a reason (`why`). Four eyes: nobody who wrote in the report signs
    it off, unless a small team has nobody else. `note` says what is different in this version, by the
    names of the fields.
    """
    Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    day, is_writer = on or timezone.localdate(), by.pk in writers_of(report)
    if not why.strip():
        refuse_without_reason(report, by, day)
    if not report.may_take("sign_off"):
        raise TransitionError(_("The report must be in review before it is signed off."))
    # Before the data is frozen, since the document shows signatory, day and note.
    report.signed_off_by, report.signed_off_on = by, day
    note = dict(note or {})
    for name, text in note.items():
        setattr(report, name, text)
    report.take(
        "sign_off",
        by=by,
        on=day,
        why=why,
        signed_off_by=by,
        signed_off_on=day,
        four_eyes_exception=why.strip() if is_writer else "",
        snapshot=Snapshot.keep(About(report), freeze(report, as_of=day), is_final=True),
        **note,
    )


def refuse_without_reason(report: Report, person: User, day: date) -> None:
    """Raise Refusal if the person wrote in the report that they want to sign off, or if it is too
    early for that."""
    if person.pk in writers_of(report):
        raise Refusal(
            _(
                "You wrote in this report: somebody else has to sign it off. If there is "
                "nobody else, write down why you sign it yourself."
            )
        )
    if early := why_early(report, day):
        raise Refusal(" ".join(early))


def why_early(report: Report, day: date) -> list[str]:
    """Return sentences that say why a report is signed early on that day, each of which asks for a
    reason."""
    found = []
    if day <= report.end:
        found.append(
            _("The period of the report ends on %(day)s: say why the report is signed before that.")
            % {"day": written_day(report.end)}
        )
    if lacking := sections_lacking(report):
        found.append(
            _("Required sections are empty: %(sections)s. Say why it is signed without them.")
            % {"sections": join_list(lacking)}
        )
    return found


@transaction.atomic
def present_report(report: Report, *, by: User, on: date | None = None, why: str = "") -> None:
    """Present the report to the committee, whose members see it from now on."""
    report.take("present", by=by, on=on, why=why)
    languages = document_languages(report.project)
    request_renditions(About(report), languages, audience=Audience.COMMITTEE, by=by)


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
    """Record that the committee validated the report by a decision, or noted it by a decision or at
    a meeting. The outcome may be corrected until the report is published.

    `seen` is the moment at which the outcome that the person saw was recorded. Raises Refusal, also
    if somebody recorded another outcome since.
    """
    if reason := why_no_outcome(report, outcome, resolution, meeting):
        raise Refusal(reason)
    basis = resolution or meeting
    assert basis is not None  # checked by why_no_outcome
    if report.status == Report.Status.PUBLISHED and report.committee_outcome:
        raise Refusal(_("The report is published with this outcome, which can no longer change."))
    changes = {
        "committee_outcome": outcome,
        "resolution": resolution,
        "noted_at": None if resolution else meeting,
        "outcome_on": basis.resolved_on if isinstance(basis, Resolution) else basis.day,
        "outcome_recorded_at": timezone.now(),
        "outcome_recorded_by": by,
    }
    unmoved = Report.objects.filter(pk=report.pk, status__in=Report.SHOWN_TO_MEMBERS)
    if not unmoved.filter(outcome_recorded_at=seen).update(**changes):
        raise Refusal(
            _(
                "The outcome was recorded in the meantime, or the report is not before "
                "the committee. Reload the page to see what has changed."
            )
        )
    report.refresh_from_db(fields=list(changes))


def why_no_outcome(
    report: Report, outcome: str, resolution: Resolution | None, meeting: Meeting | None
) -> str:
    """Return the sentence that says why this cannot be the outcome, or an empty text."""
    if outcome == Report.Outcome.VALIDATED and not resolution:
        return _("Choose the decision by which the committee validated the report.")
    if resolution:
        if not decisions_for(report).filter(pk=resolution.pk).exists():
            return _("Choose a decision adopted by the committee of this project.")
    elif meeting is None:
        return _("Choose the decision, or the meeting at which the committee noted the report.")
    elif not meetings_for(report).filter(pk=meeting.pk).exists():
        return _("Choose a meeting held by the committee of this project.")
    return ""


def decisions_for(report: Report) -> QuerySet[Resolution]:
    """Return the adopted decisions of the project's committee.

    Decisions on reserved items are left out: the report's page, which others read too, shows the
    number of the decision.
    """
    found = Resolution.objects.decisions().filter(
        committee__project=report.project_id,
        status__in=[Resolution.Status.ADOPTED, Resolution.Status.EXECUTED],
        resolved_on__isnull=False,
    )
    reserved = {Audience.VOTING, Audience.COORDINATION}
    return found.for_audiences(set(Audience.values) - reserved).order_by("-resolved_on", "-pk")


def meetings_for(report: Report) -> QuerySet[Meeting]:
    held = Meeting.objects.filter(committee__project=report.project_id).held()
    return held.select_related("committee").order_by("-starts_at")


@transaction.atomic
@messages_wait()
def submit_report(
    report: Report,
    *,
    by: User,
    on: date | None = None,
    why: str = "",
    delivered: str = "",
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Submit the report to the donor, who sees it from now on, and request its documents. Its people
    get a message, with these lines of the sender's own by language; `delivered`: how else they get it.

    Raises Refusal if it lacks a language that the agreement requires, and nothing says why.
    """
    verb = "resubmit" if report.status == Report.Status.RETURNED else "submit"
    refuse_superseded(report, verb)
    if not why.strip() and (lacking := languages_lacking(report)):
        raise Refusal(
            _(
                "The agreement requires the report in %(languages)s: say why it is submitted without."
            )
            % {"languages": join_list(language_names(lacking))}
        )
    report.take(verb, by=by, on=on, why=f"{delivered} {why}".strip())
    languages = document_languages(report.project)
    request_renditions(About(report), languages, audience=Audience.DONOR, by=by)
    letter = partial(report_letter, report, DONOR_NEWS[verb])
    return write_to_donor(report, letter, by=by, on=on, lines=lines)


@transaction.atomic
def return_report(
    report: Report,
    *,
    entry: RemarkEntry,
    language: str,
    text: str = "",
    file: CheckedFile | None = None,
) -> None:
    """Record that the donor asks for changes. The text of the report stays as it was signed.

    What the donor wrote becomes a comment, which is answered like any other.
    """
    refuse_superseded(report, "comment")
    if text.strip() or file:
        add_report_remark(
            report,
            ReportRemark.Origin.DONOR,
            text=text,
            language=language,
            file=file,
            entry=entry,
        )
    report.take("comment", by=entry.by, on=entry.on, why=text.strip())
    notify_team(report, ReportNoticeKind.RETURNED, by=entry.by, on=entry.on)


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
    """Record that the donor accepts the report, on the portal or by a letter to the
    coordination."""
    refuse_superseded(report, "accept")
    if speaks_for_donor(by, report) and not donor_has_files(report):
        raise Refusal(
            _(
                "The files of the report are still being prepared. Read the report meanwhile, and "
                "accept it once they are there."
            )
        )
    day = on or timezone.localdate()
    reference = reference.strip()
    report.take(
        "accept",
        by=by,
        on=day,
        why=" · ".join(part for part in (reference, why.strip()) if part),
        accepted_on=day,
        acceptance_reference=reference,
    )
    if letter:
        store_file(report, letter, ReportFile.Category.ACCEPTANCE, by=by)
    notify_team(report, ReportNoticeKind.ACCEPTED, by=by, on=day)


@transaction.atomic
def publish_report(
    report: Report,
    *,
    by: User,
    on: date | None = None,
    why: str = "",
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    refuse_in_training(report.project)
    refuse_superseded(report, "publish")
    day = on or timezone.localdate()
    report.take("publish", by=by, on=day, why=why, published_on=day)
    batch, languages = uuid.uuid4(), document_languages(report.project)
    for audience in (Audience.DONOR, Audience.PARTNERS):
        request_renditions(About(report), languages, audience=audience, by=by, batch=batch)
    letter = partial(report_letter, report, DONOR_NEWS["publish"])
    return write_to_donor(report, letter, by=by, on=day, lines=lines)


def refuse_superseded(report: Report, verb: str) -> None:
    """Raise Refusal if a later version has replaced this one.

    The period is locked, so that nobody begins another version before this step is taken.
    """
    Period.objects.select_for_update().get(pk=report.period_id)
    if later := superseding(report, verb):
        raise Refusal(
            _("Version %(number)s replaces this one: continue with that version.")
            % {"number": later.version}
        )


def superseding(report: Report, verb: str) -> Report | None:
    """Return the later version because of which this step cannot be taken any more.

    A report that was returned is not submitted again once a new version has begun. All other steps
    end only once the donor has the new version.
    """
    later = Report.objects.versions_of(report).filter(version__gt=report.version)
    if verb != "resubmit":
        later = later.filter(status__in=Report.SHOWN_TO_DONOR)
    return later.order_by("version").last()

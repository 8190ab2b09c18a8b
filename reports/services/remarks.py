"""What is said of a report and answered: each word once, whoever presses twice."""

import uuid
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from kernel.channel import Channel
from kernel.files import CheckedFile
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from reports.models import Report, ReportFile, ReportRemark
from reports.services.telling import ReportNoticeKind, tell_donor, tell_team

Origin = ReportRemark.Origin


@dataclass(frozen=True)
class Given:
    """How a remark came: by whom, by which channel, of which form."""

    by: User
    channel: str = Channel.PORTAL
    evidence: str = ""
    on: date | None = None
    key: uuid.UUID | None = None


@transaction.atomic
def give_remark(
    report: Report,
    origin: str,
    *,
    language: str,
    given: Given,
    text: str = "",
    section: str = "",
    file: CheckedFile | None = None,
) -> ReportRemark:
    """Keep a remark, with its file; the same form sent twice is one remark.

    Raises Refusal with a sentence where the report takes none of that kind any more.
    """
    held = Report.objects.select_for_update(of=("self",)).with_related().get(pk=report.pk)
    if given.key and (known := held.remarks.filter(entry_key=given.key).first()):
        return known
    if held.status not in ReportRemark.TAKEN_IN[Origin(origin)]:
        raise Refusal(why_not_taken(held, origin))
    remark = ReportRemark(
        report=held,
        origin=origin,
        section=section,
        language=language,
        text=text.strip(),
        channel=given.channel,
        evidence=given.evidence.strip(),
        given_on=given.on or timezone.localdate(),
        by=given.by,
        entry_key=given.key,
    )
    remark.full_clean()
    remark.save()
    if file:
        keep_file(held, file, ReportFile.Category.REMARK, by=given.by, remark=remark)
    if origin == Origin.DONOR:
        tell_team(held, ReportNoticeKind.COMMENTED, by=given.by)
    return remark


def why_not_taken(report: Report, origin: str) -> str:
    status = {"status": report.get_status_display()}
    if origin == Origin.INTERNAL:
        return (
            _(
                "The report is now “%(status)s”: the internal review is over. "
                "Begin a new version to change its text."
            )
            % status
        )
    if origin == Origin.DONOR:
        return (
            _(
                "The report is now “%(status)s”: comments are taken once it is submitted and until "
                "it is accepted. Write to the coordination."
            )
            % status
        )
    return (
        _(
            "The report is now “%(status)s”: remarks of the committee are entered once it is "
            "presented and until the donor has accepted it."
        )
        % status
    )


@transaction.atomic
def answer_remark(remark: ReportRemark, *, text: str, settle: bool, by: User) -> None:
    """Answer, settle, or both. Of two who answer the second is told, and nothing is overwritten.

    Raises Refusal where there is neither a word nor a settlement, TransitionError where it
    was answered, settled or withdrawn meanwhile.
    """
    text = text.strip()
    if not text and not settle:
        raise Refusal(_("Write the answer, or settle the remark without one."))
    if text and remark.status == ReportRemark.Status.ANSWERED:
        raise TransitionError(_("This remark has its answer already. Reload the page to read it."))
    if text:
        remark.take("answer", by=by, answer=text, answered_at=timezone.now(), answered_by=by)
    if settle:
        remark.take("settle", by=by)
    if text and remark.origin == Origin.DONOR:
        tell_donor(remark.report, ReportNoticeKind.ANSWERED, by=by)


# Files


@transaction.atomic
def keep_file(
    report: Report,
    content: CheckedFile,
    category: str,
    *,
    by: User,
    remark: ReportRemark | None = None,
) -> ReportFile:
    kept = ReportFile(report=report, remark=remark, category=category, added_by=by)
    kept.keep(content)
    kept.save()
    return kept


def record_file_download(kept: ReportFile, *, by: User) -> None:
    AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=by, thing=kept)

"""Stores remarks on a report and their answers; a form that is sent twice counts once."""

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

Origin = ReportRemark.Origin


@dataclass(frozen=True)
class RemarkEntry:
    """How a remark was entered: by whom, through which channel, by which form (`key`)."""

    by: User
    channel: str = Channel.PORTAL
    evidence: str = ""
    on: date | None = None
    key: uuid.UUID | None = None


@transaction.atomic
def add_report_remark(
    report: Report,
    origin: str,
    *,
    language: str,
    entry: RemarkEntry,
    text: str = "",
    section: str = "",
    place: tuple[str, str] = ("", ""),
    file: CheckedFile | None = None,
) -> ReportRemark:
    """Store a remark with its file; the same form sent twice makes one remark. `place`: the anchor and
    the words of a heading.

    The report is locked, so that its status cannot change meanwhile. Raises Refusal if the report
    takes no remarks of this origin in its present status.
    """
    held = Report.objects.select_for_update(of=("self",)).with_related().get(pk=report.pk)
    if entry.key and (known := held.remarks.filter(entry_key=entry.key).first()):
        return known
    if held.status not in ReportRemark.TAKEN_IN[Origin(origin)]:
        raise Refusal(why_not_taken(held, origin))
    remark = ReportRemark(
        report=held,
        origin=origin,
        section=section,
        **dict(zip(("place", "place_title"), place, strict=True)),
        language=language,
        text=text.strip(),
        channel=entry.channel,
        evidence=entry.evidence.strip(),
        given_on=entry.on or timezone.localdate(),
        by=entry.by,
        entry_key=entry.key,
    )
    remark.full_clean()
    remark.save()
    if file:
        store_file(held, file, ReportFile.Category.REMARK, by=entry.by, remark=remark)
    return remark


def why_not_taken(report: Report, origin: str) -> str:
    status = {"status": report.get_status_display()}
    if origin == Origin.INTERNAL:
        return (
            _(
                "The report is now “%(status)s”: the internal review is over. Start a "
                "new version to change its text."
            )
            % status
        )
    if origin == Origin.DONOR:
        return (
            _(
                "The report is now “%(status)s”: comments are accepted once it is "
                "submitted and until it is accepted. Write to the coordination."
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
    """Answer a remark, settle it, or both. An answer is never overwritten.

    Raises Refusal if there is nothing to do, TransitionError if somebody answered, settled or
    withdrew the remark meanwhile.
    """
    text = text.strip()
    if not text and not settle:
        raise Refusal(_("Write the answer, or settle the remark without one."))
    if text and remark.status == ReportRemark.Status.ANSWERED:
        raise TransitionError(
            _("This remark has already been answered. Reload the page to read the answer.")
        )
    if text:
        remark.take("answer", by=by, answer=text, answered_at=timezone.now(), answered_by=by)
    if settle:
        remark.take("settle", by=by)


# Files


@transaction.atomic
def store_file(
    report: Report,
    content: CheckedFile,
    category: str,
    *,
    by: User,
    remark: ReportRemark | None = None,
) -> ReportFile:
    stored = ReportFile(report=report, remark=remark, category=category, added_by=by)
    stored.keep(content)
    stored.save()
    return stored


def record_file_download(stored: ReportFile, *, by: User) -> None:
    AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=by, thing=stored)

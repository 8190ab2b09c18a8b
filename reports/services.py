"""What reaches beyond one report: its text, its snapshot, its documents, its publication."""

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from committees.models import Audience
from kernel.jobs import Job, ring
from kernel.lifecycle import TransitionError
from projects.models import Period
from reports.compose import compose
from reports.models import Rendition, Report, Section, Snapshot
from reports.pdf import RENDERER

LANGUAGES = tuple(language for language, _name in settings.LANGUAGES)


class ReportError(Exception):
    """A report cannot be treated so; the text is a sentence for the person."""


class WrittenMeanwhile(ReportError):
    """Somebody saved the section since it was opened: nothing is overwritten."""


@transaction.atomic
def create_report(period: Period, *, by: User, illustrative: bool = False) -> Report:
    """The report of a period. Two people who press at once get one: the second is told."""
    Period.objects.select_for_update().get(pk=period.pk)
    if found := period.reports.order_by("-version").first():
        raise ReportError(_("“%(report)s” is there already: open that one.") % {"report": found})
    report = Report(project=period.project, period=period, written_by=by, illustrative=illustrative)
    report.full_clean()
    report.save()
    return report


@transaction.atomic
def save_section(
    report: Report, kind: str, language: str, text: str, *, seen_version: int, by: User
) -> Section:
    """Write a section that is still at the version its writer saw."""
    held = Report.objects.select_for_update().get(pk=report.pk)
    if held.is_frozen:
        raise ReportError(_("The report is signed off: its text stands."))
    section, _created = Section.objects.get_or_create(
        report=report, kind=kind, language=language, defaults={"updated_by": by}
    )
    unmoved = Section.objects.filter(pk=section.pk, version=seen_version)
    if not unmoved.update(
        text=text, version=F("version") + 1, updated_by=by, updated_at=timezone.now()
    ):
        raise WrittenMeanwhile(
            _(
                "%(person)s saved this section since you opened it. Your text is still below: "
                "compare it with the saved one, then save again."
            )
            % {"person": section.updated_by}
        )
    section.refresh_from_db()
    return section


def writers_of(report: Report) -> set[int]:
    """Those who wrote any of it: they do not sign it off."""
    return {report.written_by_id, *report.sections.values_list("updated_by", flat=True)}


@transaction.atomic
def sign_off(report: Report, *, by: User, on: date | None = None, exception: str = "") -> None:
    """Freeze the report as it is known on that day. Whoever wrote does not sign, unless a
    small team has nobody else and says so (`exception`)."""
    Report.objects.select_for_update().get(pk=report.pk)
    if by.pk in writers_of(report) and not exception.strip():
        raise ReportError(
            _(
                "You wrote in this report: somebody else signs it off. Where there is nobody, "
                "write down why you sign it yourself."
            )
        )
    if not report.may_take("sign_off"):
        raise TransitionError(_("The report must be in review before it is signed off."))
    day = on or timezone.localdate()
    report.signed_off_on = day  # what is frozen names the day
    report.take(
        "sign_off",
        by=by,
        on=day,
        why=exception,
        signed_off_by=by,
        signed_off_on=day,
        four_eyes_exception=exception.strip(),
        snapshot=Snapshot.keep(report, compose(report, as_of=day)),
    )


@transaction.atomic
def submit_report(report: Report, *, by: User, on: date | None = None) -> None:
    """From here the donor sees it: the documents are asked for in the same step."""
    report.take("resubmit" if report.status == Report.Status.RETURNED else "submit", by=by, on=on)
    request_renditions(report, LANGUAGES, audience=Audience.DONOR, by=by)


@transaction.atomic
def publish_report(report: Report, *, by: User, on: date | None = None) -> None:
    day = on or timezone.localdate()
    report.take("publish", by=by, on=day, published_on=day)
    for audience in (Audience.DONOR, Audience.PARTNERS):
        request_renditions(report, LANGUAGES, audience=audience, by=by)


def request_renditions(
    report: Report, languages: Iterable[str], *, audience: str, by: User
) -> list[Rendition]:
    """Ask for documents of the report, a draft's with its watermark.

    An equal request joins the document that is there or on its way; a failed one starts
    again. The worker is rung on commit.
    """
    snapshot = report.snapshot or Snapshot.keep(report, compose(report, as_of=timezone.localdate()))
    return [
        _request(snapshot, language, audience, is_draft=not report.is_frozen, by=by)
        for language in languages
    ]


def _request(
    snapshot: Snapshot, language: str, audience: str, *, is_draft: bool, by: User
) -> Rendition:
    rendition, created = Rendition.objects.get_or_create(
        snapshot=snapshot,
        language=language,
        audience=audience,
        is_draft=is_draft,
        renderer=RENDERER,
        defaults={"requested_by": by},
    )
    if created or rendition.retry() or rendition.state == Job.State.QUEUED:
        ring("reports.tasks.render_rendition", rendition.pk)
    return rendition


def retry_rendition(rendition: Rendition) -> bool:
    if not rendition.retry():
        return False
    ring("reports.tasks.render_rendition", rendition.pk)
    return True


def record_download(rendition: Rendition, *, by: User) -> None:
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=rendition.snapshot.report,
        rendition=rendition.pk,
        language=rendition.language,
    )

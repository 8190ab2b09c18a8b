"""What reaches beyond one report: its text, its sign-off, its publication; and the documents of
every kind: asked for, rendered, downloaded, swept away."""

import errno
import logging
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from committees.models import ActionPlan, Audience, Minutes
from committees.services.call_attendance import forget_uploads
from kernel.files import sha256_of
from kernel.jobs import Job, LostLease, ring
from kernel.lifecycle import TransitionError
from projects.models import Period
from reports.compose import freeze
from reports.kinds import compose, kind_of
from reports.models import (
    FOLDER,
    About,
    Kind,
    Rendition,
    Report,
    Section,
    Snapshot,
    new_file_name,
)
from reports.pdf import RENDERER, RenderFailed, html_of, rendered
from reports.word import docx_of

logger = logging.getLogger(__name__)

LANGUAGES = tuple(language for language, _name in settings.LANGUAGES)
RENDER = "reports.tasks.render_rendition"
# A plan that is over or replaced was kept while it was in force.
IN_FORCE = ActionPlan.STARTABLE | {ActionPlan.Status.IN_EXECUTION}


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
def start_new_version(report: Report, *, by: User) -> Report:
    """The next version of a report that was signed off, with its texts to begin with.

    Of two people who press at once the second is told of the first one's version.
    """
    Period.objects.select_for_update().get(pk=report.period_id)
    last = report.period.reports.with_related().order_by("-version").first()
    if not last.is_frozen:
        raise ReportError(
            _("Version %(number)s is being written: go on with that one.")
            % {"number": last.version}
        )
    revised = Report.objects.create(
        project=report.project,
        period=report.period,
        version=last.version + 1,
        written_by=by,
        illustrative=last.illustrative,
    )
    for section in last.sections.all():
        Section.objects.create(
            report=revised,
            kind=section.kind,
            language=section.language,
            text=section.text,
            version=1,
            updated_by=section.updated_by,
        )
    return revised


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
    # An UPDATE alone leaves no history row; each version keeps who wrote it.
    Section.history.bulk_history_create([section], update=True, default_user=by)
    return section


def writers_of(report: Report) -> set[int]:
    """Those who ever wrote any of it: they do not sign it off."""
    versions = Section.history.filter(report=report.pk, version__gt=0)
    return {report.written_by_id, *versions.values_list("updated_by", flat=True)}


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
        snapshot=Snapshot.keep(About(report), freeze(report, as_of=day), is_final=True),
    )


@transaction.atomic
def present_report(report: Report, *, by: User, on: date | None = None, why: str = "") -> None:
    """From here the members of the committee see it."""
    report.take("present", by=by, on=on, why=why)
    request_renditions(About(report), LANGUAGES, audience=Audience.COMMITTEE, by=by)


@transaction.atomic
def submit_report(report: Report, *, by: User, on: date | None = None) -> None:
    """From here the donor sees it: the documents are asked for in the same step."""
    report.take("resubmit" if report.status == Report.Status.RETURNED else "submit", by=by, on=on)
    request_renditions(About(report), LANGUAGES, audience=Audience.DONOR, by=by)


@transaction.atomic
def publish_report(report: Report, *, by: User, on: date | None = None) -> None:
    day = on or timezone.localdate()
    report.take("publish", by=by, on=day, published_on=day)
    for audience in (Audience.DONOR, Audience.PARTNERS):
        request_renditions(About(report), LANGUAGES, audience=audience, by=by)


def request_renditions(
    about: About, languages: Iterable[str], *, audience: str, by: User | None
) -> list[Rendition]:
    """`request_rendition` in several languages."""
    return [
        request_rendition(about, language=language, audience=audience, by=by)
        for language in languages
    ]


@transaction.atomic
def request_rendition(about: About, *, language: str, audience: str, by: User | None) -> Rendition:
    """Ask for a document: of what stands, or of what is known today.

    An equal request joins the document that is there or on its way; one that failed starts
    again. The worker is rung on commit.
    """
    is_draft = kind_of(about).is_draft(about)
    snapshot = snapshot_of(about, language=language, audience=audience)
    if snapshot.is_final and not is_draft and (kept := _kept(snapshot, language, audience)):
        return kept
    rendition, created = Rendition.objects.get_or_create(
        snapshot=snapshot,
        language=language,
        audience=audience,
        is_draft=is_draft,
        renderer=RENDERER,
        defaults={"requested_by": by},
    )
    if created or rendition.retry() or rendition.state == Job.State.QUEUED:
        ring(RENDER, rendition.pk)
    return rendition


def snapshot_of(about: About, *, language: str, audience: str) -> Snapshot:
    """The frozen data of the document: that of the sign-off, or what is known of it now."""
    if isinstance(about.thing, Report) and about.thing.snapshot:
        return about.thing.snapshot
    kind = kind_of(about)
    document = compose(about, language=language, audience=audience, as_of=kind.as_of(about))
    data = {audience: {language: document}}
    return Snapshot.keep(about, data, is_final=kind.is_final(about))


def _kept(snapshot: Snapshot, language: str, audience: str) -> Rendition | None:
    """What was rendered of data that stands is kept, also when a later renderer would do better."""
    same = snapshot.renditions.filter(language=language, audience=audience, is_draft=False)
    return same.ready().order_by("pk").first()


def retry_rendition(rendition: Rendition) -> bool:
    if not rendition.retry():
        return False
    ring(RENDER, rendition.pk)
    return True


def record_download(rendition: Rendition, *, by: User) -> None:
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=rendition.snapshot.about.page,
        rendition=rendition.pk,
        document=rendition.snapshot.kind,
        language=rendition.language,
    )


def word_file(about: About, *, language: str, audience: str, by: User) -> bytes:
    """The document as a Word file, of what is known now; who took it is logged."""
    kind = kind_of(about)
    document = compose(about, language=language, audience=audience, as_of=kind.as_of(about))
    content = docx_of(document, is_draft=kind.is_draft(about))
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=about.page,
        document=about.kind,
        language=language,
        format="docx",
    )
    return content


# What the worker does


def produce(rendition: Rendition) -> None:
    """Render a document that this worker has claimed, and publish it under the claim's token.

    Whatever goes wrong ends in the row, as a reason that a coordinator understands. Who lost the
    lease (another worker has it, somebody cancelled) leaves nothing behind.
    """
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    try:
        rendition.tell("data", lease=lease)
        with rendered(
            _html(rendition),
            lambda stage, page: rendition.tell(stage, lease=lease, progress=page),
        ) as pdf:
            rendition.tell("storing", lease=lease, progress=pdf.pages)
            _publish(rendition, pdf.content, pdf.pages)
    except LostLease:
        logger.info("Rendition %s was given to another worker or cancelled", rendition.pk)
    except RenderFailed as failure:
        _fail(rendition, failure.reason)
    except OSError as error:
        logger.exception("Rendition %s failed", rendition.pk)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        _fail(rendition, Job.Failure.DISK_FULL if full else Job.Failure.BROKEN)
    except DatabaseError:
        raise  # nothing can be written into the row: the lease runs out and the sweep rings
    except Exception:
        logger.exception("Rendition %s failed", rendition.pk)
        _fail(rendition, Job.Failure.BROKEN)


def _html(rendition: Rendition) -> str:
    document = rendition.snapshot.document(rendition.audience, rendition.language)
    return html_of(
        document, code=code_of(rendition.snapshot, document), is_draft=rendition.is_draft
    )


def code_of(snapshot: Snapshot, document: dict[str, Any]) -> str:
    """What is printed to verify it by: sealed minutes have a code of their own, whichever of
    their files one holds; what does not stand has none."""
    if not snapshot.is_final:
        return ""
    return document.get("code") or snapshot.code


def _publish(rendition: Rendition, content: BinaryIO, pages: int) -> None:
    """Store the file, then tell the row; a file that the row does not take is deleted."""
    name = new_file_name()
    file = File(content)
    size, sha256 = file.size, sha256_of(file)
    try:
        name = default_storage.save(name, file)
        rendition.finish(file=name, pages=pages, size=size, sha256=sha256)
    except BaseException:
        default_storage.delete(name)
        raise


def _fail(rendition: Rendition, reason: str) -> None:
    try:
        rendition.fail(reason)
    except LostLease:
        logger.info("Rendition %s failed, and was not ours any more", rendition.pk)


# What is done again and again


def ring_due() -> None:
    """Ring for what waits: messages get lost, and workers die."""
    for pk in Rendition.objects.due().values_list("pk", flat=True)[:200]:
        ring(RENDER, pk)


def keep_what_stands() -> None:
    """Ask for the documents of plans that the committee validated and of minutes that were
    sealed, so that each is kept as it was read. What nobody could compose is tried again."""
    kept = Snapshot.objects.filter(is_final=True)
    plans = ActionPlan.objects.filter(status__in=IN_FORCE).exclude(
        pk__in=kept.filter(kind=Kind.PLAN).values("plan")
    )
    sealed = Minutes.objects.filter(status=Minutes.Status.SEALED).exclude(
        meeting__in=kept.filter(kind=Kind.MINUTES).values("meeting")
    )
    standing = [About(plan, Kind.PLAN) for plan in plans.with_related()]
    standing += [About(minutes.meeting, Kind.MINUTES) for minutes in sealed.with_related()]
    for about in standing:
        try:
            request_renditions(about, LANGUAGES, audience=Audience.COMMITTEE, by=None)
        except Exception:
            logger.exception("%s was not asked for", about.thing)


def sweep_files() -> None:
    """Delete what was made for the day, and files that no row names: their worker died before it
    could tell.

    Once an hour is enough. A file that is being stored right now is younger than that.
    """
    if not cache.add("reports:files-swept", True, timeout=3600):
        return
    forget_uploads()
    Rendition.objects.passing().delete()
    Snapshot.objects.left_over().delete()
    before = timezone.now() - timedelta(hours=1)
    known = set(Rendition.objects.exclude(file="").values_list("file", flat=True))
    for name in _stored_files():
        if name not in known and default_storage.get_modified_time(name) < before:
            logger.warning("Deleting %s, which belongs to no document", name)
            default_storage.delete(name)


def _stored_files() -> list[str]:
    if not default_storage.exists(FOLDER):
        return []
    _folders, files = default_storage.listdir(FOLDER)
    return [f"{FOLDER}/{file}" for file in files]

"""A report is begun, in its first or a later version, and its sections are written."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.refusal import Refusal
from projects.models import Period
from reports.models import Report, ReportPreset, Section, SectionWriting
from reports.presets import DEFAULT
from reports.services.citing import carry_over, sync
from reports.services.errors import WrittenMeanwhile


@transaction.atomic
def create_report(
    period: Period, *, by: User, preset: ReportPreset | None = None, illustrative: bool = False
) -> Report:
    """The report of that kind on a period. Two people who press at once get one: the second is
    told. preset: by default the one that the portal offers first."""
    Period.objects.select_for_update().get(pk=period.pk)
    preset = preset or ReportPreset.objects.get(key=DEFAULT)
    if found := period.reports.filter(preset=preset).with_related().order_by("-version").first():
        raise Refusal(_("“%(report)s” is there already: open that one.") % {"report": found})
    report = Report(
        project=period.project,
        period=period,
        preset=preset,
        written_by=by,
        illustrative=illustrative,
    )
    report.full_clean()
    report.save()
    return report


@transaction.atomic
def start_new_version(report: Report, *, by: User, note: Mapping[str, str] | None = None) -> Report:
    """The next version of a report that was signed off, with its texts to begin with. `note`: what
    will be different in it, by the name of its field.

    Of two people who press at once the second is told of the first one's version.
    """
    Period.objects.select_for_update().get(pk=report.period_id)
    versions = report.period.reports.filter(preset=report.preset_id)
    last = versions.with_related().order_by("-version").first()
    if not last.is_frozen:
        raise Refusal(
            _("Version %(number)s is being written: go on with that one.")
            % {"number": last.version}
        )
    revised = Report.objects.create(
        project=report.project,
        period=report.period,
        preset=report.preset,
        version=last.version + 1,
        written_by=by,
        illustrative=last.illustrative,
        **(note or {}),
    )
    for section in last.sections.all():
        copied = Section.objects.create(
            report=revised,
            kind=section.kind,
            language=section.language,
            text=section.text,
            version=1,
            updated_by=section.updated_by,
            updated_at=section.updated_at,  # so it is no newer than its translations
        )
        carry_over(section, copied)
    return revised


@transaction.atomic
def save_section(
    report: Report, kind: str, language: str, text: str, *, seen_version: int, by: User
) -> Section:
    """Write a section that is still at the version its writer saw; the same form sent twice writes
    one version."""
    held = Report.objects.select_for_update().get(pk=report.pk)
    if held.is_frozen:
        raise Refusal(_("The report is signed off: its text stands."))
    section, _created = Section.objects.get_or_create(
        report=report, kind=kind, language=language, defaults={"updated_by": by}
    )
    unmoved = Section.objects.filter(pk=section.pk, version=seen_version)
    if not unmoved.update(
        text=text, version=F("version") + 1, updated_by=by, updated_at=timezone.now()
    ):
        is_mine = section.version == seen_version + 1 and section.updated_by_id == by.pk
        if is_mine and section.text == text:
            return section
        raise WrittenMeanwhile(
            _(
                "%(person)s saved this section since you opened it. Your text is still below: "
                "compare it with the saved one, then save again."
            )
            % {"person": section.updated_by}
        )
    section.refresh_from_db()
    sync(section, by=by)
    # An UPDATE alone leaves no history row; each version keeps who wrote it.
    Section.history.bulk_history_create([section], update=True, default_user=by)
    SectionWriting.objects.filter(report=report, kind=kind, language=language, person=by).delete()
    return section


def note_writing(report: Report, kind: str, language: str, *, by: User) -> list[SectionWriting]:
    """Say that the person has the section open, and learn who else has. Whoever went away without
    saving is forgotten."""
    SectionWriting.objects.over().delete()
    SectionWriting.objects.update_or_create(
        report=report,
        kind=kind,
        language=language,
        person=by,
        defaults={"seen_at": timezone.now()},
    )
    return others_writing(report, kind, language, by)


def others_writing(report: Report, kind: str, language: str, person: User) -> list[SectionWriting]:
    """Who else has the section open at this moment."""
    found = SectionWriting.objects.now().filter(report=report, kind=kind, language=language)
    return list(found.exclude(person=person).select_related("person"))


def writers_of(report: Report) -> set[int]:
    """Those who ever wrote any of it: they do not sign it off."""
    versions = Section.history.filter(report=report.pk, version__gt=0)
    return {report.written_by_id, *versions.values_list("updated_by", flat=True)}

"""Begins reports, in their first or a later version, and stores their sections."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NoReturn

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.refusal import Refusal
from kernel.text import count_words
from projects.models import Period, Result
from reports.codes import typed_codes
from reports.models import (
    GlanceChoice,
    Report,
    ReportPreset,
    Section,
    SectionPlace,
    SectionWriting,
)
from reports.presets import DEFAULT
from reports.services.citing import copy_sections, store_citations


class WrittenMeanwhile(Refusal):
    """Somebody saved the section since the editor was opened; nothing is overwritten."""


def languages_lacking(report: Report) -> list[str]:
    """Return the languages in which the agreement requires the report and in which it lacks a
    section, or a text on a result, that is written in others."""
    written: dict[tuple[str, int | None], set[str]] = defaultdict(set)
    sections = report.sections.exclude(text="")
    for kind, result, language in sections.values_list("kind", "result", "language"):
        written[kind, result].add(language)
    return [
        language
        for language in report.project.report_languages
        if not written or any(language not in languages for languages in written.values())
    ]


def sections_lacking(report: Report) -> list[str]:
    """Return the names of the sections that must be written, and are in no language.

    A chapter that says something on a result is written."""
    written = set(report.sections.filter(words__gt=0).values_list("kind", flat=True))
    return [row.name for row in report.preset.rows if row.is_required and row.kind not in written]


@transaction.atomic
def create_report(
    period: Period, *, by: User, preset: ReportPreset | None = None, illustrative: bool = False
) -> Report:
    """Create the first report of a preset on a period; without `preset`, of the default one.

    The period is locked, so that two people who press at once get one report. Raises
    ValidationError, which names the report that is there already and leads to it.
    """
    Period.objects.select_for_update().get(pk=period.pk)
    preset = preset or ReportPreset.objects.get(key=DEFAULT)
    if found := period.reports.filter(preset=preset).with_related().order_by("-version").first():
        sentence = _("“%(report)s” already exists.") % {"report": found}
        page = format_html('<a href="{}">{}</a>', found.get_absolute_url(), _("Open it"))
        raise ValidationError({"period": format_html("{} {}", sentence, page)})
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
    """Create the next version of a report that was signed off, beginning with its texts.

    `note` says what will be different in it, by the names of the fields. The period is locked: of
    two people who press at once the second gets a Refusal that names the version of the first.
    """
    Period.objects.select_for_update().get(pk=report.period_id)
    versions = report.period.reports.filter(preset=report.preset_id)
    last = versions.with_related().order_by("-version").first()
    assert last is not None  # `report` is one of its versions
    if not last.is_frozen:
        raise Refusal(
            _("Version %(number)s is being written: continue with that one.")
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
    copy_sections(last, revised)
    copy_glance(last, revised)
    return revised


def copy_glance(last: Report, revised: Report) -> None:
    """Begin with what was chosen for the page at a glance."""
    if (choice := GlanceChoice.objects.filter(report=last).first()) is None:
        return
    indicators = list(choice.indicators.all())
    choice.pk, choice.report = None, revised
    choice._state.adding = True
    choice.save()
    choice.indicators.set(indicators)


@transaction.atomic
def save_section(
    report: Report,
    kind: str,
    language: str,
    text: str,
    *,
    seen_version: int,
    by: User,
    result: Result | None = None,
) -> Section:
    """Store the text of a section, or on a result in it, as a new version, if it is still at the
    version its writer saw.

    The same form sent twice stores one version. Raises WrittenMeanwhile if somebody else saved the
    section since, Refusal if the report is signed off.
    """
    _lock_unless_frozen(report)
    columns, new = SectionPlace(kind, result).columns, {"kind": kind, "updated_by": by}
    section, _created = Section.objects.get_or_create(
        report=report, language=language, **columns, defaults=new
    )
    unmoved = Section.objects.filter(pk=section.pk, version=seen_version)
    if not unmoved.update(
        text=text,
        words=count_words(text),
        codes=typed_codes(text),
        version=F("version") + 1,
        updated_by=by,
        updated_at=timezone.now(),
    ):
        is_mine = section.version == seen_version + 1 and section.updated_by_id == by.pk
        if is_mine and section.text == text:
            return section
        _refuse_overwriting(section)
    section.refresh_from_db()
    store_citations(section, by=by)
    # An UPDATE alone leaves no history row; each version keeps who wrote it.
    Section.history.bulk_history_create([section], update=True, default_user=by)
    report.writing.filter(slug=section.slug, language=language, person=by).delete()
    return section


def _lock_unless_frozen(report: Report) -> None:
    held = Report.objects.select_for_update().get(pk=report.pk)
    if held.is_frozen:
        raise Refusal(_("The report is signed off: its text can no longer change."))


def _refuse_overwriting(section: Section) -> NoReturn:
    raise WrittenMeanwhile(
        _(
            "%(person)s saved this section since you opened it. Your text is still below: "
            "compare it with the saved one, then save again."
        )
        % {"person": section.updated_by}
    )


def note_writing(report: Report, slug: str, language: str, *, by: User) -> list[SectionWriting]:
    """Record that the person has the section open, and return who else has.

    Records of people who went away without saving are deleted after some minutes.
    """
    SectionWriting.objects.over().delete()
    SectionWriting.objects.update_or_create(
        report=report,
        slug=slug,
        language=language,
        person=by,
        defaults={"seen_at": timezone.now()},
    )
    return others_writing(report, slug, language, by)


def others_writing(report: Report, slug: str, language: str, person: User) -> list[SectionWriting]:
    """Return who else has the section open at this moment."""
    found = SectionWriting.objects.now().filter(report=report, slug=slug, language=language)
    return list(found.exclude(person=person).select_related("person"))


def writers_of(report: Report) -> set[int]:
    """Return the keys of all who ever wrote in the report: the principle of four eyes asks somebody
    else to sign it off."""
    versions = Section.history.filter(report=report.pk, version__gt=0)
    return {report.written_by_id, *versions.values_list("updated_by", flat=True)}

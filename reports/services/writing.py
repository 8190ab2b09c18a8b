"""Begins reports and stores what people write in them: sections with their versions, and the things that
the codes in a text cite.

A person can cite only what they may read. A citation that is stored already stays, whoever saves
the section next.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NoReturn

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Prefetch
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from accounts.models import User
from kernel.refusal import Refusal
from kernel.text import count_words
from projects.models import Period, Project, Result
from reports.evidence import (
    CITABLE,
    CitationCode,
    code_for,
    codes_in,
    leads_to,
    shared_codes,
    tokens_in,
    typed_codes,
    with_citations,
)
from reports.models import (
    Citation,
    GlanceChoice,
    Report,
    ReportPreset,
    Section,
    SectionPlace,
    SectionWriting,
)
from reports.permissions.evidence import visible_evidence
from reports.presets import DEFAULT

# The related rows that the keys of a kind are made from, beside the row itself.
RELATED = {
    "result": ("project",),
    "indicator": ("result__project",),
    "activity": ("project",),
    "action": ("project",),
    "plan": ("project", "period"),
    "amendment": ("project",),
    "risk": ("project",),
    "resolution": ("committee__project",),
    "meeting": ("committee__project",),
}


def store_citations(section: Section, *, by: User) -> None:
    """Store what the saved text cites. The caller holds the transaction of the text."""
    found = resolve(section, section.text, by=by)
    section.citations.all().delete()
    Citation.objects.bulk_create(_citations(section, found))


def resolve(section: Section, text: str, *, by: User) -> dict[str, models.Model]:
    """Return the thing that each token of a text leads to, in the order of the text.

    Tokens that lead nowhere are left out. A code means what it names today among the things that
    the person may read, or else what it named when the section was saved before: the editor shows
    today's codes (`with_current_codes`), so an old one comes from a page that was open meanwhile.
    """
    tokens = tokens_in(text)
    found = find_things(by, section.report.project, [code_in(token) for token in tokens])
    if section.pk and len(found) < len(tokens):
        stored = {one.token: one.thing for one in section.citations.with_things()}
        found = stored | found
    return {token: found[token] for token in tokens if token in found}


def find_things(
    user: User, project: Project, codes: Iterable[CitationCode]
) -> dict[str, models.Model]:
    """Return, by token, the things of the project that the codes name and the person may read.

    A code that names several things is left out. One query for each kind of thing.
    """
    by_kind: dict[str, dict[str, CitationCode]] = {}
    for code in codes:
        by_kind.setdefault(code.name, {})[code.key] = code
    readable = visible_evidence(user, project) if by_kind else {}
    found: dict[str, models.Model] = {}
    for name, asked in by_kind.items():
        evidence = CITABLE[name]
        named: dict[str, list[models.Model]] = {}
        rows = readable[name].filter(evidence.among(asked.keys())).select_related(*RELATED[name])
        for thing in rows:
            for key in evidence.keys(thing):
                named.setdefault(key, []).append(thing)
        found |= {
            asked[key].token: things[0]
            for key, things in named.items()
            if key in asked and len(things) == 1
        }
    return found


def with_current_codes(section: Section) -> str:
    """Return the text of a section, for its editor, with today's codes of the things it cites."""
    citations = {one.token: one for one in section.citations.with_things()} if section.pk else {}
    if not citations:
        return section.text
    return _renewed(section.text, citations, shared_codes(section.report.project))


def _renewed(text: str, citations: Mapping[str, Citation], shared: Collection[str]) -> str:
    if not citations:
        return text
    return with_citations(text, lambda code: str(_current(code, citations, shared)))


def _current(
    code: CitationCode, citations: Mapping[str, Citation], shared: Collection[str]
) -> CitationCode:
    cited = citations.get(code.token)
    if cited is None or leads_to(cited.thing, code, shared):
        return code
    today = code_for(cited.thing, shared)
    return CitationCode(today.name, today.key, code.words)


def copy_sections(before: Report, after: Report) -> None:
    """Begin with the texts of another version, which cite the same things by today's codes."""
    copies: list[Section] = []
    citations: list[Citation] = []
    shared = shared_codes(before.project)
    with_things = Prefetch("citations", Citation.objects.with_things())
    for section in before.sections.prefetch_related(with_things):
        cited = {one.token: one for one in section.citations.all()}
        copied = Section(
            report=after,
            kind=section.kind,
            result_id=section.result_id,
            language=section.language,
            text=_renewed(section.text, cited, shared),
            version=1,
            updated_by_id=section.updated_by_id,
            updated_at=section.updated_at,  # so it is no newer than its translations
        )
        copies.append(copied)
        things = {
            _current(code_in(token), cited, shared).token: cited[token].thing
            for token in tokens_in(section.text)
            if token in cited
        }
        citations += _citations(copied, things)
    bulk_create_with_history(copies, Section)
    Citation.objects.bulk_create(citations)


def _citations(section: Section, things: Mapping[str, models.Model]) -> list[Citation]:
    return [
        Citation(section=section, token=token, position=position, **{code_in(token).name: thing})
        for position, (token, thing) in enumerate(things.items())
    ]


def unknown_code_warning(code: str) -> str:
    return _(
        "“%(code)s” does not lead to anything that you may cite: choose what you mean "
        "from the list of evidence. The text is kept."
    ) % {"code": code}


def code_in(token: str) -> CitationCode:
    return codes_in(f"[[{token}]]")[0]


# Reports and their sections


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

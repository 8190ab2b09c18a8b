"""The pages of a section of a report: its editor with the figures of results, who else is writing in
it, and its versions."""

from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext as _, pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.models import Audience
from kernel.cells import Cell, Chip, Column, Table
from kernel.form_fields import show_instead
from kernel.formats import join_list
from kernel.languages import language_names
from kernel.pages import (
    READ_OR_SAVE,
    Crumb,
    Request,
    ask,
    in_background,
    page_of,
    posted,
    refuse,
    saved,
    trail,
)
from kernel.refusal import Refusal
from kernel.text import LANGUAGES, plain_text, validate_markdown
from projects.permissions.values import may_see_small_counts
from reports.comparison import compare_texts
from reports.compose.reading import ReportReading
from reports.compose.results import ResultRow, results_of
from reports.forms.reports import ReportSectionForm
from reports.models import Report, Section, SectionKind, SectionPlace, home_of
from reports.models.report import OF_RESULT
from reports.permissions.reports import may_write, sees_versions
from reports.services.writing import (
    WrittenMeanwhile,
    note_writing,
    others_writing,
    save_section,
    unknown_code_warning,
    with_current_codes,
)
from reports.views.citing import citable_groups, shown_text
from reports.views.report_page import report_or_404


def figures_of(user: User, report: Report, place: SectionPlace) -> ResultRow | None:
    """Return the result with its indicators as the report has them, as far as the person may know
    them; nothing for a whole section."""
    if place.result is None:
        return None
    sees_all = may_see_small_counts(user, report.project)
    reading = ReportReading.of(
        report,
        language=get_language() or "",
        audience=Audience.COORDINATION if sees_all else Audience.DONOR,
        as_of=report.project.today,
    )
    rows = results_of(reading, outputs=place.kind == SectionKind.ACTIVITIES)
    return next((row for row in rows if row.code == place.result.code), None)


def results_to_write(report: Report, place: SectionPlace, language: str) -> list[dict[str, Any]]:
    """Return the results of a chapter, each with the state of its text in the language."""
    if place.result or place.kind not in (SectionKind.PROGRESS, SectionKind.ACTIVITIES):
        return []
    written: dict[int, list[str]] = {}
    texts = report.sections.filter(result__isnull=False, words__gt=0)
    for pk, one in texts.values_list("result", "language"):
        written.setdefault(pk, []).append(one)
    rows = []
    for result in report.project.results.order_by("code"):
        result.project = report.project
        if home_of(result) != place.kind:
            continue
        slug = SectionPlace(place.kind, result).slug
        languages = written.get(result.pk, [])
        is_written = language in languages
        rows.append(
            {
                "name": f"{result.level_name} {result.code}",
                "statement": result.statement,
                "tone": "ok" if is_written else "info" if languages else "neutral",
                "state": _state(languages, language),
                "url": reverse("reports:section", args=[report.pk, slug, language]),
                "verb": _("Edit") if is_written else _("Translate") if languages else _("Write"),
            }
        )
    return rows


def _state(languages: list[str], language: str) -> str:
    if language in languages:
        return pgettext("section", "Written")
    if languages:
        names = join_list(language_names([one for one in LANGUAGES if one in languages]))
        return _("Not translated from: %(languages)s") % {"languages": names}
    return pgettext("section", "Empty")


LONGEST_KEY = 18  # digits that every database takes for a key

# /reports/<pk>/sections/<kind>/<language>/


@READ_OR_SAVE
def section_edit(request: Request, pk: int, kind: str, language: str) -> HttpResponse:
    report, place = writable(request.user, pk, kind, language)
    labels = report.preset.labels()
    if place.kind not in labels:
        raise Http404
    section = section_of(report, place, language)
    form = ReportSectionForm(
        posted(request),
        instance=section,
        initial={"seen_version": section.version, "text": with_current_codes(section)},
    )
    shown = None
    if form.is_valid():
        if "preview" in request.POST:
            shown = shown_text(request.user, section, form.cleaned_data["text"])
        elif store_section(request, report, form, place, language):
            return redirect(address_above(report, place, language))
    # What was sent has changed the section.
    stored = section_of(report, place, language) if request.method == "POST" else section
    above = address_above(report, place, language)
    chapter = [(labels[place.kind], above)] if place.result else []
    context = {
        "title": name_of(place, labels),
        "crumbs": trail(report.project, report, *chapter),
        "form": form,
        "report": report,
        "section": section,
        "saved": stored if stored.pk else None,
        "shown": shown,
        "above": above,
        "others": others_writing(report, section.slug, language, request.user),
        "remarks": report.remarks.filter(section=place.kind).unsettled().with_related(),
        "evidence": citable_groups(request.user, report.project, place.kind),
        "figures": figures_of(request.user, report, place),
        "results": results_to_write(report, place, language),
    }
    return render(request, "reports/section.html", context)


@require_POST
def section_preview(request: Request, pk: int, kind: str, language: str) -> HttpResponse:
    """Answer with a text as the section would show it, with its citations; nothing is stored."""
    report, place = writable(request.user, pk, kind, language)
    section = section_of(report, place, language)
    text = request.POST.get("text", "")
    try:
        validate_markdown(text)
    except ValidationError as refusal:
        return HttpResponse(format_html("<p>{}</p>", " ".join(refusal.messages)))
    return HttpResponse(shown_text(request.user, section, text))


def store_section(
    request: Request,
    report: Report,
    form: ReportSectionForm,
    place: SectionPlace,
    language: str,
) -> bool:
    try:
        section = save_section(
            report,
            place.kind,
            language,
            form.cleaned_data["text"],
            seen_version=form.cleaned_data["seen_version"],
            by=request.user,
            result=place.result,
        )
    except Refusal as refusal:
        refuse(form, refusal)
        if isinstance(refusal, WrittenMeanwhile):
            # The person now sees the other text: whoever presses again has decided.
            stored = report.sections.filter(**place.columns, language=language).first()
            show_instead(form, "seen_version", str(stored.version if stored else 0))
        return False
    lost = [unknown_code_warning(code) for code in section.codes_leading_nowhere]
    for warning in lost:
        messages.warning(request, warning)
    messages.success(request, _("The section was saved."))
    return True


@in_background
@require_POST
def section_writing(request: Request, pk: int, kind: str, language: str) -> HttpResponse:
    """Record that the person has the editor open, and answer with who else has."""
    report, place = writable(request.user, pk, kind, language)
    others = note_writing(report, place.slug, language, by=request.user)
    return render(request, "reports/section_writing.html", {"others": others})


# …/versions/


@require_safe
def section_versions(request: Request, pk: int, kind: str, language: str) -> HttpResponse:
    report, place = report_with_versions(request.user, pk, kind, language)
    versions = versions_of(report, place, language)
    if not versions:
        raise Http404
    now = Chip(pgettext("of a version", "now"), "ok")

    def version_cell(one: Any) -> Cell:
        url = reverse("reports:section-version", args=[pk, kind, language, one.version])
        label = _("version %(number)s") % {"number": one.version}
        return Cell(label, url=url, chips=[now] if one is versions[0] else [])

    columns = [
        Column("version", _("Version"), version_cell),
        Column("when", _("Written on"), attrgetter("updated_at")),
        Column("who", _("Written by"), attrgetter("updated_by")),
        Column("words", _("Words"), attrgetter("words"), css="num"),
    ]
    name = name_of(place, report.preset.labels())
    page = page_of(request, versions)
    context = {
        "title": _("Earlier versions"),
        "place_title": name,
        "crumbs": [*trail(report.project, report), Crumb(name)],
        "heading": f"{name} · {versions[0].get_language_display()}",
        "page": page,
        "table": Table(columns, page.object_list, name),
    }
    return render(request, "components/records.html", context)


@require_safe
def section_version(
    request: Request, pk: int, kind: str, language: str, number: int
) -> HttpResponse:
    """Show one version of a section, and its differences from the present text."""
    report, place = report_with_versions(request.user, pk, kind, language)
    versions = versions_of(report, place, language)
    version = version_or_404(versions, number)
    current = versions[0]
    name = name_of(place, report.preset.labels())
    number_label = _("version %(number)s") % {"number": number}
    earlier = reverse("reports:section-versions", args=[pk, kind, language])
    context = {
        "title": name,
        "place_title": number_label,
        "crumbs": trail(report, (_("Earlier versions"), earlier)),
        "language": language,
        "number_label": number_label,
        "version": version,
        "current": current,
        "words": version.words,
        "changes": compare_texts(
            plain_text(version.text).splitlines(), plain_text(current.text).splitlines()
        ),
        "may_restore": may_write(request.user, report) and version.text != current.text,
        "restore_url": reverse("reports:section-restore", args=[pk, kind, language, number]),
    }
    return render(request, "reports/section_version.html", context)


@require_POST
def section_restore(
    request: Request, pk: int, kind: str, language: str, number: int
) -> HttpResponse:
    """Store the text of an earlier version as a new version, so that those between are kept too."""
    report, place = writable(request.user, pk, kind, language)
    version = version_or_404(versions_of(report, place, language), number)
    seen = request.POST.get("seen_version", "")
    try:
        save_section(
            report,
            place.kind,
            language,
            version.text,
            seen_version=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
            by=request.user,
            result=place.result,
        )
    except WrittenMeanwhile:
        messages.error(
            request,
            _(
                "The section has been edited in the meantime: look at what it says now, then "
                "restore."
            ),
        )
        return redirect("reports:section-version", pk, kind, language, number)
    except Refusal as refusal:
        refuse(request, refusal)
        return redirect(report)
    sentence = _("The section again says what version %(number)d said.") % {"number": number}
    return saved(request, sentence, "reports:section", pk, kind, language)


# Parts of these views


def place_or_404(report: Report, slug: str, language: str) -> SectionPlace:
    """Return the section that an address names, or the result of the project."""
    if language not in LANGUAGES:
        raise Http404
    if slug in Section.Kind.values:
        return SectionPlace(slug)
    number = slug.removeprefix(OF_RESULT)
    if number == slug or not number.isdecimal() or len(number) > LONGEST_KEY:
        raise Http404
    result = get_object_or_404(report.project.results, pk=number)
    result.project = report.project
    return SectionPlace(home_of(result).value, result)


def writable(user: User, pk: int, slug: str, language: str) -> tuple[Report, SectionPlace]:
    report = report_or_404(user, pk)
    place = place_or_404(report, slug, language)
    ask(may_write(user, report), _("The report is signed off, or you cannot write in it."))
    return report, place


def section_of(report: Report, place: SectionPlace, language: str) -> Section:
    """Return the stored section, or a new one if nobody has written it yet."""
    stored = report.sections.filter(**place.columns, language=language)
    section = stored.select_related("updated_by").first()
    return section or Section(
        report=report, kind=place.kind, result=place.result, language=language
    )


def address_above(report: Report, place: SectionPlace, language: str) -> str:
    """Return where a writer goes on: from a result to its chapter, from there to the report."""
    if place.result:
        chapter = reverse("reports:section", args=[report.pk, place.kind, language])
        return f"{chapter}#results"
    return f"{report.get_absolute_url()}?language={language}#sections"


def report_with_versions(
    user: User, pk: int, slug: str, language: str
) -> tuple[Report, SectionPlace]:
    """Return a report whose earlier texts the person may read. Raises Http404 for other people."""
    report = report_or_404(user, pk)
    place = place_or_404(report, slug, language)
    if not sees_versions(user, report):
        raise Http404
    return report, place


def versions_of(report: Report, place: SectionPlace, language: str) -> list[Any]:
    """Return the versions of a section, the newest first, as the model's history keeps them.

    One version may have several rows in the history; the last of them counts.
    """
    rows = Section.history.filter(
        report=report.pk, **place.columns, language=language, version__gt=0
    ).select_related("updated_by")
    newest: dict[int, Any] = {}
    for row in rows.order_by("-version", "-history_id"):
        newest.setdefault(row.version, row)
    return list(newest.values())


def version_or_404(versions: list[Any], number: int) -> Any:
    found = next((one for one in versions if one.version == number), None)
    if found is None:
        raise Http404
    return found


def name_of(place: SectionPlace, labels: dict[str, str]) -> str:
    """Return the name of a section. One that its preset no longer has keeps that of its kind."""
    if place.result:
        return f"{place.result.level_name} {place.result.code}"
    return labels.get(place.kind) or str(Section.Kind(place.kind).label)

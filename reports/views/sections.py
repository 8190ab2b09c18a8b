"""The narrative of a report: a section is written, who else writes in it, and what it said before."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.refusal import Refusal
from kernel.text import count_words, plain_text, validate_markdown
from reports.differences import compare_texts
from reports.forms.reports import SectionForm
from reports.models import Report, Section
from reports.permissions.reports import may_write, sees_versions
from reports.services.citing import text_today, unknown_code_warning
from reports.services.errors import WrittenMeanwhile
from reports.services.requesting import LANGUAGES
from reports.services.writing import note_writing, others_writing, save_section
from reports.views.citing import offered, shown_text
from reports.views.report_page import posted, report_for

# /reports/<pk>/sections/<kind>/<language>/


def section_edit(request: HttpRequest, pk: int, kind: str, language: str) -> HttpResponse:
    report = writable(request.user, pk, kind, language)
    labels = report.preset.labels()
    if kind not in labels:
        raise Http404
    section = section_of(report, kind, language)
    form = SectionForm(
        posted(request),
        instance=section,
        initial={"seen_version": section.version, "text": text_today(section)},
    )
    shown = None
    if form.is_valid():
        if "preview" in request.POST:
            shown = shown_text(request.user, section, form.cleaned_data["text"])
        elif keep_section(request, report, form, kind, language):
            return redirect(f"{report.get_absolute_url()}#sections")
    saved = (
        Section.objects.filter(pk=section.pk).select_related("updated_by").first()
        if section.pk
        else None
    )
    context = {
        "form": form,
        "report": report,
        "section": section,
        "name": labels[kind],
        "saved": saved,
        "shown": shown,
        "others": others_writing(report, kind, language, request.user),
        "remarks": report.remarks.filter(section=kind).unsettled().with_related(),
        "has_versions": bool(saved and saved.version),
        "evidence": offered(request.user, report.project, kind),
    }
    return render(request, "reports/section.html", context)


@require_POST
def section_preview(request: HttpRequest, pk: int, kind: str, language: str) -> HttpResponse:
    """The text that is being written as it will be shown, with what it cites; nothing is kept."""
    section = section_of(writable(request.user, pk, kind, language), kind, language)
    text = request.POST.get("text", "")
    try:
        validate_markdown(text)
    except ValidationError as refusal:
        return HttpResponse(format_html("<p>{}</p>", " ".join(refusal.messages)))
    return HttpResponse(shown_text(request.user, section, text))


def keep_section(
    request: HttpRequest, report: Report, form: SectionForm, kind: str, language: str
) -> bool:
    try:
        section = save_section(
            report,
            kind,
            language,
            form.cleaned_data["text"],
            seen_version=form.cleaned_data["seen_version"],
            by=request.user,
        )
    except WrittenMeanwhile as error:
        form.add_error(None, str(error))
        kept = report.sections.filter(kind=kind, language=language).first()
        form.data = form.data.copy()  # a second press is a decision
        form.data["seen_version"] = kept.version if kept else 0
        return False
    except Refusal as error:
        form.add_error(None, str(error))
        return False
    lost = [unknown_code_warning(code) for code in section.codes_leading_nowhere]
    for warning in [*form.warnings, *lost]:
        messages.warning(request, warning)
    messages.success(request, _("The section is saved."))
    return True


@require_POST
def section_writing(request: HttpRequest, pk: int, kind: str, language: str) -> HttpResponse:
    """The open form says that somebody is writing, and learns who else is."""
    report = writable(request.user, pk, kind, language)
    others = note_writing(report, kind, language, by=request.user)
    return render(request, "reports/section_writing.html", {"others": others})


# …/versions/


@require_safe
def section_versions(request: HttpRequest, pk: int, kind: str, language: str) -> HttpResponse:
    report = report_with_versions(request.user, pk, kind, language)
    versions = versions_of(report, kind, language)
    if not versions:
        raise Http404
    rows = [
        {
            "number": one.version,
            "when": one.updated_at,
            "who": one.updated_by,
            "words": count_words(one.text),
            "is_current": place == 0,
            "url": reverse("reports:section-version", args=[pk, kind, language, one.version]),
        }
        for place, one in enumerate(versions)
    ]
    context = {
        "report": report,
        "section": versions[0],
        "rows": rows,
        **place_of(report, kind, language),
    }
    return render(request, "reports/section_versions.html", context)


@require_safe
def section_version(
    request: HttpRequest, pk: int, kind: str, language: str, number: int
) -> HttpResponse:
    """One version, and what the section says otherwise now."""
    report = report_with_versions(request.user, pk, kind, language)
    versions = versions_of(report, kind, language)
    version = version_or_404(versions, number)
    current = versions[0]
    context = {
        "report": report,
        "version": version,
        "current": current,
        "words": count_words(version.text),
        "changes": compare_texts(
            plain_text(version.text).splitlines(), plain_text(current.text).splitlines()
        ),
        "may_restore": may_write(request.user, report) and version.text != current.text,
        "restore_url": reverse("reports:section-restore", args=[pk, kind, language, number]),
        **place_of(report, kind, language),
    }
    return render(request, "reports/section_version.html", context)


@require_POST
def section_restore(
    request: HttpRequest, pk: int, kind: str, language: str, number: int
) -> HttpResponse:
    """Write the words of an earlier version as a new one: what was said between stays too."""
    report = writable(request.user, pk, kind, language)
    version = version_or_404(versions_of(report, kind, language), number)
    seen = request.POST.get("seen_version", "")
    try:
        save_section(
            report,
            kind,
            language,
            version.text,
            seen_version=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
            by=request.user,
        )
    except WrittenMeanwhile:
        messages.error(
            request,
            _("The section was written in meanwhile: look at what it says now, then restore."),
        )
        return redirect("reports:section-version", pk, kind, language, number)
    except Refusal as error:
        messages.error(request, str(error))
        return redirect(report)
    messages.success(
        request, _("The section says again what version %(number)d said.") % {"number": number}
    )
    return redirect("reports:section", pk, kind, language)


# The parts of these views


def known_place(kind: str, language: str) -> None:
    if kind not in Section.Kind.values or language not in LANGUAGES:
        raise Http404


def writable(user: User, pk: int, kind: str, language: str) -> Report:
    report = report_for(user, pk)
    known_place(kind, language)
    if not may_write(user, report):
        raise PermissionDenied(_("The report is signed off, or it is not yours to write."))
    return report


def section_of(report: Report, kind: str, language: str) -> Section:
    """The section as it is, or a new one that nobody has written yet."""
    section = report.sections.filter(kind=kind, language=language).first()
    return section or Section(report=report, kind=kind, language=language)


def report_with_versions(user: User, pk: int, kind: str, language: str) -> Report:
    """To the others the earlier texts do not exist."""
    report = report_for(user, pk)
    known_place(kind, language)
    if not sees_versions(user, report):
        raise Http404
    return report


def versions_of(report: Report, kind: str, language: str) -> list:
    """The versions of a section, the newest first; each once, as it was last kept."""
    rows = Section.history.filter(
        report=report.pk, kind=kind, language=language, version__gt=0
    ).select_related("updated_by")
    newest: dict[int, object] = {}
    for row in rows.order_by("-version", "-history_id"):
        newest.setdefault(row.version, row)
    return list(newest.values())


def version_or_404(versions: list, number: int):
    found = next((one for one in versions if one.version == number), None)
    if found is None:
        raise Http404
    return found


def place_of(report: Report, kind: str, language: str) -> dict[str, str]:
    """A section that its preset has no more keeps the name of its kind."""
    name = report.preset.labels().get(kind) or str(Section.Kind(kind).label)
    return {"kind": kind, "language": language, "kind_label": name}

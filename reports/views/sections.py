"""The pages of a section of a report: its editor, who else is writing in it, and its versions."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.form_fields import show_instead
from kernel.pages import READ_OR_SAVE, Request, ask, in_background, posted, refuse, saved
from kernel.refusal import Refusal
from kernel.text import LANGUAGES, plain_text, validate_markdown
from reports.comparison import compare_texts
from reports.forms.reports import ReportSectionForm
from reports.models import Report, Section
from reports.permissions.reports import may_write, sees_versions
from reports.services.citing import unknown_code_warning, with_current_codes
from reports.services.writing import WrittenMeanwhile, note_writing, others_writing, save_section
from reports.views.citing import citable_groups, shown_text
from reports.views.report_page import report_or_404

# /reports/<pk>/sections/<kind>/<language>/


@READ_OR_SAVE
def section_edit(request: Request, pk: int, kind: str, language: str) -> HttpResponse:
    report = writable(request.user, pk, kind, language)
    labels = report.preset.labels()
    if kind not in labels:
        raise Http404
    section = section_of(report, kind, language)
    form = ReportSectionForm(
        posted(request),
        instance=section,
        initial={"seen_version": section.version, "text": with_current_codes(section)},
    )
    shown = None
    if form.is_valid():
        if "preview" in request.POST:
            shown = shown_text(request.user, section, form.cleaned_data["text"])
        elif store_section(request, report, form, kind, language):
            return redirect(f"{report.get_absolute_url()}?language={language}#sections")
    stored = Section.objects.filter(pk=section.pk).select_related("updated_by").first()
    context = {
        "form": form,
        "report": report,
        "section": section,
        "name": labels[kind],
        "saved": stored,
        "shown": shown,
        "others": others_writing(report, kind, language, request.user),
        "remarks": report.remarks.filter(section=kind).unsettled().with_related(),
        "evidence": citable_groups(request.user, report.project, kind),
    }
    return render(request, "reports/section.html", context)


@require_POST
def section_preview(request: Request, pk: int, kind: str, language: str) -> HttpResponse:
    """Answer with a text as the section would show it, with its citations; nothing is stored."""
    section = section_of(writable(request.user, pk, kind, language), kind, language)
    text = request.POST.get("text", "")
    try:
        validate_markdown(text)
    except ValidationError as refusal:
        return HttpResponse(format_html("<p>{}</p>", " ".join(refusal.messages)))
    return HttpResponse(shown_text(request.user, section, text))


def store_section(
    request: Request, report: Report, form: ReportSectionForm, kind: str, language: str
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
    except Refusal as refusal:
        refuse(form, refusal)
        if isinstance(refusal, WrittenMeanwhile):
            # The person now sees the other text: whoever presses again has decided.
            stored = report.sections.filter(kind=kind, language=language).first()
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
    report = writable(request.user, pk, kind, language)
    others = note_writing(report, kind, language, by=request.user)
    return render(request, "reports/section_writing.html", {"others": others})


# …/versions/


@require_safe
def section_versions(request: Request, pk: int, kind: str, language: str) -> HttpResponse:
    report = report_with_versions(request.user, pk, kind, language)
    versions = versions_of(report, kind, language)
    if not versions:
        raise Http404
    rows = [
        {
            "number": one.version,
            "when": one.updated_at,
            "who": one.updated_by,
            "words": one.words,
            "is_current": place == 0,
            "url": reverse("reports:section-version", args=[pk, kind, language, one.version]),
        }
        for place, one in enumerate(versions)
    ]
    context = {
        "report": report,
        "section": versions[0],
        "rows": rows,
        **section_names(report, kind, language),
    }
    return render(request, "reports/section_versions.html", context)


@require_safe
def section_version(
    request: Request, pk: int, kind: str, language: str, number: int
) -> HttpResponse:
    """Show one version of a section, and its differences from the present text."""
    report = report_with_versions(request.user, pk, kind, language)
    versions = versions_of(report, kind, language)
    version = version_or_404(versions, number)
    current = versions[0]
    context = {
        "report": report,
        "version": version,
        "current": current,
        "words": version.words,
        "changes": compare_texts(
            plain_text(version.text).splitlines(), plain_text(current.text).splitlines()
        ),
        "may_restore": may_write(request.user, report) and version.text != current.text,
        "restore_url": reverse("reports:section-restore", args=[pk, kind, language, number]),
        **section_names(report, kind, language),
    }
    return render(request, "reports/section_version.html", context)


@require_POST
def section_restore(
    request: Request, pk: int, kind: str, language: str, number: int
) -> HttpResponse:
    """Store the text of an earlier version as a new version, so that those between are kept too."""
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


def section_kind_or_404(kind: str, language: str) -> None:
    if kind not in Section.Kind.values or language not in LANGUAGES:
        raise Http404


def writable(user: User, pk: int, kind: str, language: str) -> Report:
    report = report_or_404(user, pk)
    section_kind_or_404(kind, language)
    ask(may_write(user, report), _("The report is signed off, or you cannot write in it."))
    return report


def section_of(report: Report, kind: str, language: str) -> Section:
    """Return the stored section, or a new one if nobody has written it yet."""
    section = report.sections.filter(kind=kind, language=language).first()
    return section or Section(report=report, kind=kind, language=language)


def report_with_versions(user: User, pk: int, kind: str, language: str) -> Report:
    """Return a report whose earlier texts the person may read. Raises Http404 for other people."""
    report = report_or_404(user, pk)
    section_kind_or_404(kind, language)
    if not sees_versions(user, report):
        raise Http404
    return report


def versions_of(report: Report, kind: str, language: str) -> list[Any]:
    """Return the versions of a section, the newest first, as the model's history keeps them.

    One version may have several rows in the history; the last of them counts.
    """
    rows = Section.history.filter(
        report=report.pk, kind=kind, language=language, version__gt=0
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


def section_names(report: Report, kind: str, language: str) -> dict[str, str]:
    """Return what the templates name a section by.

    A section that its preset no longer has keeps the name of its kind.
    """
    name = report.preset.labels().get(kind) or str(Section.Kind(kind).label)
    return {"kind": kind, "language": language, "kind_label": name}

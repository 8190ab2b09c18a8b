"""The pages on which a report is read: its body, each annex, the data behind each figure, and what
differs from an earlier version."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _, override
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from accounts.models import User
from kernel.cells import Column, Table
from kernel.formats import join_list
from kernel.languages import LANGUAGES, active_language, reading_order
from kernel.pages import Request, trail
from kernel.sheets import SheetOfRows, csv_sheet, excel_book
from projects.framework.disclosure import ValueSource, source_head, source_rows, sources_of
from projects.models import Evidence, Indicator
from projects.permissions.money import may_see_budget
from reports.comparison import changed_kinds, compare, frozen_document
from reports.compose import compose
from reports.document_types import ReportDocument
from reports.evidence import citation_label
from reports.forms.reports import ComparedVersionForm
from reports.kinds import kind_of
from reports.models import About, Rendition, Report, ReportQuerySet, ReportRemark
from reports.on_page import (
    BODY,
    FigureData,
    Places,
    ShownChapter,
    chapter_of,
    evidence_shown,
    figure_data,
    glance_of,
    page_of,
    parts_of,
    picture_in,
    shown_chapters,
)
from reports.permissions.documents import audiences_offered
from reports.permissions.reports import every_visible_report
from reports.pictures import PrintedPhoto, photograph_now, photograph_of
from reports.reading import ReaderRows, document_in, donor_has_files
from reports.services.file_names import name_of_data
from reports.views.documents import newest_of
from reports.views.report_page import (
    acceptance_for,
    open_steps_for,
    remarks_for,
    report_or_404,
    word_on_acceptance,
)

# /reports/<pk>/differences/


@require_safe
def report_differences(request: Request, pk: int) -> HttpResponse:
    report = report_or_404(request.user, pk)
    bases = bases_for(request.user, report)
    first = bases.first()
    if first is None:
        raise Http404(_("There is no earlier version to compare with."))
    form = ComparedVersionForm(request.GET if "base" in request.GET else None, bases=bases)
    form.initial["base"] = first.pk
    base = form.cleaned_data["base"] if form.is_valid() else first
    audience = audience_for(request.user, report)
    before = frozen_document(base, audience, active_language())
    after = document_now(report, audience)
    context = {
        "title": _("What has changed"),
        "place_title": report,
        "crumbs": trail(report.project, report),
        "report": report,
        "base": base,
        "form": form,
        "has_choice": len(bases) > 1,
        "changes": compare(before, after) if before and after else [],
        "is_comparable": bool(before and after),
    }
    return render(request, "reports/differences.html", context)


def bases_for(user: User, report: Report) -> ReportQuerySet:
    """Return the earlier versions that the person sees too, the latest first."""
    versions = every_visible_report(user, [report.project]).versions_of(report).with_related()
    earlier = versions.filter(version__lt=report.version, snapshot__isnull=False)
    return earlier.order_by("-version")


def audience_for(user: User, report: Report) -> str:
    """Return the audience whose text is the fullest that the person may read; empty if none."""
    about = About(report)
    offered = audiences_offered(user, about, kind_of(about).audiences)
    order = ("coordination", "donor", "committee", "partners")
    return next((one for one in order if one in offered), "")


def document_now(report: Report, audience: str) -> ReportDocument | None:
    """Return the report as it was signed, or, for its writers, as it is today."""
    if report.snapshot:
        return frozen_document(report, audience, active_language())
    return compose(
        report, language=active_language(), audience=audience, as_of=report.project.today
    )


# /reports/<pk>/read/


@require_safe
def report_read(request: Request, pk: int, part: str = BODY) -> HttpResponse:
    """Show the report as its reader may read it: its body, or one annex."""
    user, report = request.user, report_or_404(request.user, pk)
    wanted = request.GET.get("in", "")
    document = readable_document(user, report, wanted if wanted in LANGUAGES else "")
    if part not in (parts_of(document) if document else [BODY]):
        raise Http404
    if document is None:
        return render(request, "reports/read_nothing.html", {"title": report, "report": report})
    rows = ReaderRows(user, report, document)
    pages = {one: page_of(report, one) for one in parts_of(document)}
    places = Places(document, part, records=rows.records, pages=pages)
    chapters = shown_chapters(document, part, places)
    context = {
        "title": str(report),
        "report": report,
        "project": report.project,
        "crumbs": trail(
            report.project, report, *([(_("Read the report"), pages[BODY])] if part else [])
        ),
        "document": document,
        "is_other_language": document["language"] != active_language(),
        "part": part,
        "places": places,
        "contents": contents_of(document, places),
        "glance": glance_of(document) if part == BODY else {},
        "is_draft": not report.is_frozen,
        "translated": translated_marks(rows, document["language"]),
        **beside_the_text(user, report, document, rows, part, chapters),
    }
    return render(request, "reports/read.html", context)


def readable_document(user: User, report: Report, wanted: str = "") -> ReportDocument | None:
    """Return the fullest text that the person may read: as it was signed, in their language if it was
    signed in it; or, for its writers, as it is today. `wanted`: another language, such as that of
    the original of a translation."""
    audience = audience_for(user, report)
    if not audience:
        return None
    language = wanted or active_language()
    if report.is_frozen:
        return document_in(report, audience, dict.fromkeys([language, *reading_order()]))
    with override(language):
        return document_now(report, audience)


def translated_marks(rows: ReaderRows, language: str) -> list[dict[str, Any]]:
    """Say of each section that is a translation from which language it is, and lead to its original."""
    return [
        {
            "kind": kind,
            "on": row.at,
            "original_name": LANGUAGES[row.source_language],
            "url": f"?in={row.source_language}#{kind}",
        }
        for kind, row in rows.translated_into(language).items()
    ]


def contents_of(document: ReportDocument, places: Places) -> list[dict[str, Any]]:
    return [
        {
            "number": chapter["number"],
            "title": chapter["title"],
            "url": places.href(chapter["kind"]),
            "is_annex": chapter["is_annex"],
            "is_here": chapter["is_annex"] and chapter["kind"] == places.part,
        }
        for chapter in document["chapters"]
    ]


def beside_the_text(
    user: User,
    report: Report,
    document: ReportDocument,
    rows: ReaderRows,
    part: str,
    chapters: list[ShownChapter],
) -> dict[str, Any]:
    """Return what a reader may do, and what is new or changed."""
    remarks = remarks_for(user, report, rows)
    files = own_files(newest_of(user, rows.documents), document)
    ready = donor_has_files(report)
    earlier = rows.earlier
    return {
        "chapters": [(one, remarks_on(remarks["remarks"], one)) for one in chapters],
        "others": remarks_elsewhere(remarks["remarks"], document) if part == BODY else [],
        "comments": remarks["own_origin"],
        "verbs": open_steps_for(user, report, rows.newer, are_files_there=ready),
        "waits_for_files": report.status == Report.Status.SUBMITTED and not ready,
        "acceptance_word": word_on_acceptance(user, report, are_files_there=ready),
        "files": files,
        "newer": rows.newer,
        "earlier": earlier,
        "changed": changed_since(report, earlier, document),
        "acceptance": acceptance_for(user, report, rows),
        "since": user.new_since,
        "news": news_for(user, report, rows, files),
        "photographs": photographs_in(
            [block for chapter in chapters for block in chapter.blocks],
            document["glance"]["photos"] if part == BODY else [],
        ),
    }


def remarks_on(remarks: list[dict[str, Any]], chapter: ShownChapter) -> list[dict[str, Any]]:
    return [row for row in remarks if chapter.kind in places_of(row["remark"])]


def places_of(remark: ReportRemark) -> set[str]:
    """Return the kinds of the chapters in which a section may be printed: its own, or its home's."""
    return {remark.section, chapter_of(remark.section)} if remark.section else set()


def remarks_elsewhere(
    remarks: list[dict[str, Any]], document: ReportDocument
) -> list[dict[str, Any]]:
    """Return the remarks on the whole report, and on sections that this text does not have."""
    kinds = {chapter["kind"] for chapter in document["chapters"]}
    return [row for row in remarks if not kinds & places_of(row["remark"])]


def own_files(documents: list[Rendition], document: ReportDocument) -> list[Rendition]:
    """Return the files of the text that the reader reads, in all its languages; if it has none, those
    of others that they may read."""
    ready = [one for one in documents if one.is_ready and not one.is_draft]
    return [one for one in ready if one.audience == document["audience"]] or ready


def changed_since(report: Report, earlier: Report | None, document: ReportDocument) -> set[str]:
    """Return the kinds of the chapters that differ from the version before; none if it was never
    prepared for these readers."""
    if earlier is None or not report.is_frozen:
        return set()
    before = document_in(earlier, document["audience"], [document["language"]])
    return changed_kinds(before, document) if before else set()


def photographs_in(*groups: Iterable[Mapping[str, Any]]) -> set[int]:
    """Return the keys of those photographs in these blocks that may still be shown."""
    shown = evidence_shown(chain(*groups))
    if not shown:
        return set()
    return set(Evidence.objects.shared().filter(pk__in=shown).values_list("pk", flat=True))


# What is new


def news_for(
    user: User, report: Report, rows: ReaderRows, files: list[Rendition]
) -> list[dict[str, Any]]:
    """Return what others did with the report since the reader last marked the news as read, the latest
    first."""
    since, found = user.new_since, []

    def add(at: datetime | None, text: str, url: str) -> None:
        if at is not None and at >= since:
            found.append({"at": at, "text": text, "url": url})

    for change in rows.changes:
        if change.to_status in Report.SHOWN_TO_MEMBERS and change.verb != "accept":
            add(change.recorded_at, str(Report.Status(change.to_status).label), "")
    for remark in rows.remarks:
        url = f"#remark-{remark.pk}"
        if remark.by_id != user.pk and remark.origin != ReportRemark.Origin.INTERNAL:
            add(remark.recorded_at, _("A comment: %(on)s") % {"on": remark.on}, url)
        if remark.answered_by_id != user.pk:
            add(remark.answered_at, _("An answer to a comment: %(on)s") % {"on": remark.on}, url)
    new = [one for one in files if one.finished_at and one.finished_at >= since]
    if new:
        languages = join_list(str(one.get_language_display()) for one in new)
        moment = max(one.finished_at for one in new if one.finished_at)
        add(moment, _("New files: %(languages)s") % {"languages": languages}, "#files")
    return sorted(found, key=lambda one: one["at"], reverse=True)


@require_safe
def picture(request: Request, pk: int, evidence: int) -> HttpResponse:
    """Answer with a photograph of the report, as its files print it, as long as it may be shown."""
    report = report_or_404(request.user, pk)
    photo = photograph_for(request.user, report, evidence)
    if photo is None:
        raise Http404
    # No browser keeps it (`no-store` of the middleware): a photograph may be withdrawn at any time.
    headers = {"X-Content-Type-Options": "nosniff"}
    return HttpResponse(photo.content, content_type="image/jpeg", headers=headers)


def photograph_for(user: User, report: Report, evidence: int) -> PrintedPhoto | None:
    """Return the photograph if the text of this reader shows it. Of a draft, whose text would have to
    be composed for it, its writers see every photograph of the project that may be shown."""
    if not report.is_frozen:
        return photograph_now(report.project.pk, evidence) if audience_for(user, report) else None
    document = readable_document(user, report)
    block = picture_in(document, evidence) if document else None
    return photograph_of(block) if block else None


# /reports/<pk>/read/data/<figure>/


@require_safe
def figure_page(request: Request, pk: int, figure: str) -> HttpResponse:
    """Show what is behind a figure or table: its numbers, where each came from, and its records."""
    report, data, records, sources = behind(request.user, pk, figure)
    context = {
        "report": report,
        "figure": figure,
        "data": data,
        "title": data.title,
        "table": Table(
            [Column(str(place), label, itemgetter(place)) for place, label in enumerate(data.head)],
            data.rows,
            is_sortable=False,  # amounts are texts here, and the last row may be the total
        ),
        "records": records,
        "sources": sources,
        "crumbs": trail(report.project, report, (_("Read the report"), page_of(report, BODY))),
        "sees_money": data.chapter == "finances" and may_see_budget(request.user, report.project),
    }
    return render(request, "reports/read_data.html", context)


@require_safe
def figure_file(request: Request, pk: int, figure: str, kind: str) -> HttpResponse:
    """Answer with the same as a workbook, or as a text file of the sources or else the numbers."""
    if kind not in ("xlsx", "csv"):
        raise Http404
    report, data, _records, sources = behind(request.user, pk, figure)
    pages = [SheetOfRows(_("Values"), data.head, data.values)]
    if sources:
        pages.append(SheetOfRows(_("Sources"), source_head(), source_rows(sources)))
    if kind == "csv":
        content = csv_sheet(pages[-1].head, pages[-1].rows)
    else:
        moment = report.snapshot.created_at if report.snapshot else timezone.now()
        content = excel_book(pages, made_at=moment)
    name = name_of_data(request.user, report, figure)
    return handed_out(request, content, name, kind, thing=report, what="figure", figure=figure)


def behind(
    user: User, pk: int, figure: str
) -> tuple[Report, FigureData, list[dict[str, str]], list[ValueSource]]:
    report = report_or_404(user, pk)
    document = readable_document(user, report)
    data = figure_data(document, figure) if document else None
    if document is None or data is None:
        raise Http404
    things = ReaderRows(user, report, document).things_at(data.anchors)
    indicators = [one for one in things if isinstance(one, Indicator)]
    return report, data, links_to(things), sources_of(user, report.project, indicators)


def links_to(things: list[Any]) -> list[dict[str, str]]:
    return [{"url": one.get_absolute_url(), "label": citation_label(one)} for one in things]

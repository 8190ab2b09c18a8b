"""The pages of remarks on a report: of the team, the donor and the committee, with answers and
files."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.files import serve
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    form_page,
    posted,
    posted_files,
    saved,
    trail,
)
from reports.forms.steps import (
    EnteredReportRemarkForm,
    RemarkAnswerForm,
    RemarkPlace,
    ReportRemarkForm,
)
from reports.models import Report, ReportRemark, Section
from reports.on_page import BODY, headings_of, page_of
from reports.permissions.reports import (
    may_answer,
    may_settle,
    may_withdraw,
    origin_of_own,
    origins_entered,
    visible_files,
    visible_remarks,
)
from reports.services.file_names import name_in_project
from reports.services.remarks import answer_remark, record_file_download
from reports.views.reading import readable_document
from reports.views.report_page import report_or_404

# /reports/<pk>/remarks/

MAY = {"settle": may_settle, "withdraw": may_withdraw}


@READ_OR_SAVE
def remark_create(request: Request, pk: int) -> HttpResponse:
    """Make a remark of one's own, in the internal review or as the donor."""
    report = report_or_404(request.user, pk)
    origin = origin_of_own(request.user, report)
    ask(bool(origin), _("You cannot make a remark on this report now."))
    form = ReportRemarkForm(
        posted(request),
        posted_files(request),
        report=report,
        place=place_in_query(request, report),
        initial=section_in_query(request),
    )
    title = _("Comment on the report") if origin == "donor" else _("Remark of the review")
    intro = (
        _("The project reads it and answers here. It stays between you and the project.")
        if origin == "donor"
        else _("Only the team reads it, and it does not appear in any document.")
    )
    return remark_page(request, report, form, origin, title=title, intro=intro)


@READ_OR_SAVE
def remark_enter(request: Request, pk: int) -> HttpResponse:
    """Enter a remark that the donor or the committee made by letter, by telephone or at a
    meeting."""
    report = report_or_404(request.user, pk)
    origins = origins_entered(request.user, report)
    ask(
        bool(origins),
        _("The coordination can enter remarks once the report has been presented or submitted."),
    )
    form = EnteredReportRemarkForm(
        posted(request),
        posted_files(request),
        report=report,
        origins=origins,
        initial=section_in_query(request),
    )
    return remark_page(
        request,
        report,
        form,
        "",
        title=_("Enter a remark"),
        intro=_("Received by letter, by telephone or at a meeting, with how you know about it."),
    )


def section_in_query(request: Request) -> dict[str, str]:
    section = request.GET.get("section", "")
    return {"section": section} if section in Section.Kind.values else {}


def place_in_query(request: Request, report: Report) -> RemarkPlace | None:
    """Return the heading that was asked for, if the text that the person reads has it."""
    section, anchor = request.GET.get("section", ""), request.GET.get("place", "")
    if not anchor or section not in Section.Kind.values:
        return None
    document = readable_document(request.user, report)
    for chapter in document["chapters"] if document else []:
        if chapter["kind"] == section and (title := headings_of(chapter).get(anchor)):
            return RemarkPlace(section, anchor, title)
    return None


def comes_from_reading(request: Request) -> bool:
    return request.GET.get("from") == "read"


def remark_page(
    request: Request, report: Report, form: ReportRemarkForm, origin: str, *, title: str, intro: str
) -> HttpResponse:
    if form.is_valid() and (
        made := act(
            form, lambda: form.record(origin or form.cleaned_data["origin"], by=request.user)
        )
    ):
        return saved(request, _("The remark was recorded."), after_remark(request, made.result))
    back = f"{report.get_absolute_url()}#remarks"
    if comes_from_reading(request):
        back = f"{page_of(report, part_at(request.GET.get('part', '')))}#{request.GET.get('section', '')}"
    return form_page(
        request,
        form,
        title=title,
        back=back,
        crumbs=trail(report.project, report),
        intro=intro,
        submit=_("Record the remark"),
        keep=True,
    )


def after_remark(request: Request, remark: ReportRemark) -> str:
    """Return where a remark leads to: where it was made, beside the text or in the list."""
    if not comes_from_reading(request):
        return remark.get_absolute_url()
    return f"{page_of(remark.report, part_at(request.GET.get('part', '')))}#remark-{remark.pk}"


def part_at(text: str) -> str:
    """Return the part of a report that an address names, or else its body."""
    return text if text in Section.Kind.values else BODY


@READ_OR_SAVE
def remark_answer(request: Request, pk: int, remark_pk: int) -> HttpResponse:
    remark = remark_or_404(request.user, pk, remark_pk)
    ask(may_answer(request.user, remark), _("You cannot answer this remark, or it is settled."))
    form = RemarkAnswerForm(posted(request), remark=remark)
    if form.is_valid() and act(
        form,
        lambda: answer_remark(
            remark,
            text=form.cleaned_data.get("text", ""),
            settle=form.cleaned_data["settle"],
            by=request.user,
        ),
    ):
        return saved(request, _("Your answer appears below the remark."), remark)
    return form_page(
        request,
        form,
        title=_("Answer a remark"),
        back=remark,
        crumbs=trail(remark.report.project, remark.report),
        submit=_("Answer"),
        template="reports/remark_answer.html",
        remark=remark,
        keep=True,
    )


@require_POST
def remark_step(request: Request, pk: int, remark_pk: int, verb: str) -> HttpResponse:
    """Settle or withdraw a remark; answering has a page of its own."""
    remark = remark_or_404(request.user, pk, remark_pk)
    if verb not in MAY:
        raise Http404
    ask(
        MAY[verb](request.user, remark),
        _("You cannot settle this remark, or it has already been settled."),
    )
    if act(request, lambda: remark.take(verb, by=request.user)):
        messages.success(
            request, _("The remark is now: %(status)s.") % {"status": remark.get_status_display()}
        )
    return redirect(remark)


def remark_or_404(user: User, pk: int, remark_pk: int) -> ReportRemark:
    report = report_or_404(user, pk)
    remark = get_object_or_404(visible_remarks(user, report), pk=remark_pk)
    remark.report = report
    return remark


# /reports/<pk>/files/


@require_safe
def report_file(request: Request, pk: int, file_pk: int) -> FileResponse:
    report = report_or_404(request.user, pk)
    stored = get_object_or_404(visible_files(request.user, report), pk=file_pk)
    words = (stored.get_category_display(), stored.pk)  # never the name that a person gave it
    answer = serve(stored, filename=name_in_project(request.user, report.project, *words))
    if request.method == "GET":
        record_file_download(stored, by=request.user)
    return answer

"""What is said of a report: remarks of the team, the donor and the committee, answers, files."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.files import serve
from kernel.lifecycle import TransitionError
from reports.forms.remarks import AnswerForm, EnteredRemarkForm, RemarkForm
from reports.models import Report, ReportRemark, Section
from reports.permissions.remarks import (
    may_answer,
    may_settle,
    may_withdraw,
    origin_of_own,
    origins_entered,
    visible_files,
    visible_remarks,
)
from reports.services.remarks import answer_remark, record_file_download
from reports.views.report_page import posted, report_for
from reports.views.steps import accepted

# /reports/<pk>/remarks/

MAY = {"settle": may_settle, "withdraw": may_withdraw}


def remark_create(request: HttpRequest, pk: int) -> HttpResponse:
    """A remark of one's own: of the internal review, or of the donor."""
    report = report_for(request.user, pk)
    origin = origin_of_own(request.user, report)
    if not origin:
        raise PermissionDenied(_("This report takes no remark of yours now."))
    form = RemarkForm(
        posted(request), request.FILES or None, report=report, initial=section_asked(request)
    )
    title = _("Comment on the report") if origin == "donor" else _("Remark of the review")
    intro = (
        _("The project reads it and answers here. It stays between you and the project.")
        if origin == "donor"
        else _("Only the team reads it, and it is in no document.")
    )
    return remark_page(request, report, form, origin, title=title, intro=intro)


def remark_enter(request: HttpRequest, pk: int) -> HttpResponse:
    """What the donor or the committee said otherwise than online."""
    report = report_for(request.user, pk)
    origins = origins_entered(request.user, report)
    if not origins:
        raise PermissionDenied(
            _("The coordination enters remarks, once the report is presented or submitted.")
        )
    form = EnteredRemarkForm(
        posted(request),
        request.FILES or None,
        report=report,
        origins=origins,
        initial=section_asked(request),
    )
    return remark_page(
        request,
        report,
        form,
        "",
        title=_("Enter a remark"),
        intro=_("What came by letter, telephone or at a meeting, with how you know it."),
    )


def section_asked(request: HttpRequest) -> dict[str, str]:
    section = request.GET.get("section", "")
    return {"section": section} if section in Section.Kind.values else {}


def remark_page(
    request: HttpRequest, report: Report, form: RemarkForm, origin: str, *, title: str, intro: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        kept: list[ReportRemark] = []
        chosen = origin or form.cleaned_data["origin"]
        if accepted(form, lambda: kept.append(form.save(chosen, by=request.user))):
            for warning in form.warnings:
                messages.warning(request, warning)
            messages.success(request, _("The remark is recorded."))
            return redirect(kept[0])
    context = {
        "form": form,
        "report": report,
        "title": title,
        "intro": intro,
        "submit": _("Record the remark"),
        "cancel_url": f"{report.get_absolute_url()}#remarks",
        "keep": True,
    }
    return render(request, "reports/step.html", context)


def remark_answer(request: HttpRequest, pk: int, remark_pk: int) -> HttpResponse:
    remark = remark_for(request.user, pk, remark_pk)
    if not may_answer(request.user, remark):
        raise PermissionDenied(_("This remark is not yours to answer, or it is settled."))
    form = AnswerForm(posted(request), remark=remark)
    if form.is_valid():
        text = form.cleaned_data.get("text", "")
        settle = form.cleaned_data["settle"]
        if accepted(
            form,
            lambda: answer_remark(remark, text=text, settle=settle, by=request.user),
        ):
            messages.success(request, _("Your answer stands below the remark."))
            return redirect(remark)
    context = {
        "form": form,
        "report": remark.report,
        "remark": remark,
        "title": _("Answer a remark"),
        "submit": _("Answer"),
        "cancel_url": remark.get_absolute_url(),
        "keep": True,
    }
    return render(request, "reports/remark_answer.html", context)


@require_POST
def remark_step(request: HttpRequest, pk: int, remark_pk: int, verb: str) -> HttpResponse:
    """Settle or withdraw a remark; answering has a page of its own."""
    remark = remark_for(request.user, pk, remark_pk)
    if verb not in MAY:
        raise Http404
    if not MAY[verb](request.user, remark):
        raise PermissionDenied(_("This remark is not yours to settle, or it is settled already."))
    try:
        remark.take(verb, by=request.user)
    except TransitionError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("The remark is now: %(status)s.") % {"status": remark.get_status_display()}
        )
    return redirect(remark)


def remark_for(user: User, pk: int, remark_pk: int) -> ReportRemark:
    report = report_for(user, pk)
    remark = get_object_or_404(visible_remarks(user, report), pk=remark_pk)
    remark.report = report
    return remark


# /reports/<pk>/files/


@require_safe
def report_file(request: HttpRequest, pk: int, file_pk: int) -> FileResponse:
    report = report_for(request.user, pk)
    kept = get_object_or_404(visible_files(request.user, report), pk=file_pk)
    # Neutral, since telephones lie on tables.
    answer = serve(kept, filename=f"{kept.get_category_display()} {kept.pk}")
    if request.method == "GET":
        record_file_download(kept, by=request.user)
    return answer

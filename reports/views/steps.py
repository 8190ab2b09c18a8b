"""The pages of the steps of a report: each asks when and why, and is recorded with day and person; and
the page on which the author chooses what it shows at a glance.
"""

from datetime import datetime
from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from kernel.channel import Channel
from kernel.formats import join_list
from kernel.languages import active_language, language_names
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    form_page,
    locked,
    posted,
    posted_files,
    saved,
    trail,
)
from kernel.undo import FIELD
from projects.sending.donor import donor_context, donor_recipients
from projects.sending.page import typed, undo_url, undone
from projects.sending.recipients import NoticeReceipt, Recipient, languages_of
from reports.compose import gaps
from reports.forms.reports import GlanceForm, VersionNoteForm
from reports.forms.steps import (
    CommitteeOutcomeForm,
    EnteredReportAcceptForm,
    EnteredReportReturnForm,
    ReportAcceptForm,
    ReportPublishForm,
    ReportReturnForm,
    ReportSignOffForm,
    ReportStepForm,
    ReportToDonorForm,
)
from reports.letters import report_letter
from reports.models import GlanceChoice, Report, ReportRemark
from reports.models.remark import ReportRemarkQuerySet
from reports.permissions.reports import (
    may_create_report,
    may_record_outcome,
    may_take,
    may_write,
    speaks_for_donor,
)
from reports.services.remarks import RemarkEntry
from reports.services.steps import (
    DONOR_NEWS,
    accept_report,
    decisions_for,
    meetings_for,
    present_report,
    publish_report,
    record_outcome,
    return_report,
    sign_off,
    submit_report,
    why_early,
)
from reports.services.writing import languages_lacking, start_new_version, writers_of
from reports.views.report_page import report_or_404, step_label

Origin = ReportRemark.Origin

# What the page says once a step was taken.
DONE = {
    "review": gettext_lazy("The report was sent for internal review."),
    "return": gettext_lazy("The report is a draft again."),
    "sign_off": gettext_lazy("The report was signed off."),
    "present": gettext_lazy("The report was presented to the committee."),
    "submit": gettext_lazy("The report was submitted to the donor."),
    "comment": gettext_lazy("The report was returned with a request for changes."),
    "resubmit": gettext_lazy("The report was submitted to the donor again."),
    "accept": gettext_lazy("The report was accepted."),
    "publish": gettext_lazy("The report was published."),
}

# /reports/<pk>/steps/<verb>/

# A report that was published is read by all at once.
UNDONE_AT_ONCE = frozenset({"present", "submit", "resubmit"})


@READ_OR_SAVE
def report_step(request: Request, pk: int, verb: str) -> HttpResponse:
    """Ask when and why a step was taken, then take it."""
    report = report_or_404(request.user, pk)
    if verb not in Report.STEPS:
        raise Http404
    ask(may_take(request.user, report, verb), _("You cannot take this step."))
    if verb in UNDONE_AT_ONCE and FIELD in request.POST:
        return undone(request, report, verb)
    writes = verb in DONOR_NEWS
    found = donor_recipients(report.project, by=request.user) if writes else None
    form = form_for(request, report, verb, found)
    if form.is_valid() and (
        taken := act(form, lambda: take_step(report, verb, request.user, form))
    ):
        undo = undo_url(request, report, verb) if verb in UNDONE_AT_ONCE else ""
        told = taken.result.said(waits=bool(undo)) if taken.result else ""
        return saved(request, f"{DONE[verb]} {told}".strip(), report, undo=undo)
    label = step_label(request.user, report, verb)
    letter = partial(report_letter, report, DONOR_NEWS.get(verb, ""))
    return form_page(
        request,
        form,
        title=label,
        back=report,
        crumbs=trail(report.project, report),
        submit=label,
        template="reports/step.html",
        **(
            checks_before_signing(request, report, form)
            if verb == "sign_off"
            else {"warnings": warnings_before(report, verb)}
        ),
        **(donor_context(request, report, found, letter, form=form) if found is not None else {}),
    )


def checks_before_signing(request: Request, report: Report, form: ReportStepForm) -> dict[str, Any]:
    """Return what somebody should look at before they sign the report off."""
    signs_own = request.user.pk in writers_of(report)
    return {
        # A form that was refused for this reason shows the sentence itself.
        "signs_own": signs_own and not form.non_field_errors(),
        "warnings": [] if form.non_field_errors() else why_early(report, report.project.today),
        "gaps": gaps(report),
        "open_remarks": list(open_internal(report)),
    }


def form_for(
    request: Request, report: Report, verb: str, found: list[Recipient] | None
) -> ReportStepForm:
    """`found`: whom a message about the step goes to."""
    data, files = posted(request), posted_files(request)
    is_donor = speaks_for_donor(request.user, report)
    if verb == "sign_off":
        return ReportSignOffForm(data, report=report, open_remarks=open_internal(report).count())
    if verb == "comment":
        form_class = ReportReturnForm if is_donor else EnteredReportReturnForm
        has_comments = report.remarks.filter(origin=Origin.DONOR).unsettled().exists()
        return form_class(data, files, has_comments=has_comments)
    if verb == "accept":
        return ReportAcceptForm(data) if is_donor else EnteredReportAcceptForm(data, files)
    if verb == "publish":
        return ReportPublishForm(**typed(request), languages=languages_of(found or []))
    if verb in DONOR_NEWS:
        lacking = bool(languages_lacking(report))
        return ReportToDonorForm(**typed(request), found=found or [], needs_reason=lacking)
    return ReportStepForm(data, needs_reason=verb == "return")


def open_internal(report: Report) -> ReportRemarkQuerySet:
    return report.remarks.filter(origin=Origin.INTERNAL).unsettled()


def warnings_before(report: Report, verb: str) -> list[str]:
    """Return sentences that advise against a step without forbidding it."""
    found = []
    if verb in {"submit", "publish"} and not report.committee_outcome:
        found.append(
            _("The committee has neither validated nor noted this report yet.")
            if report.status != Report.Status.SIGNED_OFF
            else _("This report has not been presented to the committee yet.")
        )
    if verb in {"submit", "resubmit"} and (lacking := languages_lacking(report)):
        sentence = _(
            "The agreement requires the report in languages in which it is not fully "
            "written: %(languages)s. Say below why it is submitted nevertheless."
        )
        found.append(sentence % {"languages": join_list(language_names(lacking))})
    if verb in {"resubmit", "publish"}:
        waiting = report.remarks.filter(origin=Origin.DONOR).open().count()
        if waiting:
            found.append(
                _("Comments of the donor without an answer: %(count)d.") % {"count": waiting}
            )
    return found


def take_step(report: Report, verb: str, user: User, form: ReportStepForm) -> NoticeReceipt | None:
    """Take the step; return whom a message about it went to, if one goes to the donor."""
    fields = form.cleaned_data
    on, why = fields.get("on"), fields["why"]
    if isinstance(form, ReportSignOffForm):
        sign_off(report, by=user, on=on, why=why, note=form.note)
    elif isinstance(form, ReportToDonorForm):
        delivered = form.with_delivery()
        return submit_report(report, by=user, on=on, why=why, delivered=delivered, lines=form.lines)
    elif verb == "present":
        present_report(report, by=user, on=on, why=why)
    elif verb == "comment":
        entry = RemarkEntry(
            by=user,
            on=on,
            channel=fields.get("channel", Channel.PORTAL),
            evidence=fields.get("evidence", ""),
        )
        return_report(
            report, entry=entry, language=active_language(), text=why, file=fields["upload"]
        )
    elif verb == "accept":
        accept_report(
            report,
            by=user,
            on=on,
            why=why,
            reference=fields.get("reference", ""),
            letter=fields.get("letter"),
        )
    elif isinstance(form, ReportPublishForm):
        return publish_report(report, by=user, on=on, why=why, lines=form.lines)
    else:
        report.take(verb, by=user, on=on, why=why)
    return None


# /reports/<pk>/outcome/


@READ_OR_SAVE
def report_outcome(request: Request, pk: int) -> HttpResponse:
    """Record whether the committee validated or noted the report, by which decision or meeting."""
    report = report_or_404(request.user, pk)
    ask(
        may_record_outcome(request.user, report),
        _("The coordination or the chair can record it once the report has been presented."),
    )
    form = CommitteeOutcomeForm(
        posted(request),
        initial=outcome_recorded(report),
        decisions=decisions_for(report),
        meetings=meetings_for(report),
    )
    if form.is_valid() and act(
        form,
        lambda: record_outcome(
            report,
            form.cleaned_data["outcome"],
            resolution=form.cleaned_data["resolution"],
            meeting=form.cleaned_data["meeting"],
            by=request.user,
            seen=moment_in(form.cleaned_data["seen"]),
        ),
    ):
        return saved(request, report.get_committee_outcome_display(), report)
    return form_page(
        request,
        form,
        title=_("Outcome in the committee"),
        back=report,
        crumbs=trail(report.project, report),
    )


def outcome_recorded(report: Report) -> dict[str, Any]:
    if report.outcome_recorded_at is None:
        return {"seen": ""}
    return {
        "outcome": report.committee_outcome,
        "resolution": report.resolution_id,
        "meeting": report.noted_at_id,
        "seen": report.outcome_recorded_at.isoformat(),
    }


def moment_in(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


# /reports/<pk>/versions/


@READ_OR_SAVE
def report_revise(request: Request, pk: int) -> HttpResponse:
    """Begin the next version of a report that was signed off."""
    report = report_or_404(request.user, pk)
    ask(
        may_create_report(request.user, report.project),
        _("Only the coordination can start a report."),
    )
    # The note belongs to the next version, so the form begins empty.
    form = VersionNoteForm(posted(request), instance=Report())
    if form.is_valid() and (
        begun := act(form, lambda: start_new_version(report, by=request.user, note=form.note))
    ):
        return saved(
            request, _("The new version starts with the texts of the last one."), begun.result
        )
    return form_page(
        request,
        form,
        title=_("Start a new version"),
        back=report,
        crumbs=trail(report.project, report),
        intro=_(
            "It starts with the texts of version %(number)s, which stays as it is. Say "
            "what will be different; the document adds which texts and figures have "
            "changed. You can also say it when the version is signed off."
        )
        % {"number": report.version},
        submit=_("Start a new version"),
    )


# /reports/<pk>/glance/


@READ_OR_SAVE
def report_glance(request: Request, pk: int) -> HttpResponse:
    report = report_or_404(request.user, pk)
    ask(
        may_write(request.user, report),
        _("The page can be changed by those who write the report, until it is signed off."),
    )
    rows = locked(request, GlanceChoice.objects.filter(report=report))
    choice = rows.first() or GlanceChoice(report=report, chosen_by=request.user)
    choice.report = report
    form = GlanceForm(posted(request), instance=choice)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The choice was saved."), report)
    return form_page(
        request,
        form,
        title=_("At a glance"),
        back=report,
        crumbs=trail(report.project, report),
        intro=_(
            "Page 2 of the report shows what matters most: figures against their "
            "targets, spending, places, decisions and risks. Here you choose what the "
            "portal cannot know."
        ),
    )

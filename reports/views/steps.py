"""A report is moved on: each step asks when and why, and is dated and named."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.channel import Channel
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from kernel.text import active_language
from reports.compose import gaps
from reports.forms.reports import VersionNoteForm
from reports.forms.steps import (
    AcceptForm,
    EnteredAcceptForm,
    EnteredReturnForm,
    OutcomeForm,
    ReturnForm,
    SignOffForm,
    StepForm,
)
from reports.models import Report, ReportRemark
from reports.permissions.reports import may_create_report, may_record_outcome, may_take
from reports.services.remarks import Given
from reports.services.steps import (
    accept_report,
    decisions_for,
    meetings_for,
    present_report,
    publish_report,
    record_outcome,
    return_report,
    sign_off,
    submit_report,
)
from reports.services.writing import start_new_version, writers_of
from reports.views.report_page import label_of, posted, report_for, speaks_for_donor

Origin = ReportRemark.Origin

# /reports/<pk>/steps/<verb>/


def report_step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Ask when and why, then take the step."""
    report = report_for(request.user, pk)
    if verb not in Report.STEPS:
        raise Http404
    if not may_take(request.user, report, verb):
        raise PermissionDenied(_("This step is not yours to take."))
    form = form_for(request, report, verb)
    if form.is_valid() and accepted(form, lambda: take_step(report, verb, request.user, form)):
        report.refresh_from_db()
        messages.success(
            request, _("The report is now: %(status)s.") % {"status": report.get_status_display()}
        )
        return redirect(report)
    label = label_of(request.user, report, verb)
    context = {
        "form": form,
        "report": report,
        "title": label,
        "submit": label,
        "cancel_url": report.get_absolute_url(),
        "warnings": warnings_before(report, verb),
    }
    if verb == "sign_off":
        # Refused for it, the form says so itself.
        signs_own = request.user.pk in writers_of(report)
        context["signs_own"] = signs_own and not form.non_field_errors()
        context["gaps"] = gaps(report)
        context["open_remarks"] = list(open_internal(report))
    return render(request, "reports/step.html", context)


def form_for(request: HttpRequest, report: Report, verb: str) -> StepForm:
    sent, files = posted(request), request.FILES or None
    is_donor = speaks_for_donor(request.user, report)
    if verb == "sign_off":
        return SignOffForm(sent, report=report, open_remarks=open_internal(report).count())
    if verb == "comment":
        form_class = ReturnForm if is_donor else EnteredReturnForm
        said = report.remarks.filter(origin=Origin.DONOR).unsettled().exists()
        return form_class(sent, files, has_comments=said)
    if verb == "accept":
        return AcceptForm(sent) if is_donor else EnteredAcceptForm(sent, files)
    return StepForm(sent, needs_reason=verb == "return")


def open_internal(report: Report):
    return report.remarks.filter(origin=Origin.INTERNAL).unsettled()


def warnings_before(report: Report, verb: str) -> list[str]:
    """What speaks against a step without forbidding it."""
    found = []
    if verb in {"submit", "publish"} and not report.committee_outcome:
        found.append(
            _("The committee has neither validated nor noted this report yet.")
            if report.status != Report.Status.SIGNED_OFF
            else _("This report was not presented to the committee yet.")
        )
    if verb in {"resubmit", "publish"}:
        waiting = report.remarks.filter(origin=Origin.DONOR).open().count()
        if waiting:
            found.append(
                _("Comments of the donor without an answer: %(count)d.") % {"count": waiting}
            )
    return found


def take_step(report: Report, verb: str, user: User, form: StepForm) -> None:
    fields = form.cleaned_data
    on, why = fields.get("on"), fields["why"]
    if verb == "sign_off":
        sign_off(report, by=user, on=on, exception=why, note=form.note)
    elif verb in {"submit", "resubmit"}:
        submit_report(report, by=user, on=on, why=why)
    elif verb == "present":
        present_report(report, by=user, on=on, why=why)
    elif verb == "comment":
        given = Given(
            by=user,
            on=on,
            channel=fields.get("channel", Channel.PORTAL),
            evidence=fields.get("evidence", ""),
        )
        return_report(
            report, given=given, language=active_language(), text=why, file=fields["upload"]
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
    elif verb == "publish":
        publish_report(report, by=user, on=on, why=why)
    else:
        report.take(verb, by=user, on=on, why=why)


# /reports/<pk>/outcome/


def report_outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """What the committee made of the report, with the decision or the meeting."""
    report = report_for(request.user, pk)
    if not may_record_outcome(request.user, report):
        raise PermissionDenied(
            _("The coordination or the chair records it, once the report was presented.")
        )
    form = OutcomeForm(
        posted(request),
        initial=outcome_recorded(report),
        decisions=decisions_for(report),
        meetings=meetings_for(report),
    )
    if form.is_valid() and accepted(
        form, lambda: keep_outcome(report, form.cleaned_data, request.user)
    ):
        messages.success(request, report.get_committee_outcome_display())
        return redirect(report)
    context = {
        "form": form,
        "report": report,
        "title": _("Outcome in the committee"),
        "cancel_url": report.get_absolute_url(),
        "warnings": [],
    }
    return render(request, "reports/step.html", context)


def outcome_recorded(report: Report) -> dict[str, Any]:
    if not report.committee_outcome:
        return {"seen": ""}
    return {
        "outcome": report.committee_outcome,
        "resolution": report.resolution_id,
        "meeting": report.noted_at_id,
        "seen": report.outcome_recorded_at.isoformat(),
    }


def keep_outcome(report: Report, fields: dict[str, Any], user: User) -> None:
    record_outcome(
        report,
        fields["outcome"],
        resolution=fields["resolution"],
        meeting=fields["meeting"],
        by=user,
        seen=moment_in(fields["seen"]),
    )


def moment_in(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


# /reports/<pk>/versions/


def report_revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version of a report that stands."""
    report = report_for(request.user, pk)
    if not may_create_report(request.user, report.project):
        raise PermissionDenied(_("Only the coordination begins a report."))
    # Not of this version: what will be different in the next one.
    form = VersionNoteForm(posted(request), instance=Report())
    if form.is_valid():
        begun: list[Report] = []
        if accepted(form, lambda: begun.append(begin_version(report, request.user, form.note))):
            messages.success(request, _("The new version begins with the texts of the last one."))
            return redirect(begun[0])
    context = {
        "form": form,
        "report": report,
        "title": _("Begin a new version"),
        "intro": _(
            "It begins with the texts of version %(number)s, which stays as it is. Say what will "
            "be different; the document adds which texts and figures changed. You can also say it "
            "when the version is signed off."
        )
        % {"number": report.version},
        "submit": _("Begin a new version"),
        "cancel_url": report.get_absolute_url(),
    }
    return render(request, "reports/step.html", context)


def begin_version(report: Report, user: User, note: dict[str, str]) -> Report:
    return start_new_version(report, by=user, note=note)


def accepted(form: forms.BaseForm, action: Callable[[], Any]) -> bool:
    """Do it; a refusal becomes an error of the form and the answer is False."""
    try:
        action()
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)
    except (Refusal, TransitionError) as refusal:
        form.add_error(None, str(refusal))
    return not form.errors

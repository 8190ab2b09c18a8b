"""The parts of a report's page: its progress, the steps open to the reader, remarks and
documents."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from committees.permissions.meetings import visible_meetings
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.roles import may_see_history, may_see_names
from kernel.cells import Action
from kernel.formats import join_list
from kernel.languages import LANGUAGES, language_rank
from kernel.lifecycle import StatusChange, that_hold
from projects.models import Representation
from projects.permissions.representations import visible_representations
from projects.permissions.roles import note_place
from reports.models import Rendition, Report, ReportFile, ReportRemark
from reports.permissions.reports import (
    may_answer,
    may_create_report,
    may_read_acceptance,
    may_see_author,
    may_see_report,
    may_settle,
    may_take,
    may_withdraw,
    origin_of_own,
    origins_entered,
    speaks_for_donor,
)
from reports.reading import ReportRows, report_of
from reports.services.steps import superseding

# Steps that lead back: their buttons come last and are not highlighted.
BACKWARDS = frozenset({"return", "comment"})
# The statuses that the bar of progress shows. A report that was returned is at “submitted” there.
PROGRESS = (
    Report.Status.DRAFT,
    Report.Status.IN_REVIEW,
    Report.Status.SIGNED_OFF,
    Report.Status.PRESENTED,
    Report.Status.SUBMITTED,
    Report.Status.ACCEPTED,
    Report.Status.PUBLISHED,
)


def report_or_404(user: User, pk: int) -> Report:
    report = report_of(pk)
    if report is None or not may_see_report(user, report):
        raise Http404
    note_place(user, report.project)
    return report


# Steps open to the reader


def step_label(user: User, report: Report, verb: str) -> str:
    """Return the label of a step's button: the donor takes the step, the coordination records
    it."""
    own = {"comment": _("Request changes"), "accept": _("Accept the report")}
    if verb in own and speaks_for_donor(user, report):
        return own[verb]
    return str(Report.STEPS[verb].label)


def open_steps_for(
    user: User, report: Report, newer: Report | None = None, *, are_files_there: bool = True
) -> list[tuple[str, str, bool]]:
    """Return (verb, label, whether it is highlighted) of the steps that the person may take now.

    The step that leads forward comes first and is highlighted. A version that a newer one has
    replaced takes no steps any more. The donor accepts once the files are there.
    """
    verbs = [verb for verb in report.open_steps if may_take(user, report, verb)]
    if not are_files_there and speaks_for_donor(user, report):
        verbs = [verb for verb in verbs if verb != "accept"]
    if newer:
        verbs = [verb for verb in verbs if not superseding(report, verb)]
    verbs.sort(key=lambda verb: verb in BACKWARDS)
    return [
        (verb, step_label(user, report, verb), place == 0 and verb not in BACKWARDS)
        for place, verb in enumerate(verbs)
    ]


def outcome_step(report: Report, changes: list[StatusChange]) -> Action:
    """Return the button for the committee's outcome. It stands at the head while the outcome of a report
    that was presented is not known."""
    was_presented = any(change.verb == "present" for change in changes)
    label = _("Record the committee’s outcome")
    if report.committee_outcome:
        label = _("Correct the committee’s outcome")
    return Action(
        label,
        reverse("reports:outcome", args=[report.pk]),
        is_primary=was_presented and not report.committee_outcome,
    )


def next_after_acceptance(user: User, report: Report) -> dict[str, str]:
    """Return title and text on what comes next after the donor accepted the report."""
    if report.status != Report.Status.ACCEPTED or not may_take(user, report, "publish"):
        return {}
    return {
        "title": _("The donor accepted the report"),
        "text": _("The next step is to publish it: partners read it from then on."),
    }


def next_after_return(
    user: User, report: Report, newer: Report | None, open_remarks: int
) -> dict[str, str]:
    """Return title and text that explain what comes next after the donor returned the report.

    The text depends on whether the reader is the coordination or the donor; others get none.
    """
    if report.status != Report.Status.RETURNED:
        return {}
    if newer:
        return {
            "title": _("Returned, and rewritten"),
            "text": _("Version %(number)s replaces this one and is submitted in its place.")
            % {"number": newer.version},
        }
    if may_create_report(user, report.project):
        sentences = [
            _("The text of this version stays as it was signed."),
            _("If answers are enough, answer the comments and submit it again."),
            _(
                "If the text or a figure has to change, start a new version: it replaces "
                "this one once it is submitted."
            ),
        ]
        if open_remarks:
            sentences.insert(
                0, _("Comments without an answer: %(count)d.") % {"count": open_remarks}
            )
        return {"title": _("The donor requests changes"), "text": " ".join(sentences)}
    if speaks_for_donor(user, report):
        return {
            "title": _("You requested changes"),
            "text": _(
                "The project answers your comments below, and submits the report again "
                "or a new version of it. You are informed by e-mail."
            ),
        }
    return {}


def word_on_acceptance(user: User, report: Report, *, are_files_there: bool) -> dict[str, str]:
    """Return title and text on when the donor's person may accept a submitted report, or else who
    may; others get none."""
    if report.status != Report.Status.SUBMITTED or not speaks_for_donor(user, report):
        return {}
    if may_take(user, report, "accept"):
        if are_files_there:
            return {}
        return {
            "title": _("The files are being prepared"),
            "text": _(
                "You can read the report now. You can accept it as soon as its files are there."
            ),
        }
    if names := who_accepts(user, report):
        text = _("It can be accepted for the donor by: %(people)s.") % {"people": join_list(names)}
    else:
        text = _("Nobody may accept it for the donor yet: tell the coordination who should.")
    return {"title": _("You can read this report and comment on it"), "text": text}


def who_accepts(user: User, report: Report) -> list[str]:
    """Return the names of those who may accept for the donor; the institution of those whom the person
    does not see."""
    found = Representation.objects.accepting(report.project).with_related()
    seen = set(visible_representations(user).filter(pk__in=found).values_list("pk", flat=True))
    return list(
        dict.fromkeys(
            one.contact.full_name if one.pk in seen else one.participation.institution.short_name
            for one in found
        )
    )


# History


def steps_of(report: Report, changes: list[StatusChange]) -> list[dict[str, Any]]:
    """Return the bar of progress: each status as done (with its day), now or next.

    A status that the report skipped, such as “presented”, is left out rather than shown as done.
    """
    days = {change.to_status: change.happened_on for change in that_hold(changes)}
    present = Report.Status.SUBMITTED if report.status == "returned" else report.status
    here = PROGRESS.index(Report.Status(present))
    steps = []
    for place, status in enumerate(PROGRESS):
        was_taken = status == Report.Status.DRAFT or status.value in days
        if place < here and not was_taken:
            continue
        state = "done" if place < here else "now" if place == here else "next"
        day = days.get(status.value) if place <= here else None
        steps.append({"label": status.label, "state": state, "date": day})
    return steps


def history_for(user: User, report: Report, changes: list[StatusChange]) -> list[dict[str, Any]]:
    """Return the status changes and the committee's outcome, the newest first.

    The team and the committee see the history; only the coordination sees the names in it.
    """
    if not may_see_history(user, report.project):
        return []
    shows_names = may_see_names(user, report.project)
    entries: list[dict[str, Any]] = [
        {
            "on": change.happened_on,
            "text": change.label,
            "who": change.by if shows_names else "",
            "note": change.reason,
        }
        for change in reversed(changes)
    ]
    if report.committee_outcome:
        outcome = {
            "on": report.outcome_on,
            "text": report.get_committee_outcome_display(),
            "who": report.outcome_recorded_by if shows_names else "",
            "note": basis_of_outcome(report),
        }
        # Before the first entry that is not younger, so that the newest stays above.
        places = [place for place, one in enumerate(entries) if one["on"] <= outcome["on"]]
        entries.insert(places[0] if places else len(entries), outcome)
    return entries


def basis_of_outcome(report: Report) -> str:
    """Return the decision or the meeting by which the committee validated or noted the report."""
    if report.resolution:
        return str(report.resolution)
    return _("Noted at: %(meeting)s") % {"meeting": report.noted_at} if report.noted_at else ""


def outcome_for(user: User, report: Report) -> dict[str, Any] | None:
    """Return the committee's outcome, with a link for those who see the decision or the meeting."""
    if not report.committee_outcome:
        return None
    url, project = "", report.project
    if report.resolution:
        if visible_resolutions(user, project).filter(pk=report.resolution.pk).exists():
            url = report.resolution.get_absolute_url()
    elif report.noted_at and visible_meetings(user, project).filter(pk=report.noted_at.pk).exists():
        url = report.noted_at.get_absolute_url()
    return {
        "label": report.get_committee_outcome_display(),
        "by": basis_of_outcome(report),
        "url": url,
        "on": report.outcome_on,
    }


def acceptance_for(user: User, report: Report, rows: ReportRows) -> dict[str, Any] | None:
    """Return the donor's acceptance, with its letter for those who may read it."""
    if not report.accepted_on:
        return None
    acceptance = ReportFile.Category.ACCEPTANCE
    shows = may_read_acceptance(user, report)
    return {
        "on": report.accepted_on,
        "reference": report.acceptance_reference if shows else "",
        "letters": [file for file in rows.files if file.category == acceptance],
    }


# Remarks


def remarks_for(user: User, report: Report, rows: ReportRows) -> dict[str, Any]:
    """Return the remarks that the person may read, in the order of the document's sections, each
    with what the person may do about it.

    The coordination sees who made a remark; the team sees it of the internal review.
    """
    remarks = list(rows.remarks)
    labels = report.preset.labels() if remarks else {}
    order = {"": -1} | {kind: place for place, kind in enumerate(labels)}
    remarks.sort(key=lambda remark: (not remark.is_open, order.get(remark.section, 99)))
    for remark in remarks:
        remark.report = report  # the roles in its project are fetched already
    shown = [
        {
            "remark": remark,
            "on": place_of_remark(remark, labels),
            "may_answer": may_answer(user, remark) and not remark.answer,
            "may_settle": may_settle(user, remark),
            "may_withdraw": may_withdraw(user, remark),
            "who": remark.by if may_see_author(user, remark) else "",
            "files": rows.files_of(remark),
        }
        for remark in remarks
    ]
    return {
        "remarks": shown,
        "remarks_open": sum(remark.is_open for remark in remarks),
        "remarks_settled": sum(not remark.is_open for remark in remarks),
        "unanswered": sum(
            remark.status == ReportRemark.Status.OPEN and remark.origin == ReportRemark.Origin.DONOR
            for remark in remarks
        ),
        "own_origin": origin_of_own(user, report),
        "entered_origins": origins_entered(user, report),
    }


def place_of_remark(remark: ReportRemark, labels: Mapping[str, str]) -> str:
    """Return what a remark is about: a section by its name in the report, and the place in it."""
    section = labels.get(remark.section) or remark.on
    return f"{section} · {remark.place_title}" if remark.place_title else str(section)


# Documents


def table_of(documents: list[Rendition], languages: list[str]) -> dict[str, Any]:
    """Return the documents of a report as a table of audience × language; `languages` are shown even
    if they have none."""
    used = dict.fromkeys([*languages, *(row.language for row in documents)])
    columns = sorted(used, key=language_rank)
    by_row: dict[tuple[bool, str], dict[str, Rendition]] = {}
    for row in documents:
        by_row.setdefault((row.is_draft, row.audience), {})[row.language] = row
    return {
        "languages": [(code, LANGUAGES[code]) for code in columns],
        "rows": [
            {
                "audience": next(iter(found.values())).get_audience_display(),
                "state": _("Draft") if is_draft else _("Signed"),
                "tone": "warn" if is_draft else "ok",
                "cells": [(LANGUAGES[code], found.get(code)) for code in columns],
            }
            for (is_draft, _audience), found in by_row.items()
        ],
    }

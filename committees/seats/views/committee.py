"""Pages of a committee: its next meeting and seats, its rules and terms with the figures of its work, and
its steps."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.mail_in.addresses import takes_mail
from accounts.models import User
from committees import pages
from committees.models import Committee, Seat, SeatTerm
from committees.pages import committee_or_404, task
from committees.permissions.meetings import (
    may_edit_documents,
    may_see_item_proposals,
)
from committees.permissions.roles import may_see_history, may_see_name, seats_held
from committees.permissions.seats import (
    committees_to_copy,
    may_create_committee,
    may_edit_committee,
)
from committees.seats.forms.committee import (
    RULES,
    CommitteeForm,
    CommitteeStepForm,
    CopyRulesForm,
    NewCommitteeForm,
    TermsOfReferenceForm,
)
from committees.seats.services.reading import (
    CommitteeOverview,
    Seats,
    attendance_chart,
    follow_up_of,
    read_committee,
    read_rules,
)
from committees.seats.services.terms import (
    copy_rules,
    found_committee,
    save_rules,
    save_terms,
    take_committee_step,
)
from kernel.addresses import addresses
from kernel.cells import Action
from kernel.formats import join_list
from kernel.lifecycle import StatusChange
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved, trail
from projects.models import Project
from projects.pages import project_tabs, visible_project
from projects.permissions.mail_notes import may_see_mail_notes


def composition(user: User, committee: Committee, seats: Seats) -> list[dict[str, Any]]:
    """Return the seats of today, with their people as far as the reader may know them."""
    today, may_edit = timezone.localdate(), may_edit_committee(user, committee)
    own = {term.seat_id for term in seats_held(user, committee.project)}
    sheet_url = addresses("committees:handover", committee.pk)

    def shown(term: SeatTerm) -> dict[str, Any]:
        is_named = may_see_name(user, committee.project, term.contact)
        return {"since": may_edit and term.since, "name": term.contact if is_named else ""}

    rows = []
    for seat, institutions in seats:
        holder = seat.holder_on(today)
        # The coordination finds them in the table in which it edits the seats.
        sheets = institutions if seat.pk in own else []
        rows.append(
            {
                "seat": seat,
                "names": " · ".join(each.name for each in institutions),
                "holder": shown(holder) if holder else None,
                "alternates": [shown(term) for term in seat.terms_on(today) if term != holder],
                "sheets": [(each, sheet_url(each.pk)) for each in sheets],
            }
        )
    return rows


# Reading


@require_safe
def committee_detail(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    user, project = request.user, committee.project
    may_edit = may_edit_committee(user, committee)
    overview = read_committee(user, committee)
    context = {
        "committee": committee,
        "crumbs": trail(project),
        "tabs": project_tabs(user, project, "committee"),
        "meeting": overview.next_meeting,
        "compliance": committee.compliance(),
        "composition": composition(user, committee, overview.seats),
        "consultations": overview.consultations,
        "may_edit": may_edit,
        "sees_proposals": may_see_item_proposals(request.user, committee),
        "sees_mail": takes_mail() and may_see_mail_notes(user, project),
        "founding": founding_tasks(committee, overview) if may_edit else [],
        "has_vote": any(seat.is_voting for seat, _institutions in overview.seats),
    }
    return render(request, "committees/committee_detail.html", context)


@require_safe
def project_committee(request: Request, code: str) -> HttpResponse:
    """Lead to the committee of a project, or say that there is none yet."""
    project = visible_project(request.user, code)
    committee = Committee.objects.filter(project=project).only("pk").first()
    if committee:
        return redirect(committee)
    context = {
        "project": project,
        "crumbs": trail(project),
        "tabs": project_tabs(request.user, project, "committee"),
        "may_create": may_create_committee(request.user, project),
    }
    return render(request, "committees/committee_none.html", context)


def founding_tasks(committee: Committee, overview: CommitteeOverview) -> list[dict[str, Any]]:
    """Return what is left to do before a draft is constituted."""
    if committee.status != Committee.Status.DRAFT:
        return []
    seats = [seat for seat, _institutions in overview.seats]
    today = committee.project.today
    seats_url = reverse("committees:composition", args=[committee.pk])
    has_terms = bool(committee.terms_text) or committee.documents.filter(meeting=None).exists()
    terms_url = reverse("committees:terms-edit", args=[committee.pk])
    rules_url = reverse("committees:edit", args=[committee.pk])
    is_voting = any(seat.is_voting for seat in seats)
    all_held = bool(seats) and all(seat.holder_on(today) for seat in seats)
    return [
        task(_("Fill the seats, at least one with a vote"), seats_url, is_voting),
        task(_("Give each seat its principal member"), seats_url, all_held),
        task(_("Write the terms of reference, or add the file"), terms_url, has_terms),
        task(_("Write the mandate, and check the rules"), rules_url, bool(committee.mandate)),
    ]


def adopted_otherwise(user: User, committee: Committee, step: StatusChange | None) -> str:
    """Return how the terms were adopted where no decision did, as it was said in the step that
    constituted the committee, to those who read its history."""
    if step is None or committee.terms_adopted_by_id:
        return ""
    return step.why if may_see_history(user, committee.project) else ""


def committee_steps(committee: Committee) -> list[tuple[str, Action]]:
    """Return the steps that are possible, but to constitute it, which the head of the page offers."""
    url = "committees:committee-step"
    return [
        (verb, Action(committee.STEPS[verb].label, reverse(url, args=[committee.pk, verb])))
        for verb in committee.open_steps
        if verb not in ("constitute", "reinstate")
    ]


# Rules


@READ_OR_SAVE
def committee_create(request: Request, code: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), code=code)
    ask(may_create_committee(request.user, project))
    if known := Committee.objects.filter(project=project).first():
        messages.info(request, _("The project already has its committee."))
        return redirect(known)
    form = NewCommitteeForm(posted(request), instance=Committee(project=project))
    if form.is_valid():
        form.note_translations()
        committee = found_committee(form.instance)
        sentence = _("The committee is set up. Now fill its seats.")
        return saved(request, sentence, "committees:composition", committee.pk)
    return form_page(
        request,
        form,
        title=_("Set up the committee"),
        back=project,
        crumbs=trail(project),
        intro=_(
            "The values suggested are the usual ones. Quorum at a second call, silence, "
            "tolerance and the mandate are under “Rules and terms” on the committee's page."
        ),
        submit=_("Set up the committee"),
    )


@READ_OR_SAVE
def committee_edit(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    form = CommitteeForm(posted(request), instance=committee)
    if form.is_valid():
        form.note_translations()
        save_rules(committee, RULES, form.minima)
        return saved(request, _("The committee was saved."), committee)
    return form_page(
        request,
        form,
        title=_("Name, mandate and rules"),
        back=committee,
        crumbs=trail(committee.project, committee),
        copy_url=reverse("committees:copy-rules", args=[pk]),
        template="committees/committee_form.html",
    )


@READ_OR_SAVE
def committee_copy_rules(request: Request, pk: int) -> HttpResponse:
    """Take the rules of a committee of another project."""
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    committees = committees_to_copy(request.user, committee)
    form = CopyRulesForm(posted(request), committees=committees)
    if form.is_valid() and act(
        form,
        lambda: copy_rules(
            committee, form.cleaned_data["source"], with_terms=form.cleaned_data["with_terms"]
        ),
    ):
        sentence = _("The rules were copied. Check them, and save what is different here.")
        return saved(request, sentence, "committees:edit", pk)
    return form_page(
        request,
        form,
        title=_("Copy the rules of another committee"),
        intro=_(
            "Meetings, notice, quorum, decisions, minutes and tolerances are replaced by "
            "those of the other committee. Name, mandate and seats are kept."
        ),
        submit=_("Copy the rules"),
        back=reverse("committees:edit", args=[pk]),
        crumbs=trail(committee.project, committee),
    )


@require_safe
def committee_terms(request: Request, pk: int) -> HttpResponse:
    """Show mandate, terms of reference and rules, and how the committee has worked."""
    committee = committee_or_404(request.user, pk)
    rules = read_rules(request.user, committee)
    may_edit = may_edit_committee(request.user, committee)
    context = {
        "committee": committee,
        "crumbs": trail(committee.project, committee),
        "adopted_by": rules.adopted_by,
        "adopted_otherwise": adopted_otherwise(request.user, committee, rules.founded),
        "documents": rules.documents,
        "attendance": attendance_chart(committee, rules.held),
        "follow_up": follow_up_of(rules.resolutions, rules.institutions),
        "may_edit": may_edit,
        "may_edit_documents": may_edit_documents(request.user, committee),
        "steps": committee_steps(committee) if may_edit else [],
    }
    return render(request, "committees/committee_terms.html", context)


@READ_OR_SAVE
def committee_terms_edit(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    form = TermsOfReferenceForm(posted(request), instance=committee)
    if form.is_valid():
        form.note_translations()
        data = form.cleaned_data
        if act(
            form,
            lambda: save_terms(
                committee,
                data["decision"],
                is_correction=data.get("is_correction", False),
            ),
        ):
            return saved(request, _("The terms of reference were saved."), "committees:terms", pk)
    return form_page(
        request,
        form,
        title=_("Edit the terms of reference"),
        back=reverse("committees:terms", args=[pk]),
        crumbs=trail(committee.project, committee),
        template="committees/terms_form.html",
    )


@READ_OR_SAVE
def committee_step(request: Request, pk: int, verb: str) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    if verb not in Committee.STEPS or verb == "reinstate":
        raise Http404  # a committee comes back with its project alone
    missing = missing_before(committee, verb)
    form = CommitteeStepForm(posted(request), verb=verb, committee=committee)
    if form.is_valid() and act(
        form,
        lambda: take_committee_step(committee, verb, by=request.user, **form.cleaned_data),
    ):
        return saved(request, pages.COMMITTEE[verb], committee)
    title = committee.STEPS[verb].label
    crumbs = trail(committee.project, committee)
    return form_page(
        request, form, title=title, back=committee, crumbs=crumbs, submit=title, intro=missing
    )


def missing_before(committee: Committee, verb: str) -> str:
    """Return what a committee that is constituted now does not have yet; it may come later."""
    if verb != "constitute":
        return ""
    seats = list(committee.seats.on(committee.project.today).with_people())
    if not any(seat.is_voting for seat in seats):
        return _("The committee has no voting seat yet: add its seats first.")
    sentences = [
        _(
            "The first meeting can constitute it as well: plan it, and it decides under the draft "
            "terms and adopts them. Constitute it here if that was done by a letter or before."
        )
    ]
    if vacant := [str(seat) for seat in seats if not seat.holder_on(committee.project.today)]:
        sentences.append(
            _("Without a principal member: %(seats)s. They can be named later.")
            % {"seats": join_list(vacant)}
        )
    if not any(seat.office == Seat.Office.CHAIR for seat in seats):
        sentences.append(_("No seat is the chair yet; this is set at the seat."))
    return " ".join(sentences)

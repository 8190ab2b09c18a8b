"""Pages of a committee: its rules, terms, composition, figures and register, and its steps."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from committees.models import Committee, Resolution
from committees.pages import committee_or_404
from committees.permissions.meetings import (
    may_edit_documents,
    may_see_item_proposals,
    visible_documents,
)
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.seats import (
    committees_to_copy,
    may_create_committee,
    may_edit_committee,
)
from committees.seats.forms.committee import (
    CommitteeForm,
    CommitteeStepForm,
    CopyRulesForm,
    RegisterFilterForm,
    TermsOfReferenceForm,
)
from committees.seats.services.figures import attendance_chart, follow_up_of, years_of
from committees.seats.services.reading import MEETINGS_SHOWN, read_committee
from committees.seats.services.terms import (
    copy_rules,
    found_committee,
    save_rules,
    save_terms,
    take_committee_step,
)
from committees.seats.views.composition import composition
from committees.seats.views.register import first_page, register_context
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved, trail
from projects.models import Project

# Reading


@require_safe
def committee_detail(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    user, project = request.user, committee.project
    may_edit = may_edit_committee(user, committee)
    read = read_committee(user, committee)
    form = RegisterFilterForm(request.GET, years=years_of(read.resolutions))
    if request.GET:
        register = register_context(request, form.narrow(visible_resolutions(user, project)))
    else:
        register = first_page(read.latest, sum(one.number for one in read.resolutions))
    context = {
        "committee": committee,
        "crumbs": trail(project),
        "composition": composition(user, committee, read.seats),
        "compliance": committee.compliance(read.held),
        "attendance": attendance_chart(committee, read.held),
        "adopted_by": read.adopted_by,
        "documents": read.documents,
        "form": form,
        **register,
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "meetings": read.meetings,
        "meetings_shown": MEETINGS_SHOWN,
        "minutes": read.minutes,
        "consultations": read.consultations,
        "follow_up": follow_up_of(read.resolutions, read.institutions),
        "overdue": sum(one.number for one in read.resolutions if one.is_overdue),
        "may_edit": may_edit,
        "sees_proposals": may_see_item_proposals(request.user, committee),
        "may_edit_documents": may_edit_documents(user, committee),
        "steps": committee_steps(committee) if may_edit else [],
    }
    return render(request, "committees/committee_detail.html", context)


def adopting_decision(user: User, committee: Committee) -> Resolution | None:
    """Return the decision that adopted the terms of reference, if the person may see it."""
    if committee.terms_adopted_by_id is None:
        return None
    visible = visible_resolutions(user, committee.project)
    return visible.filter(pk=committee.terms_adopted_by_id).first()


def committee_steps(committee: Committee) -> list[dict[str, Any]]:
    return [
        {
            "verb": verb,
            "label": committee.STEPS[verb].label,
            "url": reverse("committees:committee-step", args=[committee.pk, verb]),
        }
        for verb in committee.open_steps
    ]


# Rules


@READ_OR_SAVE
def committee_create(request: Request, code: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), code=code)
    ask(may_create_committee(request.user, project))
    if known := Committee.objects.filter(project=project).first():
        messages.info(request, _("The project has its committee already."))
        return redirect(known)
    form = CommitteeForm(posted(request), instance=Committee(project=project))
    if form.is_valid():
        form.note_translations()
        return redirect(found_committee(form.instance, form.minima))
    return form_page(
        request,
        form,
        title=_("Found a committee"),
        back=project,
        crumbs=trail(project),
        template="committees/committee_form.html",
    )


@READ_OR_SAVE
def committee_edit(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_edit_committee(request.user, committee))
    form = CommitteeForm(posted(request), instance=committee)
    if form.is_valid():
        form.note_translations()
        save_rules(committee, CommitteeForm.NAMES, form.minima)
        return saved(request, _("The committee is saved."), committee)
    return form_page(
        request,
        form,
        title=_("Edit the committee"),
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
        sentence = _("The rules are copied. Check them, and save what differs here.")
        return saved(request, sentence, "committees:edit", pk)
    return form_page(
        request,
        form,
        title=_("Copy the rules of another committee"),
        intro=_(
            "Meetings, notice, quorum, decisions, minutes and tolerances are replaced by those of the "
            "other committee. Name, mandate and seats stay."
        ),
        submit=_("Copy the rules"),
        back=reverse("committees:edit", args=[pk]),
        crumbs=trail(committee.project, committee),
    )


@require_safe
def committee_terms(request: Request, pk: int) -> HttpResponse:
    """The terms of reference, to read."""
    committee = committee_or_404(request.user, pk)
    documents = visible_documents(request.user, committee.project).filter(meeting=None)
    context = {
        "committee": committee,
        "crumbs": trail(committee.project, committee),
        "adopted_by": adopting_decision(request.user, committee),
        "documents": documents.filter(category="terms"),
        "may_edit": may_edit_committee(request.user, committee),
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
            return saved(request, _("The terms of reference are saved."), "committees:terms", pk)
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
    if verb not in Committee.STEPS:
        raise Http404
    form = CommitteeStepForm(posted(request), verb=verb, committee=committee)
    if form.is_valid() and act(
        form,
        lambda: take_committee_step(committee, verb, by=request.user, **form.cleaned_data),
    ):
        return redirect(committee)
    title = committee.STEPS[verb].label
    crumbs = trail(committee.project, committee)
    return form_page(request, form, title=title, back=committee, crumbs=crumbs, submit=title)

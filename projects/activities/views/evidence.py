"""Pages of deliverables and of evidence: photographs, files and links."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    ask,
    delete_page,
    form_page,
    locked,
    posted,
    posted_files,
    save_page,
    saved,
    trail,
)
from partners.models import Institution
from projects.activities.forms.activities import DeliverableForm, EvidenceForm, NewEvidenceForm
from projects.activities.services import (
    accept_evidence,
    add_evidence,
    remove_evidence,
    supersede_documents_with,
)
from projects.activities.views.activities import ONLY_KEEPERS
from projects.models import Activity, Deliverable, Evidence, Project
from projects.pages import handed_file, reverse_in, visible_project
from projects.permissions.activities import (
    may_add_evidence,
    may_edit_activities,
    openable_evidence,
    removable_evidence,
    visible_evidence,
)
from projects.permissions.roles import institutions_of, may_edit


def activity_in(project: Project, pk: int) -> Activity:
    activity = get_object_or_404(project.activities, pk=pk)
    activity.project = project
    return activity


def crumbs_of(activity: Activity) -> Crumbs:
    activities = (_("Activities"), reverse_in(activity.project, "activities"))
    return trail(activity.project, activities, activity)


# --- Deliverables ---


def editable_activities_project(user: User, code: str) -> Project:
    project = visible_project(user, code)
    ask(may_edit_activities(user, project), str(ONLY_KEEPERS))
    return project


@READ_OR_SAVE
def deliverable_create(request: Request, code: str, pk: int) -> HttpResponse:
    activity = activity_in(editable_activities_project(request.user, code), pk)
    return _deliverable_form(request, Deliverable(activity=activity), _("New deliverable"))


@READ_OR_SAVE
def deliverable_edit(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_activities_project(request.user, code)
    rows = Deliverable.objects.filter(activity__project=project)
    deliverable = get_object_or_404(locked(request, rows), pk=pk)
    deliverable.activity = activity_in(project, deliverable.activity_id)
    return _deliverable_form(request, deliverable, _("Edit the deliverable"))


def _deliverable_form(request: Request, deliverable: Deliverable, title: str) -> HttpResponse:
    activity = deliverable.activity
    form = DeliverableForm(posted(request), instance=deliverable)
    return save_page(
        request,
        form,
        sentence=_("The deliverable was saved."),
        title=title,
        intro=str(activity),
        crumbs=crumbs_of(activity),
        remove=lambda: reverse_in(activity.project, "deliverable-delete", deliverable.pk),
    )


@READ_OR_SAVE
def deliverable_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_activities_project(request.user, code)
    rows = Deliverable.objects.filter(activity__project=project)
    deliverable = get_object_or_404(rows, pk=pk)
    activity = activity_in(project, deliverable.activity_id)
    return delete_page(
        request,
        deliverable,
        crumbs=crumbs_of(activity),
        intro=_("Its evidence stays with the activity. This cannot be undone."),
    )


# --- Evidence ---


def evidence_or_404(user: User, code: str, pk: int) -> Evidence:
    project = visible_project(user, code)
    kept = get_object_or_404(Evidence, pk=pk, activity__project=project)
    activity = activity_in(project, kept.activity_id)
    proof = get_object_or_404(visible_evidence(user, activity), pk=pk)
    proof.activity = activity
    return proof


def editable_evidence(user: User, code: str, pk: int) -> Evidence:
    proof = evidence_or_404(user, code, pk)
    ask(
        may_edit_activities(user, proof.activity.project),
        _("Only coordination and monitoring decide on evidence. Ask your coordinator."),
    )
    return proof


@READ_OR_SAVE
def evidence_create(request: Request, code: str, pk: int) -> HttpResponse:
    activity = activity_in(visible_project(request.user, code), pk)
    ask(
        may_add_evidence(request.user, activity),
        _("Only the team and the responsible institution add evidence. Ask your coordinator."),
    )
    for_team = may_edit_activities(request.user, activity.project)
    proof = Evidence(activity=activity, given_by=_giver(request.user, activity))
    form = NewEvidenceForm(
        posted(request), posted_files(request), instance=proof, for_team=for_team
    )
    return save_page(
        request,
        form,
        lambda: add_evidence(form.instance, form.cleaned_data["upload"], by=request.user),
        sentence=lambda _done: _thanks(proof),
        title=_("Add evidence"),
        intro=str(activity),
        crumbs=crumbs_of(activity),
    )


def _giver(user: User, activity: Activity) -> Institution | None:
    """Return None for the team, or else the responsible institution, for which the person
    speaks."""
    if may_edit_activities(user, activity.project):
        return None
    own = institutions_of(user, activity.project)
    return next((one for one in own if one.pk == activity.responsible_id), None)


def _thanks(proof: Evidence) -> str:
    if proof.is_accepted:
        return _("The evidence was saved.")
    return _("Thank you. The team will look at it and decide who may see it.")


@READ_OR_SAVE
def evidence_edit(request: Request, code: str, pk: int) -> HttpResponse:
    proof = editable_evidence(request.user, code, pk)
    row = locked(request, Evidence.objects.filter(pk=proof.pk)).get()
    row.activity = proof.activity
    form = EvidenceForm(posted(request), instance=row, for_team=True)
    if form.is_valid() and form.save_or_explain():
        superseded = supersede_documents_with(proof.pk, proof.activity.project)
        return _saved(request, proof.activity, _("The evidence was saved."), superseded)
    return form_page(
        request,
        form,
        title=_("Edit the evidence"),
        intro=str(proof.activity),
        crumbs=crumbs_of(proof.activity),
        delete_url=reverse_in(proof.activity.project, "evidence-delete", proof.pk),
    )


@require_POST
def evidence_accept(request: Request, code: str, pk: int) -> HttpResponse:
    proof = editable_evidence(request.user, code, pk)
    if not accept_evidence(proof):
        messages.info(request, _("Somebody has already accepted it."))
        return redirect(proof.activity)
    return saved(request, _("The evidence is accepted. Choose who sees it."), proof.activity)


@READ_OR_SAVE
def evidence_delete(request: Request, code: str, pk: int) -> HttpResponse:
    proof = evidence_or_404(request.user, code, pk)
    ask(removable_evidence(request.user, proof.activity).filter(pk=pk).exists())
    activity, label = proof.activity, str(proof)
    if request.method == "POST":
        superseded = remove_evidence(proof)
        sentence = _("Deleted: %(thing)s.") % {"thing": label}
        return _saved(request, activity, sentence, superseded)
    return delete_page(request, proof, crumbs=crumbs_of(activity))


def _saved(request: Request, activity: Activity, sentence: str, superseded: int) -> HttpResponse:
    """Lead to the activity or, if documents with the photograph were superseded, to the list of
    those who had downloaded them."""
    if not superseded:
        return saved(request, sentence, activity)
    messages.success(request, sentence)
    sentence = ngettext(
        "%(count)s document showed it, and was superseded by one without it.",
        "%(count)s documents showed it, and were superseded by ones without it.",
        superseded,
    ) % {"count": superseded}
    if may_edit(request.user, activity.project):
        return saved(request, sentence, "reports:superseded", activity.project.code)
    more = _("The coordination finds out who had downloaded them, under Reports.")
    return saved(request, f"{sentence} {more}", activity)


@require_safe
def evidence_file(request: Request, code: str, pk: int) -> FileResponse:
    proof = evidence_or_404(request.user, code, pk)
    if not proof.file or not openable_evidence(request.user, proof.activity).filter(pk=pk).exists():
        raise Http404
    # A neutral name, since bystanders may see the downloads of a telephone.
    return handed_file(request, proof, f"{proof.what} {proof.pk}", inline=True)

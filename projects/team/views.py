"""Pages of the people who work for a project. Changes of roles are recorded in the access log."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.mail import invited_words
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    delete_page,
    page_of,
    posted,
    save_page,
    saved,
    trail,
)
from projects.held_texts import release
from projects.models import Assignment, Project, TeamInvitation
from projects.pages import editable_project, project_page, reverse_in, visible_project
from projects.permissions.roles import may_edit, may_see_team
from projects.team.forms import AssignmentEndForm, AssignmentForm
from projects.team.services import (
    accept_invitation,
    add_person,
    change_end,
    end_invitation,
    remove_assignment,
)


@require_safe
def team(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    if not may_see_team(request.user, project):
        raise Http404
    assignments = list(project.assignments.select_related("user"))
    current = set(project.assignments.current().values_list("pk", flat=True))
    context = {
        "title": _("Team"),
        "current": [each for each in assignments if each.pk in current],
        "invitations": list(project.team_invitations.open()),
        "without_effect": list(project.team_invitations.without_effect().order_by("-ended_at")),
        "past": [each for each in assignments if each.pk not in current],
        "may_edit": may_edit(request.user, project),
    }
    return project_page(request, "projects/team.html", project, context, tab="team")


@READ_OR_SAVE
def assignment_create(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    form = AssignmentForm(posted(request))
    team = reverse_in(project, "team")
    return save_page(
        request,
        form,
        lambda: add_person(project, **form.cleaned_data, by=request.user),
        sentence=_welcome,
        title=_("Add a person to the team"),
        submit=_("Add to the team"),
        crumbs=trail(project, (_("Team"), team)),
    )


def _welcome(added: Assignment | TeamInvitation) -> str:
    if isinstance(added, TeamInvitation):
        begins = _("The role begins once the person accepts it.")
        return f"{invited_words(added.typed_email)} {begins}"
    facts = {"person": added.user, "role": added.get_role_display()}
    return _("%(person)s now has the role: %(role)s.") % facts


@READ_OR_SAVE
def team_invitation(request: Request, code: str, pk: int) -> HttpResponse:
    """Accept or decline, as the person who was invited."""
    invitations = TeamInvitation.objects.select_related("project", "user", "sent_by")
    invitation = get_object_or_404(invitations, pk=pk, project__code=code, user=request.user)
    if not invitation.is_open:
        return _invitation_over(request, invitation)
    if request.method != "POST":
        return render(request, "projects/team_invitation.html", {"invitation": invitation})
    if "decline" in request.POST:
        if act(request, lambda: end_invitation(invitation, by=request.user)):
            messages.success(request, _("You declined the invitation."))
        return redirect("home")
    if act(request, lambda: accept_invitation(invitation)):
        return saved(request, _("You now work for this project."), invitation.project)
    return redirect("home")


def _invitation_over(request: Request, invitation: TeamInvitation) -> HttpResponse:
    accepted = invitation.outcome == TeamInvitation.Outcome.ACCEPTED
    if accepted and Project.objects.visible_to(request.user).contains(invitation.project):
        messages.info(request, _("You have already accepted this invitation."))
        return redirect(invitation.project)
    return render(
        request, "projects/team_invitation_over.html", {"invitation": invitation}, status=410
    )


@require_POST
def team_invitation_withdraw(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    invitation = get_object_or_404(project.team_invitations, pk=pk)
    if act(request, lambda: end_invitation(invitation, by=request.user)):
        messages.success(request, _("The invitation was withdrawn."))
    return redirect(reverse_in(project, "team"))


@READ_OR_SAVE
def assignment_edit(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    assignment = get_object_or_404(project.assignments.select_related("user"), pk=pk)
    form = AssignmentEndForm(posted(request), initial={"ends_on": assignment.ends_on})
    team = reverse_in(project, "team")
    return save_page(
        request,
        form,
        lambda: change_end(assignment, ends_on=form.cleaned_data["ends_on"], by=request.user),
        sentence=_("The role was changed."),
        title=str(assignment),
        crumbs=trail(project, (_("Team"), team)),
    )


@READ_OR_SAVE
def assignment_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    assignment = get_object_or_404(project.assignments.select_related("user"), pk=pk)
    team = reverse_in(project, "team")
    return delete_page(
        request,
        assignment,
        delete=lambda: remove_assignment(assignment, by=request.user),
        sentence=_("The role was removed."),
        title=_("Remove “%(assignment)s” from the team?") % {"assignment": assignment},
        intro=_("The person immediately loses what this role lets them see and do."),
        submit=_("Remove"),
        crumbs=trail(project, (_("Team"), team)),
    )


@require_safe
def held_texts(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    context = {
        "title": _("Held texts"),
        "page": page_of(request, project.held_texts.unreleased().select_related("by")),
    }
    return project_page(request, "projects/held_texts.html", project, context, tab="team")


@require_POST
def held_text_release(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    release(get_object_or_404(project.held_texts, pk=pk), by=request.user)
    return saved(request, _("The text was released."), reverse_in(project, "held-texts"))

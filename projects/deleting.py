"""Deletes a project that was entered by mistake: one in which nothing was recorded yet."""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, Hold, User
from kernel.pages import READ_OR_SAVE, Request, act, delete_page, trail
from kernel.refusal import Refusal
from kernel.removal import Removal
from projects.models import Project
from projects.pages import editable_project

# What every project has from its beginning, or what is made of it, by the names of the tables.
FRAME = frozenset(
    {
        *("projects.Project", "projects.Period", "projects.Participation", "projects.Assignment"),
        *("projects.Representation", "projects.TeamInvitation", "projects.NeutralNumber"),
        *("projects.NamingChoice", "projects.NamingChoice_excluded", "projects.Classification"),
        "projects.PrecautionLift",
        *("projects.ProjectSector", "projects.ProjectTag", "projects.ProjectMarker"),
        *("projects.ProjectCountry", "ibcr_portal.Obligation", "ibcr_portal.ObligationsWritten"),
        *("ibcr_portal.NewsItem", "ibcr_portal.ReminderRule", "ibcr_portal.ProjectStanding"),
    }
)


@READ_OR_SAVE
def delete(request: Request, code: str) -> HttpResponse:
    """Ask first; a project with records stays, and the page of it says which they are."""
    project = editable_project(request.user, code)
    back = project.get_absolute_url()
    if not act(request, lambda: refuse_records(project)):
        return redirect(back)
    return delete_page(
        request,
        project,
        back=back,
        done=reverse("projects:list"),
        delete=lambda: delete_project(project, by=request.user),
        crumbs=trail(project),
        intro=_(
            "Its periods, its team and its links to institutions are deleted with it; "
            "the institutions and the people stay. This cannot be undone."
        ),
    )


def refuse_records(project: Project) -> Removal:
    """Return what goes with the project. Raises Refusal if something was recorded in it, or a hold
    keeps it."""
    holds = Hold.objects.open().filter(content_type=None) | Hold.objects.open().filter(
        content_type=ContentType.objects.get_for_model(Project), object_id=project.pk
    )
    if holds.exists():
        raise Refusal(_("A hold protects this project: whoever placed it has to lift it first."))
    removal = Removal()
    removal.take(Project, [project.pk])
    removal.refuse_beyond(
        FRAME,
        _("This project has records and cannot be deleted: %(things)s. Close it instead."),
    )
    return removal


@transaction.atomic
def delete_project(project: Project, *, by: User) -> None:
    """Raises Refusal."""
    Project.objects.select_for_update().get(pk=project.pk)
    removal = refuse_records(project)
    AccessEvent.record(AccessEvent.Kind.ROLE, user=by, thing=project, change="project deleted")
    removal.delete()

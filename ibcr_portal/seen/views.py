"""How others see an institution, by link: opening it changes nothing. Hiding is a pressed button that
is asked about; naming to more needs a sign-in."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.links import link_page, record_use, token_of
from accounts.models import AccessLink
from committees.asking import Asking, asking_page
from ibcr_portal.seen.reading import may_hide_everywhere, projects_of, seen_in
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved, trail
from partners.reading import named_institutions
from projects.institutions.services.naming import hide_now
from projects.models import Participation, Project
from projects.pages import reverse_in, visible_project
from projects.permissions.roles import may_edit, speaks_for

PURPOSE = "seen_by_others"
PAGE = "seen-link"


def participation_of(link: AccessLink) -> Participation:
    """Return the participation while the person speaks for its institution."""
    place = link.thing
    if not isinstance(place, Participation):
        raise Http404
    if place.institution_id not in speaks_for(link.user, place.project):
        raise Http404
    place.institution = named_institutions([place.institution_id])[place.institution_id]
    return place


@require_safe
@link_page(PURPOSE)
def seen_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    place = participation_of(link)
    language = translation.get_language()
    projects = projects_of(link.user, place.institution)
    context = {
        "title": _("How others see us"),
        "institution": place.institution,
        "places": [
            seen_in(project, place.institution, link.user, language) for project in projects
        ],
        "is_everywhere": may_hide_everywhere(link.user, place.institution),
        "hide_url": reverse("seen-link-hide", args=[token_of(request)]),
        "widen_url": reverse("partners:naming-record", args=[place.institution_id]),
    }
    return render(request, "ibcr_portal/seen_link.html", context)


@READ_OR_SAVE
@link_page(PURPOSE)
def seen_link_hide(request: HttpRequest, link: AccessLink) -> HttpResponse:
    """Ask, then hide at once: in all projects, or where the person speaks for the institution."""
    place = participation_of(link)
    institution = place.institution
    everywhere = may_hide_everywhere(link.user, institution)
    projects: list[Project] = [] if everywhere else projects_of(link.user, institution)
    form = forms.Form(posted(request))
    back = reverse(PAGE, args=[token_of(request)])
    if form.is_valid() and act(form, lambda: hide_now(institution, projects, by=link.user)):
        record_use(link, answer="hidden")
        return saved(request, _("Done. Only the coordination reads your name from now on."), back)
    titles = [project.short_title for project in projects]
    return form_page(
        request,
        form,
        title=_("Hide us now"),
        intro=_(
            "From now on only the coordination reads the name of your institution, in all its "
            "projects. Files that name it are replaced. The coordination is notified."
        )
        if everywhere
        else _(
            "From now on only the coordination reads the name of your institution in: %(projects)s. "
            "Files that name it are replaced. The coordination is notified."
        )
        % {"projects": ", ".join(titles)},
        submit=_("Yes, hide us now"),
        danger=True,
        back=back,
        institution=institution,
    )


@READ_OR_SAVE
@never_cache
def seen_ask(request: Request, code: str, pk: int) -> HttpResponse:
    """Send an institution the link by which it sees how others see it."""
    project = visible_project(request.user, code)
    ask(may_edit(request.user, project))
    rows = project.participations.select_related("institution")
    place = get_object_or_404(rows.prefetch_related("institution__names"), pk=pk)
    place.project = project
    asking = Asking(
        thing=place,
        project=project,
        institution=place.institution,
        purpose=PURPOSE,
        page=PAGE,
        request=gettext_lazy(
            "This page shows how others see your institution. You can hide it there at once."
        ),
        what=lambda: _("How others see us"),
        # Whoever has the link hides the institution in all its projects, which no coordinator may.
        goes_by_mail_alone=True,
    )
    back = reverse_in(project, "participations")
    crumbs = trail(project, (_("Partners"), back))
    return asking_page(request, asking, back, title=_("Link to how others see them"), crumbs=crumbs)

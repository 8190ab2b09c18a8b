"""The page on which is recorded where an institution may be named."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved
from partners.models import Institution
from projects.institutions.forms import NamingChoiceForm
from projects.institutions.services.naming import record_choice
from projects.institutions.views.institutions import institution_crumbs, visible_institution
from projects.models import NamingChoice
from projects.permissions.institutions import (
    may_see_naming,
    may_widen_naming,
    narrowable_projects,
    visible_institutions,
)


def choice_shown(choice: NamingChoice) -> dict[str, Any]:
    """Return what the form begins with: what holds today, for whoever changes a part of it."""
    named = {f"to_{audience}": True for audience in choice.audiences}
    return named | {"excludes_state": choice.excludes_state, "excluded": choice.excluded.all()}


def new_choice(institution: Institution, *, by_itself: bool) -> NamingChoice:
    """Whoever speaks for the institution says it here and now; others note what it said elsewhere."""
    choice = NamingChoice(institution=institution)
    if by_itself:
        choice.said_on, choice.channel = timezone.localdate(), NamingChoice.Channel.PORTAL
    return choice


@READ_OR_SAVE
def naming_record(request: Request, pk: int) -> HttpResponse:
    user = request.user
    institution = visible_institution(user, pk)
    ask(
        may_see_naming(user, institution),
        _(
            "Only the institution itself, the coordination of its projects or an "
            "administrator can decide this. If you represent it, ask an administrator to "
            "confirm that."
        ),
    )
    form = _naming_form(request, institution)
    if form.is_valid():
        excluded = form.cleaned_data["excluded"]
        if done := act(form, lambda: record_choice(form.instance, excluded, by=user)):
            return saved(
                request, _recorded(done.result), f"{institution.get_absolute_url()}#naming"
            )
    return form_page(
        request,
        form,
        template="partners/naming_form.html",
        title=_("Where may %(institution)s be named?") % {"institution": institution.short_name},
        intro=_(
            "Choose to whom it may be named apart from the coordination, which always "
            "knows it. To everybody else it is a “Civil-society organisation 7”, on "
            "pages and in files."
        ),
        back=f"{institution.get_absolute_url()}#naming",
        crumbs=institution_crumbs((str(institution), institution.get_absolute_url())),
    )


def _recorded(replaced: int) -> str:
    if not replaced:
        return _("Recorded. No file has to be replaced.")
    sentence = ngettext(
        "Recorded. %(count)s file that named it to more people is being replaced.",
        "Recorded. %(count)s files that named it to more people are being replaced.",
        replaced,
    )
    return sentence % {"count": replaced}


def _naming_form(request: Request, institution: Institution) -> NamingChoiceForm:
    user = request.user
    widens = may_widen_naming(user, institution)
    projects = narrowable_projects(user, institution)
    place = None if widens or len(projects) != 1 else projects[0]
    choices = NamingChoice.objects.that_count().filter(institution=institution)
    present = choices.filter(project=place).first() or choices.filter(project=None).first()
    return NamingChoiceForm(
        posted(request),
        initial=choice_shown(present) if present else None,
        instance=new_choice(institution, by_itself=widens and not user.is_staff),
        projects=projects,
        everywhere=widens,
        visible=visible_institutions(user),
    )

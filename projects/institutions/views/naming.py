"""The page on which is recorded where an institution may be named."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    ask,
    posted,
    save_page,
)
from partners.models import Institution
from projects.institutions.forms import AgreedLiftForm, NamingChoiceForm, PrecautionForm
from projects.institutions.services.naming import lift_precaution, record_choice, take_precaution
from projects.institutions.views.institutions import institution_crumbs, visible_institution
from projects.models import NamingChoice, PrecautionLift
from projects.permissions.institutions import (
    coordinates_for_real,
    liftable_projects,
    may_lift_everywhere,
    may_see_naming,
    may_widen_naming,
    narrowable_projects,
    not_yet,
    open_precautions,
    visible_institutions,
    why_no_precaution,
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
    return save_page(
        request,
        form,
        lambda: record_choice(form.instance, form.cleaned_data["excluded"], by=user),
        sentence=_recorded,
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


@READ_OR_SAVE
def precaution_take(request: Request, pk: int) -> HttpResponse:
    user = request.user
    institution = visible_institution(user, pk)
    ask(coordinates_for_real(user, institution))
    ask(not (refused := why_no_precaution(institution)), refused)
    form = PrecautionForm(posted(request))
    back = f"{institution.get_absolute_url()}#naming"
    return save_page(
        request,
        form,
        lambda: take_precaution(institution, form.cleaned_data["reason"], by=user),
        sentence=_hidden,
        title=_("Hide %(institution)s everywhere") % {"institution": institution.short_name},
        intro=_(
            "As a precaution, it is named to nobody but the coordination in all its projects at once, "
            "and files that name it are replaced. The institution, the other coordinators and "
            "administrators are notified now. For 72 hours only the institution can lift this, or an "
            "administrator with its written consent."
        ),
        submit=_("Hide it everywhere now"),
        danger=True,
        back=back,
        crumbs=_crumbs(institution),
    )


def _hidden(replaced: int) -> str:
    sentence = ngettext(
        "It is hidden everywhere, and everybody concerned is notified. %(count)s file is being "
        "replaced.",
        "It is hidden everywhere, and everybody concerned is notified. %(count)s files are being "
        "replaced.",
        replaced,
    )
    return sentence % {"count": replaced}


@READ_OR_SAVE
def precaution_lift(request: Request, pk: int) -> HttpResponse:
    user = request.user
    institution = visible_institution(user, pk)
    everywhere = may_lift_everywhere(user, institution)
    projects = liftable_projects(user, institution)
    ask(everywhere or bool(projects), not_yet())
    ask(bool(open_precautions(institution)), _("It is not hidden as a precaution."))
    form: forms.Form | AgreedLiftForm
    if everywhere and not user.is_staff:
        form = forms.Form(posted(request))
        intro = _("From now on it is named again as you chose before.")
    else:
        form = AgreedLiftForm(posted(request), projects=None if everywhere else projects)
        intro = _("Only if the institution agrees: record who agreed, when and how.")
    back = f"{institution.get_absolute_url()}#naming"
    return save_page(
        request,
        form,
        lambda: lift_precaution(
            institution,
            form.instance if isinstance(form, AgreedLiftForm) else _said_here(),
            by=user,
        ),
        sentence=_restored,
        title=_("Lift the precaution about %(institution)s")
        % {"institution": institution.short_name},
        intro=f"{intro} {_('Files that were replaced because of the precaution count again.')}",
        submit=_("Lift the precaution"),
        back=back,
        crumbs=_crumbs(institution),
    )


def _said_here() -> PrecautionLift:
    return PrecautionLift(agreed_on=timezone.localdate(), channel=NamingChoice.Channel.PORTAL)


def _restored(files: int) -> str:
    sentence = ngettext(
        "The precaution is lifted. %(count)s file counts again.",
        "The precaution is lifted. %(count)s files count again.",
        files,
    )
    return sentence % {"count": files}


def _crumbs(institution: Institution) -> Crumbs:
    return institution_crumbs((str(institution), institution.get_absolute_url()))

"""The pages on which an institution is hidden everywhere as a precaution, and on which that is
lifted."""

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from kernel.pages import READ_OR_SAVE, Crumbs, Request, act, ask, form_page, posted, saved
from partners.models import Institution
from projects.institutions.precaution_forms import AgreedLiftForm, PrecautionForm
from projects.institutions.services.precautions import lift_precaution, take_precaution
from projects.institutions.views.institutions import institution_crumbs, visible_institution
from projects.models import NamingChoice, PrecautionLift
from projects.permissions.precautions import (
    coordinates_for_real,
    liftable_projects,
    may_lift_everywhere,
    not_yet,
    open_precautions,
    why_no_precaution,
)


@READ_OR_SAVE
def precaution_take(request: Request, pk: int) -> HttpResponse:
    user = request.user
    institution = visible_institution(user, pk)
    ask(coordinates_for_real(user, institution))
    ask(not (refused := why_no_precaution(institution)), refused)
    form = PrecautionForm(posted(request))
    back = f"{institution.get_absolute_url()}#naming"
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if done := act(form, lambda: take_precaution(institution, reason, by=user)):
            return saved(request, _hidden(done.result), back)
    return form_page(
        request,
        form,
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
    if form.is_valid():
        lift = form.instance if isinstance(form, AgreedLiftForm) else _said_here()
        if done := act(form, lambda: lift_precaution(institution, lift, by=user)):
            return saved(request, _restored(done.result), back)
    return form_page(
        request,
        form,
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

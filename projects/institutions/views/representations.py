"""Pages of the institutions that take part in a project, and of the people who represent them there:
let in, confirmed and withdrawn."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.mail import invited_words, mail_stays
from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    form_page,
    locked,
    page_of,
    posted,
    save_page,
    saved,
    trail,
)
from kernel.sorting import SortedLines
from partners.models import Institution
from partners.reading import hidden_last
from projects.forms import ParticipationAgreementForm
from projects.institutions.forms import RepresentationChangeForm, RepresentationForm
from projects.institutions.services.ending import (
    announce_end,
    change_representation,
    end_representation,
    keep_representation,
    what_ends,
)
from projects.institutions.services.representations import (
    address_warning,
    confirm_representation,
    grant_representation,
    send_access,
)
from projects.models import Participation, Representation
from projects.models.project import ParticipationQuerySet
from projects.models.representation import NOTICE
from projects.pages import editable_project, project_page, reverse_in, visible_project
from projects.permissions.agreements import visible_agreements
from projects.permissions.money import may_see_budget
from projects.permissions.representations import (
    ends_after_notice,
    loses_people,
    may_change_right,
    may_confirm,
    may_end,
    may_keep,
    may_see_addresses,
    visible_representations,
)
from projects.permissions.roles import may_edit


def representation_or_404(user: User, code: str, pk: int) -> Representation:
    rows = visible_representations(user).with_related()
    rows = rows.select_related("confirmed_by", "ended_by", "end_announced_by")
    return get_object_or_404(rows, pk=pk, participation__project__code=code)


def crumbs_to(representation: Representation) -> Crumbs:
    place = representation.participation
    return trail(place.project, (place.institution.short_name, people_of(representation)))


def people_of(representation: Representation) -> str:
    return f"{representation.participation.institution.get_absolute_url()}#people"


@READ_OR_SAVE
def representation_create(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    places = project.participations.with_institutions()
    place = get_object_or_404(places, pk=pk)
    form = RepresentationForm(posted(request), participation=place)
    institution = place.institution
    back = institution.get_absolute_url()
    confirmed = Representation(participation=place).needs_confirmation and not request.user.is_staff
    return save_page(
        request,
        form,
        lambda: grant_representation(place, form.instance, **form.facts(), by=request.user),
        sentence=_granted,
        to=lambda result: result,
        title=_("Who represents %(institution)s?") % {"institution": institution.short_name},
        intro=_("Only in the project %(project)s, as: %(role)s.")
        % {"project": project, "role": place.get_role_display()},
        needs_confirmation=confirmed,
        template="projects/representation_form.html",
        submit=_("Propose the access") if confirmed else _("Give access"),
        back=f"{back}#people",
        crumbs=trail(project, (_("Partners"), reverse_in(project, "participations"))),
    )


def _granted(representation: Representation) -> str:
    facts = {"person": representation.contact, "address": representation.contact.email}
    if representation.is_pending:
        return (
            _("%(person)s was entered, and sees nothing until somebody else confirms it.") % facts
        )
    if facts["address"]:
        return (
            f"{_('%(person)s has access.') % facts} {invited_words(representation.contact.email)}"
        )
    return _("%(person)s was entered, without an address and so without an account.") % facts


@require_safe
def representation(request: Request, code: str, pk: int) -> HttpResponse:
    user = request.user
    row = representation_or_404(user, code, pk)
    project = row.participation.project
    confirms, edits = may_confirm(user, row), may_edit(user, project)
    context = {
        "representation": row,
        "contact": row.contact,
        "place": row.participation,
        "project": project,
        "sees_addresses": may_see_addresses(user, row),
        "may_confirm": confirms,
        "warning": address_warning(row) if confirms and row.contact.email else "",
        "may_end": may_end(user, row) and not (row.is_ending and ends_after_notice(user, row)),
        "may_keep": may_keep(user, row),
        "keeps_own": row.end_announced_by_id == user.pk,
        "mail_stays": mail_stays(confirms or edits),
        "may_change": edits or may_change_right(user, row),
        "may_protect": edits and row.is_in_force and not row.is_pending,
        "may_invite": edits and row.is_in_force and row.contact.gets_account,
        "crumbs": crumbs_to(row),
    }
    return render(request, "projects/representation.html", context)


@require_POST
def representation_confirm(request: Request, code: str, pk: int) -> HttpResponse:
    row = representation_or_404(request.user, code, pk)
    ask(
        may_confirm(request.user, row) or not row.is_pending,
        _(
            "This can be confirmed by an administrator, or by somebody confirmed who "
            "already represents the institution in this project. Nobody can confirm what "
            "they granted themselves."
        ),
    )
    seen = request.POST.get("address", "")
    if act(request, lambda: confirm_representation(row, seen_address=seen, by=request.user)):
        sentence = _("You confirmed that %(person)s represents the institution.")
        return saved(request, sentence % {"person": row.contact}, row)
    return redirect(row)


@READ_OR_SAVE
def representation_edit(request: Request, code: str, pk: int) -> HttpResponse:
    user = request.user
    row = representation_or_404(user, code, pk)
    rights = may_change_right(user, row)
    ask(may_edit(user, row.participation.project) or rights)
    before = row.right
    form = RepresentationChangeForm(posted(request), instance=row, may_change_right=rights)
    return save_page(
        request,
        form,
        lambda: change_representation(
            row,
            until=form.cleaned_data["until"],
            right=form.cleaned_data.get("right", before),
            by=user,
        ),
        sentence=_("The access was changed."),
        title=_("Change the access"),
        intro=str(row),
        back=row,
        crumbs=crumbs_to(row),
    )


@READ_OR_SAVE
def representation_end(request: Request, code: str, pk: int) -> HttpResponse:
    """Show exactly what ends, and when, before it does."""
    row = representation_or_404(request.user, code, pk)
    ask(
        may_end(request.user, row) or not row.is_open,
        _(
            "It can be ended by the coordination of the project or by a colleague who was "
            "confirmed."
        ),
    )
    # Who read that it is only announced does not end it at once, whatever changed since.
    announces = ends_after_notice(request.user, row) or "announce" in request.POST
    if request.method == "POST":
        return _announced(request, row) if announces else _ended(request, row)
    context = {
        "representation": row,
        "contact": row.contact,
        "place": row.participation,
        "announces": announces,
        "ends_at": timezone.now() + NOTICE,
        "ending": what_ends(row),
        "crumbs": crumbs_to(row),
    }
    return render(request, "projects/representation_end.html", context)


def _ended(request: Request, row: Representation) -> HttpResponse:
    if act(request, lambda: end_representation(row, by=request.user)):
        sentence = _("%(person)s no longer represents the institution in this project.")
        return saved(request, sentence % {"person": row.contact}, people_of(row))
    return redirect(row)


def _announced(request: Request, row: Representation) -> HttpResponse:
    if act(request, lambda: announce_end(row, by=request.user)):
        sentence = _(
            "The end was announced, and everybody concerned is notified. It comes in 72 hours, "
            "unless it is withdrawn or refused."
        )
        return saved(request, sentence, row)
    return redirect(row)


@require_POST
def representation_keep(request: Request, code: str, pk: int) -> HttpResponse:
    """Withdraw an announced end, or refuse it for the institution."""
    row = representation_or_404(request.user, code, pk)
    ask(
        may_keep(request.user, row) or not row.is_ending,
        _(
            "The coordination can withdraw this; an administrator or a confirmed colleague can refuse "
            "it. Nobody can do so for themselves."
        ),
    )
    if act(request, lambda: keep_representation(row, by=request.user)):
        sentence = _("The access of %(person)s goes on.")
        return saved(request, sentence % {"person": row.contact}, row)
    return redirect(row)


@require_POST
def representation_invite(request: Request, code: str, pk: int) -> HttpResponse:
    row = representation_or_404(request.user, code, pk)
    ask(may_edit(request.user, row.participation.project))
    if not row.is_in_force or (person := row.contact.user) is None:
        raise Http404
    send_access(row, person, by=request.user)
    sentence = invited_words(person.email)
    return saved(request, sentence, row)


# --- The institutions that take part ---


def in_order(rows: ParticipationQuerySet) -> ParticipationQuerySet:
    """Sort by role and entry, as far as the reader may know who takes part."""
    institutions = Institution.objects.filter(participations__in=rows)
    return rows.order_by("role", hidden_last(institutions, "institution"), "pk")


ORDERS = {
    "name": lambda row: row.institution.name,
    "role": lambda row: str(row.get_role_display()),
}


@require_safe
def participation_list(request: Request, code: str) -> HttpResponse:
    user = request.user
    project = visible_project(user, code)
    rows = project.participations.with_institutions().select_related("agreement")
    edits = may_edit(user, project)
    sorting = SortedLines(request, ORDERS)
    rows = rows.with_people().order_by("role", "pk") if edits else in_order(rows)
    page = page_of(request, sorting.of(list(rows)) if sorting.name else rows)
    named = [row.agreement_id for row in page if row.agreement_id]
    context = {
        "title": _("Partners"),
        "page": page,
        "sorting": sorting,
        "agreements": set(
            visible_agreements(user).filter(pk__in=named).values_list("pk", flat=True)
        ),
        "sees_amounts": may_see_budget(user, project),
        "may_edit": edits,
    }
    return project_page(
        request, "projects/participations.html", project, context, tab="participations"
    )


def _takes_access(user: User, form: ParticipationAgreementForm) -> bool:
    before = Participation.objects.select_related("project").get(pk=form.instance.pk)
    return loses_people(user, before, form.cleaned_data["role"])


@READ_OR_SAVE
def participation_edit(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    rows = project.participations.select_related("institution")
    row = get_object_or_404(locked(request, rows), pk=pk)
    form = ParticipationAgreementForm(
        posted(request), instance=row, agreements=visible_agreements(request.user)
    )
    back = reverse_in(project, "participations")
    if form.is_valid() and "role" in form.changed_data and _takes_access(request.user, form):
        form.add_error(
            "role",
            _(
                "People of this institution would lose access at once. End their access first, or ask "
                "an administrator to change the role."
            ),
        )
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The participation was saved."), back)
    return form_page(
        request,
        form,
        title=row.institution.name,
        crumbs=trail(project, (_("Partners"), back)),
        delete_url=reverse_in(project, "participation-delete", row.pk),
    )

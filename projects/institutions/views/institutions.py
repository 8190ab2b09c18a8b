"""The page of an institution, and its forms. The register is in `register`.

The addresses are `partners:…`, but the views are here: who sees an institution, and its projects
and roles on the page, follow from participations, which `partners` must not know (imports point
downwards only). `projects/institutions/urls.py` lists the addresses.
"""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.formats import join_list
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    delete_page,
    locked,
    posted,
    save_page,
    saved,
    trail,
)
from partners.forms import (
    FirstNameForm,
    InstitutionForm,
    InstitutionNameForm,
    OwnInstitutionForm,
)
from partners.models import Institution, InstitutionName
from projects.institutions.forms import (
    InstitutionChangeForm,
    InstitutionPlaceForm,
)
from projects.institutions.naming import naming_of
from projects.institutions.people import people_of
from projects.institutions.services.register import (
    add_institution,
    propose_change,
    remove_institution,
    settle_change,
)
from projects.models import Participation, Project
from projects.permissions.agreements import visible_agreements
from projects.permissions.institutions import (
    may_correct_institution,
    may_create_institution,
    may_delete_institution,
    may_edit_institution,
    may_propose_facts,
    visible_institutions,
)
from projects.records import PartPages


def visible_institution(user: User, pk: int) -> Institution:
    return get_object_or_404(visible_institutions(user).with_names(), pk=pk)


def institution_crumbs(*more: tuple[str, str]) -> Crumbs:
    return trail((_("Partners"), reverse("partners:list")), *more)


def _own_crumbs(institution: Institution) -> Crumbs:
    return institution_crumbs((str(institution), institution.get_absolute_url()))


@require_safe
def institution(request: Request, pk: int) -> HttpResponse:
    user = request.user
    institution = visible_institution(user, pk)
    coordinated = Project.objects.coordinated_by(user).filter(pk=OuterRef("project"))
    participations = (
        Participation.objects.filter(
            institution=institution, project__in=Project.objects.visible_to(user)
        )
        .select_related("project")
        .annotate(is_grantable=Exists(coordinated))
    )
    places = list(participations.order_by("project__code", "role"))
    corrects = may_correct_institution(user, institution)
    coordinates = user.is_staff or any(place.is_grantable for place in places)
    people = people_of(user, institution)
    changes = institution.proposed_changes.open().select_related("proposed_by")
    context = {
        "institution": institution,
        "names": institution.names.all(),
        "participations": places,
        "grantable": [place for place in places if place.is_grantable],
        "people": people,
        "naming": naming_of(
            user,
            institution,
            seen={place.project for place in places},
            coordinated=list({place.project: None for place in places if place.is_grantable}),
        ),
        "ended": any(person.ended or person.contact.ended_on for person in people),
        "agreements": list(visible_agreements(user).filter(institution=institution)),
        "may_correct": corrects,
        "may_propose": coordinates and not corrects,
        "proposed_changes": list(changes) if coordinates or corrects else [],
        "may_coordinate": coordinates,
        "crumbs": institution_crumbs(),
    }
    return render(request, "partners/detail.html", context)


@READ_OR_SAVE
def institution_create(request: Request) -> HttpResponse:
    user = request.user
    ask(may_create_institution(user))
    data = posted(request)
    name = FirstNameForm(data)
    facts = InstitutionForm(data)
    place = InstitutionPlaceForm(
        data,
        projects=Project.objects.coordinated_by(user),
        required=not user.is_staff,
        initial={"project": request.GET.get("project")},
    )
    forms = [name, facts, place]
    of_project = _partners_of_project(request)
    valid = [form.is_valid() for form in forms]  # each says what it refuses
    if request.method == "POST" and all(valid):
        name.note_translations()
        where = place.cleaned_data | {"is_another": name.cleaned_data["is_another"]}
        if done := act(
            name, lambda: add_institution(facts.instance, name.instance, by=user, **where)
        ):
            if done.result is None:
                sentence = _("Not entered yet: an administrator will check it and write to you.")
                return saved(request, sentence, of_project or "partners:list")
            undo = (
                reverse("partners:delete", args=[facts.instance.pk])
                if may_delete_institution(user)
                else ""
            )
            sentence = _("The institution was entered.")
            return saved(request, sentence, of_project or facts.instance, undo=undo)
        name.ask_whether_another()
    context = {
        "forms": forms,
        "title": _("New institution"),
        "cancel_url": of_project or reverse("partners:list"),
        "crumbs": institution_crumbs(),
    }
    return render(request, "partners/create.html", context)


def _partners_of_project(request: Request) -> str:
    """Return the list of partners on which somebody goes on who came from there (`?project=`)."""
    code = request.GET.get("project")
    projects = Project.objects.coordinated_by(request.user) if code else []
    found = next((project for project in projects if project.code == code), None)
    return reverse("projects:participations", args=[found.code]) if found else ""


@READ_OR_SAVE
def institution_edit(request: Request, pk: int) -> HttpResponse:
    institution = visible_institution(request.user, pk)
    ask(may_correct_institution(request.user, institution))
    is_editor = may_edit_institution(request.user, institution)
    row = locked(request, Institution.objects.filter(pk=pk)).get()
    form = (InstitutionForm if is_editor else OwnInstitutionForm)(posted(request), instance=row)
    may_delete = may_delete_institution(request.user)
    return save_page(
        request,
        form,
        sentence=_("The institution was saved."),
        to=row,
        title=_("Edit the institution"),
        crumbs=_own_crumbs(institution),
        delete_url=reverse("partners:delete", args=[pk]) if may_delete else "",
    )


@READ_OR_SAVE
def change_propose(request: Request, pk: int) -> HttpResponse:
    """Propose a change of facts that hold in other projects too, to those who may make it."""
    institution = visible_institution(request.user, pk)
    ask(
        may_propose_facts(request.user, institution),
        _(
            "You can change this institution yourself, or it does not take part in any of "
            "your projects."
        ),
    )
    form = InstitutionChangeForm(posted(request))
    return save_page(
        request,
        form,
        lambda: propose_change(institution, form.cleaned_data["text"], by=request.user),
        sentence=_("Your proposal is waiting for the institution or an administrator."),
        title=_("Propose a change: %(institution)s") % {"institution": institution.short_name},
        intro=_(
            "Its name, country, kind and policy apply in every project in which it takes "
            "part. Only the institution's own people or an administrator can change them."
        ),
        submit=_("Propose"),
        crumbs=_own_crumbs(institution),
    )


@require_POST
def change_settle(request: Request, pk: int, change_pk: int) -> HttpResponse:
    institution = visible_institution(request.user, pk)
    ask(
        may_correct_institution(request.user, institution),
        _("Only the institution's own people or an administrator can settle this."),
    )
    change = get_object_or_404(institution.proposed_changes.all(), pk=change_pk)
    settle_change(change, by=request.user)
    return saved(request, _("The proposal is settled."), institution)


@READ_OR_SAVE
def institution_delete(request: Request, pk: int) -> HttpResponse:
    institution = visible_institution(request.user, pk)
    ask(
        may_delete_institution(request.user),
        _("Only administrators can delete institutions. Ask one of them."),
    )
    projects = Project.objects.filter(participations__institution=institution).distinct()
    names = join_list(str(project) for project in projects)
    leaves = [_("It also leaves: %(projects)s.") % {"projects": names}] if names else []
    return delete_page(
        request,
        institution,
        title=_("Delete “%(thing)s”?") % {"thing": institution.name},
        intro=" ".join([_("This cannot be undone."), *leaves]),
        delete=lambda: remove_institution(institution, by=request.user),
        done=reverse("partners:list"),
        crumbs=_own_crumbs(institution),
    )


class InstitutionNamePages(PartPages[InstitutionName]):
    model, form_class, place_name = InstitutionName, InstitutionNameForm, "institution"
    name, names, key, prefix = "name", "names", "name_pk", "<int:pk>/"
    new_title, edit_title = gettext_lazy("New name"), gettext_lazy("Edit the name")
    saved_sentence = gettext_lazy("The name was saved.")

    def find_place(self) -> Institution:
        institution = visible_institution(self.request.user, self.kwargs["pk"])
        ask(may_correct_institution(self.request.user, institution))
        return institution

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"partners:{name}", args=[self.place.pk, *args])

    def crumbs(self, *_more: Any) -> Crumbs:
        return _own_crumbs(self.place)

    def rows(self) -> QuerySet[InstitutionName]:
        return InstitutionName.objects.filter(institution=self.place)

    def form_context(self, _name: InstitutionName) -> dict[str, Any]:
        self.can_be_removed = self.place.names.count() > 1
        return {}

    def delete(self, pk: int) -> HttpResponse:
        locked(self.request, Institution.objects.filter(pk=self.place.pk)).get()
        ask(
            self.place.names.count() > 1,
            _("An institution has to keep at least one name. Edit this one."),
        )
        return super().delete(pk)

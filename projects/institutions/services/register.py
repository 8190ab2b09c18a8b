"""Adds institutions to the register, removes them from projects and from the register, and keeps the
changes that are proposed to them.
"""

from difflib import SequenceMatcher
from functools import partial
from itertools import product

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import AccessEvent, User
from kernel.formats import join_list
from kernel.refusal import Refusal
from kernel.text import columns_of
from partners.models import Institution, InstitutionName
from partners.services import lock_register
from projects.institutions.letters import hiding_institution_letter
from projects.institutions.services.ending import end_all
from projects.institutions.services.naming import note_new_reader
from projects.models import InstitutionChange, Participation, Project
from projects.permissions.institutions import attachable_institutions

NEARLY_THE_SAME = 0.85  # of `SequenceMatcher.ratio`: one word of six differs, or an accent


@transaction.atomic
def add_institution(
    institution: Institution,
    name: InstitutionName,
    *,
    project: Project | None = None,
    role: str = "",
    is_another: bool = True,
    by: User,
) -> Institution | None:
    """Add an institution with its present name and, if given, its role in a project, else the usual
    one of its kind.

    Raises ValidationError if the register has an institution of that name in that country already,
    also if a name is similar, unless it `is_another`. If one of that name hides from
    `by`, nobody learns so: administrators are asked, and the answer is None.
    """
    if project:
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    lock_register()
    namesakes = Institution.objects.filter(country=institution.country, names__in=_alike(name))
    _refuse_known(institution, name, namesakes, asks=not is_another, by=by)
    if hiding := namesakes.first():
        _ask_administrators(hiding, project, by=by)
        return None
    institution.save()
    name.institution = institution
    name.save()
    if project:
        role = role or Participation.USUAL_ROLES.get(institution.kind, Participation.Role.PARTNER)
        place = Participation.objects.create(project=project, institution=institution, role=role)
        record_participation(place, by=by, change="institution added")
    return institution


def _refuse_known(
    institution: Institution,
    name: InstitutionName,
    namesakes: QuerySet[Institution],
    *,
    asks: bool,
    by: User,
) -> None:
    if attachable_institutions(by).filter(pk__in=namesakes).exists():
        raise ValidationError(
            _(
                "The register already has an institution with this name in this country. Go to the "
                "partners of the project, “Add an institution”, and choose it there."
            )
        )
    if asks and (similar := _similar(institution, name, by=by)):
        raise ValidationError(
            {
                "is_another": _("The register has “%(institution)s”: say whether this is another.")
                % {"institution": similar.name}
            }
        )


def _alike(name: InstitutionName) -> QuerySet[InstitutionName]:
    """Return the names that are the same in any language."""
    same = Q(pk__in=[])
    for column in columns_of("name"):
        if text := getattr(name, column).strip():
            same |= Q(**{f"{column}__iexact": text})
    return InstitutionName.objects.filter(same)


def _ask_administrators(institution: Institution, project: Project | None, *, by: User) -> None:
    """Ask once, however often somebody tries the name."""
    for administrator in User.objects.filter(is_staff=True, is_active=True):
        send_to_person(
            administrator,
            partial(hiding_institution_letter, institution, project, by=by),
            key=f"hiding:{institution.pk}:{project and project.pk}:{by.pk}:{administrator.pk}",
            about=institution,  # not the project, which may be for training
        )


def _similar(institution: Institution, name: InstitutionName, *, by: User) -> Institution | None:
    """Return an institution of that country that `by` may see, whose name is nearly the same or whose
    acronym is the same."""
    typed = {getattr(name, column).casefold() for column in columns_of("name")} - {""}
    seen = attachable_institutions(by).filter(country=institution.country)
    for known in InstitutionName.objects.filter(institution__in=seen):
        shown = seen.with_names().filter(pk=known.institution_id)
        if name.acronym and name.acronym.casefold() == known.acronym.casefold():
            return shown.get()
        names = {getattr(known, column).casefold() for column in columns_of("name")} - {""}
        for one, other in product(typed, names):
            if SequenceMatcher(None, one, other).ratio() >= NEARLY_THE_SAME:
                return shown.get()
    return None


@transaction.atomic
def remove_institution(institution: Institution, *, by: User) -> None:
    """Delete an institution that was entered by mistake, with its places in projects. Refuses where
    somebody represents it, or has; raises ProtectedError where anything else refers to it."""
    places = list(institution.participations.select_related("project"))
    held = [place for place in places if place.representations.exists()]
    if held:
        raise Refusal(
            _(
                "People represent or represented %(institution)s in %(projects)s: it stays in the "
                "register."
            )
            % {
                "institution": institution.name,
                "projects": join_list(str(place.project) for place in held),
            }
        )
    for place in places:
        remove_participation(place, by=by)
    institution.delete()


@transaction.atomic
def remove_participation(participation: Participation, *, by: User) -> None:
    end_all(participation, by=by)
    record_participation(participation, by=by, change="institution removed")
    participation.delete()


def record_participation(participation: Participation, *, by: User | None, change: str) -> None:
    """Log that an institution got a role in the project, or lost it. Who sees and does something for
    it is granted person by person. What it reads may have to name others to fewer."""
    if change == "institution added":
        note_new_reader(participation)
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=participation.project,
        role=participation.role,
        change=change,
        institution=participation.institution_id,
    )


@transaction.atomic
def propose_change(institution: Institution, text: str, *, by: User) -> InstitutionChange:
    """Raises ValidationError if the same was proposed and is not settled yet."""
    change = InstitutionChange(institution=institution, text=text, proposed_by=by)
    change.full_clean()
    change.save()
    return change


def settle_change(change: InstitutionChange, *, by: User) -> None:
    """Note that the change was made, or that it will not be. Of two people the first one counts."""
    InstitutionChange.objects.open().filter(pk=change.pk).update(
        settled_at=timezone.now(), settled_by=by
    )

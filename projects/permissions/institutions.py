"""Decides who sees and edits institutions.

The rules are here and not in `partners`, which does not know projects: who sees an institution
follows from the projects in which it takes part. What one project's coordination does never affects
another project.
"""

import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, TypeVar, cast

from django.db.models import Exists, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.keys import Keys
from kernel.names import any_of, plain, replaced, whole_words, with_emphasis
from kernel.text import LANGUAGES, active_language
from partners.models import Institution, InstitutionName, InstitutionQuerySet
from partners.naming import NamesRead, UnknownReaders, present_readers, read_by
from projects.models import (
    InstitutionChange,
    NamingPrecaution,
    Participation,
    PrecautionLift,
    Project,
    Representation,
)
from projects.models.representation import RepresentationQuerySet
from projects.permissions.naming import NamesForAudience, NamesForPerson
from projects.permissions.roles import edited_projects, may_edit


def visible_institutions(user: User, projects: Iterable[int] | None = None) -> InstitutionQuerySet:
    """Return the institutions of the person's projects, apart from those that they may not know by
    name; all for administrators. `projects`: the keys of their projects, if these are known."""
    if not user.is_authenticated:
        return Institution.objects.none()
    if user.is_staff:
        return Institution.objects.all()
    seen = Project.objects.visible_to(user) if projects is None else Keys(projects)
    found = Institution.objects.filter(pk__in=taking_part(seen))
    return found.exclude(pk__in=_hidden(user, found))


def _hidden(user: User, institutions: QuerySet[Institution]) -> set[int]:
    if not (guarded := list(institutions.filter(is_guarded=True))):
        return set()
    names = names_for(user)
    return {each.pk for each in guarded if names.is_hidden(each)}


def names_for(user: User) -> NamesForPerson:
    """Return what the person may read in all their projects: what the page was asked for, if it is
    of no single project, so that nothing is read twice."""
    present = present_readers()
    if isinstance(present, NamesForPerson) and present.user == user and not present.place:
        return present
    return NamesForPerson(user)


def coordinated_institutions(user: User) -> InstitutionQuerySet:
    """Return the institutions of projects that the person coordinates; all for administrators."""
    if user.is_staff:
        return Institution.objects.all()
    coordinated = Project.objects.coordinated_by(user)
    return Institution.objects.filter(pk__in=taking_part(coordinated))


def attachable_institutions(user: User) -> InstitutionQuerySet:
    """Return the institutions that the coordination may find and add to its project: of those of
    other projects it learns the name and the country alone, and none that hides from it."""
    return Institution.objects.exclude(pk__in=_hidden(user, Institution.objects.all()))


def taking_part(
    projects: QuerySet[Project] | Keys | list[int],
) -> QuerySet[Participation, Any]:
    """Return the keys of the institutions, for a subquery."""
    return Participation.objects.filter(project__in=projects).values("institution")


def may_create_institution(user: User) -> bool:
    return user.is_staff or bool(edited_projects(user))


def may_coordinate_with(user: User, institution: Institution) -> bool:
    """Whether the institution takes part in a project that the person coordinates."""
    return coordinated_institutions(user).filter(pk=institution.pk).exists()


def may_edit_institution(user: User, institution: Institution) -> bool:
    """Administrators edit the facts, and the coordination those of an institution that takes part
    in its own projects alone."""
    if user.is_staff:
        return True
    coordinated = Project.objects.coordinated_by(user).values("pk")
    others = Participation.objects.filter(institution=institution).exclude(project__in=coordinated)
    known = coordinated_institutions(user).filter(~Exists(others), pk=institution.pk)
    return known.exists()


def may_correct_institution(user: User, institution: Institution) -> bool:
    """Whether the person changes the name, country, kind and safeguarding policy.

    Those who represent the institution do; if it serves several projects, only those whom an
    administrator or a colleague confirmed: whom one coordinator entered speaks in that project.
    """
    if may_edit_institution(user, institution):
        return True
    own = _representations(user, institution).filter(ends_at=None)
    if own.filter(confirmed_at__isnull=False).exists():
        return True
    projects = Participation.objects.filter(institution=institution).values("project")
    return own.exists() and projects.distinct().count() == 1


def may_propose_facts(user: User, institution: Institution) -> bool:
    """The coordination proposes what it may not change, since it holds in other projects too."""
    return may_coordinate_with(user, institution) and not may_correct_institution(user, institution)


def changes_to_settle(is_staff: bool, institutions: Collection[int]) -> QuerySet[InstitutionChange]:
    """Return the proposed changes that wait for the person: all for administrators, for others
    those of the institutions that they represent, if they were confirmed."""
    changes = InstitutionChange.objects.open()
    return changes if is_staff else changes.filter(institution__in=institutions)


def may_delete_institution(user: User) -> bool:
    return user.is_staff


# Where an institution may be named


def may_see_naming(user: User, institution: Institution) -> bool:
    """The coordination of its projects, whoever represents it, and administrators."""
    return may_widen_naming(user, institution) or bool(narrowable_projects(user, institution))


def may_widen_naming(user: User, institution: Institution) -> bool:
    """Only the institution itself says that it may be named to more, or an administrator to whom
    it wrote so: the coordination never does, even in its own project alone.

    Whom the coordination entered as representative could be anybody, so they speak for the
    institution in this once somebody else confirmed them.
    """
    if user.is_staff:
        return True
    own = _representations(user, institution).filter(ends_at=None)
    confirmed = own.filter(confirmed_at__isnull=False)
    return confirmed.exists() and not narrowable_projects(user, institution)


def represents(user: User, institution: Institution) -> bool:
    """Whether the person represents the institution in any project today."""
    return _representations(user, institution).exists()


def _representations(user: User, institution: Institution) -> RepresentationQuerySet:
    rows = Representation.objects.in_force()
    return rows.filter(contact__user=user, participation__institution=institution)


def narrowable_projects(user: User, institution: Institution) -> list[Project]:
    """Return the projects of the institution for which the person records what it said."""
    places = Participation.objects.filter(institution=institution).values("project")
    return [
        project
        for project in Project.objects.visible_to(user).filter(pk__in=places).order_by("code")
        if may_edit(user, project)
    ]


# --- Replaces names that readers may not know in texts that were typed or frozen ---
#
# Where a name is printed from its institution, `Institution.name_on` gives a neutral designation
# (`partners.naming`). Minutes that were frozen long ago, and what somebody wrote, hold the name
# itself.

Data = TypeVar("Data")

# A shorter name would occur within half of all words.
SHORTEST_NAME, SHORTEST_ACRONYM = 4, 2
# Values that are no texts: anchors in the document, and keys that may equal an acronym.
NOT_READ = frozenset(
    {
        *("anchor", "to", "path", "kind", "type", "style", "chart"),
        *("audience", "language", "lang", "sha256"),
    }
)


class HiddenNames(NamedTuple):
    pattern: re.Pattern[str]
    instead: dict[str, str]  # by the plain name

    def replaced_in(self, text: str) -> str:
        unnamed = _("institution not named")

        def instead(found: re.Match[str]) -> str:
            name = found.group()
            return with_emphasis(self.instead.get(plain(name), unnamed), of=name)

        return replaced(self.pattern, text, instead)


def without_names(value: Data) -> Data:
    """Return the data without the names that the present readers may not know."""
    readers = present_readers()
    if isinstance(readers, NamesForAudience | NamesForPerson):
        return without(value, hidden_names(readers))
    return without(value, _every_guarded_name() if isinstance(readers, UnknownReaders) else None)


def without(value: Data, hidden: HiddenNames | None) -> Data:
    """Return the data without these names in its texts, however deep in lists and objects."""
    # It has the same structure with other texts, so the type stays the same.
    return value if hidden is None else cast(Data, _without(value, hidden))


def hidden_names(readers: NamesForAudience | NamesForPerson) -> HiddenNames | None:
    """Return the names that these readers may not know: acronyms in their capitals, since these
    tell them from words, and names in any. Kept with the readers, in each language."""
    kept: dict[str, HiddenNames | None] = readers.__dict__.setdefault("_hidden_names", {})
    language = active_language()
    if language not in kept:
        kept[language] = _compiled(readers, readers.hidden) if readers.hidden else None
    return kept[language]


def _every_guarded_name() -> HiddenNames | None:
    guarded = Institution.objects.filter(is_guarded=True)
    return _compiled(UnknownReaders(), set(guarded.values_list("pk", flat=True)))


def _compiled(readers: NamesRead, hidden: set[int]) -> HiddenNames | None:
    rows = Institution.objects.filter(pk__in=hidden)
    with read_by(readers):
        shown = {institution.pk: institution.short_name for institution in rows}
    names: dict[str, str] = {}
    acronyms: dict[str, str] = {}
    for institution, acronym, *spelt in names_ever(hidden):
        names |= dict.fromkeys(spelt, shown[institution])
        acronyms[acronym] = shown[institution]
    of_names = any_of(name for name in names if len(name) >= SHORTEST_NAME)
    of_acronyms = any_of(name for name in acronyms if len(name) >= SHORTEST_ACRONYM)
    words = [of_names and f"(?i:{of_names})", of_acronyms]
    if not any(words):
        return None
    instead = {plain(name): shown for name, shown in [*acronyms.items(), *names.items()]}
    return HiddenNames(re.compile(whole_words("|".join(filter(None, words)))), instead)


def names_ever(institutions: Iterable[int]) -> list[tuple[Any, ...]]:
    """Return the key of each institution with an acronym and the names in all languages: those that
    it has or had, and spellings that were corrected."""
    columns = ["institution", "acronym", *(f"name_{language}" for language in LANGUAGES)]
    keys = list(institutions)
    present = InstitutionName.objects.filter(institution__in=keys).values_list(*columns)
    earlier = InstitutionName.history.filter(institution__in=keys).values_list(*columns)
    return sorted({*present, *earlier})


def _without(value: object, hidden: HiddenNames) -> object:
    if isinstance(value, str):
        return hidden.replaced_in(value)
    if isinstance(value, list | tuple):
        return [_without(each, hidden) for each in value]
    if isinstance(value, dict):
        return {
            key: each if key in NOT_READ else _without(each, hidden) for key, each in value.items()
        }
    return value


# --- Decides who hides an institution everywhere as a precaution, and who lifts that ---


def coordinates_for_real(user: User, institution: Institution) -> bool:
    """Whether the person coordinates a project of the institution that is not for training."""
    return any(not project.training for project in narrowable_projects(user, institution))


def why_no_precaution(institution: Institution) -> str:
    """Return, in a sentence, why it cannot be hidden everywhere as a precaution, or nothing."""
    acts_for_donor = institution.participations.filter(role__in=Participation.DONOR_ROLES).exists()
    if institution.kind != Institution.Kind.CIVIL_SOCIETY or acts_for_donor:
        return _(
            "Only an organisation of civil society that is no donor can be hidden everywhere as a "
            "precaution. Record in your own project where this institution may be named."
        )
    if _decided_itself(institution):
        return _(
            "The institution has decided itself where it may be named, and a precaution does not "
            "override that. Ask it, or an administrator, to hide it everywhere; hide it at once in "
            "your own project, under “Record its choice”."
        )
    if any(not one.lifts.exists() for one in open_precautions(institution)):
        return _("It is hidden everywhere as a precaution already.")
    return ""


def _decided_itself(institution: Institution) -> bool:
    chosen = institution.naming_choices.filter(project=None).order_by("-pk").first()
    lifted = PrecautionLift.objects.filter(precaution__institution=institution, project=None)
    return bool(chosen and chosen.is_own) or lifted.exists()


def instead_of_precaution(user: User, institution: Institution) -> str:
    """Return what its coordination does where its own choice rules a precaution out, or nothing."""
    is_civil_society = institution.kind == Institution.Kind.CIVIL_SOCIETY
    if not is_civil_society or not coordinates_for_real(user, institution):
        return ""
    return why_no_precaution(institution) if _decided_itself(institution) else ""


def may_take_precaution(user: User, institution: Institution) -> bool:
    return coordinates_for_real(user, institution) and not why_no_precaution(institution)


def open_precautions(institution: Institution) -> list[NamingPrecaution]:
    """Return the precautions that hold in some project, the newest first."""
    rows = NamingPrecaution.objects.in_force().filter(institution=institution)
    return list(rows.select_related("taken_by").prefetch_related("lifts__project"))


def may_lift_everywhere(user: User, institution: Institution) -> bool:
    """The institution itself at any time, or an administrator with its written consent."""
    return may_widen_naming(user, institution)


def liftable_projects(user: User, institution: Institution) -> list[Project]:
    """Return the projects in which the coordination ends the precaution, with the agreement of the
    institution: their own, once the time of the institution is over."""
    found = open_precautions(institution)
    if not found or any(one.coordinators_lift_from > timezone.now() for one in found):
        return []
    lifted = {lift.project_id for lift in found[0].lifts.all()}
    own = narrowable_projects(user, institution)
    return [project for project in own if project.pk not in lifted]


def not_yet() -> str:
    """Say who lifts the precaution, to somebody who may not, or not yet."""
    return _(
        "For 72 hours only the institution lifts the precaution, or an administrator with its written "
        "consent. Then you may do so in a project that you coordinate, if the institution agrees."
    )

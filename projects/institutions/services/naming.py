"""Records where an institution may be named, hides one everywhere as a precaution and lifts that again,
and has the files replaced that name it to more."""

from collections.abc import Iterable
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.made_files import made_files
from accounts.mail import send_to_person
from accounts.models import AccessEvent, User
from kernel.refusal import Refusal
from partners.models import Institution
from projects.institutions.letters import hidden_letter, precaution_letter
from projects.models import (
    Assignment,
    NamingChoice,
    NamingPrecaution,
    NeutralNumber,
    Participation,
    PrecautionLift,
    Project,
    Representation,
)
from projects.permissions.institutions import (
    coordinates_for_real,
    liftable_projects,
    may_lift_everywhere,
    may_widen_naming,
    names_ever,
    narrowable_projects,
    not_yet,
    open_precautions,
    visible_institutions,
    why_no_precaution,
)

# --- Guarding ---
#
# What follows once an institution may be named to fewer: its neutral numbers, and other files.


def replace_files(institution: Institution, project: Project | None, why: str = "naming") -> int:
    """Have each file replaced whose readers may no longer know the name, and return how many there
    were. Superseding looks at the audience of each. `why` is a `Rendition.Reason`."""
    words = {word for _key, *spelt in names_ever([institution.pk]) for word in spelt}
    words = {word for word in words if len(word) > 1}
    found = made_files().renditions_that_name(words, project=project)
    return len(made_files().supersede(found, why))


def guard(institution: Institution, project: Project | None) -> None:
    """Give it what it is called where it may not be named: in the project, or in all."""
    if not institution.is_guarded:
        institution.is_guarded = True
        institution.save(update_fields=["is_guarded"])
    NeutralNumber.draw(institution, project)


# --- Precautions ---


@transaction.atomic
def take_precaution(institution: Institution, reason: str, *, by: User) -> int:
    """Hide the institution in all its projects, and return how many documents give way.

    A coordinator does so alone and at once. Everybody concerned is notified. Raises Refusal.
    """
    institution = _locked(institution)
    if not coordinates_for_real(by, institution):
        raise Refusal(_("Only the coordination of one of its projects takes this precaution."))
    if refused := why_no_precaution(institution):
        raise Refusal(refused)
    precaution = NamingPrecaution(institution=institution, reason=reason, taken_by=by)
    precaution.full_clean()
    precaution.save()
    guard(institution, None)
    _log_precaution(precaution, None, "hidden everywhere as a precaution", by=by)
    _notify(institution, "taken", by=by)
    return replace_files(institution, None, "precaution")


@transaction.atomic
def lift_precaution(institution: Institution, lift: PrecautionLift, *, by: User) -> int:
    """Lift what hides the institution, in `lift.project` or in all projects, and return how many
    files are offered again. Raises Refusal or ValidationError."""
    institution = _locked(institution)
    found = open_precautions(institution)
    if not found:
        raise Refusal(_("The precaution was lifted already. Look at the page again."))
    _check_lift(institution, lift, by=by)
    restored = _lift(found, lift, by=by)
    _notify(institution, "lifted", by=by, project=lift.project)
    return restored


def _check_lift(institution: Institution, lift: PrecautionLift, *, by: User) -> None:
    if may_lift_everywhere(by, institution):
        if by.is_staff and not lift.reason.strip():
            sentence = _("Say which written consent allows this: whose, of which day, kept where.")
            raise ValidationError({"reason": sentence})
        return
    if lift.project not in liftable_projects(by, institution):
        raise Refusal(not_yet())
    if not lift.reason.strip():
        raise ValidationError({"reason": _("Say who agreed for the institution.")})


def end_by_choice(choice: NamingChoice, *, by: User | None) -> None:
    """End the precaution where the institution has chosen for itself."""
    if found := open_precautions(choice.institution):
        lift = PrecautionLift(
            project=choice.project,
            agreed_on=choice.said_on,
            channel=choice.channel,
            reason=choice.reason,
        )
        _lift(found, lift, by=by)
        _notify(choice.institution, "lifted", by=by, project=choice.project)


def _lift(found: list[NamingPrecaution], lift: PrecautionLift, *, by: User | None) -> int:
    for precaution in found:
        row = PrecautionLift(
            precaution=precaution,
            project=lift.project,
            agreed_on=lift.agreed_on,
            channel=lift.channel,
            reason=lift.reason,
            lifted_by=by,
        )
        row.full_clean()
        row.save()
        _log_precaution(precaution, lift.project, "precaution lifted", by=by)
    return len(made_files().restore(lift.project))


def _locked(institution: Institution) -> Institution:
    return Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)


def _log_precaution(
    precaution: NamingPrecaution, project: Project | None, change: str, *, by: User | None
) -> None:
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=project or precaution.institution,
        institution=precaution.institution_id,
        change=change,
    )


def _notify(
    institution: Institution, what: str, *, by: User | None, project: Project | None = None
) -> None:
    """Write to everybody concerned, but whoever did it: no message names the institution."""
    concerned = people_concerned(institution, project)
    for person in concerned.exclude(pk=by.pk) if by else concerned:
        letter = partial(precaution_letter, institution, what)
        send_to_person(person, letter, about=institution)


def people_concerned(institution: Institution, project: Project | None = None) -> QuerySet[User]:
    """Return administrators, the coordinators of the institution's projects, or of that project,
    and those who represent it."""
    places = Participation.objects.filter(institution=institution)
    if project:
        places = places.filter(project=project)
    coordinators = Assignment.objects.current().filter(
        role=Assignment.Role.COORDINATOR, project__in=places.values("project")
    )
    own = Representation.objects.in_force().filter(participation__institution=institution)
    return User.objects.filter(
        Q(is_staff=True)
        | Q(pk__in=coordinators.values("user"))
        | Q(pk__in=own.values("contact__user")),
        is_active=True,
    ).order_by("pk")


# --- Naming ---


@transaction.atomic
def record_choice(
    choice: NamingChoice, excluded: Iterable[Institution] = (), *, by: User | None
) -> int:
    """Record what the institution said, and return how many documents give way to ones that do not
    name it; `by` is None for operators.

    What the coordination records counts in its own project alone, and never names the institution to
    more. Whoever was excluded and is not seen by `by` stays excluded. Where the institution chooses
    itself, a precaution ends. Raises Refusal or ValidationError.
    """
    institution = choice.institution
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
    rows = NamingChoice.objects.that_count().filter(institution=institution)
    before = {row.project_id: row for row in rows.prefetch_related("excluded")}
    chosen = {each.pk for each in excluded}
    left_out = chosen | _excluded_unseen(before.get(choice.project_id), by)
    if choice.to_public and left_out:
        raise ValidationError({"excluded": _why_not_public(chosen)})
    wider = [
        row
        for row in _in_place(before, choice)
        if _is_wider(choice, left_out | _excluded_unseen(row, by), row)
    ]
    _check(choice, wider, by=by)
    return _record(choice, left_out, before, by=by)


@transaction.atomic
def record_narrowest(choice: NamingChoice, *, by: User) -> int:
    """Record for somebody who speaks for the institution there that it is named to nobody; return
    how many documents give way. Whom it excluded stays so, for when it widens the choice again."""
    institution = choice.institution
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
    rows = NamingChoice.objects.that_count().filter(institution=institution)
    before = {row.project_id: row for row in rows.prefetch_related("excluded")}
    excluded: set[int] = set()
    if earlier := before.get(choice.project_id):
        choice.excludes_state = earlier.excludes_state
        excluded = {each.pk for each in earlier.excluded.all()}
    return _record(choice, excluded, before, by=by)


def _record(
    choice: NamingChoice,
    left_out: set[int],
    before: dict[int | None, NamingChoice],
    *,
    by: User | None,
) -> int:
    institution = choice.institution
    choice.recorded_by, choice.is_own = by, _is_own(choice, by)
    choice.full_clean()
    choice.save()
    choice.excluded.set(left_out)
    guard(institution, choice.project)
    _log(choice, by=by)
    if choice.is_own:
        end_by_choice(choice, by=by)
    if not _is_narrower(choice, left_out, before.get(choice.project_id)):
        return 0
    return replace_files(institution, choice.project)


def _check(choice: NamingChoice, wider: list[NamingChoice], *, by: User | None) -> None:
    if by and not may_widen_naming(by, choice.institution):
        _check_coordination(choice, wider, by=by)
    elif wider and by and by.is_staff and not choice.reason.strip():
        sentence = _(
            "Say which written consent allows more: whose consent, of which day, kept where."
        )
        raise ValidationError({"reason": sentence})


def _is_own(choice: NamingChoice, by: User | None) -> bool:
    """Whether the institution says so itself, or wrote it to an administrator or operator."""
    if choice.channel == NamingChoice.Channel.PRECAUTION:
        return False
    if by and by.is_staff:
        return bool(choice.reason.strip())
    return by is None or may_widen_naming(by, choice.institution)


def _excluded_unseen(choice: NamingChoice | None, by: User | None) -> set[int]:
    """Return whom the choice excludes without `by` seeing them in the form: they stay excluded."""
    if choice is None or by is None:
        return set()
    excluded = {each.pk for each in choice.excluded.all()}
    seen = visible_institutions(by).filter(pk__in=excluded)
    return excluded - set(seen.values_list("pk", flat=True))


def _why_not_public(chosen: set[int]) -> str:
    if chosen:
        return _(
            "Everybody reads what the public may read: exclude nobody, or exclude the public too."
        )
    return _(
        "An institution that you cannot see here was excluded before. Ask an "
        "administrator to record that everybody may read the name."
    )


def note_new_reader(participation: Participation) -> None:
    """Draw the number of a guarded institution that takes part from now on, and have the files
    replaced that name somebody who excluded the institution."""
    institution, project = participation.institution, participation.project
    if institution.is_guarded:
        NeutralNumber.draw(institution)
    choices = NamingChoice.objects.that_count().filter(Q(project=None) | Q(project=project))
    for choice in choices.select_related("institution").prefetch_related("excluded"):
        if choice.excludes({institution.pk: institution.kind}):
            replace_files(choice.institution, project)


def _in_place(before: dict[int | None, NamingChoice], choice: NamingChoice) -> list[NamingChoice]:
    places = {None, choice.project_id}
    return [row for place, row in before.items() if place in places]


def _is_wider(choice: NamingChoice, excluded: set[int], than: NamingChoice) -> bool:
    return bool(
        choice.audiences - than.audiences
        or (than.excludes_state and not choice.excludes_state)
        or {each.pk for each in than.excluded.all()} - excluded
    )


def _is_narrower(choice: NamingChoice, excluded: set[int], than: NamingChoice | None) -> bool:
    if than is None:  # it was named freely
        return not choice.to_public
    return bool(
        than.audiences - choice.audiences
        or (choice.excludes_state and not than.excludes_state)
        or excluded - {each.pk for each in than.excluded.all()}
    )


def _check_coordination(choice: NamingChoice, wider: list[NamingChoice], *, by: User) -> None:
    if choice.project is None:
        raise Refusal(
            _(
                "Only the institution itself or an administrator decides for all its projects. "
                "Choose the project that you coordinate."
            )
        )
    if choice.project not in narrowable_projects(by, choice.institution):
        raise Refusal(_("Choose a project that you coordinate."))
    if wider:
        raise Refusal(
            _(
                "This would name the institution to more people than it allowed. It can "
                "allow this itself on the portal, or in writing to an administrator, who "
                "records it."
            )
        )


def _log(choice: NamingChoice, *, by: User | None) -> None:
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=choice.project or choice.institution,
        institution=choice.institution_id,
        change="naming choice recorded",
    )


# --- An institution hides itself at once ---


@transaction.atomic
def hide_now(institution: Institution, projects: Iterable[Project], *, by: User) -> int:
    """Record that the institution may be named to nobody but the coordination: in these projects, or
    without any in all. Everybody concerned is notified. Returns how many files give way.

    The caller knows that the person speaks for it there.
    """
    replaced = 0
    places: list[Project | None] = [*projects]
    for project in places or [None]:
        choice = NamingChoice(
            institution=institution,
            project=project,
            said_on=timezone.localdate(),
            channel=NamingChoice.Channel.PORTAL,
        )
        replaced += record_narrowest(choice, by=by)
        for person in people_concerned(institution, project):
            letter = partial(hidden_letter, institution)
            send_to_person(person, letter, about=institution)
    return replaced

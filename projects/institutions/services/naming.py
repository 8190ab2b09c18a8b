"""Records where an institution may be named, and has the files replaced that name it to more."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from kernel.refusal import Refusal
from partners.models import Institution
from projects.institutions.services.guarding import guard, replace_files
from projects.institutions.services.precautions import end_by_choice
from projects.models import NamingChoice, NeutralNumber, Participation
from projects.permissions.institutions import (
    may_widen_naming,
    narrowable_projects,
    visible_institutions,
)


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

"""Records where an institution may be named, and has the files replaced that name it to more."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.made_files import made_files
from accounts.models import AccessEvent, User
from kernel.refusal import Refusal
from partners.models import Institution
from projects.models import NamingChoice, NeutralNumber, Participation, Project
from projects.permissions.hidden_names import names_ever
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

    The coordination records the first choice and narrows it in its own project. Whoever was excluded
    and is not seen by `by` stays excluded. Raises Refusal or ValidationError.
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
    if by and not may_widen_naming(by, institution):
        _check_coordination(choice, before, wider, by=by)
    elif wider and by and by.is_staff and not choice.reason.strip():
        sentence = _(
            "Say which written consent allows more: whose consent, of which day, kept where."
        )
        raise ValidationError({"reason": sentence})
    choice.recorded_by = by
    choice.full_clean()
    choice.save()
    choice.excluded.set(left_out)
    _guard(institution)
    _log(choice, by=by)
    if not _is_narrower(choice, left_out, before.get(choice.project_id)):
        return 0
    return _replace_files(institution, choice.project)


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


def _replace_files(institution: Institution, project: Project | None) -> int:
    """Have each file replaced whose readers may no longer know the name, and return how many there
    were. Superseding looks at the audience of each."""
    words = {word for _key, *spelt in names_ever([institution.pk]) for word in spelt}
    words = {word for word in words if len(word) > 1}
    found = made_files().renditions_that_name(words, project=project)
    return len(made_files().supersede(found, "naming"))


def note_new_reader(participation: Participation) -> None:
    """Draw the number of a guarded institution that takes part from now on, and have the files
    replaced that name somebody who excluded the institution."""
    institution, project = participation.institution, participation.project
    if institution.is_guarded:
        NeutralNumber.draw(institution)
    choices = NamingChoice.objects.that_count().filter(Q(project=None) | Q(project=project))
    for choice in choices.select_related("institution").prefetch_related("excluded"):
        if choice.excludes({institution.pk: institution.kind}):
            _replace_files(choice.institution, project)


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


def _check_coordination(
    choice: NamingChoice,
    before: dict[int | None, NamingChoice],
    wider: list[NamingChoice],
    *,
    by: User,
) -> None:
    if choice.project is None and None in before:
        raise Refusal(
            _(
                "What applies everywhere has already been recorded: only the institution "
                "itself or an administrator can change it. Record only what it said for "
                "your project."
            )
        )
    if choice.project and choice.project not in narrowable_projects(by, choice.institution):
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


def _guard(institution: Institution) -> None:
    if not institution.is_guarded:
        institution.is_guarded = True
        institution.save(update_fields=["is_guarded"])
    NeutralNumber.draw(institution)

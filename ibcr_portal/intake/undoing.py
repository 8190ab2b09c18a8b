"""Takes an import back as a whole, or says what has been used since."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Hold, User
from committees.models import Committee, SeatTerm
from committees.seats.services.seats import record_term
from ibcr_portal.models import Intake, NewsItem, Obligation
from kernel.formats import join_list
from kernel.lifecycle import StatusChange
from kernel.refusal import Refusal
from partners.models import Contact, Institution, InstitutionName
from projects.framework.services.workbooks import lock_tree
from projects.institutions.services.ending import end_representation
from projects.institutions.services.register import record_participation
from projects.models import Participation, Representation
from projects.retention import held_projects

# --- Rows ---
#
# The rows that an import made, as they are kept with it: by model and key, with a hash by which a
# later change is noticed.

PackedRow = list[str | int]  # its model, its key, its hash


# In place of the hash of a row that was there before: undoing the import leaves and names it.
CHANGED = "changed"


def packed(made: Iterable[models.Model], changed: Iterable[models.Model] = ()) -> list[PackedRow]:
    """Return the rows in the order in which they were made, each once, as they are stored now, and
    those that were changed. What these said before is not kept: it may be about a person."""
    keys = list(dict.fromkeys((thing._meta.label_lower, thing.pk) for thing in made))
    stored = _stored(keys)
    rows: list[PackedRow] = [[label, pk, hash_of(stored[label, pk])] for label, pk in keys]
    return rows + [[thing._meta.label_lower, thing.pk, CHANGED] for thing in changed]


def unpacked(rows: Iterable[PackedRow]) -> Iterator[tuple[str, int, str]]:
    for label, pk, told in rows:
        yield str(label), int(pk), str(told)


def things_of(rows: Iterable[PackedRow]) -> dict[tuple[str, int], models.Model]:
    """Return the rows that are still there, in the order in which they were made."""
    keys = [(label, pk) for label, pk, _told in unpacked(rows)]
    stored = _stored(keys)
    return {key: stored[key] for key in keys if key in stored}


def _stored(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], models.Model]:
    by_model: dict[str, list[int]] = defaultdict(list)
    for label, pk in keys:
        by_model[label].append(pk)
    return {
        (label, pk): thing
        for label, pks in by_model.items()
        for pk, thing in apps.get_model(label)._base_manager.in_bulk(pks).items()
    }


def hash_of(thing: models.Model) -> str:
    """Return a hash of all that the row says."""
    told = [
        f"{one.attname}={one.value_to_string(thing)}"
        for one in thing._meta.concrete_fields
        if not one.primary_key
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


# --- Undoing ---

# Of use to others as well, or harmless when they are left: these stay where they have been used.
MAY_STAY = (Institution, InstitutionName, Contact, Committee)
# Written by the portal itself and made anew.
COMPUTED = (NewsItem, Obligation)
SHOWN = 5

Key = tuple[str, int]


@transaction.atomic
def undo_intake(intake: Intake, *, by: User) -> list[str]:
    """Delete all rows of the import, and return the names of those that stay, since somebody uses
    them or a hold keeps them. Raises Refusal if a hold keeps the project, or if the project itself uses
    something, which it names."""
    lock_tree(intake.project)
    if held_projects().filter(pk=intake.project_id).exists():
        raise Refusal(_("A hold protects this project: whoever placed it has to lift it first."))
    intake = Intake.objects.select_for_update().get(pk=intake.pk)
    if intake.undone_at:
        raise Refusal(_("This import has already been undone."))
    plan = _Undoing(intake)
    if plan.used:
        raise Refusal(
            _(
                "This import cannot be undone, because it has since been used or "
                "changed: %(things)s. Reverse that first, or correct single things on "
                "their pages."
            )
            % {"things": join_list(plan.used[:SHOWN])}
        )
    for things in plan.groups_to_delete:
        _delete(things, by=by)
    intake.undone_at, intake.undone_by = timezone.now(), by
    intake.save(update_fields=["undone_at", "undone_by"])
    return plan.staying


def _delete(things: list[models.Model], *, by: User) -> None:
    """Delete rows of one model with what says how they came to their state. Whoever loses access is
    logged."""
    for thing in things:
        if isinstance(thing, Representation) and thing.is_open:
            end_representation(thing, by=by)
        if isinstance(thing, SeatTerm):
            record_term(thing, by=by, change="removed")
        if isinstance(thing, Participation):
            record_participation(thing, by=by, change="institution removed")
    model, keys = type(things[0]), [thing.pk for thing in things]
    kind = ContentType.objects.get_for_model(model)
    StatusChange.objects.filter(content_type=kind, object_id__in=keys).delete()
    if any(field.related_model is model for field in model._meta.concrete_fields):
        for thing in reversed(things):  # what others of the model refer to comes last
            thing.delete()
    else:
        model._base_manager.filter(pk__in=keys).delete()


class _Undoing:
    """Finds what may be deleted, what stays, and what prevents it."""

    def __init__(self, intake: Intake) -> None:
        things = things_of(intake.rows)
        told = {(label, pk): text for label, pk, text in unpacked(intake.rows)}
        self.going = dict(things)
        self.stays: dict[Key, models.Model] = {}
        self.used: list[str] = []
        held = _held_contacts()
        for key, thing in things.items():
            if hash_of(thing) != told[key] or thing in held:
                self._keep(key, thing)
        # What stays may use other rows, which then stay as well.
        while found := self._used_by_others():
            for key in found:
                self._keep(key, self.going[key])

    def _keep(self, key: Key, thing: models.Model) -> None:
        """Let the row stay, with the names of an institution, or note that it prevents the undoing."""
        self.going.pop(key, None)
        if not isinstance(thing, MAY_STAY):
            self.used.append(_name_of(thing))
            return
        self.stays[key] = thing
        if isinstance(thing, Institution):
            for name in thing.names.all():
                self.going.pop((name._meta.label_lower, name.pk), None)

    def _used_by_others(self) -> list[Key]:
        """Return the rows to which a row refers that is not to be deleted."""
        by_model: dict[type[models.Model], list[int]] = defaultdict(list)
        for thing in self.going.values():
            by_model[type(thing)].append(thing.pk)
        found: dict[Key, None] = {}
        for model, keys in by_model.items():
            for field in _references_to(model):
                rows = field.model._base_manager.filter(**{f"{field.name}__in": keys})
                label = field.model._meta.label_lower
                for pk, target in rows.values_list("pk", field.name):
                    if (label, pk) not in self.going:
                        found[model._meta.label_lower, target] = None
        return [key for key in found if key in self.going]

    @property
    def groups_to_delete(self) -> list[list[models.Model]]:
        """Return the rows by model, those first that were made last: they refer to the others."""
        groups: dict[type[models.Model], list[models.Model]] = defaultdict(list)
        for thing in self.going.values():
            groups[type(thing)].append(thing)
        return list(reversed(groups.values()))

    @property
    def staying(self) -> list[str]:
        return [
            _name_of(each) for each in self.stays.values() if not isinstance(each, InstitutionName)
        ]


def _held_contacts() -> set[models.Model]:
    held = models.Q(user__in=Hold.objects.keys_of(User))
    return set(Contact.objects.filter(held | models.Q(pk__in=Hold.objects.keys_of(Contact))))


def _references_to(model: type[models.Model]) -> Iterator[Any]:
    """Iterate over the fields of other models that refer to it, apart from histories."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete):
            continue
        field = getattr(relation, "field", None)
        if field is None or issubclass(field.model, COMPUTED):
            continue
        is_history = any(one.name == "history_type" for one in field.model._meta.fields)
        if field.concrete and not field.many_to_many and not is_history:
            yield field


def _name_of(thing: models.Model) -> str:
    return _("%(kind)s “%(name)s”") % {
        "kind": capfirst(str(thing._meta.verbose_name)),
        "name": str(thing)[:80],
    }

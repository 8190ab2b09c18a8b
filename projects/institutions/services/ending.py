"""Ends the representation of a person: at once, or after a notice of 72 hours where a coordinator alone
cannot do more; and changes until when it lasts.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import AccessLink, User
from kernel.formats import day
from kernel.refusal import Refusal
from partners.models import Contact
from partners.services import record_departure
from projects.institutions.letters import ending_letter
from projects.institutions.services.links import end_links, feeds_of, links_in
from projects.institutions.services.representations import (
    colleagues_of,
    locked_representation,
    notify_granter,
    notify_person,
    record_representation,
    refuse_ended,
)
from projects.models import Assignment, Participation, Project, Representation
from projects.models.places import place_sources
from projects.models.representation import NOTICE
from projects.permissions.representations import (
    contacts_with_a_place,
    ends_after_notice,
    is_guarded,
)


@transaction.atomic
def end_representation(representation: Representation, *, by: User) -> None:
    """End the representation, and the person's links and feeds as far as `what_ends` says. Nothing
    in other projects changes. Raises Refusal if it was ended already, or can only be announced."""
    representation = locked_representation(representation)
    refuse_ended(representation)
    if ends_after_notice(by, representation):
        raise Refusal(
            _(
                "%(person)s is the last person of the institution here, or acts for the donor: announce "
                "the end on the page of the person. It comes 72 hours later."
            )
            % {"person": representation.contact}
        )
    _end_and_notify(representation, by=by)


def _end_and_notify(
    representation: Representation, *, by: User | None, at: datetime | None = None
) -> None:
    if representation.is_pending:
        _end(representation, by=by, at=at)
        for person in colleagues_of(representation).exclude(pk__in=[by.pk] if by else []):
            notify_person(person, representation, "refused", by=by)
        if by:
            notify_granter(representation, "refused", by=by)
        return
    # Written before it ends: the person may still read the name of their institution.
    _notify_concerned(representation, "ended", by=by)
    _end(representation, by=by, at=at)


def _end(representation: Representation, *, by: User | None, at: datetime | None = None) -> None:
    ending = what_ends(representation)
    representation.ended_by, representation.ended_at = by, at or timezone.now()
    representation.save(update_fields=["ended_by", "ended_at"])
    if (person := representation.contact.user) and not ending.stays:
        end_links(person, representation.participation.project, by=by)
    record_representation(representation, by=by, change="representation ended")


# --- An announced end ---


@transaction.atomic
def announce_end(representation: Representation, *, by: User) -> None:
    """Announce that the representation ends in 72 hours. Until then the person reads, and neither
    accepts nor answers nor downloads (`permissions.roles.only_reads`). Everybody concerned is
    notified. Raises Refusal if somebody ended or announced it before."""
    representation = locked_representation(representation)
    refuse_ended(representation)
    if representation.ends_at:
        raise Refusal(_("The end has already been announced. Look at the page again."))
    representation.end_announced_by, representation.ends_at = by, timezone.now() + NOTICE
    representation.save(update_fields=["end_announced_by", "ends_at"])
    record_representation(representation, by=by, change="end of a representation announced")
    _notify_concerned(representation, "announced", by=by)


@transaction.atomic
def keep_representation(representation: Representation, *, by: User) -> None:
    """Withdraw an announced end, or refuse it for the institution. Raises Refusal if it has come."""
    representation = locked_representation(representation)
    refuse_ended(representation)
    if not representation.is_ending:
        raise Refusal(_("The end was withdrawn, or it has come. Look at the page again."))
    _notify_concerned(representation, "kept", by=by)  # all who were notified of the announcement
    representation.end_announced_by = representation.ends_at = None
    representation.save(update_fields=["end_announced_by", "ends_at"])
    record_representation(representation, by=by, change="end of a representation withdrawn")


def end_announced() -> None:
    """Write down the announced ends that have come, end the links that go with them, and notify
    everybody concerned. Access ends by itself at that moment, however late this runs."""
    due = Representation.objects.filter(ended_at=None, ends_at__lte=timezone.now())
    for representation in due.select_related("participation").order_by("pk"):
        _end_if_due(representation)


@transaction.atomic
def _end_if_due(representation: Representation) -> None:
    row = locked_representation(representation)
    if row.ended_at is None and row.announced_end_has_come:
        _end_and_notify(row, by=row.end_announced_by, at=row.ends_at)


def people_concerned(representation: Representation) -> QuerySet[User]:
    """Return whom an end concerns beside the person: the others of the institution in the project, who
    entered and confirmed the person, the coordination; administrators too, where the institution
    funds the project or answers for it, or an end was announced."""
    place = representation.participation
    coordinators = Assignment.objects.current().filter(
        project=place.project_id, role=Assignment.Role.COORDINATOR
    )
    concerned = Q(pk__in=colleagues_of(representation)) | Q(pk__in=coordinators.values("user"))
    concerned |= Q(pk__in=[representation.granted_by_id, representation.confirmed_by_id])
    if is_guarded(place) or representation.ends_at:
        concerned |= Q(is_staff=True)
    person = representation.contact.user_id
    return (
        User.objects.filter(concerned, is_active=True)
        .exclude(pk__in=[person] if person else [])
        .order_by("pk")
    )


def _notify_concerned(representation: Representation, what: str, *, by: User | None) -> None:
    """Notify everybody concerned except the one who does it, and the person in words of their own."""

    def write(reader: User, kind: str) -> None:
        letter = partial(ending_letter, representation, kind, by=by)
        send_to_person(reader, letter, by=by, about=representation)

    person = representation.contact.user
    if person and person != by and person.is_active:
        write(person, f"own-{what}")
    for other in people_concerned(representation).exclude(pk__in=[by.pk] if by else []):
        write(other, what)


@dataclass(frozen=True)
class WhatEnds:
    """What a person loses with a representation. `stays` has what they keep in the project."""

    links: list[AccessLink]
    feeds_end: bool
    feeds_shrink: bool
    stays: list[str]


def what_ends(representation: Representation) -> WhatEnds:
    """Say exactly what ends with the representation: links and feeds only if the person has no
    other place in the project, since these show what they may still see."""
    person, project = representation.contact.user, representation.participation.project
    if person is None or representation.is_pending:
        return WhatEnds([], feeds_end=False, feeds_shrink=False, stays=[])
    stays = _what_stays(representation, person, project)
    links = [] if stays else list(links_in(project, person).prefetch_related("thing"))
    elsewhere = Project.objects.visible_to(person).exclude(pk=project.pk).exists()
    has_feeds = not stays and feeds_of(person).exists()
    return WhatEnds(
        links,
        feeds_end=has_feeds and not elsewhere,
        feeds_shrink=has_feeds and elsewhere,
        stays=stays,
    )


def _what_stays(representation: Representation, person: User, project: Project) -> list[str]:
    """Return, in words, what else the person is in the project."""
    stays = [_("administrator")] if person.is_staff else []
    assigned = Assignment.objects.current().filter(user=person, project=project)
    stays += [each.get_role_display() for each in assigned]
    others = Representation.objects.in_force().filter(
        contact__user=person, participation__project=project
    )
    stays += [
        f"{other.participation}" for other in others.exclude(pk=representation.pk).with_related()
    ]
    for source in place_sources:
        held = source().filter(contact__user=person, place_in=project.pk)
        stays += [_("seat in the committee: %(seat)s") % {"seat": each.place} for each in held]
    return stays


@transaction.atomic
def leave_institution(contact: Contact, projects: QuerySet[Project], *, on: date, by: User) -> bool:
    """Record that the person left the institution, as the coordination of these projects knows it.

    Their representations in these projects end, or their end is announced where a coordinator can do
    no more alone. If none goes on and they have no place in other projects, their entry in the
    directory is marked as left, and the answer is True.
    """
    rows = contact.representations.filter(ended_at=None, participation__project__in=projects)
    goes_on = False
    for representation in rows.with_related():
        if not ends_after_notice(by, representation):
            _end_and_notify(representation, by=by)
            continue
        goes_on = True
        if not representation.is_ending:
            announce_end(representation, by=by)
    if goes_on:
        return False
    elsewhere = Project.objects.exclude(pk__in=projects.values("pk"))
    if contacts_with_a_place(elsewhere).filter(pk=contact.pk).exists():
        return False
    record_departure(contact, on=on, by=by)
    return True


def end_all(participation: Participation, *, by: User) -> None:
    """End every representation of an institution that is removed from the project."""
    for representation in participation.representations.filter(ended_at=None).with_related():
        _end_and_notify(representation, by=by)


# --- The last day ---


@transaction.atomic
def change_representation(
    representation: Representation, *, right: str, until: date | None, by: User
) -> None:
    """Change what the person may do, and until when. Raises Refusal or ValidationError."""
    representation = locked_representation(representation)
    refuse_ended(representation)
    ends_sooner = until is not None and (
        representation.until is None or until < representation.until
    )
    if ends_sooner and ends_after_notice(by, representation):
        _refuse_early_day(until)
    representation.right, representation.until = right, until
    representation.full_clean()
    representation.save(update_fields=["right", "until"])
    record_representation(representation, by=by, change="representation changed")
    if ends_sooner:
        _notify_concerned(representation, "shortened", by=by)


def _refuse_early_day(until: date | None) -> None:
    """A last day sooner than the announced end of today would come is no way around announcing."""
    first = timezone.localdate() + NOTICE
    if until is not None and until < first:
        sentence = _(
            "Choose %(day)s or a later day, or end the access: everybody concerned is notified, and "
            "can object for 72 hours."
        )
        raise ValidationError({"until": sentence % {"day": day(first)}})

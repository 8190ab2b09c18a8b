"""Decides who sees, grants, confirms and ends representations of institutions in a project."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.utils import timezone

from accounts.models import User
from kernel.keys import Keys
from partners.models import Contact, ContactQuerySet, Institution
from projects.models import Participation, Project, Representation
from projects.models.places import DIRECT_ROLES, place_sources
from projects.models.representation import NOTICE, RepresentationQuerySet
from projects.permissions.roles import Role, may_edit, own_participations, roles_of


def visible_representations(user: User) -> RepresentationQuerySet:
    """The coordination sees those of its projects; who represents an institution sees the others
    who represent it in the same project; who accepts for the donor sees those of its embassy."""
    rows = Representation.objects.all()
    if user.is_staff:
        return rows
    own = Participation.objects.represented_by(user).filter(
        project=OuterRef("participation__project")
    )
    colleagues = own.filter(institution=OuterRef("participation__institution"))
    accepts = Representation.objects.in_force().filter(
        contact__user=user,
        participation__project=OuterRef("participation__project"),
        participation__role=Participation.Role.FUNDING,
        right=Representation.Right.ACCEPTS,
    )
    return rows.filter(
        Q(participation__project__in=Project.objects.coordinated_by(user))
        | Exists(colleagues)
        | Q(Exists(accepts), participation__role=Participation.Role.REPRESENTING)
    )


def is_confirmed_colleague(user: User, representation: Representation) -> bool:
    """Whether the person represents the same institution in the same project, and was confirmed:
    whom one coordinator entered alone confirms nobody."""
    place = representation.participation
    return any(
        own.institution == place.institution_id and own.is_confirmed
        for own in own_participations(user, place.project)
    )


def may_confirm(user: User, representation: Representation) -> bool:
    """An administrator confirms, or a confirmed colleague: nobody for themselves, and nobody what
    they granted."""
    if not representation.is_open or representation.confirmed_at:
        return False
    if user.is_staff:
        return True
    concerned = {representation.granted_by_id, representation.contact.user_id}
    return user.pk not in concerned and is_confirmed_colleague(user, representation)


def to_confirm(
    person: int, is_staff: bool, participations: Collection[int]
) -> RepresentationQuerySet:
    """Return the pending representations that the person may confirm: all for administrators, for
    others those of institutions which they represent in the same project, as a confirmed
    colleague."""
    pending = Representation.objects.pending()
    if is_staff:
        return pending
    own = Participation.objects.filter(
        pk__in=participations,
        project=OuterRef("participation__project"),
        institution=OuterRef("participation__institution"),
    )
    others = pending.exclude(contact__user=person)
    others = others.filter(~Q(granted_by=person) | Q(granted_by=None))
    return others.filter(Exists(own)) if participations else pending.none()


def may_end(user: User, representation: Representation) -> bool:
    """The coordination ends it, or whoever could have confirmed it; nobody ends that of a colleague
    whose own end was announced."""
    if not representation.is_open:
        return False
    project = representation.participation.project
    if may_edit(user, project):
        return True
    is_own = representation.contact.user_id == user.pk
    own = own_participations(user, project)
    is_ending = any(
        each.is_ending and each.institution == representation.participation.institution_id
        for each in own
    )
    return is_confirmed_colleague(user, representation) and (is_own or not is_ending)


def may_keep(user: User, representation: Representation) -> bool:
    """The coordination withdraws an announced end, and an administrator or a confirmed colleague
    refuses it: also one whose own end was announced, since a coordinator could announce that of a
    whole delegation. Nobody does for themselves."""
    if not representation.is_ending or representation.contact.user_id == user.pk:
        return False
    project = representation.participation.project
    return may_edit(user, project) or is_confirmed_colleague(user, representation)


def ends_after_notice(user: User, representation: Representation) -> bool:
    """Whether the person can only announce the end, and it comes 72 hours later.

    So it is for a coordinator who takes the access of somebody who is there to check on them, or of the
    last person of an institution. What gives nobody access yet, and what is one's own, ends at once.
    """
    person = representation.contact.user_id
    if not representation.is_in_force or person is None or person == user.pk:
        return False
    place = representation.participation
    if Role.COORDINATOR not in roles_of(user, place.project):
        return False
    return is_guarded(place) or not _others_in_force(representation).exists()


def announced_end(user: User, project: Project) -> datetime:
    """Return when the access of somebody who only reads ends (`only_reads`)."""
    rows = Representation.objects.in_force().filter(
        contact__user=user, participation__project=project
    )
    return max(at for at in rows.values_list("ends_at", flat=True) if at)


def is_guarded(place: Participation) -> bool:
    """Whether the institution funds the project, speaks for the donor or is accountable."""
    return place.role not in DIRECT_ROLES


def _others_in_force(representation: Representation) -> RepresentationQuerySet:
    """Return the representations of other people of the institution in the project, with an account
    and without an announced end. Somebody whom a coordinator entered only just now does not count:
    their colleagues heard of it too late to object."""
    place = representation.participation
    known = Q(confirmed_at__isnull=False) | Q(granted_at__lte=timezone.now() - NOTICE)
    return (
        Representation.objects.in_force()
        .filter(
            known,
            participation__project=place.project_id,
            participation__institution=place.institution_id,
            contact__user__is_active=True,
            ends_at=None,
        )
        .exclude(contact=representation.contact_id)
    )


def loses_people(user: User, place: Participation, role: str | None) -> bool:
    """Whether people would lose their access at once if the institution had this role, or none any
    more: a coordinator does not decide that alone."""
    if Role.COORDINATOR not in roles_of(user, place.project) or place.role == role:
        return False
    people = place.representations.in_force().filter(contact__user__is_active=True)
    people = people.exclude(contact__user=user)
    if role is None or is_guarded(place):
        return people.exists()
    return role not in DIRECT_ROLES and people.filter(confirmed_at=None).exists()


def may_change_right(user: User, representation: Representation) -> bool:
    """Whether somebody accepts for the donor is said by an administrator, or by those who accept
    for the funding institution themselves."""
    place = representation.participation
    if not representation.is_open or place.role not in Participation.DONOR_ROLES:
        return False
    if user.is_staff:
        return True
    is_embassy = place.role == Participation.Role.REPRESENTING
    return any(
        own.accepts
        and own.is_confirmed
        and own.role == Participation.Role.FUNDING
        and (is_embassy or own.institution == place.institution_id)
        for own in own_participations(user, place.project)
    )


def may_see_addresses(user: User, representation: Representation) -> bool:
    """The coordination of the project and confirmed colleagues see the address and telephone."""
    if not (representation.is_open or user.is_staff):
        return False
    project = representation.participation.project
    return may_edit(user, project) or is_confirmed_colleague(user, representation)


# The directory of people


def contacts_with_a_place(projects: QuerySet[Project]) -> ContactQuerySet:
    """Return the people who represent an institution in one of these projects, also before it is
    confirmed, or have another place in it, such as a seat."""
    return Contact.objects.filter(has_a_place(OuterRef("pk"), projects.values("pk")))


def contacts_placed_today(projects: QuerySet[Project]) -> ContactQuerySet:
    """Return those whose place in one of these projects gives them access today."""
    represented = Representation.objects.in_force()
    return Contact.objects.filter(_placed(represented, OuterRef("pk"), projects.values("pk")))


def has_a_place(contact: OuterRef, projects: QuerySet[Project, Any] | Keys) -> Q:
    """Match the key of a person of `contacts_with_a_place`, who is looked up alone: few are asked
    for, and there are thousands of places."""
    return _placed(Representation.objects.open(), contact, projects)


def _placed(
    representations: RepresentationQuerySet,
    contact: OuterRef,
    projects: QuerySet[Project, Any] | Keys,
) -> Q:
    represented = representations.filter(participation__project__in=projects, contact=contact)
    found = Q(Exists(represented))
    for source in place_sources:
        found |= Q(Exists(source().filter(place_in__in=projects, contact=contact)))
    return found


def visible_contacts(user: User, institution: Institution) -> ContactQuerySet:
    """Return the people of the institution whose entry, with its address, the person sees: the
    coordination those with a place in its projects, everybody their own.

    `is_editable` says whether they edit it: the coordination does not if the person has a place in
    a project of others too.
    """
    contacts = Contact.objects.filter(institution=institution)
    if user.is_staff:
        return contacts.annotate(is_editable=Value(True))
    coordinated = Project.objects.coordinated_by(user)
    elsewhere = Project.objects.exclude(pk__in=coordinated.values("pk"))
    own = Q(user=user, ended_on=None)
    seen = contacts.filter(Q(pk__in=contacts_with_a_place(coordinated).values("pk")) | own)
    return seen.annotate(
        is_editable=ExpressionWrapper(
            own | ~Q(pk__in=contacts_with_a_place(elsewhere).values("pk")),
            output_field=BooleanField(),
        )
    )


def may_edit_contact(user: User, contact: Contact) -> bool:
    """The person edits their entry, and administrators do; the coordination too, unless the person
    has a place in a project of others."""
    if contact.ended_on:
        return False
    found = visible_contacts(user, contact.institution).filter(pk=contact.pk).first()
    return found is not None and bool(getattr(found, "is_editable", False))


def may_record_departure(user: User, contact: Contact) -> bool:
    """The coordination records it unless the person has a place in a project of others; nobody
    does for themselves."""
    is_own = contact.user_id == user.pk and not user.is_staff
    return may_edit_contact(user, contact) and not is_own


def may_change_address(user: User, contact: Contact) -> bool:
    """The address by which somebody signs in is changed by that person or an administrator."""
    if contact.user_id is None:
        return may_edit_contact(user, contact)
    return user.is_staff or contact.user_id == user.pk

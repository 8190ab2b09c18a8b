"""Gives a person access to a project for an institution, confirms it, changes it and ends it."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import Detail
from accounts.mail import send_to_person
from accounts.models import AccessEvent, AccessLink, User
from accounts.services import send_invitation
from kernel.refusal import Refusal
from partners.models import Contact
from partners.services import enter_contact, invite_contact, record_departure
from projects.institutions.letters import representation_letter
from projects.institutions.services.links import end_links, feeds_of, links_in
from projects.letters import access_facts
from projects.models import Assignment, Participation, Project, Representation
from projects.models.places import DIRECT_ROLES, place_sources
from projects.permissions.representations import contacts_with_a_place

# Anybody may have an address there, so it says nothing about the institution.
FREE_MAIL = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com"),
        *("yahoo.com", "yahoo.fr", "yahoo.es", "icloud.com", "proton.me", "protonmail.com"),
    }
)


@transaction.atomic
def grant_representation(
    participation: Participation,
    contact: Contact,
    *,
    right: str = Representation.Right.READS,
    since: date | None = None,
    until: date | None = None,
    reason: str,
    by: User,
    invite: bool = True,
) -> Representation:
    """Let a person represent the institution in the project, and invite them by e-mail.

    `invite`: whether they are invited at once; otherwise the coordination does so later.

    `contact` may be new and not saved yet. Where the institution funds the project or answers for
    it, the person sees nothing until somebody else confirms; an administrator's grant is confirmed
    by itself. Everybody who represents the institution there is notified. Raises ValidationError.
    """
    Project.objects.select_for_update(no_key=True).get(pk=participation.project_id)
    contact = _entry_for(contact, participation, by=by)
    representation = Representation(
        contact=contact,
        participation=participation,
        right=right,
        since=since or timezone.localdate(),
        until=until,
        reason=reason,
        granted_by=by,
        confirmed_by=by if by.is_staff else None,
        confirmed_at=timezone.now() if by.is_staff else None,
    )
    representation.full_clean()
    representation.save()
    if invite and not representation.is_pending:
        _invite(representation, by=by)
    _record(representation, by=by, change="representation granted")
    for person in colleagues_of(representation).exclude(pk=by.pk):
        _notify(person, representation, "granted")
    return representation


def _entry_for(contact: Contact, participation: Participation, *, by: User) -> Contact:
    """Return the person's entry in the directory. A representation whose last day is over is
    closed, so that it may begin again."""
    if participation.role not in DIRECT_ROLES and not contact.email:
        sentence = _(
            "Enter the address: the person who confirms compares it with those already known."
        )
        raise ValidationError({"email": sentence})
    contact = enter_contact(contact)
    Representation.objects.filter(
        contact=contact,
        participation=participation,
        ended_at=None,
        until__lt=timezone.localdate(),
    ).update(ended_at=timezone.now(), ended_by=by)
    return contact


def colleagues_of(representation: Representation) -> QuerySet[User]:
    """Return the others who represent the institution in the project today."""
    place = representation.participation
    rows = Representation.objects.in_force().filter(
        participation__project=place.project_id, participation__institution=place.institution_id
    )
    people = User.objects.filter(pk__in=rows.values("contact__user"), is_active=True)
    person = representation.contact.user
    return people.exclude(pk=person.pk) if person else people


@transaction.atomic
def confirm_representation(
    representation: Representation, *, seen_address: str, by: User
) -> Representation:
    """Confirm, as somebody who may, that the person represents the institution, and invite them.

    `seen_address` is the address on the page that was confirmed. Raises Refusal if it was changed
    meanwhile, or if the representation was ended.
    """
    representation = _locked(representation)
    if not representation.is_open or representation.confirmed_at:
        raise Refusal(
            _("Somebody else confirmed or ended this in the meantime. Look at the page again.")
        )
    if representation.contact.email != seen_address:
        raise Refusal(
            _("The address was changed in the meantime. Check the new one before you confirm.")
        )
    representation.confirmed_by, representation.confirmed_at = by, timezone.now()
    representation.save(update_fields=["confirmed_by", "confirmed_at"])
    if not representation.contact.user_id or representation.needs_confirmation:
        _invite(representation, by=by)
    _record(representation, by=by, change="representation confirmed")
    _notify_granter(representation, "confirmed", by=by)
    return representation


@transaction.atomic
def change_representation(
    representation: Representation, *, right: str, until: date | None, by: User
) -> None:
    """Change what the person may do, and until when. Raises Refusal or ValidationError."""
    representation = _locked(representation)
    _refuse_ended(representation)
    representation.right, representation.until = right, until
    representation.full_clean()
    representation.save(update_fields=["right", "until"])
    _record(representation, by=by, change="representation changed")


@transaction.atomic
def end_representation(representation: Representation, *, by: User) -> None:
    """End the representation, and the person's links and feeds as far as `what_ends` says. Nothing
    in other projects changes. Raises Refusal if it was ended already."""
    representation = _locked(representation)
    _refuse_ended(representation)
    what = "refused" if representation.is_pending else "ended"
    _end(representation, by=by)
    for person in colleagues_of(representation).exclude(pk=by.pk):
        _notify(person, representation, what, by=by)
    if what == "refused":
        _notify_granter(representation, what, by=by)


def _end(representation: Representation, *, by: User) -> None:
    ending = what_ends(representation)
    representation.ended_by, representation.ended_at = by, timezone.now()
    representation.save(update_fields=["ended_by", "ended_at"])
    if (person := representation.contact.user) and not ending.stays:
        end_links(person, representation.participation.project, by=by)
    _record(representation, by=by, change="representation ended")


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

    Their representations in these projects end. If they have no place in other projects, their
    entry in the directory is marked as left, and the answer is True.
    """
    rows = contact.representations.filter(ended_at=None, participation__project__in=projects)
    for representation in rows.with_related():
        _end(representation, by=by)
    elsewhere = Project.objects.exclude(pk__in=projects.values("pk"))
    if contacts_with_a_place(elsewhere).filter(pk=contact.pk).exists():
        return False
    record_departure(contact, on=on, by=by)
    return True


def end_all(participation: Participation, *, by: User) -> None:
    """End every representation of an institution that is removed from the project."""
    for representation in participation.representations.filter(ended_at=None).with_related():
        _end(representation, by=by)


# The address


def address_warning(representation: Representation) -> str:
    """Return a sentence for whoever confirms, if the address is in another domain than those of
    the institution's people who were confirmed before, in whatever project."""
    contact = representation.contact
    domain = _domain(contact.email)
    others = Contact.objects.filter(
        institution=contact.institution, representations__confirmed_at__isnull=False
    )
    addresses = others.exclude(pk=contact.pk).exclude(email="").values_list("email", flat=True)
    known = sorted({_domain(address) for address in addresses})
    if domain in FREE_MAIL:
        return _(
            "“%(domain)s” gives an address to anybody. Ask the person, in a way that you "
            "know, whether this address is theirs."
        ) % {"domain": domain}
    if not known:
        return _(
            "No other address of this institution is known to compare this one with. Ask "
            "the institution, in a way that you know, whether the address is right."
        )
    if domain in known:
        return ""
    return _(
        "The address is in a different domain, “%(domain)s”; the institution's other "
        "addresses are in: %(known)s. Ask the institution, in a way that you know, "
        "before you confirm."
    ) % {"domain": domain, "known": ", ".join(known)}


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()


# Parts


def _locked(representation: Representation) -> Representation:
    """Lock the project, as whoever grants does, and read the representation again."""
    project = representation.participation.project_id
    Project.objects.select_for_update(no_key=True).get(pk=project)
    rows = Representation.objects.select_for_update(of=["self"]).with_related()
    return rows.get(pk=representation.pk)


def _refuse_ended(representation: Representation) -> None:
    if representation.ended_at:
        raise Refusal(_("Somebody has already ended this representation. Look at the page again."))


def _invite(representation: Representation, *, by: User) -> None:
    """Give the person an account and send the letter; who has no address or is a minor gets neither."""
    if representation.contact.gets_account:
        person = invite_contact(representation.contact, by=by)
        representation.contact.user = person
        send_access(representation, person, by=by)


def send_access(representation: Representation, person: User, *, by: User) -> None:
    """Write to the person how they sign in, and who gives them which access."""
    place = representation.participation

    def grant() -> list[Detail]:
        facts = access_facts(place.project, what=place.get_role_display(), by=by)
        return [Detail(_("Institution"), place.institution), *facts]

    send_invitation(person, by=by, grant=grant, about=representation)


def _notify(
    person: User, representation: Representation, what: str, *, by: User | None = None
) -> None:
    letter = partial(representation_letter, representation, what, by=by)
    send_to_person(person, letter, by=by, about=representation)


def _notify_granter(representation: Representation, what: str, *, by: User) -> None:
    """Say what became of it to whoever entered the person and waits for somebody else."""
    granter = representation.granted_by
    if granter and granter.is_active and granter.pk != by.pk:
        _notify(granter, representation, what, by=by)


def _record(representation: Representation, *, by: User, change: str) -> None:
    place = representation.participation
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=place.project,
        person=representation.contact.user,
        role=place.role,
        change=change,
        institution=place.institution_id,
        contact=representation.contact_id,
        right=representation.right,
        until=representation.until.isoformat() if representation.until else "",
    )

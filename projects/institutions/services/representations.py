"""Gives a person access to a project for an institution, and confirms it. `ending` beside it ends it."""

from datetime import date
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import Detail
from accounts.mail import send_to_person
from accounts.models import AccessEvent, User
from accounts.services import send_invitation
from kernel.refusal import Refusal
from partners.models import Contact
from partners.services import enter_contact, invite_contact
from projects.institutions.letters import representation_letter
from projects.letters import access_facts
from projects.models import Participation, Project, Representation
from projects.models.places import DIRECT_ROLES

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
    record_representation(representation, by=by, change="representation granted")
    for person in colleagues_of(representation).exclude(pk=by.pk):
        notify_person(person, representation, "granted")
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
    ).filter(Q(until__lt=timezone.localdate()) | Q(ends_at__lte=timezone.now())).update(
        ended_at=timezone.now(), ended_by=by
    )
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
    representation = locked_representation(representation)
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
    record_representation(representation, by=by, change="representation confirmed")
    notify_granter(representation, "confirmed", by=by)
    return representation


# --- The address ---


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


# --- Parts ---


def locked_representation(representation: Representation) -> Representation:
    """Lock the project, as whoever grants does, and read the representation again."""
    project = representation.participation.project_id
    Project.objects.select_for_update(no_key=True).get(pk=project)
    rows = Representation.objects.select_for_update(of=["self"]).with_related()
    rows = rows.select_related("end_announced_by")
    return rows.get(pk=representation.pk)


def refuse_ended(representation: Representation) -> None:
    if representation.ended_at or representation.announced_end_has_come:
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


def notify_person(
    person: User, representation: Representation, what: str, *, by: User | None = None
) -> None:
    letter = partial(representation_letter, representation, what, by=by)
    send_to_person(person, letter, by=by, about=representation)


def notify_granter(representation: Representation, what: str, *, by: User) -> None:
    """Say what became of it to whoever entered the person and waits for somebody else."""
    granter = representation.granted_by
    if granter and granter.is_active and granter.pk != by.pk:
        notify_person(granter, representation, what, by=by)


def record_representation(representation: Representation, *, by: User | None, change: str) -> None:
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

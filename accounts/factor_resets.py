"""Replaces a lost second factor: one person of the team asks, another one confirms, and the owner
learns of both at once by mail."""

from functools import partial

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.account_letters import (
    factor_reset_asked_letter,
    factor_reset_confirm_letter,
    factor_reset_done_letter,
    factor_reset_withdrawn_letter,
)
from accounts.letters import MakeLetter
from accounts.mail import send_to_person
from accounts.models import AccessEvent, FactorReset, User
from accounts.permissions import helpers_of, may_help
from kernel.refusal import Refusal


def has_factor(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person).exists())


@transaction.atomic
def ask_for_reset(person: User, *, reason: str, by: User) -> FactorReset:
    """Note that this person lost their second factor, and write to them and to those who may
    confirm. Raises Refusal if there is none, if somebody asked already, or if nobody could
    confirm."""
    User.objects.select_for_update().get(pk=person.pk)
    if not has_factor(person):
        raise Refusal(_("This person has no second step: they sign in as before."))
    now = timezone.now()
    waiting = person.factor_resets.filter(ended_at=None)
    waiting.filter(asked_at__lte=FactorReset.oldest_open()).update(ended_at=now)
    if waiting.exists():
        raise Refusal(_("Somebody has already asked for this. A second person has to confirm it."))
    others = helpers_of(person).exclude(pk=by.pk)
    if not others.exists():
        raise Refusal(
            _(
                "Nobody else could confirm it: there is no other coordinator of a project of this "
                "person, and no other administrator. Ask the operator of the portal."
            )
        )
    reset = FactorReset.objects.create(person=person, reason=reason, asked_by=by)
    _record(reset, by, "removal of the second factor asked for")
    _write_to_owner(reset, partial(factor_reset_asked_letter, reset))
    for helper in others:
        letter = partial(factor_reset_confirm_letter, reset)
        send_to_person(helper, letter, about=None, thread=reset)
    return reset


@transaction.atomic
def confirm_reset(reset: FactorReset, *, by: User) -> None:
    """Remove the second factor and end all sessions of its owner: the telephone that is lost may be
    signed in. Raises Refusal if the same person asked, or if it is no longer open."""
    reset = _locked(reset)
    if by.pk == reset.asked_by_id:
        raise Refusal(_("You asked for it yourself: somebody else has to confirm it."))
    if not may_help(by, reset.person):
        raise Refusal(_("Only the coordination of one of this person's projects can confirm it."))
    reset.confirmed_by, reset.ended_at = by, timezone.now()
    reset.save(update_fields=["confirmed_by", "ended_at"])
    remove_factors(reset.person)
    _record(reset, by, "removal of the second factor confirmed")
    _write_to_owner(reset, partial(factor_reset_done_letter, reset))


@transaction.atomic
def withdraw_reset(reset: FactorReset, *, by: User) -> None:
    """End the request without removing anything. Raises Refusal if it is no longer open."""
    reset = _locked(reset)
    reset.ended_at = timezone.now()
    reset.save(update_fields=["ended_at"])
    _record(reset, by, "removal of the second factor withdrawn")
    if by.pk != reset.person_id:
        _write_to_owner(reset, factor_reset_withdrawn_letter)


def remove_factors(person: User) -> None:
    """Remove all second factors, and end all sessions and known devices."""
    Authenticator.objects.filter(user=person).delete()
    sign_out_everywhere(person)


def sign_out_everywhere(person: User, *, but: str | None = None) -> int:
    """End all sessions of the person but the one with this key, and know their devices no more;
    return how many ended."""
    sessions = UserSession.objects.filter(user=person).exclude(session_key=but)
    for session in (ended := list(sessions)):
        session.end()
    person.devices_forgotten_at = timezone.now()
    person.save(update_fields=["devices_forgotten_at"])
    return len(ended)


def _locked(reset: FactorReset) -> FactorReset:
    rows = FactorReset.objects.open().select_for_update(of=("self",)).select_related("person")
    if open_reset := rows.filter(pk=reset.pk).first():
        return open_reset
    raise Refusal(_("This request is no longer open. If it is still needed, ask again."))


def _record(reset: FactorReset, by: User, change: str) -> None:
    AccessEvent.record(AccessEvent.Kind.ACCOUNT, user=by, thing=reset.person, change=change)


def _write_to_owner(reset: FactorReset, letter: MakeLetter) -> None:
    send_to_person(reset.person, letter, about=None, thread=reset)

"""Tells administrators by mail what needs a person: once, again each day while it lasts, and when it
is over."""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.letters import Letter
from accounts.mail import send_to_person
from accounts.models import User
from ibcr_portal.models import Alert, Watch
from ibcr_portal.observing import clocks
from ibcr_portal.observing.letters import alert_letter, alerts_over_letter
from ibcr_portal.observing.state import PortalState, state_now

# What is over before that needs nobody: something was started anew.
PATIENCE = timedelta(minutes=4)
AGAIN = timedelta(days=1)
# It has a message of its own, each day (`accounts.log_check`).
TOLD_ELSEWHERE = {"access-log"}


def look() -> None:
    """Look at the portal, and write to its administrators."""
    Watch.note(looked_at=timezone.now(), clocks_apart=clocks.count_apart())
    note(state_now())


@transaction.atomic
def note(state: PortalState) -> None:
    now = timezone.now()
    kinds = {line.key for line in state.troubles}
    # Of two that look at once, the second one finds what the first one wrote.
    known = {alert.kind: alert for alert in Alert.objects.select_for_update()}
    for kind in kinds - set(known):
        Alert.objects.get_or_create(kind=kind, defaults={"since": now})
    over = [alert for kind, alert in known.items() if kind not in kinds]
    due = [alert for kind, alert in known.items() if kind in kinds and _is_due(alert, now)]
    Alert.objects.filter(pk__in=[alert.pk for alert in due]).update(told_at=now)
    Alert.objects.filter(pk__in=[alert.pk for alert in over]).delete()
    lines = {line.key: line for line in state.troubles}
    if told := [alert for alert in due if alert.kind not in TOLD_ELSEWHERE]:
        _write(partial(alert_letter, [(lines[one.kind], one.since) for one in told]), "alert", now)
    if ended := [alert.kind for alert in over if alert.told_at]:
        _write(partial(alerts_over_letter, ended), "alert-over", now)


def _is_due(alert: Alert, now: datetime) -> bool:
    if alert.told_at is None:
        return now - alert.since >= PATIENCE
    return now - alert.told_at >= AGAIN


def _write(letter: partial[Letter], name: str, now: datetime) -> None:
    for person in User.objects.filter(is_staff=True, is_active=True):
        send_to_person(person, letter, key=f"{name}:{now:%Y%m%d%H%M%S}:{person.pk}", about=None)

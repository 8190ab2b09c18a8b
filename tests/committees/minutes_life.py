"""Minutes of a held meeting, taken through their steps."""

from datetime import timedelta

from django.utils import timezone

from committees.minutes.services.minutes import adopt_minutes, circulate, finalise, seal_minutes

SECRET = "Personne 01 — secret"


def soon(days=10):
    return timezone.localdate() + timedelta(days=days)


def final(minutes, by):
    circulate(minutes, by=by, until=soon())
    finalise(minutes, by=by)


def sealed(minutes, by, decision):
    final(minutes, by)
    adopt_minutes(minutes, decision=decision, by=by)
    seal_minutes(minutes, by=by)
    return minutes

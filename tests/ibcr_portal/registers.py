"""A row of each register, for tests that open every address."""

import json

from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from accounts.checkpoints import lock_away
from accounts.models import Hold, User
from ibcr_portal.models import Consent, Erasure, LockedAway, PersonRequest, PrivacyIncident


def registers(person: User, by: User) -> dict[str, models.Model]:
    """By the beginning of the address's name, as both tables of addresses have them."""
    today = timezone.localdate()
    facts = {"names": ["Rôle"], "file": "entente.txt", "kind": "txt", "of": "partners 1"}
    locked = LockedAway(
        pseudonym="P-0000",
        reasons=["file"],
        until=today,
        content=lock_away(json.dumps(facts).encode()).decode(),
    )
    locked.file.save("locked", ContentFile(lock_away(b"Entente")), save=False)
    locked.save()
    return {
        "persons:request": PersonRequest.objects.create(kind="see", user=person, text="Tout."),
        "persons:incident": PrivacyIncident.objects.create(
            what="Un message perdu.", data="Adresses.", recorded_by=by
        ),
        "persons:consent": Consent.objects.create(
            user=person, purpose="name", details="x", channel="letter", evidence="x", recorded_by=by
        ),
        # Of a day that is over, so that it holds nothing back.
        "persons:hold": Hold.objects.create(reason="Audit.", until="2020-01-01", placed_by=by),
        "persons:erasure": Erasure.objects.create(pseudonym="P-0001", done_by=by),
        "persons:locked": locked,
    }

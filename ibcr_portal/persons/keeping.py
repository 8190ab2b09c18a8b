"""What is kept of somebody who was forgotten, since a law or an agreement requires it: locked away,
encrypted, and shown to administrators alone until its time is over.
"""

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, gettext_lazy as _

from accounts.checkpoints import lock_away, unlock
from accounts.models import AccessEvent, Hold, Pseudonym, User
from accounts.retention import RetentionRule, years
from ibcr_portal.models import Consent, LockedAway, PersonRequest, PrivacyIncident
from ibcr_portal.models.persons import INCIDENT_YEARS, REGISTER_YEARS
from ibcr_portal.persons.places import places
from ibcr_portal.persons.searching import DataSubject
from kernel.files import StoredFile
from projects.amendments.periods import months_later

REASONS = {
    "signed": _(
        "Who signed, adopted or decided: the agreements require this for as long as the "
        "records of the project are kept."
    ),
    "money": _(
        "Who made an entry in the accounts: the agreements and tax law require this for "
        "as long as the records of the project are kept."
    ),
    "log": _("Who did what, in the access log: for as long as its events are kept."),
    "file": _("A signed agreement, or evidence given to the donor."),
}

# Acts of which it is kept who did them.
ACTS = {
    "committees.Ballot.by": "signed",
    "committees.Erratum.by": "signed",
    "kernel.StatusChange.by": "signed",
    "projects.LogicModelVersion.recorded_by": "signed",
    "projects.Representation.confirmed_by": "signed",
    "reports.Report.signed_off_by": "signed",
    "projects.AccountingLock.lifted_by": "money",
    "projects.AccountingLock.locked_by": "money",
    "projects.BudgetRevision.by": "money",
    "projects.AdvanceReturn.entered_by": "money",
    "projects.AdvanceVoucher.accepted_by": "money",
    "projects.AdvanceVoucher.submitted_by": "money",
    "projects.Expenditure.approved_by": "money",
    "projects.Expenditure.changed_by": "money",
    "projects.Expenditure.entered_by": "money",
    "projects.GrantReport.accepted_by": "money",
    "projects.GrantReport.submitted_by": "money",
    "projects.HistoricalAdvance.history_user": "money",
    "projects.HistoricalBudgetLine.history_user": "money",
    "projects.HistoricalExpenditure.history_user": "money",
    "projects.ImportBatch.by": "money",
    "projects.VoucherSample.drawn_by": "money",
}
FILES = frozenset(
    {
        "partners.AgreementFile",
        "projects.AdvanceVoucherFile",
        "projects.AmendmentFile",
        "projects.DutyFile",
        "projects.GrantReportFile",
        "projects.VoucherScan",
        "reports.FiledVersion",
        "reports.ReportFile",
    }
)


def reasons_to_keep(subject: DataSubject) -> dict[str, int]:
    """Return why it is kept who this person was, and by how many rows."""
    found: dict[str, int] = {}
    for place in places():
        for tie in place.ties:
            reason = ACTS.get(f"{place.name}.{tie}")
            if reason and (count := place.rows_of(tie, subject.people).count()):
                found[reason] = found.get(reason, 0) + count
    if subject.user and (events := _events_of(subject).count()):
        found["log"] = events
    return found


def _events_of(subject: DataSubject) -> Any:
    keys = Pseudonym.objects.filter(user__in=subject.people.users).values("key")
    return AccessEvent.objects.filter(key__in=keys)


def kept_until(subject: DataSubject) -> date:
    """Return until when the records of the person's projects are kept, or those of today."""
    ends = [
        max(filter(None, (each.current_end, each.actual_end, each.closed_on)))
        for each in subject.projects
    ]
    last = max([*ends, timezone.localdate()])
    return months_later(last, 12 * settings.RECORDS_YEARS)


def lock_identity(subject: DataSubject, pseudonym: str) -> None:
    """Keep who the pseudonym is, if a law or an agreement requires it."""
    if not (reasons := reasons_to_keep(subject)):
        return
    if LockedAway.objects.filter(pseudonym=pseudonym, file="").exists():
        return  # done again from the ledger
    keys = Pseudonym.objects.filter(user__in=subject.people.users).values_list("key", flat=True)
    content = {
        "names": sorted({row.full_name for row in subject.rows}),
        "addresses": sorted({row.email for row in subject.rows if row.email}),
        "log_keys": [str(key) for key in keys],
    }
    LockedAway.objects.create(
        pseudonym=pseudonym,
        reasons=sorted(reasons),
        until=kept_until(subject),
        content=lock_away(json.dumps(content).encode()).decode(),
    )


def lock_file(stored: StoredFile, content: bytes, pseudonym: str, until: date) -> None:
    facts = {"file": stored.original_name, "kind": stored.kind, "of": describe(stored)}
    locked = LockedAway(
        pseudonym=pseudonym,
        reasons=["file"],
        until=until,
        content=lock_away(json.dumps(facts).encode()).decode(),
    )
    locked.file.save("locked", ContentFile(lock_away(content)), save=False)
    locked.save()


def describe(row: Model) -> str:
    return f"{row._meta.label} {row.pk}"


def opened(locked: LockedAway) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(unlock(locked.content.encode()))
    return facts


def destroy_what_is_over() -> int:
    """It may concern any project or person, so a hold on one keeps all of it."""
    if Hold.objects.open().exists():
        return 0
    over = LockedAway.objects.over()
    for locked in over.exclude(file=""):
        locked.file.delete(save=False)
    return over.delete()[0]


# --- How long the registers and what is locked away are kept (`accounts.retention`) ---


def forget_registers() -> int:
    today = timezone.localdate()
    before = months_later(today, -12 * REGISTER_YEARS)
    held = Hold.objects.keys_of(User)
    answered = PersonRequest.objects.filter(answered_on__lt=before).exclude(user__in=held)
    ended = Q(withdrawn_on__lt=before) | Q(until__lt=before)
    consents = Consent.objects.filter(ended).exclude(user__in=held)
    return answered.delete()[0] + consents.delete()[0]


def forget_incidents() -> int:
    """It is not known whom an incident concerns, so a hold on anybody keeps all of them."""
    if Hold.objects.open().exists():
        return 0
    before = months_later(timezone.localdate(), -12 * INCIDENT_YEARS)
    return PrivacyIncident.objects.filter(noticed_on__lt=before).delete()[0]


RULES = (
    RetentionRule(
        "account",
        gettext_lazy("Your account"),
        lambda: gettext(
            "Until an administrator removes it at the request of you or your institution."
        ),
        "forget",
        task="",
    ),
    RetentionRule(
        "registers",
        gettext_lazy("Requests of persons, and consents"),
        lambda: gettext("%(years)s after the answer or the end") % {"years": years(REGISTER_YEARS)},
        "REGISTER_YEARS",
        forget_registers,
    ),
    RetentionRule(
        "incidents",
        gettext_lazy("Privacy incidents"),
        lambda: years(INCIDENT_YEARS),
        "INCIDENT_YEARS",
        forget_incidents,
    ),
    RetentionRule(
        "locked-away",
        gettext_lazy("Locked-away data of people who were forgotten"),
        lambda: gettext("As long as the law or the agreement requires"),
        "RECORDS_YEARS",
        destroy_what_is_over,
    ),
)

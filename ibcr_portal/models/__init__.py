from ibcr_portal.models.obligations import Obligation, ObligationChange, ObligationsWritten
from ibcr_portal.models.persons import (
    Consent,
    Erasure,
    LockedAway,
    PersonRequest,
    PrivacyIncident,
)
from ibcr_portal.models.reminders import (
    DueReminder,
    ObligationKind,
    ReminderChoice,
    ReminderRule,
)

__all__ = [
    "Consent",
    "DueReminder",
    "Erasure",
    "LockedAway",
    "Obligation",
    "ObligationChange",
    "ObligationKind",
    "ObligationsWritten",
    "PersonRequest",
    "PrivacyIncident",
    "ReminderChoice",
    "ReminderRule",
]

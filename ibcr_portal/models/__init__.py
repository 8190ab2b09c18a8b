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
    "ObligationKind",
    "PersonRequest",
    "PrivacyIncident",
    "ReminderChoice",
    "ReminderRule",
]

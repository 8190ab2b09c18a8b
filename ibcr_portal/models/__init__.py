from ibcr_portal.models.intake import Intake, IntakeUpload
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
    "Intake",
    "IntakeUpload",
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

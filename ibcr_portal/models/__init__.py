from ibcr_portal.models.backups import Backup
from ibcr_portal.models.closing import ProjectClosing
from ibcr_portal.models.files import FileCheck, FileProblem
from ibcr_portal.models.intake import Intake, IntakeUpload
from ibcr_portal.models.keys import KnownKey
from ibcr_portal.models.news import NewsItem, NewsKind
from ibcr_portal.models.observing import Alert, Watch
from ibcr_portal.models.persons import (
    Consent,
    Erasure,
    LockedAway,
    PersonRequest,
    PrivacyIncident,
)
from ibcr_portal.models.portfolio import ProjectStanding, SavedFilter
from ibcr_portal.models.reminders import (
    DueReminder,
    Obligation,
    ObligationChange,
    ObligationKind,
    ObligationsWritten,
    ReminderChoice,
    ReminderRule,
)
from ibcr_portal.models.search import SavedSearch, SearchChange, SearchEntry
from ibcr_portal.models.starting import DemonstrationJob, DemonstrationThing, FirstVisit

__all__ = [
    "Alert",
    "Backup",
    "Consent",
    "DemonstrationJob",
    "DemonstrationThing",
    "DueReminder",
    "Erasure",
    "FileCheck",
    "FileProblem",
    "FirstVisit",
    "Intake",
    "IntakeUpload",
    "KnownKey",
    "LockedAway",
    "NewsItem",
    "NewsKind",
    "Obligation",
    "ObligationChange",
    "ObligationKind",
    "ObligationsWritten",
    "PersonRequest",
    "PrivacyIncident",
    "ProjectClosing",
    "ProjectStanding",
    "ReminderChoice",
    "ReminderRule",
    "SavedFilter",
    "SavedSearch",
    "SearchChange",
    "SearchEntry",
    "Watch",
]

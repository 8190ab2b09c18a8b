"""The tables of the kernel; all its other models are abstract."""

from kernel.installation_row import Installation
from kernel.lifecycle import StatusChange
from kernel.lookups import InRange  # importing it registers the lookup
from kernel.organisation_row import Organisation
from kernel.outages import Outage
from kernel.sent_forms import SentForm
from kernel.unwanted_files import UnwantedFile

__all__ = [
    "InRange",
    "Installation",
    "Organisation",
    "Outage",
    "SentForm",
    "StatusChange",
    "UnwantedFile",
]

"""The two tables of the kernel; all its other models are abstract."""

from kernel.lifecycle import StatusChange
from kernel.lookups import InRange  # importing it registers the lookup
from kernel.sent_forms import SentForm

__all__ = ["InRange", "SentForm", "StatusChange"]

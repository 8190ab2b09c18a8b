"""The only table of the kernel; all its other models are abstract."""

from kernel.lifecycle import StatusChange
from kernel.lookups import InRange  # importing it registers the lookup

__all__ = ["InRange", "StatusChange"]

"""The kernel's one table of its own; everything else in it is abstract."""

from kernel.lifecycle import StatusChange
from kernel.lookups import InRange  # registers itself

__all__ = ["InRange", "StatusChange"]

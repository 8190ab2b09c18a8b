"""The kernel's one table of its own; everything else in it is abstract."""

from kernel.lifecycle import StatusChange

__all__ = ["StatusChange"]

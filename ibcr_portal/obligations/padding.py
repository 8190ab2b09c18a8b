"""Lists of keys of a few lengths, for prepared statements (`kernel.prepared`)."""

from collections.abc import Collection


def padded(keys: Collection[int]) -> list[int]:
    """Repeat the last key up to a power of two, so that lists of many lengths share a statement."""
    keys = list(keys)
    length = 1 << (len(keys) - 1).bit_length() if keys else 0
    return keys + keys[-1:] * (length - len(keys))

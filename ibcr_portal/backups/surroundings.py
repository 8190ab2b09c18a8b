"""Which settings an installation has, by their names alone: whoever sets up another one after a loss
sees what is missing. Their values may be secrets, and are in no backup."""

import os
import re
from functools import cache

from django.conf import settings

READ_IN = ("settings.py", "environment.py", "sign_in_environment.py")


@cache
def known_settings() -> frozenset[str]:
    """Return the names of the variables that the portal reads."""
    folder = settings.BASE_DIR / "ibcr_portal"
    texts = [(folder / name).read_text("utf-8") for name in READ_IN]
    return frozenset(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"', "".join(texts)))


def settings_that_are_set() -> list[str]:
    return sorted(name for name in known_settings() if os.environ.get(name))

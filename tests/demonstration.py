"""The demonstration as `load_demo` leaves it. `tests/selection.py` has one process run all modules
that need it, which loads it once."""

import io

from django.core.management import call_command
from django.utils import translation

from tests import recording


def load_demonstration():
    """Load it in a test, or once for all tests of a module."""
    recording.steps.clear()  # of the test before, which loaded it as well
    with translation.override("fr"):
        recording.recorded(
            "demonstration",
            lambda: call_command("load_demo", "--public-password", stdout=io.StringIO()),
            anywhere=True,
        )

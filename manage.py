#!/usr/bin/env python
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refused:
        # A setting that is wrong keeps every command from starting; this one says so like all else.
        if sys.argv[1:2] != ["doctor"]:
            raise
        sys.exit(f"WRONG    Settings       {refused}\n{'':<23} -> See docs/operations/settings.md.")

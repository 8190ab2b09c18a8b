"""The portal's own settings, with the folders that a test restored (test_forgetting_dumps.py)."""

import os

from ibcr_portal.settings import *  # noqa: F403

MEDIA_ROOT = os.environ["RESTORED_MEDIA"]
MAILBOX = os.environ["RESTORED_MAILBOX"]

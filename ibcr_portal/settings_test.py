"""The settings of tests: the portal's own, with the few differences below.

PORTAL_TEST_TIER=sqlite runs on SQLite and the filesystem broker, as `make run` does. Otherwise
PostgreSQL and Redis are those of the environment, else those of `scripts/services.py start`.
PORTAL_TEST_SETTINGS=all switches all optional settings on (`tests/optional_settings.py`).
"""

import atexit
import os
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

from scripts.services import read_env_file, running
from tests.optional_settings import switch_on

# Several test processes at once, and several people on one machine, keep out of each other's way.
SUFFIX = os.environ.get("PYTEST_DB_SUFFIX", "")
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
FOLDER = tempfile.mkdtemp(prefix="portal-test-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def redis_database(url: str) -> str:
    number = zlib.crc32(SUFFIX.encode()) % 64 * 16 + WORKER % 16
    return f"{url.rsplit('/', 1)[0]}/{number}"


# 1. Everything outside the process: addresses, and a folder that vanishes. Child processes
# (web server, worker) inherit these and run on the real settings.
os.environ |= {
    "PORTAL_VAR": FOLDER,
    "SECRET_KEY": "only for tests ".ljust(60, "."),
    "ACCESS_LOG_KEY": "of the access log, only for tests ".ljust(60, "."),
    "SITE_URL": "http://localhost:8000",
    # The slash behind the (empty) host is no part of the path.
    "EMAIL_URL": f"filemail:///{FOLDER}/mail",
    "SECOND_FACTOR_ROLES": "none",
    "IDLE_MINUTES": "0",  # many tests move the clock
    "LOG_FORMAT": "console",
}
switch_on()
if os.environ.get("PORTAL_TEST_TIER") == "sqlite":
    os.environ["PORTAL_EMBEDDED"] = "1"
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)
else:
    if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
        if not running():
            sys.exit(
                "Tests need PostgreSQL and Redis: `scripts/services.py start` (or `make test`)."
            )
        os.environ |= read_env_file()
    os.environ["REDIS_URL"] = redis_database(os.environ["REDIS_URL"])

from ibcr_portal.settings import *  # noqa: E402, F403  (the environment comes first)
from ibcr_portal.settings import DATABASES, EMBEDDED, STORAGES  # noqa: E402  (named for linters)

# 2. A test database that other processes can open, too: never in memory.
DATABASES["default"]["TEST"] = {
    "NAME": str(Path(FOLDER) / "test.sqlite3") if EMBEDDED else f"portal_test{SUFFIX}"
}

# 3. Tests create many users; slow hashes protect nobody here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# 4. No `collectstatic` before a unit test; the live portal collects and serves the real thing.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
(Path(FOLDER) / "static").mkdir()  # WhiteNoise warns of a folder that is missing

# 5. Mail goes out at commit, in the process of the test; `tests/accounts/test_outbox.py` has the
# worker send it.
MAIL_BY_WORKER = False
MAIL_WAITS_FOR_UNDO = False  # `tests/committees/test_sent_undone.py` has it wait

# 6. What says no other zone is in that of the tests' organisation (`tests/conftest.py`).
TIME_ZONE = "America/Tegucigalpa"

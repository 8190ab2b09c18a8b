"""Sets up a database while each attempt is killed: `python -m bench.killed_update`, on DATABASE_URL.

The last line on standard output is what happened, as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from contextlib import suppress

import django
import psycopg2

django.setup()

from django.core.management import call_command  # noqa: E402  (Django comes first)
from django.db import connection  # noqa: E402

from ibcr_portal.installation import complaints  # noqa: E402

MOST = 60  # attempts


watching = psycopg2.connect(os.environ["DATABASE_URL"])
watching.autocommit = True


def steps() -> int:
    """Return how many migrations the database knows; each of them is whole."""
    with suppress(psycopg2.Error), watching.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        return int(cursor.fetchone()[0])
    return 0


def attempt() -> int:
    """Begin to update in a process of its own."""
    connection.close()
    child = os.fork()
    if child:
        return child
    status = 1
    with suppress(BaseException):
        call_command("update", no_key=True, stdout=sys.stderr)
        status = 0
    os._exit(status)


def main() -> dict[str, object]:
    chance, kills, refused = random.Random(1), 0, 0
    began = time.monotonic()
    for _ in range(MOST):
        before, child, ended = steps(), attempt(), (0, 0)
        while steps() == before and not ended[0]:
            time.sleep(0.01)
            ended = os.waitpid(child, os.WNOHANG)
        if not ended[0]:
            time.sleep(chance.choice((0, 0, 0.05, 0.3)))  # also in the middle of the next one
            ended = os.waitpid(child, os.WNOHANG)
        if not ended[0]:
            os.kill(child, signal.SIGKILL)
            ended = os.waitpid(child, 0)
        if os.WIFEXITED(ended[1]):
            break
        kills += 1
        refused += bool(list(complaints()))
        connection.close()
    return {
        "kills": kills,
        "refused": refused,
        "status": os.waitstatus_to_exitcode(ended[1]),
        "complaints": list(complaints()),
        "steps": steps(),
        "seconds": round(time.monotonic() - began),
    }


if __name__ == "__main__":
    print(json.dumps(main()))

"""The servers and settings of a measurement: a database and a broker of its own, as in production."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from scripts.services import answers, dies_with_parent, free_port, redis_program

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def database(name: str = "", *, keep: bool = False) -> Iterator[str]:
    """Yield the address of a database on the server of the environment, made if it is missing.

    It is named after this process unless it has a name. `keep` leaves it there afterwards.
    """
    server, name = os.environ["DATABASE_URL"], name or f"portal_bench_{os.getpid()}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {name}")
            # The server of the tests is set for small tables.
            for limit in ("join_collapse_limit", "from_collapse_limit"):
                cursor.execute(f"ALTER DATABASE {name} SET {limit} = 8")
        try:
            yield f"{server.rsplit('/', 1)[0]}/{name}"
        finally:
            if not keep:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


@contextmanager
def redis() -> Iterator[str]:
    """Yield the address of a broker of its own: that of the environment may have messages of
    others."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen(
            [redis_program(), *options], stdout=subprocess.DEVNULL, preexec_fn=dies_with_parent()
        )
        try:
            while not answers(port):
                time.sleep(0.05)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.kill()
            process.wait()


def environment(folder: str | Path, database_url: str, redis_url: str) -> dict[str, str]:
    """Return the environment of the portal in production, with files in the folder."""
    return os.environ | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PORTAL_VAR": str(folder),
        "STATIC_ROOT": str(ROOT / "var" / "static"),
        "SECRET_KEY": "only for this run ".ljust(60, "."),
        "ACCESS_LOG_KEY": "of its access log ".ljust(60, "."),
        "SITE_URL": "https://portal.example.org",
        "TRUSTED_PROXIES": "1",
        "EMAIL_URL": f"filemail:///{folder}/mail",
        "SECOND_FACTOR_ROLES": "none",  # the readers of the measurement sign in without a device
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "ibcr_portal.settings",
    }

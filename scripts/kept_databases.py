"""Keep a database of the demonstration as this release makes it (`make kept-database`), on SQLite and on
PostgreSQL, as tests/upgrade/1.1/*.sql.xz. Every later version has to bring it up to date.

`--record` adds the migrations that came since to tests/upgrade/migrations.sha256, after which a test
refuses changes in them; `make release` runs it.
"""

import hashlib
import lzma
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from scripts.machine import ROOT
from scripts.services import postgresql_program

UPGRADE = ROOT / "tests" / "upgrade"
LIST = UPGRADE / "migrations.sha256"
APPS = ("accounts", "committees", "ibcr_portal", "kernel", "partners", "projects", "reports")
# The keys of the databases that are kept, which hold invented people alone. The access log is chained
# with the second.
KEYS = {
    "SECRET_KEY": "the first key of the kept demonstration, which guards nothing at all",
    "ACCESS_LOG_KEY": "the second key of the kept demonstration, which guards nothing",
}
# Written by programs of PostgreSQL that are newer than those that may read it.
NOT_FOR_ALL = re.compile(rb"^(SET transaction_timeout|\\(un)?restrict )")


def main(arguments: list[str]) -> None:
    if arguments == ["--record"]:
        return record()
    if "DATABASE_URL" not in os.environ:
        sys.exit("PostgreSQL is needed: make kept-database")
    folder = UPGRADE / release()
    if folder.exists():
        sys.exit(f"{folder.relative_to(ROOT)} is there already: what was released stays as it is.")
    dumps = {"sqlite": dump_sqlite, "postgresql": dump_postgresql}
    kept = {}
    for vendor, dump in dumps.items():
        print(f"Loading the demonstration on {vendor} …", flush=True)
        kept[f"{vendor}.sql.xz"] = lzma.compress(dump(), preset=9)
    folder.mkdir()
    for name, content in kept.items():
        (folder / name).write_bytes(content)


def release() -> str:
    """Its two first numbers: what is mended after them changes no table."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"]).rpartition(".")[0]


# --- Databases ----------------------------------------------------------------------------


def dump_sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kept.sqlite3"
        load_demonstration(f"sqlite:///{file}", folder)
        with closing(sqlite3.connect(file)) as connection:
            return "\n".join(connection.iterdump()).encode()


def dump_postgresql() -> bytes:
    with tempfile.TemporaryDirectory() as folder, empty_database("portal_kept") as url:
        load_demonstration(url, folder)
        options = ["--no-owner", "--no-privileges", "--no-comments", f"--dbname={url}"]
        command = [postgresql_program("pg_dump"), *options]
        text = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    lines = text.splitlines(keepends=True)
    return b"".join(line for line in lines if not NOT_FOR_ALL.match(line))


@contextmanager
def empty_database(name: str) -> Iterator[str]:
    """Yield the address of an empty database beside that of DATABASE_URL, which goes afterwards."""
    server = os.environ["DATABASE_URL"]

    def ask(statement: str) -> None:
        with closing(psycopg2.connect(server)) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    ask(f"DROP DATABASE IF EXISTS {name}")
    ask(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        ask(f"DROP DATABASE {name} WITH (FORCE)")


def load_demonstration(url: str, folder: str) -> None:
    manage(url, folder, "update", "--no-key")
    manage(url, folder, "load_demo")
    manage(url, folder, "clearsessions")


def environment(url: str, folder: str) -> dict[str, str]:
    """Of a portal on this database. Its settings are those of the embedded portal."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {"PORTAL_EMBEDDED": "1", "PORTAL_VAR": folder, "DATABASE_URL": url}
    more = {"SITE_URL": "http://localhost:8000", "DJANGO_SETTINGS_MODULE": "ibcr_portal.settings"}
    return kept | KEYS | own | more


def manage(url: str, folder: str, *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(url, folder), capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}:\n{done.stdout}{done.stderr}")
    return done.stdout


# --- The list -----------------------------------------------------------------------------


def record() -> None:
    """Add the migrations that are not in the list; those in it stay as they were recorded. Refuse them
    without a database of this release, from which later versions could not be tested."""
    known = recorded()
    if present().keys() - known.keys() and not (UPGRADE / release()).exists():
        sys.exit("There are new migrations. Run `make kept-database`, and commit what it wrote.")
    lines = [f"{digest}  {name}\n" for name, digest in sorted((present() | known).items())]
    LIST.write_text("".join(lines))


def recorded() -> dict[str, str]:
    lines = (line.split("  ") for line in LIST.read_text().splitlines())
    return {name: digest for digest, name in lines}


def present() -> dict[str, str]:
    files = [file for app in APPS for file in (ROOT / app / "migrations").glob("*.py")]
    return {
        str(file.relative_to(ROOT)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if file.stem != "__init__"
    }


if __name__ == "__main__":
    main(sys.argv[1:])

"""Freeze the migrations of version 1.0 (`make freeze`), once and for all.

    1. Writes the baseline anew, and gives each app's migration its permanent name, 0001_initial. What
       it ran from the app's baseline.py becomes a file beside it, which no longer changes.
    2. Loads the demonstration on SQLite and on PostgreSQL and keeps both databases as
       tests/upgrade/1.0/*.sql.xz: every later version has to bring them up to date.
    3. Records the content of all migrations in tests/upgrade/migrations.sha256.

From then on `make baseline` refuses, and a test refuses changes in what was recorded. `--record` adds
the migrations that came since; `make release` runs it.
"""

import hashlib
import lzma
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from scripts import baseline
from scripts.services import postgresql_program

ROOT = baseline.ROOT
UPGRADE = ROOT / "tests" / "upgrade"
LIST = UPGRADE / "migrations.sha256"
VERSION = "1.0"
PERMANENT = "0001_initial"
OPERATIONS = "_initial_operations"  # Django takes files without the line for migrations
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
    if is_frozen():
        sys.exit("The migrations were frozen already.")
    if "DATABASE_URL" not in os.environ:
        sys.exit("PostgreSQL is needed: make freeze")
    if git("status", "--porcelain", "--", *APPS, "tests", "docs"):
        sys.exit("Commit or put away your changes first: a failure takes back what this writes.")
    try:
        freeze()
    except BaseException:
        git("checkout", "--quiet", "--", ".")
        git("clean", "--quiet", "--force", "-d", "--", *APPS, str(UPGRADE))
        raise
    print("Frozen. Look at the changes, run make check, and commit them.")


def freeze() -> None:
    baseline.main()
    for app in APPS:
        name_for_good(ROOT / app)
    move_references()
    folder = UPGRADE / VERSION
    folder.mkdir(parents=True)
    for vendor, dump in (("sqlite", dump_sqlite), ("postgresql", dump_postgresql)):
        print(f"Loading the demonstration on {vendor} …", flush=True)
        (folder / f"{vendor}.sql.xz").write_bytes(lzma.compress(dump(), preset=9))
    record()


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode()


def is_frozen() -> bool:
    return LIST.exists()


# --- Names --------------------------------------------------------------------------------


def name_for_good(app: Path) -> None:
    folder = app / "migrations"
    (file,) = folder.glob("0001_baseline_*.py")
    (folder / f"{PERMANENT}.py").write_text(permanent(file.read_text("utf-8"), app.name, file.stem))
    file.unlink()
    own = app / "baseline.py"
    if own.exists():
        text = own.read_text("utf-8")
        (folder / f"{OPERATIONS}.py").write_text(text)
        if not is_imported(f"{app.name}.baseline"):
            own.unlink()


def permanent(text: str, app: str, name: str) -> str:
    """The migration under its permanent name. A database of the last baseline is one of 1.0."""
    text = re.sub(r"\A# Written by `make baseline`.*\n", "# The tables of version 1.0.\n", text)
    text = text.replace(f"{app}.baseline", f"{app}.migrations.{OPERATIONS}")
    replaced = f"    initial = True\n\n    replaces = [({app!r}, {name!r})]\n"
    return text.replace("    initial = True\n", replaced, 1)


def is_imported(module: str) -> bool:
    pattern = re.compile(rf"^(from|import) {re.escape(module)}\b", re.MULTILINE)
    files = [file for folder in (*APPS, "tests") for file in (ROOT / folder).rglob("*.py")]
    return any(pattern.search(file.read_text("utf-8")) for file in files)


def move_references() -> None:
    """In the documents, to what was moved."""
    for file in (ROOT / "docs").rglob("*.md"):
        text = file.read_text("utf-8")
        for app in APPS:
            if not (ROOT / app / "baseline.py").exists():
                text = text.replace(f"{app}/baseline.py", f"{app}/migrations/{OPERATIONS}.py")
        if text != file.read_text("utf-8"):
            file.write_text(text, "utf-8")


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
    """Add the migrations that are not in the list; those in it stay as they were recorded."""
    known = recorded()
    lines = [f"{digest}  {name}\n" for name, digest in sorted((present() | known).items())]
    LIST.write_text("".join(lines))


def recorded() -> dict[str, str]:
    if not LIST.exists():
        return {}
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
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")
    os.environ["PORTAL_EMBEDDED"] = "1"
    if sys.argv[1:] != ["--record"]:
        import django

        django.setup()
    main(sys.argv[1:])

"""The database of each release is brought up to this version, and nothing in it is lost."""

import json
import lzma
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.conf import settings
from django.db import connection

from scripts import kept_databases
from scripts.services import postgresql_program

LOOK = "import django; django.setup(); from tests.upgrade import looking; looking.main({})"
VERSIONS = sorted(folder.name for folder in kept_databases.UPGRADE.glob("[0-9]*"))


@pytest.fixture
def sqlite(tmp_path):
    def load(version):
        file = tmp_path / "kept.sqlite3"
        with closing(sqlite3.connect(file)) as database:
            database.executescript(kept(version, "sqlite").decode())
        return f"sqlite:///{file}"

    return load


@pytest.fixture
def postgresql(django_db_modify_db_settings_parallel_suffix):
    """Without the fixture `db`, which pytest-django prepares only where it sees beforehand that a test
    asks for it: here a test asks by the name of the engine."""
    with kept_databases.empty_database(
        f"{connection.settings_dict['TEST']['NAME']}_upgrade"
    ) as url:

        def load(version):
            command = [postgresql_program("psql"), "--quiet", "--set=ON_ERROR_STOP=1", url]
            subprocess.run(
                command, input=kept(version, "postgresql"), check=True, stdout=subprocess.DEVNULL
            )
            return url

        yield load


def kept(version, vendor):
    return lzma.decompress((kept_databases.UPGRADE / version / f"{vendor}.sql.xz").read_bytes())


# Every migration runs on SQLite for the tests of that tier already, there on empty tables.
LONG = pytest.mark.deep(part="restore")


@pytest.mark.every_case
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("vendor", "pages"),
    [
        ("postgresql", 8),
        pytest.param("postgresql", 40, marks=LONG),
        pytest.param("sqlite", 40, marks=LONG),
    ],
)
def test_a_database_of_that_version_is_brought_up_to_this_one(
    vendor, version, pages, tmp_path, static_files, request
):
    if vendor == "postgresql" and connection.vendor != "postgresql":
        pytest.skip("this tier has no PostgreSQL")
    url = request.getfixturevalue(vendor)(version)

    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(pages)],
        cwd=settings.BASE_DIR,
        env=kept_databases.environment(url, str(tmp_path)) | {"STATIC_ROOT": str(static_files)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    failed = {
        (who, path): status
        for who, statuses in found["pages"].items()
        for path, status in statuses.items()
        if status not in {200, 403, 404}
    }
    assert found["log"].startswith("OK: ")
    assert failed == {}
    assert all(statuses["/"] == 200 for statuses in found["pages"].values())
    assert {len(statuses) for statuses in found["pages"].values()} == {pages}
    frozen = found["frozen"]
    assert frozen["snapshots"] == frozen["whole"] > 0
    assert frozen["documents"] == frozen["with text"] > 0
    assert frozen["minutes"] > 0
    assert frozen["logic models"] > 0


def test_no_migration_that_was_released_is_changed_or_removed():
    present = kept_databases.present()
    differing = [
        name for name, digest in kept_databases.recorded().items() if present.get(name) != digest
    ]

    assert differing == [], "What was released is history: write another migration."

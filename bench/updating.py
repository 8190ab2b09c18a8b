"""Updates that are killed, and updates of one host after the other while people work."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import lxml.html
import psycopg2

from bench.cluster import Cluster, Host, wait_for
from bench.fault_names import NAMES
from bench.faults import Row, Trial
from bench.trial import Probe, Watcher, unfinished
from bench.visitor import Visitor, WebAnswer
from scripts.services import ROOT, postgresql_program

ZONES = ("America/Tegucigalpa", "America/Guatemala", "America/Lima", "Europe/Paris")
CODE = (
    *("accounts", "committees", "ibcr_portal", "kernel", "partners", "projects", "reports"),
    *("locale", "static", "templates", "requirements", "manage.py", "pyproject.toml"),
)
# The next version calls the column of User.time_zone otherwise. It brings a new one, which the database
# keeps equal to the old one as long as there are both.
EXPAND = '''
from django.db import migrations

UP = """
ALTER TABLE accounts_user ADD COLUMN zone_of_person varchar(50);
UPDATE accounts_user SET zone_of_person = time_zone;
CREATE FUNCTION accounts_same_zone() RETURNS trigger AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.zone_of_person := COALESCE(NEW.zone_of_person, NEW.time_zone);
    NEW.time_zone := NEW.zone_of_person;
  ELSIF NEW.zone_of_person IS DISTINCT FROM OLD.zone_of_person THEN
    NEW.time_zone := NEW.zone_of_person;
  ELSE
    NEW.zone_of_person := NEW.time_zone;
  END IF;
  RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER accounts_same_zone BEFORE INSERT OR UPDATE ON accounts_user
  FOR EACH ROW EXECUTE FUNCTION accounts_same_zone();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "{before}")]
    operations = [migrations.RunSQL(UP)]
'''
CONTRACT = '''
from django.db import migrations

UP = """
DROP TRIGGER accounts_same_zone ON accounts_user;
DROP FUNCTION accounts_same_zone();
ALTER TABLE accounts_user ALTER COLUMN zone_of_person SET NOT NULL;
ALTER TABLE accounts_user DROP COLUMN time_zone;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "{before}")]
    operations = [migrations.RunSQL(UP)]
'''


def killed_updates(trial: Trial) -> Row:
    """An empty database is set up, and whoever does it is killed after each migration or within."""
    cluster = trial.cluster
    execute(cluster, "CREATE DATABASE portal_update")
    done = subprocess.run(
        [sys.executable, "-m", "bench.killed_update"],
        cwd=ROOT,
        env=cluster.environment("hub", "portal_update"),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    is_equal = schema(cluster, "portal_update") == schema(cluster, "portal")
    execute(cluster, "DROP DATABASE portal_update WITH (FORCE)")
    return Row(
        NAMES["killed-update"],
        f"{found['kills']} attempts killed; after {found['refused']} of them the portal refuses to start, "
        "and says: run manage.py update",
        f"by the next attempt ({found['seconds']} s for all)",
        f"{found['steps']} migrations; the schema is "
        f"{'that' if is_equal else 'NOT that'} of an update that nobody disturbed",
        is_equal and found["kills"] > 5 and not found["complaints"] and found["status"] == 0,
    )


def execute(
    cluster: Cluster, statement: str, database: str = "postgres"
) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(f"{cluster.database.url}/{database}")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def schema(cluster: Cluster, database: str) -> list[str]:
    dump = [postgresql_program("pg_dump"), "--schema-only", f"{cluster.database.url}/{database}"]
    done = subprocess.run(dump, capture_output=True, text=True, check=True)
    lines = (line for line in done.stdout.splitlines() if not line.startswith(("--", "\\")))
    # Names of constraints that an engine makes up may be in another order.
    return sorted(line for line in lines if line)


# One host after the other


def rolling_update(trial: Trial) -> Row:
    cluster, folder = trial.cluster, trial.cluster.folder
    before = sorted(path.stem for path in (ROOT / "accounts" / "migrations").glob("[0-9]*.py"))[-1]
    number = int(before[:4])
    expand = f"{number + 1:04}_zone_of_person"
    contract = f"{number + 2:04}_contract_{number + 1:04}_zone_of_person"
    second = version(folder / "second", expand, EXPAND.replace("{before}", before))
    third = version(folder / "third", expand, EXPAND.replace("{before}", before))
    write_migration(third, contract, CONTRACT.replace("{before}", expand))

    watch = Watcher([*trial.probes()[:3], Probe("write", lambda: save_zone(trial.visitor), (302,))])
    watch.start()
    for _ in range(4):
        trial.ground.ask(trial.visitor)
    notes = [f"before: old code {may_start(cluster, ROOT)}, new code {may_start(cluster, second)}"]
    manage(cluster, second, "update", "--no-key")
    notes.append(f"expanded: old code {may_start(cluster, ROOT)}")
    for host in cluster.hosts:
        replace(cluster, host, second)
    replace(cluster, cluster.hosts[0], ROOT)  # somebody goes back, and forth again
    replace(cluster, cluster.hosts[0], second)
    manage(cluster, third, "update", "--no-key")
    notes.append(
        f"contracted: first code {may_start(cluster, ROOT)}, second code {may_start(cluster, second)}"
    )
    for host in cluster.hosts:
        replace(cluster, host, third)
    wait_for(lambda: not unfinished(), "documents")
    watch.stop()
    total, bad = len(watch.answers), sum(not good for _at, _name, good, _answer in watch.answers)
    row = Row(
        NAMES["update"],
        watch.seen(),
        f"no interruption; {'; '.join(notes)}",
        f"{total - bad} of {total} requests answered, "
        f"{sum(name == 'write' for _at, name, _good, _answer in watch.answers)} of them writing",
        not bad and notes == EXPECTED,
    )
    return row


EXPECTED = [
    "before: old code starts, new code refuses",
    "expanded: old code starts",
    "contracted: first code refuses, second code starts",
]


def version(target: Path, expand: str, migration: str) -> Path:
    """Copy the code, and rename the column in it."""
    target.mkdir()
    for name in CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)
    people = target / "accounts" / "models" / "people.py"
    text = people.read_text("utf-8")
    begins = '        _("time zone"),\n'
    assert text.count(begins) == 1
    people.write_text(
        text.replace(begins, f'{begins}        db_column="zone_of_person",\n'), "utf-8"
    )
    write_migration(target, expand, migration)
    return target


def write_migration(target: Path, name: str, text: str) -> None:
    (target / "accounts" / "migrations" / f"{name}.py").write_text(text, "utf-8")


def manage(cluster: Cluster, root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=root,
        env=cluster.environment("hub"),
        capture_output=True,
        text=True,
        check="--check" not in command,
    )


def may_start(cluster: Cluster, root: Path) -> str:
    """Say what the container does with this code on this database."""
    done = manage(cluster, root, "update", "--check")
    about_database = [line for line in done.stderr.splitlines() if "database" in line]
    return "refuses" if about_database else "starts"


def replace(cluster: Cluster, host: Host, root: Path) -> None:
    """Take a host out, let it finish what it has in hand, and start it with other code."""
    cluster.proxy.remove(host.name)
    wait_for(lambda: cluster.proxy.is_idle(host.name), "requests in hand")
    for child in host.running.values():
        child.terminate()
    names = tuple(host.running)
    for name in names:
        host.running[name].wait(60)
    host.kill()
    host.root = root
    host.start(*(name for name in names if name != "web"))
    host.start_web_quietly()
    host.wait()
    cluster.proxy.add(host.name, host.cable.address, host.port)


def save_zone(visitor: Visitor) -> WebAnswer:
    """Choose another time zone on the page of one's account, and read that it was saved."""
    page = visitor.get("/people/me/")
    if page.status != 200:
        return page
    forms = lxml.html.fromstring(page.text).forms
    form = next(form for form in forms if "time_zone" in form.fields)
    values = dict(form.form_values())
    values["time_zone"] = zone = ZONES[int(time.monotonic()) % len(ZONES)]
    answer = visitor.post("/people/me/", **values)
    if answer.status != 302:
        return answer
    again = lxml.html.fromstring(visitor.get("/people/me/").text).forms
    kept = next(
        dict(form.form_values()).get("time_zone") for form in again if "time_zone" in form.fields
    )
    return answer if kept == zone else WebAnswer(599, f"{zone} became {kept}".encode())

"""Three hosts, and all faults of the table: `python -m bench.faults_stage NAMESPACES [NAME …]`.

NAMESPACES is 1 where `bench/chaos.py` made a network for it. The last line on standard output is what
happened, as JSON.
"""

import atexit
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench.cluster import Cluster

LOGS = os.environ.get(
    "CHAOS_LOGS", ""
)  # a folder for what the hosts wrote where a row is not as it should
HAS_NAMESPACES = sys.argv[1] == "1"
folder = Path(tempfile.mkdtemp(prefix="portal-hosts-"))
cluster = Cluster(folder, HAS_NAMESPACES)
atexit.register(cluster.stop)
signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
os.environ.clear()
os.environ |= cluster.environment("hub", "postgres")
import psycopg2  # noqa: E402

server = psycopg2.connect(os.environ["DATABASE_URL"])
server.autocommit = True
server.cursor().execute("CREATE DATABASE portal")
server.close()
os.environ |= cluster.environment("hub")

import django  # noqa: E402  (the servers come first)

django.setup()

from django.core.management import call_command  # noqa: E402  (Django comes first)
from django.db import connection  # noqa: E402
from django.utils import translation  # noqa: E402

from bench import faults, more_faults, updating  # noqa: E402
from bench.fault_names import NAMES, ON_A_DISK  # noqa: E402
from bench.several import hosts_rows  # noqa: E402
from bench.trial import Ground  # noqa: E402

PLAYED: dict[str, Callable[[faults.Trial], faults.Row]] = {
    "database-killed": faults.database_killed,
    "database-away": faults.database_away,
    "broker-killed": faults.broker_killed,
    "broker-away": faults.broker_away,
    "storage-away": faults.storage_away,
    "memory": faults.renderer_killed,
    "clock": faults.clock_jumps,
    "cut": faults.host_cut,
    "upload": more_faults.web_killed,
    "mail": more_faults.mail_away,
    "killed-update": updating.killed_updates,
    "update": updating.rolling_update,  # the last: the column stays renamed
}


def main(names: list[str]) -> dict[str, list[dict[str, object]]]:
    if unknown := [name for name in names if name not in NAMES]:
        sys.exit(f"No fault {', '.join(unknown)}. There are: {', '.join(NAMES)}.")
    translation.activate("en")
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    ground = Ground(cluster)
    several, visitor = hosts_rows(cluster, ground, is_whole=not names)
    trial = faults.Trial(cluster, ground, visitor)
    trial.keep_one()
    wanted = [name for name in NAMES if not names or name in names]
    rows: list[faults.Row] = []
    for name in wanted:
        if name not in ON_A_DISK:
            rows += attempt([name], partial(play_one, PLAYED[name], trial))
        elif name == next(one for one in wanted if one in ON_A_DISK):
            rows += attempt(ON_A_DISK, partial(more_faults.disk_rows, trial))
    return {"several": several, "faults": [row.as_dict() for row in rows]}


def play_one(play: Callable[[faults.Trial], faults.Row], trial: faults.Trial) -> list[faults.Row]:
    return [play(trial)]


def attempt(names: Sequence[str], play: Callable[[], list[faults.Row]]) -> list[faults.Row]:
    """A fault that cannot be played is a row as well: the table never has fewer."""
    connection.close()  # the database may have been killed since
    try:
        rows = play()
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        why = f"not played: {error!r}"[:300]
        rows = [faults.Row(NAMES[name], why, "–", "–", False) for name in names]
    for row in rows:
        print(f"    {json.dumps(row.as_dict(), ensure_ascii=False)}", file=sys.stderr, flush=True)
        if not row.is_sound and LOGS:
            Path(LOGS, f"{names[0]}.log").write_text(
                "\n".join(host.log() for host in cluster.hosts)
            )
    return rows


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[2:])))

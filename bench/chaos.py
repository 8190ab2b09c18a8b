#!/usr/bin/env python3
"""The portal while everything dies: `make chaos`.

First three hosts share a database, a broker and a storage, and fifteen faults are played on them
(`bench/faults_stage.py`). Then a hundred real documents are asked for (CHAOS_DOCUMENTS changes it),
each with its message sent three times. Meanwhile workers are killed with -9 in the middle of their
work, the messages are lost, and Redis itself is killed: on both brokers. It prints tables, and keeps
them in docs/chaos.md. At last services of others are silent for half an hour each (SILENT_SECONDS). The exit
code says whether nothing was lost, doubled or late. `hosts`, `queue` and `silent` are one part alone; names of faults play these, and write nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.network import alone  # noqa: E402  (the path comes first)
from bench.record import keep  # noqa: E402
from scripts.services import dies_with_parent, free_port  # noqa: E402

DATABASE = "portal_chaos"
SILENCE_SECONDS = 120  # without a document for so long, the missing ones count as lost
COLUMNS = {
    "name": "Database and broker",
    "documents": "Documents",
    "once": "Made once",
    "lost": "Lost",
    "twice": "Made twice",
    "kills": "Workers killed",
    "broker_kills": "Redis killed",
    "flushes": "Messages lost",
    "messages": "Messages sent",
    "attempts": "Renders begun",
    "letters_meant": "Waited longer than ten seconds",
    "letters": "Notified by e-mail",
    "left_behind": "Renderers left",
    "unowned": "Files to sweep",
    "seconds": "Seconds",
}
PAGE = ROOT / "docs" / "chaos.md"
IN_NAMESPACES = "Each host had a network namespace, with a cable that was cut and mended."
ON_LOOPBACK = (
    "The machine allowed no network namespaces: all hosts were on the loopback address, and the one that "
    "was cut off is one whose processes were stopped."
)


def main(names: list[str]) -> int:
    if "DATABASE_URL" not in os.environ:
        sys.exit("Run `make chaos`: it starts PostgreSQL and Redis.")
    outcomes = []
    if names not in (["queue"], ["silent"]):
        outcomes.append(play_hosts([name for name in names if name != "hosts"]))
    if not names or names == ["queue"]:
        outcomes.append(play_queue())
    if not names or names == ["silent"]:
        outcomes.append(play_silent())
    return 0 if all(outcomes) else 1


def play_hosts(names: list[str]) -> bool:
    """Play several hosts and the faults of these names, or all; only all are kept."""
    found = on_hosts(names)
    several, faults = table_of_hosts(found["several"]), table_of_faults(found["faults"])
    where = IN_NAMESPACES if alone() else ON_LOOPBACK
    print(f"{several}\n\n{faults}", flush=True)
    if not names:
        keep("make chaos: hosts", f"{several}\n\n{where} {last_run()}", PAGE)
        keep("make chaos: faults", f"{faults}\n\n{last_run()}", PAGE)
    sound = all(row["sound"] for row in found["several"])
    return sound and all(row["is_sound"] for row in found["faults"])


def play_queue() -> bool:
    rows = [on_files(), on_servers()]
    table = table_of(rows)
    print(table)
    keep("make chaos: queue", f"{table}\n\n{last_run()}", PAGE)
    return all(is_sound(row) for row in rows)


def play_silent() -> bool:
    """Run the portal beside services that say nothing, as a test does for a shorter time."""
    seconds = os.environ.get("SILENT_SECONDS", "1800")
    with tempfile.TemporaryDirectory(prefix="portal-chaos-") as folder:
        rows = Path(folder) / "rows"
        environment = os.environ | {"SILENT_SECONDS": seconds, "SILENT_TABLE": str(rows)}
        trial = ["tests/ibcr_portal/test_silent_for_long.py", "-m", "deep(part='services')"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *trial], cwd=ROOT, env=environment
        )
        table = table_of_silent([json.loads(line) for line in rows.read_text().splitlines()])
    print(table)
    keep("make chaos: silent", f"{table}\n\nEach for {seconds} s. {last_run()}", PAGE)
    return not done.returncode


def table_of_silent(rows: list[dict[str, Any]]) -> str:
    head = ["Silent", "Search (median)", "Log", "Watch", "Named", "Messages left of 500", "Load"]
    lines = [head, ["---", *["---:"] * 3, "---", "---:", "---:"]]
    for row in rows:
        named = ", ".join(
            f"{name} ({seconds} s)" for name, seconds in row["named"].items() if name != "backup"
        )
        search = f"{row['search'][0]:.1f} s ({row['median']:.1f} s)"
        late = [f"{row[key][0]:.0f} s" for key in ("log", "watch")]
        lines.append([row["service"], search, *late, named, str(row["left"]), f"{row['load']:.0f}"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def last_run() -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"Last run: {date.today():%-d %B %Y}, Python {python}, {os.cpu_count()} cores, which were shared "
        f"with everything else that was running (load {os.getloadavg()[0]:.0f})."
    )


def on_hosts(names: list[str]) -> dict[str, Any]:
    """Play several hosts and the faults, in a network that vanishes with the process that has it."""
    prefix = alone()
    stage = [sys.executable, "-m", "bench.faults_stage", "1" if prefix else "0", *names]
    done = subprocess.run(
        [*prefix, *stage],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=dies_with_parent(),
    )
    if done.returncode:
        sys.exit(f"The run on several hosts broke off with {done.returncode}.")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def table_of_hosts(rows: list[dict[str, Any]]) -> str:
    lines = [["What", "Outcome", ""], ["---", "---", "---"]]
    lines += [
        [row["what"], row["outcome"], "as it should" if row["sound"] else "**NOT**"] for row in rows
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def table_of_faults(rows: list[dict[str, Any]]) -> str:
    head = ["", "Fault", "What people see", "Recovered by itself", "Nothing lost", ""]
    lines = [head, ["---:", *["---"] * 5]]
    lines += [
        [
            *(str(number), row["fault"], row["seen"], row["recovered"], row["lost"]),
            "as it should" if row["is_sound"] else "**NOT**",
        ]
        for number, row in enumerate(rows, 1)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def on_files() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="portal-chaos-") as folder:
        return run("SQLite, files", folder, {"PORTAL_EMBEDDED": "1"})


def on_servers() -> dict[str, Any]:
    """With a Redis of its own, since it is killed."""
    with tempfile.TemporaryDirectory(prefix="portal-chaos-") as folder, database() as url:
        redis = f"redis://127.0.0.1:{free_port()}/0"
        return run("PostgreSQL, Redis", folder, {"DATABASE_URL": url, "REDIS_URL": redis})


def run(name: str, folder: str, addresses: dict[str, str]) -> dict[str, Any]:
    print(f"{name} …", flush=True)
    plain = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    environment = plain | {
        "PORTAL_VAR": folder,
        "SECRET_KEY": "only for this run ".ljust(60, "."),
        "ACCESS_LOG_KEY": "of its access log ".ljust(60, "."),
        "SITE_URL": "https://portal.example.org",
        "EMAIL_URL": f"filemail:///{folder}/mail",
        "LEASE_SECONDS": "10",
        "DJANGO_SETTINGS_MODULE": "ibcr_portal.settings",
        **addresses,
    }
    command = [sys.executable, "-m", "bench.chaos_stage", str(SILENCE_SECONDS)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{name}: the run broke off with {done.returncode}.")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {"name": name} | figures


@contextmanager
def database() -> Iterator[str]:
    server = os.environ["DATABASE_URL"]
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        yield f"{server.rsplit('/', 1)[0]}/{DATABASE}"
        cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    connection.close()


def is_sound(row: dict[str, Any]) -> bool:
    nothing_wrong = not (row["lost"] or row["twice"] or row["left_behind"] or row["untold"])
    nothing_wrong = nothing_wrong and row["letters"] == row["letters_meant"]
    return nothing_wrong and row["once"] == row["documents"] and row["kills"] == row["kills_meant"]


def table_of(rows: list[dict[str, Any]]) -> str:
    lines = [["", *(row["name"] for row in rows)], ["---", *("---:" for _row in rows)]]
    lines += [
        [label, *(str(row[key]) for row in rows)] for key, label in COLUMNS.items() if key != "name"
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

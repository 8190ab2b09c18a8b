#!/usr/bin/env python3
"""A PostgreSQL and a Redis of one's own, for tests: free ports, a temporary folder, no traces.

    scripts/services.py run -- COMMAND …   start both, run the command, stop both
    scripts/services.py start              start both and leave them running for `pytest` by hand
    scripts/services.py stop               stop those

Only the standard library, since nothing may be installed yet.
"""

import ctypes
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = ROOT / "var" / "test-services.env"
LOG_FILE = ROOT / "var" / "test-services.log"
PR_SET_PDEATHSIG = 1
# Of PostgreSQL: no data of a test outlives its server, so nothing waits for the disk.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    # Tables of tests have few rows: a plan takes longer than what it saves.
    "join_collapse_limit": 1,
    "from_collapse_limit": 1,
    "jit": "off",
    "autovacuum": "off",
    "max_connections": 200,
    "timezone": "UTC",
}


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run", "--", *command] if command:
            return run(command)
        case ["start"]:
            return start()
        case ["serve"]:  # what `start` leaves behind
            return serve()
        case ["stop"]:
            return stop()
    sys.exit(__doc__)


def run(command: list[str]) -> int:
    with services() as addresses:
        child = subprocess.Popen(command, env=os.environ | addresses, preexec_fn=dies_with_parent())
        try:
            return child.wait()
        finally:
            # After a Ctrl-C, which it got as well, it has time to say what it found so far.
            with suppress(subprocess.TimeoutExpired):
                child.wait(5)
            child.terminate()
            child.wait()


def start() -> int:
    if running():
        print(f"Already running: {ENV_FILE}")
        return 0
    ENV_FILE.parent.mkdir(exist_ok=True)
    ENV_FILE.unlink(missing_ok=True)
    with LOG_FILE.open("w") as log:
        server = subprocess.Popen(
            [sys.executable, __file__, "serve"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    while not ENV_FILE.exists():
        if server.poll() is not None:
            sys.exit(LOG_FILE.read_text())
        time.sleep(0.1)
    print(f"Started; tests find them through {ENV_FILE}")
    return 0


def serve() -> int:
    with services() as addresses:
        try:
            lines = [f"{name}={value}\n" for name, value in addresses.items()]
            draft = ENV_FILE.with_suffix(".new")
            draft.write_text("".join([*lines, f"PID={os.getpid()}\n"]))
            draft.rename(ENV_FILE)
            signal.pause()
        finally:
            ENV_FILE.unlink(missing_ok=True)
    return 0


def stop() -> int:
    if not running():
        print("Nothing runs.")
        return 0
    os.kill(int(read_env_file()["PID"]), signal.SIGTERM)
    while ENV_FILE.exists():
        time.sleep(0.1)
    return 0


def read_env_file() -> dict[str, str]:
    if not ENV_FILE.exists():
        return {}
    return dict(line.split("=", 1) for line in ENV_FILE.read_text().splitlines())


def running() -> bool:
    pid = read_env_file().get("PID")
    if pid is None:
        return False
    try:
        os.kill(int(pid), 0)  # signal 0 sends nothing, and fails where there is no such process
    except ProcessLookupError:
        return False
    return True


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """Both servers, as the environment variables that name their addresses."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, stop_orderly)
    folder = Path(tempfile.mkdtemp(prefix="portal-services-"))
    folder.chmod(0o711)  # the database's own user passes through
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield {
            "DATABASE_URL": stack.enter_context(postgresql(folder / "postgresql")),
            "REDIS_URL": stack.enter_context(redis(folder / "redis")),
        }


def stop_orderly(number: int, frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not stop the stopping
    sys.exit(128 + number)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Starts PostgreSQL without what makes data survive a power cut: it is three times as fast."""
    folder.mkdir()
    # The process options that run a program as the user who owns the folder.
    account: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = unprivileged_user()
        os.chown(folder, user.pw_uid, user.pw_gid)
        account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    data, port = str(folder / "data"), free_port()
    initdb = [postgresql_program("initdb"), "-D", data, "-U", "portal", "-A", "trust"]
    subprocess.run(
        [*initdb, "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **account,
    )
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    server = subprocess.Popen(
        [postgresql_program("postgres"), "-D", data, f"--port={port}", *settings],
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("w"),
        cwd=folder,
        process_group=0,  # Ctrl-C is ours to pass on, after the tests have stopped
        preexec_fn=dies_with_parent(signal.SIGQUIT),
        **account,
    )
    ready = [postgresql_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    with stopping(server, signal.SIGQUIT):
        wait_until(lambda: subprocess.run(ready).returncode == 0, server, folder / "log")
        yield f"postgres://portal@127.0.0.1:{port}/postgres"


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Redis in memory alone; each test process takes a database number of its own."""
    folder.mkdir()
    port = free_port()
    options = {"bind": "127.0.0.1", "port": port, "dir": folder, "databases": 1024, "save": ""}
    arguments = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    server = subprocess.Popen(
        [redis_program(), *arguments],
        stdout=(folder / "log").open("w"),
        stderr=subprocess.STDOUT,
        process_group=0,
        preexec_fn=dies_with_parent(),
    )
    with stopping(server, signal.SIGTERM):
        wait_until(lambda: answers(port), server, folder / "log")
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def stopping(server: subprocess.Popen[bytes], how: signal.Signals) -> Iterator[None]:
    try:
        yield
    finally:
        server.send_signal(how)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until(ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.1)
    sys.exit(f"{log.parent.name} does not start:\n{log.read_text()}")


def dies_with_parent(how: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """Even a parent that is killed with -9 leaves no server behind (Linux only)."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, how)


def free_port() -> int:
    """Below the ports that outgoing connections use, so that it is still free later."""
    while answers(port := random.randint(20_000, 30_000)):
        continue
    return port


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def unprivileged_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def postgresql_program(name: str) -> str:
    """Debian keeps the server's programs away from PATH, one folder per version."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    path = which(name, *reversed(folders))
    if not path:
        sys.exit("PostgreSQL is missing: install the package postgresql.")
    return path


def redis_program() -> str:
    program = which("redis-server") or which("valkey-server")
    if not program:
        sys.exit("Redis is missing: install the package redis-server.")
    return program


def which(name: str, *first: Path) -> str | None:
    return shutil.which(name, path=os.pathsep.join([*map(str, first), os.environ["PATH"]]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

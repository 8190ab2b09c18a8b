"""A portal on several hosts, in small: database, broker, storage and mail server on a hub, and hosts
with a web server, workers and a scheduler each, on disks of their own, behind one proxy.

It knows nothing of Django: who makes one takes its environment first.
"""

import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.network import Cable, Network
from bench.proxy import Proxy, listens
from bench.visitor import HOST
from ibcr_portal.periodic_tasks import OF_DOCUMENTS, OF_MAIL, OF_SHORT_WORK
from ibcr_portal.processes import Child
from scripts.services import (
    ROOT,
    SETTINGS,
    dies_with_parent,
    free_port,
    postgresql_program,
    redis_program,
    unprivileged_user,
)

LEASE = 10  # seconds, instead of 60
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
BUCKET, KEY, SECRET = "files", "key", "secret"


class Server:
    """A program that listens, and that is killed and started again."""

    def __init__(self, command: list[str], address: str, port: int, **options: Any) -> None:
        self.command, self.address, self.port, self.options = command, address, port, options
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=dies_with_parent(signal.SIGKILL),
            **self.options,
        )
        wait_for(lambda: listens(self.address, self.port), " ".join(self.command[:3]))

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class Database(Server):
    """PostgreSQL with its data on the disk, as in production: it is killed."""

    def __init__(self, folder: Path, address: str) -> None:
        self.data = folder / "data"
        options: dict[str, Any] = {}
        folder.mkdir()
        if os.geteuid() == 0:
            user = unprivileged_user()
            os.chown(folder, user.pw_uid, user.pw_gid)
            options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        subprocess.run(
            [
                *(postgresql_program("initdb"), "-D", self.data, "-U", "portal", "-A", "trust"),
                *("--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--auth-host=trust"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **options,
        )
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.77.0.0/24 trust\n")
        given = SETTINGS | {
            "listen_addresses": f"{address},127.0.0.1" if address != "127.0.0.1" else address,
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "autovacuum": "on",
            "join_collapse_limit": 8,
            "from_collapse_limit": 8,
        }
        port = free_port()
        super().__init__(
            [postgresql_program("postgres"), "-D", str(self.data), f"--port={port}"]
            + [f"--{name}={value}" for name, value in given.items()],
            address,
            port,
            cwd=folder,
            **options,
        )
        self.url = f"postgres://portal@{address}:{port}"
        self.options_of_commands = {"cwd": folder, **options}

    def start(self) -> None:
        super().start()
        ready = [postgresql_program("pg_isready"), "-q", "-h", self.address, "-p", str(self.port)]
        wait_for(lambda: subprocess.run(ready).returncode == 0, "PostgreSQL")

    def kill(self) -> None:
        """The first process with -9; the others notice and end."""
        super().kill()
        wait_for(self._is_gone, "the end of PostgreSQL")
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _is_gone(self) -> bool:
        """The last process of the old server must be gone before a new one may start."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink() == self.data:
                    return False
        return True


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every message (SMTP) and remembers it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: str, port: int) -> None:
        super().__init__((address, port), Dialogue)
        self.messages: list[str] = []
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()


class Dialogue(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 trial")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line)
                self.server.messages.append(b"".join(lines).decode("utf-8", "replace"))
            if verb == b"QUIT":
                return self._say("221 bye")
            self._say("250 ok")
        return None

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Cluster:
    def __init__(self, folder: Path, has_namespaces: bool, hosts: int = 3) -> None:
        self.folder = folder
        self.inherited = {key: text for key, text in os.environ.items() if key in INHERITED}
        self.network = Network(has_namespaces)
        hub = self.network.hub
        folder.chmod(0o711)
        self.database = Database(folder / "postgresql", hub)
        port = free_port()
        command = [redis_program(), "--port", str(port), "--bind", hub, "--save", ""]
        self.broker = Server([*command, "--protected-mode", "no", "--dir", str(folder)], hub, port)
        port = free_port()
        self.storage = Server(
            [sys.executable, "-m", "bench.bucket", hub, str(port)], hub, port, cwd=ROOT
        )
        self.mail_port = free_port()
        self.mail = MailServer(hub, self.mail_port)
        self.proxy = Proxy(hub, 0)
        self.hosts = [Host(self, self.network.add_host()) for _ in range(hosts)]

    def environment(self, name: str, database: str = "portal") -> dict[str, str]:
        """Return the environment of a host, with a folder of its own."""
        var = self.folder / name
        var.mkdir(exist_ok=True)
        (var / "tmp").mkdir(exist_ok=True)
        hub = self.network.hub
        return self.inherited | {
            "DATABASE_URL": f"{self.database.url}/{database}",
            "REDIS_URL": f"redis://{hub}:{self.broker.port}/0",
            "STORAGE_URL": f"s3+http://{KEY}:{SECRET}@{hub}:{self.storage.port}/{BUCKET}",
            "EMAIL_URL": f"smtp://{hub}:{self.mail_port}",
            "PORTAL_VAR": str(var),
            "TMPDIR": str(var / "tmp"),
            "STATIC_ROOT": str(ROOT / "var" / "static"),
            "SECRET_KEY": "only for this run ".ljust(60, "."),
            "ACCESS_LOG_KEY": "of its access log ".ljust(60, "."),
            "SITE_URL": f"https://{HOST}",
            "TRUSTED_PROXIES": "1",
            "SECOND_FACTOR_ROLES": "none",
            "IDLE_MINUTES": "0",
            "LEASE_SECONDS": str(LEASE),
            "DJANGO_SETTINGS_MODULE": "ibcr_portal.settings",
        }

    def stop(self) -> None:
        for host in self.hosts:
            host.kill()
        self.proxy.shutdown()
        self.mail.shutdown()
        for server in (self.storage, self.broker, self.database):
            server.kill()
        self.network.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


WEB = ["gunicorn", "--config=python:ibcr_portal.web_server", "--workers=1", "--threads=4"]
WEB += ["--graceful-timeout=20", "--log-level=warning"]
WORKER = ["ibcr_portal.worker", f"--queues={OF_DOCUMENTS}"]
MAILER = ["ibcr_portal.worker", f"--queues={OF_SHORT_WORK}", f"--queues={OF_MAIL}"]
BEAT = ["ibcr_portal.scheduler", "--loglevel=WARNING"]
COMMANDS = {"web": WEB, "worker": WORKER, "mailer": MAILER, "beat": BEAT}


class Host:
    """One machine: a disk (its folder), a cable, and the processes that run on it."""

    def __init__(self, cluster: Cluster, cable: Cable) -> None:
        self.cluster, self.cable = cluster, cable
        self.name = f"host-{cable.number}"
        self.port = free_port()
        self.more: dict[str, str] = {}  # what its environment has besides
        self.root = ROOT  # the code that it runs
        self.running: dict[str, Child] = {}

    @property
    def folder(self) -> Path:
        return self.cluster.folder / self.name

    def start(self, *names: str) -> None:
        environment = self.cluster.environment(self.name) | self.more
        (self.folder / "beat").mkdir(exist_ok=True)
        for name in names:
            arguments = list(COMMANDS[name])
            if name == "web":
                arguments.append(f"--bind={self.cable.address}:{self.port}")
            elif name != "beat":
                arguments.append(f"--hostname={name}@{self.name}")
            with (self.folder / f"{name}.log").open("a") as log:
                self.running[name] = Child(
                    *arguments,
                    within=self.cable.within,
                    env=environment,
                    cwd=self.root,
                    stdout=log,
                    stderr=log,
                )
        if "web" in names:
            self.cluster.proxy.add(self.name, self.cable.address, self.port)

    def start_web_quietly(self) -> None:
        """Start the web server without a word to the proxy, until it answers."""
        self.start("web")
        self.cluster.proxy.remove(self.name)

    def wait(self, names: Iterable[str] = ("web", "worker")) -> None:
        if "web" in names:
            wait_for(lambda: listens(self.cable.address, self.port), f"the web of {self.name}")
        if "worker" in names:
            log = self.folder / "worker.log"
            wait_for(lambda: "ready." in log.read_text("utf-8", "replace"), f"{self.name}'s worker")

    def kill(self, *names: str) -> None:
        """End them at once, as a power cut does."""
        for name in names or [*self.running]:
            if name == "web":
                self.cluster.proxy.remove(self.name)
            if child := self.running.pop(name, None):
                child.kill()
            (self.folder / f"{name}.log").unlink(missing_ok=True)

    def cut(self) -> None:
        """Unplug it; without namespaces, stop its processes, which is as silent."""
        if self.cable.name:
            self.cable.cut()
        else:
            self._signal(signal.SIGSTOP)

    def mend(self) -> None:
        if self.cable.name:
            self.cable.mend()
        else:
            self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for child in self.running.values():
            os.killpg(child.process.pid, number)

    def log(self) -> str:
        """Return the last lines of what its processes wrote, for whoever looks why a row failed."""
        return "\n".join(path.read_text("utf-8", "replace") for path in self.folder.glob("*.log"))


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            sys.exit(f"Waited {seconds:.0f} s in vain for {what}.")
        time.sleep(0.05)

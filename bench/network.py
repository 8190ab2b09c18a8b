"""Hosts with a network of their own: a bridge, and for each host a namespace with a cable to it.

The process that makes a `Network` runs in a namespace itself (`alone`), and all of it vanishes with
the processes. Where the system does not allow namespaces, all hosts are on the loopback address.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

from scripts.services import dies_with_parent

HUB = "10.77.0.1"


def alone() -> list[str]:
    """Return the beginning of a command that runs it with a network and mounts of its own; nothing
    where that is not allowed."""
    command = ["unshare", "--net", "--mount", "--"]
    try:
        steps = "ip link set lo up && ip link add b0 type bridge && mount -t tmpfs none /mnt"
        done = subprocess.run([*command, "sh", "-c", steps], capture_output=True)
    except FileNotFoundError:
        return []
    return command if done.returncode == 0 else []


class Network:
    """The hub, on which the servers are, and cables to hosts that can be cut."""

    def __init__(self, has_namespaces: bool) -> None:
        self.has_namespaces = has_namespaces
        self.holders: list[subprocess.Popen[bytes]] = []
        self.hub = HUB if has_namespaces else "127.0.0.1"
        if has_namespaces:
            ip("link set lo up")
            ip("link add hub type bridge")
            ip(f"addr add {HUB}/24 dev hub")
            ip("link set hub up")

    def add_host(self) -> "Cable":
        number = len(self.holders) + 1
        if not self.has_namespaces:
            self.holders.append(subprocess.Popen(["true"]))
            return Cable(number, "127.0.0.1", [], "")
        # A process that does nothing keeps the namespace.
        holder = subprocess.Popen(
            ["unshare", "--net", "--", "sleep", "infinity"],
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )
        self.holders.append(holder)
        ours = Path("/proc/self/ns/net").readlink()
        while Path(f"/proc/{holder.pid}/ns/net").readlink() == ours:
            time.sleep(0.01)
        address, cable = HUB[:-1] + str(10 + number), f"cable{number}"
        within = ["nsenter", "--target", str(holder.pid), "--net", "--"]
        ip(f"link add {cable} type veth peer name eth0 netns {holder.pid}")
        ip(f"link set {cable} master hub up")
        for step in ("link set lo up", f"addr add {address}/24 dev eth0", "link set eth0 up"):
            ip(step, within)
        return Cable(number, address, within, cable)

    def stop(self) -> None:
        for holder in self.holders:
            holder.kill()
            holder.wait()


class Cable:
    """Where a host is, the beginning of the commands that run there, and its cable."""

    def __init__(self, number: int, address: str, within: list[str], name: str) -> None:
        self.number, self.address, self.within, self.name = number, address, within, name

    def cut(self) -> None:
        ip(f"link set {self.name} down")

    def mend(self) -> None:
        ip(f"link set {self.name} up")


def ip(command: str, within: list[str] | None = None) -> None:
    done = subprocess.run([*(within or []), "ip", *command.split()], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"ip {command}: {done.stderr}")

"""How much memory the services of compose take: `sudo python3 scripts/memory.py` where they run.

PSS counts memory that processes share once, by their shares. Only the standard library.
"""

import re
import subprocess
from collections import defaultdict
from pathlib import Path


def main() -> None:
    children = children_by_parent()
    sizes = {}
    for service, pid in containers():
        sizes[service] = sum(pss(each) for each in tree(pid, children))
    for service, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{service:<12}{size / 1024:>8.0f} MB")
    print(f"{'all':<12}{sum(sizes.values()) / 1024:>8.0f} MB")


def containers() -> list[tuple[str, int]]:
    ids = output(
        "docker", "ps", "--quiet", "--filter", "label=com.docker.compose.project=ibcr-portal"
    )
    form = '{{index .Config.Labels "com.docker.compose.service"}} {{.State.Pid}}'
    lines = output("docker", "inspect", f"--format={form}", *ids.split()).splitlines()
    return [(service, int(pid)) for service, pid in map(str.split, lines)]


def output(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def children_by_parent() -> dict[int, list[int]]:
    found = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "status").read_text()
        except OSError:
            continue  # it has ended
        if parent := re.search(r"^PPid:\t(\d+)$", status, re.MULTILINE):
            found[int(parent[1])].append(int(folder.name))
    return found


def tree(pid: int, children: dict[int, list[int]]) -> list[int]:
    return [pid, *(below for child in children[pid] for below in tree(child, children))]


def pss(pid: int) -> int:
    """In kB."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()

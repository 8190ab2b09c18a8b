"""The faults of the table in docs/chaos.md: each is caused on a portal of three hosts at work."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.cluster import Cluster, wait_for
from bench.fault_names import AWAY, NAMES
from bench.trial import PATIENCE, Ground, Ledger, Probe, Tally, Watcher, patiently, unfinished
from bench.visitor import Visitor, WebAnswer
from reports.models import Rendition
from scripts.shifted_clock import compile_shim, set_clock


@dataclass
class Row:
    """A line of the table."""

    fault: str
    seen: str
    recovered: str
    lost: str
    is_sound: bool = True

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass
class Trial:
    """A cluster at work, the people on it, and how a fault is played on it."""

    cluster: Cluster
    ground: Ground
    visitor: Visitor

    def play(
        self,
        fault: str,
        cause: Callable[[], None],
        *,
        probes: list[Probe] | None = None,
        remark: Callable[[Tally], str] = lambda _outcome: "",
    ) -> Row:
        """Ask for documents, cause the fault while people work, and see what came of it."""
        print(f"  {fault} …", file=sys.stderr, flush=True)
        patiently(self.ground.forget)
        ledger = Ledger()
        for _ in range(4):
            self.ground.ask(self.visitor)
        watch = Watcher(self.probes() if probes is None else probes)
        watch.start()
        cause()
        ended = time.monotonic()
        good = self._wait_until_good(watch, ended)
        watch.stop()
        done = self._wait_until_done(ended, ledger)
        outcome: Tally = patiently(ledger.outcome)
        return self._row(fault, watch, good, done, outcome, remark(outcome))

    def _wait_until_good(self, watch: Watcher, ended: float) -> float | None:
        while (good := watch.all_good_since(ended)) is None:
            if time.monotonic() > ended + PATIENCE:
                return None
            time.sleep(0.2)
        return good - ended

    def _wait_until_done(self, ended: float, ledger: Ledger) -> float | None:
        while patiently(unfinished):
            patiently(ledger.look)
            if time.monotonic() > ended + PATIENCE:
                return None
            time.sleep(0.3)
        return time.monotonic() - ended

    def _row(
        self,
        fault: str,
        watch: Watcher,
        good: float | None,
        done: float | None,
        outcome: Tally,
        remark: str,
    ) -> Row:
        pages = "not" if good is None else f"{good:.0f} s"
        documents = "not" if done is None else f"{done:.0f} s"
        failed = ", ".join(f"{count} {reason}" for reason, count in outcome.failed.items())
        counts = f"{outcome.ready} of {outcome.documents} documents, {outcome.twice} made twice"
        words = "; ".join(part for part in (counts, failed, remark) if part)
        sound = good is not None and done is not None and outcome.is_whole
        return Row(fault, watch.seen(), f"pages {pages}, documents {documents}", words, sound)

    def probes(self) -> list[Probe]:
        """What people do meanwhile: read, sign in, ask for documents, download one."""
        return [
            Probe("page", lambda: self.visitor.get("/projects/")),
            Probe("sign-in", self._sign_in, (302,)),
            Probe("download", self._download),
            Probe("request", self._ask, (302,)),
        ]

    def _sign_in(self) -> WebAnswer:
        return self.ground.visitor().sign_in(self.ground.coordinator)

    def _ask(self) -> WebAnswer:
        """Every six seconds, so that the workers keep up; one that failed is repeated at once."""
        if time.monotonic() < self.next_request:
            return WebAnswer(302)
        answer = self.ground.ask(self.visitor)
        if answer.status == 302:
            self.next_request = time.monotonic() + 6
        return answer

    def _download(self) -> WebAnswer:
        return self.visitor.get(f"/documents/{self.kept}/download/")

    next_request: float = 0
    kept: int = 0  # a document that is there from the beginning

    def keep_one(self) -> None:
        """Have a final document made, which is downloaded during each fault."""
        wait_for(
            lambda: Rendition.objects.ready().filter(snapshot__is_final=True).exists(), "a document"
        )
        self.kept = Rendition.objects.ready().filter(snapshot__is_final=True)[0].pk


def database_killed(trial: Trial) -> Row:
    def cause() -> None:
        trial.cluster.database.kill()
        trial.cluster.database.start()

    return trial.play(NAMES["database-killed"], cause)


def database_away(trial: Trial) -> Row:
    def cause() -> None:
        trial.cluster.database.kill()
        time.sleep(AWAY)
        trial.cluster.database.start()

    return trial.play(NAMES["database-away"], cause)


def broker_killed(trial: Trial) -> Row:
    def cause() -> None:
        trial.cluster.broker.kill()
        trial.cluster.broker.start()

    return trial.play(NAMES["broker-killed"], cause)


def broker_away(trial: Trial) -> Row:
    def cause() -> None:
        trial.cluster.broker.kill()
        time.sleep(AWAY)
        trial.cluster.broker.start()

    return trial.play(NAMES["broker-away"], cause)


def storage_away(trial: Trial) -> Row:
    storage = trial.cluster.storage

    def cause() -> None:
        assert storage.process
        storage.process.send_signal(signal.SIGUSR1)
        time.sleep(AWAY)
        storage.process.send_signal(signal.SIGUSR2)

    return trial.play(NAMES["storage-away"], cause)


def renderer_killed(trial: Trial) -> Row:
    """As the kernel does where memory runs out: the processes that render, not the workers. Those of
    two documents: one that is killed again when it is tried again has failed for good."""

    workers = [host.running["worker"].process.pid for host in trial.cluster.hosts]

    def cause() -> None:
        until = time.monotonic() + 120
        while True:
            if time.monotonic() > until:
                raise SystemExit("No two renderers were seen at work.")
            if not unfinished():
                for _host in workers:
                    trial.ground.ask(trial.visitor)
            busy = [found[0] for worker in workers if (found := renderers_of(worker))]
            if len(busy) >= 2:
                break
            time.sleep(0.01)
        for pid in busy[:2]:
            os.kill(pid, signal.SIGKILL)

    return trial.play(NAMES["memory"], cause)


def renderers_of(worker: int) -> list[int]:
    """Return the processes that render a document now: grandchildren, since each is forked."""
    return [pid for child in children(worker) for pid in children(child)]


def children(parent: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{parent}/task").iterdir())
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    except OSError:
        return []


def host_cut(trial: Trial) -> Row:
    """In the middle of a document; its lease runs out meanwhile, and it comes back."""
    host = trial.cluster.hosts[1]

    def cause() -> None:
        worker = host.running["worker"].process.pid
        wait_for(lambda: bool(renderers_of(worker)) or not unfinished(), "a render", 60)
        host.cut()
        time.sleep(AWAY)
        host.mend()

    return trial.play(NAMES["cut"], cause)


def clock_jumps(trial: Trial) -> Row:
    """Of one host, an hour ahead and then an hour back, while it works."""
    name = NAMES["clock"]
    host, offset = trial.cluster.hosts[1], trial.cluster.folder / "clock"
    with_shim = compile_shim(trial.cluster.folder)
    if not with_shim:
        return Row(name, "not played: there is no C compiler", "–", "–", False)
    host.kill()
    host.more = with_shim
    host.start("web", "worker", "mailer", "beat")
    host.wait()

    def cause() -> None:
        for seconds in (3600, -3600):
            set_clock(offset, seconds)
            time.sleep(AWAY / 2)
        set_clock(offset, 0)

    row = trial.play(name, cause)
    host.kill()
    host.more = {}
    host.start("web", "worker", "mailer", "beat")
    host.wait()
    return row


@contextmanager
def processes_of(trial: Trial, name: str) -> Iterator[None]:
    """Without the processes of that name on any host."""
    for host in trial.cluster.hosts:
        host.kill(name)
    try:
        yield
    finally:
        for host in trial.cluster.hosts:
            host.start(name)

"""Workers of Celery: `python -m ibcr_portal.worker --queues=sweeps,celery`.

The command `celery` would import a shell and what colours its words, which take 9 MB in each process.
With `--queues` given twice there are two workers, so that none waits for the other's work. They are
copies of one process that imported the portal, which spares 60 MB.
"""

import argparse
import gc
import multiprocessing
import signal
import sys
import time
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess

from celery.utils.nodenames import host_format
from celery.worker.control import inspect_command

from ibcr_portal.celery import app
from ibcr_portal.observing import clocks


@inspect_command(name=clocks.ASK)
def tell_time(state: object) -> float:
    return time.time()


def main() -> None:
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--queues", required=True, action="append")
    options.add_argument("--loglevel", default="INFO")
    options.add_argument("--hostname", help="Its name, where the machine has others.")
    given = options.parse_args()
    run = work if len(given.queues) == 1 else work_apart
    run(given.queues, given.loglevel, given.hostname or "@%h")


def work(queues: list[str], loglevel: str, hostname: str) -> None:
    name = queues[0].replace(",", "-") if hostname.startswith("@") else ""
    worker = app.Worker(
        hostname=host_format(f"{name}{hostname}"),
        queues=queues[0],
        loglevel=loglevel,
        pool_cls="solo",
        quiet=True,
        # Workers find their work in the database, and need no word of one another.
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    sys.exit(worker.exitcode)


def work_apart(groups: list[str], loglevel: str, hostname: str) -> None:
    """Run a worker for each group of queues until one of them ends. The others end with it: whoever
    started this process starts all of them again."""
    app.loader.init_worker()
    app.finalize()
    gc.collect()
    gc.freeze()  # the collector would write into memory that the copies share
    fork = multiprocessing.get_context("fork")
    host = f"@{hostname.rpartition('@')[2]}"
    workers = [fork.Process(target=work, args=([queues], loglevel, host)) for queues in groups]
    for worker in workers:
        worker.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop(workers))
    wait([worker.sentinel for worker in workers])
    stop(workers)
    for worker in workers:
        worker.join()
    sys.exit(max(abs(worker.exitcode or 0) for worker in workers))


def stop(workers: list[ForkProcess]) -> None:
    """Ask them to finish what they have in hand."""
    for worker in workers:
        if worker.is_alive():
            worker.terminate()


if __name__ == "__main__":
    main()

"""A worker of Celery: `python -m ibcr_portal.worker --queues=celery`.

The command `celery` would import a shell and what colours its words, which take 9 MB in each process.
"""

import argparse
import sys

from celery.utils.nodenames import host_format

from ibcr_portal.celery import app


def main() -> None:
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--queues", required=True)
    options.add_argument("--loglevel", default="INFO")
    options.add_argument("--hostname", help="Its name, where the machine has others.")
    given = options.parse_args()
    worker = app.Worker(
        hostname=given.hostname or host_format(f"{given.queues.replace(',', '-')}@%h"),
        queues=given.queues,
        loglevel=given.loglevel,
        pool_cls="solo",
        quiet=True,
        # Workers find their work in the database, and need no word of one another.
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    sys.exit(worker.exitcode)


if __name__ == "__main__":
    main()

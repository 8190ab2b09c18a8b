"""How gunicorn serves the portal (`--config=python:ibcr_portal.web_server`), in the container and
under `manage.py portal`; the size of bodies is limited by `ibcr_portal.body_limit`."""

import gc
import os
import shutil
import tempfile
from typing import Any

import gunicorn

# The header Server says no more than that, so nobody looks up what the server is known to lack.
gunicorn.SERVER = "portal"

wsgi_app = "ibcr_portal.wsgi:application"
worker_class = "gthread"
workers = 2
# The first process reads the portal, and the others begin as copies of it, which share its memory.
preload_app = True
logger_class = "ibcr_portal.web_log.WebLogger"
control_socket_disable = True  # it would open one in the home folder
limit_request_fields = 50  # a browser sends twenty, a proxy adds five
# Proxies keep connections for one or two minutes (nginx 60 s, Traefik 90 s, Caddy 120 s). The side
# that asks has to close first: else it may ask just when this one closes, and answers with 502.
keepalive = 130
graceful_timeout = 60  # for uploads and downloads on their way when it is stopped


def on_starting(server: Any) -> None:
    """Where there are figures for Prometheus, each process counts in a file of this folder, and
    whichever is asked adds them up."""
    if os.environ.get("METRICS_TOKEN") or os.environ.get("METRICS_TOKEN_FILE"):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="portal-metrics-")


def on_exit(server: Any) -> None:
    if folder := os.environ.pop("PROMETHEUS_MULTIPROC_DIR", ""):
        shutil.rmtree(folder, ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from ibcr_portal.observing import counters  # noqa: PLC0415  (nothing of Django is needed else)

        try:
            counters.add_up(worker.pid)
        except Exception:  # a full disk, a broken file: gunicorn would end all processes for it
            server.log.exception("What process %s counted is lost", worker.pid)


def when_ready(server: Any) -> None:
    """Read the views as well, before the first copy is made; and let the collector of garbage,
    which writes into all that it looks at, never look at what is shared, and less often at the
    rest: a page makes thousands of objects and no cycles worth a search."""
    from django.urls import get_resolver  # noqa: PLC0415  (Django is set up by now)

    from ibcr_portal.observing import counters  # noqa: PLC0415  (likewise)

    get_resolver().reverse_dict  # noqa: B018  (it reads all addresses with their views)
    counters.load()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)

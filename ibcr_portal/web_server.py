"""How gunicorn serves the portal (`--config=python:ibcr_portal.web_server`), in the container and
under `manage.py portal`; the size of bodies is limited by `ibcr_portal.body_limit`."""

import gc
from typing import Any

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


def when_ready(server: Any) -> None:
    """Read the views as well, before the first copy is made; and let the collector of garbage,
    which writes into all that it looks at, never look at what is shared, and less often at the
    rest: a page makes thousands of objects and no cycles worth a search."""
    from django.urls import get_resolver  # noqa: PLC0415  (Django is set up by now)

    get_resolver().reverse_dict  # noqa: B018  (it reads all addresses with their views)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)

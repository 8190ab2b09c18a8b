"""How the portal writes its log: one line for an event, without the tokens of links."""

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured

JSON, CONSOLE = "json", "console"
# An event each: a page that was answered, a task that was done. On a terminal they would hide the rest.
EVENTS = ("portal.web", "portal.task")
# The last two: what the admin does not take as a filter or a field.
REFUSING = (
    "django.request",
    "django.security.DisallowedModelAdminLookup",
    "django.security.DisallowedModelAdminToField",
)
TALKATIVE = {
    "weasyprint": "ERROR",
    "fontTools": "ERROR",
    "pypdf": "CRITICAL",  # a line for each fault of a file that somebody uploads
    # They have a line of ours instead, with its duration.
    "celery.worker.strategy": "WARNING",
    "celery.app.trace": "WARNING",
}


def log_format() -> str:
    """Lines of JSON for machines in production, words for people where somebody looks on. The web
    server asks before there are settings."""
    default = CONSOLE if os.environ.get("PORTAL_EMBEDDED") == "1" else JSON
    value = os.environ.get("LOG_FORMAT") or default
    if value not in {JSON, CONSOLE}:
        raise ImproperlyConfigured(f"LOG_FORMAT is {value!r}: write json or console.")
    return value


def log_settings(level: str) -> dict[str, Any]:
    as_json = log_format() == JSON
    events = level if as_json or level == "DEBUG" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "ibcr_portal.middleware.RequestIdFilter"},
            "refusals": {"()": "kernel.logs.RequestFilter"},
        },
        "formatters": {
            "line": {
                "()": "kernel.logs.MaskingFormatter",
                "fmt": "%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s",
            },
            "json": {"()": "kernel.logs.JsonFormatter"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "filters": ["request_id"],
                "formatter": "json" if as_json else "line",
            }
        },
        "root": {"handlers": ["console"], "level": level},
        # The root handler has them; Django's own would mail administrators and repeat lines.
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            **{name: {"filters": ["refusals"]} for name in REFUSING},
            "django.server": {"handlers": ["console"], "propagate": False},
            **{name: {"level": least} for name, least in TALKATIVE.items()},
            **{name: {"level": events} for name in EVENTS},
        },
    }

"""How the portal writes its log: one line for an event, without the tokens of links."""

from typing import Any


def log_settings(level: str) -> dict[str, Any]:
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
            }
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "filters": ["request_id"],
                "formatter": "line",
            }
        },
        "root": {"handlers": ["console"], "level": level},
        # The root handler has them; Django's own would mail administrators and repeat lines.
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.request": {"filters": ["refusals"]},
            "django.server": {"handlers": ["console"], "propagate": False},
            "weasyprint": {"level": "ERROR"},
            "fontTools": {"level": "ERROR"},
        },
    }

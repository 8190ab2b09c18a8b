"""The version of the portal, which is written in pyproject.toml alone."""

import tomllib

from django.conf import settings


def read_version() -> str:
    text = (settings.BASE_DIR / "pyproject.toml").read_text("utf-8")
    return str(tomllib.loads(text)["project"]["version"])


VERSION = read_version()

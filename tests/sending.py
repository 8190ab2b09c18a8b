"""Forms as a browser sends them."""

from typing import Any

from kernel.stamps import STAMP


def sent_form(kind: Any, typed: dict[str, Any], files: Any = None, **given: Any) -> Any:
    """A form with what was typed, and with the stamp of its page."""
    if "instance" in given:
        given["instance"].refresh_from_db()  # without what an earlier form wrote into it
    page = kind(**given)
    seen = {STAMP: page[STAMP].value()} if STAMP in page.fields else {}
    return kind(typed | seen, files, **given)

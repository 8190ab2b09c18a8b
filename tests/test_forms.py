"""Every page with a form against the table in `tests/forms.csv`: nothing overwritten, nothing twice.

`edit`: the form carries the stamp of what it showed. `own`: it has a mark of its own, which the
column `how` names. `create`, `step`, `delete`: it shows nothing that is stored, and its entry key is
enough. All of them have the entry key, which is the CSRF token (`kernel.sent_forms`).

A page that is not in the table fails, and so does a form over rows without a stamp.
`tests/test_twice.py` opens the pages and presses twice.
"""

import csv
import inspect
import re
from pathlib import Path

from django import forms
from django.urls import URLPattern, URLResolver, get_resolver

from kernel.stamps import StampedForm
from tests.test_access import ELSEWHERE, OURS

TABLE = Path(__file__).parent / "forms.csv"
KINDS = {"edit", "own", "create", "step", "delete"}
# Forms over rows with a mark of their own.
OWN = {
    "FundingTypesForm": "the fingerprint of the whole page of classification",
    "ReportSectionForm": "the version of the section",
}


def pages(resolver=None, prefix=""):
    """Every view of ours by the name of its address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver) and pattern.namespace != "admin":
            below = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from pages(pattern, below)
        elif isinstance(pattern, URLPattern) and pattern.name:
            name = f"{prefix}{pattern.name}"
            if not name.startswith(ELSEWHERE):
                yield name, pattern.callback


def takes_a_form(view) -> bool:
    """Whether it is a page with a form, or a press that reads one."""
    if getattr(view, "has_form", False):
        return True
    inner = inspect.unwrap(view)
    source = inspect.getsource(inner) if inner.__module__.startswith(OURS) else ""
    return "@require_POST" in source and bool(re.search(r"[Ff]orm\(", source))


def table() -> dict[str, dict[str, str]]:
    with TABLE.open(newline="") as file:
        return {row.pop("address"): row for row in csv.DictReader(file)}


def test_every_page_with_a_form_is_in_the_table():
    known = table()

    assert {name for name, view in pages() if takes_a_form(view)} == set(known)
    assert {row["kind"] for row in known.values()} == KINDS
    assert all((row["kind"] == "own") == bool(row["how"]) for row in known.values())


def test_every_page_that_takes_a_post_is_a_form_or_a_press():
    """Whoever writes another way to take a POST lets a form pass by the entry key."""
    other = re.compile(r"require_http_methods|csrf_exempt\n@login|request\.method == .POST.")

    def passes(view):
        inner = inspect.unwrap(view)
        return (
            inner.__module__.startswith(OURS)
            and not getattr(view, "has_form", False)
            and bool(other.search(inspect.getsource(inner)))
        )

    # It saves nothing, and reads a file as it arrives, before any token.
    assert {name for name, view in pages() if passes(view)} == {"reports:verify"}


def test_every_form_over_a_row_carries_a_stamp():
    def below(form):
        for kind in form.__subclasses__():
            yield kind
            yield from below(kind)

    list(pages())  # imports all forms
    ours = {kind for kind in below(forms.ModelForm) if kind.__module__.startswith(OURS)}
    stamped = {kind for kind in ours if issubclass(kind, StampedForm)}

    assert {kind.__name__ for kind in ours - stamped} == set(OWN)
    assert len(stamped) > 50

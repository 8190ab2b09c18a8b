"""What tests of many pages share: the methods that a page takes, and what is locked while it saves."""

import re
from dataclasses import dataclass, field

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

READ, SAVE, PRESS = "GET, HEAD", "GET, HEAD, POST", "POST"


def methods_of(patterns, namespace, **known):
    """By the name of each page the methods that its view takes, as it says where it refuses another. No
    other than these three comes through to a view."""
    found = {}
    for pattern in patterns:
        values = {name: known.get(name, 1) for name in pattern.pattern.converters}
        url = reverse(f"{namespace}:{pattern.name}", kwargs=values)
        view, _positional, given = resolve(url)
        answer = view(RequestFactory().put(url), **given)
        found[pattern.name] = answer.headers.get("Allow", f"answers {answer.status_code}")
    return found


@dataclass
class Written:
    """The tables of which rows were locked, and those written to outside of a transaction."""

    locked: set[str] = field(default_factory=set)
    loose: set[str] = field(default_factory=set)


def written_by(action):
    """Run the action; say what it locked. A lock outside of a transaction counts as none."""
    if connection.vendor != "postgresql":
        pytest.skip("rows are locked on PostgreSQL alone")
    written, open_savepoints = Written(), set()
    with CaptureQueriesContext(connection) as caught:
        answer = action()
    for sql in (query["sql"] for query in caught):
        if begun := re.match(r"SAVEPOINT (\S+)", sql):
            open_savepoints.add(begun[1])
        elif ended := re.match(r"RELEASE SAVEPOINT (\S+)", sql):
            open_savepoints.discard(ended[1])
        elif "FOR UPDATE" in sql and open_savepoints:
            written.locked.add(re.search(r'FROM "(\w+)"', sql)[1])
        elif (change := re.match(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', sql)) and (
            not open_savepoints
        ):
            written.loose.add(change[1])
    written.loose -= {"django_session", "accounts_accessevent"}
    return answer, written


def said(answer):
    """The sentences that the next page shows."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def labels(crumbs):
    return [str(crumb.label) for crumb in crumbs]

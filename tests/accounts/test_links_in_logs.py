"""Every kind of link is opened, mistyped and made to fail, and no log gives its token away."""

import io
import logging
from copy import deepcopy
from logging.config import DictConfigurator

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.test_access import Scene, addresses, close

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """What a handler writes that is made as the settings say."""
    made = DictConfigurator(deepcopy(settings.LOGGING))
    handler = logging.StreamHandler(stream := io.StringIO())
    handler.setFormatter(made.configure_formatter(made.config["formatters"]["line"]))
    handler.addFilter(made.configure_filter(made.config["filters"]["request_id"]))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def broken(execute, sql, params, many, context):
    raise DatabaseError(f"no connection for {params}")


def test_no_kind_of_link_is_in_the_log(log):
    scene = Scene()
    client = Client(raise_request_exception=False)
    kinds = [
        (name, scene.arguments(name, converters))
        for name, converters in addresses()
        if "token" in converters
    ]
    assert len(kinds) > 20

    opened = 0
    for name, arguments in kinds:
        token = arguments["token"]
        url = reverse(name, kwargs=arguments)
        mistyped = reverse(name, kwargs=arguments | {"token": token[:-4]})
        with transaction.atomic():
            answers = [client.get(url), client.post(url), client.get(mistyped)]
            with connection.execute_wrapper(broken):
                answers.append(client.get(url, headers={"referer": f"http://localhost:8000{url}"}))
            transaction.set_rollback(True)
        for answer in answers:
            close(answer)
        read, posted, unknown, failed = (answer.status_code for answer in answers)
        assert (unknown, failed) == (404, 500), name
        assert {read, posted} <= {200, 302, 404, 405}, name
        opened += read == 200

    # The document of the shared link is not final, so that its two addresses open nothing.
    assert opened == len(kinds) - 2
    said = log.getvalue()
    tokens = {arguments["token"] for _name, arguments in kinds}
    assert [token for token in tokens if token[:-4] in said] == []
    assert said.count("Internal Server Error: ") == len(kinds)
    assert "***" in said

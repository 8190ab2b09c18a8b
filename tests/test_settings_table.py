"""docs/operations/settings.md and `.env.example` name what the code reads, and nothing else."""

import ast
import re

import pytest
from django.conf import settings

from scripts import settings_table
from tests.test_settings import PRODUCTION


def test_the_table_is_as_make_settings_writes_it():
    assert settings_table.TABLE.read_text("utf-8") == settings_table.table(), "Run: make settings"


def test_the_example_names_every_setting_once_and_no_other():
    secrets = settings_table.in_files()
    named = [
        name.removesuffix("_FILE") if name.removesuffix("_FILE") in secrets else name
        for name in (setting.name for setting in settings_table.settings())
        if not name.startswith(settings_table.OF_A_LIBRARY)
    ]
    found = settings_table.read_by_code().keys() | settings_table.read_by_compose().keys()
    read = {name for name in found if not name.startswith(settings_table.OF_A_LIBRARY)}

    assert len(named) == len(set(named))
    assert set(named) == read


def test_every_setting_says_what_it_means():
    assert [each.name for each in settings_table.settings() if len(each.meaning) < 15] == []


def test_what_is_required_is_what_production_refuses_to_start_without():
    assert set(settings_table.REQUIRED) == set(PRODUCTION)


def test_the_example_proposes_the_default_where_it_is_a_number():
    defaults = {
        name: settings_table.plain(written)
        for name, written in settings_table.read_by_code().items()
        if written
    }
    differing = {
        setting.name: (setting.value, defaults[setting.name])
        for setting in settings_table.settings()
        if not setting.is_filled_in
        and defaults.get(setting.name, "").isdecimal()
        and setting.value != defaults[setting.name]
    }

    assert differing == {}


def test_secrets_that_come_from_files_have_their_file_in_compose_or_none():
    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()
    services, secrets = compose.split("\nsecrets:\n")
    made = re.findall(r"^  (\w+): \{file: secrets/\1\}$", secrets, re.MULTILINE)

    assert {f"/run/secrets/{name}" for name in made} == set(
        re.findall(r"_FILE: (?:\${\w+:-)?(/run/secrets/\w+)", services)
    ) | {f"/run/secrets/{name}" for name in ("owner_password", "redis_password")}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("number('A_B', default=3)", [("A_B", "3")]),
        ("flag('A_B')", [("A_B", "False")]),
        ("os.environ.get('A_B', '')", [("A_B", "")]),
        ("given = os.environ\ngiven.get('A_B', 'x')", [("A_B", "'x'")]),
        ("os.environ['A_B']", [("A_B", "")]),
        ("os.environ['A_B'] = 1", []),
        ("{}.get('A_B')", []),
    ],
)
def test_what_counts_as_reading_a_setting(code, expected):
    assert list(settings_table.names_in(ast.parse(code))) == expected

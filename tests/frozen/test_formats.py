"""Every format that there was has its fixture, and becomes what is composed today."""

import pytest

from kernel.frozen import FORMATS
from tests.frozen.fixtures import beyond, fixtures, numbers, shape_kept

NAMES = sorted(FORMATS)


@pytest.mark.parametrize("name", NAMES)
def test_every_format_has_its_fixture_and_the_present_one_its_description(name):
    every = [*range(1, FORMATS[name].current + 1)]

    assert numbers(name) == every, "Keep a fixture of each format: docs/frozen-content.md."
    assert shape_kept(name)["number"] == every[-1]


@pytest.mark.parametrize(
    ("name", "number"), [(name, number) for name in NAMES for number in numbers(name)]
)
def test_every_fixture_becomes_what_is_composed_today(name, number):
    found = [FORMATS[name].read(content) for content in fixtures(name, number)]

    assert found
    assert beyond(name, found) == []

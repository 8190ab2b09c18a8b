"""What `make freeze` makes of a baseline, before and after it was run."""

import pytest

from scripts import freeze

BASELINE = """\
# Written by `make baseline`, which writes it anew when models have changed.
import farm.baseline


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        *farm.baseline.OPERATIONS,
    ]
"""
FOR_GOOD = """\
# The tables of version 1.0.
import farm.migrations._initial_operations


class Migration(migrations.Migration):

    initial = True

    replaces = [('farm', '0001_baseline_12345678')]

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        *farm.migrations._initial_operations.OPERATIONS,
    ]
"""


@pytest.fixture
def farm(tmp_path, monkeypatch):
    """A project with one app, which has a baseline."""
    folder = tmp_path / "farm" / "migrations"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "0001_baseline_12345678.py").write_text(BASELINE)
    (tmp_path / "farm" / "baseline.py").write_text("OPERATIONS = []\n")
    monkeypatch.setattr(freeze, "ROOT", tmp_path)
    monkeypatch.setattr(freeze, "APPS", ("farm",))
    monkeypatch.setattr(freeze, "LIST", tmp_path / "migrations.sha256")
    return folder


def names(folder):
    return sorted(file.name for file in folder.rglob("*.py"))


def test_a_baseline_gets_a_permanent_name_and_keeps_what_it_runs(farm):
    freeze.name_for_good(farm.parent)

    assert names(farm.parent) == ["0001_initial.py", "__init__.py", "_initial_operations.py"]
    assert (farm / "0001_initial.py").read_text() == FOR_GOOD
    assert (farm / "_initial_operations.py").read_text() == "OPERATIONS = []\n"


def test_what_others_read_of_the_baseline_stays_for_them(farm):
    (farm.parent / "models.py").write_text("from farm.baseline import OPERATIONS\n")

    freeze.name_for_good(farm.parent)

    assert "baseline.py" in names(farm.parent)


def test_what_was_recorded_stays_as_it_was_recorded(farm):
    freeze.name_for_good(farm.parent)
    freeze.record()
    first = freeze.recorded()

    (farm / "0001_initial.py").write_text("changed")
    (farm / "0002_later.py").write_text("new")
    freeze.record()

    assert first.keys() == {
        "farm/migrations/0001_initial.py",
        "farm/migrations/_initial_operations.py",
    }
    assert freeze.recorded().keys() - first.keys() == {"farm/migrations/0002_later.py"}
    assert {name: freeze.recorded()[name] for name in first} == first
    assert freeze.present()["farm/migrations/0001_initial.py"] not in first.values()

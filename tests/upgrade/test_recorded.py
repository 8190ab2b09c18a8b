"""What `scripts/kept_databases.py` records of released migrations, and of which release it keeps a
database."""

import pytest

from scripts import kept_databases


@pytest.fixture
def farm(tmp_path, monkeypatch):
    """A project with one app, which has a migration that was released."""
    folder = tmp_path / "farm" / "migrations"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "0001_initial.py").write_text("released")
    monkeypatch.setattr(kept_databases, "ROOT", tmp_path)
    monkeypatch.setattr(kept_databases, "APPS", ("farm",))
    monkeypatch.setattr(kept_databases, "LIST", tmp_path / "migrations.sha256")
    monkeypatch.setattr(kept_databases, "UPGRADE", tmp_path)
    (tmp_path / "migrations.sha256").touch()
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.3.2"\n')
    (tmp_path / "1.3").mkdir()
    return folder


def test_what_was_recorded_stays_as_it_was_recorded(farm):
    kept_databases.record()
    first = kept_databases.recorded()

    (farm / "0001_initial.py").write_text("changed")
    (farm / "0002_later.py").write_text("new")
    kept_databases.record()

    assert first.keys() == {"farm/migrations/0001_initial.py"}
    assert kept_databases.recorded().keys() - first.keys() == {"farm/migrations/0002_later.py"}
    assert {name: kept_databases.recorded()[name] for name in first} == first
    assert kept_databases.present()["farm/migrations/0001_initial.py"] not in first.values()


def test_new_migrations_are_not_released_without_a_database(farm, tmp_path):
    (tmp_path / "1.3").rmdir()

    with pytest.raises(SystemExit, match="make kept-database"):
        kept_databases.record()

    assert kept_databases.recorded() == {}


def test_a_database_that_is_kept_is_not_written_over(farm, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://nowhere")

    with pytest.raises(SystemExit, match=r"1\.3 is there already"):
        kept_databases.main([])

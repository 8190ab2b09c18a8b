"""The scripts behind `make run`: what they refuse, and what they see without looking at times."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from scripts import machine, run, venv
from scripts.catalogues import LANGUAGES, compile_changed, path

OLD = (1_000_000_000, 1_000_000_000)  # what comes out of an archive may be older than all there is


@pytest.mark.parametrize("port", ["abc", "0", "-1", "65536", "99999", "8000.5"])
def test_a_port_that_does_not_exist_is_refused_in_a_sentence(monkeypatch, port):
    monkeypatch.setenv("PORT", port)

    with pytest.raises(SystemExit) as refused:
        run.refuse_nonsense()

    assert refused.value.code == (
        f"PORT is {port!r}: write a number from 1 to 65535, as in: make run PORT=8001"
    )


def test_who_asks_for_help_is_told_how_it_is_started(monkeypatch):
    monkeypatch.setattr("sys.argv", ["run", "--help"])

    with pytest.raises(SystemExit, match="make run"):
        run.main()


def test_whether_to_load_the_demonstration_is_yes_or_no(monkeypatch):
    monkeypatch.setenv("PORT", "8001")
    monkeypatch.setenv("DEMO", "no")

    with pytest.raises(SystemExit, match=r"make run DEMO=0$"):
        run.refuse_nonsense()


def test_what_was_set_up_is_written_down_for_its_owner_alone(monkeypatch, tmp_path):
    for name in run.KEPT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(run, "SETUP", tmp_path / "var" / "setup.env")
    monkeypatch.setenv("PORTAL_EMBEDDED", "1")
    monkeypatch.setenv("PORT", "8123")

    run.write_setup()

    assert run.SETUP.read_text() == "PORTAL_EMBEDDED=1\nPORT=8123\n"
    assert run.SETUP.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """A project whose lock is installed."""
    monkeypatch.setattr(venv, "ROOT", tmp_path)
    monkeypatch.setattr(venv, "VENV", tmp_path / ".venv")
    lock = venv.lock("base")
    lock.parent.mkdir()
    lock.write_text("django==5.2.1\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "base.txt").write_text("django==5.2.1\n")
    return lock


def test_a_lock_is_installed_again_where_its_content_changed(locked):
    assert venv.is_installed("base")

    locked.write_text("django==5.2.2\n")
    os.utime(locked, OLD)

    assert not venv.is_installed("base")


def test_a_lock_that_was_only_touched_is_installed(locked):
    locked.touch()

    assert venv.is_installed("base")


def test_a_virtual_environment_without_its_python_is_made_again(locked, monkeypatch):
    monkeypatch.setattr(venv, "PYTHON", locked.parent / "gone")

    assert not venv.works()


@pytest.fixture
def catalogues(tmp_path):
    for language in LANGUAGES:
        file = path(tmp_path, language)
        file.parent.mkdir(parents=True)
        file.write_text('msgid "Meeting"\nmsgstr "Réunion"\n', "utf-8")
    return tmp_path


def test_catalogues_are_compiled_where_their_content_changed(catalogues):
    kept = catalogues / "var" / "catalogues"
    compiled = path(catalogues, "fr").with_suffix(".mo")
    compile_changed(catalogues, kept)
    assert "Réunion".encode() in compiled.read_bytes()
    first = compiled.stat().st_mtime_ns

    compile_changed(catalogues, kept)
    assert compiled.stat().st_mtime_ns == first

    path(catalogues, "fr").write_text('msgid "Meeting"\nmsgstr "Séance"\n', "utf-8")
    os.utime(path(catalogues, "fr"), OLD)
    compile_changed(catalogues, kept)
    assert "Séance".encode() in compiled.read_bytes()


def test_catalogues_that_were_taken_away_are_compiled(catalogues):
    kept = catalogues / "var" / "catalogues"
    compile_changed(catalogues, kept)
    path(catalogues, "es").with_suffix(".mo").unlink()

    compile_changed(catalogues, kept)

    assert path(catalogues, "es").with_suffix(".mo").exists()


def test_a_machine_without_apt_get_fetches_nothing_and_goes_on(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine, "ROOT", tmp_path)

    machine.install(["libpango-1.0-0"])
    with machine.fetched(["libpango-1.0-0"]) as tree:
        assert list(tree.iterdir()) == []

    assert list((tmp_path / "var").iterdir()) == []
    assert capsys.readouterr().out == ""


def test_the_scripts_need_nothing_but_the_standard_library():
    code = (
        "import sys; sys.path = [sys.path[0], *(p for p in sys.path if 'site-packages' not in p)]"
    )
    imported = subprocess.run(
        [sys.executable, "-S", "-c", f"{code}; import scripts.run"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )

    assert (imported.returncode, imported.stderr) == (0, "")

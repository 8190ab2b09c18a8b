"""What the machine has of the libraries that shape letters, and what is said where it has not."""

import shutil

import pytest
from django.core.checks import Warning, run_checks

from ibcr_portal.management.commands.portal import greeting
from reports import libraries


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    folder = tmp_path / "fetched"
    monkeypatch.setattr(libraries, "FETCHED", folder)
    return folder


def test_a_machine_that_has_them_is_told_nothing():
    assert libraries.ask().missing == []
    assert [message for message in run_checks() if message.id == "portal.W001"] == []


def test_what_is_missing_is_a_warning_in_one_line_and_stops_nothing(unreadable_libraries):
    found = [message for message in run_checks() if message.id == "portal.W001"]

    assert found == [
        Warning(
            "PDF documents cannot be made before Pango, HarfBuzz and Fontconfig are installed; on "
            "Debian or Ubuntu: sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz0b libfontconfig1",
            id="portal.W001",
        )
    ]


def test_the_portal_says_below_its_address_what_documents_need(db, unreadable_libraries):
    assert libraries.ask().advice in greeting()


def test_the_library_that_weasyprint_does_without_is_never_missing(tmp_path, monkeypatch):
    (tmp_path / "libharfbuzz-subset.so.0").write_text("no library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))

    found = libraries.ask()

    assert found.missing == []
    assert [name.split()[0] for name in found.versions] == ["pango", "harfbuzz"]


def test_fetched_libraries_are_found_behind_those_of_the_environment(fetched, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/somebody/lib")

    assert libraries.environment() == {"LD_LIBRARY_PATH": "/opt/somebody/lib"}
    fetched.mkdir()
    assert libraries.environment() == {"LD_LIBRARY_PATH": f"/opt/somebody/lib:{fetched}"}


def test_what_was_fetched_may_be_left_out_of_account(fetched, monkeypatch):
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    fetched.mkdir()
    (fetched / "libfontconfig.so.1").write_text("no library")

    # PangoFT2 needs Fontconfig itself.
    assert libraries.ask().missing == ["libpangoft2-1.0-0", "libfontconfig1"]
    assert libraries.ask(with_fetched=False).missing == []
    shutil.rmtree(fetched)
    assert libraries.ask().missing == []

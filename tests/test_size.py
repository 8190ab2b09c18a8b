"""The ceilings of the code: what counts, and what is refused."""

from collections import Counter
from pathlib import Path

import pytest

from scripts import size

SOURCE = '''"""What it is about."""

import os
from pathlib import (
    Path,
)

# Why.
ROOT = Path(
    os.sep
)


def name() -> str:
    """What it returns."""
    return ROOT.name  # here
'''


def test_imports_docstrings_comments_and_empty_lines_are_no_code():
    assert size.lines_of_code(SOURCE) == 5


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("committees/minutes/views/text.py", "committees/minutes"),
        ("committees/apps.py", "committees"),
        ("manage.py", "manage.py"),
    ],
)
def test_a_file_belongs_to_the_subject_whose_folder_it_is_in(path, subject):
    assert size.subject_of(Path(path)) == subject


def test_a_subject_above_its_ceiling_and_one_without_are_refused():
    sizes = Counter({"old": 101, "new": 30, "small": 10})

    above, without = size.too_large(sizes, {"old": 100, "small": 100})

    assert above.startswith("old has 101 lines of code, and its ceiling is 100.")
    assert without.startswith("new has no ceiling. Enter 50")


def test_ceilings_only_fall(tmp_path, monkeypatch):
    file = tmp_path / "ceilings.toml"
    file.write_text('# Lines.\n"grown" = 100\n"fallen" = 100  # kept\n"gone" = 50\n')
    monkeypatch.setattr(size, "CEILINGS", file)

    size.write_ceilings({"grown": 125, "fallen": 75}, size.read_ceilings())

    assert file.read_text() == '# Lines.\n"grown" = 100\n"fallen" = 75  # kept\n'

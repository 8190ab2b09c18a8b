"""Another donor names and numbers its levels otherwise: a file says it, no code."""

from types import SimpleNamespace

import pytest
from django.utils.translation import override
from hypothesis import given, strategies as st

from projects.framework.numbering import NoCodeLeft, next_code, renumbering
from projects.framework.tree import Node
from projects.models import Result
from projects.presets import PresetError, choices, preset, presets, read_preset
from tests.factories import ProjectFactory, ResultFactory

OURS = """
name = { fr = "Fondation", en = "Foundation" }
fiscal_year_starts = 7

[[level]]
key = "intermediate"
code = "B{n}"
singular = { fr = "But", en = "Purpose" }
plural = { fr = "Buts", en = "Purposes" }

[[level]]
key = "output"
parent = "intermediate"
code = "{parent}-{n}"
singular = { fr = "Livrable" }
plural = { fr = "Livrables" }

[[level]]
key = "activity"
parent = "output"
code = "{parent}.{n}"
singular = { fr = "Tâche" }
plural = { fr = "Tâches" }
"""


def test_our_presets_number_as_their_donors_do():
    assert {key: each.first_codes() for key, each in presets().items()} == {
        "gac": ["1000", "1100", "1110", "1111"],
        "eu": ["OG", "OC1", "OP1.1"],
    }
    assert next(preset("gac").activity.codes_below("1111")) == "1111.1"


def test_names_are_in_the_language_of_the_reader():
    with override("es"):
        assert preset("gac").level_name("immediate") == "Resultado inmediato"
        assert choices() == [("gac", "Asuntos Mundiales Canadá"), ("eu", "Unión Europea")]


def test_another_file_is_another_donor(tmp_path):
    path = tmp_path / "fondation.toml"
    path.write_text(OURS, encoding="utf-8")

    found = read_preset(path)

    with override("en"):
        assert [level.name for level in found.levels] == ["Purpose", "Livrable", "Tâche"]
    assert (found.key, found.fiscal_year_starts) == ("fondation", 7)
    assert found.first_codes() == ["B1", "B1-1"]
    assert [level.key for level in found.below("intermediate")] == ["output"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('parent = "output"', 'parent = "immediate"'),  # no such level
        ('key = "output"', 'key = "deliverable"'),  # which pages and constraints do not know
        ("B{n}", "B{serial}"),
        ("fiscal_year_starts = 7", "fiscal_year_starts = 13"),
        ("[[level]]", "[[level]"),
        ('singular = { fr = "But", en = "Purpose" }', ""),
    ],
)
def test_a_file_that_says_too_little_or_nonsense_is_named(tmp_path, old, new):
    path = tmp_path / "fondation.toml"
    path.write_text(OURS.replace(old, new), encoding="utf-8")

    with pytest.raises(PresetError, match=r"^fondation\.toml: "):
        read_preset(path)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "level", "parent", "taken", "expected"),
    [
        ("gac", "ultimate", "", [], "1000"),
        ("gac", "intermediate", "1000", ["1000"], "1100"),
        ("gac", "intermediate", "", [], "1100"),
        ("gac", "immediate", "1200", ["1210", "1230"], "1240"),  # a gap may have been cited
        ("gac", "output", "1119", ["1111"], "1112"),
        ("gac", "output", "1110", [f"111{n}" for n in range(2, 10)], "1111"),
        ("gac", "output", "1110", [f"111{n}" for n in range(1, 10)], ""),
        ("gac", "activity", "1111", ["1111.9"], "1111.10"),
        ("eu", "ultimate", "", ["OG"], ""),
        ("eu", "intermediate", "OG", ["OC1", "OC2"], "OC3"),
        ("eu", "output", "OC12", [], "OP12.1"),
        ("eu", "immediate", "", [], ""),
    ],
)
def test_the_next_code_is_the_one_behind_the_last(key, level, parent, taken, expected):
    project = ProjectFactory(preset=key)
    for code in taken:
        ResultFactory(project=project, code=code)

    assert next_code(project, level, Result(code=parent) if parent else None) == expected


def node(level, code, *children, indicators=()):
    """A result that is in no database."""
    standing = [SimpleNamespace(indicator=SimpleNamespace(pk=1, code=each)) for each in indicators]
    return Node(Result(level=level, code=code), standing, list(children))


def test_indicators_follow_the_code_of_their_result():
    tree = [node("ultimate", "1000", node("intermediate", "B", indicators=["B.1", "other"]))]

    changes = renumbering(preset("gac"), tree)

    assert [(each.old, each.new) for each in changes] == [("B", "1100"), ("B.1", "1100.1")]


def test_a_numbering_says_where_it_ends():
    outputs = [node("output", f"x{n}") for n in range(10)]
    tree = [node("ultimate", "1000", node("intermediate", "1100", node("immediate", "", *outputs)))]

    with pytest.raises(NoCodeLeft, match="1110"):
        renumbering(preset("gac"), tree)


LEAVES = st.integers(0, 9)
TREES = st.lists(st.lists(LEAVES, max_size=4), min_size=1, max_size=4)


@given(TREES, st.booleans())
def test_renumbered_codes_are_unique_and_stay(shape, has_a_top):
    """Whatever the shape, and with intermediate outcomes that belong to nothing yet."""
    outcomes = [
        node(
            "intermediate",
            "?",
            *(node("immediate", "?", *(node("output", "?") for _ in range(n))) for n in below),
        )
        for below in shape
    ]
    tree = [node("ultimate", "?", *outcomes[1:]), outcomes[0]] if has_a_top else outcomes

    for change in renumbering(preset("gac"), tree):
        change.thing.code = change.new

    codes = [each.result.code for root in tree for each in root.walk()]
    assert len(set(codes)) == len(codes)
    assert renumbering(preset("gac"), tree) == []

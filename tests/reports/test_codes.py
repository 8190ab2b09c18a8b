"""The codes of a text: how they are read, and that taking one out leaves no trace."""

import time

import pytest
from hypothesis import given, strategies as st

from reports.evidence import LETTERS, CitationCode, codes_in, no_codes_in, tokens_in, with_citations

PIECES = st.sampled_from(
    [
        *("[[", "]]", "[", "]", "|", "I", "D ", "[[I 1.1]]", "[[D 2020-03|la décision]]"),
        *("(", ")", ", ", " et ", "**", "- ", "\n", "`", "\\", " ", "[[x]]", "[[ i 2 ]]", "é"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))
KEYS = st.text(
    st.characters(exclude_characters="[]|\\\r\n", categories=["L", "N", "P"]), min_size=1
)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("[[I 1110.1]]", [CitationCode("indicator", "1110.1")]),
        ("[[D 2020-03|la décision]]", [CitationCode("resolution", "2020-03", "la décision")]),
        ("a [[ k  4 ]] b", [CitationCode("risk", "4")]),
        ("[[I 1100/1100.1]]", [CitationCode("indicator", "1100/1100.1")]),
        ("[[T #12]]", [CitationCode("activity", "#12")]),
        (r"| [[R 1100\|le résultat]] |", [CitationCode("result", "1100", "le résultat")]),
        ("[[[M 2]]]", [CitationCode("amendment", "2")]),
        ("[[X 12]] [[I]] [[I1]] [[I 1] ] [I 1] [[I 1\n2]]", []),
    ],
)
def test_a_code_is_read_as_it_was_meant(text, codes):
    assert codes_in(text) == codes


def test_each_kind_has_its_letter():
    text = " ".join(f"[[{letter} 1]]" for letter in LETTERS)

    assert [code.name for code in codes_in(text)] == list(LETTERS.values())


def test_what_is_no_code_is_told_as_it_was_typed():
    assert no_codes_in("[[I 1]] [[X 12]] [[indicateur 1]] [a][b] [[a](b)]") == [
        "[[X 12]]",
        "[[indicateur 1]]",
    ]


@given(KEYS.filter(lambda key: key == " ".join(key.split()) and len(key) <= 60), st.booleans())
def test_a_code_that_was_written_is_read_again(key, worded):
    code = CitationCode("indicator", key, "des mots" if worded else "")

    assert codes_in(f"avant {code} après") == [code]


@given(TEXTS)
def test_any_text_comes_back_when_each_code_is_put_in_its_own_place(text):
    plain = "".join(sign for sign in text if sign not in "\x00\x01")
    told = with_citations(text, str)

    assert with_citations(told, str) == told
    assert tokens_in(told) == tokens_in(plain)
    if not codes_in(plain):
        assert told == plain


@given(TEXTS, TEXTS)
def test_what_is_taken_out_is_gone_whatever_stands_around_it(before, after):
    told = with_citations(f"{before}[[D SECRET|SECRET]]{after}", lambda code: None)

    assert "SECRET" not in told
    assert not set("\x00\x01\x02") & set(told) - set(before + after)


SECRET = "[[D 2020-07|le renvoi]]"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Adopté {SECRET}.", "Adopté."),
        (f"Adopté ({SECRET}).", "Adopté."),
        (f"Adopté ( {SECRET} ).", "Adopté."),
        (f"Adopté ({SECRET}, [[I 1]]).", "Adopté (<I 1>)."),
        (f"Adopté ([[I 1]]; {SECRET}).", "Adopté (<I 1>)."),
        (f"Adopté (voir {SECRET}; page 3).", "Adopté (page 3)."),
        (f"Selon {SECRET} et [[I 1]], oui.", "Selon <I 1>, oui."),
        (f"Selon [[I 1]], {SECRET} et [[I 2]].", "Selon <I 1> et <I 2>."),
        (f"Selon [[I 1]] y {SECRET}.", "Selon <I 1>."),
        (f"Adopté **{SECRET}** ici.", "Adopté ici."),
        (f"Adopté [[I 1]] `{SECRET}`", "Adopté <I 1>"),
        (f"- un\n- {SECRET}\n- deux", "- un\n- deux"),
        (f"1. {SECRET}.\n2. deux", "2. deux"),
        (f"## {SECRET}\n\nTexte", "\nTexte"),
        (f"{SECRET} Le reste.", "Le reste."),
        (f"> {SECRET}\n> Le reste.", "> Le reste."),
        (f"- {SECRET} Le reste.", "- Le reste."),
        (f"| a | {SECRET} |\n|---|---|\n| b | {SECRET} |", "| a | |\n|---|---|\n| b | |"),
        (f"Une ligne\n{SECRET}\nune autre", "Une ligne\nune autre"),
    ],
)
def test_what_is_taken_out_leaves_no_trace(text, left):
    told = with_citations(text, lambda code: None if code.key == "2020-07" else f"<{code.token}>")

    assert told == left


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "[[" * 10_000,
        "[[I " * 5_000,
        "[[I 1]]" * 2_857,
        "[[D" + " " * 19_990,
        "[[I " + "1" * 19_990,
        "[[I 1|" * 3_333,
        "(" * 10_000 + "[[I 1]]" + ")" * 9_990,
        "([[I 1]], " * 2_000,
        "[[I 1]] et " * 1_800,
        "*" * 10_000 + "[[I 1]]" + "*" * 9_990,
        "- " * 9_990 + "[[I 1]]",
        "1" * 19_990 + "[[I 1]]",
        "> " * 9_000 + "[[I 1]]" + " ." * 900,
    ],
)
def test_no_text_takes_long(text):
    began = time.perf_counter()

    codes_in(text)
    no_codes_in(text)
    with_citations(text, lambda code: None)
    with_citations(text, str)

    assert time.perf_counter() - began < 0.5

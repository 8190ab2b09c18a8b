"""Two documents are compared: by chapter, paragraph, figure and row."""

import pytest
from django.utils import translation

from reports.comparison import (
    GONE,
    NEW,
    SAME,
    DiffSegment,
    FigureChange,
    TableRowChange,
    compare,
    compare_words,
    sentences,
)
from reports.compose import blocks

COLUMNS = [blocks.column("Indicator"), blocks.column("Target", num=True), blocks.column("Actual")]


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def chapter(kind, text="", parts=(), number=1):
    narrative = {"text": text, "lang": ""} if text else None
    return {
        "kind": kind,
        "number": number,
        "title": kind.title(),
        "narrative": narrative,
        "is_missing": False,
        "blocks": list(parts),
    }


def document(*chapters):
    return {"kind": "annual_report", "chapters": list(chapters)}


def results(*rows, caption="Results"):
    return blocks.table(caption, COLUMNS, [list(row) for row in rows])


def test_equal_documents_differ_in_nothing():
    told = document(chapter("summary", "One.\n\nTwo."), chapter("progress", "", [results("abc")]))

    assert compare(told, told) == []
    assert sentences([]) == ["Nothing in the text and the figures differs from the version before."]


def test_a_chapter_that_only_moved_is_equal():
    summary, lessons = chapter("summary", "One."), chapter("lessons", "Two.")

    assert compare(document(summary, lessons), document(lessons, summary | {"number": 7})) == []


def test_chapters_come_and_go():
    changes = compare(
        document(chapter("summary", "One."), chapter("lessons", "Two.")),
        document(chapter("risks", "Three."), chapter("summary", "One.")),
    )

    assert [(one.kind, one.is_new, one.is_gone) for one in changes] == [
        ("risks", True, False),
        ("lessons", False, True),
    ]
    assert sentences(changes) == ["New chapters: Risks.", "Chapters left out: Lessons."]


def test_a_rewritten_paragraph_is_shown_word_by_word():
    (change,) = compare(
        document(chapter("summary", "The year began late.\n\nAll **went** well.")),
        document(chapter("summary", "The year began early.\n\nAll went well.")),
    )

    (paragraph,) = change.paragraphs
    assert paragraph.pieces == (
        DiffSegment(SAME, "The year began "),
        DiffSegment(GONE, "late."),
        DiffSegment(NEW, "early."),
    )
    assert sentences([change]) == ["“Summary”: 1 paragraph was changed."]


def test_a_paragraph_that_was_put_in_changes_no_other():
    (change,) = compare(
        document(chapter("summary", "One.\n\nThree.")),
        document(chapter("summary", "One.\n\nTwo.\n\nThree.")),
    )

    assert [paragraph.pieces for paragraph in change.paragraphs] == [(DiffSegment(NEW, "Two."),)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The year began late", "The year began early"),
        ("a b c d", "b c d e"),
        ("", "new"),
        ("gone", ""),
        ("nothing alike", "written wholly anew, in other words"),
        ("12 000 $", "13 000 $"),
        ("x " * 500, "x " * 499 + "y"),
    ],
)
def test_the_pieces_give_both_texts_again(before, after):
    pieces = compare_words(before, after)

    assert "".join(one.text for one in pieces if one.kind != NEW) == before
    assert "".join(one.text for one in pieces if one.kind != GONE) == after


def test_figures_are_found_by_row_and_column():
    (change,) = compare(
        document(chapter("progress", "", [results(["A", "120", "134"], ["B", "5", "5"])])),
        document(
            chapter(
                "progress", "", [results(["New", "1", "1"], ["A", "120", "140"], ["B", "5", ""])]
            )
        ),
    )

    assert change.figures == [
        FigureChange("Results", "A", "Actual", "134", "140"),
        FigureChange("Results", "B", "Actual", "5", "–"),
    ]
    assert change.rows == [TableRowChange("Results", "New", is_new=True)]
    assert sentences([change]) == [
        "“Progress”, A, Actual: 134 became 140.",
        "“Progress”, B, Actual: 5 became –.",
        "“Progress”: new in its tables: New.",
    ]


def test_a_column_that_came_is_told_for_its_rows():
    wider = [*COLUMNS, blocks.column("Variance")]
    (change,) = compare(
        document(chapter("progress", "", [results(["A", "120", "134"])])),
        document(
            chapter("progress", "", [blocks.table("Results", wider, [["A", "120", "134", "14"]])])
        ),
    )

    assert change.figures == [FigureChange("Results", "A", "Variance", "–", "14")]


def test_a_table_without_caption_is_known_by_the_heading_above():
    def told(actual):
        return document(
            chapter(
                "progress",
                "",
                [
                    blocks.heading("Outcome 1", 2),
                    results(["A", "1", "1"], caption=""),
                    blocks.heading("Outcome 2", 2),
                    results(["A", "1", actual], caption=""),
                ],
            )
        )

    (change,) = compare(told("2"), told("3"))

    assert change.figures == [FigureChange("Outcome 2", "A", "Actual", "2", "3")]


def test_many_figures_are_counted_in_one_sentence():
    rows = [[f"I{number}", "1", str(number)] for number in range(5)]
    other = [[f"I{number}", "1", str(number + 1)] for number in range(5)]
    changes = compare(
        document(chapter("progress", "", [results(*rows)])),
        document(chapter("progress", "", [results(*other)])),
    )

    assert sentences(changes) == ["“Progress”: 5 figures in its tables were changed."]


def test_tables_come_and_go_by_name():
    (change,) = compare(
        document(chapter("progress", "", [results(caption="Old")])),
        document(chapter("progress", "", [results(caption="New")])),
    )

    assert (change.tables_added, change.tables_removed) == (["New"], ["Old"])
    assert sentences([change]) == [
        "“Progress”: new table: New.",
        "“Progress”: table left out: Old.",
    ]


def test_what_has_no_blocks_yet_is_compared_by_its_narrative():
    old = {"kind": "summary", "title": "Summary", "narrative": None, "part": {"rows": []}}
    new = old | {"narrative": {"text": "Written.", "lang": ""}}

    (change,) = compare(document(old), document(new))

    assert [paragraph.pieces for paragraph in change.paragraphs] == [
        (DiffSegment(NEW, "Written."),)
    ]


def test_a_paragraph_of_thousands_of_words_is_told_whole():
    words = ("word " * 6000).strip()
    (change,) = compare(
        document(chapter("summary", words)), document(chapter("summary", f"{words} more"))
    )

    assert change.paragraphs[0].pieces == (
        DiffSegment(GONE, words),
        DiffSegment(NEW, f"{words} more"),
    )


def test_a_decision_is_compared_by_its_words():
    def told(line):
        return document(chapter("governance", "", [blocks.box("decision", "D1", "Text.", [line])]))

    (change,) = compare(told("by consensus"), told("by consensus, all present"))

    assert len(change.paragraphs) == 1

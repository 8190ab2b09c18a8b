"""What `scripts/words.py` takes for the words of a page, and how it tells what changed."""

import io

import pytest
from openpyxl import Workbook

from scripts import words
from tests.words.visible import WORKBOOK, lines_of, lines_of_html, queries_of, without_volatile

PAGE = """<html lang="en"><head><title>Risks</title><script>var no = 1</script></head><body>
<nav aria-label="Pages"><a href="http://localhost:8000/risks/">Risks</a> <a href="?tab=all">All</a></nav>
<h1>Open
  risks</h1><p>A <em>late</em> one, see <a href="/risks/1/">the first</a>.</p>
<table><tr><th>Level</th><th>Due</th></tr><tr><td>High</td><td>1 May</td></tr></table>
<form action="/risks/"><select name="level"><option value="">Any</option>
<option value="4" selected>High</option></select>
<input type="hidden" name="stamp" value="x1"><input name="q" value="flood" required>
<button name="go" value="1" data-ask="Are you sure?">Find</button></form>
<img alt="A map" src="x.png"></body></html>"""


def test_the_words_of_a_page_are_lines_in_its_order():
    assert lines_of_html(PAGE) == [
        "lang: en",
        "title: Risks",
        "{aria-label: Pages} [Risks](/risks/) [All](?tab=all)",
        "# Open risks",
        "A late one, see [the first](/risks/1/).",
        "Level | Due",
        "High | 1 May",
        "{form get /risks/}",
        "{select level}",
        "( ) Any",
        "(x) High",
        "{hidden stamp} {text q = flood required} {data-ask: Are you sure?} [Find](button go=1)",
        "{alt: A map}",
    ]


def test_a_page_is_asked_again_with_its_tabs_and_the_first_choice_of_its_filters():
    links = '<a href="?page=2">2</a><a href="?page=3">3</a><a href="/other/?tab=no">x</a>'

    assert queries_of(PAGE + links, "/risks/") == ["tab=all", "page=2", "level=4"]


def test_what_differs_each_time_is_replaced():
    token = "Zk3" + "a_B-" * 10

    assert without_volatile(f"/link/{token}/ {'0f' * 32}") == "/link/‹token›/ ‹sha256›"
    assert without_volatile("Coordinator · 1188d86b") == "Coordinator · ‹key›"
    assert without_volatile("/rapport-annuel-de-la-premiere-annee-du-projet/").endswith("projet/")


def test_cells_of_a_workbook_are_words():
    book, content = Workbook(), io.BytesIO()
    book.active.title = "Risks"
    book.active.append(["Level", None, 4])
    book.save(content)

    assert lines_of(WORKBOOK, content.getvalue()) == ["sheet: Risks", "Level |  | 4"]
    assert lines_of(WORKBOOK, b"x") == ["(not readable as that kind of file)"]


@pytest.fixture
def folders(tmp_path):
    """Two readers of two pages in two languages, in which a label and a right changed."""
    for folder, label, status in (("before", "Risk", "200"), ("after", "Danger", "404")):
        for reader in ("donor", "finance"):
            for language in ("en", "fr"):
                path = tmp_path / folder / "world" / f"{reader}.{language}.txt"
                path.parent.mkdir(parents=True, exist_ok=True)
                right = status if reader == "donor" else "200"
                sections = (
                    f"=== home\n200\nHome\n{label} {language}\n\n"
                    f"=== risks\n200\n{label} {language}\nNone\n\n"
                    f"=== money\n{right}\nWords\n\n"
                )
                path.write_text(sections + (f"=== {folder}\n200\n" if reader == "donor" else ""))
    return tmp_path / "before", tmp_path / "after"


def test_equal_differences_are_told_once(folders, capsys):
    before, after = map(words.read, folders)

    assert words.compare(before, after) == 1
    assert capsys.readouterr().out.splitlines() == [
        "14 texts before, 14 after: 10 differ,",
        "2 are gone, 2 are new.",
        "",
        "Gone for world/donor.en, world/donor.fr:",
        "    before",
        "",
        "New for world/donor.en, world/donor.fr:",
        "    after",
        "",
        "4 × home, risks",
        "  as 2 readers: world/donor, world/finance",
        "  en:",
        "    -Risk en",
        "    +Danger en",
        "  fr:",
        "    -Risk fr",
        "    +Danger fr",
        "",
        "1 × money",
        "  as 1 readers: world/donor",
        "  en, fr:",
        "    -200",
        "    +404",
    ]


def test_a_subject_and_the_text_below_it_are_both_told():
    old, new = ("subject: Hello", "One", "Two"), ("subject: Good day", "One", "Three")

    assert [*words.changes_between(old, new)] == [
        ("-subject: Hello", "+subject: Good day"),
        ("-Two", "+Three"),
    ]


def test_equal_folders_differ_in_nothing(folders, capsys):
    before = words.read(folders[0])

    assert words.compare(before, before) == 0
    assert "0 differ" in capsys.readouterr().out

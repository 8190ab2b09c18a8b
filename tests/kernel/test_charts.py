"""Charts: what they say of one, many, missing and strange values, in words, picture and table."""

import logging
import re
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override
from hypothesis import example, given, strategies as st
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from kernel import charts

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Part des participantes et participants qui appliquent la trousse de formation " * 4


def quarters(**options):
    labels = ["avr.–juin", "juil.–sept.", "oct.–déc.", "janv.–mars"]
    return charts.bars("Personnes formées", labels, [18, 52, 97, 134], target=120, **options)


def indicators(wide=False):
    return charts.grouped_bars(
        "Indicateurs",
        ["Personnes formées", LONG, "Institutions"],
        {"Base": [0, 0, 0], "Cible": [120, 40, 3], "Réel": [134, 31, None]},
        units=["personnes", "%", ""],
        wide=wide,
    )


def statuses(wide=False):
    tones = ["ok", "info", "neutral", "bad"]
    return charts.stacked(
        "Actions",
        ["Faite", "En cours", "À faire", "Bloquée"],
        [12, 7, 5, 1],
        tones=tones,
        wide=wide,
    )


EXAMPLES = {
    "quarters": quarters,
    "wide": lambda: quarters(wide=True),
    "indicators": indicators,
    "wide indicators": lambda: indicators(wide=True),
    "statuses": statuses,
    "months": lambda: charts.bars(
        "Mois", [f"{n:02}-2020" for n in range(24)], [n * n * 37 for n in range(24)], target=15_000
    ),
    "lying": lambda: charts.bars("Lieux", [LONG, "Tegucigalpa, municipio"], [12, -3], target=40),
    "extremes": lambda: charts.bars("Extrêmes", "ABCD", [1.2e9, -4.5e8, 1e-7, 0]),
    "many parts": lambda: charts.stacked("Parts", range(20), range(20)),
    "nothing": lambda: charts.bars("Rien", [], []),
}


def parsed(chart):
    return ElementTree.fromstring(chart.svg)


def words(chart):
    return [text.text for text in parsed(chart).iter(f"{SVG}text")]


def bar_heights(chart):
    return [
        float(r.get("height")) for r in parsed(chart).iter(f"{SVG}rect") if r.get("fill") != "#fff"
    ]


def test_a_bar_is_as_high_as_its_value():
    heights = bar_heights(quarters())

    assert [round(height / heights[3], 2) for height in heights] == [0.13, 0.39, 0.72, 1]


def test_the_picture_names_each_label_each_value_and_the_target():
    assert words(quarters()) == [
        "target", "120", "18", "52", "97", "134", "avr.–juin", "juil.–sept.", "oct.–déc.", "janv.–mars",
    ]  # fmt: skip


def test_a_chart_has_a_title_a_description_and_a_table():
    with override("en"):
        chart = quarters(unit="persons", heading="Quarter", key="trained persons")
    svg = parsed(chart)

    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "trained-persons-t trained-persons-d"
    assert [(e.get("id"), e.text) for e in svg[:2]] == [
        ("trained-persons-t", "Personnes formées"),
        (
            "trained-persons-d",
            "avr.–juin: 18, juil.–sept.: 52, oct.–déc.: 97 and janv.–mars: 134. Target: 120.",
        ),
    ]
    assert chart.headers == ["Quarter", "persons", "Target"]
    assert chart.rows == [
        ["avr.–juin", "18", "120"],
        ["juil.–sept.", "52", "120"],
        ["oct.–déc.", "97", "120"],
        ["janv.–mars", "134", "120"],
    ]


def test_numbers_are_written_in_the_readers_language():
    written = {}
    for language in ("fr", "es"):
        with override(language):
            chart = charts.bars("Part", ["A"], [Decimal("1234.5")], unit="%")
            written[language] = (words(chart)[0], chart.rows[0][1])

    assert written == {"fr": ("1\u202f234,5\u00a0%",) * 2, "es": ("1,234.5%",) * 2}


@pytest.mark.parametrize("label", ["T1", "A label that is much too long for a column " * 3])
def test_shares_are_drawn_on_a_scale_to_the_whole(label):
    def longest(numbers):
        chart = charts.bars("Done", [label, label], numbers, unit="%")
        bars = list(parsed(chart).iter(f"{SVG}rect"))
        return max(float(bar.get("height" if label == "T1" else "width")) for bar in bars)

    assert longest([22, 11]) == pytest.approx(0.22 * longest([100, 11]), abs=1)


def test_what_is_missing_is_a_gap_with_a_dash_and_never_nought():
    with override("en"):
        chart = charts.bars("Formées", ["T1", "T2", "T3"], [12, None, 0])

    assert words(chart) == ["12", "–", "0", "T1", "T2", "T3"]
    assert len(bar_heights(chart)) == 1
    assert chart.rows == [["T1", "12"], ["T2", "no data"], ["T3", "0"]]
    assert "T2: no data" in chart.description


@pytest.mark.parametrize("labels", [[], ["T1", "T2"]])
def test_without_any_value_it_says_so(labels):
    missing = [None] * len(labels)
    with override("en"):
        for chart in (
            charts.bars("Vide", labels, missing),
            charts.grouped_bars("Vide", labels, {"Cible": missing}),
            charts.stacked("Vide", labels, missing),
        ):
            assert words(chart) == ["No data yet"]
            assert chart.rows == [] or "no data" in chart.rows[0]


def test_one_value_and_all_noughts_have_a_picture():
    assert words(charts.bars("Un", ["Année 1"], [3])) == ["3", "Année 1"]
    assert words(charts.bars("Zéro", ["A", "B"], [0, 0])) == ["0", "0", "A", "B"]
    assert bar_heights(charts.bars("Zéro", ["A", "B"], [0, 0])) == []


def test_negative_bars_hang_from_the_line_of_nought():
    chart = charts.bars("Écart", ["A", "B"], [10, -5])
    above, below = (r for r in parsed(chart).iter(f"{SVG}rect"))
    nought = parsed(chart).find(f".//{SVG}line").get("y1")

    assert float(above.get("y")) + float(above.get("height")) == pytest.approx(
        float(nought), abs=0.2
    )
    assert float(below.get("y")) == pytest.approx(float(nought), abs=0.2)
    assert "−5" in words(chart)


def test_huge_and_tiny_values_are_short_in_the_picture_and_exact_in_the_table():
    with override("fr"):
        chart = charts.bars("Extrêmes", "ABCD", [1_234_567_890, -45_000_000, 1e-9, 1e30])

    assert words(chart)[:4] == ["1,2\u00a0G", "−45\u00a0M", "<\u00a00,000001", "1,0E30"]
    assert [row[1] for row in chart.rows[:3]] == [
        "1\u202f234\u202f567\u202f890",
        "−45\u202f000\u202f000",
        "<\u00a00,000001",
    ]


def test_long_labels_are_cut_in_the_picture_and_whole_in_the_table():
    chart = charts.bars("Indicateurs", [LONG, "Autre"], [3, 4])

    assert [word[-1] for word in words(chart)][1] == "…"
    assert chart.rows[0][0] == LONG.strip()


def test_of_many_periods_only_some_are_written_but_the_last_is():
    labels = [f"{month}-{year}" for year in (2019, 2020) for month in range(1, 13)]
    chart = charts.bars("Mois", labels, range(24))

    shown = [word for word in words(chart) if word in labels]

    assert shown[-1] == "12-2020"
    assert 2 <= len(shown) < 24
    assert len(bar_heights(chart)) == 23  # the first is nought
    assert len(chart.rows) == 24


def test_what_would_not_fit_a_page_stands_in_the_table():
    labels = [f"Organisation de la société civile {n}" for n in range(40)]
    with override("en"):
        chart = charts.bars("Beaucoup", labels, range(40))
    height = float(parsed(chart).get("height"))

    assert height < 900
    assert words(chart)[-1] == "19 more appear only in the table."
    assert len(chart.rows) == 40


def test_bars_in_groups_have_their_own_scale_where_units_differ():
    def lengths(units):
        chart = charts.grouped_bars("I", ["A", "B"], {"Réel": [100, 1]}, units=units)
        return [float(rect.get("width")) for rect in parsed(chart).iter(f"{SVG}rect")]

    apart, together = lengths(["personnes", "%"]), lengths("")

    assert apart[1] > 0.8 * apart[0]
    assert together[1] == pytest.approx(together[0] / 100, abs=0.1)


def test_groups_name_each_bar_so_that_colour_is_not_alone():
    shown = words(indicators())

    assert shown[:7] == [
        "Personnes formées (personnes)",
        "Base",
        "0",
        "Cible",
        "120",
        "Réel",
        "134",
    ]
    assert shown[-2:] == ["Réel", "–"]


def test_parts_are_as_wide_as_their_share_and_named_in_the_legend():
    with override("en"):
        chart = charts.stacked("Actions", ["Faite", "À faire", "Bloquée"], [30, 10, None])
    first, second = [float(r.get("width")) for r in parsed(chart).iter(f"{SVG}rect")][:2]

    assert first / second == pytest.approx(3, abs=0.1)
    assert words(chart) == ["30", "10", "Faite", "30 (75%)", "À faire", "10 (25%)", "Bloquée", "–"]
    assert chart.rows == [
        ["Faite", "30", "75%"],
        ["À faire", "10", "25%"],
        ["Bloquée", "no data", "–"],
    ]


def test_of_many_parts_the_last_are_counted_together():
    with override("en"):
        chart = charts.stacked("Parts", [f"p{n}" for n in range(12)], [10] * 12)

    assert words(chart)[-2:] == ["5 others", "50 (42%)"]
    assert len(chart.rows) == 12


@pytest.mark.parametrize("name", EXAMPLES)
def test_equal_input_gives_equal_bytes_and_few_of_them(name):
    chart = EXAMPLES[name]()

    assert chart == EXAMPLES[name]()
    assert len(chart.svg.encode()) < 3_300


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_chart_needs_neither_styles_nor_scripts(name):
    svg = parsed(EXAMPLES[name]())

    assert {element.tag.removeprefix(SVG) for element in svg.iter()} <= {
        "svg", "title", "desc", "g", "rect", "line", "text",
    }  # fmt: skip
    assert not [e for e in svg.iter() if {"style", "class", "href"} & set(e.attrib)]


WORDS = st.text(max_size=60) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '" onload="x',
        "]]>",
        "&amp;",
        "\x00\x0b",
        "\u202eevil",
        "\ud800",
        "",
    ]
)
NUMBERS = st.none() | st.integers() | st.floats() | st.decimals() | st.integers(-5, 5)


@given(
    st.lists(st.tuples(WORDS, NUMBERS, NUMBERS), max_size=40),
    NUMBERS,
    WORDS,
    st.sampled_from(["", "%", "kg"]),
)
@example(
    [("", None, None), ("", None, None), ("", -5799, None), ("", 0.0078125, None)],
    Decimal("205.866221"),
    "",
    "%",
)
def test_whatever_the_labels_and_values_the_picture_is_sound(rows, target, title, unit):
    labels, first, second = zip(*rows, strict=True) if rows else ((), (), ())

    for chart in (
        charts.bars(title, labels, first, target=target, unit=unit),
        charts.grouped_bars(title, labels, {"a": first, title: second}, units=unit),
        charts.stacked(title, labels, first),
    ):
        svg = parsed(chart)
        width, height = float(svg.get("width")), float(svg.get("height"))
        assert not re.search(r"<(?!/?(svg|title|desc|g|rect|line|text)\b)", chart.svg)
        for rect in svg.iter(f"{SVG}rect"):
            x, y, w, h = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
            assert x >= -20
            assert x + w <= width + 20
            assert -1 <= y <= y + h <= height + 1


# In the browser and in the PDF

TOUCHING = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
  const {width, height} = svg.viewBox.baseVal;
  const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBBox()]);
  const outside = boxes.filter(([, b]) =>
    b.x < -1 || b.y < -1 || b.x + b.width > width + 1 || b.y + b.height > height + 3);
  const pairs = boxes.flatMap(([a, b], n) => boxes.slice(n + 1).filter(([, c]) =>
    Math.min(b.x + b.width, c.x + c.width) > Math.max(b.x, c.x) &&
    Math.min(b.y + b.height, c.y + c.height) - Math.max(b.y, c.y) > 3).map(([c]) => [a, c]));
  return [...outside.map(([a]) => a), ...pairs];
})"""


@pytest.mark.browser
@pytest.mark.parametrize("language", ["fr", "es", "en"])
def test_in_a_browser_no_words_touch_or_leave_the_picture(chromium, language):
    with override(language):
        page = chromium.new_page()
        page.set_content("".join(EXAMPLES[name]().svg for name in EXAMPLES))

    assert page.locator("svg").count() == len(EXAMPLES)
    assert page.evaluate(TOUCHING) == []
    page.close()


def test_the_component_shows_the_same_picture_with_its_table():
    chart = quarters()

    shown = render_to_string("components/chart.html", {"chart": chart, "caption": "Figure 1 – <b>"})

    assert chart.svg in shown
    assert "<figcaption>Figure 1 – &lt;b&gt;</figcaption>" in shown
    assert shown.count('<th scope="row">') == 4
    assert '<td class="num">134</td>' in shown
    assert "<table" not in render_to_string(
        "components/chart.html", {"chart": chart, "table": "no"}
    )


def structure(reader):
    """The tags of a PDF with their alternative texts, in the order of reading."""

    def walk(node):
        if isinstance(node, IndirectObject):
            node = node.get_object()
        if isinstance(node, dict):
            yield node.get("/S"), node.get("/Alt")
            node = node.get("/K", [])
        for child in node if isinstance(node, list) else [node]:
            if isinstance(child, IndirectObject | dict):
                yield from walk(child)

    return list(walk(reader.root_object["/StructTreeRoot"]))


def test_the_pdf_renderer_takes_each_picture_without_complaint(caplog):
    from weasyprint import HTML

    caplog.set_level(logging.WARNING, logger="weasyprint")
    html = "".join(
        render_to_string("components/chart.html", {"chart": EXAMPLES[name]()}) for name in EXAMPLES
    )

    pdf = HTML(string=f"<html lang=fr><title>Figures</title>{html}").write_pdf(
        pdf_variant="pdf/ua-1"
    )

    figures = [alt for tag, alt in structure(PdfReader(BytesIO(pdf))) if tag == "/Figure"]
    assert [alt for alt in figures if alt] == [EXAMPLES[name]().title for name in EXAMPLES]
    assert [r.getMessage() for r in caplog.records if "svg" in r.getMessage().lower()] == []

"""What every template keeps to, and the pages that must come out when all else fails."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from ibcr_portal.templatetags.portal_tags import TONES, tone_class
from ibcr_portal.views import permission_denied
from scripts import trim_bootstrap
from scripts.vendor import (
    CHECKSUMS,
    FONT_FOLDER,
    ICON_FOLDER,
    ICON_NAMES,
    SCHEMA_FOLDER,
    altered,
)

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"
# Documents for WeasyPrint and mail have rules of their own.
PAGES = [
    path
    for path in sorted(TEMPLATES.rglob("*.html"))
    # The index of an archive is no page of the portal: it has its own policy, and holds all it needs.
    if not {"pdf", "email", "archive"} & set(path.relative_to(TEMPLATES).parts)
]
PAPERS = sorted((TEMPLATES / "reports" / "pdf").glob("*.html"))
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
# They keep the request, the reader and the CSRF token of the page around them.
WITHOUT_ONLY = {
    "pagination.html",
    "top.html",
    "top_by_link.html",
    "top_languages.html",
    "bottom.html",
}
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def names(paths):
    return [str(path.relative_to(TEMPLATES)) for path in paths]


def without_comments(path):
    return re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)


def test_a_component_says_first_what_it_takes():
    assert {path.name for path in COMPONENTS if not says_first(path.read_text())} == set()


def says_first(text: str) -> bool:
    lines = text.splitlines()
    if lines[0].startswith("{% extends"):
        lines = lines[1:]
    return lines[0].startswith("{% comment %}")


def test_templates_are_readable():
    """A component fits on a screen, and a line of any page on its width."""
    long = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in [*PAGES, *PAPERS]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 160
    ]
    large = [path.name for path in COMPONENTS if len(path.read_text().splitlines()) >= 60]

    assert long + large == []


# `datetime="…"` and addresses are read by machines, and a calendar shows the number of a day.
NOT_READ = {"'c'", "'Y-m-d'", "'Y-m'", '"j"'}


def test_pages_write_days_and_times_in_one_way():
    """`day`, `dayrange`, `clock` and `moment`; the short form is for charts, documents and tables of
    many columns."""
    others = re.compile(
        r"""\|(day_short|(?:date|time):("[^"]*"|'[^']*')|natural\w+|time(?:since|until))"""
    )
    found = [
        f"{path.relative_to(TEMPLATES)}: {match[0]}"
        for path in [*PAGES, *TEMPLATES.rglob("*.txt")]
        for match in others.finditer(path.read_text())
        if match[2] not in NOT_READ
    ]

    assert found == []


COLUMN = re.compile(r'<th scope="col"|{% sort_head')
MANY_COLUMNS = 4


def test_days_are_short_in_tables_of_many_columns_and_nowhere_else():
    """“28 de noviembre de 2026” takes three lines of a narrow column, and makes each row as high."""
    found = []
    for path in PAGES:
        text = path.read_text()
        tables = [match[0] for match in re.finditer(r"<table.*?</table>", text, re.DOTALL)]
        dense = [table for table in tables if len(COLUMN.findall(table)) >= MANY_COLUMNS]
        if not tables and "<td" in text:  # the rows of a table in another file
            dense = [text]
        elsewhere = text
        for table in dense:
            elsewhere = elsewhere.replace(table, "")
            found += [
                (path.name, each)
                for each in re.findall(r"\|(?:day|dayrange|moment)\b(?!:\"s)", table)
            ]
        found += [
            (path.name, each)
            for each in re.findall(r"\|(?:day:\"short\"|dayrange_short)", elsewhere)
        ]

    assert found == []


def found_in(pages, look) -> dict[str, list[str]]:
    """What `look` finds in the text of each page, of those in which it finds something."""
    found = {
        name: look(without_comments(path)) for path, name in zip(pages, names(pages), strict=True)
    }
    return {name: each for name, each in found.items() if each}


def refused_by_policy(text: str) -> list[str]:
    text = re.sub(r"{%.*?%}", "", text)  # what a tag is given is no HTML
    styles = re.findall(r"<style\b|\sstyle=", text)
    handlers = re.findall(r"\son[a-z]+=|hx-on\b|javascript:", text)
    scripts = [
        tag
        for tag in re.findall(r"<script\b[^>]*>", text)
        if "src=" not in tag and "json" not in tag
    ]
    return styles + handlers + scripts


def test_nothing_on_a_page_is_refused_by_the_content_security_policy():
    assert found_in(PAGES, refused_by_policy) == {}


def given_too_much(text: str) -> list[str]:
    """Components without `only`, and the button that would come without its CSRF token: the tag of
    the same name brings it."""
    return [
        name
        for name, rest in re.findall(r'{% include "components/([^"]+)"([^%]*)%}', text)
        if (name not in WITHOUT_ONLY and "only" not in rest.split())
        or name == "confirm_button.html"
    ]


def test_components_are_given_what_they_need_and_no_more():
    assert found_in(PAGES, given_too_much) == {}


def missing(text: str) -> list[str]:
    components = re.findall(r'{% (?:include|extends) "(components/[^"]+)"', text)
    icons = re.findall(r'{% icon "([^"]+)"', text)
    return [
        *(name for name in components if not (TEMPLATES / name).exists()),
        *(name for name in icons if name not in ICON_NAMES),
    ]


def test_components_and_icons_that_pages_name_exist():
    assert found_in(PAGES, missing) == {}


@pytest.mark.parametrize(
    ("look", "text", "found"),
    [
        (refused_by_policy, '<p style="color: red" onclick="x()">', [" style=", " onclick="]),
        (refused_by_policy, "<script>alert(1)</script>", ["<script>"]),
        (refused_by_policy, '<script src="a.js"></script>{% x style="a" %}', []),
        (given_too_much, '{% include "components/bar.html" with percent=1 %}', ["bar.html"]),
        (given_too_much, '{% include "components/bar.html" with percent=1 only %}', []),
        (
            given_too_much,
            '{% include "components/confirm_button.html" only %}',
            ["confirm_button.html"],
        ),
        (missing, '{% include "components/none.html" %}', ["components/none.html"]),
        (missing, '{% icon "none" %}', ["none"]),
        (missing, '{% include "components/bar.html" %}', []),
    ],
)
def test_what_a_page_must_not_have_is_found(look, text, found):
    assert look(text) == found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_icons_of_a_page_are_there(page):
    """Also where a component takes the name, which some states of a page alone show."""
    named = set(re.findall(r'\bicon="([^"{]+)"', page.read_text()))
    assert [
        name for name in named if not (TEMPLATES / f"components/icons/{name}.svg").exists()
    ] == []


def test_the_icons_that_browsers_keep_are_those_of_other_pages():
    drawn = Path(finders.find("img/layout.svg")).read_text()
    texts = [path.read_text() for path in PAGES]
    named = {name for text in texts for name in re.findall(r'{% layout_icon "([^"]+)"', text)}

    for name in named:
        icon = (TEMPLATES / f"components/icons/{name}.svg").read_text()
        inside = re.search(r"<svg[^>]*>(.+)</svg>", icon, re.S)[1]
        assert f'<symbol id="{name}" viewBox="0 0 16 16">{inside}</symbol>' in drawn
    assert drawn.count("<symbol") == len(named)


def test_vendored_files_are_as_they_were_taken(tmp_path, monkeypatch):
    assert altered() == []

    vendored = {line.split("  ", 1)[1] for line in CHECKSUMS.read_text().splitlines()}
    folders = [ROOT / "static/vendor"]
    folders += [ROOT / folder for folder in (FONT_FOLDER, ICON_FOLDER, SCHEMA_FOLDER)]
    present = {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path != CHECKSUMS
    }
    assert present == vendored


def test_a_vendored_file_that_was_touched_is_noticed(tmp_path, monkeypatch):
    copy = tmp_path / "static/vendor/CHECKSUMS"
    copy.parent.mkdir(parents=True)
    copy.write_text(f"{'0' * 64}  static/one.css\n{'0' * 64}  static/two.css\n")
    (tmp_path / "static/one.css").write_text("touched")
    monkeypatch.setattr("scripts.vendor.ROOT", tmp_path)
    monkeypatch.setattr("scripts.vendor.CHECKSUMS", copy)

    assert altered() == ["static/one.css", "static/two.css"]


def test_no_class_of_bootstrap_that_a_page_uses_was_left_out():
    """`python scripts/trim_bootstrap.py` takes in what is missing."""
    needed = trim_bootstrap.classes(trim_bootstrap.needed())
    kept = trim_bootstrap.classes(trim_bootstrap.TRIMMED.read_text())

    assert needed - kept == set()
    assert {"row", "form-control", "mt-3", "d-print-none"} <= kept


def test_no_stylesheet_refers_to_a_file_that_is_not_shipped():
    for path in (ROOT / "static").rglob("*.css"):
        text = path.read_text()
        assert "sourceMappingURL" not in text
        assert re.findall(r"url\((?!['\"]?data:)", text) == [], path
        assert "@import" not in text


@pytest.mark.parametrize("reader", ["kept", "signed in", "visitor"])
def test_what_each_page_loads_leaves_room_for_the_page(reader):
    base = (TEMPLATES / "base.html").read_text()
    kept, signed_in = re.search(
        r"{% if request.is_kept %}(.*?){% elif user.is_authenticated %}(.*?){% endif %}",
        base,
        re.DOTALL,
    ).groups()
    for who, scripts in (("kept", kept), ("signed in", signed_in)):
        base = base.replace(scripts, scripts if who == reader else "")
    # A page asks for it only if it has a text in another language.
    base = base.replace("{% static 'js/gist.js' %}", "")
    loaded = re.findall(r"{% static '([^']+)' %}", base)
    sizes = {name: len(gzip.compress(Path(finders.find(name)).read_bytes(), 6)) for name in loaded}

    # 60 kB for a first visit, of which a page may take 15.
    assert sum(sizes.values()) < 45_000, sizes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_pages_of_failure_need_no_database_in_any_language(name, language):
    with translation.override(language):
        page = render_to_string(f"{name}.html", {"request_id": "1f2e3d"})

    assert f'<html lang="{language}">' in page
    assert "1f2e3d" in page
    (heading,) = re.findall(r"<h1>(.+?)</h1>", page)
    assert f"<title>{heading} · " in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_database_that_is_down_is_not_called_a_fault(language):
    with translation.override(language):
        down = render_to_string("500.html", {"database_is_down": True})
        fault = render_to_string("500.html", {})

    assert re.findall(r"<h1>.+?</h1>", down) != re.findall(r"<h1>.+?</h1>", fault)


@pytest.mark.django_db
def test_a_refusal_says_why():
    request = RequestFactory().get("/")
    request.session = {}

    page = permission_denied(request, PermissionError("Only the chair opens the meeting."))

    assert page.status_code == 403
    text = page.content.decode()
    assert "Only the chair opens the meeting." in text
    assert text.count("<p>") == 1  # the reason says already whom to ask


def test_a_button_that_posts_brings_its_token_and_escapes_its_words():
    template = get_template("components/confirm_button.html")

    page = template.render(
        {"url": "/x/", "label": "<b>", "confirm": '"?', "name": "seat", "value": 3},
        RequestFactory().get("/"),
    )

    assert 'name="csrfmiddlewaretoken"' in page
    assert 'data-confirm="&quot;?"' in page
    assert "&lt;b&gt;" in page
    assert '<input type="hidden" name="seat" value="3">' in page


def test_a_meter_is_drawn_in_seats_and_read_aloud_in_words():
    with translation.override("en"):
        meter = render_to_string(
            "components/meter.html", {"seats": 11, "present": 9, "principals": 7, "quorum": 6}
        )

    assert 'viewBox="0 0 11 1"' in meter
    assert re.findall(r'width="(\d+)"', meter) == ["9", "7"]
    assert 'x1="6"' in meter
    assert 'aria-label="9 of 11 voting seats present, quorum 6"' in meter


def test_a_share_is_drawn_with_a_point_in_every_language():
    with translation.override("fr"):
        bar = render_to_string("components/bar.html", {"percent": 33.5, "late": True})

    assert 'width="33.5"' in bar
    assert "33,5" in bar
    assert 'class="bar late"' in bar


def test_a_state_has_one_tone_and_an_unknown_one_none():
    listed = [state for states in TONES.values() for state in states.split()]

    assert len(listed) == len(set(listed))
    assert tone_class("adopted") == "ok"
    assert tone_class("warn") == "warn"
    assert tone_class("never heard of") == "neutral"


@pytest.mark.django_db
def test_sign_up_is_closed_and_says_whom_to_ask(client):
    with translation.override("en"):
        page = client.get(reverse("account_signup"), headers={"accept-language": "en"})

    assert "Ask the coordination of your project to invite you." in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["account_login", "account_request_login_code", "account_reset_password"]
)
def test_pages_on_the_way_in_stand_in_the_frame(client, name):
    page = client.get(reverse(name)).content.decode()

    assert 'class="door"' in page
    assert len(re.findall("<h1", page)) == 1
    assert 'class="bottom"' in page
    assert 'aria-label="Main navigation"' not in page

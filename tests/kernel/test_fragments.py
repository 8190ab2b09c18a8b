"""Pieces of a page that differ by a key and a name."""

from django.test import RequestFactory

from kernel.fragments import Fragments


def test_a_piece_has_the_key_the_facts_and_the_name_of_its_row():
    pieces = Fragments(RequestFactory().get("/"), "components/tasks.html")
    pieces.template = pieces.template.backend.from_string(
        '<a href="/rows/{{ key }}/"{% if late %} class="late"{% endif %}>{{ name }}</a>'
    )

    assert [
        pieces.of(1234, "One & two", late=True),
        pieces.of(5, "Five", late=True),
        pieces.of(6, "Six", late=False),
    ] == [
        '<a href="/rows/1234/" class="late">One &amp; two</a>',
        '<a href="/rows/5/" class="late">Five</a>',
        '<a href="/rows/6/">Six</a>',
    ]
    assert len(pieces.rendered) == 2

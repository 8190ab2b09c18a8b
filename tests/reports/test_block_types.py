"""Every kind of block is printed in the PDF; mypy asks the same of the printers in Python."""

import re
from typing import get_args, get_type_hints

from django.conf import settings

from reports.document_types import Block
from reports.figures import charts_of

TEMPLATE = settings.BASE_DIR / "templates" / "reports" / "pdf" / "block.html"
# Only the place of a list that `reports.annexes` puts in before printing.
NOT_PRINTED = {"annexes"}


def literals(union, key):
    return {value for kind in get_args(union) for value in get_args(get_type_hints(kind)[key])}


def test_the_template_of_the_pdf_knows_every_type_of_block():
    printed = set(re.findall(r'block\.type == "(\w+)"', TEMPLATE.read_text("utf-8")))

    assert printed == literals(Block, "type") - NOT_PRINTED


def test_a_figure_without_bars_has_no_chart():
    timeline = {
        "type": "figure",
        "chart": "timeline",
        "title": "",
        "data": {"bars": [], "today": ""},
    }

    assert list(charts_of(timeline)) == []

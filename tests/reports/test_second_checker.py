"""What a second checker of PDF/UA says of documents: `outloud`, where somebody installed it.

It is no development dependency, since it brings 300 MB and a library under the AGPL:
`uv pip install --target FOLDER outloud`, and `PYTHONPATH=FOLDER pytest tests/reports/test_second_checker.py`.
"""

import re

import pytest

from reports.frozen import DOCUMENT
from reports.pdf import html_of
from tests.reports.pdf_reading import render_once
from tests.reports.sealed_files import sealed_pdf
from tests.reports.test_accessible_files import FROZEN, ONE_OF_EACH, REPORTS

outloud = pytest.importorskip("outloud", reason="it is installed by hand")

pytestmark = [pytest.mark.django_db, pytest.mark.every_case]

# Rules that guess, and are wrong here, with what each finding must look like.
FALSE_ALARMS = {
    # A table of one row has more heads than cells, since each column and the row have theirs. It
    # would be right if one head were in several rows of heads.
    "TBL-010": r"header cells look shredded: \d+ header cells against \d+ data cells",
    # The running head of a short chapter: project and chapter are eight words together, and are on
    # fewer than three pages, by which the rule knows what is repeated.
    "TAG-002": r"1 line\(s\) of prose are marked /Artifact and will be skipped by every reader",
}
CASES = [pytest.param(document, id=name) for name, document in (ONE_OF_EACH | REPORTS).items()]


def errors(content, folder):
    path = folder / "document.pdf"
    path.write_bytes(content)
    found = outloud.check(str(path))
    assert found.error is None
    return [one for one in found.findings if one.severity == "error"]


def is_false_alarm(finding, document) -> bool:
    rule, text = finding.rule, finding.message
    if not re.fullmatch(FALSE_ALARMS.get(rule, "(?!)"), text):
        return False
    return rule != "TAG-002" or finding.evidence.startswith(
        document["project"]["name"]["text"][:30]
    )


@pytest.mark.parametrize("document", CASES)
def test_it_finds_no_error_but_false_alarms_and_none_in_the_seal(document, seal_key, tmp_path):
    assert FROZEN
    content = render_once(
        html_of(DOCUMENT.read(document), code="7F3A-91C2-D04E", is_draft=False)
    ).content

    before = errors(content, tmp_path)
    after = errors(sealed_pdf(content, seal_key, document["language"]), tmp_path)

    assert [one for one in before if not is_false_alarm(one, document)] == []
    assert [(one.rule, one.page) for one in after] == [(one.rule, one.page) for one in before]

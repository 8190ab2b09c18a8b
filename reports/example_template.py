"""An example of a Word template with each kind of field once, in the language of the reader."""

from io import BytesIO

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as Word
from docx.shared import Pt

from reports.models import SectionKind
from reports.word_fields import FACTS, LISTS

SECTIONS = (SectionKind.SUMMARY, SectionKind.CONTEXT, SectionKind.LESSONS)
# The lists that it shows, with the fields of their columns.
SHOWN = {
    "activities": ("title", "when", "participants", "state"),
    "risks": ("number", "risk", "level", "response"),
    "finances": ("name", "budget", "spent", "variance"),
}
INDICATOR = ("code", "name", "baseline", "target", "actual", "variance")


def example_template() -> bytes:
    word = Document()
    word.add_paragraph("{{ organisation }} {{ draft }}")
    word.add_heading("{{ report_title }}", 0)
    word.add_paragraph("{{ report_name }} · {{ project_code }} · {{ project_title }}")
    _facts(word)
    for kind in SECTIONS:
        word.add_heading(str(kind.label), 1)
        word.add_paragraph(f"{{{{p formatted.{kind.value} }}}}")
    _outcomes(word)
    for name, parts in SHOWN.items():
        word.add_heading(str(LISTS[name].about), 1)
        _table(word, name, {part: str(LISTS[name].parts[part]) for part in parts})
    _pictures(word, f"charts.{SectionKind.FINANCES.value}")
    _decisions(word)
    word.add_paragraph("{%p if photographs %}")
    word.add_heading(str(LISTS["photographs"].about), 1)
    _pictures(word, "photographs")
    word.add_paragraph("{%p endif %}")
    word.add_paragraph("{{ illustrative_note }}")
    word.sections[0].footer.paragraphs[0].text = "{{ project_code }} · {{ report_name }}"
    target = BytesIO()
    word.save(target)
    return target.getvalue()


def _facts(word: Word) -> None:
    table = word.add_table(rows=0, cols=2, style="Table Grid")
    for name, label in FACTS.items():
        first, second = table.add_row().cells
        first.text, second.text = str(label), f"{{{{ {name} }}}}"


def _outcomes(word: Word) -> None:
    word.add_heading(str(SectionKind.PROGRESS.label), 1)
    word.add_paragraph("{%p for outcome in outcomes %}")
    word.add_heading("{{ outcome.code }} {{ outcome.statement }}", 2)
    labels = LISTS["outcomes"].parts["indicators"].parts
    word.add_paragraph("{%p if outcome.indicators %}")
    _table(word, "outcome.indicators", {part: str(labels[part]) for part in INDICATOR})
    word.add_paragraph("{%p endif %}")
    word.add_paragraph("{%p endfor %}")


def _table(word: Word, rows: str, columns: dict[str, str]) -> None:
    """Add a heading row, and one row for each item of the list, between the rows that begin and end
    the loop."""
    table = word.add_table(rows=4, cols=len(columns), style="Table Grid")
    for place, (part, label) in enumerate(columns.items()):
        head = table.rows[0].cells[place].paragraphs[0].add_run(label)
        head.bold, head.font.size = True, Pt(9)
        table.rows[2].cells[place].text = f"{{{{ row.{part} }}}}"
    table.rows[1].cells[0].text = f"{{%tr for row in {rows} %}}"
    table.rows[3].cells[0].text = "{%tr endfor %}"


def _pictures(word: Word, pictures: str) -> None:
    word.add_paragraph(f"{{%p for row in {pictures} %}}")
    word.add_paragraph("{{ row.caption }}").runs[0].bold = True
    word.add_paragraph("{{ row.picture }}")
    word.add_paragraph("{%p endfor %}")


def _decisions(word: Word) -> None:
    word.add_heading(str(LISTS["decisions"].about), 1)
    word.add_paragraph("{%p if decisions %}")
    word.add_paragraph("{%p for decision in decisions %}")
    word.add_paragraph("{{ decision.title }}", style="List Bullet")
    word.add_paragraph("{{ decision.text }}")
    word.add_paragraph("{%p endfor %}")
    word.add_paragraph("{%p else %}")
    word.add_paragraph(_("None in this period."))
    word.add_paragraph("{%p endif %}")

"""The named fields of a donor's Word template, each with a description, and the reader of the texts that
people wrote.

`reports.word_template` computes their values.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from kernel.text import render_markdown
from reports.field_schema import FORMATTED, PICTURE, TEXT, Names, Paragraph
from reports.models import SectionKind


@dataclass(frozen=True)
class ListField:
    """A list of rows for a loop, and the fields of each row."""

    about: str | Promise
    parts: dict[str, Any]  # the description of a text, or another list


@dataclass(frozen=True)
class PictureField:
    """A chart or a photograph."""

    about: str | Promise


@dataclass
class FieldGroup:
    """Fields that belong together on the page that lists them."""

    title: str
    name: str = ""  # of a list
    texts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def begin(self) -> str:
        return f"{{%tr for row in {self.name} %}}"

    @property
    def end(self) -> str:
        return "{%tr endfor %}"


# The fields, each with its description

FACTS = {
    "country": gettext_lazy("Country"),
    "donor": gettext_lazy("Donor"),
    "donor_number": gettext_lazy("Donor's project number"),
    "period": gettext_lazy("Reporting period"),
    "start": gettext_lazy("Start of the project"),
    "original_end": gettext_lazy("End as first agreed"),
    "amended_end": gettext_lazy("End as amended"),
    "version": gettext_lazy("Version"),
    "audience": gettext_lazy("Prepared for"),
}
TEXTS = {
    "report_title": gettext_lazy("Title of the report, as on its cover"),
    "report_name": gettext_lazy("Which report it is, such as its year"),
    "language": gettext_lazy("Language of the report"),
    "date": gettext_lazy("Day of the data"),
    "draft": gettext_lazy("“Draft” until the report is signed off, then nothing"),
    "organisation": gettext_lazy("Organisation that writes the report"),
    "project_code": gettext_lazy("Code of the project"),
    "project_name": gettext_lazy("Short name of the project"),
    "project_title": gettext_lazy("Title of the project"),
    "project_description": gettext_lazy("Description of the project"),
    **FACTS,
    "illustrative_note": gettext_lazy("What an asterisk after a text means, if there is one"),
}
CODE, STATE = gettext_lazy("Code"), gettext_lazy("State")
INDICATOR = {
    "code": CODE,
    "name": gettext_lazy("Name of the indicator"),
    "baseline": gettext_lazy("Baseline"),
    "target": gettext_lazy("Target, cumulative"),
    "actual": gettext_lazy("Actual value, cumulative"),
    "period_target": gettext_lazy("Target of the period, if it is shown separately"),
    "period_actual": gettext_lazy("Actual value of the period, if it is shown separately"),
    "variance": gettext_lazy("Variance"),
    "rating": gettext_lazy("Rating"),
    "explanation": gettext_lazy("Explanation of the variance"),
}
RESULT = {
    "code": CODE,
    "level": gettext_lazy("Level of the result"),
    "statement": gettext_lazy("Statement of the result"),
    "text": gettext_lazy("What was written about the result"),
    "indicators": ListField(gettext_lazy("Its indicators"), INDICATOR),
}
ACTION = {
    "number": gettext_lazy("Number"),
    "title": gettext_lazy("Action"),
    "responsible": gettext_lazy("Responsible"),
    "when": gettext_lazy("When"),
    "state": STATE,
    "share": gettext_lazy("Done (share)"),
}
BOX = {
    "number": gettext_lazy("Number"),
    "title": gettext_lazy("Title with its day"),
    "text": gettext_lazy("Text"),
    "details": gettext_lazy("What else is known about it, line by line"),
}
PERIOD_MONEY = {
    "name": gettext_lazy("Category or result; the last row is the total"),
    "budget": gettext_lazy("Budget"),
    "spent": gettext_lazy("Spent"),
    "variance": gettext_lazy("Variance"),
    "variance_share": gettext_lazy("Relative variance"),
}
WHOLE_MONEY = {
    "name": gettext_lazy("Category or result; the last row is the total"),
    "approved": gettext_lazy("Approved budget"),
    "spent": gettext_lazy("Spent since the beginning"),
    "remaining": gettext_lazy("Remaining"),
    "forecast": gettext_lazy("Forecast"),
}
CHART = {
    "picture": PictureField(gettext_lazy("The chart, in a paragraph or cell of its own")),
    "caption": gettext_lazy("Its number and title"),
}
LISTS = {
    "outcomes": ListField(gettext_lazy("Outcomes, each with its indicators"), RESULT),
    "outputs": ListField(gettext_lazy("Outputs, each with its indicators"), RESULT),
    "indicators": ListField(
        gettext_lazy("Indicators of outcomes and outputs, in one list"),
        {"result": gettext_lazy("Code of its result"), **INDICATOR},
    ),
    "activities": ListField(
        gettext_lazy("Activities of the period"),
        {
            "title": gettext_lazy("Activity"),
            "place": gettext_lazy("Kind and place"),
            "when": gettext_lazy("When"),
            "result": gettext_lazy("Code of its result"),
            "participants": gettext_lazy("Participants"),
            "women": gettext_lazy("Women among them"),
            "state": STATE,
        },
    ),
    "actions": ListField(gettext_lazy("Action plan of the period"), ACTION),
    "next_actions": ListField(gettext_lazy("Action plan of the next year"), ACTION),
    "risks": ListField(
        gettext_lazy("Risks"),
        {
            "number": gettext_lazy("Number"),
            "risk": gettext_lazy("Risk"),
            "level": gettext_lazy("Level on the day of the data"),
            "trend": gettext_lazy("Trend"),
            "response": gettext_lazy("Response"),
            "strategy": gettext_lazy("Strategy"),
            "owner": gettext_lazy("Owner of the risk"),
        },
    ),
    "meetings": ListField(gettext_lazy("Meetings of the committee"), BOX),
    "decisions": ListField(gettext_lazy("Decisions of the committee"), BOX),
    "recommendations": ListField(gettext_lazy("Recommendations of the committee"), BOX),
    "amendments": ListField(gettext_lazy("Amendments of the project"), BOX),
    "institutions": ListField(
        gettext_lazy("Participating institutions"),
        {
            "name": gettext_lazy("Institution"),
            "kind": gettext_lazy("Kind"),
            "role": gettext_lazy("Role"),
        },
    ),
    "finances": ListField(gettext_lazy("Finances of the period, by category"), PERIOD_MONEY),
    "finances_whole": ListField(
        gettext_lazy("Finances of the whole project, by category"), WHOLE_MONEY
    ),
    "result_finances": ListField(gettext_lazy("Finances of the period, by result"), PERIOD_MONEY),
    "result_finances_whole": ListField(
        gettext_lazy("Finances of the whole project, by result"), WHOLE_MONEY
    ),
    "identification": ListField(
        gettext_lazy("Identification of the project, line by line"),
        {"label": gettext_lazy("Name of the line"), "value": gettext_lazy("What the line says")},
    ),
    "figures": ListField(
        gettext_lazy("All charts of the report"),
        {**CHART, "section": gettext_lazy("The section that it is in, such as finances")},
    ),
    "photographs": ListField(
        gettext_lazy("Photographs that may be shown"),
        {
            "picture": PictureField(
                gettext_lazy("The photograph, in a paragraph or cell of its own")
            ),
            "caption": gettext_lazy("What it shows"),
            "details": gettext_lazy("What else is known about it, line by line"),
        },
    ),
    "chapters": ListField(
        gettext_lazy("Chapters in their order, with what was written in each"),
        {
            "number": gettext_lazy("Number"),
            "title": gettext_lazy("Title"),
            "text": gettext_lazy("Text"),
            "paragraphs": ListField(gettext_lazy("The text, paragraph by paragraph"), {}),
        },
    ),
}
# Texts that people wrote, by the kind of section: as one text, and paragraph by paragraph.
NARRATIVE, PARAGRAPHS = "narrative", "paragraphs"
# The same with its formatting, and the charts of a section.
FORMATTED_TEXTS, CHARTS = "formatted", "charts"


def field_schema() -> Names:
    """Return the names as `reports.template_fields` reads them."""
    kinds = [kind.value for kind in SectionKind]
    return {
        **dict.fromkeys(TEXTS, TEXT),
        NARRATIVE: dict.fromkeys(kinds, TEXT),
        PARAGRAPHS: {kind: [TEXT] for kind in kinds},
        FORMATTED_TEXTS: dict.fromkeys(kinds, FORMATTED),
        CHARTS: {kind: [_schema_of(ListField("", CHART))[0]] for kind in kinds},
        **{name: _schema_of(each) for name, each in LISTS.items()},
    }


def _schema_of(each: Any) -> Any:
    if isinstance(each, PictureField):
        return PICTURE
    if not isinstance(each, ListField):
        return TEXT
    return [{name: _schema_of(part) for name, part in each.parts.items()} or TEXT]


def field_groups() -> Iterator[FieldGroup]:
    """Return the fields as the page lists them for people who make templates."""
    yield FieldGroup(
        _("Single texts"),
        texts=[(f"{{{{ {name} }}}}", str(about)) for name, about in TEXTS.items()],
    )
    yield FieldGroup(
        _("What was written in each section"),
        texts=[(f"{{{{ {NARRATIVE}.{kind.value} }}}}", str(kind.label)) for kind in SectionKind],
    )
    yield FieldGroup(
        _("The same with lists, bold and italics, each alone in its paragraph"),
        texts=[
            (f"{{{{p {FORMATTED_TEXTS}.{kind.value} }}}}", str(kind.label)) for kind in SectionKind
        ],
    )
    yield FieldGroup(
        _("Charts of a section"),
        f"{CHARTS}.{SectionKind.FINANCES.value}",
        texts=list(_parts("row", ListField("", CHART))),
    )
    for name, each in LISTS.items():
        yield FieldGroup(str(each.about), name, texts=list(_parts("row", each)))


def _parts(row: str, each: ListField) -> Iterator[tuple[str, str]]:
    for name, about in each.parts.items():
        if isinstance(about, PictureField):
            yield f"{{{{ {row}.{name} }}}}", str(about.about)
            continue
        if not isinstance(about, ListField):
            yield f"{{{{ {row}.{name} }}}}", str(about)
            continue
        yield f"{{%p for one in {row}.{name} %}} … {{%p endfor %}}", str(about.about)
        yield from _parts("one", about)


# Texts that people wrote, as paragraphs with bold and slanted words

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BOLD, SLANTED = frozenset({"strong", "b", "th"}), frozenset({"em", "i"})
HTML_BLOCKS = HEADINGS | {"p", "li", "tr", "pre"}
HTML_LISTS = ("ul", "ol")
DEEPEST = 3  # levels of lists
BULLET = "•"


class MarkdownReader(HTMLParser):
    """Reads the clean HTML of `kernel.text.render_markdown`; another class writes what it finds."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.has_paragraph = False
        self.address = ""
        self.counts: list[int] = []  # the items so far of each list that is open

    def begin(self, heading: int, lists: list[str], number: int) -> None:
        """Begin a paragraph: a heading of that level, or the item of that number in the last of
        the lists, or neither."""
        raise NotImplementedError

    def write(self, text: str, *, bold: bool, italic: bool, address: str) -> None:
        """Write words into the paragraph; `address` is where they lead to, or ""."""
        raise NotImplementedError

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._text("\n")
            return
        self.open.append(tag)
        if tag == "a":
            self.address = dict(attrs).get("href") or ""
        elif tag in HTML_LISTS:
            self.counts.append(0)
        elif tag == "li" and self.counts:
            self.counts[-1] += 1
        if tag in HTML_BLOCKS and not (tag == "p" and "li" in self.open):
            self._begin()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]
        if tag in {"td", "th"}:
            self._text("\t")
        elif tag == "a":
            self.address = ""
        elif tag in HTML_LISTS and self.counts:
            self.counts.pop()
        if tag in HTML_BLOCKS:
            self.has_paragraph = False

    def handle_data(self, data: str) -> None:
        if data.strip() or self.has_paragraph:
            self._text(data.strip("\n") if not data.strip() else data)

    def _begin(self) -> None:
        levels = [int(tag[1]) for tag in self.open if tag in HEADINGS]
        lists = [tag for tag in self.open if tag in HTML_LISTS][:DEEPEST]
        self.begin(levels[0] if levels else 0, lists, self.counts[-1] if self.counts else 0)
        self.has_paragraph = True

    def _text(self, text: str) -> None:
        if not text:
            return
        if not self.has_paragraph:
            self._begin()
        marks = {*self.open}
        self.write(
            text, bold=bool(marks & BOLD), italic=bool(marks & SLANTED), address=self.address
        )


class FormattedParagraphs(MarkdownReader):
    """Collects the paragraphs as data, for the process that fills a donor's template."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self.paragraphs: list[Paragraph] = []

    def begin(self, heading: int, lists: list[str], number: int) -> None:
        mark = f"{number}." if lists and lists[-1] == "ol" else BULLET if lists else ""
        self.paragraphs.append(
            {
                "heading": bool(heading),
                "mark": mark,
                "depth": len(lists),
                "lang": self.language,
                "pieces": [],
            }
        )

    def write(self, text: str, *, bold: bool, italic: bool, address: str) -> None:
        self.paragraphs[-1]["pieces"].append({"text": text, "bold": bold, "italic": italic})


def formatted(text: str, language: str = "") -> list[Paragraph]:
    """Return the paragraphs of a Markdown text; none if it is empty."""
    reader = FormattedParagraphs(language)
    reader.feed(str(render_markdown(text)))
    return reader.paragraphs

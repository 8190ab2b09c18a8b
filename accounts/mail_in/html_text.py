"""The text of a message that is HTML. What mail programs mark as quoted begins with “>” in it, as in
plain text, what they mark as a signature is left out, and `CUT` is where they put everything else."""

import re
from html.parser import HTMLParser

CUT = "\x1e"
MOST_OPEN = 400  # elements inside each other
LONGEST_LINE = 5_000  # more than is read of one later; what is added to a long one takes long

VOID = {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "wbr"}
UNSEEN = {"script", "style", "head", "title", "template", "noscript", "svg", "object"}
BLOCKS = {
    *("div", "p", "table", "tr", "ul", "ol", "li", "blockquote", "pre", "section", "article"),
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "footer",
        "address",
        "center",
        "dl",
        "dd",
        "dt",
    ),
}
# By class, id or data-marker, as the programs write them: Thunderbird, Yahoo, Proton, Zoho.
QUOTED = re.compile(r"(?i)moz-cite-prefix|yahoo_quoted|protonmail_quote|zmail_extra|tutanota_quote")
# Gmail, Thunderbird, Proton, Outlook on the web and on phones, Apple, Yahoo, Zimbra.
SIGNATURE = re.compile(
    r"(?i)gmail_signature|moz-signature|protonmail_signature|^signature$|ms-outlook-mobile-signature|"
    r"applemailsignature|apple-mail-signature|^ydp\w*signature|__sig_(pre|post)__|^x?_?signature$"
)
# Outlook on the web and new, Outlook for Mac, Zimbra.
REST = re.compile(
    r"(?i)^(x_)?appendonsend$|divrplyfwdmsg|mail-editor-reference-message-container|olk_src_body_section|"
    r"outlookmessageheader|^zwchr$|__divider__|__headers__|__quoted_text__"
)
# The line that Outlook draws above the header of what is quoted.
RULE_OF_OUTLOOK = re.compile(r"(?i)border-top:\s*solid\s+#(e1e1e1|b5c4df)\s+1(\.0)?pt")
OWN_INDENT = re.compile(r"(?i)border(-left)?:\s*(none|0)")


def html_text(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        # Open elements: name, and what they are: "" | unseen | quoted.
        self.open: list[tuple[str, str]] = []
        self.is_over = False

    # What the parser finds

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.is_over or len(self.open) > MOST_OPEN:
            return
        values = {name: value or "" for name, value in attrs}
        marks = [
            *values.get("class", "").split(),
            values.get("id", ""),
            values.get("data-marker", ""),
        ]
        if any(REST.search(mark) for mark in marks) or RULE_OF_OUTLOOK.search(
            values.get("style", "")
        ):
            self._end_line()
            self.lines.append(CUT)
            self.is_over = True
            return
        if tag in VOID:
            if tag in {"br", "hr"}:
                self._end_line(always=True)
            return
        if tag in BLOCKS:
            self._end_line()
        self.open.append((tag, self._meaning(tag, values, marks)))
        if tag == "li" and self._sees():
            self.line = "- "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _meaning in self.open]
        if self.is_over or tag not in names:
            return
        if tag in BLOCKS:
            self._end_line()
            if tag in {"p", "blockquote", "ul", "ol", "pre"} and self.lines and self.lines[-1]:
                self.lines.append(self._prefix().strip())
        elif tag in {"td", "th"}:
            self.line += " "
        place = len(names) - 1 - names[::-1].index(tag)
        del self.open[place:]

    def handle_data(self, data: str) -> None:
        if self.is_over or len(self.line) > LONGEST_LINE or not self._sees():
            return
        if any(name == "pre" for name, _meaning in self.open):
            first, *others = data.split("\n")
            self.line += first
            for other in others:
                self._end_line(always=True)
                self.line = other
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        self.line += words if self.line else words.lstrip()

    # What becomes of it

    def _meaning(self, tag: str, values: dict[str, str], marks: list[str]) -> str:
        style = values.get("style", "")
        if tag in UNSEEN or re.search(r"(?i)display:\s*none|mso-hide:\s*all", style):
            return "unseen"
        if any(SIGNATURE.search(mark) for mark in marks):
            return "unseen"
        if any(QUOTED.search(mark) for mark in marks):
            return "quoted"
        if tag == "blockquote":
            is_cited = values.get("type") == "cite" or any("quote" in mark for mark in marks)
            return "quoted" if is_cited or not OWN_INDENT.search(style) else ""
        return ""

    def _sees(self) -> bool:
        return all(meaning != "unseen" for _tag, meaning in self.open)

    def _prefix(self) -> str:
        return "> " if any(meaning == "quoted" for _tag, meaning in self.open) else ""

    def _end_line(self, *, always: bool = False) -> None:
        if self._sees() and (always or self.line.strip()):
            self.lines.append(f"{self._prefix()}{self.line.rstrip()}".rstrip())
        self.line = ""

    def text(self) -> str:
        self._end_line()
        return "\n".join(self.lines)

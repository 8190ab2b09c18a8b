"""Rewords English source strings and leaves their translations attached:
`python -m scripts.reword FILE`.

A line of FILE is `old words ||| new words`. A plural has ` +++ ` between its forms, `[context] `
comes before words that have one, and `\\n` means a new line. Python sources, templates and both
catalogues are changed, and so are the tests that quote the words; one that quotes a part of them
fails and is changed by hand. Run `ruff format` afterwards, then `catalogues.py update`.
"""

import ast
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from scripts.catalogues import LANGUAGES, ROOT, path, read, strings

WIDTH, TEMPLATE_WIDTH = 100, 150
# Which arguments of these functions are words, and whether a context comes first.
WORDS = {
    "_": (0,),
    "_t": (0,),
    "gettext": (0,),
    "ngettext": (0, 1),
    "pgettext": (1,),
    "npgettext": (1, 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{\w*\}")
BLOCK = re.compile(
    r"(?P<open>\{% *blocktrans(?:late)?\b.*?%\})(?P<body>.*?)(?P<end>\{% *endblocktrans(?:late)? *%\})",
    re.DOTALL,
)
TAG = re.compile(
    r"""(?P<open>(?:\{% *trans(?:late)? +|_\())(?P<quote>["'])(?P<words>.*?)(?P=quote)(?P<rest>[^%]*?[%)])"""
)
PLURAL = re.compile(r"\{% *plural *%\}")
CONTEXT = re.compile(r"""\bcontext +["'](.*?)["']""")


class Rewording(NamedTuple):
    context: str | None
    old: tuple[str, ...]
    new: tuple[str, ...]


Rewordings = dict[tuple[str | None, str], Rewording]


def main(file: str) -> None:
    asked = list(rewordings(Path(file).read_text("utf-8")))
    by_words = {(one.context, one.old[0]): one for one in asked}
    found: set[tuple[str | None, str]] = set()
    for source in files("*.py", ":!tests", ":!scripts"):
        rewrite(source, in_python(source.read_text("utf-8"), by_words, found))
    for source in files("*.html", "*.txt", "*.xml", "*.svg"):
        rewrite(source, in_template(source.read_text("utf-8"), by_words, found))
    for key in by_words.keys() - found:
        print(f"not found in the sources: {key}")
    for language in LANGUAGES:
        reword_catalogue(language, by_words)
    for source in files("tests/*.py", "bench/*.py"):
        rewrite(source, in_quotes(source.read_text("utf-8"), asked))


def rewordings(text: str) -> Iterator[Rewording]:
    for line in filter(None, text.splitlines()):
        context, words = re.fullmatch(r"(?:\[(.*?)\] )?(.*)", line).groups()  # type: ignore[union-attr]
        old, new = (
            tuple(form.replace("\\n", "\n") for form in side.split(" +++ "))
            for side in words.split(" ||| ")
        )
        if len(old) != len(new) or any(
            places(a) != places(b) for a, b in zip(old, new, strict=True)
        ):
            sys.exit(f"The forms or placeholders differ: {line}")
        if context and new[0].startswith(f"[{context}]"):
            sys.exit(f"The context is written before the old words alone: {line}")
        yield Rewording(context, old, new)


def places(words: str) -> set[str]:
    return {place.group() for place in PLACEHOLDER.finditer(words)}


def files(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / name for name in listed.stdout.splitlines()]


def rewrite(source: Path, text: str) -> None:
    if text != source.read_text("utf-8"):
        source.write_text(text, "utf-8")


# ---- Python


def in_python(text: str, asked: Rewordings, found: set[tuple[str | None, str]]) -> str:
    changes = []
    for call in ast.walk(ast.parse(text)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        indices = WORDS.get(re.sub("_(lazy|noop)$", "", name), ())
        arguments = [arg.value if isinstance(arg, ast.Constant) else None for arg in call.args]
        if (
            not indices
            or len(arguments) <= indices[-1]
            or not all(isinstance(arguments[i], str) for i in indices)
        ):
            continue
        context = arguments[0] if indices[0] else None
        key = (str(context) if indices[0] else None, str(arguments[indices[0]]))
        if (one := asked.get(key)) and len(one.new) >= len(indices):
            found.add(key)
            changes += [(call.args[i], new) for i, new in zip(indices, one.new, strict=False)]
    return replaced(text, changes)


def replaced(text: str, changes: list[tuple[ast.expr, str]]) -> str:
    """Returns the source with these literals written anew."""
    lines = text.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    data = text.encode()
    for node, words in sorted(
        changes, key=lambda change: -starts[change[0].lineno - 1] - change[0].col_offset
    ):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first, last = lines[node.lineno - 1], lines[node.end_lineno - 1]
        begin, end = (
            starts[node.lineno - 1] + node.col_offset,
            starts[node.end_lineno - 1] + node.end_col_offset,
        )
        indent = len(first) - len(first.lstrip())
        whole = (
            first[: node.col_offset].decode()
            + literal(words)
            + last[node.end_col_offset :].decode().rstrip()
        )
        short = len(whole) <= WIDTH or len(literal(words)) + indent + 6 <= WIDTH
        written = literal(words) if short else broken(words, indent)
        if not short and data[:begin].rstrip()[-1:] not in b"([{,:":
            written = f"({written})"
        data = data[:begin] + written.encode() + data[end:]
    return data.decode()


def literal(words: str) -> str:
    quote = "'" if '"' in words and "'" not in words else '"'
    escaped = (
        words.replace("\\", "\\\\")
        .replace("\n", "\\n")
        .replace("\xa0", "\\xa0")
        .replace(quote, f"\\{quote}")
    )
    return f"{quote}{escaped}{quote}"


def broken(words: str, indent: int) -> str:
    """Returns the literal in pieces, a line each; the formatter puts them in their places."""
    pieces = [""]
    for word in re.findall(r"\s*\S+\s?", words):
        if len(pieces[-1] + word) > WIDTH - indent - 12:
            pieces.append("")
        pieces[-1] += word
    return (
        "\n"
        + "\n".join(" " * (indent + 4) + literal(piece) for piece in pieces)
        + "\n"
        + " " * indent
    )


# ---- Templates


def in_template(text: str, asked: Rewordings, found: set[tuple[str | None, str]]) -> str:
    def tag(match: re.Match[str]) -> str:
        context = CONTEXT.search(match["rest"])
        for words in (match["words"], match["words"].replace("%", "%%")):
            key = (context and context[1], words)
            if (one := asked.get(key)) and match["quote"] not in one.new[0]:
                found.add(key)
                new = one.new[0] if words == match["words"] else one.new[0].replace("%%", "%")
                return match["open"] + match["quote"] + new + match["quote"] + match["rest"]
        return match[0]

    def block(match: re.Match[str]) -> str:
        parts = PLURAL.split(match["body"])
        trimmed = "trimmed" in match["open"]
        context = CONTEXT.search(match["open"])
        key = (context and context[1], as_id(parts[0], trimmed))
        if not (one := asked.get(key)):
            return match[0]
        found.add(key)
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        indent = len(line) - len(line.lstrip())
        bodies = [body(part, new, indent) for part, new in zip(parts, one.new, strict=False)]
        whole = match["open"] + "{% plural %}".join(bodies) + match["end"]
        if "\n" not in whole and len(line) + len(whole) > TEMPLATE_WIDTH and trimmed:
            margin = "\n" + " " * (indent + 2)
            bodies = [
                margin + margin.join(wrapped(new, TEMPLATE_WIDTH - indent)) + margin[:-2]
                for new in one.new
            ]
            whole = match["open"] + "{% plural %}".join(bodies) + match["end"]
        return whole

    return BLOCK.sub(block, TAG.sub(tag, text))


def as_id(part: str, trimmed: bool) -> str:
    """Returns the words of a block as its id has them."""
    words = " ".join(line.strip() for line in part.strip().splitlines()) if trimmed else part
    return re.sub(r"\{\{ *(\w+) *\}\}", r"%(\1)s", words.replace("%", "%%"))


def body(part: str, new: str, indent: int) -> str:
    """Returns new words in the shape of the old ones: on their line, or wrapped below the tag."""
    stripped = part.strip()
    before, after = part[: part.index(stripped)], part[part.index(stripped) + len(stripped) :]
    if "\n" not in part:
        return before + in_braces(new) + after
    margin = "\n" + " " * (len(before) - before.rfind("\n") - 1 if "\n" in before else indent + 2)
    width = max([96, *(len(line) for line in part.splitlines())])
    return before + margin.join(wrapped(new, min(width, TEMPLATE_WIDTH) - len(margin))) + after


def in_braces(words: str) -> str:
    return re.sub(r"%\((\w+)\)s", r"{{ \1 }}", words).replace("%%", "%")


def wrapped(words: str, width: int) -> list[str]:
    glued = re.sub(r"\{\{ (\w+) \}\}", "{{\0\\1\0}}", in_braces(words))
    lines = textwrap.wrap(glued, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


# ---- Catalogues


def reword_catalogue(language: str, asked: Rewordings) -> None:
    kept = read(ROOT, language)
    fresh = Catalog(locale=language, header_comment=kept.header_comment, fuzzy=False)
    fresh.mime_headers = kept.mime_headers
    for message in kept:
        one = asked.get((message.context, strings(message.id)[0])) if message.id else None
        if one and len(one.new) >= len(strings(message.id)):
            message.id = one.new if isinstance(message.id, list | tuple) else one.new[0]
        # Words that the catalogue has already keep their translation.
        if message.id and not fresh.get(strings(message.id)[0], message.context):
            fresh.add(
                message.id,
                message.string,
                flags=message.flags,
                context=message.context,
                auto_comments=message.auto_comments,
                user_comments=message.user_comments,
            )
    with path(ROOT, language).open("wb") as file:
        write_po(file, fresh, width=79)


# ---- Quotes


def pattern(words: str) -> str:
    """Returns a pattern of words whose placeholders have been filled."""
    pieces = [
        re.escape(piece) for piece in re.split(r"%\(\w+\)[sd]|\{\w*\}", words.replace("%%", "%"))
    ]
    return "(.{1,80}?)".join(pieces)


def in_quotes(text: str, asked: list[Rewording]) -> str:
    """Returns the source of a test with the new words where it quotes the old ones."""
    quoted = "\n".join(node.value for node in texts(text))
    for one in asked:
        for old, new in zip(one.old, one.new, strict=True):
            several = " " in old and len(old) > 9
            whole = re.compile(rf"(?<!\w){pattern(old)}(?!\w)" if several else rf"^{pattern(old)}$")
            if not whole.search(quoted) and not (several and whole.search(text)):
                continue
            written = [(node, whole.sub(replacement(old, new), node.value)) for node in texts(text)]
            text = replaced(text, [(node, words) for node, words in written if words != node.value])
            if several:
                text = with_fields(text, whole, replacement(old, new))
    return text


def with_fields(source: str, whole: re.Pattern[str], new: str) -> str:
    return re.sub(r"(?m)^.*\bf[\"'].*$", lambda line: whole.sub(new, line[0]), source)


class Text(ast.Constant):
    value: str


def texts(source: str) -> list[Text]:
    tree = ast.parse(source)
    # What belongs to a literal with fields, and what says something to those who read the source.
    others = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr | ast.Expr)
        for part in (ast.walk(node) if isinstance(node, ast.JoinedStr) else [node.value])
    }
    return [
        cast("Text", node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in others
    ]


def replacement(old: str, new: str) -> str:
    order = [place.group() for place in PLACEHOLDER.finditer(old)]
    pieces = re.split(r"(%\(\w+\)[sd]|\{\w*\})", new.replace("%%", "%"))
    return "".join(
        rf"\g<{order.index(piece) + 1}>" if piece in order else piece.replace("\\", r"\\")
        for piece in pieces
    )


if __name__ == "__main__":
    main(sys.argv[1])

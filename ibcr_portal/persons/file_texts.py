"""The words of an uploaded file, to find a name in it. PDFs are read in a process with limits."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from tempfile import TemporaryFile

from reports.render_process import RenderFailed, RenderProcess

LARGEST = 60_000_000
MOST_MEMBERS = 2_000
SECONDS = 60
DEEPEST = 2
END_OF_WORDS = re.compile(r"</(?:\w+:)?(?:p|h|si|row|t[cdr]|c|table-cell)>|<(?:\w+:)?(?:tab|br)\b")
TAG = re.compile(r"<[^<>]*>")
PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF")


class UnsearchableFile(Exception):
    """Nobody can say by program whether the file names somebody."""


def words_of_file(content: bytes, depth: int = 0) -> Iterator[str]:
    """Return the texts in the file. Raises UnsearchableFile."""
    if content.startswith(PICTURES):
        return  # what a picture shows is looked at, not searched
    if content.startswith(b"%PDF"):
        yield _words_of_pdf(content)
    elif content.startswith(b"PK\x03\x04") and depth < DEEPEST:
        yield from _words_of_archive(content, depth)
    else:
        yield _words_of_markup(content)


def _words_of_archive(content: bytes, depth: int) -> Iterator[str]:
    left = LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist()[:MOST_MEMBERS]:
                with archive.open(member) as file:
                    part = file.read(left + 1)
                left -= len(part)
                if left < 0:
                    raise UnsearchableFile
                yield member.filename
                yield from words_of_file(part, depth + 1)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnsearchableFile from error


def _words_of_markup(content: bytes) -> str:
    """Without tags: Word begins a new one in the middle of a name."""
    text = content.decode("utf-8", errors="ignore")
    if "<" not in text:
        return text
    return html.unescape(TAG.sub("", END_OF_WORDS.sub("\n<", text)))


def _words_of_pdf(content: bytes) -> str:
    with TemporaryFile() as source, TemporaryFile() as target:
        source.write(content)
        source.seek(0)
        options = {"program": "words"}
        process = RenderProcess(
            source, target, program="append", options=options, seconds=SECONDS, stage="annexes"
        )
        try:
            process.run(lambda stage, page: None)
        except RenderFailed as failure:
            raise UnsearchableFile from failure
        target.seek(0)
        return target.read().decode("utf-8", errors="replace")

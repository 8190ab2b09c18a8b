"""The form of a backup: frames one after the other, each a letter, the length of its content, and the
content. It is written and read in one go, and at no time is more than a frame in memory.

    H  header: JSON with the format, the versions, the moment, and the tables
    T  a table begins: JSON with its name, key and columns
    R  some rows of it: compressed lines of JSON, each a list of values
    U  the table ends: JSON with the number of rows and the last key that was given out
    X  a text that the portal keeps beside the database, such as checkpoints: JSON
    F  a file begins: JSON with its name
    D  a piece of the file
    G  the file ends: JSON with its size and hash, or that it was missing
    E  the end: JSON with the totals, the hash of all frames before, and the portal's signature

A file that was cut off has no end, and one that was altered has a hash that does not fit. Whoever
does not have the portal's key cannot sign another one.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

MAGIC = b"IBCR portal backup\n"
FORMAT = 1

HEADER, TABLE, ROWS, TABLE_END, TEXT, FILE, DATA, FILE_END, END = b"HTRUXFDGE"
KNOWN = frozenset(b"HTRUXFDGE")
HEAD = struct.Struct(">BI")
LARGEST = 64_000_000  # content of a frame; the largest row of the portal has some megabytes
PIECE = 262_144
ROWS_BYTES = 500_000  # of lines before they are compressed; a row may be longer


class Damaged(Exception):
    """What was read is no backup, or not a whole one. The sentence says what is wrong."""


def frame(letter: int, content: bytes) -> bytes:
    if len(content) > LARGEST:
        raise OverflowError(f"{len(content)} bytes do not fit into a frame.")
    return HEAD.pack(letter, len(content)) + content


def json_frame(letter: int, values: Any) -> bytes:
    return frame(letter, canonical(values))


def canonical(values: Any) -> bytes:
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def row_frames(rows: Iterable[list[Any]]) -> Iterator[bytes]:
    lines: list[bytes] = []
    size = 0
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
        lines.append(line)
        size += len(line) + 1
        if size >= ROWS_BYTES:
            yield frame(ROWS, zlib.compress(b"\n".join(lines), 6))
            lines, size = [], 0
    if lines:
        yield frame(ROWS, zlib.compress(b"\n".join(lines), 6))


def rows_in(content: bytes) -> Iterator[list[Any]]:
    """Return the rows of a frame. Raises Damaged."""
    unpacked = zlib.decompressobj()
    try:
        # A small frame may not unfold into all of the memory.
        text = unpacked.decompress(content, LARGEST)
        if not unpacked.eof or unpacked.unused_data:
            raise Damaged("Rows of it are damaged or too large.")
        for line in text.split(b"\n"):
            row = json.loads(line)
            if type(row) is not list:
                raise Damaged("A row of it is none.")
            yield row
    except (zlib.error, ValueError, RecursionError) as error:
        raise Damaged("Rows of it are damaged.") from error


class FrameReader:
    """Reads from an iterator of frames as from a file, so that they can be encrypted on their way."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.rest = memoryview(b"")
        self.failure: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        try:
            while not self.rest:
                self.rest = memoryview(next(self.pieces))
        except StopIteration:
            return b""
        except BaseException as error:
            self.failure = error  # whoever reads turns it into an error of its own
            raise
        part, self.rest = self.rest[:size], self.rest[size:]
        return bytes(part)


class FrameParser:
    """Takes the bytes of a backup as they come, and hands each whole frame to `take`."""

    def __init__(self, take: Callable[[int, bytes], None]) -> None:
        self.take = take
        self.buffer = bytearray()
        self.begun = False
        self.hash = hashlib.sha256()
        self.ended = False
        self.failure: BaseException | None = None

    def write(self, data: bytes) -> int:
        try:
            self._write(data)
        except BaseException as error:
            # The library that decrypts writes once more after a failure: the first one says why.
            self.failure = self.failure or error
            raise
        return len(data)

    def flush(self) -> None:
        """Nothing waits here but the beginning of a frame."""

    def close(self) -> None:
        """Raises Damaged if the end did not come."""
        if not self.ended or self.buffer:
            raise Damaged("It is not a whole backup: its end is missing.")

    def _write(self, data: bytes) -> None:
        self.buffer += data
        if not self.begun:
            if len(self.buffer) < len(MAGIC):
                return
            if not self.buffer.startswith(MAGIC):
                raise Damaged("It is no backup of this portal.")
            del self.buffer[: len(MAGIC)]
            self.begun = True
        start = 0
        while (found := self._frame(start)) is not None:
            letter, content, end = found
            if letter == END:
                self.ended = True
            else:
                self.hash.update(memoryview(self.buffer)[start:end].tobytes())
            self.take(letter, content)
            start = end
        del self.buffer[:start]

    def _frame(self, start: int) -> tuple[int, bytes, int] | None:
        if len(self.buffer) - start < HEAD.size:
            return None
        letter, size = HEAD.unpack_from(self.buffer, start)
        if self.ended or letter not in KNOWN or size > LARGEST:
            raise Damaged("It is damaged.")
        end = start + HEAD.size + size
        if len(self.buffer) < end:
            return None
        return letter, bytes(self.buffer[start + HEAD.size : end]), end


def values_of(content: bytes) -> dict[str, Any]:
    """Return the values of a frame of JSON. Raises Damaged."""
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Damaged("It is damaged.") from error
    if type(values) is not dict:
        raise Damaged("It is damaged.")
    return values


def copy_plain(source: BinaryIO, parser: FrameParser) -> None:
    while piece := source.read(PIECE):
        parser.write(piece)

"""Asks ClamAV whether a file is harmless, where settings.CLAMD_URL names its daemon.

The daemon reads the file from the connection (INSTREAM), so it may run on another machine and
never sees the storage.
"""

import logging
import socket
import struct
from typing import BinaryIO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

SECONDS = 60  # a workbook that unpacks to 200 MB takes a while
PIECE = 1 << 16


def refuse_infected(file: BinaryIO) -> None:
    """Raise ValidationError if a virus was found, or if the scanner cannot be asked.

    The file is wound back.
    """
    if not settings.CLAMD_URL:
        return
    file.seek(0)
    try:
        answer = _answer_of_clamd(file)
    except OSError as error:
        answer = f"no answer ({error})"
    file.seek(0)
    if answer == "stream: OK":
        return
    if answer.endswith(" FOUND"):
        logger.warning("An upload was refused: %s", answer)
        sentence = _(
            "The virus scanner found something harmful in this file, so it was not kept. "
            "Do not open it again; tell your administrator."
        )
        raise ValidationError(sentence, code="infected")
    logger.error("The virus scanner could not be asked: %s", answer)
    sentence = _(
        "The virus scanner does not respond, and no file is accepted without it. Try "
        "again in a few minutes; if that does not help, tell your administrator."
    )
    raise ValidationError(sentence, code="not_scanned")


def ask_whether_it_answers() -> None:
    """Raise OSError if the scanner does not answer."""
    with _connection() as connection:
        connection.settimeout(5)
        connection.sendall(b"zPING\0")
        if not connection.recv(16).startswith(b"PONG"):
            raise ConnectionError


def _answer_of_clamd(file: BinaryIO) -> str:
    with _connection() as connection:
        connection.sendall(b"zINSTREAM\0")
        try:
            while piece := file.read(PIECE):
                connection.sendall(struct.pack("!L", len(piece)) + piece)
            connection.sendall(struct.pack("!L", 0))
        except BrokenPipeError:
            pass  # it has answered already: the file is larger than its StreamMaxLength
        answer = b""
        while not answer.endswith(b"\0") and (piece := connection.recv(1024)):
            answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _connection() -> socket.socket:
    where = urlsplit(settings.CLAMD_URL)
    if where.scheme == "tcp":
        return socket.create_connection((where.hostname or "", where.port or 3310), SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(SECONDS)
    try:
        connection.connect(where.path)
    except OSError:
        connection.close()
        raise
    return connection

"""A telephone line between a browser and the portal, which breaks when a test wants it to.

It is a proxy on this machine. Each request has a connection of its own, so that a break concerns one
request and the browser has no other connection on which it would try again.
"""

import random
import socket
import struct
import threading
import time
from collections import deque
from contextlib import suppress
from urllib.parse import urlsplit

NOW = struct.pack("ii", 1, 0)  # SO_LINGER: the connection is reset, as by a mast that is gone

# When a line breaks: the portal got nothing; it answered, and nothing arrived; half of it arrived.
BEFORE, UNANSWERED, HALF = "before", "unanswered", "half"


class Line:
    """`line.url` leads to the portal. While `line.is_up` is false nobody gets through. `line.breaks`
    says for the entries that a phone sends which of them meet a break; None lets one pass. With
    `line.form_break` every form that a page sends meets this one: browsers try again by themselves."""

    def __init__(self, portal: str, seed: int = 1) -> None:
        self.portal = urlsplit(portal)
        self.random = random.Random(seed)
        self.is_up, self.breaks, self.met = True, deque(), []
        self.form_break: str | None = None
        self.entries = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self.server.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self.server.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self.server.accept()
                threading.Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            client.settimeout(30)
            if not self.is_up or not (request := received(client)):
                return self._break(client)
            head = request.partition(b"\r\n\r\n")[0].lower()
            cut = None
            if b"x-entry-key:" in head:
                self.entries += 1
                cut = self.breaks.popleft() if self.breaks else None
            elif head.startswith(b"post ") and b"x-draft:" not in head:
                cut = self.form_break
            if cut:
                self.met.append(cut)
            if cut == BEFORE:
                return self._break(client)
            answer = self._asked(request)
            if cut == HALF:
                client.sendall(answer[: self.random.randrange(1, len(answer))])
                time.sleep(0.05)
            if cut or not self.is_up:
                return self._break(client)
            client.sendall(answer)
        return None

    def _break(self, client: socket.socket) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)

    def _asked(self, request: bytes) -> bytes:
        """Return the whole answer of the portal, which closes the connection after it."""
        head, _blank, body = request.partition(b"\r\n\r\n")
        lines = [
            line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")
        ]
        request = b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body
        with socket.create_connection((self.portal.hostname, self.portal.port), 30) as portal:
            portal.sendall(request)
            return b"".join(iter(lambda: portal.recv(1 << 16), b""))


def received(client: socket.socket) -> bytes:
    """Return one request with its body; nothing if the browser opened the connection in reserve."""
    request = b""
    while b"\r\n\r\n" not in request:
        if not (more := client.recv(1 << 16)):
            return b""
        request += more
    head, _blank, body = request.partition(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    size = int(sizes[0].partition(b":")[2]) if sizes else 0
    while len(body) < size:
        if not (more := client.recv(1 << 16)):
            return b""
        body += more
    return head + b"\r\n\r\n" + body

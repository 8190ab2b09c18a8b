"""Small servers on this machine for what a portal asks: mail, mailbox, accounts, virus scanner. Each can be
away, or take a connection and say nothing."""

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[bytes], bytes]


class Talk(socketserver.BaseRequestHandler):
    server: "Server"

    def handle(self) -> None:
        with suppress(OSError):
            self.request.sendall(self.server.greeting)
            while given := self.request.recv(65536):
                self.request.sendall(self.server.answer(given))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Answer, greeting: bytes = b"") -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.answer, self.greeting = answer, greeting
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


def smtp(given: bytes) -> bytes:
    return b"221 bye\r\n" if given.upper().startswith(b"QUIT") else b"250 ok\r\n"


def imap(given: bytes) -> bytes:
    return b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n" % given.split(maxsplit=1)[0]


def scanner(given: bytes) -> bytes:
    return b"PONG\0"


def silent(given: bytes) -> bytes:
    return b""


def accounts(issuer: str) -> Answer:
    """A server of OpenID Connect that calls itself so."""
    found = {
        "issuer": issuer,
        "authorization_endpoint": "x",
        "token_endpoint": "x",
        "jwks_uri": "x",
    }
    body = json.dumps(found).encode()
    head = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return lambda _given: head % len(body) + body


@contextmanager
def running(*servers: Server) -> Iterator[None]:
    try:
        yield
    finally:
        for server in servers:
            server.stop()


def dead_port() -> int:
    """Where nothing listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return int(closed.getsockname()[1])

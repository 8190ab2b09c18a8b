"""A small proxy in front of several web servers: one after the other, and around those that are gone."""

import http.client
import itertools
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "server", "date"}


class Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str, port: int) -> None:
        super().__init__((address, port), Handler)
        self.turn = itertools.count()
        self.webs: dict[str, tuple[str, int]] = {}
        self.open: dict[str, int] = {}
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def add(self, name: str, address: str, port: int) -> None:
        with self.lock:
            self.webs[name] = (address, port)

    def remove(self, name: str) -> None:
        """Send no new request there."""
        with self.lock:
            self.webs.pop(name, None)

    def is_idle(self, name: str) -> bool:
        return not self.open.get(name)

    def next_webs(self) -> list[tuple[str, tuple[str, int]]]:
        """Return all of them, beginning with the one whose turn it is."""
        with self.lock:
            webs = list(self.webs.items())
        start = next(self.turn) % max(len(webs), 1)
        return webs[start:] + webs[:start]

    def count(self, name: str, change: int) -> None:
        with self.lock:
            self.open[name] = self.open.get(name, 0) + change

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away."""


class Handler(BaseHTTPRequestHandler):
    server: Proxy
    protocol_version = "HTTP/1.0"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        for name, (address, port) in self.server.next_webs():
            connection = http.client.HTTPConnection(address, port, timeout=1)
            try:
                connection.connect()
            except OSError:
                continue  # nothing was sent yet, so that another one may have it
            assert connection.sock is not None  # it is connected
            connection.sock.settimeout(60)
            self.server.count(name, 1)
            try:
                self._exchange(name, connection, body)
            finally:
                self.server.count(name, -1)
                connection.close()
            return
        self.send_error(502, "No web server answers")

    def _exchange(self, name: str, connection: http.client.HTTPConnection, body: bytes) -> None:
        headers = {key: text for key, text in self.headers.items() if key.lower() != "connection"}
        headers["X-Forwarded-Proto"] = "https"
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.send_error(502, "The web server broke off")
            return
        self.send_response_only(answer.status)
        for key, text in answer.getheaders():
            if key.lower() not in HOP_BY_HOP:
                self.send_header(key, text)
        self.send_header("X-Web", name)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_HEAD = pass_on  # noqa: N815  (names that the library asks for)


def listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0

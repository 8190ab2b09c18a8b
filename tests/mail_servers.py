"""Mail servers of a test: one that answers as it is told, and one that takes a connection and is silent."""

import socket
import socketserver
import threading
from contextlib import contextmanager


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks SMTP. `answers` has, by the first four letters of a command, what it answers instead of 250;
    "END" is what it answers to a whole message, and None ends the connection."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Dialogue)
        self.answers: dict[str, str | None] = {}
        self.longest: int | None = None  # so many messages it takes in one session
        self.sessions = 0
        self.messages: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Dialogue(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.sessions += 1
        taken = 0
        self._say("220 trial")
        while line := self.rfile.readline():
            verb = line[:4].decode().strip().upper()
            answer = self.server.answers.get(verb, "354 go on" if verb == "DATA" else "250 ok")
            if answer is None:
                return
            self._say(answer)
            if verb == "QUIT":
                return
            if answer.startswith("354"):
                text = self._message()
                answer = self.server.answers.get("END", "250 ok")
                if answer is None:
                    return
                if answer.startswith("250"):
                    self.server.messages.append(text)
                self._say(answer)
                taken += 1
                if taken == self.server.longest:
                    return

    def _message(self) -> str:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines).decode("utf-8", "replace")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mail_server():
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def silent_server():
    """Yield the port of a server that takes each connection and says nothing, as behind a firewall that
    drops packets."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(100)
        yield listening.getsockname()[1]

"""Mail servers for tests: one gives the answers that the test chooses, one accepts a connection and says
nothing."""

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


class SilentServer(socketserver.ThreadingTCPServer):
    """Takes each connection and says nothing, as behind a firewall that drops packets."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        super().__init__(address, Silence)
        self.asked = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Silence(socketserver.StreamRequestHandler):
    server: SilentServer

    def handle(self) -> None:
        self.server.asked += 1
        while self.rfile.read(1000):
            pass


@contextmanager
def silent_server():
    with SilentServer() as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield server
        server.shutdown()

"""Somebody with a browser, who goes through the proxy: cookies, forms, and what a page says."""

import html
import http.client
import random
import re
import secrets
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

HOST = "portal.example.org"
PASSWORD = "a password of the trial, only here"
SECONDS = 30


@dataclass
class WebAnswer:
    """What came back; the status 0 if nothing did."""

    status: int
    content: bytes = b""
    location: str = ""
    web: str = ""  # which host answered

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def sentence(self) -> str:
        """Return what a person reads first: the heading and the first sentence of the page."""
        if not self.status:
            return "no answer"
        found = re.search(r"<main.*?<h1[^>]*>(.*?)</h1>(?:\s*<p[^>]*>(.*?)</p>)?", self.text, re.S)
        if not found:
            return f"{self.status} {self.text[:60] if len(self.text) < 60 else ''}".strip()
        words = [re.sub(r"<[^>]+>|\s+", " ", part) for part in found.groups("")]
        return (
            f"{self.status} “"
            + html.unescape(". ".join(" ".join(w.split()) for w in words if w))
            + "”"
        )


@dataclass
class Visitor:
    address: tuple[str, int]
    cookies: dict[str, str] = field(default_factory=dict)
    lives_at: str = field(
        default_factory=lambda: f"10.78.{random.randint(0, 255)}.{random.randint(1, 254)}"
    )

    def get(self, path: str) -> WebAnswer:
        return self.send("GET", path)

    def post(self, path: str, **values: object) -> WebAnswer:
        # That of the page, where one was read: the same one with the same content is the same press.
        form = {"csrfmiddlewaretoken": self.token, **values}
        return self.send(
            *("POST", path, urlencode(form, doseq=True).encode()),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )

    def upload(self, path: str, files: dict[str, tuple[str, bytes]], **values: str) -> WebAnswer:
        edge = secrets.token_hex(12)
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
            for name, text in {**values, "csrfmiddlewaretoken": self.token}.items()
        ]
        for name, (filename, content) in files.items():
            head = (
                f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"'
            )
            parts.append(head.encode() + b"\r\n\r\n" + content + b"\r\n")
        body = b"".join(parts) + f"--{edge}--\r\n".encode()
        return self.send(
            "POST", path, body, {"Content-Type": f"multipart/form-data; boundary={edge}"}
        )

    def sign_in(self, email: str) -> WebAnswer:
        self.get("/accounts/login/")
        return self.post("/accounts/login/", login=email, password=PASSWORD)

    @property
    def token(self) -> str:
        return self.cookies.get("__Host-csrftoken", "")

    def send(
        self, method: str, path: str, body: bytes | None = None, more: dict[str, str] | None = None
    ) -> WebAnswer:
        connection = http.client.HTTPConnection(*self.address, timeout=SECONDS)
        headers = {
            "Host": HOST,
            "Referer": f"https://{HOST}/",
            "Accept-Language": "en",
            "X-Forwarded-For": self.lives_at,  # the proxy of the trial believes it
            "Cookie": "; ".join(f"{name}={text}" for name, text in self.cookies.items()),
            **(more or {}),
        }
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            return WebAnswer(0)
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return WebAnswer(
            answer.status,
            content,
            answer.headers.get("Location", ""),
            answer.headers.get("X-Web", ""),
        )

"""An OpenID Connect server on this machine that says what a test has it say: in a thread of the test,
over real HTTP. It shows no page; the test plays the browser that it would send back."""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CLIENT_ID, CLIENT_SECRET = "portal", "a secret of the portal, as long as a key of HS256"
OWN_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = OWN_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public(key: rsa.RSAPrivateKey, **facts: str) -> dict[str, Any]:
    return jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {
        "kid": "first",
        "use": "sig",
        **facts,
    }


@dataclass
class Organisation:
    """What the server says; a test changes it. None leaves a claim, or an answer, out."""

    url: str = ""
    nonce: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    keys: Any = field(default_factory=lambda: {"keys": [public(OWN_KEY, alg="RS256")]})
    sign: Any = lambda claims: jwt.encode(claims, OWN_KEY, "RS256", headers={"kid": "first"})
    answers: dict[str, Any] = field(default_factory=dict)

    def answer(self, path: str) -> Any:
        if path in self.answers:
            return self.answers[path]
        return {
            "/.well-known/openid-configuration": self.configuration,
            "/keys": lambda: self.keys,
            "/token": self.token,
            "/userinfo": lambda: told({"sub": "7", "email": "known@example.org"} | self.userinfo),
        }[path]()

    def configuration(self) -> dict[str, Any]:
        places = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "userinfo_endpoint": "/userinfo",
            "jwks_uri": "/keys",
        }
        found = {name: self.url + place for name, place in places.items()}
        return told({"issuer": self.url} | found | self.discovery)

    def token(self) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "7",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "known@example.org",
            "email_verified": True,
        }
        id_token = self.sign(told(claims | self.claims))
        return told({"access_token": "x", "token_type": "Bearer", "id_token": id_token})


def told(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}


@contextmanager
def running():
    """Yield the organisation that the server speaks for."""
    organisation = Organisation()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = json.dumps(organisation.answer(self.path.partition("?")[0])).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        organisation.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield organisation
        server.shutdown()
        thread.join()

"""An authority that confirms the time, on this machine."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.utils import timezone


def _key() -> tuple[RSAPrivateKey, x509.Certificate]:
    private = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tsa.example.org")])
    now = timezone.now()
    stamps = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    builder = x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=1)).add_extension(stamps, critical=True)
    return private, builder.sign(private, hashes.SHA256())


@contextmanager
def authority(settings, tmp_path, kind="honest"):
    """A timestamp authority on this machine that the portal uses, of a kind; yields the questions it
    was asked."""
    from asn1crypto import keys, tsp, x509 as asn1
    from pyhanko.sign.timestamps import DummyTimeStamper

    private, certificate = _key()
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    own = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
    stamps = DummyTimeStamper(tsa_cert=own, tsa_key=keys.PrivateKeyInfo.load(der))
    trusted = _key()[1] if kind == "a stranger" else certificate
    (tmp_path / "tsa.pem").write_bytes(trusted.public_bytes(Encoding.PEM))
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.answer(self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self):
            self.answer(asked[-1])

        def answer(self, content):
            asked.append(content)
            if kind == "leads elsewhere" and self.path == "/":
                self.send_response(302)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                return
            answer = b"no time today"
            if kind != "silent":
                question = tsp.TimeStampReq.load(content)
                if kind == "of another document":
                    question["message_imprint"]["hashed_message"] = bytes(32)
                    question = tsp.TimeStampReq.load(question.dump(force=True))
                answer = stamps.request_tsa_response(question).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    port = 9 if kind == "gone" else server.server_port
    settings.SEAL_TIMESTAMP_URL = f"http://127.0.0.1:{port}/"
    settings.SEAL_TIMESTAMP_CERTIFICATE = str(tmp_path / "tsa.pem")
    try:
        yield asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

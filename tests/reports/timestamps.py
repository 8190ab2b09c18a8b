"""An authority that confirms the time, on this machine."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from reports.sealing.making import certified


@contextmanager
def authority(answers=True):
    """A timestamp authority; its address, and how often it was asked."""
    from asn1crypto import keys, tsp, x509
    from pyhanko.sign.timestamps import DummyTimeStamper

    key = certified(rsa.generate_private_key(65537, 2048), "tsa.example.org", "", years=1)
    der = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    own = x509.Certificate.load(key.certificate.public_bytes(Encoding.DER))
    stamps = DummyTimeStamper(tsa_cert=own, tsa_key=keys.PrivateKeyInfo.load(der))
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            question = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(question)
            answer = b"no time today"
            if answers:
                answer = stamps.request_tsa_response(tsp.TimeStampReq.load(question)).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

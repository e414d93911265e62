"""A package index on the loopback over one folder of wheels, with a password and a certificate; it knows no image."""

from __future__ import annotations

import base64
import re
import secrets
import ssl
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Index:
    """Where the index answers, and the two files that a client needs: its certificate and a .netrc."""

    url: str
    certificate: Path
    netrc: Path
    password: str


def project_of(file: str) -> str:
    """The name under which an index lists a wheel."""
    return re.sub(r"[-_.]+", "-", file.partition("-")[0]).lower()


def _handler(wheels: Path, credentials: str) -> type[BaseHTTPRequestHandler]:
    expected = "Basic " + base64.b64encode(credentials.encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not secrets.compare_digest(self.headers.get("Authorization", ""), expected):
                self._answer(HTTPStatus.UNAUTHORIZED, b"", "text/plain")
                return
            folder, _, name = self.path.strip("/").partition("/")
            names = [path.name for path in wheels.iterdir()]
            if folder == "simple":
                found = [each for each in names if project_of(each) == name]
                page = "".join(f'<a href="/files/{each}">{each}</a>\n' for each in found)
                self._answer(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, page.encode(), "text/html")
            elif folder == "files" and name in names:
                self._answer(HTTPStatus.OK, (wheels / name).read_bytes(), "application/octet-stream")
            else:
                self._answer(HTTPStatus.NOT_FOUND, b"", "text/plain")

        def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if status == HTTPStatus.UNAUTHORIZED:
                self.send_header("WWW-Authenticate", 'Basic realm="packages"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server names it
            """Keep silent: what was fetched stands in the log of the build."""

    return Handler


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "index.pem", folder / "index.key"
    subject = ["-subj", "/CN=package index of one build", "-addext", f"subjectAltName=IP:{HOST}"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, *files]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@contextmanager
def served(wheels: Path, folder: Path) -> Iterator[Index]:
    """Serve `wheels` until the block ends; the certificate and the .netrc are written into `folder`."""
    password = secrets.token_hex(16)
    certificate, key = _certificate(folder)
    netrc = folder / "netrc"
    netrc.touch(mode=0o600)
    netrc.write_text(f"machine {HOST} login builder password {password}\n")
    server = ThreadingHTTPServer((HOST, 0), _handler(wheels, f"builder:{password}"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Index(f"https://{HOST}:{server.server_address[1]}/simple/", certificate, netrc, password)
    finally:
        server.shutdown()
        server.server_close()

"""Servers on loopback: nginx for files, and behind it git's own for repositories."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Process
from pathlib import Path

from measure import Failed, run


@dataclass(frozen=True)
class Certificate:
    """For 127.0.0.1, and the authority that it is from."""

    authority: Path
    chain: Path
    key: Path


def certificate(directory: Path) -> Certificate:
    """A new one, from a new authority."""
    made = Certificate(directory / "authority.pem", directory / "tls.pem", directory / "tls.key")
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    secret = directory / "authority.key"
    run([*request, "-subj", "/CN=bench authority", "-keyout", secret, "-out", made.authority])
    leaf = ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1"]
    run([*request, "-subj", "/CN=bench", *leaf, "-CA", made.authority, "-CAkey", secret, "-keyout", made.key, "-out", made.chain])
    return made


@contextmanager
def served(root: Path, directory: Path, tls: Certificate | None = None, git: Path | None = None) -> Iterator[str]:
    """nginx as it comes, on a free port; repositories of the directory `git` are below `/git`."""
    port, behind = free_port(), free_port()
    prefix = directory / "nginx"
    prefix.mkdir(exist_ok=True)
    kept = "\n".join(f"{kind}_temp_path {prefix}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    secured = f"ssl_certificate {tls.chain}; ssl_certificate_key {tls.key};" if tls else ""
    below = f"location /git {{ proxy_pass http://127.0.0.1:{behind}; proxy_buffering off; }}" if git else ""
    (prefix / "nginx.conf").write_text(
        f"daemon off; pid {prefix}/pid; error_log {prefix}/error.log; worker_processes 2; user root;\n"
        f"events {{}}\nhttp {{ sendfile on; access_log off; {kept}\n"
        f"server {{ listen 127.0.0.1:{port}{' ssl' if tls else ''}; root {root}; {secured} {below} }} }}\n"
    )
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    server = subprocess.Popen([nginx, "-p", prefix, "-c", prefix / "nginx.conf"], stderr=subprocess.DEVNULL)
    backend = Process(target=serve_git, args=(git, behind), daemon=True) if git else None
    try:
        if backend:
            backend.start()
            awaited(behind, "the git server")
        awaited(port, f"nginx (see {prefix}/error.log)")
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        if backend:
            backend.terminate()
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def awaited(port: int, what: str) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Failed(f"{what} does not start")


def serve_git(root: Path, port: int) -> None:
    """`git http-backend` for the repositories of a directory, until it is killed."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            backend(self, root, b"")

        def do_POST(self) -> None:
            backend(self, root, self.rfile.read(int(self.headers.get("content-length", 0))))

        def log_message(self, *_: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def backend(handler: BaseHTTPRequestHandler, root: Path, body: bytes) -> None:
    """One answer, by the rules of CGI (RFC 3875), streamed."""
    path, _, query = handler.path.removeprefix("/git").partition("?")
    environment = os.environ | {
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": handler.headers.get("git-protocol", ""),
        "HTTP_CONTENT_ENCODING": handler.headers.get("content-encoding", ""),
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": handler.command,
        "CONTENT_TYPE": handler.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
    }
    command = ["git", "http-backend"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        process.stdin.write(body)
        process.stdin.close()
        headers = []
        while line := process.stdout.readline().strip():
            headers.append(line.decode().split(": ", 1))
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        handler.send_response(status)
        for name, value in headers:
            if name != "Status":
                handler.send_header(name, value)
        handler.end_headers()
        shutil.copyfileobj(process.stdout, handler.wfile, 1 << 16)

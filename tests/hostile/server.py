"""Servers on loopback that say what a case has them say, byte for byte."""

import datetime
import functools
import ipaddress
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Asked:
    """A question as it arrived; the names of its headers in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.split("?")[0]


# What is sent, whole or piece by piece. The connection is closed behind it.
Answer = Callable[[Asked], bytes | Iterable[bytes]]


def reply(
    body: bytes = b"", status: int = 200, headers: dict[str, str] | None = None, length: int | None = None
) -> bytes:
    """An answer, with a `Content-Length` that is true unless another one is given."""
    given = {"Content-Length": str(len(body) if length is None else length), "Connection": "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in (given | (headers or {})).items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body


def redirect(to: str, status: int = 302) -> bytes:
    return reply(status=status, headers={"Location": to})


class Server:
    """Answers every connection once, over TLS unless told otherwise."""

    def __init__(
        self,
        answer: Answer,
        *,
        tls: bool = True,
        context: ssl.SSLContext | None = None,
        met: Callable[[], None] = lambda: None,
    ) -> None:
        self.answer, self.met = answer, met
        self.context = (context or authority().server("localhost", "127.0.0.1")) if tls else None
        self.asked: list[Asked] = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http{'s' if self.context else ''}://{host}:{self.port}{path}"

    def options(self, *others: str) -> list[str]:
        """What allows the program to ask it, and bounds the time."""
        allowed = f"{'' if self.context else 'http://'}127.0.0.1:{self.port}"
        return ["--allow-host", allowed, "--ca-file", "ca.pem", *others]

    def close(self) -> None:
        # A listener that is only closed would go on waiting for one connection more.
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                stream, _ = self.listener.accept()
                self.met()
                threading.Thread(target=self.exchange, args=[stream], daemon=True).start()

    def exchange(self, stream: socket.socket) -> None:
        """Asked once, answered once; who hangs up in the middle is let go."""
        with suppress(OSError, ValueError), stream:
            stream.settimeout(20)
            if self.context:
                stream = self.context.wrap_socket(stream, server_side=True)
            with stream, stream.makefile("rb") as lines:
                asked = read_question(lines)
                self.asked.append(asked)
                said = self.answer(asked)
                for piece in [said] if isinstance(said, bytes) else said:
                    stream.sendall(piece)
                if self.context:
                    stream.unwrap()


def read_question(lines) -> Asked:
    method, target, _ = lines.readline().decode("latin-1").split()
    headers = {}
    while line := lines.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers, lines.read(int(headers.get("content-length", "0"))))


class Authority:
    """A throw-away authority, and the certificates that it gives."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hostile")])
        certificate = self.builder(self.name, self.key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.pem = certificate.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def builder(self, name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
        )

    def server(self, *names: str) -> ssl.SSLContext:
        """What a server of these names shows, all of them in one certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([general(name) for name in names])
        certificate = self.builder(x509.Name([]), key).add_extension(alternative, critical=True)
        signed = certificate.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile() as file:
            file.write(signed + secret)
            file.flush()
            context.load_cert_chain(file.name)
        return context


def general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@functools.cache
def authority() -> Authority:
    return Authority()

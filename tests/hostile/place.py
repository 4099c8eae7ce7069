"""A directory of its own for each case: a release, a producer's key, and somebody else's files."""

import base64
import hashlib
import json
import os
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

PAYLOAD_TYPE = "application/vnd.in-toto+json"
BUNDLE = "fullsource.sigstore.json"
# What lies outside the release. It may neither change nor be shown.
SECRET = "this text is nobody's business 7f3a"


@dataclass(frozen=True)
class Key:
    """A signing key that fullsource had no part in."""

    private: Ed25519PrivateKey

    @classmethod
    def new(cls, seed: str) -> "Key":
        """The same key for the same seed, so that a case is the same in every run."""
        return cls(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest()))

    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def private_pem(self) -> bytes:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def hint(self) -> str:
        der = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(der).digest()).decode()

    def sign(self, payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
        return self.private.sign(pae(payload_type.encode(), payload))


def pae(payload_type: bytes, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type, len(payload), payload)


def safetensors(tensors: dict[str, list[float]]) -> bytes:
    """A well-formed file of 32-bit floats."""
    header, data = {}, b""
    for name, values in tensors.items():
        raw = struct.pack(f"<{len(values)}f", *values)
        offsets = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": "F32", "shape": [len(values)], "data_offsets": offsets}
        data += raw
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


MANIFEST: dict[str, Any] = {
    "release": {
        "name": "hostile",
        "version": "1.0",
        "producer": {"name": "Mallory", "uri": "https://mallory.example"},
    },
    "artifacts": [
        {"id": "weights", "roles": ["weights.final"], "files": ["model.safetensors"], "license": "MIT"},
        {"id": "config", "roles": ["config.model"], "files": ["config.json"], "license": "MIT"},
    ],
}


class Place:
    """Where a case puts its files. `release` passes as it stands, once it is signed."""

    def __init__(self, root: Path, program: Path) -> None:
        self.root, self.program = root, program
        self.closing: list[Callable[[], None]] = []
        self.release = root / "release"
        self.key, self.other = Key.new("mallory"), Key.new("somebody else")
        for name in ("release", "home", "cache", "outside"):
            (root / name).mkdir()
        (root / "outside" / "secret.txt").write_text(SECRET + "\n")
        for name, key in (("mallory", self.key), ("other", self.other)):
            (root / f"{name}.pub").write_bytes(key.public_pem())
            write_secret(root / f"{name}.key", key.private_pem())
        self.write("model.safetensors", safetensors({"w": [1, 2, 3, 4]}))
        self.write("config.json", b'{"model_type": "hostile"}\n')
        self.manifest = json.loads(json.dumps(MANIFEST))

    def close(self) -> None:
        """Ends what a case started."""
        for end in reversed(self.closing):
            end()

    # --- the release ---

    def write(self, path: str | bytes, content: bytes) -> Path:
        """A file of the release."""
        at = Path(os.fsdecode(os.path.join(os.fsencode(self.release), os.fsencode(path))))
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(content)
        return at

    def artifact(self, **fields: Any) -> None:
        """Claims one more artifact."""
        self.manifest["artifacts"].append(fields)

    def signed(self, *options: str) -> dict[str, Any]:
        """Signs the release with fullsource, as an honest publisher would, and gives its bundle."""
        (self.release / "fullsource.json").write_text(json.dumps(self.manifest))
        done = self.run(["sign", "release", "--key", "mallory.key", *options])
        if done.returncode != 0:
            raise AssertionError(f"the release cannot be signed: {done.stderr.decode()}")
        return json.loads((self.release / BUNDLE).read_bytes())

    # --- statements and envelopes made by hand ---

    def payload(self, *options: str) -> bytes:
        """The payload of the honestly signed release."""
        return base64.b64decode(self.signed(*options)["dsseEnvelope"]["payload"])

    def statement(self, *options: str) -> dict[str, Any]:
        return json.loads(self.payload(*options))

    def bundle(self, payload: bytes, *keys: Key, **envelope: Any) -> dict[str, Any]:
        """A bundle of any payload, signed with Mallory's key unless others are given."""
        signatures = [
            {"sig": base64.b64encode(key.sign(payload)).decode(), "keyid": key.hint()}
            for key in keys or (self.key,)
        ]
        content = {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": signatures,
        }
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"publicKey": {"hint": self.key.hint()}},
            "dsseEnvelope": content | envelope,
        }

    def put_bundle(self, bundle: dict[str, Any] | bytes) -> None:
        """Puts it where `verify` finds it."""
        raw = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
        (self.release / BUNDLE).write_bytes(raw)

    def put_signature(self, bundle: dict[str, Any], signature: bytes) -> None:
        """Puts a bundle with another signature in the release."""
        bundle["dsseEnvelope"]["signatures"][0]["sig"] = base64.b64encode(signature).decode()
        self.put_bundle(bundle)

    def put_statement(self, statement: dict[str, Any] | bytes) -> None:
        """Signs a statement, whatever it says, and puts its bundle in the release."""
        raw = statement if isinstance(statement, bytes) else json.dumps(statement).encode()
        self.put_bundle(self.bundle(raw))

    # --- command lines ---

    def verify(self, *options: str) -> list[str]:
        """`verify` with Mallory's key: a publisher who lies has a key that is trusted."""
        return ["verify", "release", "--key", "mallory.pub", *options]

    def run(self, line: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Runs fullsource to prepare a case."""
        command = [self.program, *line]
        return subprocess.run(
            command, cwd=self.root, env=self.environment(), capture_output=True, timeout=60, **options
        )

    def environment(self) -> dict[str, str]:
        home, cache = str(self.root / "home"), str(self.root / "cache")
        return {"PATH": os.environ["PATH"], "HOME": home, "FULLSOURCE_CACHE": cache, "LC_ALL": "C.UTF-8"}


def write_secret(at: Path, content: bytes) -> None:
    with open(os.open(at, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)

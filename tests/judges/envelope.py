"""securesystemslib and in-toto-attestation judge the envelopes that fullsource signed.

usage: envelope.py WORK     (WORK as tests/judges/run lays it out)
"""

import base64
import copy
import hashlib
import json
import sys
from pathlib import Path

from claims import Claims
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATE_TYPE = "https://fullsource.dev/model-provenance/v0.1"


def main(work: Path) -> int:
    dsse = Claims("securesystemslib", (VerificationError,))
    statements = Claims("in-toto-attestation", (json_format.ParseError, ValueError, TypeError))
    keys = {name: public_key(work / f"{name}.pub") for name in ("ed25519", "p256", "other")}
    for kind in ("ed25519", "p256"):
        envelope = json.loads((work / f"{kind}.sigstore.json").read_bytes())["dsseEnvelope"]
        judge_envelope(dsse, kind, envelope, keys[kind], keys["other"])
        payload = base64.b64decode(envelope["payload"], validate=True)
        judge_statement(statements, kind, payload)
    judge_judge(statements, payload)
    judge_threshold(dsse, json.loads((work / "two.dsse.json").read_bytes()), keys)
    return dsse.failed + statements.failed


def public_key(path: Path) -> SSlibKey:
    """A public key under the id that fullsource gives it: base64 of SHA-256 of its DER."""
    key = load_pem_public_key(path.read_bytes())
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return SSlibKey.from_crypto(key, keyid=base64.b64encode(hashlib.sha256(spki).digest()).decode())


def renamed(key: SSlibKey, keyid: str) -> SSlibKey:
    """The same key under another id, so that a refusal is about the key and not about its name."""
    twin = copy.deepcopy(key)
    twin.keyid = keyid
    return twin


def verify(envelope: dict, keys: list[SSlibKey], threshold: int = 1) -> None:
    Envelope.from_dict(copy.deepcopy(envelope)).verify(keys, threshold)


def flipped(text: str, at: int) -> str:
    """Base64 of the same bytes with one bit changed."""
    data = bytearray(base64.b64decode(text))
    data[at] ^= 1
    return base64.b64encode(data).decode()


def judge_envelope(claims: Claims, kind: str, envelope: dict, key: SSlibKey, other: SSlibKey) -> None:
    claims.accepts(f"the {kind} signature under our key id", lambda: verify(envelope, [key]))
    claims.refuses(
        f"the {kind} signature for another key",
        lambda: verify(envelope, [renamed(other, key.keyid)]),
    )
    payload = envelope | {"payload": flipped(envelope["payload"], 40)}
    claims.refuses(f"the {kind} envelope with a changed payload", lambda: verify(payload, [key]))
    other_type = envelope | {"payloadType": PAYLOAD_TYPE + " "}
    claims.refuses(f"the {kind} envelope with another payload type", lambda: verify(other_type, [key]))
    signature = envelope["signatures"][0]
    changed = envelope | {"signatures": [signature | {"sig": flipped(signature["sig"], 20)}]}
    claims.refuses(f"the {kind} envelope with a changed signature", lambda: verify(changed, [key]))


def judge_threshold(claims: Claims, envelope: dict, keys: dict[str, SSlibKey]) -> None:
    both = [keys["ed25519"], keys["p256"]]
    claims.accepts("two signers where two are asked for", lambda: verify(envelope, both, 2))
    wrong = [keys["ed25519"], renamed(keys["other"], keys["p256"].keyid)]
    claims.refuses("one signer of two where two are asked for", lambda: verify(envelope, wrong, 2))


def parse(data: bytes) -> Statement:
    parsed = Statement.copy_from_pb(json_format.Parse(data, statement_pb2.Statement()))
    parsed.validate()
    return parsed


def judge_statement(claims: Claims, kind: str, payload: bytes) -> None:
    statement = claims.accepts(f"the statement of the {kind} bundle", lambda: parse(payload))
    if statement is not None:
        same = statement.pb.predicate_type == PREDICATE_TYPE
        claims.tell(same, f"reads its predicate type ({kind})", statement.pb.predicate_type)


def judge_judge(claims: Claims, payload: bytes) -> None:
    """That it accepts ours means something only where it refuses others."""
    document = json.loads(payload)
    extra = json.dumps(document | {"files": []}).encode()
    claims.refuses("a statement with a field of ours beside `subject`", lambda: parse(extra))
    nameless = document | {"subject": [{"name": s["name"]} for s in document["subject"]]}
    claims.refuses("subjects without a digest", lambda: parse(json.dumps(nameless).encode()))


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1])) else 0)

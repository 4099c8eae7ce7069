"""DSSE envelopes, Sigstore bundles, JSON Lines (envelope.md)."""

import base64
import re
from dataclasses import dataclass

import json_profile
from findings import Refused, registry
from shape import array, check, record, text

MEDIA_TYPES = registry("algorithms")["bundle"]["read"]


@dataclass
class Envelope:
    payload_type: str | None  # None: an unsigned statement (env-17)
    payload: bytes
    signatures: list
    in_lines: bool = False  # from JSON Lines (ver-14)


def pae(payload_type, payload):
    """env-3."""
    name = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)


def read_envelopes(data):
    """env-1, env-18: the envelopes of a file of any form."""
    lines = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    lines = [line for line in lines if line.strip(b" \t\r")]
    if len(lines) < 2 or not json_profile.is_json_text(lines[0]):
        return [read_document(data)]
    envelopes = []
    for line in lines:
        try:
            envelopes.append(read_document(line))
        except Refused:
            continue
    if not envelopes:
        raise Refused("bundle-malformed", "no line is a bundle or an envelope")
    for envelope in envelopes:
        envelope.in_lines = True
    return envelopes


def read_document(data):
    """env-2: the form is told by the fields, not by the name of the file."""
    document = json_profile.parse(data, "bundle-malformed")
    if isinstance(document, dict) and "mediaType" in document:
        return read_envelope(envelope_of_bundle(document), in_bundle=True)
    if isinstance(document, dict) and "payload" in document:
        return read_envelope(document)
    raise Refused("bundle-malformed", "neither a bundle nor an envelope")


def envelope_of_bundle(bundle):
    """env-10, env-11."""
    any_object = record({})
    check(record({"mediaType": text()}), bundle, "bundle-malformed")
    if bundle["mediaType"] not in MEDIA_TYPES:
        raise Refused("bundle-unsupported", f"the media type `{bundle['mediaType']}`")
    if "messageSignature" in bundle and "dsseEnvelope" not in bundle:
        raise Refused("bundle-unsupported", "it signs a message digest")
    check(record({"verificationMaterial": any_object, "dsseEnvelope": any_object}), bundle,
          "bundle-malformed")
    kinds = bundle["verificationMaterial"].keys() & {
        "publicKey", "certificate", "x509CertificateChain"}
    if len(kinds) != 1 or "messageSignature" in bundle:
        raise Refused("bundle-malformed", "not one key or certificate, or two contents")
    return bundle["dsseEnvelope"]


def read_envelope(envelope, in_bundle=False):
    any_text = text(most=2**27)  # base64 is bounded by the file, not by lim-3
    signature = record({"sig": any_text}, {"keyid": text()})
    check(record({"payload": any_text, "payloadType": text(), "signatures": array(signature)}),
          envelope, "bundle-malformed")
    signatures = envelope["signatures"]
    if in_bundle and len(signatures) != 1:
        raise Refused("bundle-malformed", f"a bundle with {len(signatures)} signatures")  # env-11
    if not 1 <= len(signatures) <= 64:
        raise Refused("envelope-malformed", f"{len(signatures)} signatures")  # env-9
    return Envelope(envelope["payloadType"], base64_bytes(envelope["payload"]),
                    [base64_bytes(one["sig"]) for one in signatures])


def base64_bytes(text):
    """env-6, env-7."""
    if not re.fullmatch("[A-Za-z0-9+/]*={0,2}|[A-Za-z0-9_-]*={0,2}", text) or len(text) % 4:
        raise Refused("envelope-malformed", "not base64 with its padding")
    standard = text.replace("-", "+").replace("_", "/")
    decoded = base64.b64decode(standard)
    if base64.b64encode(decoded).decode() != standard:
        raise Refused("envelope-malformed", "base64 with bits behind its end")
    return decoded

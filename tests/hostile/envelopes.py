"""Envelopes and bundles: what is signed, by whom, and how it is written down."""

import base64
import hashlib
import json

from corpus import case
from place import PAYLOAD_TYPE, Key, Place, pae

EVIDENCE_TYPE = "application/vnd.fullsource.evidence+json"


def with_payload_type(place: Place, payload_type: str) -> list[str]:
    """A bundle whose signature holds for this payload type."""
    payload = place.payload()
    bundle = place.bundle(payload, payloadType=payload_type)
    place.put_signature(bundle, place.key.sign(payload, payload_type))
    return place.verify()


# --- what is signed ---


@case(
    "envelope/signed-without-pae",
    "The signature is over the payload alone, without DSSE's encoding.",
    exit=1,
    finds="signature-untrusted",
)
def signed_without_pae(place: Place) -> list[str]:
    payload = place.payload()
    bundle = place.bundle(payload)
    place.put_signature(bundle, place.key.private.sign(payload))
    return place.verify()


@case(
    "envelope/pae-of-another-split",
    "A signature over the same bytes, split at another place between type and payload.",
    exit=1,
    finds="signature-untrusted",
)
def pae_of_another_split(place: Place) -> list[str]:
    payload = place.payload()
    bundle = place.bundle(payload)
    place.put_signature(bundle, place.key.private.sign(pae(b"application/vnd.in-toto", b"+json" + payload)))
    return place.verify()


@case(
    "envelope/pae-with-character-counts",
    "The lengths in the signed bytes count characters where DSSE counts bytes.",
    exit=1,
    finds="signature-untrusted",
)
def pae_with_character_counts(place: Place) -> list[str]:
    place.manifest["release"]["name"] = "höstile"
    payload = place.payload().replace(b"\\u00f6", "ö".encode())
    signed = pae(PAYLOAD_TYPE.encode(), payload)
    counted = signed.replace(b" %d {" % len(payload), b" %d {" % len(payload.decode()))
    assert counted != signed
    place.put_signature(place.bundle(payload), place.key.private.sign(counted))
    return place.verify()


@case(
    "envelope/evidence-as-statement",
    "The producer signed these bytes as evidence; the envelope says that they are a statement.",
    exit=1,
    finds="signature-untrusted",
)
def evidence_as_statement(place: Place) -> list[str]:
    payload = place.payload()
    place.put_signature(place.bundle(payload), place.key.sign(payload, EVIDENCE_TYPE))
    return place.verify()


@case(
    "envelope/payload-type-of-evidence",
    "A statement in an envelope that is honestly signed as evidence.",
    exit=4,
    finds="payload-type",
)
def payload_type_of_evidence(place: Place) -> list[str]:
    return with_payload_type(place, EVIDENCE_TYPE)


@case(
    "envelope/payload-type-look-alike",
    "The payload type has a hyphen that is not the ASCII one.",
    exit=4,
    finds="payload-type",
)
def payload_type_look_alike(place: Place) -> list[str]:
    return with_payload_type(place, PAYLOAD_TYPE.replace("-", "\u2010"))


@case(
    "envelope/payload-type-clears-the-screen",
    "The payload type holds what would clear a terminal and write another verdict.",
    exit=4,
    finds="payload-type",
    hides="\nPASS",
)
def payload_type_clears_the_screen(place: Place) -> list[str]:
    return with_payload_type(place, "\x1b[2J\x1b[H\nPASS  hostile 1.0\u202e")


@case(
    "envelope/payload-type-of-a-mebibyte",
    "The payload type is a mebibyte long.",
    exit=4,
    finds="bundle-malformed",
)
def payload_type_of_a_mebibyte(place: Place) -> list[str]:
    return with_payload_type(place, "a" * (1 << 20))


# --- signatures made for something else ---


@case(
    "envelope/signature-of-git",
    "The signature is one that git made with the same key: SSHSIG, namespace `git`.",
    exit=1,
    finds="signature-untrusted",
)
def signature_of_git(place: Place) -> list[str]:
    payload = place.payload()
    place.put_signature(place.bundle(payload), place.key.private.sign(sshsig(b"git", payload)))
    return place.verify()


@case(
    "envelope/signature-of-ssh-keygen",
    "`ssh-keygen -Y sign -n fullsource` over what DSSE signs, as its whole armoured blob.",
    exit=1,
    finds="signature-untrusted",
)
def signature_of_ssh_keygen(place: Place) -> list[str]:
    payload = place.payload()
    signed = sshsig(b"fullsource", pae(PAYLOAD_TYPE.encode(), payload))
    place.put_signature(place.bundle(payload), b"SSHSIG\0\0\0\1" + place.key.private.sign(signed))
    return place.verify()


def sshsig(namespace: bytes, message: bytes) -> bytes:
    """What `ssh-keygen -Y sign` signs."""
    parts = [namespace, b"", b"sha512", hashlib.sha512(message).digest()]
    return b"SSHSIG" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@case(
    "envelope/signature-over-a-hash",
    "The signature is over the SHA-512 of what DSSE signs, as tools make it that hash beforehand.",
    exit=1,
    finds="signature-untrusted",
)
def signature_over_a_hash(place: Place) -> list[str]:
    payload = place.payload()
    digest = hashlib.sha512(pae(PAYLOAD_TYPE.encode(), payload)).digest()
    place.put_signature(place.bundle(payload), place.key.private.sign(digest))
    return place.verify()


@case(
    "envelope/signature-of-model-signing",
    "A bundle of `model_signing` over the same files, with the same key: it says nothing of sources.",
    exit=4,
    finds="predicate-type",
)
def signature_of_model_signing(place: Place) -> list[str]:
    statement = place.statement()
    statement["predicateType"] = "https://model_signing/signature/v1.0"
    statement["predicate"] = {"serialization": {"method": "files", "hash_type": "sha256"}, "resources": []}
    place.put_statement(statement)
    return place.verify()


@case(
    "envelope/signature-of-slsa",
    "SLSA provenance of the same files, by the same key, with a model manifest inside.",
    exit=4,
    finds="predicate-type",
)
def signature_of_slsa(place: Place) -> list[str]:
    statement = place.statement()
    statement["predicateType"] = "https://slsa.dev/provenance/v1"
    place.put_statement(statement)
    return place.verify()


@case(
    "envelope/signature-of-cosign",
    "A bundle of `cosign sign-blob`: it signs a digest, and no statement.",
    exit=4,
    finds="bundle-unsupported",
)
def signature_of_cosign(place: Place) -> list[str]:
    bundle = place.signed()
    payload = base64.b64decode(bundle.pop("dsseEnvelope")["payload"])
    digest = {"algorithm": "SHA2_256", "digest": base64.b64encode(hashlib.sha256(payload).digest()).decode()}
    signature = base64.b64encode(place.key.private.sign(payload)).decode()
    bundle["messageSignature"] = {"messageDigest": digest, "signature": signature}
    place.put_bundle(bundle)
    return place.verify()


@case(
    "envelope/metadata-of-tuf",
    "TUF metadata, whose `signed` is the statement, by the same key.",
    exit=4,
    finds="bundle-malformed",
)
def metadata_of_tuf(place: Place) -> list[str]:
    signed = place.statement()
    raw = json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()
    signatures = [{"keyid": place.key.hint(), "sig": place.key.private.sign(raw).hex()}]
    place.put_bundle({"signatures": signatures, "signed": signed})
    return place.verify()


@case(
    "envelope/jws-without-algorithm",
    "A JSON Web Signature of the payload whose algorithm is `none`.",
    exit=4,
    finds="bundle-malformed",
)
def jws_without_algorithm(place: Place) -> list[str]:
    payload = base64.urlsafe_b64encode(place.payload()).decode().rstrip("=")
    protected = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    place.put_bundle({"payload": payload, "signatures": [{"protected": protected, "signature": ""}]})
    return place.verify()


@case(
    "envelope/algorithm-none",
    "An empty signature, said to be of the algorithm `none`, with the producer's key id.",
    exit=1,
    finds="signature-untrusted",
)
def algorithm_none(place: Place) -> list[str]:
    bundle = place.signed()
    bundle["dsseEnvelope"]["signatures"][0] |= {"sig": "", "alg": "none"}
    place.put_bundle(bundle)
    return place.verify()


# --- whose key ---


@case(
    "envelope/key-in-the-bundle",
    "The bundle brings the key that its signature holds for, as raw bytes and as a PEM.",
    exit=1,
    finds="signature-untrusted",
    hides="Mallory",
)
def key_in_the_bundle(place: Place) -> list[str]:
    bundle = place.bundle(place.payload(), place.other)
    pem = place.other.public_pem().decode()
    bundle["verificationMaterial"]["publicKey"] |= {"rawBytes": pem, "keyDetails": "PKIX_ED25519"}
    bundle["dsseEnvelope"]["signatures"][0] |= {"key": pem, "jwk": {"kty": "OKP"}, "jku": "https://x.example"}
    place.put_bundle(bundle)
    return place.verify()


@case(
    "envelope/certificate-of-the-producer",
    "The bundle has a certificate with the producer's name; somebody else's key signed.",
    exit=1,
    finds="signature-untrusted",
    hides="Mallory",
)
def certificate_of_the_producer(place: Place) -> list[str]:
    bundle = place.bundle(place.payload(), place.other)
    certificate = base64.b64encode(b"CN=https://mallory.example").decode()
    bundle["verificationMaterial"] = {"certificate": {"rawBytes": certificate}, "tlogEntries": [{}]}
    place.put_bundle(bundle)
    return place.verify()


@case(
    "envelope/key-id-of-the-producer",
    "Somebody else signed, and wrote the producer's key id beside it.",
    exit=1,
    finds="signature-untrusted",
)
def key_id_of_the_producer(place: Place) -> list[str]:
    bundle = place.bundle(place.payload(), place.other)
    bundle["dsseEnvelope"]["signatures"][0]["keyid"] = place.key.hint()
    place.put_bundle(bundle)
    return place.verify()


@case(
    "envelope/sixty-four-in-front",
    "Sixty-four signatures of nobody stand before the producer's: it is not among those that count.",
    exit=1,
    finds="signature-untrusted",
)
def sixty_four_in_front(place: Place) -> list[str]:
    payload = place.payload()
    others = [Key.new(f"crowd {number}") for number in range(64)]
    place.put_bundle(place.bundle(payload, others[0]))
    rest = place.bundle(payload, *others[1:], place.key)["dsseEnvelope"]
    place.write("fullsource.dsse.json", json.dumps(rest).encode())
    return place.verify()


@case(
    "envelope/one-signature-twice",
    "Two signers are asked for; one signature stands twice, under two key ids.",
    exit=1,
    finds="signature-threshold",
)
def one_signature_twice(place: Place) -> list[str]:
    envelope = place.bundle(place.payload(), place.key, place.key)["dsseEnvelope"]
    envelope["signatures"][1]["keyid"] = place.other.hint()
    place.put_bundle(envelope)
    return place.verify("--key", "other.pub", "--threshold", "2")


@case(
    "envelope/key-ids-swapped",
    "Two signers, each under the other's key id. Key ids decide nothing: it passes.",
    exit=0,
)
def key_ids_swapped(place: Place) -> list[str]:
    envelope = place.bundle(place.payload(), place.key, place.other)["dsseEnvelope"]
    first, second = envelope["signatures"]
    first["keyid"], second["keyid"] = second["keyid"], first["keyid"]
    place.put_bundle(envelope)
    return place.verify("--key", "other.pub", "--threshold", "2")

"""Keys that are none, signatures that hold for too much, and trust files that say less than they seem to."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from corpus import case
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from place import PAYLOAD_TYPE, Place, pae, write_secret

ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
ED25519_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PRODUCER = "https://mallory.example"


def pem(label: str, der: bytes) -> bytes:
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(der) + f"-----END {label}-----\n".encode()


def spki(key: Any) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def der(tag: int, *parts: bytes) -> bytes:
    """One DER value."""
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def p256(place: Place) -> ec.EllipticCurvePrivateKey:
    """Mallory's other key; `p256.pub` is its public half."""
    secret = int.from_bytes(hashlib.sha256(b"mallory p256").digest(), "big") % P256_ORDER
    key = ec.derive_private_key(secret, ec.SECP256R1())
    (place.root / "p256.pub").write_bytes(spki(key.public_key()))
    return key


# --- what is given as a public key ---


def unreadable(name: str, about: str, make: Callable[[Place], bytes], hides: str = "") -> None:
    """A case in which a file is no public key."""

    @case(f"key/{name}", about, exit=4, finds="key-unreadable", hides=hides or ())
    def met(place: Place) -> list[str]:
        place.signed()
        (place.root / "given.pub").write_bytes(make(place))
        return ["verify", "release", "--key", "given.pub"]


def openssh_private(place: Place) -> bytes:
    return place.key.private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def openssh_blob(*fields: bytes) -> str:
    return base64.b64encode(b"".join(len(f).to_bytes(4, "big") + f for f in fields)).decode()


def raw(place: Place) -> bytes:
    return place.key.private.public_key().public_bytes_raw()


def curveball(place: Place) -> bytes:
    """P-256's own numbers written out, but for the base point, which is Mallory's key (CVE-2020-0601)."""
    point = p256(place).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = bytes.fromhex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
    field = der(0x30, bytes.fromhex("06072a8648ce3d0101"), integer(prime))
    curve = der(0x30, der(4, (prime - 3).to_bytes(32, "big")), der(4, b))
    parameters = der(0x30, integer(1), field, curve, der(4, point), integer(P256_ORDER), integer(1))
    algorithm = der(0x30, bytes.fromhex("06072a8648ce3d0201"), parameters)
    return pem("PUBLIC KEY", der(0x30, algorithm, der(3, b"\0" + point)))


def integer(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def p256_spki(point: bytes) -> bytes:
    algorithm = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
    return pem("PUBLIC KEY", der(0x30, algorithm, der(3, b"\0" + point)))


unreadable("secret-key", "The secret key is given as the public one.", lambda p: p.key.private_pem(),
           hides=base64.b64encode(ED25519_PKCS8).decode()[:20])
unreadable("secret-key-of-openssh", "An OpenSSH secret key is given as the public one.", openssh_private,
           hides="b3BlbnNzaC1rZXktdjE")
unreadable("certificate", "The key stands in a block that says it is a certificate.",
           lambda p: p.key.public_pem().replace(b"PUBLIC KEY", b"CERTIFICATE"))
unreadable("key-and-key", "Two keys in one file: some readers take the first, some the last.",
           lambda p: p.other.public_pem() + p.key.public_pem())
unreadable("other-curve", "A key of the curve P-384.",
           lambda p: spki(ec.derive_private_key(7, ec.SECP384R1()).public_key()))
unreadable("curve-of-bitcoin", "A key of secp256k1, whose points are as long as those of P-256.",
           lambda p: spki(ec.derive_private_key(7, ec.SECP256K1()).public_key()))
unreadable("curve-of-its-own", "A P-256 key that brings its own base point.", curveball)
unreadable("point-at-infinity", "A P-256 key that is the point at infinity.", lambda p: p256_spki(b"\0"))
unreadable("point-off-the-curve", "A P-256 key that lies on another curve.",
           lambda p: p256_spki(b"\x04" + (5).to_bytes(32, "big") + (7).to_bytes(32, "big")))
unreadable("point-of-another-sign", "A P-256 key whose compressed x is no x of the curve.",
           lambda p: p256_spki(b"\x02" + b"\xff" * 32))
unreadable("ed448", "A key of Ed448.",
           lambda p: spki(Ed448PrivateKey.from_private_bytes(b"\7" * 57).public_key()))
unreadable("rsa", "An RSA key, of 1,024 bits.",
           lambda p: spki(rsa.generate_private_key(public_exponent=3, key_size=1024).public_key()))
unreadable("parameters-of-null", "An Ed25519 key whose algorithm has parameters.",
           lambda p: pem("PUBLIC KEY", bytes.fromhex("302c300706032b65700500032100") + raw(p)))
unreadable("longer-lengths", "An Ed25519 key whose lengths are not in their shortest form.",
           lambda p: pem("PUBLIC KEY", b"\x30\x81" + ED25519_SPKI[1:] + raw(p)))
unreadable("more-behind-it", "An Ed25519 key with more bytes behind it.",
           lambda p: pem("PUBLIC KEY", ED25519_SPKI + raw(p) + b"\0"))
unreadable("openssh-of-another-type", "An OpenSSH line says Ed25519; inside it is the type `ssh-rsa`.",
           lambda p: f"ssh-ed25519 {openssh_blob(b'ssh-rsa', raw(p))}\n".encode())
unreadable("openssh-with-more", "An OpenSSH key with another field behind it.",
           lambda p: f"ssh-ed25519 {openssh_blob(b'ssh-ed25519', raw(p), b'x')}\n".encode())
unreadable("openssh-of-endless-length", "A field of an OpenSSH key says that it has 4 GiB.",
           lambda p: b"ssh-ed25519 " + base64.b64encode(b"\xff\xff\xff\xffssh-ed25519") + b"\n")
unreadable("openssh-with-options", "An OpenSSH line with options of `authorized_keys` before the key.",
           lambda p: f'command="true" ssh-ed25519 {openssh_blob(b"ssh-ed25519", raw(p))}\n'.encode())
unreadable("openssh-of-a-token", "A key that a hardware token holds signs something else than it is given.",
           lambda p: f"sk-ssh-ed25519@openssh.com {openssh_blob(b'sk-ssh-ed25519@openssh.com', raw(p), b'ssh:')}\n".encode())
unreadable("openssh-certificate", "An OpenSSH certificate in the place of a key.",
           lambda p: f"ssh-ed25519-cert-v01@openssh.com {openssh_blob(b'ssh-ed25519-cert-v01@openssh.com', raw(p))}\n".encode())
unreadable("minisign", "A public key of minisign.",
           lambda p: b"untrusted comment: x\n" + base64.b64encode(b"Ed" + b"\0" * 8 + raw(p)) + b"\n")


@case("key/without-end", "The key is a device that never ends.", exit=4, finds="key-unreadable")
def without_end(place: Place) -> list[str]:
    place.signed()
    return ["verify", "release", "--key", "/dev/zero"]


for order, point in [
    (1, b"\1" + bytes(31)),
    (2, b"\xec" + b"\xff" * 30 + b"\x7f"),
    (4, bytes(32)),
    (8, bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
]:

    @case(
        f"key/of-order-{order}",
        f"A key of order {order}, and a signature that holds for it over any message, or nearly any.",
        exit=4,
        finds="key-unreadable",
    )
    def of_small_order(place: Place, point: bytes = point) -> list[str]:
        bundle = place.bundle(place.payload())
        place.put_signature(bundle, b"\1" + bytes(63))
        (place.root / "given.pub").write_bytes(pem("PUBLIC KEY", ED25519_SPKI + point))
        return ["verify", "release", "--key", "given.pub"]


# --- signatures ---


def p256_signed(place: Place, change: Callable[[bytes], bytes], hash: Any = None) -> list[str]:
    """A bundle with a signature of Mallory's P-256 key, put through `change`."""
    key, payload = p256(place), place.payload()
    message = pae(PAYLOAD_TYPE.encode(), payload)
    place.put_signature(place.bundle(payload), change(key.sign(message, ec.ECDSA(hash or hashes.SHA256()))))
    return ["verify", "release", "--key", "p256.pub"]


def forged(name: str, about: str, change: Callable[[bytes], bytes], hash: Any = None) -> None:
    @case(f"key/{name}", about, exit=1, finds="signature-untrusted")
    def make(place: Place) -> list[str]:
        return p256_signed(place, change, hash)


def numbers(change: Callable[[int, int], bytes]) -> Callable[[bytes], bytes]:
    return lambda signature: change(*decode_dss_signature(signature))


forged("ecdsa-of-nothing", "An ECDSA signature of two zeros (CVE-2022-21449).", lambda _: encode_dss_signature(0, 0))
forged("ecdsa-of-the-order", "An ECDSA signature whose numbers are the order of the curve.",
       lambda _: encode_dss_signature(P256_ORDER, P256_ORDER))
forged("ecdsa-beyond-the-order", "The order of the curve is added to a number of the signature.",
       numbers(lambda r, s: encode_dss_signature(r + P256_ORDER, s)))
forged("ecdsa-negative", "A number of the signature is written so that it is below zero.",
       numbers(lambda r, s: der(0x30, der(2, r.to_bytes(32, "big") if r >> 255 else b"\xff" + r.to_bytes(32, "big")), integer(s))))
forged("ecdsa-raw", "The signature is in the form of JSON Web Signatures.",
       numbers(lambda r, s: r.to_bytes(32, "big") + s.to_bytes(32, "big")))
forged("ecdsa-of-another-hash", "The signature is over SHA-384.", lambda signature: signature, hashes.SHA384())
forged("ecdsa-of-indefinite-length", "The signature's sequence has no length.",
       lambda signature: b"\x30\x80" + signature[2:] + b"\0\0")


@case("key/ecdsa-mirrored", "The signature's other valid spelling, which anybody can make: it passes.", exit=0)
def ecdsa_mirrored(place: Place) -> list[str]:
    return p256_signed(place, numbers(lambda r, s: encode_dss_signature(r, P256_ORDER - s)))


def counted_twice(place: Place, first: bytes, second: bytes, *keys: str) -> list[str]:
    """Two signatures in one envelope, where two signers are asked for."""
    payload = place.payload()
    envelope = place.bundle(payload, place.key, place.other)["dsseEnvelope"]
    for held, signature in zip(envelope["signatures"], (first, second), strict=True):
        held["sig"] = base64.b64encode(signature).decode()
    place.put_bundle(envelope)
    return ["verify", "release", "--threshold", "2", *(part for key in keys for part in ("--key", key))]


@case("key/ecdsa-counted-twice", "Two signers are asked for; both spellings of one signature are there.",
      exit=1, finds="signature-threshold")
def ecdsa_counted_twice(place: Place) -> list[str]:
    key = p256(place)
    signature = key.sign(pae(PAYLOAD_TYPE.encode(), place.payload()), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(signature)
    return counted_twice(place, signature, encode_dss_signature(r, P256_ORDER - s), "p256.pub", "other.pub")


@case("key/ed25519-counted-twice", "Two signers are asked for; the second signature is the first, plus the order.",
      exit=1, finds="signature-threshold")
def ed25519_counted_twice(place: Place) -> list[str]:
    signature = place.key.sign(place.payload())
    s = int.from_bytes(signature[32:], "little") + ED25519_ORDER
    return counted_twice(place, signature, signature[:32] + s.to_bytes(32, "little"), "mallory.pub", "other.pub")


@case("key/two-spellings-of-one", "Two signers are asked for; one key is given as PEM and as OpenSSH.",
      exit=1, finds="signature-threshold")
def two_spellings_of_one(place: Place) -> list[str]:
    place.signed()
    (place.root / "ssh.pub").write_text(f"ssh-ed25519 {openssh_blob(b'ssh-ed25519', raw(place))}\n")
    return place.verify("--key", "ssh.pub", "--threshold", "2")


@case("key/of-another-type", "An Ed25519 signature under the key id of a trusted P-256 key, and that key alone.",
      exit=1, finds="signature-untrusted")
def of_another_type(place: Place) -> list[str]:
    bundle, key = place.signed(), p256(place)
    digest = hashlib.sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    bundle["dsseEnvelope"]["signatures"][0]["keyid"] = base64.b64encode(digest).decode()
    place.put_bundle(bundle)
    return ["verify", "release", "--key", "p256.pub"]


# --- secret keys to sign with ---


def refused(name: str, about: str, make: Callable[[Place], bytes], says: str | tuple[str, ...] = ()) -> None:
    """A case in which nothing may be signed with a key."""

    @case(f"key/{name}", about, exit=4, says=says)
    def met(place: Place) -> list[str]:
        (place.release / "fullsource.json").write_text(json.dumps(place.manifest))
        write_secret(place.root / "given.key", make(place))
        (place.root / "passphrase").write_text("correct horse\n")
        return ["sign", "release", "--key", "given.key", "--passphrase-file", "passphrase"]


def with_another_public_key(place: Place) -> bytes:
    """PKCS#8 version 1 may have the public key beside the secret one."""
    other = place.other.private.public_key().public_bytes_raw()
    parts = [b"\2\1\1", bytes.fromhex("300506032b6570"), der(4, der(4, place.key.private.private_bytes_raw()))]
    return pem("PRIVATE KEY", der(0x30, *parts, der(0x81, b"\0" + other)))


def encrypted(derivation: bytes) -> bytes:
    """PBES2 with AES-256-CBC, by some derivation of a key."""
    cipher = der(0x30, bytes.fromhex("060960864801650304012a"), der(4, bytes(16)))
    scheme = der(0x30, bytes.fromhex("06092a864886f70d01050d"), der(0x30, derivation, cipher))
    return pem("ENCRYPTED PRIVATE KEY", der(0x30, scheme, der(4, bytes(64))))


def scrypt(log_cost: int) -> bytes:
    parts = [der(4, b"saltsalt"), integer(1 << log_cost), integer(8), integer(1)]
    return der(0x30, bytes.fromhex("06092b06010401da47040b"), der(0x30, *parts))


def pbkdf2(rounds: int) -> bytes:
    random = der(0x30, bytes.fromhex("06082a864886f70d0209"), b"\5\0")
    parts = der(0x30, der(4, b"saltsalt"), integer(rounds), random)
    return der(0x30, bytes.fromhex("06092a864886f70d01050c"), parts)


refused("pair-that-is-none", "A secret key with the public key of another: to sign with both gives the secret away.",
        with_another_public_key)
refused("scrypt-of-a-gibibyte", "An encrypted key whose derivation takes a gibibyte of memory.",
        lambda p: encrypted(scrypt(20)))
refused("pbkdf2-for-ever", "An encrypted key whose derivation takes two thousand million rounds.",
        lambda p: encrypted(pbkdf2(2**31 - 1)))
refused("pbkdf2-of-one-round", "An encrypted key whose derivation takes one round.", lambda p: encrypted(pbkdf2(1)))
refused("of-cosign", "A key of cosign, in its own encryption.",
        lambda p: pem("ENCRYPTED SIGSTORE PRIVATE KEY", b'{"kdf":{}}'))
refused("of-zero", "A P-256 secret key that is zero.",
        lambda p: pem("PRIVATE KEY", bytes.fromhex("304102010030130607" "2a8648ce3d0201" "06082a8648ce3d030107"
                      "0427" "3025" "020101" "0420") + bytes(32)))
refused("public-key-to-sign", "The public key is given to sign with.", lambda p: p.key.public_pem())
refused("encrypted-otherwise", "An encrypted key that needs another passphrase.",
        lambda p: p.key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"other")))

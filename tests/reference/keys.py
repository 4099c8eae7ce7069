"""Public keys and signatures (keys.md, key-1 to key-13).

`cryptography` (OpenSSL) does the equations. It takes Ed25519 keys and `R` of small order and
some DER that is not DER, so the checks of the spec stand before it.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
P256_ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
P256_SPKI = bytes.fromhex("3059") + P256_ALGORITHM + bytes.fromhex("034200")
P256_SPKI_COMPRESSED = bytes.fromhex("3039") + P256_ALGORITHM + bytes.fromhex("032200")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
OPENSSH_TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256")  # key-7


class BadKey(ValueError):
    pass


@dataclass(frozen=True)
class Key:
    type: str
    point: bytes  # 32 bytes of Ed25519, the uncompressed point of P-256

    @property
    def spki(self):  # key-5: what makes two keys equal
        return (ED25519_SPKI if self.type == "ed25519" else P256_SPKI) + self.point

    @property
    def id(self):  # key-6
        return base64.b64encode(hashlib.sha256(self.spki).digest()).decode()

    def verifies(self, signature, message):
        if self.type == "ed25519":
            return ed25519_holds(self.point, signature, message)
        return p256_holds(self.point, signature, message)


# --- reading keys

def read_key_file(data):
    """key-4: one PEM block, or one OpenSSH line."""
    try:
        text = data.decode("utf-8").strip(" \t\r\n")
    except UnicodeDecodeError as error:
        raise BadKey("not UTF-8") from error
    if text.startswith("-----BEGIN"):
        return key_of_pem(text)
    if "\n" in text:
        raise BadKey("more than one line")
    return key_of_openssh(*(text.split(None, 2) + ["", ""])[:2])


def key_of_pem(text):
    block = re.fullmatch(r"-----BEGIN PUBLIC KEY-----\s([A-Za-z0-9+/=\s]*)"
                         r"-----END PUBLIC KEY-----", text, re.ASCII)
    if not block:
        raise BadKey("not one PEM block `PUBLIC KEY`")
    der = decode(re.sub(r"\s", "", block[1]))
    for prefix, kind, size in ((ED25519_SPKI, "ed25519", 32), (P256_SPKI, "p256", 65),
                               (P256_SPKI_COMPRESSED, "p256", 33)):
        if der.startswith(prefix) and len(der) == len(prefix) + size:
            return make_key(kind, der[len(prefix):])
    raise BadKey("not the SubjectPublicKeyInfo of an Ed25519 or P-256 key")


def key_of_openssh(kind, blob):
    """key-7: the type in the line and the one inside are equal, and nothing is left over."""
    if kind not in OPENSSH_TYPES:
        raise BadKey(f"`{kind}` is no key type of this format")
    fields = openssh_fields(blob)
    if kind == "ssh-ed25519" and len(fields) == 2 and fields[0] == b"ssh-ed25519":
        return make_key("ed25519", fields[1])
    if len(fields) == 3 and fields[:2] == [b"ecdsa-sha2-nistp256", b"nistp256"] \
            and kind == "ecdsa-sha2-nistp256":
        return make_key("p256", fields[2])
    raise BadKey(f"the key inside is no `{kind}`")


def openssh_fields(blob):
    rest, fields = decode(blob), []
    while rest:
        size = int.from_bytes(rest[:4])
        if len(rest) < 4 + size:
            raise BadKey("the key ends too early")
        fields.append(rest[4:4 + size])
        rest = rest[4 + size:]
    return fields


def decode(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadKey("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise BadKey("not canonical base64")
    return raw


def make_key(kind, point):
    if kind == "ed25519":
        if len(point) != 32 or is_small_order(point):
            raise BadKey("no canonical point, or one of small order")  # key-2
        return Key(kind, point)
    if len(point) not in (33, 65) or point[0] not in (2, 3, 4):
        raise BadKey("no compressed or uncompressed point")
    try:  # key-3: refuses what is not on the curve
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise BadKey("not a point of the curve P-256") from error
    return Key(kind, public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


# --- P-256

def p256_holds(point, signature, message):
    if not is_strict_ecdsa(signature):
        return False  # key-13
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    try:
        public.verify(signature, message, ec.ECDSA(SHA256()))
        return True
    except InvalidSignature:
        return False


def is_strict_ecdsa(der):
    """key-12: SEQUENCE of two INTEGERs in their shortest form, each from 1 to n - 1."""
    if len(der) < 2 or der[0] != 0x30 or der[1] != len(der) - 2 or der[1] > 127:
        return False
    rest, numbers = der[2:], []
    while rest:
        if len(rest) < 2 or rest[0] != 2 or not 1 <= rest[1] <= len(rest) - 2:
            return False
        number, rest = rest[2:2 + rest[1]], rest[2 + rest[1]:]
        if len(number) > 1 and number[0] == 0 and number[1] < 128:
            return False  # a leading zero that is not needed
        numbers.append(int.from_bytes(number, signed=True))
    return len(numbers) == 2 and all(1 <= number < P256_ORDER for number in numbers)


# --- Ed25519

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)


def ed25519_holds(public, signature, message):
    """key-10. OpenSSL computes [S]B - [k]A and compares its encoding with R byte for byte."""
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    if is_small_order(signature[:32]):
        return False
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def is_small_order(encoded):
    """True also where the bytes are no canonical encoding of a point (RFC 8032, 5.1.3)."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= PRIME:
        return True
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != square:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if x * x % PRIME != square or (x == 0 and sign):
        return True
    point = (x, y)  # [8] of (-x, y) is neutral where [8] of (x, y) is: the sign does not matter
    for _ in range(3):
        point = double(point)
    return point == (0, 1)


def double(point):
    """Addition on the twisted Edwards curve -x² + y² = 1 + d x² y², of a point to itself."""
    x, y = point
    cross = D * x * x * y * y
    return (2 * x * y * pow(1 + cross, -1, PRIME) % PRIME,
            (y * y + x * x) * pow(1 - cross, -1, PRIME) % PRIME)

"""Envelopes and bundles that are written so that two readers read two things."""

import base64
import json
from collections.abc import Callable

from corpus import case
from place import Place


def bundle_text(place: Place) -> str:
    """The honest bundle, as text to be tampered with."""
    return json.dumps(place.signed())


def with_field(place: Place, field: str, change: Callable[[str], str]) -> list[str]:
    """The honest bundle, with one field of its envelope put through `change`."""
    bundle = place.signed()
    envelope = bundle["dsseEnvelope"]
    holder = envelope["signatures"][0] if field == "sig" else envelope
    holder[field] = change(holder[field])
    place.put_bundle(bundle)
    return place.verify()


# --- base64 ---


@case(
    "envelope/base64-in-lines",
    "The payload is base64 in lines of 76 characters, as mail has it.",
    exit=4,
    finds="envelope-malformed",
)
def base64_in_lines(place: Place) -> list[str]:
    return with_field(place, "payload", lambda text: base64.encodebytes(base64.b64decode(text)).decode())


@case(
    "envelope/base64-twice",
    "The payload is encoded twice; some tools decode until nothing is left to decode.",
    exit=1,
    finds="signature-untrusted",
)
def base64_twice(place: Place) -> list[str]:
    return with_field(place, "payload", lambda text: base64.b64encode(text.encode()).decode())


@case(
    "envelope/base64-in-two-parts",
    "The payload goes on behind its padding.",
    exit=4,
    finds="envelope-malformed",
)
def base64_in_two_parts(place: Place) -> list[str]:
    return with_field(place, "payload", lambda text: "eyJhIjogMX0=" + text)


@case(
    "envelope/base64-of-other-letters",
    "Letters of the payload are full-width ones that fold to the right ones.",
    exit=4,
    finds="envelope-malformed",
)
def base64_of_other_letters(place: Place) -> list[str]:
    return with_field(place, "payload", lambda text: text.replace("e", "\uff45", 1))


@case(
    "envelope/base64-with-spare-bits",
    "The signature's last letter carries bits that belong to no byte.",
    exit=4,
    finds="envelope-malformed",
)
def base64_with_spare_bits(place: Place) -> list[str]:
    return with_field(place, "sig", lambda text: text[:-3] + chr(ord(text[-3]) + 1) + "==")


@case(
    "envelope/hexadecimal",
    "The signature is in hexadecimal digits, which are base64 of other bytes.",
    exit=1,
    finds="signature-untrusted",
)
def hexadecimal(place: Place) -> list[str]:
    return with_field(place, "sig", lambda text: base64.b64decode(text).hex())


# --- JSON that two readers read as two things ---


def twice(place: Place, second: str) -> list[str]:
    """The honest bundle with the payload of somebody else in a field `second`."""
    other = base64.b64encode(b'{"release": "somebody else"}').decode()
    text = bundle_text(place).replace('"payload": ', f'"{second}": "{other}", "payload": ')
    place.put_bundle(text.encode())
    return place.verify()


@case("envelope/payload-twice", "Two payloads in one envelope.", exit=4, finds="bundle-malformed")
def payload_twice(place: Place) -> list[str]:
    return twice(place, "payload")


@case(
    "envelope/payload-twice-by-escape",
    "Two payloads, one of them under a key that is written with an escape.",
    exit=4,
    finds="bundle-malformed",
)
def payload_twice_by_escape(place: Place) -> list[str]:
    return twice(place, "p\\u0061yload")


@case(
    "envelope/payload-in-capitals",
    "A second payload under `Payload`, which some languages read as the same field. It is ignored.",
    exit=0,
    hides="somebody else",
)
def payload_in_capitals(place: Place) -> list[str]:
    return twice(place, "Payload")


@case(
    "envelope/two-in-one-line",
    "The honest bundle, and behind it in the same line another one.",
    exit=4,
    finds="bundle-malformed",
)
def two_in_one_line(place: Place) -> list[str]:
    text = bundle_text(place)
    place.put_bundle((text + text).encode())
    return place.verify()


@case(
    "envelope/zero-byte-behind-it",
    "A zero byte ends the bundle, for who reads it as C does; behind it stands more.",
    exit=4,
    finds="bundle-malformed",
)
def zero_byte_behind_it(place: Place) -> list[str]:
    place.put_bundle(bundle_text(place).encode() + b"\0{}")
    return place.verify()


@case("envelope/utf-16", "The bundle is in UTF-16.", exit=4, finds="bundle-malformed")
def utf_16(place: Place) -> list[str]:
    place.put_bundle(bundle_text(place).encode("utf-16"))
    return place.verify()


@case(
    "envelope/media-type-of-the-screen",
    "The media type holds escapes for a terminal.",
    exit=4,
    finds="bundle-unsupported",
)
def media_type_of_the_screen(place: Place) -> list[str]:
    place.put_bundle(place.signed() | {"mediaType": "\x1b]0;owned\x07\x9b31m\u2066"})
    return place.verify()


@case("envelope/carriage-returns", "Line ends and tabs of another system, outside of the payload.", exit=0)
def carriage_returns(place: Place) -> list[str]:
    text = json.dumps(place.signed(), indent="\t").replace("\n", "\r\n")
    place.put_bundle(text.encode())
    return place.verify()

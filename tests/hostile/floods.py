"""Documents that are small to make and dear to read: depth, numbers, lengths."""

import base64
import gzip
import json

from corpus import case
from place import BUNDLE, Key, Place

MEBIBYTE = 1 << 20


def with_unknown(place: Place, value: str) -> list[str]:
    """The honest bundle, with a field that nobody knows."""
    text = json.dumps(place.signed())
    place.put_bundle(('{"unknown": ' + value + "," + text[1:]).encode())
    return place.verify()


def with_unknown_in_statement(place: Place, value: str) -> list[str]:
    """A signed statement, with a field that nobody knows in its manifest."""
    text = place.payload().decode()
    start = text.index('"predicate"')
    at = text.index("{", start) + 1
    place.put_statement((text[:at] + '"unknown": ' + value + "," + text[at:]).encode())
    return place.verify()


@case(
    "flood/bundle-of-brackets",
    "A field of the bundle is a million arrays deep.",
    exit=4,
    finds="bundle-malformed",
)
def bundle_of_brackets(place: Place) -> list[str]:
    return with_unknown(place, "[" * 1_000_000 + "]" * 1_000_000)


@case(
    "flood/bundle-of-objects-unclosed",
    "A field of the bundle opens objects, and closes none.",
    exit=4,
    finds="bundle-malformed",
)
def bundle_of_objects_unclosed(place: Place) -> list[str]:
    return with_unknown(place, '{"a":' * 1_000_000)


@case(
    "flood/exponent",
    "A number of the bundle has an exponent that no machine can write out.",
    exit=4,
    finds="bundle-malformed",
)
def exponent(place: Place) -> list[str]:
    return with_unknown(place, "1e999999999999")


@case(
    "flood/digits",
    "A number of the bundle has ten million digits.",
    exit=4,
    finds="bundle-malformed",
)
def digits(place: Place) -> list[str]:
    return with_unknown(place, "9" * 10_000_000)


@case(
    "flood/keys",
    "An object of the bundle has a million keys, all told apart at their last letter.",
    exit=0,
)
def keys(place: Place) -> list[str]:
    return with_unknown(place, "{" + ",".join(f'"key{number}":0' for number in range(1_000_000)) + "}")


@case(
    "flood/zeros-in-the-bundle",
    "A field of the bundle that nobody knows is an array of 40 million numbers.",
    exit=0,
)
def zeros_in_the_bundle(place: Place) -> list[str]:
    return with_unknown(place, "[" + "0," * 40_000_000 + "0]")


@case(
    "flood/zeros-in-the-key-hint",
    "The key in the bundle, which is not looked at, is an array of 40 million numbers.",
    exit=0,
)
def zeros_in_the_key_hint(place: Place) -> list[str]:
    text = json.dumps(place.signed())
    zeros = "[" + "0," * 40_000_000 + "0]"
    place.put_bundle(text.replace('{"hint"', '{"raw": ' + zeros + ', "hint"').encode())
    return place.verify()


@case(
    "flood/zeros-as-subjects",
    "The subjects of a statement are 20 million numbers.",
    exit=4,
    finds="statement-malformed",
)
def zeros_as_subjects(place: Place) -> list[str]:
    statement = json.dumps(place.statement() | {"subject": []})
    zeros = "[" + "0," * 20_000_000 + "0]"
    place.put_statement(statement.replace('"subject": []', f'"subject": {zeros}').encode())
    return place.verify()


@case(
    "flood/zeros-in-the-statement",
    "A field of the signed manifest that nobody knows is an array of 20 million numbers.",
    exit=0,
)
def zeros_in_the_statement(place: Place) -> list[str]:
    return with_unknown_in_statement(place, "[" + "0," * 20_000_000 + "0]")


@case(
    "flood/white-space",
    "Ninety mebibytes of white space stand before the bundle.",
    exit=0,
)
def white_space(place: Place) -> list[str]:
    place.put_bundle(b" " * (90 * MEBIBYTE) + json.dumps(place.signed()).encode())
    return place.verify()


@case(
    "flood/bundle-without-end",
    "The bundle is a file of a tebibyte that takes no room.",
    exit=4,
    finds="limit-exceeded",
)
def bundle_without_end(place: Place) -> list[str]:
    place.signed()
    with open(place.release / BUNDLE, "ab") as file:
        file.truncate(1 << 40)
    return place.verify()


@case(
    "flood/bundle-compressed",
    "The bundle is compressed: a few kilobytes that would be 100 mebibytes.",
    exit=4,
    finds="bundle-malformed",
)
def bundle_compressed(place: Place) -> list[str]:
    place.put_bundle(gzip.compress(json.dumps(place.signed()).encode() + b" " * (100 * MEBIBYTE)))
    return place.verify()


@case(
    "flood/statement-too-large",
    "The payload has 65 mebibytes, in a bundle that is not too large.",
    exit=4,
    finds="limit-exceeded",
)
def statement_too_large(place: Place) -> list[str]:
    place.put_statement(place.payload() + b" " * (65 * MEBIBYTE))
    return place.verify()


@case(
    "flood/signatures",
    "An envelope of 400,000 signatures.",
    exit=4,
    finds="envelope-malformed",
)
def signatures(place: Place) -> list[str]:
    envelope = place.signed()["dsseEnvelope"]
    envelope["signatures"] *= 400_000
    place.put_bundle(envelope)
    return place.verify()


@case(
    "flood/lines",
    "The honest envelope is the last of 200,000 lines; the others are each something else.",
    exit=0,
)
def lines(place: Place) -> list[str]:
    envelope = json.dumps(place.signed()["dsseEnvelope"])
    place.put_bundle("".join(f'{{"line": {number}}}\n' for number in range(200_000)).encode() + envelope.encode())
    return place.verify()


@case(
    "flood/strangers",
    "The honest envelope stands among 20,000 that strangers signed, each of another payload.",
    exit=0,
)
def strangers(place: Place) -> list[str]:
    envelope, stranger = place.signed()["dsseEnvelope"], Key.new("stranger")
    signature = {"sig": base64.b64encode(stranger.sign(b"")).decode()}
    others = [
        {**envelope, "payload": base64.b64encode(b"%d" % number).decode(), "signatures": [signature]}
        for number in range(20_000)
    ]
    place.put_bundle("\n".join(json.dumps(line) for line in [*others, envelope]).encode())
    return place.verify()


@case(
    "flood/statement-of-brackets",
    "A field of the signed manifest is 100,000 arrays deep.",
    exit=4,
    finds="statement-malformed",
)
def statement_of_brackets(place: Place) -> list[str]:
    return with_unknown_in_statement(place, "[" * 100_000 + "]" * 100_000)


@case(
    "flood/artifacts",
    "A statement claims 100,001 artifacts.",
    exit=4,
    finds="limit-exceeded",
)
def artifacts(place: Place) -> list[str]:
    statement = place.statement()
    statement["predicate"]["artifacts"] += [
        {"id": f"a{number}", "roles": ["doc.paper"]} for number in range(99_999)
    ]
    place.put_statement(statement)
    return place.verify()


@case(
    "flood/references",
    "A thousand stages that each name the same five hundred artifacts, none of which was published.",
    exit=0,
    headline="closed",
)
def references(place: Place) -> list[str]:
    names = [f"a{number}" for number in range(1000)]
    for name in names:
        place.artifact(id=name, roles=["code.training"], name=name)
    place.manifest["stages"] = [
        {"id": f"s{number}", "kind": "sft", "code": names[:500], "outputs": [names[number]]}
        for number in range(1000)
    ]
    place.signed()
    return place.verify()


@case(
    "flood/unsigned-statement",
    "An unsigned statement of 63 mebibytes of empty arrays, given by itself.",
    exit=3,
    finds="signature-none",
    seconds=30,
)
def unsigned_statement(place: Place) -> list[str]:
    text = place.payload()
    value = b"[" + b"[]," * (20 * MEBIBYTE) + b"[]]"
    (place.root / "statement.json").write_bytes(b'{"unknown": ' + value + b"," + text[1:])
    return ["verify", "release", "--statement", "statement.json"]

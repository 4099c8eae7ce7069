"""Weights whose headers lie: safetensors, GGUF, ONNX. Of safetensors and GGUF the header is read."""

import json
import struct
from collections.abc import Callable

from corpus import case
from place import Place, safetensors


def claimed(place: Place, file: str, content: bytes) -> list[str]:
    """The release with one more weights file, which its publisher signed as it is."""
    place.write(file, content)
    place.artifact(id="extra", roles=["weights.final"], license="MIT", files=[file])
    place.signed()
    return place.verify()


def malformed(name: str, about: str, file: str, content: Callable[[], bytes], says: str) -> None:
    """A case that ends in a warning which says what is wrong."""

    @case(f"weights/{name}", about, exit=0, finds="content-malformed", says=says)
    def make(place: Place) -> list[str]:
        return claimed(place, file, content())


# --- safetensors ---

WHOLE = safetensors({"w": [1, 2, 3, 4]})


def headed(header: str | bytes, data: bytes = b"") -> bytes:
    raw = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(raw)) + raw + data


def tensor(dtype: str = "F32", shape: str = "[1]", offsets: str = "[0,4]") -> str:
    return f'{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}'


def safetensors_case(name: str, about: str, content: Callable[[], bytes], says: str) -> None:
    malformed(f"safetensors-{name}", about, "extra.safetensors", content, says)


safetensors_case(
    "endless-header",
    "A header of 2^64 - 1 bytes.",
    lambda: b"\xff" * 8 + b"{}",
    "18446744073709551615 bytes",
)
safetensors_case(
    "header-behind-the-file",
    "A header that ends behind the file.",
    lambda: struct.pack("<Q", 90_000_000) + b"{}",
    "header",
)
safetensors_case(
    "of-six-bytes", "A file shorter than the length of its header.", lambda: b"\x02\0\0\0\0\0", "header"
)
safetensors_case(
    "name-twice",
    "A tensor name that stands twice: one reader takes the first, another the last.",
    lambda: headed(f'{{"w":{tensor()},"w":{tensor(offsets="[4,8]")}}}', b"\0" * 8),
    "`w`",
)
safetensors_case(
    "name-twice-escaped",
    "A tensor name that stands twice, once spelt with an escape.",
    lambda: headed(f'{{"w":{tensor()},"\\u0077":{tensor(offsets="[4,8]")}}}', b"\0" * 8),
    "`w`",
)
safetensors_case(
    "name-in-two-normalisations",
    "Two tensor names that some systems take for one.",
    lambda: headed(f'{{"\u00e9":{tensor()},"e\u0301":{tensor(offsets="[4,8]")}}}', b"\0" * 8),
    "normalisations",
)
safetensors_case(
    "overlap",
    "Two tensors that lie on the same bytes.",
    lambda: headed(
        f'{{"a":{tensor(shape="[2]", offsets="[0,8]")},"b":{tensor(offsets="[4,8]")}}}', b"\0" * 8
    ),
    "starts at byte 4",
)
safetensors_case(
    "hole",
    "Bytes between two tensors, which no reader sees and every copy carries.",
    lambda: headed(f'{{"a":{tensor()},"b":{tensor(offsets="[8,12]")}}}', b"\0" * 12),
    "starts at byte 8",
)
safetensors_case(
    "shape-overflows",
    "A shape whose product is four modulo 2^64.",
    lambda: headed(f'{{"a":{tensor(dtype="U8", shape="[4611686018427387905,4]")}}}', b"\0" * 4),
    "shape",
)
safetensors_case(
    "offsets-backwards",
    "A tensor that ends before it starts.",
    lambda: headed(f'{{"a":{tensor(offsets="[8,4]")}}}', b"\0" * 8),
    "data_offsets",
)
safetensors_case(
    "offsets-at-the-end-of-numbers",
    "A tensor at the last bytes that 64 bits can name.",
    lambda: headed(f'{{"a":{tensor(offsets="[18446744073709551611,18446744073709551615]")}}}', b"\0" * 4),
    "starts at byte 18446744073709551611",
)
safetensors_case(
    "negative-dimension",
    "A shape with a negative number.",
    lambda: headed(f'{{"a":{tensor(shape="[-1]")}}}', b"\0" * 4),
    "header",
)
safetensors_case(
    "numbers-as-floats",
    "Offsets written as 4e0, which some readers take for 4.",
    lambda: headed(f'{{"a":{tensor(offsets="[0,4e0]")}}}', b"\0" * 4),
    "header",
)
safetensors_case(
    "something-behind",
    "A zip archive behind the last tensor: the file is two things at once.",
    lambda: WHOLE + b"PK\x05\x06" + b"\0" * 18,
    "bytes, the file has",
)
safetensors_case("cut", "The last byte of the data is missing.", lambda: WHOLE[:-1], "bytes, the file has")
safetensors_case(
    "deep-header",
    "A header nested a hundred thousand deep.",
    lambda: headed('{"a":' * 100_000 + "1" + "}" * 100_000),
    "header",
)
safetensors_case(
    "type-for-a-terminal",
    "A type of elements that would clear the terminal of who reads that it is unknown.",
    lambda: headed(f'{{"a":{tensor(dtype="F32" + chr(92) + "u001b[2J" + chr(92) + "u202e")}}}', b"\0" * 4),
    "which safetensors does not have",
)
safetensors_case(
    "padding-of-zeros",
    "A header padded with zeros, in which anything could stand.",
    lambda: headed(f'{{"a":{tensor()}}}' + "\0" * 8, b"\0" * 4),
    "only spaces may follow",
)
safetensors_case(
    "quarter-of-a-million-and-one",
    "One tensor more than are read of a file.",
    lambda: headed(
        "{" + ",".join(f'"{at}":{tensor(shape="[0]", offsets="[0,0]")}' for at in range(250_001)) + "}"
    ),
    "more tensors than 250000",
)
safetensors_case(
    "is-a-pickle",
    "A pickle that runs a program, named like the form that was made against it.",
    lambda: b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.",
    "header",
)


@case(
    "weights/safetensors-header-of-spaces",
    "A header of a hundred million bytes, all but two of them spaces: allowed, and not kept.",
    exit=0,
    spares="content-malformed",
)
def header_of_spaces(place: Place) -> list[str]:
    return claimed(place, "extra.safetensors", headed(b"{}".ljust(100_000_000)))


@case(
    "weights/safetensors-scalar-and-nothing",
    "A scalar, an empty tensor, and metadata that only look odd.",
    exit=0,
    spares="content-malformed",
)
def scalar_and_nothing(place: Place) -> list[str]:
    header = {
        "__metadata__": {"format": "pt", "\u202e": "\u001b[2J"},
        "empty": {"dtype": "F32", "shape": [0, 1 << 40], "data_offsets": [0, 0]},
        "scalar": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]},
    }
    return claimed(place, "extra.safetensors", headed(json.dumps(header), b"\0" * 4))


# --- GGUF ---


def text(value: bytes, length: int | None = None) -> bytes:
    return struct.pack("<Q", len(value) if length is None else length) + value


def entry(key: bytes, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def named(name: bytes, shape: list[int], kind: int = 0, offset: int = 0) -> bytes:
    sizes = struct.pack(f"<{len(shape)}Q", *shape)
    return text(name) + struct.pack("<I", len(shape)) + sizes + struct.pack("<IQ", kind, offset)


def gguf(
    entries: list[bytes] = [],
    tensors: list[bytes] = [],
    data: bytes = b"",
    *,
    version: int = 3,
    counts: tuple[int, int] | None = None,
    alignment: int = 32,
) -> bytes:
    tensor_count, entry_count = counts or (len(tensors), len(entries))
    head = b"GGUF" + struct.pack("<IQQ", version, tensor_count, entry_count)
    head += b"".join(entries) + b"".join(tensors)
    return head + b"\0" * (-len(head) % alignment) + data


def gguf_case(name: str, about: str, content: Callable[[], bytes], says: str = "extra.gguf") -> None:
    malformed(f"gguf-{name}", about, "extra.gguf", content, says)


UINT32, STRING, ARRAY, BOOL = 4, 8, 9, 7
EIGHT = [8]

gguf_case(
    "endless-string", "A string of 2^60 bytes.", lambda: gguf([entry(b"a", STRING, text(b"", 1 << 60))])
)
gguf_case("endless-key", "A key of 2^63 bytes.", lambda: gguf([text(b"", 1 << 63)]))
gguf_case(
    "endless-entries", "2^63 entries of metadata.", lambda: gguf(counts=(0, 1 << 63)), "9223372036854775808"
)
gguf_case("endless-tensors", "2^63 tensors.", lambda: gguf(counts=(1 << 63, 0)), "9223372036854775808")
gguf_case(
    "endless-array",
    "An array of 2^60 numbers of a byte each.",
    lambda: gguf([entry(b"a", ARRAY, struct.pack("<IQ", 0, 1 << 60))]),
)
gguf_case(
    "array-in-array",
    "Arrays in arrays, ten thousand deep.",
    lambda: gguf([entry(b"a", ARRAY, struct.pack("<IQ", ARRAY, 1) * 10_000)]),
)
gguf_case(
    "key-twice",
    "A key that stands twice: the licence is the first or the last.",
    lambda: gguf([entry(b"general.license", STRING, text(value)) for value in (b"mit", b"proprietary")]),
    "general.license",
)
gguf_case(
    "shape-overflows",
    "A tensor with 2^64 elements.",
    lambda: gguf([], [named(b"a", [1 << 32, 1 << 32])]),
)
gguf_case(
    "five-dimensions", "A tensor of five dimensions.", lambda: gguf([], [named(b"a", [1] * 5)], b"\0" * 32)
)
gguf_case("no-dimensions", "A tensor of 2^32 - 1 dimensions.", lambda: gguf([], [text(b"a") + b"\xff" * 4]))
gguf_case(
    "unknown-type",
    "A tensor of a type that nobody has.",
    lambda: gguf([], [named(b"a", EIGHT, 9999)], b"\0" * 32),
)
gguf_case(
    "broken-block",
    "A quantised tensor that ends in the middle of a block.",
    lambda: gguf([], [named(b"a", [33], 2)], b"\0" * 64),
)
gguf_case(
    "alignment-of-nothing",
    "An alignment of 0, by which a careless reader divides.",
    lambda: gguf(
        [entry(b"general.alignment", UINT32, struct.pack("<I", 0))], [named(b"a", EIGHT)], b"\0" * 32
    ),
    "alignment",
)
gguf_case(
    "alignment-of-two-gigabytes",
    "An alignment of 2^31, which puts the data far behind the file.",
    lambda: gguf(
        [entry(b"general.alignment", UINT32, struct.pack("<I", 1 << 31))], [named(b"a", EIGHT)], b"\0" * 32
    ),
)
gguf_case(
    "overlap",
    "Two tensors that lie on the same bytes.",
    lambda: gguf([], [named(b"a", EIGHT), named(b"b", EIGHT)], b"\0" * 32),
)
gguf_case(
    "tensor-twice",
    "A tensor name that stands twice.",
    lambda: gguf([], [named(b"a", EIGHT), named(b"a", EIGHT, offset=32)], b"\0" * 64),
    "`a`",
)
gguf_case(
    "offset-behind",
    "A tensor behind the end of numbers.",
    lambda: gguf([], [named(b"a", EIGHT, offset=2**64 - 32)]),
)
gguf_case(
    "something-behind",
    "A script behind the last tensor.",
    lambda: gguf([], [named(b"a", EIGHT)], b"\0" * 32 + b"#!/bin/sh\n"),
)
gguf_case("other-byte-order", "A version in the other byte order.", lambda: gguf(version=3 << 24))
gguf_case("boolean-of-two", "A boolean that is neither 0 nor 1.", lambda: gguf([entry(b"a", BOOL, b"\x02")]))
gguf_case(
    "key-for-a-terminal",
    "A key that would clear the terminal of who reads that it is none.",
    lambda: gguf([entry(b"\x1b[2J\xe2\x80\xae", BOOL, b"\x01")]),
)
gguf_case("cut", "A file that ends in its header.", lambda: gguf([entry(b"a", STRING, text(b"bcd"))])[:30])
gguf_case("not-gguf", "A safetensors file named `.gguf`.", lambda: WHOLE)


# --- ONNX, of which nothing is read ---


def field(number: int, value: bytes) -> bytes:
    """A field of protocol buffers with bytes in it."""
    length, raw = len(value), b""
    while length > 0x7F:
        raw += bytes([length & 0x7F | 0x80])
        length >>= 7
    return bytes([number << 3 | 2]) + raw + bytes([length]) + value


def onnx(location: bytes) -> bytes:
    """A model with one tensor whose data lies elsewhere."""
    where = field(1, b"location") + field(2, location)
    initializer = field(8, b"w") + b"\x10\x01" + field(13, where) + b"\x70\x01"
    return b"\x08\x08" + field(7, field(5, initializer))


@case(
    "weights/onnx-data-outside",
    "A model whose tensors lie in a file outside the release: nothing of it is opened, or shown.",
    exit=0,
)
def onnx_data_outside(place: Place) -> list[str]:
    return claimed(place, "model.onnx", onnx(b"../outside/secret.txt"))


@case(
    "weights/onnx-data-added",
    "The data of a signed model are added after it was signed.",
    exit=1,
    finds="file-added",
)
def onnx_data_added(place: Place) -> list[str]:
    line = claimed(place, "model.onnx", onnx(b"model.onnx.data"))
    place.write("model.onnx.data", b"\0" * 4)
    return line


@case(
    "weights/onnx-of-nobody",
    "A model in another form that is signed, and that no artifact claims as weights.",
    exit=1,
    finds="weights-unclaimed",
)
def onnx_of_nobody(place: Place) -> list[str]:
    place.write("model.onnx", onnx(b"x"))
    place.signed()
    return place.verify()

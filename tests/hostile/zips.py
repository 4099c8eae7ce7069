"""Zip archives that two readers unpack to different files."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from archives import refused

# --- zip ---


def zipped(change: Callable[[zipfile.ZipFile], None]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        change(archive)
    return file.getvalue()


def written(name: str, content: bytes = b"x") -> bytes:
    return zipped(lambda archive: archive.writestr(name, content))


def linked() -> bytes:
    def change(archive: zipfile.ZipFile) -> None:
        link = zipfile.ZipInfo("d")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/tmp")
        archive.writestr("d/x", b"x")

    return zipped(change)


def twice() -> bytes:
    """Two members of one length of name, which are then given one name."""

    def change(archive: zipfile.ZipFile) -> None:
        archive.writestr("first.txt", b"1")
        archive.writestr("other.txt", b"2")

    return zipped(change).replace(b"other.txt", b"first.txt")


def extra(name: str, identifier: int, content: bytes) -> bytes:
    def change(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo(name)
        info.extra = struct.pack("<HH", identifier, len(content)) + content
        archive.writestr(info, b"x")

    return zipped(change)


def local_name() -> bytes:
    raw = written("safe.txt")
    return raw.replace(b"safe.txt", b"evil.txt", 1)


def local_size() -> bytes:
    raw = bytearray(written("a.txt", b"hello"))
    raw[22:26] = struct.pack("<I", 4)
    return bytes(raw)


def encrypted() -> bytes:
    raw = bytearray(written("a.txt"))
    raw[6] |= 1
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def method(number: int) -> bytes:
    raw = bytearray(written("a.txt"))
    struct.pack_into("<H", raw, 8, number)
    struct.pack_into("<H", raw, raw.rindex(b"PK\x01\x02") + 10, number)
    return bytes(raw)


def zip64(field: int, value: bytes) -> bytes:
    """An end record that says `value` at a place."""
    raw = bytearray(written("a.txt"))
    at = raw.rindex(b"PK\x05\x06") + field
    raw[at : at + len(value)] = value
    return bytes(raw)


def overlapping() -> bytes:
    """Two entries of the directory that share one member's bytes: the bomb that needs no nesting."""
    raw = written("a.txt", b"0" * 100_000)
    directory, end = raw.rindex(b"PK\x01\x02"), raw.rindex(b"PK\x05\x06")
    entry = raw[directory:end]
    tail = bytearray(raw[end:])
    struct.pack_into("<HHI", tail, 8, 2, 2, len(entry) * 2)
    return raw[:end] + entry.replace(b"a.txt", b"b.txt") + bytes(tail)


def crc() -> bytes:
    raw = bytearray(written("a.txt", b"hello"))
    raw[14] ^= 1
    raw[raw.rindex(b"PK\x01\x02") + 16] ^= 1
    return bytes(raw)


def unpacked_beyond() -> bytes:
    """A member that unpacks to more than both headers say."""
    raw = bytearray(written("a.txt", b"0" * 1_000_000))
    for at in (22, raw.rindex(b"PK\x01\x02") + 24):
        struct.pack_into("<I", raw, at, 10)
    return bytes(raw)


refused("zip-slip", "A member that climbs out.", lambda: written("../../outside/secret.txt"), "`..`")
refused(
    "zip-backslash", "A member that climbs out on Windows.", lambda: written("a").replace(b"a", b"\\"), ""
)
refused(
    "zip-through-a-link", "A link, and a member that is written through it.", linked, "below a symbolic link"
)
refused("zip-twice", "A name that stands for two files.", twice, "first.txt")
refused(
    "zip-other-local-name",
    "A name in the directory that differs from the one before the bytes.",
    local_name,
    "",
)
refused(
    "zip-other-local-size",
    "A size in the directory that differs from the one before the bytes.",
    local_size,
    "",
)
refused("zip-encrypted", "A member that is said to be encrypted.", encrypted, "encrypted")
refused("zip-method", "A method that is not read.", lambda: method(14), "method")
refused(
    "zip-unicode-path",
    "A second name in a field of its own, which other readers take.",
    lambda: extra("a.txt", 0x7075, b"\x01" + struct.pack("<I", zlib.crc32(b"a.txt")) + b"../b.txt"),
    "",
)
refused("zip-64-sizes", "Sizes that stand in a field that is not there.", lambda: zip64(12, b"\xff" * 8), "")
refused(
    "zip-directory-outside",
    "A directory that begins behind the file.",
    lambda: zip64(16, b"\xfe\xff\xff\x7f"),
    "",
)
refused("zip-count", "A directory with fewer entries than there are.", lambda: zip64(8, b"\0\0\0\0"), "")
refused(
    "zip-two-ends",
    "A second end record in the comment of the first.",
    lambda: zip64(20, struct.pack("<H", 22)) + b"PK\x05\x06" + b"\0" * 18,
    "",
)
refused("zip-prefixed", "A script in front of the archive.", lambda: b"#!/bin/sh\n" + written("a.txt"), "")
refused(
    "zip-bytes-between",
    "Bytes that belong to no member.",
    lambda: written("a.txt").replace(b"PK\x01\x02", b"hidden" + b"PK\x01\x02"),
    "",
)
refused("zip-overlapping", "Two entries of the directory on the same bytes.", overlapping, "")
refused("zip-checksum", "A checksum that is wrong in both places.", crc, "")
refused(
    "zip-unpacks-to-more",
    "A member that unpacks to a hundred thousand times what is said.",
    unpacked_beyond,
    "",
)

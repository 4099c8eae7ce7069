"""Archives that claimed sources come in: tar, zip and what compresses them."""

import bz2
import gzip
import hashlib
import lzma
import shutil
import struct
import subprocess
import tarfile
import zlib
from collections.abc import Callable

from corpus import case
from place import Place
from server import reply

Made = Callable[[], bytes]


def served(place: Place, content: bytes, claimed: str | None = None) -> list[str]:
    """The release claims a data set that is served as an archive of this content."""
    server = place.serve(lambda asked: reply(content))
    place.artifact(
        id="corpus",
        roles=["data.pretraining"],
        license="CC0-1.0",
        locators=[server.url("/corpus.tar")],
        digest={"dirHash": claimed or "0" * 64},
    )
    place.signed()
    return place.verify(*server.options("--timeout", "10s"))


def refused(name: str, about: str, content: Made, says: str) -> None:
    """An archive that two readers unpack to different files, or to files elsewhere: it is no content."""

    @case(f"archive/{name}", about, exit=3, finds="artifact-unchecked", spares="artifact-mismatch", says=says)
    def make(place: Place) -> list[str]:
        return served(place, content())


def accepted(name: str, about: str, content: Made, files: dict[str, bytes]) -> None:
    """What every reader unpacks to the same files."""

    @case(f"archive/{name}", about, exit=0, spares="artifact-unchecked")
    def make(place: Place) -> list[str]:
        lines = [f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files)]
        return served(place, content(), hashlib.sha256("".join(lines).encode()).hexdigest())


# --- tar ---


def member(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    """One member, in the form that any reader takes."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    return info.tobuf(tarfile.USTAR_FORMAT) + padded(content if info.size else b"")


def padded(content: bytes) -> bytes:
    return content + b"\0" * (-len(content) % 512)


def extended(kind: bytes, content: bytes, name: str = "header") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(content)
    return info.tobuf(tarfile.USTAR_FORMAT) + padded(content)


def pax(**fields: str) -> bytes:
    lines = b""
    for key, value in fields.items():
        rest = f" {key.replace('__', '.')}={value}\n".encode()
        length = len(rest) + 2
        lines += str(length if len(str(length)) == 2 else length + 1).encode() + rest
    return extended(tarfile.XHDTYPE, lines)


END = b"\0" * 1024


def patched(block: bytes, at: int, value: bytes) -> bytes:
    """A header with other bytes at a place, and a checksum that is right."""
    head = bytearray(block[:512])
    head[at : at + len(value)] = value
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + block[512:]


SIZE = 124

refused("tar-slip", "A member that climbs out.", lambda: member("../../outside/secret.txt") + END, "`..`")
refused("tar-absolute", "A member with a path of the machine.", lambda: member("/tmp/x") + END, "/tmp/x")
refused(
    "tar-through-a-link",
    "A link to a directory outside, and a member that is written through it.",
    lambda: member("d", kind=tarfile.SYMTYPE, link="/tmp") + member("d/x") + END,
    "below a symbolic link",
)
refused(
    "tar-hard-link",
    "A hard link to a file of the machine.",
    lambda: member("x", kind=tarfile.LNKTYPE, link="/etc/passwd") + END,
    "hard link",
)
refused("tar-device", "A device.", lambda: member("zero", kind=tarfile.CHRTYPE) + END, "device")
refused("tar-fifo", "A FIFO.", lambda: member("pipe", kind=tarfile.FIFOTYPE) + END, "pipe")
refused(
    "tar-twice",
    "A name that stands for two files.",
    lambda: member("a", b"1") + member("a", b"2") + END,
    "`a`",
)
refused(
    "tar-file-and-directory",
    "A name that is a file, and a directory with a file below it.",
    lambda: member("a", b"1") + member("a/b", b"2") + END,
    "`a",
)
refused(
    "tar-pax-path",
    "A name that a pax header replaces by one that climbs out.",
    lambda: pax(path="../x") + member("harmless") + END,
    "`..`",
)
refused(
    "tar-pax-size",
    "A size that a pax header replaces, so that what follows is a member or is not.",
    lambda: pax(size="1024") + member("a", b"x" * 512) + member("hidden") + END,
    "",
)
refused(
    "tar-pax-sparse",
    "A sparse file in the form of pax, whose real name and size stand elsewhere.",
    lambda: (
        pax(
            GNU__sparse__major="1",
            GNU__sparse__minor="0",
            GNU__sparse__name="b",
            GNU__sparse__realsize="99999999999",
        )
        + member("a", b"0\n".ljust(512, b"\0"))
        + END
    ),
    "sparse",
)
refused("tar-gnu-sparse", "A sparse file of GNU.", lambda: patched(member("a"), 156, b"S") + END, "sparse")
refused(
    "tar-global-pax-path",
    "A pax header for all members that gives them all one name.",
    lambda: extended(tarfile.XGLTYPE, b"11 path=ab\n") + member("a") + END,
    "",
)
refused(
    "tar-two-long-names",
    "A member with a long name of GNU and a path of pax: readers differ in which counts.",
    lambda: extended(b"L", b"one\0", "././@LongLink") + pax(path="two") + member("three") + END,
    "",
)
refused(
    "tar-negative-size",
    "A size of minus one, in base 256.",
    lambda: patched(member("a"), SIZE, b"\xff" * 12) + END,
    "",
)
refused(
    "tar-size-of-95-bits",
    "A size in base 256 that no number of 64 bits holds.",
    lambda: patched(member("a"), SIZE, b"\x80" + b"\xff" * 11) + END,
    "",
)
refused(
    "tar-endless-size",
    "A size of eight exabytes, with nothing behind it.",
    lambda: patched(member("a"), SIZE, b"\x80\0\0\0\x7f" + b"\xff" * 7),
    "",
)
refused(
    "tar-checksum",
    "A header whose checksum is wrong.",
    lambda: member("a")[:10] + b"b" + member("a")[11:] + END,
    "",
)
refused(
    "tar-pax-of-a-gigabyte",
    "A pax header with a gigabyte of comment.",
    lambda: patched(extended(tarfile.XHDTYPE, b"x"), SIZE, b"10000000000\0") + b"\0" * 4096,
    "",
)
refused("tar-without-an-end", "An archive that stops at a member.", lambda: member("a"), "")
refused(
    "tar-behind-the-end",
    "Members behind the end, which some readers go on to read.",
    lambda: member("a") + END + member("b") + END,
    "",
)
refused(
    "tar-name-not-utf-8",
    "A name for a terminal, and not in UTF-8.",
    lambda: member("a").replace(b"a\0", b"\x1b\xff", 1) + END,
    "",
)
refused(
    "tar-deep", "A member below 300 directories.", lambda: pax(path="d/" * 300 + "x") + member("x") + END, ""
)
accepted(
    "tar-two-spellings",
    "A leading `./`, as tar writes it, and a directory that stands twice.",
    lambda: (
        member("./d/", kind=tarfile.DIRTYPE)
        + member("./d/", kind=tarfile.DIRTYPE)
        + member("./d/a", b"1")
        + END
    ),
    {"d/a": b"1"},
)
accepted(
    "tar-names-of-case",
    "Names that differ in case alone are two names.",
    lambda: member("a", b"1") + member("A", b"2") + END,
    {"a": b"1", "A": b"2"},
)


# --- compression ---

GOOD = member("a", b"1") + END


def bomb() -> bytes:
    """A tar of one member of a hundred gigabytes, which breaks off after three hundred megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = patched(member("a"), SIZE, b"\x80\0\0\0" + struct.pack(">Q", 100 << 30))
    parts = [packer.compress(part) for part in [head[:512]] + [bytes(1 << 20)] * 300]
    return b"".join(parts) + packer.flush()


refused(
    "bomb",
    "Three hundred megabytes in three hundred kilobytes, of a member of a hundred gigabytes.",
    bomb,
    "",
)
refused("gzip-garbage", "Bytes behind the end of gzip.", lambda: gzip.compress(GOOD) + b"garbage", "")
refused("gzip-checksum", "A gzip whose checksum is wrong.", lambda: gzip.compress(GOOD)[:-8] + b"\0" * 8, "")
refused("gzip-cut", "A gzip that ends before its end.", lambda: gzip.compress(GOOD)[:-9], "")
refused("xz", "A form that is not read: it is told, not guessed.", lambda: lzma.compress(GOOD), "")
refused("bzip2", "Another form that is not read.", lambda: bz2.compress(GOOD), "")
refused("html", "A page for people.", lambda: b"<!DOCTYPE html><title>Log in</title>", "")
refused("empty", "Nothing at all.", lambda: b"", "")
accepted(
    "gzip-in-parts",
    "Two gzip members one behind the other, as parallel packers write them.",
    lambda: gzip.compress(GOOD[:600]) + gzip.compress(GOOD[600:]),
    {"a": b"1"},
)


def zstd(content: bytes, *options: str) -> bytes:
    return subprocess.run(["zstd", "-qc", *options], input=content, capture_output=True, check=True).stdout


def windowed() -> bytes:
    """A frame that asks for a window of four terabytes."""
    return b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([31 << 3 | 7]) + b"\x01\0\0"


refused("zstd-window", "A window of more than three terabytes.", windowed, "")
refused("zstd-cut", "A frame that ends before its end.", lambda: zstd(GOOD)[:-6], "")


def directories_of_a_bomb() -> bytes:
    """Some thousand members, each a chain of directories of its own."""
    return b"".join(pax(path=f"{at}/" + "d/" * 250 + "x") + member("x", b"") for at in range(400)) + END


@case(
    "archive/implied-directories",
    "Four hundred members that imply a hundred thousand directories.",
    exit=1,
    finds="artifact-mismatch",
)
def implied_directories(place: Place) -> list[str]:
    return served(place, directories_of_a_bomb())


@case(
    "archive/archive-in-an-archive",
    "An archive in an archive is a file: it is not unpacked further, however small it makes a bomb.",
    exit=1,
    finds="artifact-mismatch",
)
def archive_in_an_archive(place: Place) -> list[str]:
    return served(place, member("inner.tar.gz", bomb()) + END)


@case(
    "archive/link-as-the-path",
    "The locator's path names a link to a file outside: it is never followed.",
    exit=3,
    finds="artifact-unchecked",
)
def link_as_the_path(place: Place) -> list[str]:
    content = member("data", kind=tarfile.SYMTYPE, link="../outside/secret.txt") + END
    server = place.serve(lambda asked: reply(content))
    place.artifact(
        id="corpus",
        roles=["data.pretraining"],
        license="CC0-1.0",
        locators=[server.url("/c.tar") + "#path=data"],
        digest={"sha256": "0" * 64},
    )
    place.signed()
    return place.verify(*server.options("--timeout", "5s"))


@case(
    "archive/added-with-a-slip",
    "An archive that climbs out is not recorded as a source.",
    exit=4,
    says="`..`",
)
def added_with_a_slip(place: Place) -> list[str]:
    server = place.serve(lambda asked: reply(member("../x") + END))
    place.signed()
    shutil.copytree(place.release, place.root / "writable")
    return [
        "add",
        "data.pretraining",
        server.url("/c.tar"),
        "--manifest",
        "writable",
        *server.options("--timeout", "5s"),
    ]
